//! Requests by route and status, with how long they took. Routes are ours, never a visitor's text,
//! so there are as many as the route table has.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use tokio::time::Instant;

use super::text::Text;
use crate::web::Shared;

/// Upper edges of the buckets, in seconds.
const EDGES: [f64; 9] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 1.0, 10.0];

/// Statuses that are told apart; any other counts as the last, 500.
const STATUSES: [u16; 18] =
    [200, 101, 204, 206, 301, 302, 303, 304, 307, 308, 400, 404, 405, 410, 414, 429, 503, 500];

/// One route.
#[derive(Debug, Default)]
struct Route {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; EDGES.len() + 1],
    micros: AtomicU64,
}

impl Route {
    fn count(&self, status: u16, took: Duration) {
        let place = STATUSES.iter().position(|known| *known == status);
        self.statuses[place.unwrap_or(STATUSES.len() - 1)].fetch_add(1, Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = EDGES.iter().position(|edge| seconds <= *edge).unwrap_or(EDGES.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.micros.fetch_add(took.as_micros() as u64, Relaxed);
    }
}

/// The routes whose answers may be ready before they get to the route table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Hot {
    Front,
    Status,
    Site,
    Badge,
}

/// Their names, as the route table has them.
const HOT: [&str; 4] = ["/", "/api/v1/status", "/api/v1/sites/{slug}", "/badge/{file}"];

/// All requests since the start.
#[derive(Debug)]
pub(in crate::web) struct Requests {
    routes: RwLock<HashMap<Box<str>, Arc<Route>>>,
    /// The same as under their names: these are so many that they must not queue for the lock.
    hot: [Arc<Route>; HOT.len()],
    /// Front pages that were rendered.
    fronts: AtomicU64,
}

impl Default for Requests {
    fn default() -> Self {
        let hot: [Arc<Route>; HOT.len()] = Default::default();
        let routes = HOT.into_iter().map(Box::from).zip(hot.iter().cloned()).collect();
        Self { routes: RwLock::new(routes), hot, fronts: AtomicU64::new(0) }
    }
}

impl Requests {
    /// Counts a request that was answered with what is ready.
    pub(in crate::web) fn count(&self, route: Hot, status: StatusCode, begun: Instant) {
        self.hot[route as usize].count(status.as_u16(), begun.elapsed());
    }

    /// Counts a front page that was rendered.
    pub(in crate::web) fn count_front(&self) {
        self.fronts.fetch_add(1, Relaxed);
    }

    fn route(&self, name: &str) -> Arc<Route> {
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            routes.entry(name.into()).or_default().clone()
        })
    }

    pub(super) fn write(&self, to: &mut Text) -> fmt::Result {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let mut routes: Vec<_> = routes.iter().collect();
        routes.sort_by_key(|(name, _)| *name);
        let name = "stillup_http_requests_total";
        to.family(name, "counter", "Requests that were answered, by route and status.")?;
        for (route, figures) in &routes {
            for (status, count) in STATUSES.iter().zip(&figures.statuses) {
                let count = count.load(Relaxed);
                if count > 0 {
                    let labels = [("route", &***route), ("status", &status.to_string())];
                    to.value(name, &labels, count as f64)?;
                }
            }
        }
        let name = "stillup_http_request_duration_seconds";
        to.family(name, "histogram", "From a request's head to its answer's, by route.")?;
        for (route, figures) in routes {
            let buckets = figures.buckets.each_ref().map(|bucket| bucket.load(Relaxed));
            let sum = figures.micros.load(Relaxed) as f64 / 1e6;
            to.histogram(name, &[("route", route)], &EDGES, &buckets, sum)?;
        }
        let name = "stillup_front_pages_rendered_total";
        to.family(name, "counter", "Front pages that were rendered; the others were ready.")?;
        to.value(name, &[], self.fronts.load(Relaxed) as f64)
    }
}

/// Counts a request.
pub(in crate::web) async fn count(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let matched = request.extensions().get::<MatchedPath>();
    let route = shared.requests.route(matched.map_or("none", MatchedPath::as_str));
    let response = next.run(request).await;
    route.count(response.status().as_u16(), begun.elapsed());
    response
}
