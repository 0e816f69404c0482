//! Better Stack: the answer of `GET /api/v2/monitors`.

use serde_json::Value;

use super::{
    document::{flag_of, items_of, list_of, other_pages, scalar, text_of},
    draft::{Item, SECONDS, SiteDraft, one_line},
    statuses::Statuses,
};

/// Attributes that are left out.
const LEFT_OUT: [&str; 8] = [
    "regions",
    "confirmation_period",
    "recovery_period",
    "ip_version",
    "proxy_host",
    "environment_variables",
    "ssl_expiration",
    "domain_expiration",
];

/// Reads the monitors.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let monitors = items_of(data, &["data"]);
    if monitors.is_empty() {
        return Err("has no list of monitors".to_owned());
    }
    Ok(monitors.iter().map(item).chain(other_pages(data, monitors.len())).collect())
}

fn item(monitor: &Value) -> Item {
    let attributes = monitor.get("attributes").unwrap_or(&Value::Null);
    let name = text_of(attributes, &["pronounceable_name", "name"]).unwrap_or_default();
    // The address of a heartbeat is its secret.
    if let Some(other) = text_of(monitor, &["type"]).filter(|kind| kind != "monitor") {
        let why = format!("it is a {}, and not a monitor", one_line(&other.replace('_', " "), 40));
        return SiteDraft::new(&[&name], "").rejected(why);
    }
    let url = text_of(attributes, &["url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name], &url);
    let kind = text_of(attributes, &["monitor_type"]).unwrap_or_else(|| "status".to_owned());
    if !matches!(kind.as_str(), "status" | "expected_status_code" | "keyword" | "keyword_absence") {
        return draft.of_other_kind(&kind);
    }
    draft.name(Some(&name));
    draft.alias(&text_of(monitor, &["id"]).unwrap_or_default());
    let paused = text_of(attributes, &["status"]).as_deref() == Some("paused");
    let since = text_of(attributes, &["paused_at"]).is_some();
    draft.paused = paused || since || flag_of(attributes, &["paused"]) == Some(true);
    draft.time("interval", attributes, &["check_frequency"], SECONDS);
    // Some kinds have it in milliseconds; those are left out above.
    draft.time("timeout", attributes, &["request_timeout"], SECONDS);
    draft.method(text_of(attributes, &["http_method"]).as_deref());
    draft.headers(attributes.get("request_headers"));
    draft.body(text_of(attributes, &["request_body"]).as_deref());
    let (user, password) =
        (text_of(attributes, &["auth_username"]), text_of(attributes, &["auth_password"]));
    draft.login(user.as_deref(), password.as_deref());
    if flag_of(attributes, &["follow_redirects"]) == Some(false) {
        draft.follow_no_redirect();
    }
    expectations(&mut draft, attributes, &kind);
    if flag_of(attributes, &["verify_ssl"]) == Some(false) {
        draft.leave_out_trust();
    }
    if text_of(attributes, &["maintenance_from"]).is_some() {
        draft.leave_out_maintenance();
    }
    draft.leave_out_fields(attributes, &LEFT_OUT);
    draft.item()
}

fn expectations(draft: &mut SiteDraft, attributes: &Value, kind: &str) {
    match (kind, text_of(attributes, &["required_keyword"])) {
        ("keyword", Some(text)) => draft.set_text("expect_text", &text),
        ("keyword_absence", Some(text)) => draft.set_text("forbid_text", &text),
        ("keyword" | "keyword_absence", None) => draft.leave_out_keyword(),
        _ => {}
    }
    if kind == "expected_status_code" {
        let codes = list_of(attributes, &["expected_status_codes"]);
        let mut statuses = Statuses::none();
        if codes.iter().filter_map(scalar).filter(|code| statuses.add(code)).count() > 0 {
            draft.statuses(&statuses);
        } else {
            draft.leave_out("its statuses, which are not there");
        }
    }
}
