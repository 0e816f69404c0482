//! One connection: requests are counted, so that an idle connection can be told from a busy one.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
};
use hyper::body::{Frame, SizeHint};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{net::TcpStream, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{FIRST_REQUEST_TIMEOUT, IDLE_TIMEOUT};
use crate::web::{WebService, api::events::Stopping};

/// Activity on a connection: requests, their ends, and pieces of answers.
#[derive(Debug, Default)]
struct Activity {
    /// Requests that began and pieces that were read: it grows with any progress.
    steps: AtomicU64,
    /// Requests that have no answer yet.
    open: AtomicU64,
}

/// A request without an answer yet; dropped as well when the client cancels it.
#[derive(Debug)]
struct OpenRequest(Arc<Activity>);

impl OpenRequest {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.open.fetch_add(1, Relaxed);
        Self(activity.clone())
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

/// An answer's body that counts the pieces that are read: a stream of events with a reader keeps
/// its connection, one without does not.
#[derive(Debug)]
struct CountedBody {
    body: Body,
    activity: Arc<Activity>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.activity.steps.fetch_add(1, Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Serves a connection until it ends, is idle for too long, or the server stops and its requests
/// have ended.
pub(in crate::web) async fn serve(
    server: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    service: WebService,
    stopping: CancellationToken,
) {
    // Without it small answers wait for the visitor's acknowledgement; a failure costs just that.
    let _ = stream.set_nodelay(true);
    let activity = Arc::new(Activity::default());
    let (counted, told) = (activity.clone(), stopping.clone());
    let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
        let (service, activity) = (service.clone(), counted.clone());
        let stopping = Stopping(told.clone());
        async move {
            activity.steps.fetch_add(1, Relaxed);
            let open = OpenRequest::new(&activity);
            let mut request = Request::from(request.map(Body::new));
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(stopping);
            let response = service.answer(request).await;
            drop(open);
            Ok::<_, Infallible>(response.map(|body| CountedBody { body, activity }))
        }
    });
    let mut serving = std::pin::pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What ends a connection early is the visitor's own doing.
        _ = serving.as_mut() => return,
        () = idle(&activity) => return,
        () = stopping.cancelled() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

/// Ends when nothing moved for too long while no request was being answered.
async fn idle(activity: &Activity) {
    let mut limit: Duration = FIRST_REQUEST_TIMEOUT;
    let mut known = 0;
    loop {
        sleep(limit).await;
        let steps = activity.steps.load(Relaxed);
        if steps == known && activity.open.load(Relaxed) == 0 {
            return;
        }
        (known, limit) = (steps, IDLE_TIMEOUT);
    }
}
