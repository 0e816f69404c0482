//! Whose turn it is in a story: the turns of the real schedule, and the looks that the judge wants.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{
    moment::Moment,
    name::{Region, Slug},
    schedule::{meets, next, offset, soon},
    site::Site,
};

/// The turns of all sites.
#[derive(Debug)]
pub(super) struct VirtualSchedule {
    sites: HashMap<Slug, PlannedTurn>,
}

#[derive(Debug)]
struct PlannedTurn {
    site: Arc<Site>,
    offset: Duration,
    regular: Moment,
    extra: Option<Moment>,
    /// Until when a turn of it is under way.
    busy: Option<Moment>,
    /// After how many addresses of the site its next turn begins.
    before: u8,
}

impl PlannedTurn {
    fn due(&self) -> Moment {
        self.extra.map_or(self.regular, |extra| extra.min(self.regular))
    }
}

impl VirtualSchedule {
    /// The turns from this moment on.
    pub(super) fn new(sites: &[Arc<Site>], region: &Region, begins: Moment) -> Self {
        let plan = |site: &Arc<Site>| {
            let offset = offset(&site.slug, region, site.interval);
            let regular = next(begins, offset, site.interval);
            let site = site.clone();
            let slug = site.slug.clone();
            let planned = PlannedTurn { site, offset, regular, extra: None, busy: None, before: 0 };
            (slug, planned)
        };
        Self { sites: sites.iter().map(plan).collect() }
    }

    /// The moment of the next turn.
    pub(super) fn next(&self) -> Option<Moment> {
        self.sites.values().map(PlannedTurn::due).min()
    }

    /// Takes the turns until this moment, in order, each with the addresses before its own
    /// it; of each site one at most. A site whose last turn is under way still is left out.
    pub(super) fn take(&mut self, until: Moment) -> Vec<(Moment, Arc<Site>, u8)> {
        let mut taken = Vec::new();
        for planned in self.sites.values_mut() {
            let due = planned.due();
            if due > until {
                continue;
            }
            planned.extra = planned.extra.filter(|extra| *extra > due);
            if planned.regular <= due {
                planned.regular = next(due, planned.offset, planned.site.interval);
            }
            if planned.busy.is_none_or(|busy| busy <= due) {
                taken.push((due, planned.site.clone(), planned.before));
            }
        }
        taken.sort_by(|one, other| (one.0, &one.1.slug).cmp(&(other.0, &other.1.slug)));
        taken
    }

    /// A turn ends at this moment, so many attempts after it began, and has failed or not.
    pub(super) fn end(&mut self, slug: &Slug, at: Moment, attempts: u8, failed: bool) {
        let Some(planned) = self.sites.get_mut(slug) else { return };
        planned.busy = Some(at);
        planned.before = planned.before.wrapping_add(if failed { attempts } else { 1 });
    }

    /// Plans an extra turn soon after this moment.
    pub(super) fn come_back(&mut self, slug: &Slug, now: Moment) {
        let Some(planned) = self.sites.get_mut(slug) else { return };
        // A turn that is due about then will do.
        if !meets(planned.regular, now) {
            planned.extra.get_or_insert(soon(now));
        }
    }
}
