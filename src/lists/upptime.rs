//! Upptime: `sites` of `.upptimerc.yml`.

use serde_json::Value;

use super::{
    document::{field, flag_of, list_of, number_of, scalar, text_of},
    draft::{Item, MILLIS, SECONDS, SiteDraft, one_line},
    statuses::Statuses,
};

/// The limit of slowness that a site has there unless it says otherwise, in milliseconds.
const USUAL_LIMIT: f64 = 60_000.0;

/// The statuses that are good there unless a site says otherwise; some write them all.
const USUAL_STATUSES: [&str; 3] = ["200-208", "226", "300-308"];

/// Reads the sites.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let sites = data.get("sites").and_then(Value::as_array).ok_or("has no list of sites")?;
    let mut items: Vec<Item> = sites.iter().map(item).collect();
    if let Some(Item::Site(first)) = items.first_mut() {
        first.remark(
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
            .rejected("a value in it is a secret of its repository ($…); write the site by hand");
    }
    let check = text_of(site, &["check"]).unwrap_or_else(|| "http".to_owned());
    if check != "http" {
        return draft.rejected(format!("it is checked by {check}, not by http"));
    }
    draft.name(Some(&name));
    match text_of(site, &["slug"]) {
        Some(slug) => draft.alias(&slug),
        None if name.chars().any(|c| !c.is_ascii() && c.is_alphabetic()) => {
            draft.leave_out("its slug, since letters of its name are others there");
        }
        None => draft.alias(&slugified(&name)),
    }
    for tag in list_of(site, &["tags"]).iter().filter_map(scalar) {
        draft.tag(&tag);
    }
    statuses(&mut draft, site);
    expectations(&mut draft, site);
    request(&mut draft, site);
    draft.item()
}

fn statuses(draft: &mut SiteDraft, site: &Value) {
    let expected: Vec<String> =
        list_of(site, &["expectedStatusCodes"]).iter().filter_map(scalar).collect();
    if !expected.is_empty() {
        let mut statuses = Statuses::none();
        for text in &expected {
            if !statuses.add(text) {
                draft.leave_out(format!("the status {}", one_line(text, 20)));
            }
        }
        if statuses.unusual() != USUAL_STATUSES {
            draft.statuses(&statuses);
        }
    }
}

fn expectations(draft: &mut SiteDraft, site: &Value) {
    draft.time("timeout", site, &["requestTimeout"], SECONDS);
    if number_of(site, &["maxResponseTime"]).is_none_or(|limit| limit < USUAL_LIMIT) {
        draft.time("slow_after", site, &["maxResponseTime"], MILLIS);
    }
    if let Some(text) = text_of(site, &["__dangerous__body_down_if_text_missing"]) {
        draft.set_text("expect_text", &text);
    }
    if let Some(text) = text_of(site, &["__dangerous__body_down"]) {
        draft.set_text("forbid_text", &text);
    }
    draft.leave_out_fields(
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
            "maxRetries",
            "connectTimeout",
        ],
    );
    for field in [
        "__dangerous__insecure",
        "__dangerous__disable_verify_peer",
        "__dangerous__disable_verify_host",
    ] {
        if flag_of(site, &[field]) == Some(true) {
            draft.leave_out_trust();
        }
    }
}

fn request(draft: &mut SiteDraft, site: &Value) {
    draft.method(text_of(site, &["method"]).as_deref());
    match field(site, &["headers"]) {
        Some(map @ Value::Object(_)) => draft.headers(Some(map)),
        Some(Value::Array(lines)) => {
            for line in lines.iter().filter_map(scalar) {
                let (name, value) = line.split_once(':').unwrap_or((&line, ""));
                draft.header(name, value);
            }
        }
        Some(_) => draft.leave_out("its headers, which cannot be read"),
        None => {}
    }
    draft.body(text_of(site, &["body"]).as_deref());
    if let Some(most) = number_of(site, &["maxRedirects"]) {
        draft.set("max_redirects", (most.max(0.0) as u64).to_string());
    }
}

/// Returns whether a value of a site is `$NAME`, which stands for a secret of the repository.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => text.split('$').skip(1).any(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '{')
        }),
        Value::Array(items) => items.iter().any(has_secret),
        Value::Object(map) => map.values().any(has_secret),
        _ => false,
    }
}

/// A name as Upptime makes the name of a file of it: words are parted where capitals begin.
fn slugified(name: &str) -> String {
    let letters: Vec<char> = name.replace('&', " and ").chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let mut text = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = if place == 0 { ' ' } else { at(place - 1) };
        let after_small =
            letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        let (next, third) = (at(place + 1), at(place + 2));
        // "APIs" is one word, "HTTPServer" is two.
        let begins_word = letter.is_ascii_uppercase()
            && before.is_ascii_uppercase()
            && next.is_ascii_lowercase()
            && (next != 's' || third.is_ascii_lowercase());
        if after_small || begins_word {
            text.push('-');
        }
        text.push(if letter.is_ascii_alphanumeric() { *letter } else { '-' });
    }
    let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}
