//! The service that answers one request: first the rate limit, then the cached responses, then the
//! route table.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request},
    response::Response,
    routing::get,
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use tower::ServiceExt;

use super::{
    Shared, Web,
    cache::key::CacheKey,
    extractors::{client_ip::ClientIp, locale::Locale},
    middleware::rate_limit::{self, TooMany},
    pages::error_page,
    routes::routed,
};
use model::network::Network;

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
        let quota = self.shared.reads.take(request.uri().path(), self.shared.now(), || {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            ClientIp::of(peer, request.headers(), &self.shared).key()
        });
        let mut response = if let Some(Err(quota)) = quota {
            request.extensions_mut().insert(TooMany(quota));
            self.route(request).await
        } else {
            self.cached(request).await
        };
        if let Some(Ok(quota) | Err(quota)) = quota {
            rate_limit::write_headers(response.headers_mut(), "reads", quota);
        }
        response
    }

    /// The answer to a request, from the cache where it has one.
    async fn cached(&self, mut request: Request) -> Response {
        let Some(key) = CacheKey::of(&self.shared, &request) else {
            return self.route(request).await;
        };
        // What is cached for others is the answer to GET, which the one to HEAD is the head of.
        let head = std::mem::replace(request.method_mut(), Method::GET) == Method::HEAD;
        let made = self.route(request);
        let mut response = self.shared.responses.respond(&self.shared, key, made).await;
        if head {
            *response.body_mut() = Body::empty();
        }
        response
    }

    /// The limit of connections for one client, if set, and the proxies that are exempt.
    pub(super) fn connection_limits(&self) -> (Option<usize>, Arc<[Network]>) {
        let web = &self.shared.web;
        (web.connections_per_visitor, web.trusted_proxies.clone())
    }

    async fn route(&self, request: Request) -> Response {
        let answer = self.router.clone().oneshot(request).await;
        let mut response = answer.unwrap_or_else(|never: Infallible| match never {});
        if response.status() == StatusCode::NOT_MODIFIED {
            // The router gives every answer to HEAD a length; caches would take this one for the body's.
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        response
    }
}
