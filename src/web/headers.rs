//! The headers that every answer has. A handler may set its own first; these fill what is missing.

use std::time::Duration;

use axum::response::Response;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use url::{Host, Url};

use super::api::csv::{AS_OF, FRESH, NEXT_CURSOR};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Name and value of each.
const EVERYWHERE: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// The policy of a page that may also ask this site itself, with or without `www.`, and where it
/// redirects to, if the visitor wishes it to.
pub(super) fn policy_that_may_ask(url: &Url, led: Option<&str>) -> Option<HeaderValue> {
    let own = url.origin().ascii_serialization();
    let host = url.host_str()?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let twin = match url.host() {
        Some(Host::Domain(_)) if host == bare => own.replacen(host, &format!("www.{host}"), 1),
        Some(Host::Domain(_)) => own.replacen(host, bare, 1),
        _ => String::new(),
    };
    let led = led.and_then(|led| Url::parse(led).ok()).map(|led| led.origin());
    let led = led.map(|origin| origin.ascii_serialization()).unwrap_or_default();
    let policy =
        POLICY.replace("connect-src 'self'", &format!("connect-src 'self' {own} {twin} {led}"));
    HeaderValue::try_from(policy).ok()
}

/// A body that is sent while it is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Streamed;

/// Whether a body is there as a whole, so that it may be compressed.
pub(super) fn is_whole(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<Streamed>().is_none()
}

/// Fills in what is missing.
pub(super) async fn fill(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What a page of another origin may read beside the body.
const EXPOSED: [HeaderName; 7] = [
    header::ETAG,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    NEXT_CURSOR,
    AS_OF,
    FRESH,
];

/// Anybody's page may read everything here: it is public, and there are no cookies.
pub(super) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods(AllowMethods::any())
        .allow_headers(AllowHeaders::any())
        .expose_headers(ExposeHeaders::list(EXPOSED))
        .max_age(Duration::from_hours(24))
}
