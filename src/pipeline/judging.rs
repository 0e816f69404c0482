//! The judge's memory of all sites of the catalogue.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    journal::Entry,
    model::{
        check::Check,
        judge::{Limits, Rules, SiteState, Step},
        moment::Moment,
        name::Slug,
        site::Site,
        verdict::{Change, Outage, Status, Verdict},
    },
};

/// The judge's memory of all sites.
#[derive(Debug)]
pub struct Judging {
    rules: Rules,
    sites: HashMap<Slug, (Limits, SiteState)>,
}

impl Judging {
    /// A memory with what an earlier run left. Call [`Judging::set_sites`] before the first check.
    pub fn new(rules: Rules, states: HashMap<Slug, SiteState>) -> Self {
        let none = Limits { fresh_for: Duration::ZERO, slow_after: None };
        let sites = states.into_iter().map(|(slug, state)| (slug, (none, state))).collect();
        Self { rules, sites }
    }

    /// Takes a check in; `None` when its site is not in the catalogue.
    pub fn check(&mut self, check: &Check) -> Option<Step> {
        let (limits, state) = self.sites.get_mut(&check.slug)?;
        Some(state.check(check, limits, &self.rules))
    }

    /// Says that it is `now`; gives a change for each site whose evidence ran out.
    pub fn silence(&mut self, now: Moment) -> Vec<Entry> {
        let each = self.sites.iter_mut().filter_map(|(slug, (limits, state))| {
            let change = state.silence(now, limits)?;
            Some(Entry::Change(slug.clone(), change))
        });
        each.collect()
    }

    /// Judges these sites and no others; gives a last change for each that left.
    pub fn set_sites(&mut self, sites: &[Arc<Site>], now: Moment) -> Vec<Entry> {
        let mut old = std::mem::take(&mut self.sites);
        for site in sites {
            let state = old.remove(&site.slug).map(|(_, state)| state).unwrap_or_default();
            self.sites.insert(site.slug.clone(), (Limits::of(site), state));
        }
        old.into_iter().filter_map(|(slug, (_, state))| farewell(slug, state, now)).collect()
    }

    /// What is remembered of a site.
    pub fn state(&self, slug: &Slug) -> Option<&SiteState> {
        self.sites.get(slug).map(|(_, state)| state)
    }

    /// All states, as entries of the journal.
    pub fn snapshot(&self) -> impl Iterator<Item = Entry> {
        self.sites.iter().map(|(slug, (_, state))| Entry::State(slug.clone(), state.clone()))
    }
}

/// The last word on a site that left the catalogue: nobody looks any more, so nothing is known, and
/// an outage does not go on for ever. Said once.
fn farewell(slug: Slug, state: SiteState, now: Moment) -> Option<Entry> {
    if state.verdict.status == Status::Unknown && state.outage.is_none() {
        return None;
    }
    let ended = |outage: Outage| Outage { ended_at: Some(now.max(outage.started_at)), ..outage };
    let verdict = Verdict { since: Some(now), ..Verdict::none_yet() };
    let outages = state.outage.map(ended).into_iter().collect();
    Some(Entry::Change(slug, Change { at: now, from: now, verdict, outages }))
}
