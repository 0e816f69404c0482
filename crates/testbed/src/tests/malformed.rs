//! Behaviours that break the protocol.

use tokio::time::Instant;

use super::*;
use crate::HttpAnswer;

#[tokio::test]
async fn hangs_say_nothing_and_do_not_close() {
    for (behaviour, said, read) in [
        (Behaviour::HangAfterAccept, false, 0),
        (Behaviour::HangAfterRequest, false, 1),
        (Behaviour::HangMidAnswer, true, 1),
    ] {
        let (_bed, host) = behaving("slack.com", behaviour.clone()).await;
        let mut stream = connect(&host).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        assert!(timeout(NEVER, stream.read_to_end(&mut bytes)).await.is_err(), "{behaviour:?}");
        assert_eq!(!bytes.is_empty(), said, "{behaviour:?}");
        assert_eq!((host.connections(), host.hits()), (1, read), "{behaviour:?}");
    }
}

#[tokio::test]
async fn the_tls_handshake_hangs() {
    let (testbed, host) = behaving("slack.com", Behaviour::HangAfterAccept).await;
    let visit = client(&testbed, &host).get(host.https_url()).send();
    assert!(timeout(NEVER, visit).await.is_err());
}

#[tokio::test]
async fn resets_are_resets_and_closes_are_closes() {
    use io::ErrorKind::ConnectionReset;
    for (behaviour, said, reset) in [
        (Behaviour::ResetOnAccept, "", true),
        (Behaviour::ResetMidAnswer, "This is the beginning", true),
        (Behaviour::CloseMidAnswer, "This is the beginning", false),
        (Behaviour::CloseAfterRequest, "", false),
        (Behaviour::NotHttp, "not the protocol", false),
    ] {
        let (_bed, host) = behaving("slack.com", behaviour.clone()).await;
        let (text, ended) = converse(&host).await;
        assert!(text.contains(said), "{behaviour:?}: {text:?}");
        let kind = ended.map_err(|error| error.kind());
        assert_eq!(kind, if reset { Err(ConnectionReset) } else { Ok(()) }, "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_stock_client_fails_on_each_over_both_schemes() {
    for behaviour in [
        Behaviour::ResetOnAccept,
        Behaviour::ResetMidAnswer,
        Behaviour::CloseMidAnswer,
        Behaviour::CloseAfterRequest,
        Behaviour::NotHttp,
    ] {
        let (testbed, host) = behaving("slack.com", behaviour.clone()).await;
        for url in [host.http_url(), host.https_url()] {
            let visit = async { client(&testbed, &host).get(&url).send().await?.bytes().await };
            let failed = timeout(SOON, visit).await.unwrap();
            assert!(failed.is_err(), "{behaviour:?} at {url}");
        }
    }
}

#[tokio::test]
async fn drips_byte_by_byte() {
    let pause = Duration::from_millis(2);
    let (testbed, host) =
        behaving("slack.com", Behaviour::Drip(pause, HttpAnswer::ok().body("slow"))).await;
    for url in [host.http_url(), host.https_url()] {
        let start = Instant::now();
        let page = client(&testbed, &host).get(url).send().await.unwrap();
        assert_eq!(page.text().await.unwrap(), "slow");
        assert!(start.elapsed() > 50 * pause, "{:?}", start.elapsed());
    }
}
