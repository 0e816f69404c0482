//! Requests that a site sets itself: method, headers, body and redirects, and expectations of the
//! content of its page.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::lab::{TestProbe, TestServer, failed_with, head, prober, replies, reply, serve};
use crate::scheduler::attempt_after;
use model::{
    failure_detail::FailureDetail,
    name::Slug,
    outcome::{Answer, Failure},
    site::{Expect, ExpectedJson, Site},
    site_request::{Method, RequestHeader, Secret, SiteRequest},
};

fn header(name: &str, value: &str) -> RequestHeader {
    RequestHeader { name: name.into(), value: Some(Secret::from(value.to_owned())), hidden: false }
}

fn asking(request: SiteRequest) -> TestProbe {
    TestProbe { request, ..TestProbe::default() }
}

fn post(body: &str) -> SiteRequest {
    let body = Some(Secret::from(body.to_owned()));
    let headers = vec![header("x-key", "swordfish"), header("content-type", "application/json")];
    SiteRequest { method: Method::Post, headers, body, ..SiteRequest::default() }
}

/// A server that keeps what it is asked, and answers with what `answer` makes of the path.
async fn keeping(
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (TestServer, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (kept, answer) = (Arc::clone(&asked), Arc::new(answer));
    let server = serve(move |mut stream| {
        let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
        async move {
            let mut whole = head(&mut stream).await;
            let length = whole.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            });
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).await.ok();
            let path = whole.split(' ').nth(1).unwrap_or_default().to_owned();
            whole.push_str(&String::from_utf8_lossy(&body));
            kept.lock().unwrap().push(whole);
            stream.write_all(&answer(&path)).await.ok();
            stream.shutdown().await.ok();
            stream.read_u8().await.ok();
        }
    })
    .await;
    (server, asked)
}

fn lines(asked: &Mutex<Vec<String>>, at: usize) -> Vec<String> {
    asked.lock().unwrap()[at].lines().map(str::to_ascii_lowercase).collect()
}

#[tokio::test]
async fn a_request_has_the_method_the_headers_and_the_body_of_its_site_each_once() {
    let (server, asked) = keeping(|_| reply("200 OK", "", b"fine")).await;
    let mut request = post("{\"a\":1}");
    request.headers.push(header("user-agent", "ours"));
    assert_eq!(asking(request).at(&prober(), &server.url()).await.answer, Answer::Ok);
    let lines = lines(&asked, 0);
    assert_eq!(lines[0], "post / http/1.1");
    for once in ["x-key: swordfish", "user-agent: ours", "content-length: 7", "{\"a\":1}"] {
        assert_eq!(lines.iter().filter(|line| *line == once).count(), 1, "{once}: {lines:?}");
    }
    assert_eq!(lines.iter().filter(|line| line.starts_with("user-agent")).count(), 1);
}

#[tokio::test]
async fn a_head_has_no_page_and_a_post_without_a_body_says_so() {
    let (server, asked) = keeping(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\ncontent-encoding: gzip\r\n\r\n".into()
    })
    .await;
    let head = SiteRequest { method: Method::Head, ..SiteRequest::default() };
    assert_eq!(asking(head).at(&prober(), &server.url()).await.answer, Answer::Ok);
    assert_eq!(lines(&asked, 0)[0], "head / http/1.1");
    let (server, asked) = keeping(|_| reply("204 No Content", "", b"")).await;
    let empty = SiteRequest { method: Method::Post, ..SiteRequest::default() };
    assert_eq!(asking(empty).at(&prober(), &server.url()).await.answer, Answer::Ok);
    assert!(lines(&asked, 0).contains(&"content-length: 0".to_owned()));
}

#[tokio::test]
async fn headers_and_body_go_to_the_own_origin_alone() {
    let (other, strange) = keeping(|_| reply("200 OK", "", b"fine")).await;
    let to = format!("location: {}\r\n", other.url());
    let (server, first) = keeping(move |_| reply("307 Temporary Redirect", &to, b"")).await;
    assert_eq!(asking(post("swordfish")).at(&prober(), &server.url()).await.answer, Answer::Ok);
    assert!(lines(&first, 0).contains(&"x-key: swordfish".to_owned()));
    let there = lines(&strange, 0);
    assert_eq!(there[0], "get / http/1.1");
    assert!(
        !there.iter().any(|line| line.contains("swordfish") || line.contains("x-key")),
        "{there:?}"
    );
}

#[tokio::test]
async fn at_the_own_origin_only_307_and_308_repeat_a_post() {
    for (status, method) in
        [("307 Again", "post"), ("308 Again", "post"), ("302 Found", "get"), ("303 Other", "get")]
    {
        let (server, asked) = keeping(move |path| match path {
            "/there" => reply("200 OK", "", b"fine"),
            _ => reply(status, "location: /there\r\n", b""),
        })
        .await;
        assert_eq!(
            asking(post("a")).at(&prober(), &server.url()).await.answer,
            Answer::Ok,
            "{status}"
        );
        let second = lines(&asked, 1);
        assert!(second[0].starts_with(&format!("{method} /there")), "{status}: {second:?}");
        assert!(second.contains(&"x-key: swordfish".to_owned()));
    }
}

#[tokio::test]
async fn a_post_is_sent_once_however_oddly_the_server_answers() {
    for (answer, failure, detail) in [
        (
            &b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"[..],
            Failure::Http,
            FailureDetail::HttpStatus { status: 500, reason: "No".into() },
        ),
        (b"HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n", Failure::Protocol, FailureDetail::NotHttp),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\nhello\n0\n\n",
            Failure::Protocol,
            FailureDetail::MalformedHttp,
        ),
        (b"", Failure::Reset, FailureDetail::ReplyIncomplete),
    ] {
        let (server, asked) = keeping(move |_| answer.into()).await;
        let site = Site {
            private: true,
            request: post("a"),
            ..Site::new(Slug::new("a.example").unwrap(), server.url().parse().unwrap())
        };
        let (outcome, attempts) = attempt_after(&prober(), &site, 0).await;
        failed_with(&outcome, failure, &detail);
        assert_eq!((attempts, asked.lock().unwrap().len()), (1, 1), "{detail:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_as_often_as_the_site_allows() {
    let server = replies(|head| {
        let next = match head.split(' ').nth(1) {
            Some("/") => "location: /1\r\n",
            Some("/1") => "location: /2\r\n",
            _ => return reply("200 OK", "", b"fine"),
        };
        reply("302 Found", next, b"")
    })
    .await;
    for (most, limit) in [(None, None), (Some(2), None), (Some(1), Some(1)), (Some(0), Some(0))] {
        let request = SiteRequest { max_redirects: most, ..SiteRequest::default() };
        let outcome = asking(request).at(&prober(), &server.url()).await;
        match limit {
            None => assert_eq!(outcome.answer, Answer::Ok, "{most:?}"),
            Some(limit) => {
                let detail = FailureDetail::TooManyRedirects { limit };
                failed_with(&outcome, Failure::Redirect, &detail);
            }
        }
    }
}

#[tokio::test]
async fn a_page_is_judged_by_what_must_and_must_not_be_in_it() {
    let page = |body: &'static [u8]| {
        move |_: &str| reply("200 OK", "content-type: text/plain; charset=latin1\r\n", body)
    };
    let forbidding = Expect { forbidden_text: Some("caf\u{e9}".into()), ..Expect::default() };
    let probe = TestProbe { expect: forbidding, ..TestProbe::default() };
    let bad = replies(page(b"the caf\xe9 is closed")).await;
    let detail = FailureDetail::TextForbidden { text: "caf\u{e9}".into() };
    failed_with(&probe.at(&prober(), &bad.url()).await, Failure::Body, &detail);
    let good = replies(page(b"the cafe is open")).await;
    assert_eq!(probe.at(&prober(), &good.url()).await.answer, Answer::Ok);
}

#[tokio::test]
async fn json_is_asked_for_where_it_is_expected_unless_the_site_says_otherwise() {
    let json = vec![ExpectedJson { pointer: "/a".into(), value: json!(1) }];
    let expecting = Expect { json, ..Expect::default() };
    let own = SiteRequest { headers: vec![header("accept", "a/b")], ..SiteRequest::default() };
    for (expect, request, accept) in [
        (Expect::default(), SiteRequest::default(), "text/html,application/xhtml+xml,*/*;q=0.8"),
        (expecting.clone(), SiteRequest::default(), "application/json, */*;q=0.5"),
        (expecting, own, "a/b"),
    ] {
        let (server, asked) = keeping(|_| reply("200 OK", "", b"{\"a\":1}")).await;
        let probe = TestProbe { expect, request, ..TestProbe::default() };
        assert_eq!(probe.at(&prober(), &server.url()).await.answer, Answer::Ok);
        assert!(lines(&asked, 0).contains(&format!("accept: {accept}")), "{accept}");
    }
}

#[tokio::test]
async fn a_json_answer_is_judged_by_its_values() {
    let differs = |pointer: &str, expected: &str, found: Option<&str>| FailureDetail::JsonDiffers {
        pointer: pointer.into(),
        expected: expected.into(),
        found: found.map(Into::into),
    };
    let long = [b"{\"a\":\"".to_vec(), vec![b'x'; 300 * 1024], b"\"}".to_vec()].concat();
    for (body, pointer, value, failure) in [
        (&b"{\"status\":\"ok\"}"[..], "/status", json!("ok"), None),
        (b"\xef\xbb\xbf{\"a\":[1,{\"b/c\":2.0}]}", "/a/1/b~1c", json!(2), None),
        (b"true", "", json!(true), None),
        (
            b"{\"status\":\"down\"}",
            "/status",
            json!("ok"),
            Some(differs("/status", "\"ok\"", Some("\"down\""))),
        ),
        (
            b"{\"status\":{}}",
            "/status",
            json!("ok"),
            Some(differs("/status", "\"ok\"", Some("{\u{2026}}"))),
        ),
        (b"{}", "/a/-1", json!(1), Some(differs("/a/-1", "1", None))),
        (b"<html>", "/a", json!(1), Some(FailureDetail::NotJson)),
        (b"", "/a", json!(1), Some(FailureDetail::NotJson)),
        (&[b'['; 5_000], "/a", json!(1), Some(FailureDetail::NotJson)),
        (&long, "/a", json!(1), Some(FailureDetail::JsonTooLong { limit_kib: 256 })),
    ] {
        let body = body.to_vec();
        let server = replies(move |_| reply("200 OK", "", &body)).await;
        let json = vec![ExpectedJson { pointer: pointer.into(), value }];
        let probe =
            TestProbe { expect: Expect { json, ..Expect::default() }, ..TestProbe::default() };
        let outcome = probe.at(&prober(), &server.url()).await;
        match failure {
            None => assert_eq!(outcome.answer, Answer::Ok, "{pointer}"),
            Some(detail) => failed_with(&outcome, Failure::Body, &detail),
        }
    }
}
