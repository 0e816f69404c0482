//! What a reply tells besides its answer: address, version, certificate, and the headers that
//! betray who serves the site.

use http::{HeaderName, Version};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::client::Reply;
use crate::model::{
    moment::Moment,
    outcome::{HttpVersion, Traces},
};

/// Headers that betray the provider.
static HINTS: [HeaderName; 14] = [
    http::header::SERVER,
    http::header::VIA,
    HeaderName::from_static("cf-ray"),
    HeaderName::from_static("x-amz-cf-id"),
    HeaderName::from_static("x-amz-request-id"),
    HeaderName::from_static("x-served-by"),
    HeaderName::from_static("x-cache"),
    HeaderName::from_static("x-vercel-id"),
    HeaderName::from_static("x-azure-ref"),
    HeaderName::from_static("x-akamai-transformed"),
    HeaderName::from_static("x-fastly-request-id"),
    HeaderName::from_static("fly-request-id"),
    HeaderName::from_static("x-goog-generation"),
    HeaderName::from_static("x-github-request-id"),
];
/// Hints that are kept, and characters of each.
const MOST: (usize, usize) = (8, 120);

pub(super) fn note(traces: &mut Traces, reply: &Reply) {
    traces.address = Some(reply.address);
    traces.http_version = Some(match reply.head.version {
        Version::HTTP_2 => HttpVersion::Http2,
        Version::HTTP_11 => HttpVersion::Http11,
        _ => HttpVersion::Http10,
    });
    traces.certificate_expires_at =
        reply.certificate.as_ref().and_then(|certificate| expires_at(certificate));
    traces.hints = HINTS
        .iter()
        .filter_map(|name| {
            let value = reply.head.headers.get(name)?.to_str().ok()?;
            // One byte a character: others have no `to_str`.
            Some((name.as_str().into(), value[..value.len().min(MOST.1)].into()))
        })
        .take(MOST.0)
        .collect();
}

/// When a certificate ends.
fn expires_at(der: &[u8]) -> Option<Moment> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let seconds = certificate.validity().not_after.timestamp();
    Some(Moment::from_millis(seconds.saturating_mul(1_000)))
}
