//! Counts requests by route and status, and times them. Routes are ours, never a visitor's text, so
//! there are as many as the route table has.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use tokio::time::Instant;

use crate::web::Shared;

/// Upper edges of the buckets, in seconds.
const EDGES: [f64; 9] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 1.0, 10.0];

/// The routes whose responses may be cached, so that the route table never sees the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum HotRoute {
    Front,
    Status,
    Site,
    Badge,
}

impl HotRoute {
    /// Its name, as the route table has it.
    fn route(self) -> &'static str {
        match self {
            Self::Front => "/",
            Self::Status => "/api/v1/status",
            Self::Site => "/api/v1/sites/{slug}",
            Self::Badge => "/badge/{file}",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRouteAndStatus {
    route: Cow<'static, str>,
    status: u16,
}

/// All requests since the start.
#[derive(Debug)]
pub(in crate::web) struct Requests {
    answered: Family<ByRouteAndStatus, Counter>,
    durations: Family<ByRoute, Histogram, fn() -> Histogram>,
    front_pages: Counter,
}

impl Default for Requests {
    fn default() -> Self {
        let new: fn() -> Histogram = || Histogram::new(EDGES);
        let durations = Family::new_with_constructor(new);
        Self { answered: Family::default(), durations, front_pages: Counter::default() }
    }
}

impl Requests {
    /// Counts a request that was answered from the cache.
    pub(in crate::web) fn count(&self, route: HotRoute, status: StatusCode, begun: Instant) {
        self.count_route(Cow::Borrowed(route.route()), status, begun);
    }

    /// Counts a front page that was rendered.
    pub(in crate::web) fn count_front(&self) {
        self.front_pages.inc();
    }

    fn count_route(&self, route: Cow<'static, str>, status: StatusCode, begun: Instant) {
        let took = begun.elapsed().as_secs_f64();
        let status = status.as_u16();
        self.answered.get_or_create(&ByRouteAndStatus { route: route.clone(), status }).inc();
        self.durations.get_or_create(&ByRoute { route }).observe(took);
    }

    /// Shows them in a scrape.
    pub(in crate::web) fn register(&self, registry: &mut Registry) {
        registry.register(
            "stillup_http_requests",
            "Requests that were answered, by route and status",
            self.answered.clone(),
        );
        registry.register(
            "stillup_http_request_duration_seconds",
            "From a request's head to its answer's, by route",
            self.durations.clone(),
        );
        registry.register(
            "stillup_front_pages_rendered",
            "Front pages that were rendered; the others were ready",
            self.front_pages.clone(),
        );
    }
}

/// Counts a request that goes through the router.
pub(in crate::web) async fn count(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str).to_owned();
    shared.requests.count_route(route.into(), response.status(), begun);
    response
}
