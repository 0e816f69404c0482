//! `StatusCake`: the answers of `GET /v1/uptime/{id}`, and of `GET /v1/uptime`, which leaves out what a test
//! expects.
//!
//! `status_codes_csv` lists the statuses that are bad, so that it is never taken for those expected.

use serde_json::Value;

use super::{
    document::{
        field, flag_of, items_of, list_of, number_of, other_pages, scalar, text_of, with_scheme,
    },
    draft::{Item, SECONDS, SiteDraft, is_empty, one_line},
};

/// Reads the tests.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let tests = items_of(data, &["data"]);
    if tests.is_empty() {
        return Err("has no list of tests".to_owned());
    }
    Ok(tests.iter().map(item).chain(other_pages(data, tests.len())).collect())
}

fn item(test: &Value) -> Item {
    let name = text_of(test, &["name"]).unwrap_or_default();
    let url = text_of(test, &["website_url"]).unwrap_or_default();
    // A test may name a host alone, and is of plain HTTP then.
    let mut draft = SiteDraft::new(&[&name], &with_scheme(&url, "http"));
    let kind = text_of(test, &["test_type"]).unwrap_or_else(|| "HTTP".to_owned());
    match kind.to_ascii_uppercase().as_str() {
        "HTTP" => {}
        "HEAD" => draft.set_text("method", "HEAD"),
        _ => return draft.rejected(format!("it is a test of the kind {}", one_line(&kind, 40))),
    }
    if field(test, &["post_body"]).is_some_and(|body| !is_empty(body)) {
        return draft.rejected("it sends a form; write the site by hand");
    }
    if field(test, &["follow_redirects", "timeout", "find_string"]).is_none() {
        draft.leave_out(
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
    if number_of(test, &["check_rate"]) == Some(0.0) {
        draft.time_in("interval", "5s", SECONDS);
    }
    draft.time("interval", test, &["check_rate"], SECONDS);
    draft.time("timeout", test, &["timeout"], SECONDS);
    if let Some(text) = text_of(test, &["find_string"]) {
        let absent = flag_of(test, &["do_not_find"]) == Some(true);
        draft.set_text(if absent { "forbid_text" } else { "expect_text" }, &text);
    }
    draft.headers(test.get("custom_header"));
    let user = text_of(test, &["basic_username", "basic_user"]);
    let password = text_of(test, &["basic_password", "basic_pass"]);
    draft.login(user.as_deref(), password.as_deref());
    if let Some(agent) = text_of(test, &["user_agent"]) {
        draft.header("User-Agent", &agent);
    }
    if let Some(body) = text_of(test, &["post_raw"]) {
        draft.set_text("method", "POST");
        draft.body(Some(&body));
    }
    if flag_of(test, &["follow_redirects"]) == Some(false) {
        draft.follow_no_redirect();
    }
    if text_of(test, &["status_codes_csv"]).is_some()
        || !list_of(test, &["status_codes"]).is_empty()
    {
        draft.leave_out("its list of bad statuses; here 400 and above are bad, but for those that turn robots away");
    }
    draft.leave_out_fields(
        test,
        &["final_endpoint", "dns_ips", "dns_server", "include_header", "use_jar"],
    );
    draft.item()
}
