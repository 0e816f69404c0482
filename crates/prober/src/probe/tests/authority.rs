//! An authority of our own, its certificates, and servers that show them.

use std::{io::Write, path::Path, sync::Arc};

use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tempfile::NamedTempFile;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::lab::{TestServer, all_at, serve, settings};
use crate::probe::{Prober, ProberSettings};

/// An authority that our prober trusts.
#[derive(Debug)]
pub(super) struct TestAuthority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

/// The certificate of a test for these names.
pub(super) fn certificate(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "a server");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 5, 6);
    params
}

impl TestAuthority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = certificate(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(params.self_signed(&key).unwrap().pem().as_bytes()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    /// A prober that trusts it, and finds every name on loopback.
    pub(super) async fn prober(&self) -> Prober {
        let nameservers = vec![all_at("127.0.0.1").await];
        let ca_file = Some(self.file.path().to_owned());
        Prober::new(&ProberSettings { nameservers, ca_file, ..settings() }).unwrap()
    }

    /// Path of its own certificate.
    pub(super) fn file(&self) -> &Path {
        self.file.path()
    }

    /// A certificate that it has signed.
    pub(super) fn sign(
        &self,
        params: &CertificateParams,
        key: &KeyPair,
    ) -> CertificateDer<'static> {
        params.signed_by(key, &self.issuer).unwrap().der().clone()
    }

    /// An acceptor for a server with this certificate.
    pub(super) fn acceptor(&self, params: &CertificateParams, alpn: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let shown = params.signed_by(&key, &self.issuer).unwrap();
        acceptor(shown.der().clone(), &key, alpn)
    }

    /// The same for a server that wants a certificate of ours.
    pub(super) fn acceptor_for_known(
        &self,
        params: &CertificateParams,
        alpn: &[&str],
    ) -> TlsAcceptor {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file.path()).unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let shown = self.sign(params, &key);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let wanted = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        server_config(shown, &key, alpn, wanted.build().unwrap())
    }

    /// A server for these names.
    pub(super) async fn serve(&self, names: &[&str], alpn: &[&str]) -> TestServer {
        serve_tls(self.acceptor(&certificate(names), alpn)).await
    }
}

pub(super) fn acceptor(
    shown: CertificateDer<'static>,
    key: &KeyPair,
    alpn: &[&str],
) -> TlsAcceptor {
    server_config(shown, key, alpn, WebPkiClientVerifier::no_client_auth())
}

fn server_config(
    shown: CertificateDer<'static>,
    key: &KeyPair,
    alpn: &[&str],
    known: Arc<dyn ClientCertVerifier>,
) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(known)
        .with_single_cert(vec![shown], key.into())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A server of both versions of HTTP that says hello.
pub(super) async fn serve_tls(acceptor: TlsAcceptor) -> TestServer {
    serve(move |stream| hello(acceptor.clone(), stream)).await
}

async fn hello(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    serve_http(stream).await;
}

async fn serve_http(stream: TlsStream<TcpStream>) {
    let service = service_fn(|_: Request<Incoming>| async {
        Ok::<_, std::convert::Infallible>(Response::new("hello".to_owned()))
    });
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}
