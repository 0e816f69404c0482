//! The one HTTP client. No idle connections and no redirects of its own: each request connects
//! anew, inside the task that asks, so that its marks are right.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use reqwest::{Client, redirect::Policy, retry};
use tower::{Layer, Service};

use super::{
    Settings, SetupError,
    marks::{self, Stage},
    resolve::Lookups,
    tls,
};

/// Connecting to all addresses of a name together may take so long; each gets its share.
pub(super) const CONNECT: Duration = Duration::from_secs(9);
/// Bytes of headers of an HTTP/2 reply; HTTP/1 has hyper's own bound of about 400 kB.
const HEADERS: u32 = 256 * 1024;
/// Lines of headers of an HTTP/1 reply. Browsers have no bound but that of the bytes.
const LINES: usize = 1_000;

pub(super) fn build(settings: &Settings, lookups: Lookups) -> Result<Client, SetupError> {
    let failed = |error: &dyn std::fmt::Display| SetupError::Client(error.to_string());
    let agent = HeaderValue::from_str(&settings.user_agent).map_err(|error| failed(&error))?;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
    );
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en,*;q=0.5"));
    Client::builder()
        .user_agent(agent)
        .default_headers(headers)
        .no_proxy()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT)
        // Options for long connections: each would be a system call for nothing.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .tcp_user_timeout(None)
        .http2_max_header_list_size(HEADERS)
        // What browsers read, visitors see.
        .http1_max_headers(LINES)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        // Half of the servers that know it leave out the wrapper, which its decoder wants.
        .no_deflate()
        .tls_backend_preconfigured(tls::config(settings.ca_file.as_deref())?)
        .tls_info(true)
        .dns_resolver(lookups)
        .connector_layer(Marked)
        .build()
        .map_err(|error| failed(&error))
}

/// Marks the whole of connecting.
#[derive(Clone, Copy, Debug)]
struct Marked;

impl<S> Layer<S> for Marked {
    type Service = MarkedService<S>;

    fn layer(&self, inner: S) -> MarkedService<S> {
        MarkedService(inner)
    }
}

#[derive(Clone, Debug)]
struct MarkedService<S>(S);

impl<S, R> Service<R> for MarkedService<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.0.call(request);
        Box::pin(async move {
            marks::enter(Stage::Connect);
            let connected = connecting.await;
            if connected.is_ok() {
                marks::enter(Stage::Wait);
            }
            connected
        })
    }
}
