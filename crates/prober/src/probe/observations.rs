//! Observations of a reply besides its answer: address, version, certificate, and the headers that
//! betray the provider.

use http::{HeaderMap, HeaderName, HeaderValue, Version};
use ring::digest;
use x509_parser::prelude::{FromDer, X509Certificate};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::client::UnreadReply;
use model::{
    moment::Moment,
    outcome::{HttpVersion, Traces},
};

/// Headers that betray the provider, and the characters of each that are kept: what is another one with
/// every answer says no more than that it is there.
static HINTS: [(HeaderName, usize); 12] = [
    (http::header::SERVER, MAX_CHARS),
    (http::header::VIA, MAX_CHARS),
    (HeaderName::from_static("cf-ray"), 0),
    (HeaderName::from_static("x-amz-cf-id"), 0),
    (HeaderName::from_static("x-amz-request-id"), 0),
    (HeaderName::from_static("x-served-by"), "cache-".len()),
    (HeaderName::from_static("x-vercel-id"), 0),
    (HeaderName::from_static("x-azure-ref"), 0),
    (HeaderName::from_static("x-akamai-transformed"), 0),
    (HeaderName::from_static("x-fastly-request-id"), 0),
    (HeaderName::from_static("fly-request-id"), 0),
    (HeaderName::from_static("x-github-request-id"), 0),
];
/// Hints that are kept.
const MAX_HINTS: usize = 8;
/// Longest text that is kept, in characters.
const MAX_CHARS: usize = 120;
/// Bytes of a page that its fingerprint is made of: the rest may differ by the minute.
const FINGERPRINT_BYTES: usize = 1_024;

pub(super) fn note(traces: &mut Traces, reply: &UnreadReply) {
    traces.address = Some(reply.address);
    traces.http_version = Some(match reply.head.version {
        Version::HTTP_2 => HttpVersion::Http2,
        Version::HTTP_11 => HttpVersion::Http11,
        _ => HttpVersion::Http10,
    });
    traces.hints = HINTS
        .iter()
        .filter_map(|(name, most)| {
            let value = reply.head.headers.get(name)?.to_str().ok()?;
            // One byte a character: others have no `to_str`.
            Some((name.as_str().into(), value[..value.len().min(*most)].into()))
        })
        .take(MAX_HINTS)
        .collect();
    // Those of the last check of every site are kept, and most have one.
    traces.hints.shrink_to_fit();
}

/// Returns whether a browser keeps this reply from pages of other sites (`Cross-Origin-Resource-Policy`, in the
/// Fetch standard; any other value does nothing).
pub(super) fn is_for_same_site_only(headers: &HeaderMap) -> bool {
    let policy = headers.get("cross-origin-resource-policy").map(HeaderValue::as_bytes);
    matches!(policy, Some(b"same-origin" | b"same-site"))
}

/// Facts of a server's certificate, read once for as long as the server shows the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CertificateFacts {
    print: u64,
    begins_at: Option<Moment>,
    expires_at: Option<Moment>,
    issuer: Option<Box<str>>,
}

impl CertificateFacts {
    pub(super) fn of(der: &[u8]) -> Self {
        let print = digest::digest(&digest::SHA256, der);
        let print = print.as_ref().first_chunk().copied().map_or(0, u64::from_be_bytes);
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            return Self { print, ..Self::default() };
        };
        let moment = |seconds: i64| Some(Moment::from_millis(seconds.saturating_mul(1_000)));
        let validity = certificate.validity();
        let issuer = certificate.issuer();
        // Those without an organisation have at least a name.
        let name = issuer.iter_organization().chain(issuer.iter_common_name()).next();
        let name = name.and_then(|name| name.as_str().ok());
        Self {
            print,
            begins_at: moment(validity.not_before.timestamp()),
            expires_at: moment(validity.not_after.timestamp()),
            issuer: name.map(|name| name.chars().take(MAX_CHARS).collect::<String>().into()),
        }
    }
}

/// Notes the facts of a certificate.
pub(super) fn certificate(traces: &mut Traces, facts: &CertificateFacts) {
    traces.certificate_print = facts.print;
    (traces.certificate_begins_at, traces.certificate_expires_at) =
        (facts.begins_at, facts.expires_at);
    traces.issuer.clone_from(&facts.issuer);
}

/// Fingerprint of an answer: the same for all with this status and page.
pub(super) fn answer_print(status: u16, page: &[u8]) -> u64 {
    xxh3_64_with_seed(&page[..page.len().min(FINGERPRINT_BYTES)], u64::from(status)).max(1)
}
