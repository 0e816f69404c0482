//! One connection: requests counted, so that silence can be told from work.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{net::TcpStream, time::sleep};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{FIRST, IDLE};

/// Requests of a connection: how many began, and how many ended.
#[derive(Debug, Default)]
struct Work {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// Serves a connection until it ends, is silent too long, or we stop and its requests have ended.
pub(super) async fn serve(
    server: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stopping: CancellationToken,
) {
    // Without it small answers wait for the visitor's acknowledgement; a failure costs just that.
    let _ = stream.set_nodelay(true);
    let work = Arc::new(Work::default());
    let counted = work.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
        let (router, work) = (router.clone(), counted.clone());
        async move {
            work.begun.fetch_add(1, Relaxed);
            let mut request = Request::from(request.map(axum::body::Body::new));
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await;
            work.ended.fetch_add(1, Relaxed);
            response.map_err(|never: Infallible| never)
        }
    });
    let mut serving = std::pin::pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What ends a connection early is the visitor's own doing.
        _ = serving.as_mut() => return,
        () = silence(&work) => return,
        () = stopping.cancelled() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

/// Ends when no request came for too long while none was being answered.
async fn silence(work: &Work) {
    let mut limit: Duration = FIRST;
    let mut known = 0;
    loop {
        sleep(limit).await;
        let (begun, ended) = (work.begun.load(Relaxed), work.ended.load(Relaxed));
        if begun == known && begun == ended {
            return;
        }
        (known, limit) = (begun, IDLE);
    }
}
