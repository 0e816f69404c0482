//! Verification of certificates: a chain up to one of our roots that has not ended, for the requested name.
//!
//! A chain in which the server leaves a certificate out is completed with certificates fetched
//! before ([`Trust::add`]); the missing one is noted in [`context`], for the caller to fetch. All
//! that is fetched is verified like what the server sends, wherever it came from.
//!
//! A whole chain that was verified lately is not verified again: see [`super::verified_chains`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hashlink::LruCache;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio::time::Instant;
use url::Url;
use x509_parser::{
    extensions::{GeneralName, ParsedExtension},
    oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS,
    prelude::{FromDer, X509Certificate},
};

use super::{
    observations::CertificateFacts,
    roots::Roots,
    verified_chains::{ChainKey, VerifiedChains},
};
use crate::probe::context;
use model::note::Peculiarity;

/// Fetched certificates that are remembered, and addresses where there was none.
const MAX_FETCHED: usize = 64;
const MAX_FAILURES: usize = 256;
/// Time for which an address without a certificate is not asked again.
const RETRY_FETCH_AFTER: Duration = Duration::from_mins(5);
/// Certificates that a server may leave out of a chain, and links of a chain.
const MAX_MISSING: usize = 3;
const MAX_CHAIN: usize = 8;

/// Findings of an attempt about a server's certificates.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// The server's own certificate, also where it was refused.
    pub(super) leaf: Option<CertificateDer<'static>>,
    /// Its facts, once it was verified.
    pub(super) facts: Option<Arc<CertificateFacts>>,
    /// Certificate left out of the chain.
    pub(super) missing: Option<Missing>,
    /// Peculiarity of a chain that was accepted.
    pub(super) peculiarity: Option<Peculiarity>,
    /// True if the server asked for a certificate of ours.
    pub(super) wants_ours: bool,
}

/// A certificate that a server leaves out of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is to be found there.
    At(Url),
    /// Nothing says where it is.
    Somewhere,
}

/// Our roots, and the certificates that servers left out.
#[derive(Debug)]
pub(super) struct Trust {
    /// They never change: what was verified with them is dropped with them.
    roots: Roots,
    provider: Arc<CryptoProvider>,
    verified: VerifiedChains,
    found: Mutex<LruCache<Box<str>, CertificateDer<'static>>>,
    /// Time of the last failure at an address.
    in_vain: Mutex<LruCache<Box<str>, Instant>>,
}

impl Trust {
    pub(super) fn new(roots: Roots, provider: Arc<CryptoProvider>) -> Self {
        let found = Mutex::new(LruCache::new(MAX_FETCHED));
        let in_vain = Mutex::new(LruCache::new(MAX_FAILURES));
        Self { roots, provider, verified: VerifiedChains::default(), found, in_vain }
    }

    /// Returns whether there was no certificate at this address a short while ago.
    pub(super) fn is_in_vain(&self, at: &Url, now: Instant) -> bool {
        let mut in_vain = self.in_vain.lock().unwrap_or_else(PoisonError::into_inner);
        in_vain.get(at.as_str()).is_some_and(|asked| now.duration_since(*asked) < RETRY_FETCH_AFTER)
    }

    /// Remembers that there is no certificate at this address.
    pub(super) fn note_in_vain(&self, at: &Url, now: Instant) {
        let mut in_vain = self.in_vain.lock().unwrap_or_else(PoisonError::into_inner);
        in_vain.insert(at.as_str().into(), now);
    }

    /// Remembers what was found there, if it is a certificate; says whether it is.
    pub(super) fn add(&self, from: &Url, bytes: &[u8]) -> bool {
        let certificate = if bytes.starts_with(b"-----") {
            CertificateDer::from_pem_slice(bytes).ok()
        } else {
            Some(CertificateDer::from(bytes.to_vec()))
        };
        let is_one = |der: &CertificateDer<'_>| X509Certificate::from_der(der).is_ok();
        let Some(certificate) = certificate.filter(is_one) else { return false };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(from.as_str().into(), certificate);
        true
    }

    /// Verifies a chain for a name, unless it was verified for that name a short while ago.
    pub(super) fn check(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &Name<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        context::shown(|shown| shown.leaf = Some(leaf.clone().into_owned()));
        let key = ChainKey::new(leaf, sent, name);
        let facts = if let Some(facts) = self.verified.get(&key, now) {
            facts
        } else {
            let whole = self.verify(leaf, sent, name, now)?;
            let facts = Arc::new(CertificateFacts::of(leaf));
            if whole {
                let until = self.roots.valid_until(now);
                self.verified.insert(key, (leaf, sent), &facts, (now, until));
            }
            facts
        };
        context::shown(|shown| shown.facts = Some(facts));
        Ok(())
    }

    /// Verifies a chain for a name; returns whether it is whole as it was sent.
    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &Name<'_>,
        now: UnixTime,
    ) -> Result<bool, Error> {
        let parsed = ParsedCertificate::try_from(leaf)?;
        let whole = match self.chain(&parsed, sent, now) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                let ended = self.roots.ended(now);
                if ended.is_some_and(|roots| self.leads_to(&roots, &parsed, sent, now).is_ok()) {
                    return Err(CertificateError::Expired.into());
                }
                self.complete(&parsed, leaf, sent, now)?;
                false
            }
            checked => checked.map(|()| true)?,
        };
        match name {
            Name::Usual(name) => verify_server_name(&parsed, name)?,
            Name::Odd(name) if is_for(leaf, name) => {}
            Name::Odd(_) => return Err(CertificateError::NotValidForName.into()),
        }
        Ok(whole)
    }

    fn chain(
        &self,
        leaf: &ParsedCertificate<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        self.leads_to(&self.roots.valid(now), leaf, others, now)
    }

    fn leads_to(
        &self,
        roots: &RootCertStore,
        leaf: &ParsedCertificate<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(leaf, roots, others, now, algorithms)
    }

    /// Checks a chain with what was fetched for it.
    fn complete(
        &self,
        parsed: &ParsedCertificate<'_>,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let unknown = || CertificateError::UnknownIssuer.into();
        let mut others = sent.to_vec();
        for _ in 0..MAX_MISSING {
            let Some(missing) = missing(leaf, &others) else { break };
            let Some(found) = self.found(&missing) else {
                context::shown(|shown| shown.missing = Some(missing));
                return Err(unknown());
            };
            others.push(found);
            match self.chain(parsed, &others, now) {
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                Ok(()) => {
                    context::shown(|shown| shown.peculiarity = Some(Peculiarity::IncompleteChain));
                    return Ok(());
                }
                failed => return failed,
            }
        }
        Err(unknown())
    }

    fn found(&self, missing: &Missing) -> Option<CertificateDer<'static>> {
        let Missing::At(url) = missing else { return None };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(url.as_str()).cloned()
    }
}

/// The name that a certificate must have.
#[derive(Debug)]
pub(super) enum Name<'a> {
    /// A name that the TLS library accepts.
    Usual(&'a ServerName<'a>),
    /// A name that breaks the rules for host names, such as `a-.example`, but is in use.
    Odd(&'a str),
}

/// The certificate missing in a chain: the issuer of the last one that leads upwards.
fn missing(leaf: &[u8], others: &[CertificateDer<'_>]) -> Option<Missing> {
    let parse = |der| X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate);
    let others: Vec<_> = others.iter().filter_map(|der| parse(der)).collect();
    let mut last = &parse(leaf)?;
    for _ in 0..MAX_CHAIN {
        if last.issuer().as_raw() == last.subject().as_raw() {
            return None;
        }
        match others.iter().find(|other| other.subject().as_raw() == last.issuer().as_raw()) {
            Some(issuer) => last = issuer,
            None => return Some(issuer_of(last).map_or(Missing::Somewhere, Missing::At)),
        }
    }
    None
}

/// Address of the issuer's certificate by a certificate's own word (RFC 5280, section 4.2.2.1).
fn issuer_of(certificate: &X509Certificate<'_>) -> Option<Url> {
    certificate.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return None;
        };
        access.iter().find_map(|at| match at.access_location {
            GeneralName::URI(uri) if at.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS => {
                Url::parse(uri).ok().filter(|url| url.scheme() == "http")
            }
            _ => None,
        })
    })
}

/// Returns whether a certificate is for a name of which TLS has no notion.
fn is_for(leaf: &[u8], name: &str) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    let parent = name.split_once('.').map(|(_, parent)| parent);
    names.value.general_names.iter().any(|known| match known {
        GeneralName::DNSName(known) => match known.strip_prefix("*.") {
            Some(known) => parent.is_some_and(|parent| parent.eq_ignore_ascii_case(known)),
            None => known.eq_ignore_ascii_case(name),
        },
        _ => false,
    })
}

/// Checks what servers show in a handshake; with another name than that of the handshake, if there
/// is one.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trust: Arc<Trust>,
    pub(super) odd: Option<Box<str>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let name = self.odd.as_deref().map_or(Name::Usual(name), Name::Odd);
        self.trust.check(leaf, sent, &name, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls12_signature(message, leaf, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls13_signature(message, leaf, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
