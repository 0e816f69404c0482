//! The schedule of a story: the checks of the real schedule, and the rechecks that the judge
//! requests.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{
    moment::Moment,
    name::{Region, Slug},
    schedule::{meets, next, offset, soon},
    site::Site,
};

/// The schedule of all sites.
#[derive(Debug)]
pub(super) struct VirtualSchedule {
    sites: HashMap<Slug, PlannedCheck>,
}

#[derive(Debug)]
struct PlannedCheck {
    site: Arc<Site>,
    offset: Duration,
    regular: Moment,
    extra: Option<Moment>,
    /// End of its check under way.
    busy: Option<Moment>,
    /// Number of addresses that its earlier checks began with.
    before: u8,
}

impl PlannedCheck {
    fn due(&self) -> Moment {
        self.extra.map_or(self.regular, |extra| extra.min(self.regular))
    }
}

impl VirtualSchedule {
    /// The schedule from this moment on.
    pub(super) fn new(sites: &[Arc<Site>], region: &Region, begins: Moment) -> Self {
        let plan = |site: &Arc<Site>| {
            let offset = offset(&site.slug, region, site.interval);
            let regular = next(begins, offset, site.interval);
            let site = site.clone();
            let slug = site.slug.clone();
            let planned =
                PlannedCheck { site, offset, regular, extra: None, busy: None, before: 0 };
            (slug, planned)
        };
        Self { sites: sites.iter().map(plan).collect() }
    }

    /// Moment of the next check.
    pub(super) fn next(&self) -> Option<Moment> {
        self.sites.values().map(PlannedCheck::due).min()
    }

    /// Takes the checks until this moment, in order, each with the number of addresses used before;
    /// at most one per site. A site whose last check is still under way is left out.
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

    /// Notes the end of a check at this moment, its number of attempts, and whether it failed.
    pub(super) fn end(&mut self, slug: &Slug, at: Moment, attempts: u8, failed: bool) {
        let Some(planned) = self.sites.get_mut(slug) else { return };
        planned.busy = Some(at);
        planned.before = planned.before.wrapping_add(if failed { attempts } else { 1 });
    }

    /// Plans a recheck soon after this moment.
    pub(super) fn plan_recheck(&mut self, slug: &Slug, now: Moment) {
        let Some(planned) = self.sites.get_mut(slug) else { return };
        // A scheduled check about then serves as well.
        if !meets(planned.regular, now) {
            planned.extra.get_or_insert(soon(now));
        }
    }
}
