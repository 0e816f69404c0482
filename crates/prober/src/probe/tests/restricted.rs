//! Robots that are turned away: not down, and not quite up.

use super::lab::{TestProbe, failed_with, probe, prober, reply, says};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
    restriction::Restriction,
};

const PAGE: &[u8] = b"<script src=\"/cdn-cgi/challenge-platform/h/b\"></script>";

#[tokio::test]
async fn a_refusal_of_robots_is_restricted() {
    let challenge = || Restriction::Challenge { owner: "Cloudflare".into() };
    for (status, headers, body, how) in [
        ("403 Forbidden", "", &b"no"[..], Restriction::Status { status: 403 }),
        ("401 Unauthorized", "", b"", Restriction::Status { status: 401 }),
        ("429 Too Many Requests", "", b"slowly", Restriction::Status { status: 429 }),
        ("451 No", "", b"", Restriction::LegalReasons),
        ("403 Forbidden", "cf-mitigated: challenge\r\n", b"", challenge()),
        ("200 OK", "cf-mitigated: challenge\r\n", b"", challenge()),
        ("503 Service Unavailable", "", PAGE, challenge()),
    ] {
        let outcome = probe(&says(reply(status, headers, body)).await.url()).await;
        assert_eq!(outcome.answer, Answer::Restricted(how), "{status} {headers}");
        assert!(status.starts_with(&outcome.http_status.unwrap().to_string()));
        assert!(outcome.phases.latency().is_some());
    }
}

#[tokio::test]
async fn a_503_without_a_wall_is_a_failure() {
    let outcome = probe(&says(reply("503 Service Unavailable", "", b"busy")).await.url()).await;
    failed_with(&outcome, Failure::Http, &FailureDetail::http_status(503));
}

#[tokio::test]
async fn a_status_that_the_site_names_is_good_and_others_are_not() {
    let server = says(reply("403 Forbidden", "cf-mitigated: challenge\r\n", PAGE)).await;
    let outcome = TestProbe::statuses(403, 403).at(&prober(), &server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let server = says(reply("200 OK", "", b"")).await;
    let outcome = TestProbe::statuses(403, 404).at(&prober(), &server.url()).await;
    failed_with(&outcome, Failure::Http, &FailureDetail::http_status(200));
    let server = says(reply("302 Found", "location: /there\r\n", b"")).await;
    let outcome = TestProbe::statuses(302, 302).at(&prober(), &server.url()).await;
    assert_eq!((outcome.answer, outcome.http_status), (Answer::Ok, Some(302)));
}
