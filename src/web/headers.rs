//! The headers that every answer has. A handler may set its own first; these fill what is missing.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
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

/// What good pages and API answers say about caching: a check is seldom younger.
pub(super) const BRIEFLY: (HeaderName, &str) =
    (header::CACHE_CONTROL, "public, max-age=5, stale-while-revalidate=10");

/// Fills in what is missing.
pub(super) async fn fill(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What a page of another origin may read beside the body.
const EXPOSED: [HeaderName; 5] = [
    header::ETAG,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-next-cursor"),
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
