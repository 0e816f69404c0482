//! What a reply tells besides its answer: address, version, certificate, and the headers that
//! betray who serves the site.

use http::Version;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::client::Reply;
use crate::model::{
    moment::Moment,
    outcome::{HttpVersion, Traces},
};

/// Headers that betray the provider.
const HINTS: [&str; 14] = [
    "server",
    "via",
    "cf-ray",
    "x-amz-cf-id",
    "x-amz-request-id",
    "x-served-by",
    "x-cache",
    "x-vercel-id",
    "x-azure-ref",
    "x-akamai-transformed",
    "x-fastly-request-id",
    "fly-request-id",
    "x-goog-generation",
    "x-github-request-id",
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
        .into_iter()
        .filter_map(|name| {
            let value = reply.head.headers.get(name)?.to_str().ok()?;
            Some((name.into(), value.chars().take(MOST.1).collect::<String>().into()))
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
