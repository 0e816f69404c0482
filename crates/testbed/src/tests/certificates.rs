//! Certificates of the TLS port.

use rustls::{CertificateError, pki_types::ServerName};
use tokio_rustls::TlsConnector;
use x509_parser::parse_x509_certificate;

use super::*;
use crate::{Certificate, authority::system_time};

async fn refused_for(kind: Certificate) -> CertificateError {
    let (testbed, host) = behaving("slack.com", Behaviour::Certificate(kind)).await;
    let [plain, secure] = statuses(&testbed, &host).await;
    assert_eq!(plain.unwrap(), 200, "the plain port answers");
    match cause::<rustls::Error>(&secure.unwrap_err()) {
        Some(rustls::Error::InvalidCertificate(error)) => error.clone(),
        other => panic!("{kind:?}: {other:?}"),
    }
}

#[tokio::test]
async fn bad_certificates_are_bad_in_the_way_they_say() {
    use CertificateError as Bad;
    let wrong = refused_for(Certificate::WrongName).await;
    assert!(matches!(wrong, Bad::NotValidForName | Bad::NotValidForNameContext { .. }));
    let expired = refused_for(Certificate::Expired).await;
    assert!(matches!(expired, Bad::Expired | Bad::ExpiredContext { .. }));
    assert_eq!(refused_for(Certificate::SelfSigned).await, Bad::UnknownIssuer);
}

#[tokio::test]
async fn a_good_certificate_tells_its_days() {
    for (kind, days) in [(Certificate::Good, 90), (Certificate::ExpiresSoon(5), 5)] {
        let (testbed, host) = behaving("slack.com", Behaviour::Certificate(kind)).await;
        let stream = TcpStream::connect((host.address(), host.ports().https)).await.unwrap();
        let name = ServerName::try_from("slack.com").unwrap();
        let secure =
            TlsConnector::from(Arc::new(trust(&testbed))).connect(name, stream).await.unwrap();
        let certificate = secure.get_ref().1.peer_certificates().unwrap()[0].clone();
        let (_, parsed) = parse_x509_certificate(&certificate).unwrap();
        let left = parsed.validity().not_after.timestamp() - system_time().seconds();
        assert!((left - days * 86_400).abs() < 60, "{kind:?} has {left} s left");
    }
}

#[tokio::test]
async fn plain_http_on_the_tls_port() {
    let (testbed, host) = behaving("slack.com", Behaviour::PlainHttpOnTls).await;
    let [plain, secure] = statuses(&testbed, &host).await;
    assert_eq!(plain.unwrap(), 200);
    let error = secure.unwrap_err();
    let found = cause::<rustls::Error>(&error);
    assert!(matches!(found, Some(rustls::Error::InvalidMessage(_))), "{error:?}");
}
