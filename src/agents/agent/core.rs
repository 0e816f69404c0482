//! Requests to a node: with the token, each with a deadline over all of it.

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderValue, StatusCode, header};
use reqwest::{Client, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::{
    agents::protocol::{
        self, Assignment, BOOT, BatchReceipt, DEADLINE, FIRST, Hello, MAX_WAIT, NOW, OVERLOADED,
        ROUND_TRIP, Welcome,
    },
    http_client::{self, request_error},
    token::Token,
};
use prober::{clock::Clock, scheduler::SchedulerStats};

/// Bytes of an answer at most, before and after it is decompressed: 100,000 sites take some 30 MB.
const MAX_ANSWER: usize = 64 << 20;
/// Level of the compression: a fifth smaller than at the usual one, for some µs a line.
const LEVEL: i32 = 9;
/// Letters of an unusable answer that are logged.
const MAX_SAID: usize = 300;

/// Reason why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The node does not know the token, and never will.
    Token,
    /// The node does not know this run: it wants to be greeted.
    NoHello,
    /// The node takes this request in no way.
    Rejected(String),
    /// No answer, or not now.
    Away(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => f.write_str("the token is refused"),
            Self::NoHello => f.write_str("it wants to be greeted"),
            Self::Rejected(why) | Self::Away(why) => f.write_str(why),
        }
    }
}

/// A node, as an agent reaches it.
#[derive(Debug)]
pub(super) struct Core {
    url: Url,
    client: Client,
    token: Token,
    clock: Clock,
    /// Turns of this agent, by which it is known to keep up.
    turns: Arc<SchedulerStats>,
    /// Duration of the last exchange, in milliseconds.
    round_trip: AtomicU32,
    /// Names this run.
    pub(super) boot: Box<str>,
}

impl Core {
    /// A client for the node at this address.
    ///
    /// # Errors
    /// Fails with a sentence when there is no client for it.
    pub(super) fn new(
        url: Url,
        token: Token,
        boot: &str,
        ca_file: Option<&Path>,
        clock: Clock,
        turns: Arc<SchedulerStats>,
    ) -> Result<Self, String> {
        let agent = format!("stillup/{}", env!("CARGO_PKG_VERSION"));
        let mut client = http_client::builder(&agent, ca_file)?
            .pool_idle_timeout(Duration::from_mins(1))
            .connect_timeout(Duration::from_secs(10));
        if url.scheme() == "http" {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| error.to_string())?;
        let (round_trip, boot) = (AtomicU32::new(0), boot.into());
        Ok(Self { url, client, token, clock, turns, round_trip, boot })
    }

    /// Its address.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) async fn hello(&self, hello: &Hello) -> Result<Welcome, Failed> {
        // Plain data always has its JSON.
        let body = serde_json::to_vec(hello).unwrap_or_default();
        let request = self
            .client
            .post(self.at("agent/v1/hello"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        let (_, body) = self.exchange(request, DEADLINE).await?;
        read(&body)
    }

    /// The assigned sites, and their tag; `None` when they are those with this tag.
    pub(super) async fn assignment(
        &self,
        tag: Option<&str>,
        wait: Duration,
    ) -> Result<Option<(Box<str>, Assignment)>, Failed> {
        let wait = wait.min(MAX_WAIT);
        let mut url = self.at("agent/v1/sites");
        url.query_pairs_mut().append_pair("wait", &wait.as_secs().to_string());
        let mut request = self.client.get(url).header(header::ACCEPT_ENCODING, "zstd");
        if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(tag).ok()) {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let (parts, body) = self.exchange(request, DEADLINE + wait).await?;
        if parts.status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let tag = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.unwrap_or_default().into();
        Ok(Some((tag, read(&body)?)))
    }

    /// Sends lines, of which the first has this number.
    pub(super) async fn send(&self, first: u64, body: Vec<u8>) -> Result<BatchReceipt, Failed> {
        let request = self
            .client
            .post(self.at("agent/v1/checks"))
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .header(header::CONTENT_ENCODING, "zstd")
            .header(BOOT, &*self.boot)
            .header(FIRST, first)
            .body(body);
        let (_, body) = self.exchange(request, DEADLINE).await?;
        read(&body)
    }

    fn at(&self, path: &str) -> Url {
        // The address of a node has a path that ends with a slash.
        self.url.join(path).unwrap_or_else(|_| self.url.clone())
    }

    /// One exchange, body included, within its time.
    async fn exchange(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<(http::response::Parts, Vec<u8>), Failed> {
        let begun = Instant::now();
        let request = request
            .bearer_auth(self.token.expose())
            .header(NOW, self.clock.now().millis())
            .header(ROUND_TRIP, self.round_trip.load(Relaxed))
            .header(OVERLOADED, u16::from(self.turns.overload().is_some()));
        let whole = async {
            let response =
                request.send().await.map_err(|error| Failed::Away(request_error(error)))?;
            // An answer may have been delayed on purpose; only the time on the network is of use.
            if limit == DEADLINE {
                let took = begun.elapsed().as_millis().try_into().unwrap_or(u32::MAX);
                self.round_trip.store(took, Relaxed);
            }
            collect(response).await
        };
        let late = || Failed::Away(format!("no answer within {} s", limit.as_secs()));
        let (parts, body) = timeout(limit, whole).await.map_err(|_| late())??;
        judge(&parts, &body)?;
        Ok((parts, body))
    }
}

/// Reads a whole body of limited size.
async fn collect(mut response: Response) -> Result<(http::response::Parts, Vec<u8>), Failed> {
    let mut body = Vec::new();
    let too_large = || Failed::Away("its answer is too large".to_owned());
    while let Some(piece) =
        response.chunk().await.map_err(|error| Failed::Away(request_error(error)))?
    {
        if body.len() + piece.len() > MAX_ANSWER {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    let encoding = response.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding == "zstd") {
        body = protocol::inflate(&body, MAX_ANSWER).ok_or_else(too_large)?;
    }
    let parts = http::Response::from(response).into_parts().0;
    Ok((parts, body))
}

impl BatchReceipt {
    /// This receipt, if it is one of all lines up to this number.
    pub(super) fn of_all(self, last: u64) -> Result<Self, Failed> {
        if self.acked >= last {
            return Ok(self);
        }
        Err(Failed::Away(format!("it acknowledges {} of {last} lines", self.acked)))
    }
}

/// Tells what a status that is no good means.
fn judge(parts: &http::response::Parts, body: &[u8]) -> Result<(), Failed> {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    // A proxy, or a captive portal, may answer in place of the node: only the node's own answers
    // count.
    let own = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    let status = parts.status;
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    let said = said(status, body);
    Err(match status {
        StatusCode::UNAUTHORIZED if own => Failed::Token,
        StatusCode::CONFLICT if own => Failed::NoHello,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE if own => Failed::Rejected(said),
        _ => Failed::Away(said),
    })
}

/// The sentence of a problem, or the status.
fn said(status: StatusCode, body: &[u8]) -> String {
    let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    let said = detail.map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned);
    said.chars().filter(|c| !c.is_control()).take(MAX_SAID).collect()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failed> {
    serde_json::from_slice(body)
        .map_err(|error| Failed::Away(format!("its answer cannot be read: {error}")))
}

/// JSON, compressed with zstd. The size is known to the compressor, which takes no more memory than it needs.
pub(super) fn compress(lines: &[impl Serialize]) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        prober::journal::write_line(line, &mut text);
    }
    // Memory takes what is written.
    zstd::bulk::compress(&text, LEVEL).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_a_receipt_does_not_acknowledge_are_not_taken() {
        let receipt = |acked| BatchReceipt { acked, ..BatchReceipt::default() };
        assert_eq!(receipt(17).of_all(17), Ok(receipt(17)));
        assert!(receipt(u64::MAX).of_all(17).is_ok());
        assert!(matches!(receipt(16).of_all(17), Err(Failed::Away(_))));
    }

    #[test]
    fn only_the_nodes_own_refusal_ends_an_agent() {
        let (problem, page) = ("application/problem+json", "text/html");
        for (status, kind, want) in [
            (401, problem, Some(Failed::Token)),
            (401, page, Some(Failed::Away("HTTP 401".into()))),
            (403, page, Some(Failed::Away("HTTP 403".into()))),
            (409, problem, Some(Failed::NoHello)),
            (400, problem, Some(Failed::Rejected("HTTP 400".into()))),
            (400, page, Some(Failed::Away("HTTP 400".into()))),
            (413, problem, Some(Failed::Rejected("HTTP 413".into()))),
            (429, problem, Some(Failed::Away("HTTP 429".into()))),
            (503, problem, Some(Failed::Away("HTTP 503".into()))),
            (302, page, Some(Failed::Away("HTTP 302".into()))),
            (304, page, None),
            (200, page, None),
        ] {
            let builder = http::Response::builder().status(status).header("content-type", kind);
            let (parts, ()) = builder.body(()).unwrap().into_parts();
            assert_eq!(judge(&parts, b"").err(), want, "{status} {kind}");
        }
    }
}
