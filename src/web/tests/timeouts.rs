//! Handlers that panic or do not end.

use std::{future::pending, sync::Arc};

use axum::{Router, middleware::from_fn_with_state, routing::get as route};

use super::{get, world::*};
use crate::web::{Shared, middleware::timeout, pages::error_page};

async fn panics() -> &'static str {
    panic!("secret words");
}

#[tokio::test(start_paused = true)]
async fn the_visitor_gets_a_fixed_sentence() {
    let shared = Arc::new(Shared::new(world().web));
    let router: Router = Router::new()
        .route("/panics", route(panics))
        .route("/api/panics", route(panics))
        .route("/hangs", route(pending::<()>))
        .layer(from_fn_with_state(shared.clone(), timeout::limit))
        .layer(from_fn_with_state(shared, error_page::write));
    for (path, status, kind) in [
        ("/panics", 500, "text/html; charset=utf-8"),
        ("/api/panics", 500, "application/problem+json"),
        ("/hangs", 503, "text/html; charset=utf-8"),
    ] {
        let got = get(&router, path).await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (status, kind), "{path}");
        assert!(!got.text().contains("secret"), "{path}");
        assert!(got.text().contains("try again in a minute"), "{path}");
    }
}
