//! Fills the shapes with what people say: notices are incidents, planned work is scheduled maintenance.

use std::time::Duration;

use super::{
    fill::{StatuspageScope, id},
    shape::{Component, StatuspageIncident, StatuspageMaintenance, Update},
};
use crate::web::links;
use model::{
    moment::Moment,
    notice::{Notice, NoticeState},
    planned::{PlannedWork, Stretch},
    scope::Scope,
};

/// Occurrences that are told ahead and back.
const AHEAD: Duration = Duration::from_hours(24 * 31);
/// Maintenances of an answer at most, as there.
const MAX_MAINTENANCES: usize = 50;

/// Part of the scheduled maintenances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum MaintenanceFilter {
    Recent,
    Upcoming,
    Active,
    /// Work under way and to come.
    Open,
}

impl StatuspageScope<'_> {
    /// The wanted notices as incidents.
    pub(in crate::web) fn notices(&self, wanted: fn(&Notice) -> bool) -> Vec<StatuspageIncident> {
        let all = self.shared.web.operator.notices();
        let mine = all.iter().filter(|notice| wanted(notice) && self.is_about(&notice.scope));
        mine.map(|notice| self.notice(notice)).collect()
    }

    /// Number of open notices.
    pub(super) fn open_notices(&self) -> usize {
        let all = self.shared.web.operator.notices();
        all.iter().filter(|notice| notice.is_open() && self.is_about(&notice.scope)).count()
    }

    fn is_about(&self, scope: &Scope) -> bool {
        let about = |view: &crate::web::views::site::SiteView| {
            scope.is_about(&view.live.site, view.live.provider())
        };
        // A notice on a site that has left the catalogue is told on the page of all.
        self.views.iter().any(about) || self.is_all
    }

    /// The components that a scope names; none of one that is about everything.
    fn components_of(&self, scope: &Scope) -> Vec<Component> {
        if scope.is_everything() {
            return Vec::new();
        }
        let numbered = self.views.iter().zip(1..);
        numbered
            .filter(|(view, _)| scope.is_about(&view.live.site, view.live.provider()))
            .map(|(view, position)| self.component(view, position))
            .collect()
    }

    fn notice(&self, notice: &Notice) -> StatuspageIncident {
        let own = id(&format!("notice/{}", notice.id));
        let update = |update: &model::notice::NoticeUpdate| {
            let status = update.state.word();
            said(&format!("notice/{}", update.id), &own, status, &update.text, update.at)
        };
        StatuspageIncident {
            name: notice.title.to_string(),
            status: notice.state().word(),
            created_at: notice.opened_at(),
            updated_at: notice.updated_at(),
            monitoring_at: notice.first_at(NoticeState::Monitoring),
            resolved_at: notice.resolved_at(),
            impact: notice.impact.word(),
            shortlink: self.shared.link(&links::notice(&notice.id)),
            started_at: notice.started_at,
            page_id: self.page().id,
            updates: notice.updates.iter().rev().map(update).collect(),
            components: self.components_of(&notice.scope),
            id: own,
        }
    }

    /// Planned work as scheduled maintenances.
    pub(in crate::web) fn maintenances(
        &self,
        wanted: MaintenanceFilter,
    ) -> Vec<StatuspageMaintenance> {
        let (all, now) = (self.shared.web.operator.planned(), self.shared.second());
        let from = if wanted == MaintenanceFilter::Recent { now - AHEAD } else { now };
        let mine = all.iter().filter(|work| self.is_about(&work.scope));
        let each = mine.flat_map(|work| {
            work.occurrences(from, now + AHEAD).into_iter().map(move |stretch| (stretch, work))
        });
        let mut each: Vec<(Stretch, &PlannedWork)> = each
            .filter(|(stretch, _)| match wanted {
                MaintenanceFilter::Recent => true,
                MaintenanceFilter::Upcoming => stretch.from > now,
                MaintenanceFilter::Active => stretch.from <= now && now < stretch.until,
                MaintenanceFilter::Open => now < stretch.until,
            })
            .collect();
        // Of many, those nearest to now.
        each.sort_by_key(|(stretch, _)| stretch.from.since(now).max(now.since(stretch.until)));
        each.truncate(MAX_MAINTENANCES);
        each.sort_by_key(|(stretch, _)| *stretch);
        each.into_iter().map(|(stretch, work)| self.maintenance(stretch, work, now)).collect()
    }

    fn maintenance(
        &self,
        stretch: Stretch,
        work: &PlannedWork,
        now: Moment,
    ) -> StatuspageMaintenance {
        let key = format!("planned/{}/{}", work.id, stretch.from.millis());
        let own = id(&key);
        let (status, changed) = if now < stretch.from {
            ("scheduled", work.announced_at.unwrap_or(stretch.from))
        } else if now < stretch.until {
            ("in_progress", stretch.from)
        } else {
            ("completed", stretch.until)
        };
        let announced = work.announced_at.unwrap_or(stretch.from);
        // Work that is announced late has nothing older to tell.
        let changed = changed.max(announced);
        let update = said(&key, &own, status, &work.text, changed);
        let name = if work.name.is_empty() { "Planned work" } else { &work.name };
        let incident = StatuspageIncident {
            name: name.to_owned(),
            status,
            created_at: announced,
            updated_at: changed,
            monitoring_at: None,
            resolved_at: (now >= stretch.until).then_some(stretch.until),
            impact: "maintenance",
            shortlink: self.shared.link("/#planned"),
            started_at: stretch.from,
            page_id: self.page().id,
            updates: vec![update],
            components: self.components_of(&work.scope),
            id: own,
        };
        let (scheduled_for, scheduled_until) = (stretch.from, stretch.until);
        StatuspageMaintenance { incident, scheduled_for, scheduled_until }
    }
}

fn said(key: &str, incident: &str, status: &'static str, text: &str, at: Moment) -> Update {
    Update {
        id: id(&format!("{key}/{status}")),
        status,
        body: text.to_owned(),
        incident_id: incident.to_owned(),
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: None,
        deliver_notifications: false,
        custom_tweet: None,
        tweet_id: None,
    }
}
