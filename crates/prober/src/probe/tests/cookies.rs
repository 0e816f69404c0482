//! Cookies within a chain.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::lab::{TestProbe, all_at, failed, probe, prober, replies, reply, resolving, serve};
use model::{
    outcome::{Answer, Failure},
    site_request::{RequestHeader, Secret, SiteRequest},
};

#[tokio::test]
async fn a_place_that_wants_its_cookie_first_is_no_loop() {
    let server = replies(|head| {
        if head.to_ascii_lowercase().contains("cookie: seen=yes\r\n") {
            reply("200 OK", "", b"welcome")
        } else {
            reply("302 Found", "set-cookie: seen=yes; Path=/\r\nlocation: /\r\n", b"")
        }
    })
    .await;
    let prober = prober();
    for _ in 0..2 {
        let outcome = TestProbe::text("welcome").at(&prober, &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok);
        assert_eq!(outcome.traces.redirects, 1, "no cookie is left from the probe before");
    }
    // A server that sets a cookie on every redirect ends too.
    let server = replies(|_| reply("302 Found", "set-cookie: a=b\r\nlocation: /\r\n", b"")).await;
    failed(&probe(&server.url()).await, Failure::Redirect);
}

#[tokio::test]
async fn a_place_that_wants_a_cookie_without_a_name_is_no_loop() {
    for (set, wanted) in [("kv", "cookie: kv\r\n"), ("=v; Path=/", "cookie: v\r\n")] {
        let server = replies(move |head| {
            if head.to_ascii_lowercase().contains(wanted) {
                reply("200 OK", "", b"welcome")
            } else {
                let headers = format!("set-cookie: {set}\r\nlocation: /\r\n");
                reply("302 Found", &headers, b"")
            }
        })
        .await;
        let outcome = TestProbe::text("welcome").at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{set}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_cookie_that_a_server_sets_replaces_the_one_of_the_catalogue() {
    let server = replies(|head| {
        if head.to_ascii_lowercase().contains("cookie: a=1; s=new\r\n") {
            reply("200 OK", "", b"welcome")
        } else {
            reply("302 Found", "set-cookie: s=new\r\nlocation: /\r\n", b"")
        }
    })
    .await;
    let cookie = RequestHeader {
        name: "cookie".into(),
        value: Some(Secret::from("s=old; a=1".to_owned())),
        hidden: false,
    };
    let request = SiteRequest { headers: vec![cookie], ..SiteRequest::default() };
    let probe = TestProbe { request, ..TestProbe::text("welcome") };
    let outcome = probe.at(&prober(), &server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok, "{outcome:?}");
}

#[tokio::test]
async fn cookies_go_to_their_own_site_only() {
    let other = replies(|head| {
        let cookie = head.to_ascii_lowercase().contains("cookie:");
        reply("200 OK", "", if cookie { b"cookie" } else { b"clean" })
    })
    .await;
    let there = other.named("http", "two.example");
    let first = replies(move |_| {
        let headers = format!(
            "set-cookie: a=b\r\nset-cookie: c=d; Domain=two.example\r\n\
             location: {there}\r\n"
        );
        reply("302 Found", &headers, b"")
    })
    .await;
    let prober = resolving(all_at("127.0.0.1").await);
    let outcome = TestProbe::text("clean").at(&prober, &first.named("http", "one.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
}

#[tokio::test]
async fn cookies_keep_their_bytes() {
    for value in [&b"caf\xe9"[..], "caf\u{e9}\u{e0}".as_bytes(), b"\xa0x\x85", b"\"a b\"", b"a=b=c"]
    {
        let wanted = [b"Cookie: seen=", value, b"\r\n"].concat();
        let server = serve(move |mut stream| {
            let wanted = wanted.clone();
            async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let answer = if head.windows(wanted.len()).any(|part| part == wanted) {
                    reply("200 OK", "", b"welcome")
                } else {
                    let start = b"HTTP/1.1 302 Found\r\nlocation: /\r\nset-cookie: seen=";
                    let value = &wanted[b"Cookie: seen=".len()..];
                    [start, value, b"content-length: 0\r\n\r\n"].concat()
                };
                stream.write_all(&answer).await.ok();
                stream.read_u8().await.ok();
            }
        })
        .await;
        let outcome = TestProbe::text("welcome").at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{value:?}: {outcome:?}");
    }
}
