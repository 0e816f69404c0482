//! Servers that browsers can speak with and we only in part: chains with a gap, old suites, names of
//! which TLS has no notion, and those that want HTTP/1.1.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    authority::{TestAuthority, acceptor, certificate, serve_tls},
    lab::{TestProbe, TestServer, failed, failed_with, head, reply, reset, says, serve},
};
use model::{
    failure_detail::{FailureDetail, Phase},
    moment::Moment,
    note::Peculiarity,
    outcome::{Answer, Failure, HttpVersion, Outcome},
};

/// The extension with the address of the issuer's certificate (RFC 5280, section 4.2.2.1).
fn found_at(url: &str) -> CustomExtension {
    let long = |tag: u8, content: &[u8]| [&[tag, content.len() as u8][..], content].concat();
    let method = long(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, 2]);
    let access = long(0x30, &[&method[..], &long(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], long(0x30, &access))
}

/// The day on which the expired certificates of these tests expired.
fn expired() -> FailureDetail {
    let at = Moment::parse("2024-02-29T00:00:00Z").ok();
    FailureDetail::CertificateExpired { at, within_a_day: false }
}

/// A certificate for these names alone.
fn wrong_name(names: &[&str]) -> FailureDetail {
    let names = names.iter().map(|name| (*name).into()).collect();
    FailureDetail::CertificateWrongName { names, more: 0 }
}

/// An authority below another one.
struct Between {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

fn between(above: &TestAuthority, name: &str, at: Option<&str>) -> Between {
    let mut params = certificate(&[]);
    params.distinguished_name.push(DnType::CommonName, name);
    params.custom_extensions.extend(at.map(found_at));
    between_with(above, params)
}

fn expired_between(above: &TestAuthority) -> Between {
    let mut params = certificate(&[]);
    params.distinguished_name.push(DnType::CommonName, "the authority of old");
    params.not_after = date_time_ymd(2024, 2, 29);
    between_with(above, params)
}

fn between_with(above: &TestAuthority, mut params: CertificateParams) -> Between {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = above.sign(&params, &key);
    Between { certificate, issuer: Issuer::new(params, key) }
}

/// A server whose own certificate is signed by an intermediate that it leaves out.
async fn incomplete(by: &Between, params: &CertificateParams) -> TestServer {
    let key = KeyPair::generate().unwrap();
    let shown = params.signed_by(&key, &by.issuer).unwrap();
    serve_tls(acceptor(shown.der().clone(), &key, &["h2"])).await
}

fn for_name(at: Option<&str>) -> CertificateParams {
    let mut params = certificate(&["name.example"]);
    params.custom_extensions.extend(at.map(found_at));
    params
}

#[tokio::test]
async fn a_certificate_that_is_left_out_is_fetched_from_where_the_last_one_says() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let between = between(&authority, "the authority between", None);
    let at = says(reply("200 OK", "", &between.certificate)).await;
    let server = incomplete(&between, &for_name(Some(&at.url()))).await;
    for _ in 0..2 {
        let outcome =
            TestProbe::text("hello").at(&prober, &server.named("https", "name.example")).await;
        assert_eq!(outcome.answer, Answer::Ok, "{outcome:?}");
        assert_eq!(outcome.observed.peculiarity, Some(Peculiarity::IncompleteChain));
        assert_eq!(outcome.traces.issuer.as_deref(), Some("the authority between"));
    }
    assert_eq!(at.accepted(), 1, "it is remembered");
    assert_eq!(server.accepted(), 3, "once in vain, and then not again");
    // Whole chains are nothing peculiar.
    let whole = authority.serve(&["name.example"], &[]).await;
    let outcome = TestProbe::default().at(&prober, &whole.named("https", "name.example")).await;
    assert_eq!((outcome.answer, outcome.observed.peculiarity), (Answer::Ok, None));
}

#[tokio::test]
async fn what_is_fetched_must_hold_like_what_is_sent() {
    let authority = TestAuthority::new("the authority");
    let stranger = TestAuthority::new("a stranger");
    let prober = authority.prober().await;
    let below_stranger = between(&stranger, "between", None);
    let at_stranger = says(reply("200 OK", "", &below_stranger.certificate)).await;
    let between = between(&authority, "the authority between", None);
    let garbage = says(reply("200 OK", "", b"no certificate")).await;
    let missing = says(reply("404 No", "", &between.certificate)).await;
    let large = says(reply("200 OK", "", &vec![0; 100 * 1024])).await;
    let at = says(reply("200 OK", "", &between.certificate)).await;
    let mut late = for_name(Some(&at.url()));
    late.not_after = date_time_ymd(2024, 2, 29);
    let old = expired_between(&authority);
    let at_old = says(reply("200 OK", "", &old.certificate)).await;
    let above = Moment::parse("2024-02-29T00:00:00Z").unwrap();
    let gap = || FailureDetail::CertificateChainIncomplete;
    let unsaid = || FailureDetail::CertificateIssuerNotSent;
    for (by, params, detail) in [
        (&below_stranger, for_name(Some(&at_stranger.url())), unsaid()),
        (&between, for_name(Some(&garbage.url())), gap()),
        (&between, for_name(Some(&missing.url())), gap()),
        (&between, for_name(Some(&large.url())), gap()),
        (&between, for_name(Some("ldap://there.example/x")), unsaid()),
        (&between, for_name(None), unsaid()),
        (&between, late, expired()),
        (
            &old,
            for_name(Some(&at_old.url())),
            FailureDetail::CertificateChainExpired { at: above, within_a_day: false },
        ),
    ] {
        let server = incomplete(by, &params).await;
        let outcome =
            TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
        failed_with(&outcome, Failure::Tls, &detail);
    }
    let server = incomplete(&between, &for_name(Some(&at.url()))).await;
    let outcome = TestProbe::default().at(&prober, &server.named("https", "other.example")).await;
    failed_with(&outcome, Failure::Tls, &wrong_name(&["name.example"]));
}

#[tokio::test]
async fn a_broken_address_of_a_certificate_is_not_asked_by_every_check() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let between = between(&authority, "the authority between", None);
    for broken in [reply("404 No", "", b""), reply("200 OK", "", b"no certificate")] {
        let at = says(broken).await;
        let server = incomplete(&between, &for_name(Some(&at.url()))).await;
        for _ in 0..3 {
            let outcome =
                TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
            failed_with(&outcome, Failure::Tls, &FailureDetail::CertificateChainIncomplete);
        }
        assert_eq!(at.accepted(), 1);
    }
}

#[tokio::test]
async fn nothing_is_fetched_from_where_we_do_not_go() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let between = between(&authority, "between", None);
    let at = says(reply("200 OK", "", &between.certificate)).await;
    let server = incomplete(&between, &for_name(Some(&at.url()))).await;
    // Names are on loopback here as well: a public target is not reached at all.
    let outcome = TestProbe::public().at(&prober, &server.named("https", "name.example")).await;
    assert!(outcome.cause().is_some());
    assert_eq!(at.accepted(), 0);
}

#[tokio::test]
async fn names_of_which_tls_has_no_notion_are_checked_all_the_same() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    for (names, good) in [
        (&["*.shop.example"][..], true),
        (&["other.example"], false),
        (&["*.example"], false),
        (&["b-.shop.example"], false),
    ] {
        let server = authority.serve(names, &["h2"]).await;
        let url = server.named("https", "a-.shop.example");
        let outcome = TestProbe::default().at(&prober, &url).await;
        if good {
            assert_eq!(outcome.answer, Answer::Ok, "{outcome:?}");
        } else {
            failed_with(&outcome, Failure::Tls, &wrong_name(names));
        }
    }
    let stranger = TestAuthority::new("a stranger").serve(&["*.shop.example"], &[]).await;
    let outcome =
        TestProbe::default().at(&prober, &stranger.named("https", "a-.shop.example")).await;
    failed_with(&outcome, Failure::Tls, &FailureDetail::CertificateIssuerNotSent);
}

/// A server of TLS 1.2 that agrees with this suite alone, and shows this certificate: as far as it
/// comes in the clear.
async fn old(suite: [u8; 2], version: u8, certificate: CertificateDer<'static>) -> TestServer {
    serve(move |mut stream| {
        let certificate = certificate.clone();
        async move {
            let mut hello = vec![0; 4096];
            let read = stream.read(&mut hello).await.unwrap_or_default();
            let offered = hello[..read].windows(2).any(|pair| pair == suite);
            let said = if offered {
                let message = |kind: u8, content: &[u8]| {
                    let length = (content.len() as u32).to_be_bytes();
                    [&[kind][..], &length[1..], content].concat()
                };
                let long =
                    |content: &[u8]| [&(content.len() as u32).to_be_bytes()[1..], content].concat();
                let mut hello = [&[3, version][..], &[7; 32], &[0], &suite, &[0]].concat();
                hello = message(2, &hello);
                let shown = message(11, &long(&long(&certificate)));
                let record = |content: &[u8]| {
                    [&[22, 3, 3][..], &(content.len() as u16).to_be_bytes(), content].concat()
                };
                [record(&hello), record(&shown)].concat()
            } else {
                vec![21, 3, 3, 0, 2, 2, 40]
            };
            stream.write_all(&said).await.ok();
            stream.read_u8().await.ok();
        }
    })
    .await
}

async fn look_at(server: &TestServer, authority: &TestAuthority) -> Outcome {
    let url = server.named("https", "name.example");
    TestProbe::default().at(&authority.prober().await, &url).await
}

#[tokio::test]
async fn a_server_that_speaks_only_what_browsers_speak_and_we_do_not_answers() {
    let authority = TestAuthority::new("the authority");
    let key = KeyPair::generate().unwrap();
    let good = authority.sign(&certificate(&["name.example"]), &key);
    // RSA key exchange, with GCM and CBC; ECDHE with CBC.
    for suite in [[0, 0x9c], [0, 0x2f], [0, 0x35], [0xc0, 0x13], [0xc0, 0x14]] {
        let outcome = look_at(&old(suite, 3, good.clone()).await, &authority).await;
        assert_eq!(outcome.answer, Answer::Ok, "{suite:?}: {outcome:?}");
        assert_eq!(outcome.observed.peculiarity, Some(Peculiarity::OldTls));
        assert_eq!((outcome.http_status, &outcome.observed.page), (None, &None));
        assert_eq!(outcome.traces.issuer.as_deref(), Some("the authority"));
        assert!(outcome.phases.tls.is_some() && outcome.phases.wait.is_none());
    }
}

#[tokio::test]
async fn a_server_that_browsers_cannot_speak_with_either_is_down() {
    let authority = TestAuthority::new("the authority");
    let key = KeyPair::generate().unwrap();
    let good = authority.sign(&certificate(&["name.example"]), &key);
    // Such as 3DES, DHE or CBC with SHA-256; or TLS 1.0 and 1.1 alone.
    for (suite, version) in [([0, 0x0a], 3), ([0, 0x33], 3), ([0xc0, 0x27], 3), ([0, 0x2f], 2)] {
        let outcome = look_at(&old(suite, version, good.clone()).await, &authority).await;
        failed(&outcome, Failure::Tls);
        assert_eq!(outcome.observed.peculiarity, None);
    }
    let mut late = certificate(&["name.example"]);
    late.not_after = date_time_ymd(2024, 2, 29);
    let late = authority.sign(&late, &key);
    let outcome = look_at(&old([0, 0x2f], 3, late).await, &authority).await;
    failed_with(&outcome, Failure::Tls, &expired());
    let other = authority.sign(&certificate(&["other.example"]), &key);
    let outcome = look_at(&old([0, 0x2f], 3, other).await, &authority).await;
    failed_with(&outcome, Failure::Tls, &wrong_name(&["other.example"]));
    // This server fails every handshake.
    let alert = serve(|mut stream| async move {
        assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
        stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await.ok();
        stream.read_u8().await.ok();
    })
    .await;
    let refused = FailureDetail::TlsAlert { alert: 40 };
    failed_with(&look_at(&alert, &authority).await, Failure::Tls, &refused);
    let hangs_up = serve(|mut stream| async move {
        assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
        reset(stream);
    })
    .await;
    let closed = FailureDetail::ConnectionClosed { phase: Phase::Tls };
    failed_with(&look_at(&hangs_up, &authority).await, Failure::Reset, &closed);
}

/// Over HTTP/2 it refuses each stream with this reason; over HTTP/1.1 it says hello.
async fn wants_http1(authority: &TestAuthority, goaway: bool) -> TestServer {
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2", "http/1.1"]);
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if stream.get_ref().1.alpn_protocol() == Some(b"http/1.1") {
                head(&mut stream).await;
                stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
                stream.read_u8().await.ok();
                return;
            }
            let mut connection = h2::server::handshake(stream).await.unwrap();
            if goaway {
                connection.abrupt_shutdown(h2::Reason::HTTP_1_1_REQUIRED);
            }
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                respond.send_reset(h2::Reason::HTTP_1_1_REQUIRED);
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_server_that_wants_http_1_1_is_asked_over_it() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    for goaway in [false, true] {
        let server = wants_http1(&authority, goaway).await;
        let outcome =
            TestProbe::text("hello").at(&prober, &server.named("https", "name.example")).await;
        assert_eq!(outcome.answer, Answer::Ok, "goaway {goaway}: {outcome:?}");
        assert_eq!(outcome.traces.http_version, Some(HttpVersion::Http11));
        assert_eq!(server.accepted(), 2);
    }
}

#[tokio::test]
async fn another_refusal_of_http_2_is_a_failure() {
    let authority = TestAuthority::new("the authority");
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2"]);
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                respond.send_reset(h2::Reason::INTERNAL_ERROR);
            }
        }
    })
    .await;
    let prober = authority.prober().await;
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    failed(&outcome, Failure::Reset);
    assert_eq!(server.accepted(), 1);
}
