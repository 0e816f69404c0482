//! Upptime: `sites` of `.upptimerc.yml`.

use serde_json::Value;

use super::{
    document::{list_of, millis, number_of, scalar, seconds, text_of},
    draft::{Item, SiteDraft},
    statuses::Statuses,
};

/// The limit of slowness that a site has there unless it says otherwise, in milliseconds.
const USUAL_LIMIT: f64 = 60_000.0;

/// Reads the sites.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let sites = data.get("sites").and_then(Value::as_array).ok_or("has no list of sites")?;
    let mut items: Vec<Item> = sites.iter().map(item).collect();
    if let Some(Item::Site(first)) = items.first_mut() {
        first.told(
            "all sites keep our interval: Upptime asks for five minutes and gets about an hour",
        );
    }
    Ok(items)
}

fn item(site: &Value) -> Item {
    let name = text_of(site, &["name"]).unwrap_or_default();
    let url = text_of(site, &["url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name], &url);
    if has_secret(site) {
        return draft
            .without("a value in it is a secret of its repository ($…); write the site by hand");
    }
    let check = text_of(site, &["check"]).unwrap_or_else(|| "http".to_owned());
    if check != "http" {
        return draft.without(format!("it is checked by {check}, not by http"));
    }
    draft.name(Some(&name));
    draft.alias(&text_of(site, &["slug"]).unwrap_or_else(|| slugified(&name)));
    for tag in list_of(site, &["tags"]).iter().filter_map(scalar) {
        draft.tag(&tag);
    }
    statuses(&mut draft, site);
    expectations(&mut draft, site);
    if let Err(why) = request(&mut draft, site) {
        return draft.without(why);
    }
    draft.item()
}

fn statuses(draft: &mut SiteDraft, site: &Value) {
    let expected: Vec<String> =
        list_of(site, &["expectedStatusCodes"]).iter().filter_map(scalar).collect();
    if !expected.is_empty() {
        let mut statuses = Statuses::none();
        for text in &expected {
            if !statuses.add(text) {
                draft.left_out(format!("the status {text}"));
            }
        }
        draft.statuses(&statuses);
    }
}

fn expectations(draft: &mut SiteDraft, site: &Value) {
    draft.timeout(number_of(site, &["requestTimeout"]).and_then(seconds));
    let limit = number_of(site, &["maxResponseTime"]).filter(|limit| *limit < USUAL_LIMIT);
    draft.slow_after(limit.and_then(millis));
    if let Some(text) = text_of(site, &["__dangerous__body_down_if_text_missing"]) {
        draft.set_text("expect_text", &text);
    }
    if let Some(text) = text_of(site, &["__dangerous__body_down"]) {
        draft.set_text("forbid_text", &text);
    }
    draft.leave_out(
        site,
        &[
            "__dangerous__body_degraded",
            "__dangerous__body_degraded_if_text_missing",
            "ipv6",
            "icon",
            "assignees",
            "type",
            "location",
            "port",
            "verbose",
        ],
    );
    for field in [
        "__dangerous__insecure",
        "__dangerous__disable_verify_peer",
        "__dangerous__disable_verify_host",
    ] {
        if super::document::flag_of(site, &[field]) == Some(true) {
            draft.left_out("ignoring faults of its certificate: a bad certificate is down here");
        }
    }
}

fn request(draft: &mut SiteDraft, site: &Value) -> Result<(), String> {
    draft.method(text_of(site, &["method"]).as_deref())?;
    for line in list_of(site, &["headers"]).iter().filter_map(scalar) {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        draft.header(name, value);
    }
    draft.body(text_of(site, &["body"]).as_deref());
    if let Some(most) = number_of(site, &["maxRedirects"]) {
        draft.set("max_redirects", (most.max(0.0) as u64).to_string());
    }
    Ok(())
}

/// Returns whether a value of a site is `$NAME`, which stands for a secret of the repository.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => text
            .split('$')
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_' || c == '{')),
        Value::Array(items) => items.iter().any(has_secret),
        Value::Object(map) => map.values().any(has_secret),
        _ => false,
    }
}

/// A name as Upptime makes the name of a file of it.
fn slugified(name: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
    let text: String = name.to_lowercase().chars().filter(kept).collect();
    let words: Vec<&str> =
        text.split([' ', '-', '_', '.']).filter(|word| !word.is_empty()).collect();
    words.join("-")
}
