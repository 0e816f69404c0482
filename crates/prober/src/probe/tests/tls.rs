//! Handshakes that fail, and observations of good ones.

use rcgen::{BasicConstraints, IsCa, KeyPair, date_time_ymd};

use super::{
    authority::{TestAuthority, acceptor, certificate, serve_tls},
    lab::{TestProbe, failed_with, reply, reset, serve},
};
use model::{
    failure_detail::{FailureDetail, Phase},
    moment::Moment,
    outcome::{Answer, Failure},
};

#[tokio::test]
async fn a_bad_certificate_is_told_with_what_is_bad() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let mut expired = certificate(&["name.example"]);
    expired.not_after = date_time_ymd(2024, 2, 29);
    let mut early = certificate(&["name.example"]);
    early.not_before = date_time_ymd(2048, 7, 1);
    let other = certificate(&["a.example", "b.example", "192.0.2.7", "c.example"]);
    let stranger = TestAuthority::new("a stranger");
    let twin = TestAuthority::new("the authority");
    let key = KeyPair::generate().unwrap();
    let own = certificate(&["name.example"]).self_signed(&key).unwrap();
    let mut params = certificate(&["name.example"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).unwrap();
    let at = |day: &str| Moment::parse(&format!("{day}T00:00:00Z")).ok();
    for (acceptor, detail) in [
        (
            authority.acceptor(&expired, &[]),
            FailureDetail::CertificateExpired { at: at("2024-02-29"), within_a_day: false },
        ),
        (
            authority.acceptor(&early, &[]),
            FailureDetail::CertificateNotYetValid { from: at("2048-07-01"), within_a_day: false },
        ),
        (
            authority.acceptor(&other, &[]),
            FailureDetail::CertificateWrongName {
                names: ["a.example", "b.example", "192.0.2.7"].map(Into::into).into(),
                more: 1,
            },
        ),
        (
            stranger.acceptor(&certificate(&["name.example"]), &[]),
            FailureDetail::CertificateIssuerNotSent,
        ),
        (
            twin.acceptor(&certificate(&["name.example"]), &[]),
            FailureDetail::CertificateBadSignature,
        ),
        (acceptor(own.der().clone(), &key, &[]), FailureDetail::CertificateSelfSigned),
        (acceptor(root.der().clone(), &key, &[]), FailureDetail::CertificateSelfSigned),
    ] {
        let server = serve_tls(acceptor).await;
        let outcome =
            TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
        failed_with(&outcome, Failure::Tls, &detail);
        assert!(outcome.phases.tls.is_some_and(|took| took > 0), "{outcome:?}");
        assert!(outcome.phases.wait.is_none(), "{outcome:?}");
    }
}

/// However its refusal arrives: as an alert, or cut off by the end of the connection.
#[tokio::test]
async fn a_server_that_wants_a_certificate_of_ours_is_told_over_every_version_of_http() {
    use tokio::io::AsyncReadExt;
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let params = certificate(&["name.example"]);
    for alpn in [&["h2", "http/1.1"][..], &["http/1.1"]] {
        for hard in [true, false] {
            let acceptor = authority.acceptor_for_known(&params, alpn);
            let server = serve(move |stream| {
                let acceptor = acceptor.clone();
                async move {
                    let Err((_, mut stream)) = acceptor.accept(stream).into_fallible().await else {
                        return;
                    };
                    if hard {
                        return reset(stream);
                    }
                    while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
                }
            })
            .await;
            for _ in 0..8 {
                let url = server.named("https", "name.example");
                let outcome = TestProbe::default().at(&prober, &url).await;
                failed_with(&outcome, Failure::Tls, &FailureDetail::ClientCertificateWanted);
            }
        }
    }
}

#[tokio::test]
async fn plain_http_on_a_port_for_tls_is_told() {
    let prober = TestAuthority::new("the authority").prober().await;
    let server = serve(|mut stream| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
        stream.write_all(&reply("400 Bad Request", "", b"plain")).await.ok();
        stream.shutdown().await.ok();
    })
    .await;
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    failed_with(&outcome, Failure::Tls, &FailureDetail::NotTls);
}

#[tokio::test]
async fn an_end_of_the_connection_in_the_handshake_is_told() {
    let prober = TestAuthority::new("the authority").prober().await;
    for hard in [true, false] {
        let server = serve(move |mut stream| async move {
            use tokio::io::AsyncReadExt;
            assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
            if hard {
                reset(stream);
            }
        })
        .await;
        let outcome =
            TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
        let closed = FailureDetail::ConnectionClosed { phase: Phase::Tls };
        failed_with(&outcome, Failure::Reset, &closed);
    }
}

#[tokio::test]
async fn a_good_handshake_tells_when_the_certificate_ends() {
    let authority = TestAuthority::new("the authority");
    let server = authority.serve(&["name.example"], &[]).await;
    let prober = authority.prober().await;
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let expires = outcome.traces.certificate_expires_at.unwrap();
    assert_eq!(expires.to_string(), "2049-05-06T00:00:00.000Z");
    assert!(outcome.phases.tls.is_some_and(|took| took > 0), "{outcome:?}");
}

#[tokio::test]
async fn the_certificate_of_an_address_is_accepted() {
    let authority = TestAuthority::new("the authority");
    let server = authority.serve(&["127.0.0.1"], &[]).await;
    let outcome = TestProbe::default()
        .at(&authority.prober().await, &server.named("https", "127.0.0.1"))
        .await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert!(outcome.phases.dns.is_none(), "{outcome:?}");
}
