//! What every request meets first: the visitor's budget, then the answers that are ready, then the
//! way through the house.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request},
    response::Response,
    routing::get,
};
use http::{HeaderMap, Method, StatusCode, Uri};
use tower::ServiceExt;

use super::{
    Shared, Web,
    cache::responses::{Found, Wanted},
    extractors::{client_ip::ClientIp, locale::Locale},
    middleware::rate_limit::{Left, counts},
    pages::error_page,
    routes::routed,
};
use crate::model::network::Network;

/// Answers requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WebService {
    router: Router,
    shared: Arc<Shared>,
}

impl WebService {
    /// The service with every route.
    pub fn new(web: Web) -> Self {
        let shared = Arc::new(Shared::new(web));
        Self { router: routed(&shared), shared }
    }

    /// The same, with error pages under `/trouble/{status}`, to see what they look like.
    pub fn with_error_pages(web: Web) -> Self {
        let Self { router, shared } = Self::new(web);
        let state = shared.clone();
        let page = async move |Path(status): Path<u16>, uri: Uri, headers: HeaderMap| {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
            error_page::respond(&state, &Locale::of(&uri, &headers), status)
        };
        Self { router: router.route("/trouble/{status}", get(page)), shared }
    }

    /// The answer to a request.
    pub(super) async fn answer(&self, mut request: Request) -> Response {
        let left = self.left(&request);
        if let Some(left) = left.filter(|left| left.refused) {
            left.mark(&mut request);
            return told(self.walk(request).await, Some(left));
        }
        let ready = &self.shared.responses;
        ready.forget(self.shared.now().seconds());
        let Some(wanted) = Wanted::by(&self.shared, &request) else {
            return told(self.walk(request).await, left);
        };
        // The head is that of the whole answer, which others may take.
        let whole = std::mem::replace(request.method_mut(), Method::GET) == Method::GET;
        let mut response = match ready.find(&self.shared, wanted).await {
            Found::Answer(response) => response,
            Found::Missing(place) => ready.keep(*place, self.walk(request).await).await,
            Found::Other => self.walk(request).await,
        };
        if !whole {
            *response.body_mut() = Body::empty();
        }
        told(response, left)
    }

    /// How many connections one visitor may hold, if that was said, and whose are not counted so.
    pub(super) fn shares(&self) -> (Option<usize>, Arc<[Network]>) {
        let web = &self.shared.web;
        (web.connections_per_visitor, web.trusted_proxies.clone())
    }

    async fn walk(&self, request: Request) -> Response {
        let answer = self.router.clone().oneshot(request).await;
        answer.unwrap_or_else(|never: Infallible| match never {})
    }

    /// What the visitor has left, where that is limited.
    fn left(&self, request: &Request) -> Option<Left> {
        let budget = &self.shared.budget;
        if budget.is_off() || !counts(request.uri().path()) {
            return None;
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let client = ClientIp::of(peer, request.headers(), &self.shared);
        Some(budget.take(client.key(), self.shared.now()))
    }
}

fn told(mut response: Response, left: Option<Left>) -> Response {
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    response
}
