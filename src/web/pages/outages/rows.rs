//! The rows of `/outages`, gathered by month, by day and under the event of a provider that they are put
//! down to.

use std::collections::HashSet;

use super::{
    filters::{OutageFilters, STATUSES, month_of},
    read::{FoundOutages, OutageOfSite},
};
use crate::{
    i18n::sentence::joined,
    web::{
        Shared,
        extractors::locale::Locale,
        links,
        pages::components::{Icon, Stamp, tied},
        views::{overview::badness, provider::provider},
    },
};
use model::{
    domain::readable,
    moment::Moment,
    provider::ProviderEvent,
    verdict::{Outage, Status},
};

/// Outages that began in one month.
pub(super) struct MonthView {
    pub(super) name: String,
    pub(super) href: String,
    /// Number and total duration, when they come from the record.
    pub(super) sum: Option<String>,
    pub(super) days: Vec<DayView>,
}

/// Outages that began on one day.
pub(super) struct DayView {
    pub(super) date: String,
    pub(super) rows: Vec<RowView>,
}

/// A row: one outage, or those that are attributed to one event of a provider.
pub(super) enum RowView {
    Outage(OutageRow),
    Event(ListedEvent),
}

/// One outage.
pub(super) struct OutageRow {
    pub(super) icon: Icon,
    pub(super) class: &'static str,
    pub(super) word: String,
    pub(super) name: String,
    /// Its own page.
    pub(super) href: String,
    pub(super) started: Stamp,
    pub(super) ended: Option<Stamp>,
    /// True if it has not ended as far as is known, and its site is not known to be bad now.
    pub(super) is_end_unknown: bool,
    /// Its duration, as far as it is known.
    pub(super) long: String,
    pub(super) why: Option<String>,
}

/// The outages of one event.
pub(super) struct ListedEvent {
    pub(super) what: String,
    pub(super) href: String,
    pub(super) started: Stamp,
    pub(super) ended: Option<Stamp>,
    /// True if nothing is known of any of its sites now.
    pub(super) is_end_unknown: bool,
    pub(super) long: String,
    /// Number of their sites by the worst status of each.
    pub(super) counts: String,
    pub(super) shown: Vec<OutageRow>,
    /// Those that are folded.
    pub(super) folded: Vec<OutageRow>,
}

/// Outages of an event that are shown at once.
const SHOWN: usize = 16;

/// The rows of a page.
pub(super) fn months(
    shared: &Shared,
    locale: &Locale,
    wanted: &OutageFilters,
    found: &FoundOutages,
) -> Vec<MonthView> {
    let (t, now) = (locale.lang, shared.second());
    let gathered = Gathering { shared, locale, found, now };
    let month = |row: &OutageOfSite| month_of(row.outage.started_at);
    let mut told = HashSet::new();
    let months = found.rows.chunk_by(|one, other| month(one) == month(other));
    let months = months.filter_map(|rows| {
        let first = rows.first()?.outage.started_at;
        let word = month_of(first);
        let sum = found.months.iter().find(|sum| month_of(sum.begins_at) == word).map(|sum| {
            let long = t.duration(sum.together);
            t.two("outages-sum", ("n", sum.count), ("long", long))
        });
        Some(MonthView {
            name: joined([Some(t.month_of(first))]),
            href: locale.href(&wanted.but("month", &word)),
            sum,
            days: gathered.days(rows, &mut told),
        })
    });
    // A month whose rows all belong to an event that began later has none left.
    months.filter(|month| !month.days.is_empty()).collect()
}

/// Inputs of the rows.
struct Gathering<'a> {
    shared: &'a Shared,
    locale: &'a Locale,
    found: &'a FoundOutages,
    now: Moment,
}

impl<'a> Gathering<'a> {
    /// The days of these rows; an event is shown once, at its newest outage.
    fn days(
        &self,
        rows: &'a [OutageOfSite],
        told: &mut HashSet<(Box<str>, Moment)>,
    ) -> Vec<DayView> {
        let date = |row: &OutageOfSite| row.outage.started_at.to_utc().date();
        let days = rows.chunk_by(|one, other| date(one) == date(other));
        let days = days.filter_map(|rows| {
            let first = rows.first()?.outage.started_at;
            let views = rows.iter().filter_map(|row| match self.event(row) {
                None => Some(RowView::Outage(self.row(row))),
                Some(event) => told
                    .insert((event.provider.clone(), event.started_at))
                    .then(|| self.of_event(event, first)),
            });
            let rows: Vec<_> = views.collect();
            (!rows.is_empty()).then(|| DayView { date: self.locale.lang.day(first), rows })
        });
        days.collect()
    }

    /// The event that an outage is attributed to, when it is not the only one on the page.
    fn event(&self, row: &OutageOfSite) -> Option<&'a ProviderEvent> {
        let event = self.found.events.iter().find(|event| is_of(row, event))?;
        let more = self.found.rows.iter().filter(|row| is_of(row, event)).nth(1);
        more.map(|_| event)
    }

    fn of_event(&self, event: &ProviderEvent, day: Moment) -> RowView {
        let (t, locale) = (self.locale.lang, self.locale);
        let mut of: Vec<_> = self.found.rows.iter().filter(|row| is_of(row, event)).collect();
        of.sort_by_key(|row| badness(row.outage.status));
        // A site that was down in some places first, and in all of them then, is one site.
        let mut sites = HashSet::new();
        of.retain(|row| sites.insert(&row.slug));
        let count = |status| of.iter().filter(|row| row.outage.status == status).count();
        let counts = STATUSES.map(|status| (status, count(status)));
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts
            .map(|(status, count)| {
                tied(&t.one(&format!("outages-count-{}", status.word()), "n", count))
            })
            .collect();
        let mut rows: Vec<_> = of.into_iter().map(|row| self.row(row)).collect();
        let is_end_unknown = rows.iter().all(|row| row.is_end_unknown);
        let folded = rows.split_off(rows.len().min(SHOWN));
        let id = if event.ended_at.is_some() { "outages-event" } else { "outages-event-now" };
        RowView::Event(ListedEvent {
            what: t.one(id, "name", provider(&event.provider).name),
            href: locale.href(&links::event(&event.provider, event.started_at)),
            started: Stamp::utc(t, event.started_at, day),
            ended: event.ended_at.map(|end| Stamp::utc(t, end, event.started_at)),
            is_end_unknown,
            long: t.duration(event.ended_at.unwrap_or(self.now).since(event.started_at)),
            counts: counts.join(", "),
            shown: rows,
            folded,
        })
    }

    fn row(&self, row: &OutageOfSite) -> OutageRow {
        let t = self.locale.lang;
        let Outage { status, started_at, ended_at, cause, .. } = &row.outage;
        let live = self.shared.web.board.site(row.slug.as_str());
        let name = live.as_ref().map(|live| live.site.name.to_string());
        let verdict = live.filter(|_| ended_at.is_none()).map(|live| live.verdict.clone());
        let unsure = verdict.filter(|verdict| verdict.status == Status::Unknown);
        let until = unsure.as_ref().and_then(|verdict| verdict.since).unwrap_or(self.now);
        OutageRow {
            icon: Icon(*status),
            class: status.word(),
            word: match unsure {
                Some(_) => t.past_status(*status),
                None => t.outage_status(&row.outage),
            }
            .into_owned(),
            name: name.unwrap_or_else(|| readable(row.slug.as_str()).into_owned()),
            href: self.locale.href(&links::outage(&row.slug, &row.outage)),
            started: Stamp::utc(t, *started_at, *started_at),
            ended: ended_at.map(|end| Stamp::utc(t, end, *started_at)),
            is_end_unknown: unsure.is_some(),
            long: t.duration(ended_at.unwrap_or(until).since(*started_at)),
            why: cause.as_ref().map(|cause| tied(&t.plain_cause(cause))),
        }
    }
}

fn is_of(row: &OutageOfSite, event: &ProviderEvent) -> bool {
    row.provider.as_deref() == Some(&*event.provider) && event.spans(row.outage.started_at)
}
