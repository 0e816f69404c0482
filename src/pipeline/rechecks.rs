//! Rechecks that the judge requests, by region. A request may be dropped: where there is no room
//! for it, the site's next scheduled check comes anyway.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use tokio::sync::mpsc;

use model::name::{Region, Slug};

/// Sites that wait for an agent of a region to ask for them, at most.
const MAX_WAITING: usize = 1_000;

/// Rechecks that the judge requests.
#[derive(Debug)]
pub struct Rechecks {
    own: Region,
    to_own: mpsc::Sender<Slug>,
    waiting: Mutex<BTreeMap<Region, BTreeSet<Slug>>>,
}

impl Rechecks {
    /// No requests yet; those for the node's own region go to its prober at once.
    pub fn new(own: Region, to_own: mpsc::Sender<Slug>) -> Self {
        Self { own, to_own, waiting: Mutex::default() }
    }

    /// Takes the sites that an agent of this region should look at again.
    pub fn take(&self, region: &Region) -> Vec<Slug> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(region).into_iter().flatten().collect()
    }

    /// Returns whether the node itself looks from this region.
    pub(super) fn is_own(&self, region: &Region) -> bool {
        self.own == *region
    }

    /// Requests a recheck of a site from a region.
    pub(super) fn request(&self, region: &Region, slug: Slug) {
        if *region == self.own {
            return drop(self.to_own.try_send(slug));
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_region = waiting.entry(region.clone()).or_default();
        if of_region.len() < MAX_WAITING {
            of_region.insert(slug);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_of_another_region_wait_for_its_agent_once_each_and_bounded() {
        let (to_own, mut own) = mpsc::channel(4);
        let (here, there) = (Region::new("ams").unwrap(), Region::new("syd").unwrap());
        let rechecks = Rechecks::new(here.clone(), to_own);
        let slug = |n: usize| Slug::new(&format!("s{n}.example")).unwrap();
        rechecks.request(&here, slug(0));
        for n in (0..2 * MAX_WAITING).chain(0..10) {
            rechecks.request(&there, slug(n));
        }
        assert_eq!(own.try_recv(), Ok(slug(0)));
        assert!(own.try_recv().is_err());
        assert_eq!(rechecks.take(&there).len(), MAX_WAITING);
        assert!(rechecks.take(&there).is_empty() && rechecks.take(&here).is_empty());
    }
}
