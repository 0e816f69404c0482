//! The testbed seen from outside: with raw sockets, a stock HTTP client, a stock resolver and curl.
//!
//! Nothing here looks inside the testbed; each test has one of its own.

use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Behaviour, Host, Testbed};

mod answers;
mod behaviours;
mod certificates;
mod curl;
mod names;
mod script;
#[path = "../../../tests/support/until.rs"]
mod until;

use until::{SOON, until};

/// Time after which an event that has not happened is taken never to happen.
const NEVER: Duration = Duration::from_millis(300);

async fn bed_with(name: &str) -> (Testbed, Host) {
    let testbed = Testbed::start().await.unwrap();
    let host = testbed.host(name).await.unwrap();
    (testbed, host)
}

fn trust(testbed: &Testbed) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(testbed.ca_pem().as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A stock client that trusts the testbed and knows the host's address.
fn client(testbed: &Testbed, host: &Host) -> reqwest::Client {
    let mut tls = trust(testbed);
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .resolve(host.name(), SocketAddr::new(host.address(), 0))
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap()
}

/// The status of a new visit by HTTP and of one by HTTPS.
async fn statuses(testbed: &Testbed, host: &Host) -> [reqwest::Result<u16>; 2] {
    let visit = async |url: String| {
        let sent = timeout(SOON, client(testbed, host).get(url).send()).await.unwrap();
        sent.map(|response| response.status().as_u16())
    };
    [visit(host.http_url()).await, visit(host.https_url()).await]
}

/// The first error of that type in a chain of causes.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

async fn connect(host: &Host) -> io::Result<TcpStream> {
    TcpStream::connect((host.address(), host.ports().http)).await
}

/// All bytes of the answer to a plain request, and how the connection ended.
async fn converse(host: &Host) -> (String, io::Result<()>) {
    let mut stream = connect(host).await.unwrap();
    let mut bytes = Vec::new();
    let ended = timeout(SOON, async {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: testbed\r\nconnection: close\r\n\r\n").await?;
        stream.read_to_end(&mut bytes).await
    });
    let ended = ended.await.unwrap().map(drop);
    (String::from_utf8_lossy(&bytes).into_owned(), ended)
}

async fn behaving(name: &str, behaviour: Behaviour) -> (Testbed, Host) {
    let (testbed, host) = bed_with(name).await;
    host.behave(behaviour).await.unwrap();
    (testbed, host)
}
