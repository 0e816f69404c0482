//! Makes one request over a connection of its own: look-up, connection, handshake, request, and the
//! reply as far as its body. Everything happens within the calling task, so that its phases are
//! right, and no connection is kept.
//!
//! A reply that cannot be read is requested once more in another style, where a browser would have
//! read it at once: over HTTP/1.1 where a server wants that, and by [`lenient`] where hyper
//! refuses.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version, header, response::Parts,
};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body as _, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{AlertDescription, Error as TlsError};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use super::{
    ProberSettings, ProberSetupError, body, classify, connect::connect, decode, lenient,
    resolve::Resolver, tls::Tls,
};
use crate::clock::Clock;
use crate::probe::{
    context::{self, AttemptContext},
    limited_connection::{Allowance, LimitedConnection, Stream},
    page_request::PageRequest,
};
use model::{failure_detail::Phase, site_request::Method};

/// Bytes of headers of an HTTP/2 reply; HTTP/1 has hyper's own bound of about 400 kB.
const MAX_HEADERS: u32 = 256 * 1024;
/// Bytes of a fetched certificate at most, and how long it may take.
const MAX_CERTIFICATE: usize = 64 * 1024;
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of a page that an HTTP/2 server may send before we have read any.
const WINDOW_BYTES: u32 = 256 * 1024;

/// Any error; [`super::classify`] knows the types.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Asks. It is the same for all probes.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) tls: Tls,
    resolver: Resolver,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    /// Headers of every request.
    headers: HeaderMap,
}

/// Style of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestStyle {
    /// Over HTTP/2 where the server speaks it.
    Usual,
    /// Over HTTP/1.1.
    Http1,
    /// Over HTTP/1.1, and read loosely.
    Lenient,
    /// The same, to the end of the connection, whatever length is told: over HTTP/2 browsers heed none.
    Lengthless,
}

/// A reply whose body has not been read.
pub(super) struct UnreadReply {
    pub(super) head: Parts,
    pub(super) body: ResponseBody,
    /// Address that it came from.
    pub(super) address: IpAddr,
}

/// A body, not decoded, and the connection that it comes over. Leaving it ends the connection.
pub(super) struct ResponseBody {
    source: BodySource,
    /// True if only the end of the connection marks its end.
    open: bool,
    /// Bytes that are still to come by a length that hyper does not heed.
    left: Option<u64>,
}

enum BodySource {
    Hyper(Incoming, ConnectionDriver),
    Lenient(lenient::LenientBody),
}

impl Client {
    pub(super) fn new(
        settings: &ProberSettings,
        resolver: Resolver,
        clock: Clock,
    ) -> Result<Self, ProberSetupError> {
        let agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|error| ProberSetupError::Client(error.to_string()))?;
        let accept = HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8");
        let headers = HeaderMap::from_iter([
            (header::USER_AGENT, agent),
            (header::ACCEPT, accept),
            (header::ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED)),
            (header::ACCEPT_LANGUAGE, HeaderValue::from_static("en,*;q=0.5")),
        ]);
        let mut http1 = http1::Builder::new();
        // What browsers read, visitors see.
        http1
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            // Some servers know no others, and walls know robots by them.
            .title_case_headers(true);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_header_list_size(MAX_HEADERS)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES);
        let tls = Tls::new(settings.ca_file.as_deref(), clock)?;
        Ok(Self { tls, resolver, http1, http2, headers })
    }

    /// Requests a page; if need be in another style than at first.
    pub(super) async fn ask(
        &self,
        style: RequestStyle,
        wanted: &PageRequest<'_>,
    ) -> Result<UnreadReply, BoxError> {
        let phases = context::phases();
        let (mut style, mut unreadable) = (style, None);
        loop {
            let error = match self.ask_once(style, wanted).await {
                Ok(reply) => {
                    // It was the length if there is a wrong one over HTTP/1.1 as well.
                    let other = unreadable.filter(|_| {
                        style == RequestStyle::Lengthless
                            && !body::has_wrong_length(&reply.head.headers)
                    });
                    return other.map_or(Ok(reply), Err);
                }
                Err(error) => error,
            };
            // The first reading knows best why it is not HTTP, and the second what is wrong with it.
            let other = classify::other_style(&*error, style);
            let Some(other) = other.filter(|other| wanted.may_be_repeated_in(*other)) else {
                let broken = classify::is_unreadable(&*error);
                return Err(unreadable.filter(|_| !broken).unwrap_or(error));
            };
            context::restore_phases(phases);
            if other != RequestStyle::Http1 {
                unreadable = Some(error);
            }
            style = other;
        }
    }

    async fn ask_once(
        &self,
        style: RequestStyle,
        wanted: &PageRequest<'_>,
    ) -> Result<UnreadReply, BoxError> {
        let addresses = self.addresses(wanted.url).await?;
        let (stream, address) =
            self.connect(wanted.url, &addresses, style == RequestStyle::Usual).await?;
        context::enter(Phase::Wait);
        let allowance = Allowance::new();
        let is_http2 = stream.is_http2();
        let connection = LimitedConnection::new(stream, allowance.clone());
        let asked = match style {
            RequestStyle::Lenient | RequestStyle::Lengthless => {
                let heeds_length = style == RequestStyle::Lenient;
                Box::pin(self.exchange_leniently(connection, wanted, heeds_length)).await
            }
            _ if is_http2 => Box::pin(self.exchange_http2(connection, wanted)).await,
            _ => Box::pin(self.exchange_http1(connection, wanted)).await,
        };
        let (head, body) = asked.map_err(|error| {
            // Since TLS 1.3 a server refuses us only after the handshake, and its reason is often lost
            // on the way: with the connection, or to HTTP/2.
            if allowance.is_untouched() && context::shown(|shown| shown.wants_ours) {
                return TlsError::AlertReceived(AlertDescription::CertificateRequired).into();
            }
            allowance.exceeded().map_or(error, Into::into)
        })?;
        allowance.lift();
        Ok(UnreadReply { head, body, address })
    }

    async fn connect(
        &self,
        url: &Url,
        addresses: &[SocketAddr],
        http2: bool,
    ) -> Result<(Stream, IpAddr), BoxError> {
        context::shown(|shown| *shown = super::trust::Shown::default());
        let (stream, address) = open(addresses).await?;
        if url.scheme() != "https" {
            return Ok((Stream::Plain(stream), address));
        }
        // A handshake is a talk in small pieces, which must not wait for each other.
        stream.set_nodelay(true)?;
        context::enter(Phase::Tls);
        let (config, name) = self.tls.with(url, http2);
        let stream = Box::new(TlsConnector::from(config).connect(name, stream)).await?;
        Ok((Stream::Tls(Box::new(stream)), address))
    }

    /// Opens a connection.
    pub(super) async fn open(&self, url: &Url) -> Result<(TcpStream, IpAddr), BoxError> {
        open(&self.addresses(url).await?).await
    }

    /// Socket addresses of a URL; the look-up may take as long as the whole attempt.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, BoxError> {
        let port = url.port_or_known_default().unwrap_or_default();
        Ok(match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => {
                context::enter(Phase::Dns);
                let found = Box::pin(self.resolver.addresses(name)).await?;
                found.into_iter().map(|address| (address, port).into()).collect()
            }
            None => Vec::new(),
        })
    }

    /// Headers of a request over HTTP/1, `Host` first (RFC 9112, section 3.2), with `Connection:
    /// close`.
    fn http1_headers(&self, wanted: &PageRequest<'_>) -> Result<HeaderMap, BoxError> {
        let url = wanted.url;
        let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 3);
        headers.insert(header::HOST, host);
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        wanted.add_headers(&mut headers)?;
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        Ok(headers)
    }

    /// Asks over HTTP/1.
    async fn exchange_http1(
        &self,
        connection: LimitedConnection,
        wanted: &PageRequest<'_>,
    ) -> Result<(Parts, ResponseBody), BoxError> {
        let mut request = Request::new(Full::new(wanted.body()));
        *request.method_mut() = wanted.http_method();
        let target = &wanted.url[Position::BeforePath..Position::AfterQuery];
        *request.uri_mut() = Uri::try_from(target)?;
        *request.headers_mut() = self.http1_headers(wanted)?;
        let allowance = connection.allowance.clone();
        hyper::ext::on_informational(&mut request, move |_| allowance.informed());
        let (mut sender, driver) = self.http1.handshake(TokioIo::new(connection)).await?;
        Self::send(ConnectionDriver::new(driver), sender.send_request(request)).await
    }

    /// Asks over HTTP/2.
    async fn exchange_http2(
        &self,
        connection: LimitedConnection,
        wanted: &PageRequest<'_>,
    ) -> Result<(Parts, ResponseBody), BoxError> {
        let mut request = Request::new(Full::new(wanted.body()));
        *request.method_mut() = wanted.http_method();
        *request.uri_mut() = Uri::try_from(&wanted.url[..Position::AfterQuery])?;
        request.headers_mut().clone_from(&self.headers);
        wanted.add_headers(request.headers_mut())?;
        let (mut sender, driver) = self.http2.handshake(TokioIo::new(connection)).await?;
        Self::send(ConnectionDriver::new(driver), sender.send_request(request)).await
    }

    async fn send(
        mut driver: ConnectionDriver,
        sent: impl Future<Output = hyper::Result<Response<Incoming>>>,
    ) -> Result<(Parts, ResponseBody), BoxError> {
        let (head, data) = driver.along_with(sent).await?.into_parts();
        let chunked = body::is_chunked(&head.headers);
        let told = data.size_hint().exact().is_some()
            || head.version == Version::HTTP_2
            || chunked == Some(true);
        let by_length = chunked == Some(false) && !data.is_end_stream();
        let left = if by_length { body::length(&head.headers) } else { None };
        let open = !told && left.is_none();
        Ok((head, ResponseBody { source: BodySource::Hyper(data, driver), open, left }))
    }

    /// Asks over HTTP/1, and reads what hyper does not.
    async fn exchange_leniently(
        &self,
        connection: LimitedConnection,
        wanted: &PageRequest<'_>,
        heeds_length: bool,
    ) -> Result<(Parts, ResponseBody), BoxError> {
        let target = &wanted.url[Position::BeforePath..Position::AfterQuery];
        let method = wanted.method.word();
        let mut request = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
        for (name, value) in &self.http1_headers(wanted)? {
            request.extend(title_case(name.as_str()).bytes());
            request.extend(b": ");
            request.extend(value.as_bytes());
            request.extend(b"\r\n");
        }
        request.extend(b"\r\n");
        request.extend(wanted.body());
        let head_alone = wanted.method == Method::Head;
        let (read, body) = lenient::ask(connection, &request, head_alone, heeds_length).await?;
        let (mut head, ()) = Response::new(()).into_parts();
        (head.version, head.status, head.headers) = (read.version, read.status, read.headers);
        Ok((head, ResponseBody { source: BodySource::Lenient(body), open: false, left: None }))
    }

    /// Fetches a certificate that a server leaves out of its chain; returns whether there is one now.
    /// After a failure the address is left alone for some minutes: otherwise every check would ask a
    /// broken address. The caller has asked the guard; names are guarded where they are resolved.
    pub(super) async fn fetch_certificate(&self, from: &Url, private: bool) -> bool {
        let trust = &self.tls.trust;
        if trust.is_in_vain(from, Instant::now()) {
            return false;
        }
        // In a context of its own, since its time and addresses are not the site's; the gate is the same.
        let fetched = pin!(async {
            let bytes = timeout(FETCH_TIMEOUT, self.read_certificate(from)).await.ok().flatten();
            (bytes, context::is_blocked() || context::is_refused_by_gate())
        });
        let own = AttemptContext::new(private, 1).behind(context::gate());
        let (bytes, stopped) = context::scope(own, fetched).await;
        let added = bytes.is_some_and(|bytes| trust.add(from, &bytes));
        // What is closed to a visitor's lookup may be open to a check.
        if !added && !stopped {
            trust.note_in_vain(from, Instant::now());
        }
        added
    }

    async fn read_certificate(&self, from: &Url) -> Option<Vec<u8>> {
        let mut reply =
            Box::pin(self.ask(RequestStyle::Http1, &PageRequest::get(from))).await.ok()?;
        if reply.head.status != StatusCode::OK {
            return None;
        }
        let mut read = Vec::new();
        while let Some(part) = reply.body.chunk().await.ok()? {
            read.extend_from_slice(&part);
            if read.len() > MAX_CERTIFICATE {
                return None;
            }
        }
        Some(read)
    }
}

async fn open(addresses: &[SocketAddr]) -> Result<(TcpStream, IpAddr), BoxError> {
    context::enter(Phase::Connect);
    let (stream, address) = connect(addresses).await?;
    Ok((stream, address.ip()))
}

/// `accept-language` as `Accept-Language`.
fn title_case(name: &str) -> String {
    let mut first = true;
    let cased = name.chars().map(|c| {
        let upper = std::mem::replace(&mut first, c == '-');
        if upper { c.to_ascii_uppercase() } else { c }
    });
    cased.collect()
}

impl ResponseBody {
    /// The next part, if it has not ended.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, BoxError> {
        let (data, driver) = match &mut self.source {
            BodySource::Lenient(body) => return Ok(body.chunk().await?),
            BodySource::Hyper(data, driver) => (data, driver),
        };
        loop {
            // Over HTTP/2 a length is there before the mark of the end, which some servers never send:
            // browsers show the page.
            if self.left == Some(0) || data.size_hint().exact() == Some(0) {
                return Ok(None);
            }
            match driver.along_with(data.frame()).await {
                None if self.left.is_some() => {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
                None => return Ok(None),
                // Trailers are ignored.
                Some(Ok(frame)) => {
                    if let Ok(mut part) = frame.into_data() {
                        if let Some(left) = &mut self.left {
                            part.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                            *left -= part.len() as u64;
                        }
                        return Ok(Some(part));
                    }
                }
                // Few servers say goodbye where the end of the connection is that of the page.
                Some(Err(error)) if self.open && classify::is_end(&error) => return Ok(None),
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Returns whether the server has announced its length.
    pub(super) fn is_announced(&self) -> bool {
        match &self.source {
            BodySource::Hyper(data, _) => self.left.is_some() || data.size_hint().exact().is_some(),
            BodySource::Lenient(body) => body.is_announced(),
        }
    }
}

/// The driver of the connection, which runs only while a reply or body is awaited.
struct ConnectionDriver(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl ConnectionDriver {
    fn new(connection: impl Future<Output = hyper::Result<()>> + Send + 'static) -> Self {
        // Its errors reach the caller through the reply or the body.
        Self(Some(Box::pin(async { drop(connection.await) })))
    }

    /// Waits for something that comes over the connection.
    async fn along_with<T>(&mut self, waited_for: impl Future<Output = T>) -> T {
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
