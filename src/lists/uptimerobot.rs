//! `UptimeRobot`: its CSV, and the answers of versions 2 and 3 of its API.
//!
//! A keyword monitor there is told by what alerts: "exists" means that the keyword must not be in the
//! page, "not exists" that it must. Version 3 of its API names the two `ALERT_EXISTS` and
//! `ALERT_NOT_EXISTS`; version 2 numbers them 1 and 2.

use serde_json::Value;

use super::{
    document::{flag_of, list_of, number_of, other_pages, scalar, seconds, text_of},
    draft::{Item, SiteDraft, one_line},
    statuses::Statuses,
    table::CsvRow,
};

/// Returns whether a table has the header of `UptimeRobot`'s.
pub(super) fn is_header(header: &[String]) -> bool {
    ["friendly name", "url/ip"].iter().all(|name| header.iter().any(|known| known == name))
}

/// Reads a row of its CSV.
pub(super) fn row(row: &CsvRow<'_>) -> Item {
    let name = row.get(&["friendly name"]).unwrap_or_default();
    let url = row.get(&["url/ip"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[name, url], url);
    let kind = row.get(&["type"]).unwrap_or_default().to_ascii_lowercase();
    let is_web = kind.starts_with("http") || kind.starts_with("keyword");
    if !is_web {
        return draft.without(format!("it is a monitor of the kind {}", one_line(&kind, 40)));
    }
    draft.name(Some(name));
    draft.alias(row.get(&["id"]).unwrap_or_default());
    draft.paused = row.get(&["status"]).is_some_and(|status| status.eq_ignore_ascii_case("paused"));
    if let Some(keyword) = row.get(&["keyword value"]).filter(|_| kind.starts_with("keyword")) {
        keyword_of(&mut draft, row.get(&["keyword type"]).unwrap_or_default(), keyword);
    }
    draft.item()
}

/// Reads the monitors of an answer.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let lists = [data.get("monitors"), data.get("data"), Some(data)];
    let monitors = lists.into_iter().flatten().find_map(Value::as_array);
    let monitors = monitors.ok_or("has no list of monitors")?;
    Ok(monitors.iter().map(item).chain(other_pages(data, monitors.len())).collect())
}

fn item(monitor: &Value) -> Item {
    let name = text_of(monitor, &["friendly_name", "friendlyName"]).unwrap_or_default();
    let url = text_of(monitor, &["url"]).unwrap_or_default();
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
        return draft.without(format!("it is a monitor of the kind {}", one_line(kind, 40)));
    }
    draft.name(Some(&name));
    draft.alias(&text_of(monitor, &["id"]).unwrap_or_default());
    let status = text_of(monitor, &["status"]).unwrap_or_default();
    draft.paused = matches!(status.as_str(), "0" | "PAUSED" | "paused");
    draft.interval(number_of(monitor, &["interval"]).and_then(seconds));
    draft.timeout(number_of(monitor, &["timeout"]).and_then(seconds));
    for tag in list_of(monitor, &["tags"]) {
        draft.tag(&text_of(&tag, &["name"]).or_else(|| scalar(&tag)).unwrap_or_default());
    }
    let keyword = text_of(monitor, &["keyword_value", "keywordValue"]);
    if let (true, Some(keyword)) = (is_keyword, keyword) {
        let alerts = text_of(monitor, &["keyword_type", "keywordType"]).unwrap_or_default();
        keyword_of(&mut draft, &alerts, &keyword);
        let case = text_of(monitor, &["keyword_case_type", "keywordCaseType"]);
        if matches!(case.as_deref(), Some("1" | "CaseInsensitive" | "case_insensitive")) {
            draft
                .told("its keyword is found there in capitals too, and here only as it is written");
        }
    }
    if let Err(why) = request(&mut draft, monitor, is_keyword) {
        return draft.without(why);
    }
    let codes: Vec<String> =
        list_of(monitor, &["successHttpResponseCodes"]).iter().filter_map(scalar).collect();
    let mut statuses = Statuses::none();
    if codes.iter().filter(|code| statuses.add(code)).count() > 0 {
        draft.statuses(&statuses);
    }
    draft.leave_out(monitor, &["custom_http_statuses", "sslExpirationReminder"]);
    draft.item()
}

fn request(draft: &mut SiteDraft, monitor: &Value, is_keyword: bool) -> Result<(), String> {
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
    draft.method(method.as_deref())?;
    draft.headers(monitor.get("custom_http_headers").or_else(|| monitor.get("customHttpHeaders")));
    draft.body(text_of(monitor, &["post_value", "postValueData"]).as_deref());
    draft.login(text_of(monitor, &["http_username", "httpUsername"]).as_deref());
    if flag_of(monitor, &["followRedirections"]) == Some(false) {
        draft.set("max_redirects", "0".to_owned());
    }
    Ok(())
}

fn keyword_of(draft: &mut SiteDraft, alerts: &str, keyword: &str) {
    let word: String =
        alerts.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    match word.as_str() {
        "1" | "exists" | "alertexists" => {
            draft.set_text("forbid_text", keyword);
            draft.told("it alerts there when the keyword is in the page, so the page must not have it here");
        }
        "2" | "notexists" | "alertnotexists" => draft.set_text("expect_text", keyword),
        _ => draft
            .left_out("its keyword, since its file does not say whether it must be in the page"),
    }
}
