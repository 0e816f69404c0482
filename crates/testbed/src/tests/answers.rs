//! Behaviours that keep to the protocol.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::HttpAnswer;

#[tokio::test]
async fn answers_by_http1_and_by_h2_and_counts() {
    let (testbed, host) = bed_with("slack.com").await;
    let client = client(&testbed, &host);
    let plain = client.get(host.http_url()).send().await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.version()), (200, http::Version::HTTP_11));
    let secure = client.get(host.https_url()).send().await.unwrap();
    assert_eq!((secure.status().as_u16(), secure.version()), (200, http::Version::HTTP_2));
    assert!(secure.text().await.unwrap().contains("The testbed says 200"));
    assert_eq!((host.connections(), host.hits()), (2, 2));
}

#[tokio::test]
async fn gives_any_status_header_and_body_while_it_runs() {
    let (testbed, host) = bed_with("slack.com").await;
    for status in [204, 301, 404, 429, 500, 503, 599] {
        host.behave(Behaviour::status(status)).await.unwrap();
        let page = client(&testbed, &host).get(host.http_url()).send().await.unwrap();
        assert_eq!(page.status().as_u16(), status);
    }
    let answer = HttpAnswer::ok().header("x-bed", "soft").body("Sleep well");
    host.behave(Behaviour::Answer(answer)).await.unwrap();
    let page = client(&testbed, &host).get(host.https_url()).send().await.unwrap();
    assert_eq!(page.headers()["x-bed"], "soft");
    assert_eq!(page.text().await.unwrap(), "Sleep well");
}

#[tokio::test]
async fn answers_late() {
    let pause = Duration::from_millis(150);
    let (testbed, host) =
        behaving("slack.com", Behaviour::AnswerAfter(pause, HttpAnswer::ok())).await;
    let start = Instant::now();
    let [plain, secure] = statuses(&testbed, &host).await;
    assert_eq!((plain.unwrap(), secure.unwrap()), (200, 200));
    assert!(start.elapsed() >= 2 * pause);
}

#[tokio::test]
async fn sends_visitors_in_a_circle() {
    let (testbed, host) =
        behaving("slack.com", Behaviour::Answer(HttpAnswer::redirect_loop())).await;
    for status in statuses(&testbed, &host).await {
        assert!(status.unwrap_err().is_redirect());
    }
    let elsewhere = testbed.host("elsewhere.test").await.unwrap();
    let answer = HttpAnswer::redirect(&elsewhere.http_url());
    host.behave(Behaviour::Answer(answer)).await.unwrap();
    let (text, _) = converse(&host).await;
    assert!(text.contains(&format!("location: {}", elsewhere.http_url())), "{text}");
}

#[tokio::test]
async fn sends_more_headers_than_a_client_takes() {
    let (testbed, host) =
        behaving("slack.com", Behaviour::Answer(HttpAnswer::huge_headers())).await;
    for status in statuses(&testbed, &host).await {
        assert!(status.is_err());
    }
    assert!(converse(&host).await.0.len() > 1_000_000);
}

#[tokio::test]
async fn a_bomb_costs_little_and_unpacks_to_much() {
    let (testbed, host) =
        behaving("slack.com", Behaviour::Answer(HttpAnswer::gzip_bomb(10 << 30))).await;
    for url in [host.http_url(), host.https_url()] {
        let mut page = client(&testbed, &host).get(url).send().await.unwrap();
        let mut unpacked = 0;
        while unpacked < 1 << 23 {
            unpacked += page.chunk().await.unwrap().unwrap().len();
        }
    }
}

#[tokio::test]
async fn shows_a_challenge() {
    let (testbed, host) = behaving("slack.com", Behaviour::Answer(HttpAnswer::challenge())).await;
    let page = client(&testbed, &host).get(host.https_url()).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["cf-mitigated"]),
        (403, &"challenge".parse().unwrap())
    );
}

#[tokio::test]
async fn fails_every_third_connection() {
    let (testbed, host) = behaving("slack.com", "flaky 3 status 500".parse().unwrap()).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(statuses(&testbed, &host).await.map(Result::unwrap));
    }
    assert_eq!(seen, [200, 200, 500, 200, 200, 500]);
}
