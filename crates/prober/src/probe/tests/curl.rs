//! Every part of a check, beside what curl measures of the same slow server.
//!
//! A busy machine only ever adds time, so the least of each part is compared: more probes bring it
//! nearer to the truth, and cannot hide a part that is measured wrongly.

use std::{convert::Infallible, process::Stdio, time::Duration};

use futures_util::stream::{self, Stream};
use http_body_util::StreamBody;
use hyper::{
    Request, Response,
    body::{Bytes, Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    process::Command,
    time::sleep,
};

use super::{
    authority::{TestAuthority, certificate},
    lab::{TestProbe, TestServer, late_at, prober, resolving, serve},
};
use crate::probe::Prober;
use model::outcome::HttpVersion;

/// Delay of each part of a slow server.
const DELAY: Duration = Duration::from_millis(60);
/// Number of probes by each at least, and at most where a busy machine makes them differ.
const LOOKS: (usize, usize) = (3, 40);
/// Largest difference between the least of both, in milliseconds.
const APART: f64 = 5.0;
/// The same for the handshake: without optimisation ours has milliseconds of work of its own.
const APART_TLS: f64 = if cfg!(debug_assertions) { 15.0 } else { APART };

/// Output of curl: the ends of its parts, in seconds.
const TIMES: &str = "%{time_namelookup} %{time_connect} %{time_appconnect} \
                     %{time_starttransfer} %{time_total}";

/// Connect, TLS, wait and transfer, in milliseconds.
type Parts = [f64; 4];

/// Serves either version of HTTP: replies late, and the second half of the page later.
async fn slow(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(|_: Request<Incoming>| async {
        sleep(DELAY).await;
        Ok::<_, Infallible>(Response::new(StreamBody::new(Box::pin(page()))))
    });
    let server = auto::Builder::new(TokioExecutor::new());
    server.serve_connection(TokioIo::new(stream), service).await.ok();
}

fn page() -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send {
    stream::unfold(0, |half| async move {
        if half == 1 {
            sleep(DELAY).await;
        }
        (half < 2).then(|| (Ok(Frame::data(Bytes::from_static(b"hello"))), half + 1))
    })
}

/// Times by curl; `None` where there is no curl to compare with.
async fn curl(server: &TestServer, url: &str, more: &[&str]) -> Option<Parts> {
    let resolve = format!("name.example:{}:127.0.0.1", server.at.port());
    let said = Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "--noproxy", "*", "--resolve", &resolve])
        .args(more)
        .args(["-w", TIMES])
        .arg(url)
        .stderr(Stdio::inherit())
        .output()
        .await
        .ok()?;
    assert!(said.status.success(), "{said:?}");
    let text = String::from_utf8(said.stdout).unwrap();
    let times: Vec<f64> = text.split(' ').map(|time| time.parse().unwrap()).collect();
    let [names, connect, tls, start, total] = times[..] else { panic!("{text}") };
    // Without TLS its time is zero.
    let ready = tls.max(connect);
    Some([connect - names, ready - connect, start - ready, total - start].map(|took| took * 1e3))
}

async fn ours(prober: &Prober, url: &str, version: HttpVersion) -> Parts {
    let outcome = TestProbe::default().at(prober, url).await;
    assert_eq!(outcome.traces.http_version, Some(version), "{outcome:?}");
    let [_, parts @ ..] = outcome.phases.parts();
    parts.map(|part| f64::from(part.unwrap_or(0)) / 1e3)
}

fn least(one: Parts, other: Parts) -> Parts {
    std::array::from_fn(|part| one[part].min(other[part]))
}

async fn agree(
    prober: &Prober,
    server: &TestServer,
    url: &str,
    version: HttpVersion,
    more: &[&str],
) {
    let (mut mine, mut theirs) = ([f64::MAX; 4], [f64::MAX; 4]);
    for probe in 1..=LOOKS.1 {
        let Some(parts) = curl(server, url, more).await else { return };
        theirs = least(theirs, parts);
        mine = least(mine, ours(prober, url, version).await);
        let apart = [APART, APART_TLS, APART, APART];
        let near = (0..4).all(|part| (mine[part] - theirs[part]).abs() < apart[part]);
        if near && probe >= LOOKS.0 {
            return;
        }
    }
    panic!("{mine:?} is not {theirs:?}, {version:?}");
}

#[tokio::test]
async fn curl_sees_the_same_over_plain_http() {
    let server = serve(slow).await;
    agree(&prober(), &server, &server.url(), HttpVersion::Http11, &[]).await;
}

async fn over_tls(version: HttpVersion, alpn: &[&str], how: &str) {
    let authority = TestAuthority::new("the authority");
    let acceptor = authority.acceptor(&certificate(&["name.example"]), alpn);
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            sleep(DELAY).await;
            if let Ok(stream) = acceptor.accept(stream).await {
                slow(stream).await;
            }
        }
    })
    .await;
    let url = server.named("https", "name.example");
    let file = authority.file().to_str().unwrap();
    agree(&authority.prober().await, &server, &url, version, &["--cacert", file, how]).await;
}

#[tokio::test]
async fn curl_sees_the_same_over_tls() {
    over_tls(HttpVersion::Http11, &["http/1.1"], "--http1.1").await;
}

#[tokio::test]
async fn curl_sees_the_same_over_http_2() {
    over_tls(HttpVersion::Http2, &["h2"], "--http2").await;
}

/// Most builds of curl ask only the machine's own name servers: ours gets a known delay instead.
#[tokio::test]
async fn a_late_name_server_is_seen_as_late_as_it_is() {
    let server = serve(slow).await;
    let prober = resolving(late_at("127.0.0.1", DELAY).await);
    let late = DELAY.as_secs_f64() * 1e3;
    let mut least = f64::MAX;
    for probe in 1..=LOOKS.1 {
        let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
        let took = f64::from(outcome.phases.dns.unwrap()) / 1e3;
        assert!(took >= late, "{took} ms is earlier than {late} ms");
        least = least.min(took);
        if probe >= LOOKS.0 && least < late + APART {
            return;
        }
    }
    panic!("{least} ms is not {late} ms");
}
