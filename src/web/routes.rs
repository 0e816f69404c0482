//! The whole route table, and the layers around it.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    middleware::{from_fn, from_fn_with_state, map_request, map_response, map_response_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{Method, StatusCode, Uri};

use super::{
    Shared, Web, agents,
    api::openapi::{
        self,
        endpoints::{ENDPOINTS, EndpointDoc},
        writes::{WRITES, WriteDoc},
    },
    assets, badge, calendar,
    compat::{gatus, kuma, statuspage},
    embed,
    error::{self, ErrorStatus},
    feed, health, metrics,
    middleware::{self, compression, etag, headers, rate_limit, timeout},
    pages::{self, error_page},
    preview, redirect, robots, search,
};

/// All routes, without the rate limit and the cache in front of them.
pub fn router(web: Web) -> Router {
    routed(&Arc::new(Shared::new(web)))
}

/// All routes.
pub(super) fn routed(shared: &Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/", get(pages::front::page))
        .route("/outages", get(pages::outages::page))
        .route("/outages/{id}", get(pages::outage::page))
        .route("/notices/{id}", get(pages::notices::page))
        .route("/operate", get(pages::operate::page))
        .route("/operate/{action}", post(pages::operate::act))
        .route("/sites/{slug}/history", get(pages::site::values::page))
        .route("/sites/{slug}/report", get(pages::report::of_site))
        .route("/report", get(pages::report::of_tag))
        .route("/windows.ics", get(calendar::all))
        .route("/sites/{slug}/windows.ics", get(calendar::one))
        .route("/about", get(pages::about::page))
        .route("/api", get(pages::reference::page))
        .route("/api/schemas", get(pages::reference::schemas::page))
        .route("/badges", get(pages::badges::page))
        .route("/{domain}", get(pages::lookup::page))
        .route("/{domain}/problem", post(pages::lookup::report::problem))
        .route("/preview.png", get(preview::all))
        .route("/{domain}/preview.png", get(preview::site))
        .route("/outages/{id}/preview.png", get(preview::of_outage))
        .route("/providers/{slug}", get(pages::provider::page))
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
        .route("/robots.txt", get(robots::robots))
        .route("/sitemap.xml", get(robots::sitemap))
        .route("/site.webmanifest", get(robots::manifest))
        .route("/opensearch.xml", get(robots::opensearch))
        .route("/suggest", get(search::suggest))
        .route("/favicon.ico", get(assets::favicon_ico));
    let api = |routes: Router<_>, read: &EndpointDoc| routes.route(read.path, (read.handler)());
    // The fallbacks are for the routes that are there by then.
    let routes = ENDPOINTS.iter().fold(routes, api);
    let change = |routes: Router<_>, write: &WriteDoc| routes.route(write.path, (write.handler)());
    let routes = WRITES.iter().fold(routes, change);
    let routes = routes.fallback(not_found).method_not_allowed_fallback(not_allowed);
    layered(routes, shared).merge(agents::routes(shared)).with_state(shared.clone())
}

/// The layers, innermost first.
fn layered(routes: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    routes
        .layer(from_fn_with_state(shared.clone(), timeout::limit))
        .layer(from_fn_with_state(shared.clone(), error_page::write))
        .layer(from_fn(rate_limit::refuse))
        .layer(from_fn(etag::answer))
        .layer(map_response_with_state(shared.clone(), error::absolute))
        .layer(compression::gzip())
        .layer(map_request(compression::only_gzip))
        .layer(map_response(etag::mark))
        .layer(headers::cors())
        .layer(map_response(headers::fill))
        .layer(from_fn_with_state(shared.clone(), middleware::metrics::count))
}

async fn not_found(State(shared): super::AppState, method: Method, uri: Uri) -> Response {
    if method == Method::GET && uri.path().starts_with("/badge/") {
        return badge::unknown(&shared, uri.path());
    }
    redirect::of(&method, &uri)
        .unwrap_or_else(|| ErrorStatus(StatusCode::NOT_FOUND).into_response())
}

async fn not_allowed() -> ErrorStatus {
    ErrorStatus(StatusCode::METHOD_NOT_ALLOWED)
}
