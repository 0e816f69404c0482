//! Whose turn it is in a story: the turns of the real schedule, and the looks that the judge wants.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::model::{
    moment::Moment,
    name::{Region, Slug},
    site::Site,
    turn::{next, offset},
};

/// The judge's wish to look again is met after this time, as in the service.
const COME_BACK_AFTER: Duration = Duration::from_secs(5);

/// The turns of all sites.
#[derive(Debug)]
pub(super) struct Turns {
    sites: HashMap<Slug, Planned>,
}

#[derive(Debug)]
struct Planned {
    site: Arc<Site>,
    offset: Duration,
    regular: Moment,
    extra: Option<Moment>,
}

impl Planned {
    fn due(&self) -> Moment {
        self.extra.map_or(self.regular, |extra| extra.min(self.regular))
    }
}

impl Turns {
    /// The turns from this moment on.
    pub(super) fn new(sites: &[Arc<Site>], region: &Region, begins: Moment) -> Self {
        let plan = |site: &Arc<Site>| {
            let offset = offset(&site.slug, region, site.interval);
            let regular = next(begins, offset, site.interval);
            let planned = Planned { site: site.clone(), offset, regular, extra: None };
            (site.slug.clone(), planned)
        };
        Self { sites: sites.iter().map(plan).collect() }
    }

    /// The moment of the next turn.
    pub(super) fn next(&self) -> Option<Moment> {
        self.sites.values().map(Planned::due).min()
    }

    /// Takes the turns until this moment, in order; of each site one at most.
    pub(super) fn take(&mut self, until: Moment) -> Vec<(Moment, Arc<Site>)> {
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
            taken.push((due, planned.site.clone()));
        }
        taken.sort_by(|one, other| (one.0, &one.1.slug).cmp(&(other.0, &other.1.slug)));
        taken
    }

    /// Plans an extra turn soon after this moment, but never before `earliest`.
    pub(super) fn come_back(&mut self, slug: &Slug, after: Moment, earliest: Moment) {
        let Some(planned) = self.sites.get_mut(slug) else { return };
        let soon = after + COME_BACK_AFTER.min(planned.site.interval / 5);
        planned.extra.get_or_insert(soon.max(earliest));
    }
}
