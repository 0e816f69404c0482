//! Better Stack: the answer of `GET /api/v2/monitors`.

use serde_json::Value;

use super::{
    document::{flag_of, list_of, number_of, other_pages, scalar, seconds, text_of},
    draft::{Item, SiteDraft, one_line},
    statuses::Statuses,
};

/// Reads the monitors.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let lists = [data.get("data"), Some(data)];
    let monitors = lists.into_iter().flatten().find_map(Value::as_array);
    let monitors = monitors.ok_or("has no list of monitors")?;
    Ok(monitors.iter().map(item).chain(other_pages(data, monitors.len())).collect())
}

fn item(monitor: &Value) -> Item {
    let attributes = monitor.get("attributes").unwrap_or(&Value::Null);
    let name = text_of(attributes, &["pronounceable_name"]).unwrap_or_default();
    let url = text_of(attributes, &["url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name], &url);
    let kind = text_of(attributes, &["monitor_type"]).unwrap_or_else(|| "status".to_owned());
    if !matches!(kind.as_str(), "status" | "expected_status_code" | "keyword" | "keyword_absence") {
        return draft.without(format!("it is a monitor of the kind {}", one_line(&kind, 40)));
    }
    draft.name(Some(&name));
    draft.alias(&text_of(monitor, &["id"]).unwrap_or_default());
    let paused = text_of(attributes, &["status"]).as_deref() == Some("paused");
    draft.paused = paused || flag_of(attributes, &["paused"]) == Some(true);
    draft.interval(number_of(attributes, &["check_frequency"]).and_then(seconds));
    // Some kinds have it in milliseconds; those are left out above.
    draft.timeout(number_of(attributes, &["request_timeout"]).and_then(seconds));
    if let Err(why) = draft.method(text_of(attributes, &["http_method"]).as_deref()) {
        return draft.without(why);
    }
    draft.headers(attributes.get("request_headers"));
    draft.body(text_of(attributes, &["request_body"]).as_deref());
    draft.login(text_of(attributes, &["auth_username"]).as_deref());
    if flag_of(attributes, &["follow_redirects"]) == Some(false) {
        draft.set("max_redirects", "0".to_owned());
    }
    if let Some(text) = text_of(attributes, &["required_keyword"]) {
        match kind.as_str() {
            "keyword" => draft.set_text("expect_text", &text),
            "keyword_absence" => draft.set_text("forbid_text", &text),
            _ => {}
        }
    }
    if kind == "expected_status_code" {
        let codes = list_of(attributes, &["expected_status_codes"]);
        let mut statuses = Statuses::none();
        if codes.iter().filter_map(scalar).filter(|code| statuses.add(code)).count() > 0 {
            draft.statuses(&statuses);
        }
    }
    if flag_of(attributes, &["verify_ssl"]) == Some(false) {
        draft.left_out("ignoring faults of its certificate: a bad certificate is down here");
    }
    let left_out = [
        "regions",
        "confirmation_period",
        "recovery_period",
        "maintenance_from",
        "proxy_host",
        "environment_variables",
        "ssl_expiration",
        "domain_expiration",
    ];
    draft.leave_out(attributes, &left_out);
    draft.item()
}
