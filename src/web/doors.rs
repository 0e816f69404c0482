//! What every request meets first: the visitor's budget, then the answers that are ready, then the
//! way through the house.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    response::Response,
};
use tower::ServiceExt;

use super::{Shared, Web, budget::Left, ready::Found, router::routed, visitor::Visitor};

/// The way in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Doors {
    router: Router,
    shared: Arc<Shared>,
}

/// Everything that can be asked for, behind the doors.
pub fn doors(web: Web) -> Doors {
    let shared = Arc::new(Shared::new(web));
    Doors { router: routed(&shared), shared }
}

impl Doors {
    /// The answer to a request.
    pub(super) async fn answer(&self, mut request: Request) -> Response {
        let left = self.left(&request);
        if let Some(left) = left.filter(|left| left.refused) {
            left.mark(&mut request);
            return told(self.walk(request).await, Some(left));
        }
        let response = match self.shared.ready.find(&self.shared, &request) {
            Found::Answer(response) => response,
            Found::Missing(place) => {
                let response = self.walk(request).await;
                self.shared.ready.keep(place, response).await
            }
            Found::Other => self.walk(request).await,
        };
        told(response, left)
    }

    async fn walk(&self, request: Request) -> Response {
        let answer = self.router.clone().oneshot(request).await;
        answer.unwrap_or_else(|never: Infallible| match never {})
    }

    /// What the visitor has left, where that is limited.
    fn left(&self, request: &Request) -> Option<Left> {
        let budget = &self.shared.budget;
        if budget.is_off() || !request.uri().path().starts_with("/api/") {
            return None;
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let visitor = Visitor::of(peer, request.headers(), &self.shared);
        Some(budget.take(visitor.key(), self.shared.now()))
    }
}

fn told(mut response: Response, left: Option<Left>) -> Response {
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    response
}
