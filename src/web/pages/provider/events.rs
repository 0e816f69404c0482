//! Past events of a provider: the part of its page that comes from the record, a page at a time.

use crate::{
    i18n::{Lang, provider::evidence_in},
    store::{EventRow, EventsWanted},
    web::{
        RECORD_TIMEOUT, Shared,
        extractors::{
            locale::Locale,
            params::{Params, moment},
        },
        links,
        pages::components::{Stamp, tied},
        views::provider::{EventsPage, WithSites, events},
    },
};
use model::{domain::readable, moment::Moment, name::Slug};

/// Events on a page.
const MAX_ROWS: u32 = 20;
/// Sites of an event that are named.
const MAX_SITES: usize = 30;

/// A page of events.
pub(super) struct EventsList {
    pub(super) rows: Vec<EventItem>,
    /// Text shown when the record cannot be read.
    pub(super) away: Option<String>,
    /// To all of them, where these are not the newest.
    pub(super) all: Option<String>,
    pub(super) older: Option<String>,
}

/// One event.
pub(super) struct EventItem {
    /// Its name within the page.
    pub(super) id: String,
    pub(super) started: Stamp,
    pub(super) ended: Option<Stamp>,
    pub(super) long: String,
    pub(super) evidence: String,
    /// The names of its sites, and where their pages are if they have one.
    pub(super) sites: Vec<(String, Option<String>)>,
    /// Number of further events.
    pub(super) more: Option<String>,
}

/// Reads the events that are wanted: those before a moment, or the one of an outage.
pub(super) async fn read(
    shared: &Shared,
    locale: &Locale,
    params: &Params,
    with: &WithSites<'_>,
    now: Moment,
) -> EventsList {
    let t = locale.lang;
    let provider = &*with.standing.provider;
    let read = |name: &str| params.text(name).and_then(|text| moment(text).ok());
    let (before, at) = (read("before"), read("at"));
    let wanted = EventsWanted { provider, before, at, limit: MAX_ROWS };
    let EventsPage { rows, more, fresh } = events(shared, RECORD_TIMEOUT, with, wanted).await;
    let away = (!fresh).then(|| t.say("provider-events-away").into_owned());
    let page = links::provider(provider);
    let older = rows.last().filter(|_| more).map(|row| row.event.started_at);
    EventsList {
        away,
        all: (before.is_some() || at.is_some()).then(|| locale.href(&format!("{page}#events"))),
        older: older.map(|at| locale.href(&format!("{page}?before={at}#events"))),
        rows: rows.iter().map(|event| row(shared, locale, event, t, now)).collect(),
    }
}

fn row(shared: &Shared, locale: &Locale, row: &EventRow, t: Lang, now: Moment) -> EventItem {
    let EventRow { event, affected } = row;
    let site = |slug: &Slug| match shared.web.board.site(slug.as_str()) {
        Some(live) => {
            (live.site.name.to_string(), Some(locale.href(&links::site(live.site.slug.as_str()))))
        }
        None => (readable(slug.as_str()).into_owned(), None),
    };
    // The sites of what goes on stand above.
    let most = if event.ended_at.is_some() { MAX_SITES } else { 0 };
    let sites: Vec<_> = event.sites.iter().take(most).map(site).collect();
    let more = affected.saturating_sub(sites.len());
    EventItem {
        id: format!("event-{}", event.started_at.millis()),
        started: Stamp::new(t, event.started_at, now),
        ended: event.ended_at.map(|at| Stamp::end(t, at, event.started_at, now)),
        long: tied(&t.duration(event.ended_at.unwrap_or(now).since(event.started_at))),
        evidence: evidence_in(t, event, *affected),
        sites,
        more: (more > 0).then(|| t.one("provider-events-more", "n", more)),
    }
}
