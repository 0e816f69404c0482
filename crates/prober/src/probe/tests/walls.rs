//! Robots that are turned away: not down, and not quite up.

use super::lab::{Look, failed, look, prober, reply, says};
use model::outcome::{Answer, Failure};
use stillup::i18n::Lang;

const PAGE: &[u8] = b"<script src=\"/cdn-cgi/challenge-platform/h/b\"></script>";

#[tokio::test]
async fn a_refusal_of_robots_is_restricted() {
    for (status, headers, body, note) in [
        ("403 Forbidden", "", &b"no"[..], "HTTP 403"),
        ("401 Unauthorized", "", b"", "HTTP 401"),
        ("429 Too Many Requests", "", b"slowly", "HTTP 429"),
        ("451 No", "", b"", "unavailable for legal reasons, HTTP 451"),
        ("403 Forbidden", "cf-mitigated: challenge\r\n", b"", "a challenge page of Cloudflare"),
        ("200 OK", "cf-mitigated: challenge\r\n", b"", "a challenge page of Cloudflare"),
        ("503 Service Unavailable", "", PAGE, "a challenge page of Cloudflare"),
    ] {
        let outcome = look(&says(reply(status, headers, body)).await.url()).await;
        let Answer::Restricted(restriction) = &outcome.answer else { panic!("{outcome:?}") };
        assert_eq!(Lang::En.restriction(restriction), note, "{status} {headers}");
        assert!(status.starts_with(&outcome.http_status.unwrap().to_string()));
        assert!(outcome.phases.latency().is_some());
    }
}

#[tokio::test]
async fn a_503_without_a_wall_is_a_failure() {
    let outcome = look(&says(reply("503 Service Unavailable", "", b"busy")).await.url()).await;
    failed(&outcome, Failure::Http, "HTTP 503 Service Unavailable");
}

#[tokio::test]
async fn a_status_that_the_site_names_is_good_and_others_are_not() {
    let server = says(reply("403 Forbidden", "cf-mitigated: challenge\r\n", PAGE)).await;
    let outcome = Look::statuses(403, 403).at(&prober(), &server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let server = says(reply("200 OK", "", b"")).await;
    let outcome = Look::statuses(403, 404).at(&prober(), &server.url()).await;
    failed(&outcome, Failure::Http, "HTTP 200 OK");
    let server = says(reply("302 Found", "location: /there\r\n", b"")).await;
    let outcome = Look::statuses(302, 302).at(&prober(), &server.url()).await;
    assert_eq!((outcome.answer, outcome.http_status), (Answer::Ok, Some(302)));
}
