//! Fetches a certificate that a server leaves out of its chain. The caller has asked the guard;
//! names are guarded where they are resolved.

use std::{pin::pin, time::Duration};

use http::StatusCode;
use tokio::time::{Instant, timeout};
use url::Url;

use super::client::{Client, PageRequest, RequestStyle};
use crate::probe::context::{self, AttemptContext};

/// Bytes of it at most, and how long it may take.
const MAX_BYTES: usize = 64 * 1024;
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// Fetches the certificate at this address; returns whether there is one now. After a failure the
/// address is left alone for some minutes: otherwise every check would ask a broken address.
pub(super) async fn certificate(client: &Client, from: &Url, private: bool) -> bool {
    let trust = &client.tls.trust;
    if trust.is_in_vain(from, Instant::now()) {
        return false;
    }
    // In a context of its own, since its time and addresses are not the site's; the gate is the same.
    let fetched = pin!(async {
        let bytes = timeout(FETCH_TIMEOUT, read(client, from)).await.ok().flatten();
        (bytes, context::is_blocked() || context::is_refused_by_gate())
    });
    let context = AttemptContext::new(private, 1).behind(context::gate());
    let (bytes, stopped) = context::scope(context, fetched).await;
    let added = bytes.is_some_and(|bytes| trust.add(from, &bytes));
    // What is closed to a visitor's lookup may be open to a check.
    if !added && !stopped {
        trust.note_in_vain(from, Instant::now());
    }
    added
}

async fn read(client: &Client, from: &Url) -> Option<Vec<u8>> {
    let mut reply =
        Box::pin(client.ask(RequestStyle::Http1, &PageRequest::get(from))).await.ok()?;
    if reply.head.status != StatusCode::OK {
        return None;
    }
    let mut read = Vec::new();
    while let Some(part) = reply.body.chunk().await.ok()? {
        read.extend_from_slice(&part);
        if read.len() > MAX_BYTES {
            return None;
        }
    }
    Some(read)
}
