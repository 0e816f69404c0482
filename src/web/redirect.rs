//! Addresses that lead to nothing, and say where they mean to: with a slash at the end, or with a
//! whole address of a page pasted after ours.

use axum::response::{IntoResponse, Redirect, Response};
use http::{Method, Uri};

/// A redirect to the intended address, where that is plain.
pub(super) fn of(method: &Method, uri: &Uri) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let to = meant(uri.path(), uri.query())?;
    Some(Redirect::permanent(&to).into_response())
}

/// The intended path and query. It is always of ours: never `//elsewhere`, nor `/\elsewhere`, which
/// browsers take for the same.
fn meant(path: &str, query: Option<&str>) -> Option<String> {
    let rest = path.trim_start_matches('/');
    if rest.contains('\\') {
        return None;
    }
    // A proxy may have made one slash of two.
    let pasted = rest
        .split_once(":/")
        .filter(|(scheme, _)| ["https", "http"].iter().any(|s| scheme.eq_ignore_ascii_case(s)))
        .map(|(_, after)| after);
    let (whole, query) = pasted.map_or((rest, query), |url| (url.trim_start_matches('/'), None));
    let (first, more) = whole.split_once('/').unwrap_or((whole, ""));
    match (first, more) {
        ("", _) => None,
        (host, _) if pasted.is_some() => Some(format!("/{host}")),
        // `/.well-known/…` is asked of us, and is no host.
        (host, more) if host.trim_start_matches('.').contains('.') && !more.is_empty() => {
            Some(format!("/{host}"))
        }
        (first, "") if rest.len() > first.len() => {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            Some(format!("/{first}{query}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_always_a_place_of_ours() {
        for (path, query, want) in [
            ("/slack.com/", None, Some("/slack.com")),
            ("/slack.com/", Some("lang=nl"), Some("/slack.com?lang=nl")),
            ("/api/", None, Some("/api")),
            ("/api/v1/sites/", None, None),
            ("/.well-known/security.txt", None, None),
            ("/.well-known/acme-challenge/x.y", None, None),
            ("/../x.y", None, None),
            ("/https://slack.com/some/page", Some("x=1"), Some("/slack.com")),
            ("/https:/slack.com", None, Some("/slack.com")),
            ("/HTTPS://slack.com/some/page", None, Some("/slack.com")),
            ("/ftp://slack.com/some/page", None, None),
            ("/http://127.0.0.1:8080/", None, Some("/127.0.0.1:8080")),
            ("/slack.com/some/page", Some("x=1"), Some("/slack.com")),
            ("//evil.example/", None, Some("/evil.example")),
            ("//evil.example", None, None),
            ("/\\evil.example/", None, None),
            ("/https:///", None, None),
            ("/https:////evil.example//", None, Some("/evil.example")),
            ("/", None, None),
            ("///", None, None),
            ("/nosuch/place", None, None),
        ] {
            assert_eq!(meant(path, query).as_deref(), want, "{path}");
        }
    }
}
