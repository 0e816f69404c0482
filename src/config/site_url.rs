//! The rules for the URL and the slug of a site. Pure.
//!
//! A refusal never shows a URL that could hold a password.

use url::Url;

use super::value::quoted;
use model::name::Slug;

/// First segments of our own paths, which no site can have as its slug.
const RESERVED_NAMES: [&str; 35] = [
    "about",
    "agent",
    "api",
    "assets",
    "badge",
    "badges",
    "embed",
    "events",
    "favicon.ico",
    "feed.atom",
    "healthz",
    "history",
    "history.rss",
    "incidents",
    "lookup",
    "metrics",
    "notices",
    "openapi.json",
    "opensearch.xml",
    "operate",
    "outages",
    "planned",
    "preview.png",
    "providers",
    "readyz",
    "regions",
    "report",
    "robots.txt",
    "search",
    "site.webmanifest",
    "sitemap.xml",
    "sites",
    "static",
    "status",
    "suggest",
];

/// Endings of paths that show a site in another form (`/slack.com.json`).
const RESERVED_SUFFIXES: [&str; 5] = [".json", ".txt", ".svg", ".atom", ".ics"];

const MAX_URL: usize = 2_048;

/// Reads the URL of a site.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => {}
        Some(other) if !other.contains(['/', '@', '?']) => {
            return Err(format!("{} is not watched; use http or https", quoted(other)));
        }
        _ if text.contains(['@', ':']) => return Err("must begin with https:// or http://".into()),
        _ => {
            let meant = format!("https://{}/", text.trim_end_matches('/'));
            return Err(format!("{} is not a whole URL; write {}", quoted(text), quoted(&meant)));
        }
    }
    // A reader of URLs drops some of them without a word (URL Standard, 4.4).
    if text.chars().any(char::is_control) {
        return Err("must not hold a line break, a tab or another control character".to_owned());
    }
    if text.len() > MAX_URL {
        return Err(format!("is longer than {MAX_URL} letters"));
    }
    let url = Url::parse(text).map_err(|e| format!("is not a URL: {e}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password; anybody can see it".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment; leave out '#' and what follows it".to_owned());
    }
    if url.host_str().is_none_or(|host| host.trim_end_matches('.').is_empty()) {
        return Err("has no host; write such as \"https://slack.com/\"".to_owned());
    }
    if url.domain().is_some_and(|name| !can_be_asked_for(name)) {
        return Err(
            "has a host that no name server can be asked for; its parts have 1 to 63 letters, \
                    and 253 together"
                .to_owned(),
        );
    }
    if url.port() == Some(0) {
        return Err("has port 0, which nothing listens on".to_owned());
    }
    Ok(url)
}

/// True if a DNS question has room for a name; the characters of its labels are not judged here.
fn can_be_asked_for(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// The usual name of a site: its host, and its port if that is not the
/// scheme's own.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Reads a slug, which must not collide with a path of ours.
pub(super) fn slug(text: &str) -> Result<Slug, String> {
    let slug = Slug::new(text).map_err(|bad| bad.to_string())?;
    if RESERVED_NAMES.contains(&text) {
        return Err(format!("{text:?} is a page of ours; use another slug"));
    }
    if let Some(form) = RESERVED_SUFFIXES.into_iter().find(|form| text.ends_with(form)) {
        return Err(format!(
            "{text:?} ends with {form}, which is another form of a page of ours; use another slug"
        ));
    }
    Ok(slug)
}

#[cfg(test)]
mod tests;
