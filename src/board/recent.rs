//! The last checks of a site, packed: 16 bytes each, since every site keeps some.
//!
//! At most [`MAX_CHECKS`] are kept, of at most 256 regions; any beyond that are dropped.

use std::collections::VecDeque;

use crate::board::live_site::CheckSummary;
use model::{moment::Moment, name::Region, outcome::Failure};

/// Checks that are kept.
const MAX_CHECKS: usize = 30;
/// No latency.
const NONE: u32 = u32::MAX;
/// The bits of [`PackedCheck::what`]: the failure's number, restricted or not, the attempts.
const FAILURE: u8 = 0x0f;
const RESTRICTED: u8 = 0x10;
const ATTEMPTS_FROM: u8 = 5;
const MOST_ATTEMPTS: u8 = 7;

/// The last checks of all regions, newest first.
#[derive(Clone, Debug, Default)]
pub struct RecentChecks {
    regions: Vec<Region>,
    checks: VecDeque<PackedCheck>,
}

#[derive(Clone, Copy, Debug)]
struct PackedCheck {
    at: Moment,
    /// Microseconds.
    latency: u32,
    /// 0 when there was no reply.
    http_status: u16,
    region: u8,
    what: u8,
}

impl RecentChecks {
    /// Number of checks.
    pub fn len(&self) -> usize {
        self.checks.len()
    }

    /// Returns whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// Returns whether older ones may have been dropped.
    pub fn is_full(&self) -> bool {
        self.checks.len() == MAX_CHECKS
    }

    /// Them all, newest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = CheckSummary> + ExactSizeIterator {
        self.checks.iter().map(|packed| self.unpack(*packed))
    }

    /// Takes a newer one.
    pub(super) fn push(&mut self, glance: &CheckSummary) {
        let Some(packed) = self.pack(glance) else { return };
        self.checks.truncate(MAX_CHECKS - 1);
        self.room();
        self.checks.push_front(packed);
    }

    /// Takes those that are older than all it has; newest first.
    pub(super) fn fill(&mut self, glances: &[CheckSummary]) {
        let oldest = self.checks.back().map(|packed| packed.at);
        for glance in glances.iter().filter(|glance| oldest.is_none_or(|at| glance.at < at)) {
            if self.checks.len() == MAX_CHECKS {
                return;
            }
            let Some(packed) = self.pack(glance) else { continue };
            self.room();
            self.checks.push_back(packed);
        }
    }

    /// Room for all that will ever come: growing by doubling would leave holes.
    fn room(&mut self) {
        if self.checks.capacity() == 0 {
            self.checks.reserve_exact(MAX_CHECKS);
        }
    }

    fn pack(&mut self, glance: &CheckSummary) -> Option<PackedCheck> {
        let known = self.regions.iter().position(|region| *region == glance.region);
        let region = u8::try_from(known.unwrap_or(self.regions.len())).ok()?;
        if known.is_none() {
            self.regions.reserve_exact(1);
            self.regions.push(glance.region.clone());
        }
        let failure = glance.failure.map_or(0, |failure| failure as u8);
        let restricted = if glance.restricted { RESTRICTED } else { 0 };
        let attempts = glance.attempts.min(MOST_ATTEMPTS) << ATTEMPTS_FROM;
        Some(PackedCheck {
            at: glance.at,
            latency: glance.latency.unwrap_or(NONE),
            http_status: glance.http_status.unwrap_or(0),
            region,
            what: failure | restricted | attempts,
        })
    }

    fn unpack(&self, packed: PackedCheck) -> CheckSummary {
        CheckSummary {
            at: packed.at,
            region: self.regions[usize::from(packed.region)].clone(),
            failure: Failure::ALL.into_iter().find(|f| *f as u8 == packed.what & FAILURE),
            restricted: packed.what & RESTRICTED != 0,
            http_status: (packed.http_status != 0).then_some(packed.http_status),
            latency: (packed.latency != NONE).then_some(packed.latency),
            attempts: packed.what >> ATTEMPTS_FROM,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(millis: i64, region: &str) -> CheckSummary {
        CheckSummary {
            at: Moment::from_millis(millis),
            region: Region::new(region).unwrap(),
            failure: None,
            restricted: false,
            http_status: Some(200),
            latency: Some(12_345),
            attempts: 1,
        }
    }

    #[test]
    fn what_goes_in_comes_out_again() {
        let mut recent = RecentChecks::default();
        let mut all = vec![glance(1, "local"), glance(2, "sydney")];
        all.extend(Failure::ALL.map(|failure| CheckSummary {
            failure: Some(failure),
            http_status: None,
            latency: None,
            attempts: 2,
            ..glance(10 + failure as i64, "sydney")
        }));
        all.push(CheckSummary { restricted: true, http_status: Some(403), ..glance(30, "local") });
        for glance in &all {
            recent.push(glance);
        }
        all.reverse();
        assert_eq!(recent.iter().collect::<Vec<_>>(), all);
        assert_eq!(size_of::<PackedCheck>(), 16);
    }

    #[test]
    fn the_newest_thirty_are_kept_in_the_room_of_thirty() {
        let mut recent = RecentChecks::default();
        for millis in 100..200 {
            recent.push(&glance(millis, "local"));
        }
        recent.fill(&[glance(99, "local")]);
        assert_eq!((recent.len(), recent.checks.capacity()), (30, 30));
        assert_eq!(recent.iter().next_back(), Some(glance(170, "local")));
    }
}
