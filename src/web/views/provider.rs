//! Providers as pages and API show them: of a site, and all of them with their sites.

use std::{collections::BTreeSet, time::Duration};

use serde::Serialize;

use super::{overview::Overview, site::SiteView};
use crate::{
    store::{EventRow, EventsWanted},
    web::Shared,
};
use model::provider::{self, Member, ProviderEvent, ProviderStatus, Role};

/// A provider as the API shows it beside a site.
#[derive(Debug, Serialize)]
pub(in crate::web) struct ProviderView<'a> {
    slug: &'a str,
    /// Its name for people.
    pub(in crate::web) name: &'a str,
}

/// The provider with this slug.
pub(in crate::web) fn provider(slug: &str) -> ProviderView<'_> {
    ProviderView { slug, name: provider::name(slug) }
}

/// A provider and its sites at a moment.
#[derive(Debug)]
pub(in crate::web) struct WithSites<'a> {
    /// Their status.
    pub(in crate::web) standing: ProviderStatus,
    /// Its sites, in the order of their slugs.
    pub(in crate::web) views: Vec<&'a SiteView>,
}

impl<'a> WithSites<'a> {
    fn new(slug: &str, views: Vec<&'a SiteView>, event: Option<&ProviderEvent>) -> Self {
        let sites = views.iter().map(|view| Member {
            bad_with: view.failing().map(|of| &*of.provider).filter(|provider| *provider != slug),
            ..view.live.member(view.status())
        });
        Self { standing: ProviderStatus::of(slug, sites, event.cloned()), views }
    }
}

/// The event of the provider with this slug, while it is ongoing or sites are left over from it.
fn event_of<'a>(overview: &'a Overview, slug: &str) -> Option<&'a ProviderEvent> {
    let mut all = overview.failing.iter().chain(&overview.left_over);
    let standing = all.find(|standing| *standing.provider == *slug)?;
    standing.event.as_ref().or(standing.left.as_ref())
}

/// Every provider that serves a site that we watch, or that one depends on as the catalogue says, and
/// those that are failing; in the order of their slugs.
pub(in crate::web) fn all(overview: &Overview) -> Vec<WithSites<'_>> {
    let serves = |role| matches!(role, Role::Serves | Role::Declared);
    let of = |view: &'_ SiteView| {
        let all = view.live.dependencies().filter(|d| serves(d.role));
        all.map(|d| d.provider.to_owned()).collect::<Vec<_>>()
    };
    let mut slugs: BTreeSet<String> = overview.views.iter().flat_map(of).collect();
    slugs.extend(overview.failing.iter().map(|standing| standing.provider.to_string()));
    slugs.iter().filter_map(|slug| one(overview, slug)).collect()
}

/// The provider with this slug: one that a watched site depends on, or a known one. Its sites are
/// those that it serves; of one that serves none, those for whose names it answers or whose
/// certificates it issued.
pub(in crate::web) fn one<'a>(overview: &'a Overview, slug: &str) -> Option<WithSites<'a>> {
    let event = event_of(overview, slug);
    let mut views: Vec<&SiteView> =
        overview.views.iter().filter(|view| view.live.is_at(slug, event)).collect();
    if views.is_empty() {
        let on = |view: &&SiteView| view.live.dependencies().any(|d| d.provider == slug);
        views = overview.views.iter().filter(on).collect();
    }
    let there = !views.is_empty() || provider::is_known(slug);
    there.then(|| WithSites::new(slug, views, event))
}

/// A page of events of a provider.
pub(in crate::web) struct EventsPage {
    /// The events, those that began last first.
    pub(in crate::web) rows: Vec<EventRow>,
    /// True if there are more after them.
    pub(in crate::web) more: bool,
    /// True if they come from the record.
    pub(in crate::web) fresh: bool,
}

/// Reads the filtered events; when the record does not answer in time, only ongoing ones.
pub(in crate::web) async fn events(
    shared: &Shared,
    patience: Duration,
    with: &WithSites<'_>,
    mut wanted: EventsWanted<'_>,
) -> EventsPage {
    let limit = wanted.limit as usize;
    // One more than requested shows whether there is a page after this one.
    wanted.limit += 1;
    let recorded =
        shared.ask(patience, async |store| store.events_of_provider(&wanted).await).await;
    let fresh = recorded.is_some();
    let mut rows = recorded.unwrap_or_else(|| ongoing(with, &wanted).into_iter().collect());
    let more = rows.len() > limit;
    rows.truncate(limit);
    EventsPage { rows, more, fresh }
}

/// The ongoing event of a provider, if it matches: the only one known without the record.
fn ongoing(with: &WithSites<'_>, wanted: &EventsWanted<'_>) -> Option<EventRow> {
    let event = with.standing.event.clone()?;
    let from = event.from();
    let fits = wanted.before.is_none_or(|before| event.started_at < before)
        && wanted.at.is_none_or(|at| from <= at);
    fits.then_some(EventRow { affected: event.sites.len(), event })
}
