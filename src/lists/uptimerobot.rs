//! `UptimeRobot`: the answers of versions 2 and 3 of its API. Its CSV is a table as others.
//!
//! A keyword monitor there is told by what alerts: "exists" means that the keyword must not be in the
//! page, "not exists" that it must. Version 3 of its API names the two `ALERT_EXISTS` and
//! `ALERT_NOT_EXISTS`; version 2 numbers them 1 and 2.

use serde_json::Value;

use super::{
    document::{field, flag_of, items_of, list_of, number_of, other_pages, scalar, text_of},
    draft::{Item, MILLIS, SECONDS, SiteDraft},
    statuses::Statuses,
};

/// Reads the monitors of an answer.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let monitors = items_of(data, &["monitors", "data"]);
    if monitors.is_empty() {
        return Err("has no list of monitors".to_owned());
    }
    Ok(monitors.iter().map(item).chain(other_pages(data, monitors.len())).collect())
}

fn item(monitor: &Value) -> Item {
    let name = unescaped(&text_of(monitor, &["friendly_name", "friendlyName"]).unwrap_or_default());
    let url = unescaped(&text_of(monitor, &["url"]).unwrap_or_default());
    let mut draft = SiteDraft::new(&[&name], &url);
    let kind = text_of(monitor, &["type"]).unwrap_or_default();
    let is_keyword = matches!(kind.as_str(), "2" | "KEYWORD" | "keyword");
    if !is_keyword && !matches!(kind.as_str(), "1" | "HTTP" | "http") {
        let kind = match kind.as_str() {
            "3" => "ping",
            "4" => "port",
            "5" => "heartbeat",
            other => other,
        };
        return draft.of_other_kind(kind);
    }
    draft.name(Some(&name));
    draft.alias(&text_of(monitor, &["id"]).unwrap_or_default());
    let status = text_of(monitor, &["status"]).unwrap_or_default();
    draft.paused = matches!(status.as_str(), "0" | "PAUSED" | "paused");
    draft.time("interval", monitor, &["interval"], SECONDS);
    draft.time("timeout", monitor, &["timeout"], SECONDS);
    if number_of(monitor, &["responseTimeThreshold"]).is_some_and(|limit| limit > 0.0) {
        draft.time("slow_after", monitor, &["responseTimeThreshold"], MILLIS);
        draft.remark("an answer that comes too late is an incident there, and slow here");
    }
    for tag in list_of(monitor, &["tags"]) {
        draft.tag(&text_of(&tag, &["name"]).or_else(|| scalar(&tag)).unwrap_or_default());
    }
    if is_keyword {
        keyword(&mut draft, monitor);
    }
    request(&mut draft, monitor, is_keyword);
    let codes: Vec<String> =
        list_of(monitor, &["successHttpResponseCodes"]).iter().filter_map(scalar).collect();
    let mut statuses = Statuses::none();
    if codes.iter().filter(|code| statuses.add(code)).count() > 0 {
        draft.statuses(&statuses);
    }
    let ignores =
        flag_of(monitor.get("ssl").unwrap_or(&Value::Null), &["ignore_errors"]) == Some(true);
    if ignores
        || draft.url.starts_with("https:") && flag_of(monitor, &["checkSSLErrors"]) == Some(false)
    {
        draft.leave_out_trust();
    }
    if !list_of(monitor, &["mwindows", "maintenanceWindows"]).is_empty() {
        draft.leave_out_maintenance();
    }
    let left_out = [
        "custom_http_statuses",
        "sslExpirationReminder",
        "domainExpirationReminder",
        "config",
        "customFields",
    ];
    draft.leave_out_fields(monitor, &left_out);
    draft.item()
}

fn keyword(draft: &mut SiteDraft, monitor: &Value) {
    let Some(keyword) = text_of(monitor, &["keyword_value", "keywordValue"]) else {
        return draft.leave_out_keyword();
    };
    let alerts = text_of(monitor, &["keyword_type", "keywordType"]).unwrap_or_default();
    expect_keyword(draft, &alerts, &keyword);
    let case = text_of(monitor, &["keyword_case_type", "keywordCaseType"]);
    if matches!(case.as_deref(), Some("1" | "CaseInsensitive" | "case_insensitive")) {
        draft.remark("its keyword is found there in capitals too, and here only as it is written");
    }
}

fn request(draft: &mut SiteDraft, monitor: &Value, is_keyword: bool) {
    let method = text_of(monitor, &["http_method", "httpMethodType"]);
    let method = method.map(|method| match method.as_str() {
        "1" => "HEAD".to_owned(),
        "2" => "GET".to_owned(),
        "3" => "POST".to_owned(),
        "4" => "PUT".to_owned(),
        "5" => "PATCH".to_owned(),
        "6" => "DELETE".to_owned(),
        "7" => "OPTIONS".to_owned(),
        _ => method,
    });
    // A keyword is looked for in a page, whatever method stands beside it.
    let method = method.filter(|method| !(method == "HEAD" && is_keyword));
    draft.method(method.as_deref());
    draft.headers(monitor.get("custom_http_headers").or_else(|| monitor.get("customHttpHeaders")));
    body(draft, monitor);
    login(draft, monitor);
    if flag_of(monitor, &["followRedirections"]) == Some(false) {
        draft.follow_no_redirect();
    }
}

/// Gives a site its body. What is sent as a form is not the text that stands here.
fn body(draft: &mut SiteDraft, monitor: &Value) {
    let Some(value) = field(monitor, &["post_value", "postValueData"]) else { return };
    let kind = text_of(monitor, &["post_type", "postValueType"]).unwrap_or_default();
    let text = scalar(value);
    let is_form = matches!(&*kind, "1" | "KEY_VALUE") || text.is_none();
    if is_form && draft.has("method", "\"POST\"") && text.as_deref() != Some("") {
        return draft.reject("it sends a form; write the site by hand");
    }
    let is_json =
        kind == "RAW_JSON" || text_of(monitor, &["post_content_type"]).as_deref() == Some("1");
    let text = text.filter(|text| !text.is_empty());
    if text.is_some() && is_json && !draft.has_header("content-type") {
        draft.header("Content-Type", "application/json");
    }
    draft.body(text.as_deref());
}

fn login(draft: &mut SiteDraft, monitor: &Value) {
    let user = text_of(monitor, &["http_username", "httpUsername"]);
    let password = text_of(monitor, &["http_password", "httpPassword"]);
    let way = text_of(monitor, &["http_auth_type", "authType"]).unwrap_or_default();
    match way.to_ascii_uppercase().as_str() {
        "BEARER" => draft.bearer(password.as_deref().unwrap_or_default()),
        "2" | "DIGEST" => draft.leave_out("its login by digest"),
        _ => draft.login(user.as_deref(), password.as_deref()),
    }
}

/// A text as its service writes it into a page: `&amp;` is `&`.
fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Takes a keyword for what it must be here, by the word for what alerts there.
pub(super) fn expect_keyword(draft: &mut SiteDraft, alerts: &str, keyword: &str) {
    let word: String =
        alerts.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    match word.as_str() {
        "1" | "exists" | "alertexists" => {
            draft.set_text("forbid_text", keyword);
            draft.remark("it alerts there when the keyword is in the page, so the page must not have it here");
        }
        "2" | "notexists" | "alertnotexists" => draft.set_text("expect_text", keyword),
        _ => draft
            .leave_out("its keyword, since its file does not say whether it must be in the page"),
    }
}
