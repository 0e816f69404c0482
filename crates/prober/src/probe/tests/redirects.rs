//! Chains of redirects, each hop by the same rules, with the cookies that they set.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::lab::{
    Says, TestProbe, a, all_at, failed_with, head, names, probe, replies, reply, resolving, says,
    serve,
};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
    site_request::SiteRequest,
};

fn to(location: &str) -> Vec<u8> {
    reply("302 Found", &format!("location: {location}\r\n"), b"over there")
}

#[tokio::test]
async fn redirects_are_followed_and_the_last_place_is_kept() {
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let server = replies(move |head| {
            if head.starts_with("GET /a ") {
                return reply("200 OK", "", b"arrived");
            }
            reply(status, "location: /a#part\r\n", b"")
        })
        .await;
        let outcome = TestProbe::text("arrived").at(&super::lab::prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{status}");
        assert_eq!(outcome.traces.final_url, Some(format!("{}a", server.url()).into()));
        assert_eq!((outcome.traces.redirects, outcome.http_status), (1, Some(200)));
    }
    let plain = probe(&says(reply("200 OK", "", b"")).await.url()).await;
    assert_eq!((plain.traces.final_url, plain.traces.redirects), (None, 0));
}

#[tokio::test]
async fn a_name_and_a_password_in_the_place_of_a_redirect_go_nowhere() {
    let there = replies(|head| {
        let told = head.contains("secret") || head.to_ascii_lowercase().contains("authorization");
        reply(if told { "500 Told" } else { "200 OK" }, "", b"arrived")
    })
    .await;
    for user in ["me:secret@", "me@", ":secret@", "@"] {
        let place = there.url().replace("http://", &format!("http://{user}"));
        let outcome = probe(&says(to(&place)).await.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{place}: {outcome:?}");
        assert_eq!(outcome.traces.final_url, Some(there.url().into()));
    }
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_told() {
    use FailureDetail::{RedirectToNonUrl, RedirectToOtherScheme};
    for (location, detail) in [
        ("ftp://files.example/", RedirectToOtherScheme { target: "ftp://files.example/".into() }),
        ("javascript:alert(1)", RedirectToOtherScheme { target: "javascript:alert(1)".into() }),
        ("http://", RedirectToNonUrl { target: "http://".into() }),
        ("http://[::bad/", RedirectToNonUrl { target: "http://[::bad/".into() }),
    ] {
        let outcome = probe(&says(to(location)).await.url()).await;
        failed_with(&outcome, Failure::Redirect, &detail);
        assert_eq!(outcome.http_status, Some(302));
    }
}

#[tokio::test]
async fn a_failure_elsewhere_names_where_it_was() {
    let outcome = probe(&says(to("http://127.0.0.2:1/")).await.url()).await;
    let there = FailureDetail::Elsewhere {
        host: "127.0.0.2".into(),
        detail: FailureDetail::ConnectionRefused.into(),
    };
    failed_with(&outcome, Failure::Connect, &there);
}

#[tokio::test]
async fn there_are_no_more_redirects_than_may_be() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let server =
        replies(move |_| to(&format!("/{}", counter.fetch_add(1, Ordering::SeqCst)))).await;
    let outcome = probe(&server.url()).await;
    failed_with(&outcome, Failure::Redirect, &FailureDetail::TooManyRedirects { limit: 5 });
    assert_eq!(count.load(Ordering::SeqCst), 6);
    assert_eq!(outcome.traces.redirects, 5);
}

#[tokio::test]
async fn a_redirect_is_the_answer_where_none_is_followed_and_its_status_is_expected() {
    let server = replies(|head| {
        if head.starts_with("GET / ") { to("/there") } else { reply("404 Not Found", "", b"") }
    })
    .await;
    for (statuses, most, status) in [
        ((200, 302), Some(0), Some(302)),
        ((302, 302), None, Some(302)),
        ((300, 399), Some(3), Some(302)),
        // It is about the page at the end.
        ((200, 302), None, None),
        ((200, 200), Some(0), None),
    ] {
        let request = SiteRequest { max_redirects: most, ..SiteRequest::default() };
        let test = TestProbe { request, ..TestProbe::statuses(statuses.0, statuses.1) };
        let outcome = test.at(&super::lab::prober(), &server.url()).await;
        let answered = outcome.http_status.filter(|_| outcome.answer == Answer::Ok);
        assert_eq!(answered, status, "{statuses:?} {most:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_place_that_sends_us_to_itself_for_a_while_is_no_loop() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let server = replies(move |_| match counter.fetch_add(1, Ordering::SeqCst) {
        0..3 => to("/"),
        _ => reply("200 OK", "", b"arrived"),
    })
    .await;
    let outcome = TestProbe::text("arrived").at(&super::lab::prober(), &server.url()).await;
    assert_eq!((outcome.answer, outcome.traces.redirects), (Answer::Ok, 3));
}

#[tokio::test]
async fn a_loop_is_told_with_a_place_on_the_way() {
    let one = says(to("/")).await;
    let two = replies(|head| to(if head.starts_with("GET /a ") { "/b" } else { "/a" })).await;
    for (server, place) in [(&one, ""), (&two, "b")] {
        let url = format!("{}{place}", server.url()).as_str().into();
        let outcome = probe(&server.url()).await;
        failed_with(&outcome, Failure::Redirect, &FailureDetail::RedirectLoop { url });
    }
}

#[tokio::test]
async fn every_hop_adds_to_the_phases() {
    let server = serve(|mut stream| async move {
        use tokio::io::AsyncWriteExt;
        let head = head(&mut stream).await;
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let said = if head.starts_with("GET /a ") { reply("200 OK", "", b"") } else { to("/a") };
        stream.write_all(&said).await.ok();
    })
    .await;
    let prober = resolving(all_at("127.0.0.1").await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let wait = outcome.phases.wait.unwrap();
    assert!((120_000..180_000).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_second_name_is_the_one_that_is_kept() {
    let server = replies(|head| {
        let port = head.split("host: ").nth(1).or(head.split("Host: ").nth(1)).unwrap();
        let port = port.split(['\r', ':']).nth(1).unwrap();
        if head.contains("two.example") {
            reply("200 OK", "", b"")
        } else {
            to(&format!("http://two.example:{port}/"))
        }
    })
    .await;
    let at = names(|name, kind| match (name, kind) {
        ("one.example", hickory_resolver::proto::rr::RecordType::A) => {
            Says::Records(vec![a("127.0.0.1"), a("127.0.0.7")])
        }
        (_, hickory_resolver::proto::rr::RecordType::A) => Says::Records(vec![a("127.0.0.1")]),
        _ => Says::Records(Vec::new()),
    });
    let prober = resolving(at.await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "one.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert_eq!(outcome.traces.addresses.len(), 1);
    assert_eq!(outcome.traces.final_url, Some(server.named("http", "two.example").into()));
}

#[tokio::test]
async fn bytes_in_the_place_of_a_redirect_are_kept_as_browsers_keep_them() {
    for (place, asked) in [
        (&b"/caf\xe9 x"[..], "/caf%E9%20x"),
        ("/café?q=é".as_bytes(), "/caf%C3%A9?q=%C3%A9"),
        (b"/\xff/..\\y", "/y"),
    ] {
        let reply = [b"HTTP/1.1 302 Found\r\nlocation: ", place, b"\r\ncontent-length: 0\r\n\r\n"];
        let (there, first) = (format!("GET {asked} "), reply.concat());
        let server = replies(move |head| match head {
            head if head.starts_with("GET / ") => first.clone(),
            head if head.starts_with(&there) => super::lab::reply("200 OK", "", b"here"),
            _ => super::lab::reply("404 Not Found", "", b""),
        })
        .await;
        let outcome = probe(&server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{asked}: {outcome:?}");
    }
}
