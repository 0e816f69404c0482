//! The reference: a bare client that opens a connection, sends a request, reads to the end and
//! counts.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};
use tokio_rustls::TlsConnector;

use crate::{chains::CertificateChain, nginx::Nginx, process};

/// Work done by the bare client.
pub(crate) struct Bare {
    pub(crate) asked: u64,
    pub(crate) cpu: Duration,
}

/// Sends requests for this long, 32 at a time, plain or with full handshakes.
pub(crate) async fn run(nginx: &Nginx, chain: Option<CertificateChain>, during: Duration) -> Bare {
    let before = process::cpu(std::process::id());
    let (address, end) = (nginx.address(chain), Instant::now() + during);
    let connector = connector(nginx);
    let ask = || async {
        let mut asked = 0;
        while Instant::now() < end {
            let stream = TcpStream::connect(address).await.unwrap();
            if chain.is_some() {
                let name = ServerName::try_from("127.0.0.1").unwrap();
                exchange(connector.connect(name, stream).await.unwrap()).await;
            } else {
                exchange(stream).await;
            }
            asked += 1;
        }
        asked
    };
    let asked = futures_util::future::join_all((0..32).map(|_| ask())).await.into_iter().sum();
    Bare { asked, cpu: process::cpu(std::process::id()).saturating_sub(before) }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut reply = Vec::with_capacity(2_048);
    drop(stream.read_to_end(&mut reply).await);
    assert!(reply.starts_with(b"HTTP/1.1 200"));
}

fn connector(nginx: &Nginx) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(nginx.ca_file()).unwrap() {
        roots.add(root.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A full handshake each time, as a check makes.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}
