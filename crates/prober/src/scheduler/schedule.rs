//! The schedule: a heap of checks that are due, in moments of the wall clock.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use super::CLOCK_SET;
use model::{
    moment::Moment,
    name::{Region, Slug},
    schedule,
    site::Site,
};

/// New sites get their first checks at this rate at most.
const FIRST_CHECKS_PER_SECOND: u32 = 50;
/// State shared by the checks of one site.
#[derive(Debug, Default)]
struct SiteProgress {
    /// True if one is under way.
    under_way: AtomicBool,
    /// Number of addresses of the site that earlier checks have begun with.
    used_addresses: AtomicU8,
}

/// A check that is due.
#[derive(Debug)]
pub(super) struct ScheduledCheck {
    site: Arc<Site>,
    due: Moment,
    progress: Arc<SiteProgress>,
    claimed: bool,
}

impl ScheduledCheck {
    /// Site to be checked.
    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// Claims the site for this check until it is dropped; false when another check of the site is
    /// still under way.
    pub(super) fn claim(&mut self) -> bool {
        self.claimed = !self.progress.under_way.swap(true, Ordering::AcqRel);
        self.claimed
    }

    /// Number of addresses of the site to skip at the beginning of this check.
    pub(super) fn skipped_addresses(&self) -> u8 {
        self.progress.used_addresses.load(Ordering::Relaxed)
    }

    /// Notes for the next check the outcome of this one: it begins with the next address, or, if
    /// all attempts failed, with one that has not been tried.
    pub(super) fn note_result(&self, failed: bool, attempts: u8) {
        let used = self.skipped_addresses().wrapping_add(if failed { attempts } else { 1 });
        self.progress.used_addresses.store(used, Ordering::Relaxed);
    }

    /// Time since it was due.
    pub(super) fn late_by(&self, now: Moment) -> Duration {
        now.since(self.due)
    }

    /// Returns whether that is too much: half an interval, or ten seconds.
    pub(super) fn is_too_late(&self, late_by: Duration) -> bool {
        late_by > (self.site.interval / 2).min(Duration::from_secs(10))
    }
}

impl Drop for ScheduledCheck {
    fn drop(&mut self) {
        if self.claimed {
            self.progress.under_way.store(false, Ordering::Release);
        }
    }
}

/// The checks to come.
#[derive(Debug)]
pub(super) struct Schedule {
    region: Region,
    /// The heap names sites by their index here; a new catalogue makes both anew.
    sites: Vec<PlannedSite>,
    index: HashMap<Slug, usize>,
    heap: BinaryHeap<Reverse<(Moment, CheckKind, usize)>>,
    seen: Moment,
}

#[derive(Debug)]
struct PlannedSite {
    site: Arc<Site>,
    offset: Duration,
    /// The scheduled check in force; any other one in the heap is out of date.
    due: Moment,
    /// The requested recheck in force.
    extra: Option<Moment>,
    /// State shared with the checks under way.
    progress: Arc<SiteProgress>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CheckKind {
    Regular,
    Extra,
}

impl Schedule {
    pub(super) fn new(region: Region) -> Self {
        let (sites, index, heap) = (Vec::new(), HashMap::new(), BinaryHeap::new());
        Self { region, sites, index, heap, seen: Moment::default() }
    }

    /// Plans these sites and no others. Sites that stay keep their schedule; new ones get a first
    /// check soon, spread over some time.
    pub(super) fn set_sites(&mut self, sites: &[Arc<Site>], now: Moment) {
        let mut old: HashMap<_, _> =
            self.clear().map(|planned| (planned.site.slug.clone(), planned)).collect();
        let new = sites.iter().filter(|s| !old.contains_key(s.slug.as_str())).count() as u32;
        let spread =
            Duration::from_secs(1).max(Duration::from_secs(1) * new / FIRST_CHECKS_PER_SECOND);
        for site in sites {
            let offset = schedule::offset(&site.slug, &self.region, site.interval);
            let next = schedule::next(now, offset, site.interval);
            let place = offset.as_secs_f64() / site.interval.as_secs_f64();
            let first = now + spread.min(site.interval).mul_f64(place);
            let (due, extra, progress) = match old.remove(site.slug.as_str()) {
                Some(known) if known.site.interval == site.interval => {
                    (known.due, known.extra, known.progress)
                }
                Some(known) => (next, known.extra, known.progress),
                // A scheduled check that is near needs no first check before it.
                None => (next, Some(first).filter(|_| next > now + spread * 2), Arc::default()),
            };
            self.plan(PlannedSite { site: site.clone(), offset, due, extra, progress });
        }
    }

    /// Plans a recheck soon, unless there is one already or the next check is about as soon.
    pub(super) fn recheck_soon(&mut self, slug: &Slug, now: Moment) {
        let Some(&place) = self.index.get(slug) else { return };
        let planned = &mut self.sites[place];
        if planned.extra.is_some() || schedule::meets(planned.due, now) {
            return;
        }
        let soon = schedule::soon(now);
        planned.extra = Some(soon);
        self.heap.push(Reverse((soon, CheckKind::Extra, place)));
    }

    /// Moment of the next check.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.heap.peek().map(|Reverse((due, ..))| *due)
    }

    /// Takes the next check that is due, and plans the one after it.
    pub(super) fn take_due(&mut self, now: Moment) -> Option<ScheduledCheck> {
        if now + CLOCK_SET < self.seen {
            self.plan_anew(now);
        }
        self.seen = now;
        while self.next_due().is_some_and(|due| due <= now) {
            let Reverse((due, kind, place)) = self.heap.pop()?;
            let planned = &mut self.sites[place];
            match kind {
                CheckKind::Extra if planned.extra == Some(due) => planned.extra = None,
                CheckKind::Regular if planned.due == due => {
                    planned.due = schedule::next(now, planned.offset, planned.site.interval);
                    self.heap.push(Reverse((planned.due, CheckKind::Regular, place)));
                }
                _ => continue,
            }
            let (site, progress) = (planned.site.clone(), planned.progress.clone());
            return Some(ScheduledCheck { site, due, progress, claimed: false });
        }
        None
    }

    fn plan(&mut self, planned: PlannedSite) {
        let place = self.sites.len();
        self.heap.push(Reverse((planned.due, CheckKind::Regular, place)));
        if let Some(extra) = planned.extra {
            self.heap.push(Reverse((extra, CheckKind::Extra, place)));
        }
        self.index.insert(planned.site.slug.clone(), place);
        self.sites.push(planned);
    }

    /// Plans nothing any more; gives what was planned.
    fn clear(&mut self) -> impl Iterator<Item = PlannedSite> + use<> {
        self.heap.clear();
        self.index.clear();
        std::mem::take(&mut self.sites).into_iter()
    }

    /// The clock was set: all checks are planned again at their places.
    pub(super) fn plan_anew(&mut self, now: Moment) {
        for planned in self.clear() {
            let due = schedule::next(now, planned.offset, planned.site.interval);
            let extra = planned.extra.map(|_| schedule::soon(now));
            self.plan(PlannedSite { due, extra, ..planned });
        }
    }
}
