//! A receiver over HTTP that records its requests, with set answers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{net::TcpListener, sync::watch, time::timeout};

/// Answer of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiverMood {
    /// This status, and `said`.
    Answers(u16),
    /// Nothing, ever.
    Silent,
    /// A redirect to itself.
    Redirects,
    /// 429, and the wish to be left alone for a minute.
    Tired,
    /// 200, and a body without an end.
    Endless,
    /// 200, and all that must not be read by others.
    Repeats,
}

/// A request received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns whether it is signed with this key, as the standard says.
    pub(crate) fn is_signed(&self, key: &[u8]) -> bool {
        let signature = self.header("webhook-signature").strip_prefix("v1,").unwrap_or("");
        let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(&[id.as_bytes(), b".", at.as_bytes(), b".", &self.body].concat());
        mac.verify_slice(&signature).is_ok()
    }
}

struct ReceiverState {
    seen: Mutex<Vec<Request>>,
    count: watch::Sender<usize>,
    mood: watch::Receiver<ReceiverMood>,
    url: String,
}

/// A receiver; it is gone with the test's runtime.
pub(crate) struct Receiver {
    shared: Arc<ReceiverState>,
    tell: watch::Sender<ReceiverMood>,
}

impl Receiver {
    pub(crate) async fn start(mood: ReceiverMood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (tell, mood) = watch::channel(mood);
        let (count, _) = watch::channel(0);
        let shared = Arc::new(ReceiverState { seen: Mutex::default(), count, mood, url });
        let app = Router::new().fallback(take).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { shared, tell }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.shared.url)
    }

    pub(crate) fn turn(&self, mood: ReceiverMood) {
        self.tell.send_replace(mood);
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Waits until this many requests have come; returns them.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Request> {
        let mut seen = self.shared.count.subscribe();
        let came = timeout(Duration::from_mins(2), seen.wait_for(|seen| *seen >= count)).await;
        assert!(came.is_ok(), "{} of {count} came", self.seen().len());
        self.seen()
    }
}

async fn take(
    State(shared): State<Arc<ReceiverState>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Request { path: uri.path().to_owned(), headers, body };
    shared.seen.lock().unwrap().push(request);
    shared.count.send_modify(|count| *count += 1);
    let mood = *shared.mood.borrow();
    match mood {
        ReceiverMood::Answers(status) => {
            (StatusCode::from_u16(status).unwrap(), "said").into_response()
        }
        ReceiverMood::Silent => std::future::pending().await,
        ReceiverMood::Redirects => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", shared.url.clone())]).into_response()
        }
        ReceiverMood::Tired => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")]).into_response()
        }
        ReceiverMood::Repeats => {
            let url = format!("{}{}", shared.url.trim_end_matches('/'), uri.path());
            format!("you sent {} to {url}", "a key of more than sixteen letters").into_response()
        }
        ReceiverMood::Endless => {
            let forever = futures_util::stream::repeat_with(|| {
                Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4096]))
            });
            axum::body::Body::from_stream(forever).into_response()
        }
    }
}
