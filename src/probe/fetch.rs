//! Fetches a small thing on the side: a certificate that a server leaves out of its chain. Whoever
//! calls it has asked the guard; names are guarded where they are looked up.

use std::{pin::pin, time::Duration};

use http::StatusCode;
use tokio::time::timeout;
use url::Url;

use super::{
    client::{Client, Manner},
    marks::{self, Marks},
};

/// Bytes of it at most, and how long it may take.
const MOST: usize = 64 * 1024;
const LIMIT: Duration = Duration::from_secs(3);

/// What is there, if it is small and there at once. It has marks of its own: its time and addresses
/// are not the site's; the gate is the same.
pub(super) async fn small(client: &Client, from: &Url, private: bool) -> Option<Vec<u8>> {
    let fetched = pin!(timeout(LIMIT, read(client, from)));
    marks::scope(Marks::new(private, 1).behind(marks::gate()), fetched).await.ok().flatten()
}

async fn read(client: &Client, from: &Url) -> Option<Vec<u8>> {
    let mut reply = Box::pin(client.ask(Manner::Http1, from, None)).await.ok()?;
    if reply.head.status != StatusCode::OK {
        return None;
    }
    let mut read = Vec::new();
    while let Some(part) = reply.body.chunk().await.ok()? {
        read.extend_from_slice(&part);
        if read.len() > MOST {
            return None;
        }
    }
    Some(read)
}
