//! Asks once, over a connection of its own: look-up, connection, handshake, request, and the reply
//! as far as its body. Everything happens within the task that asks, so that its marks are right,
//! and nothing is kept for another time.

use std::{
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header, response::Parts};
use http_body_util::Empty;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, pki_types::CertificateDer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tower::{Service, service_fn};
use tower_http::decompression::{Decompression, DecompressionBody};
use url::{Host, Position, Url};

use super::{
    Settings, SetupError, classify,
    connect::connect,
    marks::{self, Stage},
    resolve::Lookups,
    tls,
};
use crate::clock::Clock;

/// Looking up, connecting and the handshake may take so long together.
pub(super) const CONNECT: Duration = Duration::from_secs(9);
/// Bytes of headers of an HTTP/2 reply; HTTP/1 has hyper's own bound of about 400 kB.
const HEADERS: u32 = 256 * 1024;
/// Lines of headers of an HTTP/1 reply, when hyper's own hundred, which cost nothing, are too few.
/// Browsers have no bound but that of the bytes.
const LINES: usize = 1_000;

/// What went wrong; [`super::classify`] knows the types.
pub(super) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Asks. It is the same for all probes.
#[derive(Debug)]
pub(super) struct Client {
    lookups: Lookups,
    tls: Arc<ClientConfig>,
    http1: http1::Builder,
    /// The same for replies with very many headers.
    patient: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    /// What every request says.
    headers: HeaderMap,
}

/// A reply whose body has not been read.
pub(super) struct Reply {
    pub(super) head: Parts,
    pub(super) body: Body,
    /// Where it came from.
    pub(super) address: IpAddr,
    /// Who it came from, over TLS.
    pub(super) certificate: Option<CertificateDer<'static>>,
}

/// A body, decoded, and the connection that it comes over. Leaving it ends the connection.
pub(super) struct Body {
    pub(super) data: DecompressionBody<Incoming>,
    pub(super) wire: Wire,
}

impl Client {
    pub(super) fn new(
        settings: &Settings,
        lookups: Lookups,
        clock: Clock,
    ) -> Result<Self, SetupError> {
        let agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|error| SetupError::Client(error.to_string()))?;
        let accept = HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8");
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, accept),
            (header::USER_AGENT, agent),
            (header::ACCEPT_LANGUAGE, HeaderValue::from_static("en,*;q=0.5")),
        ]);
        let mut http1 = http1::Builder::new();
        // What browsers read, visitors see.
        http1
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        let mut patient = http1.clone();
        patient.max_headers(LINES);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.max_header_list_size(HEADERS);
        let tls = Arc::new(tls::config(settings.ca_file.as_deref(), clock)?);
        Ok(Self { lookups, tls, http1, patient, http2, headers })
    }

    /// Asks for a page, with these cookies.
    pub(super) async fn ask(
        &self,
        url: &Url,
        cookies: Option<HeaderValue>,
    ) -> Result<Reply, Error> {
        match self.ask_by(&self.http1, url, cookies.clone()).await {
            Err(error) if classify::is_too_large(&*error) => {
                Box::pin(self.ask_by(&self.patient, url, cookies)).await
            }
            asked => asked,
        }
    }

    async fn ask_by(
        &self,
        http1: &http1::Builder,
        url: &Url,
        cookies: Option<HeaderValue>,
    ) -> Result<Reply, Error> {
        let mut request = Request::new(Empty::new());
        request.headers_mut().clone_from(&self.headers);
        if let Some(cookies) = cookies {
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        let Connected { stream, address, certificate } =
            timeout(CONNECT, self.connect(url)).await??;
        marks::enter(Stage::Wait);
        let (response, wire) = match stream {
            Stream::Plain(stream) => exchange(http1, stream, url, request).await?,
            Stream::Tls(stream) if is_http2(&stream) => {
                Box::pin(exchange2(&self.http2, stream, url, request)).await?
            }
            Stream::Tls(stream) => Box::pin(exchange(http1, stream, url, request)).await?,
        };
        let (head, data) = response.into_parts();
        Ok(Reply { head, body: Body { data, wire }, address, certificate })
    }

    async fn connect(&self, url: &Url) -> Result<Connected, Error> {
        let port = url.port_or_known_default().unwrap_or_default();
        let addresses: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => {
                marks::enter(Stage::Dns);
                let found = Box::pin(self.lookups.addresses(name)).await?;
                found.into_iter().map(|address| (address, port).into()).collect()
            }
            None => Vec::new(),
        };
        marks::enter(Stage::Connect);
        let (stream, address) = connect(&addresses).await?;
        let address = address.ip();
        if url.scheme() != "https" {
            return Ok(Connected { stream: Stream::Plain(stream), address, certificate: None });
        }
        // A handshake is a talk in small pieces, which must not wait for each other.
        stream.set_nodelay(true)?;
        let name = tls::name(url)?;
        marks::enter(Stage::Tls);
        let stream = Box::new(TlsConnector::from(self.tls.clone()).connect(name, stream)).await?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let certificate = certificate.map(|first| first.clone().into_owned());
        Ok(Connected { stream: Stream::Tls(Box::new(stream)), address, certificate })
    }
}

/// Asks over HTTP/1.
async fn exchange<S: Transport>(
    http1: &http1::Builder,
    stream: S,
    url: &Url,
    mut request: Request<Empty<Bytes>>,
) -> Result<(Response<DecompressionBody<Incoming>>, Wire), Error> {
    *request.uri_mut() = Uri::try_from(&url[Position::BeforePath..Position::AfterQuery])?;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?;
    request.headers_mut().insert(header::HOST, host);
    let (mut sender, connection) = http1.handshake(TokioIo::new(stream)).await?;
    send(Wire::new(connection), |request| sender.send_request(request), request).await
}

/// Asks over HTTP/2.
async fn exchange2<S: Transport>(
    http2: &http2::Builder<TokioExecutor>,
    stream: S,
    url: &Url,
    mut request: Request<Empty<Bytes>>,
) -> Result<(Response<DecompressionBody<Incoming>>, Wire), Error> {
    *request.uri_mut() = Uri::try_from(&url[..Position::AfterQuery])?;
    let (mut sender, connection) = http2.handshake(TokioIo::new(stream)).await?;
    send(Wire::new(connection), |request| sender.send_request(request), request).await
}

/// Sends a request; the reply's body will be decoded.
async fn send<Asked: Future<Output = hyper::Result<Response<Incoming>>>>(
    mut wire: Wire,
    sender: impl FnMut(Request<Empty<Bytes>>) -> Asked,
    request: Request<Empty<Bytes>>,
) -> Result<(Response<DecompressionBody<Incoming>>, Wire), Error> {
    let mut asking = Decompression::new(service_fn(sender));
    let response = wire.along_with(asking.call(request)).await?;
    Ok((response, wire))
}

/// What HTTP goes over.
trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for S {}

struct Connected {
    stream: Stream,
    address: IpAddr,
    certificate: Option<CertificateDer<'static>>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Whether HTTP/2 was agreed upon.
fn is_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// The connection's own work, which goes on only while something is waited for.
pub(super) struct Wire(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Wire {
    fn new(connection: impl Future<Output = hyper::Result<()>> + Send + 'static) -> Self {
        // What goes wrong with it is told to whoever waits for the reply or the body.
        Self(Some(Box::pin(async { drop(connection.await) })))
    }

    /// Waits for something that comes over the connection.
    pub(super) async fn along_with<T>(&mut self, waited_for: impl Future<Output = T>) -> T {
        let mut waited_for = pin!(waited_for);
        poll_fn(|context| {
            if let Poll::Ready(done) = waited_for.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            if let Some(work) = &mut self.0 {
                if work.as_mut().poll(context).is_ready() {
                    self.0 = None;
                }
                return waited_for.as_mut().poll(context);
            }
            Poll::Pending
        })
        .await
    }
}
