//! What went wrong, in words for people. Every detail is a message of ours, so that it can be said
//! again in another language; only the status of HTTP has the same words everywhere.

use jiff::Timestamp;
use rustls::{CertificateError, Error as TlsError};

use super::trust::Missing;
use crate::{
    i18n::sentence::detail,
    model::outcome::{Cause, Failure},
};

/// Characters of a text from elsewhere that a detail shows: the words around it fit as well then.
const SHOWN: usize = 100;

/// A failure with a detail; `id` is its message.
pub(super) fn failed<const N: usize>(
    failure: Failure,
    id: &str,
    args: [(&'static str, String); N],
) -> Cause {
    because(failure, &detail(id, args))
}

/// A failure with a detail that is said already.
pub(super) fn because(failure: Failure, detail: &str) -> Cause {
    Cause::new(failure, detail)
}

/// A text from elsewhere, cut to what a detail shows.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// How we know that robots are turned away: by whose wall.
pub(super) fn wall(owner: &str) -> String {
    detail("detail-wall", [("owner", owner.to_owned())])
}

/// How we know that we are turned away: by the status.
pub(super) fn restricted(status: u16) -> String {
    if status == 451 { detail("detail-legal", []) } else { format!("HTTP {status}") }
}

/// A chain that lacks a certificate.
pub(super) fn missing(missing: &Missing) -> Cause {
    let id = match missing {
        Missing::At(_) => "detail-certificate-incomplete",
        Missing::Somewhere => "detail-certificate-issuer-left-out",
    };
    failed(Failure::Tls, id, [])
}

/// An HTTP status in words.
pub(super) fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    reason.map_or_else(|| format!("HTTP {status}"), |reason| format!("HTTP {status} {reason}"))
}

/// What was wrong with a handshake.
pub(super) fn tls(error: &TlsError) -> String {
    let id = match error {
        TlsError::InvalidCertificate(bad) => return certificate(bad),
        TlsError::AlertReceived(alert) => {
            return detail("detail-tls-alert", [("alert", format!("{alert:?}"))]);
        }
        TlsError::InvalidMessage(_) => "detail-tls-none",
        TlsError::PeerIncompatible(_) => "detail-tls-incompatible",
        TlsError::NoCertificatesPresented => "detail-certificate-none",
        _ => "detail-tls-failed",
    };
    detail(id, [])
}

fn certificate(bad: &CertificateError) -> String {
    let id = match bad {
        CertificateError::Expired => "detail-certificate-expired",
        CertificateError::ExpiredContext { not_after, .. } => match date(not_after.as_secs()) {
            Some(date) => return detail("detail-certificate-expired-on", [("date", date)]),
            None => "detail-certificate-expired",
        },
        CertificateError::NotValidYet => "detail-certificate-early",
        CertificateError::NotValidYetContext { not_before, .. } => {
            match date(not_before.as_secs()) {
                Some(date) => return detail("detail-certificate-early-until", [("date", date)]),
                None => "detail-certificate-early",
            }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "detail-certificate-name"
        }
        CertificateError::UnknownIssuer => "detail-certificate-issuer",
        CertificateError::BadSignature => "detail-certificate-signature",
        // Above all that of an authority, which self-signed ones often are.
        CertificateError::Other(_) => "detail-certificate-kind",
        CertificateError::Revoked => "detail-certificate-revoked",
        _ => "detail-certificate-bad",
    };
    detail(id, [])
}

fn date(seconds: u64) -> Option<String> {
    let at = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(at.strftime("%F").to_string())
}
