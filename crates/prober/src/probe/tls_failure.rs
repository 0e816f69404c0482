//! Details of failed handshakes and certificates, from errors of our TLS library. Pure.

use rustls::{
    AlertDescription, CertificateError, Error as TlsError, PeerMisbehaved, pki_types::UnixTime,
};
use x509_parser::{
    asn1_rs::Oid,
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
    public_key::PublicKey,
};

use super::trust::Missing;
use model::{
    failure_detail::{FailureDetail, ForeignText},
    moment::Moment,
};

/// Signatures that can be forged, by the object identifier of their algorithm.
const WEAK: [(&[u8], &str); 5] = [
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02], "MD2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], "MD5"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], "SHA-1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], "SHA-1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03], "SHA-1"),
];

/// The shortest RSA key that TLS of today takes (RFC 9325, section 4.5).
const MIN_RSA_BITS: usize = 2_048;

/// Detail of a failed handshake in which the server showed this certificate, if any, and asked for
/// one of ours or not.
pub(super) fn detail(error: &TlsError, leaf: Option<&[u8]>, wants_ours: bool) -> FailureDetail {
    match error {
        TlsError::InvalidCertificate(fault) => certificate(fault, leaf),
        // What servers of TLS 1.2 say where later ones ask for it in so many words.
        TlsError::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateRequired,
        ) if wants_ours => FailureDetail::ClientCertificateWanted,
        TlsError::AlertReceived(alert) => FailureDetail::TlsAlert { alert: (*alert).into() },
        TlsError::InvalidMessage(_) => FailureDetail::NotTls,
        TlsError::PeerIncompatible(_)
        | TlsError::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            FailureDetail::NoCommonTls
        }
        TlsError::NoCertificatesPresented => FailureDetail::NoCertificate,
        other => FailureDetail::TlsFailed { message: other.to_string().into() },
    }
}

/// A chain that lacks a certificate.
pub(super) fn missing(missing: &Missing) -> FailureDetail {
    match missing {
        Missing::At(_) => FailureDetail::CertificateChainIncomplete,
        Missing::Somewhere => FailureDetail::CertificateIssuerNotSent,
    }
}

fn certificate(fault: &CertificateError, leaf: Option<&[u8]>) -> FailureDetail {
    use CertificateError as Fault;
    let leaf = leaf.and_then(|der| X509Certificate::from_der(der).ok()).map(|(_, leaf)| leaf);
    let is_self_signed =
        || leaf.as_ref().is_some_and(|leaf| leaf.subject().as_raw() == leaf.issuer().as_raw());
    match fault {
        Fault::Expired => FailureDetail::CertificateExpired { at: None, within_a_day: false },
        Fault::ExpiredContext { time, not_after } => {
            expired(moment(*not_after), is_within_a_day(*time, *not_after), leaf.as_ref())
        }
        Fault::NotValidYet => {
            FailureDetail::CertificateNotYetValid { from: None, within_a_day: false }
        }
        Fault::NotValidYetContext { time, not_before } => FailureDetail::CertificateNotYetValid {
            from: Some(moment(*not_before)),
            within_a_day: is_within_a_day(*time, *not_before),
        },
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => wrong_name(leaf.as_ref()),
        Fault::UnknownIssuer | Fault::Other(_) if is_self_signed() => {
            FailureDetail::CertificateSelfSigned
        }
        Fault::UnknownIssuer => {
            FailureDetail::CertificateUnknownAuthority { authority: authority(leaf.as_ref()) }
        }
        Fault::BadSignature => match leaf.as_ref().and_then(short_key) {
            Some(bits) => FailureDetail::CertificateWeakKey { bits },
            None => FailureDetail::CertificateBadSignature,
        },
        Fault::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. }
        | Fault::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id, ..
        } => signature(signature_algorithm_id),
        Fault::InvalidPurpose | Fault::InvalidPurposeContext { .. } => {
            FailureDetail::CertificateNotForServers
        }
        Fault::Other(_) if leaf.as_ref().is_some_and(|leaf| leaf.is_ca()) => {
            FailureDetail::CertificateNotForServers
        }
        Fault::Revoked => FailureDetail::CertificateRevoked,
        Fault::Other(inner) => {
            FailureDetail::CertificateInvalid { message: inner.to_string().into() }
        }
        other => FailureDetail::CertificateInvalid { message: other.to_string().into() },
    }
}

fn moment(at: UnixTime) -> Moment {
    Moment::from_millis(i64::try_from(at.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000))
}

fn is_within_a_day(one: UnixTime, other: UnixTime) -> bool {
    one.as_secs().abs_diff(other.as_secs()) < 24 * 60 * 60
}

/// A certificate that expired at this moment: the server's own, or one above it.
fn expired(at: Moment, within_a_day: bool, leaf: Option<&X509Certificate<'_>>) -> FailureDetail {
    let own = leaf.map(|leaf| leaf.validity().not_after.timestamp());
    if own.is_some_and(|own| own > at.millis() / 1_000) {
        return FailureDetail::CertificateChainExpired { at, within_a_day };
    }
    FailureDetail::CertificateExpired { at: Some(at), within_a_day }
}

/// The length of an RSA key that is too short.
fn short_key(leaf: &X509Certificate<'_>) -> Option<u32> {
    let Ok(PublicKey::RSA(key)) = leaf.public_key().parsed() else { return None };
    // A sign may come before the number.
    let modulus = key.modulus.iter().skip_while(|byte| **byte == 0).count() * 8;
    u32::try_from(modulus).ok().filter(|_| modulus < MIN_RSA_BITS)
}

fn wrong_name(leaf: Option<&X509Certificate<'_>>) -> FailureDetail {
    let extension = leaf.and_then(|leaf| leaf.subject_alternative_name().ok().flatten());
    let all = extension.iter().flat_map(|extension| &extension.value.general_names);
    let mut names = all.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(ForeignText::new(name)),
        GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}").as_str().into()),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 16]>::try_from(*bytes).ok()?;
            Some(std::net::Ipv6Addr::from(address).to_string().into())
        }
        _ => None,
    });
    let shown = names.by_ref().take(FailureDetail::MAX_NAMES).collect();
    FailureDetail::CertificateWrongName { names: shown, more: names.count() as u32 }
}

/// The name of the authority that a certificate says it is from.
fn authority(leaf: Option<&X509Certificate<'_>>) -> ForeignText {
    let name = leaf.and_then(|leaf| {
        let issuer = leaf.issuer();
        let mut names = issuer.iter_organization().chain(issuer.iter_common_name());
        names.find_map(|name| name.as_str().ok())
    });
    name.unwrap_or_default().into()
}

/// A signature by an algorithm that is not ours; its identifier is in DER.
fn signature(algorithm: &[u8]) -> FailureDetail {
    let Ok((_, id)) = Oid::from_der(algorithm) else {
        return FailureDetail::CertificateUnsupportedSignature { algorithm: "".into() };
    };
    match WEAK.iter().find(|(weak, _)| id.as_bytes() == *weak) {
        Some((_, name)) => FailureDetail::CertificateWeakSignature { algorithm: (*name).into() },
        None => {
            FailureDetail::CertificateUnsupportedSignature { algorithm: id.to_id_string().into() }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::*;

    #[test]
    fn a_signature_that_can_be_forged_is_weak_and_another_is_only_unknown() {
        // SHA-1 and SHA-512 of ECDSA, SHA-1 of RSA with its parameters, and nonsense.
        let sha1 = FailureDetail::CertificateWeakSignature { algorithm: "SHA-1".into() };
        let rsa = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 5, 0];
        assert_eq!(signature(&rsa), sha1);
        assert_eq!(signature(&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]), sha1);
        let unknown = |algorithm: &str| FailureDetail::CertificateUnsupportedSignature {
            algorithm: algorithm.into(),
        };
        let sha512 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
        assert_eq!(signature(&sha512), unknown("1.2.840.10045.4.3.4"));
        assert_eq!(signature(&[6, 200, 1]), unknown(""));
    }

    /// An RSA key of 512 bits.
    const SHORT: &[u8] = b"-----BEGIN CERTIFICATE-----\n\
         MIIBbzCCARmgAwIBAgIUFuwWejIWw7MEn98s/YVcJNev/PgwDQYJKoZIhvcNAQEL\n\
         BQAwDDEKMAgGA1UEAwwBYTAeFw0yNjExMzAwNzUyNDNaFw0zNjExMjcwNzUyNDNa\n\
         MAwxCjAIBgNVBAMMAWEwXDANBgkqhkiG9w0BAQEFAANLADBIAkEAm/DDjA1asLDW\n\
         W01+R3EPndkZd8cmjbwgnes96FvN220H0JF8dl5yRqRUFWXZ+zIAU1r9JtBEimQ6\n\
         K4se6mdsmwIDAQABo1MwUTAdBgNVHQ4EFgQULHbiXUS+Sl09AD59slcoBacyWyUw\n\
         HwYDVR0jBBgwFoAULHbiXUS+Sl09AD59slcoBacyWyUwDwYDVR0TAQH/BAUwAwEB\n\
         /zANBgkqhkiG9w0BAQsFAANBACxSac0XHlivCM2vxZU8szacedt+03JtA4C5cUE6\n\
         uryqhzOUZf/dfE6iI8KWfPKRJBrMEfvbfeRLdyk8bAjWbX0=\n\
         -----END CERTIFICATE-----\n";

    #[test]
    fn a_key_that_is_too_short_is_no_wrong_signature() {
        let short = CertificateDer::from_pem_slice(SHORT).unwrap();
        let bad = TlsError::from(CertificateError::BadSignature);
        let weak = FailureDetail::CertificateWeakKey { bits: 512 };
        assert_eq!(detail(&bad, Some(&short), false), weak);
        assert_eq!(detail(&bad, None, false), FailureDetail::CertificateBadSignature);
    }

    #[test]
    fn an_alert_after_the_server_asked_for_a_certificate_is_that_it_wants_one() {
        use AlertDescription::{CertificateRequired, HandshakeFailure, InternalError};
        for (alert, asked, want) in [
            (HandshakeFailure, true, FailureDetail::ClientCertificateWanted),
            (CertificateRequired, true, FailureDetail::ClientCertificateWanted),
            (HandshakeFailure, false, FailureDetail::TlsAlert { alert: 40 }),
            (InternalError, true, FailureDetail::TlsAlert { alert: 80 }),
        ] {
            assert_eq!(detail(&TlsError::AlertReceived(alert), None, asked), want);
        }
    }

    #[test]
    fn a_certificate_that_begins_or_ends_within_a_day_is_marked() {
        let at = |hours: u64| UnixTime::since_unix_epoch(Duration::from_secs(hours * 3_600));
        for (now, then, near) in
            [(100, 80, true), (100, 76, false), (80, 103, true), (80, 104, false)]
        {
            let (time, moment) = (at(now), moment(at(then)));
            let (fault, told) = if then < now {
                let told =
                    FailureDetail::CertificateExpired { at: Some(moment), within_a_day: near };
                (CertificateError::ExpiredContext { time, not_after: at(then) }, told)
            } else {
                let from = Some(moment);
                let told = FailureDetail::CertificateNotYetValid { from, within_a_day: near };
                (CertificateError::NotValidYetContext { time, not_before: at(then) }, told)
            };
            assert_eq!(detail(&fault.into(), None, false), told);
        }
    }

    #[test]
    fn what_is_broken_beyond_reading_has_no_names() {
        let wrong = detail(&CertificateError::NotValidForName.into(), Some(b"nonsense"), false);
        let nameless = FailureDetail::CertificateWrongName { names: [].into(), more: 0 };
        assert_eq!(wrong, nameless);
    }
}
