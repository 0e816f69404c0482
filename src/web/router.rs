//! The whole route table, and the layers around it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state, map_request, map_response, map_response_with_state},
    response::Response,
    routing::{get, post},
};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use super::{
    Shared, Web, api,
    asked::Asked,
    assets, badge, budget, embed, etag, events, feed, found, gatus, guard, headers, health, kuma,
    metrics, openapi,
    pages::{self, trouble},
    problem, redirect, statuspage,
};

/// Everything that can be asked for, for those who need no doors.
pub fn router(web: Web) -> Router {
    routed(&Arc::new(Shared::new(web)))
}

/// Everything that can be asked for.
pub(super) fn routed(shared: &Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/", get(pages::front::page))
        .route("/outages", get(pages::outages::page))
        .route("/about", get(pages::about::page))
        .route("/api", get(pages::reference::page))
        .route("/{domain}", get(pages::lookup::page))
        .route("/{domain}/problem", post(pages::lookup::report::problem))
        .route("/api/v1/lookup", get(api::lookup::lookup))
        .route("/providers/{slug}", get(pages::provider::page))
        .route("/api/v1/sites", get(api::sites::list))
        .route("/api/v1/sites/{slug}", get(api::site::one))
        .route("/api/v1/sites/{slug}/checks", get(api::checks::list))
        .route("/api/v1/sites/{slug}/outages", get(api::outages::of_site))
        .route("/api/v1/outages", get(api::outages::all))
        .route("/api/v1/providers", get(api::providers::list))
        .route("/api/v1/providers/{slug}", get(api::providers::one_of))
        .route("/api/v1/providers/{slug}/events", get(api::provider_events::list))
        .route("/api/v1/sites/{slug}/history", get(api::history::history))
        .route("/api/v1/status", get(api::status::status))
        .route("/api/v1/events", get(events::events))
        .route("/openapi.json", get(openapi::openapi))
        .route("/badge/{file}", get(badge::status))
        .route("/badge/{slug}/uptime.svg", get(badge::uptime))
        .route("/badge/{slug}/dot.svg", get(badge::dot))
        .route("/badge/{slug}/bar90.svg", get(badge::bar90))
        .route("/api/v1/endpoints/{key}/{*what}", get(gatus::endpoint))
        .route("/api/badge/{id}/{*what}", get(kuma::badge))
        .route("/api/v2/{*what}", get(statuspage::all))
        .route("/sites/{slug}/api/v2/{*what}", get(statuspage::one))
        .route("/embed/{slug}", get(embed::card))
        .route("/feed.atom", get(feed::all_atom))
        .route("/feed.json", get(feed::all_json))
        // Statuspage's names for it, which readers try.
        .route("/history.atom", get(feed::all_atom))
        .route("/history.rss", get(feed::all_atom))
        .route("/sites/{slug}/feed.atom", get(feed::site_atom))
        .route("/sites/{slug}/feed.json", get(feed::site_json))
        .route("/badge/{slug}/latency.svg", get(badge::latency))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/static/{file}", get(assets::file))
        .route("/robots.txt", get(found::robots))
        .route("/sitemap.xml", get(found::sitemap))
        .route("/site.webmanifest", get(found::manifest))
        .route("/favicon.ico", get(assets::favicon_ico))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed);
    layered(routes, shared).with_state(shared.clone())
}

/// The layers, innermost first.
fn layered(routes: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let worth_it =
        SizeAbove::new(etag::WORTH_IT).and(headers::is_whole).and(NotForContentType::SSE);
    let gzip = CompressionLayer::new().quality(CompressionLevel::Precise(5));
    routes
        .layer(from_fn_with_state(shared.clone(), guard::guard))
        .layer(from_fn(trouble::for_programs))
        .layer(from_fn(budget::refuse))
        .layer(from_fn(etag::answer))
        .layer(map_response_with_state(shared.clone(), problem::absolute))
        .layer(gzip.compress_when(worth_it))
        .layer(map_request(only_gzip))
        .layer(map_response(etag::mark))
        .layer(headers::cors())
        .layer(map_response(headers::fill))
        .layer(from_fn_with_state(shared.clone(), metrics::count))
}

/// Takes `Accept-Encoding` away unless gzip is named in it: the compression refuses with 406 those who
/// take neither that nor the answer as it is (`identity;q=0`), and whoever asks is answered here.
async fn only_gzip(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let names_gzip = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("gzip"))
    };
    if !headers.get_all(header::ACCEPT_ENCODING).iter().any(names_gzip) {
        headers.remove(header::ACCEPT_ENCODING);
    }
    request
}

async fn not_found(
    State(shared): super::State,
    method: Method,
    uri: Uri,
    asked: Asked,
) -> Response {
    if method == Method::GET && asked.path().starts_with("/badge/") {
        return badge::unknown(&shared, asked.path());
    }
    redirect::of(&method, &uri)
        .unwrap_or_else(|| trouble::respond(&shared, &asked, StatusCode::NOT_FOUND))
}

async fn not_allowed(State(shared): super::State, asked: Asked) -> Response {
    trouble::respond(&shared, &asked, StatusCode::METHOD_NOT_ALLOWED)
}
