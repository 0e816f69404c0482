//! Remembers chains of certificates that were verified a short while ago.
//!
//! To verify a chain costs more than all else of a check, and a site shows the same chain for weeks. A
//! chain is known again by a hash of its certificates exactly as they were sent, in their order, and of
//! the name that they were verified for. That the server holds the key of its certificate is no part of
//! this: its signature over each handshake is verified each time.
//!
//! The memory belongs to one set of roots, and must never outlive it: see [`super::trust::Trust`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hashlink::LruCache;
use ring::digest::{Context, SHA256};
use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{observations::CertificateFacts, trust::Name};

/// Chains that are remembered; each takes some 250 bytes.
const MAX_CHAINS: usize = 100_000;
/// Time for which one is remembered at most.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// The hash of a chain and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ChainKey([u8; 32]);

impl ChainKey {
    /// The key of a chain that was sent for a name. Each part is hashed behind its length, so that no
    /// other parts give the same bytes.
    pub(super) fn new(
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &Name<'_>,
    ) -> Self {
        let mut context = Context::new(&SHA256);
        let mut part = |kind: u8, bytes: &[u8]| {
            context.update(&[kind]);
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        match name {
            Name::Usual(name) => part(0, name.to_str().as_bytes()),
            Name::Odd(name) => part(1, name.as_bytes()),
        }
        part(2, leaf);
        for certificate in sent {
            part(3, certificate);
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }
}

/// A chain that was verified.
#[derive(Debug)]
struct VerifiedChain {
    /// Moment of the verification. Before, as by a clock that was set back, nothing is known of it.
    at: UnixTime,
    /// Until when that holds.
    until: UnixTime,
    leaf: Arc<CertificateFacts>,
}

/// Chains that were verified with one set of roots.
#[derive(Debug)]
pub(super) struct VerifiedChains(Mutex<LruCache<ChainKey, VerifiedChain>>);

impl Default for VerifiedChains {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX_CHAINS)))
    }
}

impl VerifiedChains {
    /// The facts of the server's own certificate, if this chain was verified and still is good now.
    pub(super) fn get(&self, key: &ChainKey, now: UnixTime) -> Option<Arc<CertificateFacts>> {
        let mut chains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let chain = chains.get(key)?;
        if (chain.at..=chain.until).contains(&now) {
            return Some(chain.leaf.clone());
        }
        chains.remove(key);
        None
    }

    /// Remembers a chain that was verified now: until the first of its certificates ends, needed or
    /// not, or a root may, or an hour is over. One with a certificate that cannot be read is not remembered.
    pub(super) fn insert(
        &self,
        key: ChainKey,
        (leaf, sent): (&CertificateDer<'_>, &[CertificateDer<'_>]),
        facts: &Arc<CertificateFacts>,
        (now, roots_until): (UnixTime, UnixTime),
    ) {
        let most = now.as_secs().saturating_add(KEPT_FOR.as_secs());
        let mut until = most.min(roots_until.as_secs());
        for certificate in std::iter::once(leaf).chain(sent) {
            let Some(end) = end_of(certificate) else { return };
            until = until.min(end);
        }
        if until < now.as_secs() {
            return;
        }
        let until = UnixTime::since_unix_epoch(Duration::from_secs(until));
        let chain = VerifiedChain { at: now, until, leaf: facts.clone() };
        let mut chains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chains.insert(key, chain);
    }
}

/// The last second of a certificate's validity.
pub(super) fn end_of(certificate: &[u8]) -> Option<u64> {
    let (rest, certificate) = X509Certificate::from_der(certificate).ok()?;
    let end = certificate.validity().not_after.timestamp();
    u64::try_from(end).ok().filter(|_| rest.is_empty())
}
