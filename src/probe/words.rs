//! Statuses and broken handshakes in words for people.

use rustls::{CertificateError, Error as TlsError};
use time::{OffsetDateTime, macros::format_description};

/// An HTTP status in words.
pub(super) fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    reason.map_or_else(|| format!("HTTP {status}"), |reason| format!("HTTP {status} {reason}"))
}

/// What was wrong with a handshake.
pub(super) fn tls(error: &TlsError) -> String {
    match error {
        TlsError::InvalidCertificate(bad) => certificate(bad),
        TlsError::InvalidMessage(_) => "the server does not speak TLS on this port".to_owned(),
        TlsError::AlertReceived(alert) => format!("the server ended the handshake ({alert:?})"),
        TlsError::PeerIncompatible(_) => {
            "the server has no TLS version or cipher for us".to_owned()
        }
        TlsError::NoCertificatesPresented => "the server shows no certificate".to_owned(),
        _ => "the TLS handshake failed".to_owned(),
    }
}

fn certificate(bad: &CertificateError) -> String {
    match bad {
        CertificateError::Expired => "the certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the certificate expired on {}", date(not_after.as_secs()))
        }
        CertificateError::NotValidYet => "the certificate is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("the certificate is not valid before {}", date(not_before.as_secs()))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "the certificate is from an unknown issuer".to_owned(),
        CertificateError::BadSignature => {
            "the certificate is not signed by the issuer that it names".to_owned()
        }
        // Above all that of an authority, which self-signed ones often are.
        CertificateError::Other(_) => {
            "the certificate is not one for a server, as self-signed ones often are not".to_owned()
        }
        CertificateError::Revoked => "the certificate has been revoked".to_owned(),
        _ => "the certificate is not valid".to_owned(),
    }
}

fn date(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    let text = at.and_then(|at| at.format(format_description!("[year]-[month]-[day]")).ok());
    text.unwrap_or_else(|| "an unknown day".to_owned())
}
