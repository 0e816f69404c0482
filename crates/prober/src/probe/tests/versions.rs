//! Versions of HTTP, the request as it arrives, and incidental facts of a reply.

use std::sync::{Arc, Mutex};

use super::{
    authority::TestAuthority,
    lab::{AGENT, TestProbe, probe, replies, reply, says, serve_at},
};
use model::outcome::{Answer, HttpVersion};

#[tokio::test]
async fn the_version_is_the_one_agreed_on_in_the_handshake() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    for (alpn, version) in [
        (&["h2", "http/1.1"][..], HttpVersion::Http2),
        (&["http/1.1"], HttpVersion::Http11),
        (&[], HttpVersion::Http11),
    ] {
        let server = authority.serve(&["name.example"], alpn).await;
        for text in ["hello", "nowhere"] {
            let url = server.named("https", "name.example");
            let outcome = TestProbe::text(text).at(&prober, &url).await;
            assert_eq!(outcome.answer == Answer::Ok, text == "hello", "{outcome:?}");
            assert_eq!(outcome.traces.http_version, Some(version));
            assert!(outcome.traces.certificate_expires_at.is_some());
            assert_eq!(outcome.traces.address, Some("127.0.0.1".parse().unwrap()));
        }
        assert_eq!(server.accepted(), 2, "each probe has a connection of its own");
    }
    let outcome = probe(&says(b"HTTP/1.0 200 OK\r\n\r\nold").await.url()).await;
    assert_eq!(outcome.traces.http_version, Some(HttpVersion::Http10));
    assert_eq!(outcome.answer, Answer::Ok);
}

#[tokio::test]
async fn the_request_says_who_asks() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let server = replies(move |head| {
        seen.lock().unwrap().push(head.to_ascii_lowercase());
        reply("200 OK", "", b"")
    })
    .await;
    probe(&server.url()).await;
    let head = heads.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("get / http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("user-agent: {AGENT}\r\n")), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", server.at)), "{head}");
    assert!(head.contains("accept-encoding: "), "{head}");
}

#[tokio::test]
async fn headers_that_betray_the_provider_are_kept() {
    let headers =
        "Server: nginx\r\nX-Served-By: cache-ams21-AMS\r\nCF-Ray: 1-AMS\r\nX-Other: no\r\n";
    let outcome = probe(&says(reply("200 OK", headers, b"")).await.url()).await;
    let hints: Vec<(&str, &str)> =
        outcome.traces.hints.iter().map(|(name, value)| (&**name, &**value)).collect();
    // Of what is another one with every answer, no more than that it is there.
    assert_eq!(hints, [("server", "nginx"), ("cf-ray", ""), ("x-served-by", "cache-")]);
}

#[tokio::test]
async fn an_ipv6_literal_is_probed() {
    // Some machines have no IPv6, not even to themselves.
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        return;
    }
    let server = serve_at("::1", |mut stream| async move {
        use tokio::io::AsyncWriteExt;
        super::lab::head(&mut stream).await;
        stream.write_all(&reply("200 OK", "", b"six")).await.ok();
    })
    .await;
    let outcome = TestProbe::text("six").at(&super::lab::prober(), &server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert_eq!(outcome.traces.address, Some("::1".parse().unwrap()));
}
