//! The headers that every answer has. A handler may set its own first; these fill what is missing.

use std::time::Duration;

use axum::response::Response;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use url::{Host, Url};

use crate::web::api::{
    csv::{AS_OF, FRESH, NEXT_CURSOR},
    writes::SHARED,
};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Name and value of each.
const EVERYWHERE: [(HeaderName, &str); 2] =
    [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "no-store")];

/// Those of documents, which browsers heed of nothing else; the policy alone is longer than a small script.
const SHOWN: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Types of parts of our pages, which no browser shows as documents.
const PARTS: [&str; 3] = ["text/css", "text/javascript", "application/manifest+json"];

/// The type of icons and badges, and their policy: a drawing needs nothing and leads nowhere.
const DRAWING: (&str, &str) = ("image/svg+xml", "default-src 'none'");

/// The policy of a page whose script may also request this site itself, with or without `www.`, and
/// the target of its redirects, if the visitor asks for that.
pub(in crate::web) fn policy_that_may_ask(url: &Url, led: Option<&str>) -> Option<HeaderValue> {
    let own = plain_origin(url)?;
    let host = url.host_str()?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let twin = match url.host() {
        Some(Host::Domain(_)) if host == bare => own.replacen(host, &format!("www.{host}"), 1),
        Some(Host::Domain(_)) => own.replacen(host, bare, 1),
        _ => String::new(),
    };
    let led = led.and_then(|led| plain_origin(&Url::parse(led).ok()?)).unwrap_or_default();
    let policy =
        POLICY.replace("connect-src 'self'", &format!("connect-src 'self' {own} {twin} {led}"));
    HeaderValue::try_from(policy).ok()
}

/// The origin of a URL, if it is safe in a header of ours: `http` or `https`, a name of plain
/// letters or an address, and a port. A remote server chooses its redirects, and the URL standard
/// allows `x;sandbox`, `*` and `a,b` as names of hosts: in a policy they would be directives, a
/// wildcard, and a second policy.
fn plain_origin(url: &Url) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain = match url.host()? {
        Host::Domain(name) => !name.is_empty() && name.len() <= 253 && name.chars().all(is_plain),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    let web = matches!(url.scheme(), "http" | "https");
    (plain && web).then(|| url.origin().ascii_serialization())
}

/// A body that is sent while it is made.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Streamed;

/// Returns whether a body is there as a whole, so that it may be compressed.
pub(in crate::web) fn is_whole(
    _: StatusCode,
    _: Version,
    _: &HeaderMap,
    extensions: &Extensions,
) -> bool {
    extensions.get::<Streamed>().is_none()
}

/// Seconds after which to ask again, where nothing better is known.
const RETRY_AFTER: &str = "30";

/// Fills in what is missing.
pub(in crate::web) async fn fill(mut response: Response) -> Response {
    let is_busy = matches!(response.status().as_u16(), 429 | 503);
    let headers = response.headers_mut();
    if is_busy {
        headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static(RETRY_AFTER));
    }
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let starts = |of: &&str| kind.starts_with(of.as_bytes());
    let (is_part, is_drawing) = (PARTS.iter().any(starts), starts(&DRAWING.0));
    let is_ours = is_part || is_drawing || starts(&"text/html");
    let shown = SHOWN.into_iter().filter(|_| !is_part && !is_drawing);
    let policy = is_drawing.then_some((header::CONTENT_SECURITY_POLICY, DRAWING.1));
    for (name, value) in EVERYWHERE.into_iter().chain(shown).chain(policy) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // Programs read no headers of pages.
    if is_ours {
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    response
}

/// Headers that a page of another origin may read.
const EXPOSED: [HeaderName; 10] = [
    header::ETAG,
    header::LOCATION,
    header::WWW_AUTHENTICATE,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    NEXT_CURSOR,
    AS_OF,
    FRESH,
    SHARED,
];

/// Headers that a page of another origin may send: any, and its token, which `*` does not stand for
/// (Fetch, 4.9).
fn sendable() -> AllowHeaders {
    AllowHeaders::list([HeaderName::from_static("*"), header::AUTHORIZATION])
}

/// Anybody's page may read everything here: it is public, and there are no cookies. What it may change
/// is up to the token that it has.
pub(in crate::web) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods(AllowMethods::any())
        .allow_headers(sendable())
        .expose_headers(ExposeHeaders::list(EXPOSED))
        .max_age(Duration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(url: &str, led: Option<&str>) -> Option<String> {
        let value = policy_that_may_ask(&Url::parse(url).unwrap(), led)?;
        Some(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_page_may_ask_plain_hosts_alone_wherever_a_server_redirects_to() {
        for (led, want) in [
            ("https://b.example/x?y", "https://b.example"),
            ("https://b_1.example:8443/", "https://b_1.example:8443"),
            ("https://xn--caf-dma.nl/", "https://xn--caf-dma.nl"),
            ("http://192.0.2.1:8080/", "http://192.0.2.1:8080"),
            ("http://[2001:db8::1]/", "http://[2001:db8::1]"),
            // What would be more than a host.
            ("http://x;sandbox/", ""),
            ("http://x;script-src/", ""),
            ("http://*/", ""),
            ("http://*.example/", ""),
            ("http://a,b.example/", ""),
            ("http://'unsafe-inline'/", ""),
            ("http://'none'/", ""),
            ("http://$nonce/", ""),
            ("http://a(b)/", ""),
            ("http://a=b;c/", ""),
            ("http://a&b/", ""),
            ("http://a!b~c/", ""),
            ("http://a%3Bsandbox/", ""),
            ("data:text/html,x", ""),
            ("javascript:alert(1)", ""),
            ("blob:https://b.example/x", ""),
            ("ftp://b.example/", ""),
            ("wss://b.example/", ""),
            ("no url;sandbox", ""),
        ] {
            let policy = policy("https://a.example/", Some(led)).unwrap();
            let want =
                format!("connect-src 'self' https://a.example https://www.a.example {want};");
            assert!(policy.contains(&want), "{led}: {policy}");
            assert_eq!(policy.matches(';').count(), POLICY.matches(';').count(), "{led}: {policy}");
            assert!(!policy.contains([',', '*']), "{led}: {policy}");
        }
        let long = format!("http://{}/", "a.".repeat(200));
        assert!(!policy("https://a.example/", Some(&long)).unwrap().contains("a.a.a"));
        assert_eq!(
            policy("https://a;sandbox/", None),
            None,
            "the page has the policy of all others"
        );
    }
}
