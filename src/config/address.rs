//! What may be watched, and what it is called: the URL and the slug of a site. Pure.
//!
//! A refusal never shows a URL that could hold a password.

use url::Url;

use super::value::quoted;
use crate::model::name::Slug;

/// First segments of our own paths, which no site can have as its slug.
const OURS: [&str; 24] = [
    "about",
    "api",
    "assets",
    "badge",
    "embed",
    "events",
    "favicon.ico",
    "feed.atom",
    "healthz",
    "history",
    "incidents",
    "lookup",
    "metrics",
    "openapi.json",
    "outages",
    "providers",
    "readyz",
    "regions",
    "robots.txt",
    "search",
    "sitemap.xml",
    "sites",
    "static",
    "status",
];

/// Endings of paths that show a site in another form (`/slack.com.json`).
const FORMS: [&str; 4] = [".json", ".txt", ".svg", ".atom"];

const LONGEST_URL: usize = 2_048;

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
    if text.len() > LONGEST_URL {
        return Err(format!("is longer than {LONGEST_URL} letters"));
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
    if url.port() == Some(0) {
        return Err("has port 0, which nothing listens on".to_owned());
    }
    Ok(url)
}

/// What a site is called when nothing else is said: its host, and its port if that is not the
/// scheme's own.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Reads a slug, which must not stand in the way of a path of ours.
pub(super) fn slug(text: &str) -> Result<Slug, String> {
    let slug = Slug::new(text).map_err(|bad| bad.to_string())?;
    if OURS.contains(&text) {
        return Err(format!("{text:?} is a page of ours; use another slug"));
    }
    if let Some(form) = FORMS.into_iter().find(|form| text.ends_with(form)) {
        return Err(format!(
            "{text:?} ends with {form}, which is another form of a page of ours; use another slug"
        ));
    }
    Ok(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_or_refused_with_what_would_be_right() {
        for (text, want) in [
            ("slack.com", "\"slack.com\" is not a whole URL; write \"https://slack.com/\""),
            ("ftp://slack.com/", "\"ftp\" is not watched; use http or https"),
            ("https:slack.com", "must begin with https:// or http://"),
            ("u:pw@slack.com", "must begin with https:// or http://"),
            ("u:pw@h/://x", "must begin with https:// or http://"),
            ("https://", "is not a URL: empty host"),
            ("https://./", "has no host; write such as \"https://slack.com/\""),
            ("https://a b/", "is not a URL: invalid international domain name"),
            (
                "https://u:pw@slack.com/",
                "must not hold a user name or password; anybody can see it",
            ),
            ("https://u@slack.com/", "must not hold a user name or password; anybody can see it"),
            ("https://slack.com/#a", "must not hold a fragment; leave out '#' and what follows it"),
            ("https://slack.com:0/", "has port 0, which nothing listens on"),
            ("https://slack.com:99999/", "is not a URL: invalid port number"),
        ] {
            assert_eq!(url(text).unwrap_err(), want, "{text}");
        }
        let long = format!("https://a.nl/{}", "a".repeat(LONGEST_URL));
        assert_eq!(url(&long).unwrap_err(), "is longer than 2048 letters");
    }

    #[test]
    fn a_site_is_called_by_its_host() {
        for (text, want) in [
            ("https://Slack.com/x?y", "slack.com"),
            ("https://slack.com.:443/", "slack.com"),
            ("http://slack.com:443/", "slack.com:443"),
            ("https://café.nl/", "xn--caf-dma.nl"),
            ("http://[::1]:8080/", "[::1]:8080"),
            ("HTTP://127.1/", "127.0.0.1"),
            ("http://intranet/", "intranet"),
        ] {
            let called = host_and_port(&url(text).unwrap());
            assert_eq!(called, want);
            assert!(slug(&called).is_ok(), "{called}");
        }
    }

    #[test]
    fn no_slug_stands_in_the_way_of_a_page() {
        for ours in OURS {
            let told = slug(ours).unwrap_err();
            assert_eq!(told, format!("{ours:?} is a page of ours; use another slug"));
        }
        for (text, want) in [
            (
                "slack.com.json",
                "\"slack.com.json\" ends with .json, which is another form of a page of ours; \
                 use another slug",
            ),
            (
                "Slack",
                "\"Slack\" is not a slug: use 1 to 253 of a-z, 0-9, '.', '-', '_' and ':', \
                 beginning with a letter or digit",
            ),
        ] {
            assert_eq!(slug(text).unwrap_err(), want);
        }
    }
}
