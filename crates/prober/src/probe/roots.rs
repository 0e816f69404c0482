//! The roots that we trust, each until its own end: curl and browsers refuse a chain that leads to a root
//! that has ended, and our TLS library alone does not.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    Error, RootCertStore,
    pki_types::{CertificateDer, TrustAnchor, UnixTime},
};

use super::verified_chains::end_of;

/// The roots.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// Each with its last second, in the order of these.
    all: Vec<(u64, TrustAnchor<'static>)>,
    /// Those without the ones that had ended when they were last asked for, and the number of those.
    valid: Mutex<Option<(usize, Arc<RootCertStore>)>>,
}

impl Roots {
    /// Trusts one more.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    pub(super) fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), Error> {
        let end = end_of(&certificate).unwrap_or(u64::MAX);
        let mut alone = RootCertStore::empty();
        alone.add(certificate)?;
        let place = self.all.partition_point(|(other, _)| *other <= end);
        let added = alone.roots.into_iter().map(|anchor| (end, anchor));
        self.all.splice(place..place, added);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Those that are valid at this moment.
    pub(super) fn valid(&self, now: UnixTime) -> Arc<RootCertStore> {
        let ended = self.ended_before(now);
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, roots)) = valid.as_ref().filter(|(other, _)| *other == ended) {
            return roots.clone();
        }
        let roots = self.all[ended..].iter().map(|(_, anchor)| anchor.clone()).collect();
        valid.insert((ended, Arc::new(roots))).1.clone()
    }

    /// Those that have ended, if there are any.
    pub(super) fn ended(&self, now: UnixTime) -> Option<RootCertStore> {
        let ended = &self.all[..self.ended_before(now)];
        (!ended.is_empty()).then(|| ended.iter().map(|(_, anchor)| anchor.clone()).collect())
    }

    /// The moment at which the first of the valid ones ends.
    pub(super) fn valid_until(&self, now: UnixTime) -> UnixTime {
        let next = self.all.get(self.ended_before(now));
        UnixTime::since_unix_epoch(Duration::from_secs(next.map_or(u64::MAX, |(end, _)| *end)))
    }

    fn ended_before(&self, now: UnixTime) -> usize {
        self.all.partition_point(|(end, _)| *end < now.as_secs())
    }
}
