//! `StatusCake`: the answers of `GET /v1/uptime/{id}`, and of `GET /v1/uptime`, which leaves out what a test
//! expects.
//!
//! `status_codes_csv` lists the statuses that are bad, so that it is never taken for those expected.

use serde_json::Value;

use super::{
    document::{field, flag_of, list_of, number_of, other_pages, scalar, seconds, text_of},
    draft::{Item, SiteDraft, one_line},
};

/// Reads the tests.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let lists = [data.get("data"), Some(data)];
    let tests = lists.into_iter().flatten().find_map(|value| match value {
        Value::Array(tests) => Some(tests.as_slice()),
        one if one.get("website_url").is_some() => Some(std::slice::from_ref(one)),
        _ => None,
    });
    let tests = tests.ok_or("has no list of tests")?;
    Ok(tests.iter().map(item).chain(other_pages(data, tests.len())).collect())
}

fn item(test: &Value) -> Item {
    let name = text_of(test, &["name"]).unwrap_or_default();
    let url = text_of(test, &["website_url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name], &url);
    let kind = text_of(test, &["test_type"]).unwrap_or_else(|| "HTTP".to_owned());
    match kind.to_ascii_uppercase().as_str() {
        "HTTP" => {}
        "HEAD" => draft.set_text("method", "HEAD"),
        _ => return draft.without(format!("it is a test of the kind {}", one_line(&kind, 40))),
    }
    if field(test, &["post_body"]).is_some() {
        return draft.without("it sends a form; write the site by hand");
    }
    if field(test, &["follow_redirects", "timeout", "find_string"]).is_none() {
        draft.left_out(
            "what it asks for and expects, which a list does not say; read the answer of GET /v1/uptime/ID",
        );
    }
    draft.name(Some(&name));
    draft.alias(&text_of(test, &["id"]).unwrap_or_default());
    draft.paused = flag_of(test, &["paused"]) == Some(true);
    for tag in list_of(test, &["tags"]).iter().filter_map(scalar) {
        draft.tag(&tag);
    }
    // 0 is "as often as possible".
    let rate = number_of(test, &["check_rate"]);
    draft.interval(rate.map(|rate| rate.max(5.0)).and_then(seconds));
    draft.timeout(number_of(test, &["timeout"]).and_then(seconds));
    if let Some(text) = text_of(test, &["find_string"]) {
        let absent = flag_of(test, &["do_not_find"]) == Some(true);
        draft.set_text(if absent { "forbid_text" } else { "expect_text" }, &text);
    }
    draft.headers(test.get("custom_header"));
    draft.login(text_of(test, &["basic_username", "basic_user"]).as_deref());
    if let Some(agent) = text_of(test, &["user_agent"]) {
        draft.header("User-Agent", &agent);
    }
    if let Some(body) = text_of(test, &["post_raw"]) {
        draft.set_text("method", "POST");
        draft.body(Some(&body));
    }
    if flag_of(test, &["follow_redirects"]) == Some(false) {
        draft.set("max_redirects", "0".to_owned());
    }
    if text_of(test, &["status_codes_csv"]).is_some()
        || !list_of(test, &["status_codes"]).is_empty()
    {
        draft.left_out("its list of bad statuses; here 400 and above are bad, but for those that turn robots away");
    }
    draft
        .leave_out(test, &["final_endpoint", "dns_ips", "dns_server", "include_header", "use_jar"]);
    draft.item()
}
