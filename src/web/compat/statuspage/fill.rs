//! Fills the shapes from the board. Pure over the views it is given.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::shape::{
    Affected, Component, StatuspageIncident, StatuspagePage, StatuspageStatus, Update,
};
use crate::{
    board::LiveSite,
    i18n::Lang,
    web::{
        Shared,
        cache::record::NewestOutages,
        cache_control::CacheControl,
        links,
        views::{incidents, site::SiteView},
    },
};
use model::{
    moment::Moment,
    planned::PlannedWork,
    verdict::{self, Outage},
};

/// Subject of an answer: all sites or one.
pub(in crate::web) struct StatuspageScope<'a> {
    pub(super) shared: &'a Shared,
    pub(super) views: Vec<SiteView>,
    /// True if it is all sites.
    pub(super) is_all: bool,
    /// Planned work under way.
    active: Vec<PlannedWork>,
    page: StatuspagePage,
}

impl<'a> StatuspageScope<'a> {
    /// All sites.
    pub(in crate::web) fn all(shared: &'a Shared, views: Vec<SiteView>) -> Self {
        let name = shared.web.title.to_string();
        Self::new(shared, views, "page", name, "/")
    }

    /// One site.
    pub(in crate::web) fn one(shared: &'a Shared, view: SiteView) -> Self {
        let site = view.live.site.clone();
        let (key, page) = (format!("page/{}", site.slug), links::site(site.slug.as_str()));
        Self::new(shared, vec![view], &key, site.name.to_string(), &page)
    }

    fn new(shared: &'a Shared, views: Vec<SiteView>, key: &str, name: String, page: &str) -> Self {
        let updated_at = views.iter().filter_map(|view| view.live.checked_at()).max();
        let page = StatuspagePage {
            id: id(key),
            name,
            url: shared.link(page),
            time_zone: "Etc/UTC",
            updated_at: updated_at.unwrap_or(shared.started),
        };
        let (works, now) = (shared.web.operator.planned(), shared.second());
        let active = works.iter().filter(|work| work.at(now).is_some()).cloned().collect();
        Self { shared, views, is_all: key == "page", active, page }
    }

    pub(in crate::web) fn page(&self) -> StatuspagePage {
        self.page.clone()
    }

    /// Time for which an answer may be cached.
    pub(in crate::web) fn keep(&self) -> CacheControl {
        let sites = self.views.iter().map(|view| &*view.live);
        CacheControl::of_sites(self.shared, sites)
    }

    /// Overall status of the sites.
    pub(in crate::web) fn status(&self) -> StatuspageStatus {
        let count = |status| self.views.iter().filter(|view| view.status() == status).count();
        let [up, slow, partial, down, _] = verdict::Status::ALL.map(count);
        let (indicator, description) = match self.views.len() {
            0 => ("minor", "Nothing is watched"),
            all if down * 2 >= all => ("critical", "Major Service Outage"),
            _ if down + partial > 0 => ("major", "Partial System Outage"),
            _ if slow > 0 => ("minor", "Partially Degraded Service"),
            all if up < all => ("minor", "Status Partly Unknown"),
            _ => ("none", "All Systems Operational"),
        };
        // A person's words stand beside what was measured, and do not change it.
        let description = match self.open_notices() {
            0 => description.to_owned(),
            1 => format!("{description}; 1 notice"),
            many => format!("{description}; {many} notices"),
        };
        StatuspageStatus { indicator, description }
    }

    /// The sites one by one, in the order of their slugs.
    pub(in crate::web) fn components(&self) -> Vec<Component> {
        let numbered = self.views.iter().zip(1..);
        numbered.map(|(view, position)| self.component(view, position)).collect()
    }

    pub(super) fn component(&self, view: &SiteView, position: usize) -> Component {
        let (site, verdict) = (&view.live.site, view.verdict());
        let plain = verdict.status == verdict::Status::Up && !verdict.restricted;
        let since = verdict.since.unwrap_or(self.shared.started);
        Component {
            id: id(&format!("site/{}", site.slug)),
            name: site.name.to_string(),
            status: self.component_status_of(view),
            created_at: first_known(&view.live).map_or(since, |first| first.min(since)),
            updated_at: since,
            position,
            description: (!plain).then(|| view.summary()),
            showcase: true,
            start_date: None,
            group_id: None,
            page_id: self.page.id.clone(),
            group: false,
            only_show_if_degraded: false,
        }
    }

    /// Status of a component. Planned work shows on a site that is well; an outage leads.
    fn component_status_of(&self, view: &SiteView) -> &'static str {
        let live = &view.live;
        let is_planned =
            || self.active.iter().any(|work| work.is_about(&live.site, live.provider()));
        match view.status() {
            verdict::Status::Up if is_planned() => "under_maintenance",
            status => component_status(status),
        }
    }

    /// The wanted outages, the newest change first.
    pub(in crate::web) fn incidents(
        &self,
        recorded: &NewestOutages,
        most: usize,
        wanted: fn(&Outage) -> bool,
    ) -> Vec<StatuspageIncident> {
        let sites: Vec<Arc<LiveSite>> = self.views.iter().map(|l| l.live.clone()).collect();
        let past = incidents::newest(&sites, recorded, most, wanted);
        past.iter().filter_map(|past| self.incident(past)).collect()
    }

    fn incident(&self, past: &incidents::Incident) -> Option<StatuspageIncident> {
        let (outage, slug) = (&past.outage, &past.live.site.slug);
        let place = self.views.binary_search_by(|view| view.live.site.slug.cmp(slug)).ok()?;
        let component = self.component(&self.views[place], place + 1);
        let id = id(&past.key());
        let mut updates = vec![update(past, &id, &component, outage.started_at, false)];
        if let Some(end) = outage.ended_at {
            // The newest is first.
            updates.insert(0, update(past, &id, &component, end, true));
        }
        Some(StatuspageIncident {
            id,
            name: past.title(Lang::En),
            status: incident_status(outage.ended_at.is_some()),
            created_at: outage.started_at,
            updated_at: past.changed_at(),
            monitoring_at: None,
            resolved_at: outage.ended_at,
            impact: impact(outage.status),
            shortlink: self.shared.link(&links::outage(slug, outage)),
            started_at: outage.started_at,
            page_id: self.page.id.clone(),
            updates,
            components: vec![component],
        })
    }
}

fn update(
    past: &incidents::Incident,
    incident: &str,
    component: &Component,
    at: Moment,
    end: bool,
) -> Update {
    let (well, bad) = ("operational", component_status(past.outage.status));
    let (old_status, new_status) = if end { (bad, well) } else { (well, bad) };
    let (code, name) = (component.id.clone(), component.name.clone());
    Update {
        id: id(&format!("{}/{end}", past.key())),
        status: incident_status(end),
        body: if end { past.text(Lang::En) } else { past.start_text(Lang::En) },
        incident_id: incident.to_owned(),
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: Some(vec![Affected { code, name, old_status, new_status }]),
        deliver_notifications: false,
        custom_tweet: None,
        tweet_id: None,
    }
}

/// The earliest known moment of a site.
fn first_known(live: &LiveSite) -> Option<Moment> {
    let outages = live.outages.iter().map(|outage| outage.started_at);
    outages.chain(live.recent.iter().next_back().map(|glance| glance.at)).min()
}

fn component_status(status: verdict::Status) -> &'static str {
    match status {
        verdict::Status::Up => "operational",
        // There is no value for unknown, and it must not read as operational.
        verdict::Status::Slow | verdict::Status::Unknown => "degraded_performance",
        verdict::Status::Partial => "partial_outage",
        verdict::Status::Down => "major_outage",
    }
}

fn incident_status(ended: bool) -> &'static str {
    if ended { "resolved" } else { "investigating" }
}

fn impact(status: verdict::Status) -> &'static str {
    match status {
        verdict::Status::Up => "none",
        verdict::Status::Slow | verdict::Status::Unknown => "minor",
        verdict::Status::Partial => "major",
        verdict::Status::Down => "critical",
    }
}

/// Twelve letters and digits derived from a text, in the form of Statuspage's ids.
pub(super) fn id(text: &str) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = xxh3_64(text.as_bytes());
    let mut id = String::with_capacity(12);
    for _ in 0..12 {
        id.push(char::from(DIGITS[(rest % 36) as usize]));
        rest /= 36;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_as_there_and_stay() {
        assert_eq!(id("page"), id("page"));
        for text in ["", "page", "site/slack.com", "site/slack.con"] {
            let id = id(text);
            assert!(
                id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            );
        }
        assert_ne!(id("site/slack.com"), id("site/slack.con"));
    }

    #[test]
    fn only_up_is_operational() {
        for status in verdict::Status::ALL {
            let operational = component_status(status) == "operational";
            assert_eq!(operational, status == verdict::Status::Up);
        }
    }
}
