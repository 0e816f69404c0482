//! How the sites of one provider are: their statuses, the event that has not ended, and how many
//! turned bad together. Pure.

use std::time::Duration;

use super::Event;
use crate::model::{
    moment::Moment,
    name::Slug,
    verdict::{Counts, Status},
};

/// How the sites of one provider are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The provider's slug.
    pub provider: Box<str>,
    /// How many of its sites have which status.
    pub counts: Counts,
    /// The event that has not ended, if there is one.
    pub event: Option<Event>,
    /// When those of its sites turned bad that are bad, in order.
    pub fell: Vec<Moment>,
}

impl Standing {
    /// How these sites of a provider are: the status of each, and since when.
    pub fn of(
        provider: &str,
        sites: impl IntoIterator<Item = (Status, Option<Moment>)>,
        event: Option<Event>,
    ) -> Self {
        let sites: Vec<_> = sites.into_iter().collect();
        let counts = sites.iter().map(|(status, _)| *status).collect();
        let bad = sites.iter().filter(|(status, _)| status.is_outage());
        let mut fell: Vec<Moment> = bad.filter_map(|(_, since)| *since).collect();
        fell.sort_unstable();
        Self { provider: provider.into(), counts, event, fell }
    }

    /// How many of its sites are bad.
    pub fn affected(&self) -> usize {
        self.counts.bad()
    }

    /// Whether a site that is bad now is bad with its provider.
    pub fn explains(&self, slug: &Slug, status: Status) -> bool {
        status.is_outage() && self.holds(slug)
    }

    /// Whether the site is among those that were bad with it.
    pub fn holds(&self, slug: &Slug) -> bool {
        self.event.as_ref().is_some_and(|event| event.sites.contains(slug))
    }

    /// The most of its bad sites that turned bad within ten minutes: how many, the first, the last.
    pub fn together(&self) -> (usize, Moment, Moment) {
        let from = |n: usize| {
            let first = self.fell[n];
            let with = self.fell[n..].iter().take_while(|at| at.since(first) <= TOGETHER);
            (with.clone().count(), first, with.last().copied().unwrap_or(first))
        };
        let all = (0..self.fell.len()).map(from);
        all.rev().max_by_key(|(count, ..)| *count).unwrap_or_default()
    }
}

/// Sites that turn bad within this may well have one cause.
const TOGETHER: Duration = Duration::from_mins(10);
