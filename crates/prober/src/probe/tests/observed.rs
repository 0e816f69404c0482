//! Observations beside the answer: of the page, the certificate and the route of the request.

use super::{
    authority::{TestAuthority, certificate},
    lab::{TestProbe, all_at, failed_with, probe, replies, reply, resolving, says},
};
use model::{
    failure_detail::FailureDetail,
    note::ObservedPage,
    outcome::{Answer, Failure},
};

const HTML: &str = "content-type: text/html\r\n";

#[tokio::test]
async fn a_page_is_measured_and_its_title_read() {
    for (headers, body, want) in [
        (HTML, "<title>Example</title>", Some((22, false))),
        (HTML, "<title>503 Service Unavailable</title>", Some((38, true))),
        (HTML, "<title>Error establishing a database connection</title>", Some((55, true))),
        (HTML, "", Some((0, false))),
        ("content-type: application/json\r\n", "{}", None),
        ("", "hello", None),
    ] {
        let outcome = probe(&says(reply("200 OK", headers, body.as_bytes())).await.url()).await;
        assert_eq!(outcome.answer, Answer::Ok);
        let page = outcome.observed.page.clone().map(|page| (page.bytes, page.error_title));
        assert_eq!(page, want, "{headers}{body}");
    }
    let refused = probe(&says(reply("403 No", HTML, b"<title>No</title>")).await.url()).await;
    assert!(refused.observed.is_empty());
    let failed = probe(&says(reply("500 No", HTML, b"<title>No</title>")).await.url()).await;
    assert!(failed.observed.is_empty());
}

#[tokio::test]
async fn a_page_that_is_larger_than_what_is_read_counts_as_far_as_it_is_read() {
    let outcome = probe(&says(reply("200 OK", HTML, &vec![b'x'; 300 * 1024])).await.url()).await;
    assert_eq!(
        outcome.observed.page,
        Some(ObservedPage { bytes: 256 * 1024, ..ObservedPage::default() })
    );
}

#[tokio::test]
async fn another_registered_name_at_the_end_of_redirects_is_told() {
    let prober = resolving(all_at("127.0.0.1").await);
    for (there, led_to) in [
        ("www.example.com", None),
        ("login.example.com", None),
        ("shop.example", Some("shop.example")),
        ("www.shop.co.uk", Some("shop.co.uk")),
    ] {
        let end = says(reply("200 OK", HTML, b"here")).await;
        let location = format!("location: {}\r\n", end.named("http", there));
        let server = says(reply("302 Found", &location, b"")).await;
        let outcome = TestProbe::default().at(&prober, &server.named("http", "example.com")).await;
        assert_eq!(outcome.answer, Answer::Ok);
        let told = outcome.observed.page.unwrap().led_to;
        assert_eq!(told.as_deref(), led_to, "{there}");
    }
}

#[tokio::test]
async fn the_same_answer_has_the_same_print_at_every_name_and_another_has_another() {
    let prober = resolving(all_at("127.0.0.1").await);
    let mut prints = Vec::new();
    for (name, status, body) in [
        ("a.example", "200 OK", "log in"),
        ("b.example", "200 OK", "log in"),
        ("a.example", "503 No", "log in"),
        ("a.example", "200 OK", "welcome"),
    ] {
        let server = says(reply(status, HTML, body.as_bytes())).await;
        let outcome = TestProbe::default().at(&prober, &server.named("http", name)).await;
        prints.push(outcome.traces.answer_print);
    }
    assert_eq!(prints[0], prints[1]);
    assert!(prints[0] != prints[2] && prints[0] != prints[3] && !prints.contains(&0));
}

#[tokio::test]
async fn a_certificate_is_known_by_its_issuer_and_print_even_where_it_is_refused() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &[]);
    let server = super::authority::serve_tls(acceptor).await;
    let good = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    assert_eq!(good.answer, Answer::Ok);
    assert_eq!(good.traces.issuer.as_deref(), Some("the authority"));
    let refused = TestProbe::default().at(&prober, &server.named("https", "other.example")).await;
    assert_eq!(refused.cause().map(|cause| cause.failure), Some(Failure::Tls));
    assert_eq!(refused.traces.issuer.as_deref(), Some("the authority"));
    assert_eq!(refused.traces.certificate_print, good.traces.certificate_print);
    assert_ne!(good.traces.certificate_print, 0);
    let other = authority.serve(&["name.example"], &[]).await;
    let other = TestProbe::default().at(&prober, &other.named("https", "name.example")).await;
    assert_ne!(other.traces.certificate_print, good.traces.certificate_print);
}

#[tokio::test]
async fn a_failure_of_an_origin_behind_cloudflare_is_told_as_that() {
    for status in [520, 521, 522, 523, 524, 525, 526, 530] {
        let odd = format!("{status} Odd");
        let server = says(reply(&odd, "server: cloudflare\r\n", b"no")).await;
        let outcome = probe(&server.url()).await;
        failed_with(&outcome, Failure::Http, &FailureDetail::CloudflareOrigin { status });
        let elsewhere = says(reply(&odd, "server: nginx\r\n", b"no")).await;
        let outcome = probe(&elsewhere.url()).await;
        let reason = "Odd".into();
        failed_with(&outcome, Failure::Http, &FailureDetail::HttpStatus { status, reason });
    }
}

#[tokio::test]
async fn maintenance_is_told() {
    for (headers, body, detail) in [
        ("retry-after: 3600\r\n", "busy", FailureDetail::RetryLater),
        ("", "<title>Site Maintenance</title>", FailureDetail::Maintenance),
        ("", "<title>Acme Facility Maintenance Ltd</title>", FailureDetail::http_status(503)),
        ("", "busy", FailureDetail::http_status(503)),
    ] {
        let server = says(reply("503 Service Unavailable", headers, body.as_bytes())).await;
        failed_with(&probe(&server.url()).await, Failure::Http, &detail);
    }
}

#[tokio::test]
async fn a_request_looks_like_that_of_a_browser() {
    let server = replies(|head| {
        let lines: Vec<&str> = head.split("\r\n").filter(|line| !line.is_empty()).collect();
        let title_case = |line: &&str| {
            let name = line.split(':').next().unwrap_or_default();
            name.split('-').all(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        };
        let good = lines[1].starts_with("Host: ")
            && lines[1..].iter().all(title_case)
            && lines.contains(&"Connection: close")
            && lines.iter().filter(|line| line.starts_with("Host")).count() == 1;
        // The second answer is read by the second reading.
        let answer = if good { "HTTP/2 200 OK\r\n\r\ngood" } else { "HTTP/1.1 400 No\r\n\r\nbad" };
        answer.as_bytes().to_vec()
    })
    .await;
    let outcome = TestProbe::text("good").at(&super::lab::prober(), &server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok, "{outcome:?}");
}

#[tokio::test]
async fn a_reply_that_browsers_keep_from_pages_of_other_sites_is_known_on_the_way_too() {
    let policy = |value: &str| format!("cross-origin-resource-policy: {value}\r\n");
    for (status, value, want) in [
        ("200 OK", "same-origin", true),
        ("200 OK", "same-site", true),
        ("403 No", "same-origin", true),
        ("500 No", "same-site", true),
        ("200 OK", "cross-origin", false),
        ("200 OK", "Same-Origin", false),
    ] {
        let outcome = probe(&says(reply(status, &policy(value), b"")).await.url()).await;
        assert_eq!(outcome.observed.same_site_only, want, "{status} {value}");
    }
    let end = says(reply("200 OK", HTML, b"here")).await;
    let headers = policy("same-site") + &format!("location: {}\r\n", end.url());
    let outcome = probe(&says(reply("302 Found", &headers, b"")).await.url()).await;
    assert!(outcome.observed.same_site_only);
}
