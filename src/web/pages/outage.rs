//! `/outages/{id}`: one outage for good, with its course and the checks that opened and ended it.
//!
//! The checks are copies that the record keeps with the outage. While the record cannot be read,
//! the page shows what is in memory, and a fixed sentence says so.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use super::{
    components::{Icon, Stamp, tied},
    layout::Layout,
    page_with,
    site::{
        graphs::{self, Graph},
        site_history::SiteHistory,
    },
};
use crate::{
    i18n::{Arg, Lang, sentence},
    store::{OutageEvidence, RecordedCheck, Store},
    web::{
        RECORD_TIMEOUT, Shared,
        cache::record::HistoryWindow,
        extractors::{locale::Locale, params::PathSegment},
        links, preview,
        views::{incidents::description, outage::OutageId, provider::provider, site::SiteView},
    },
};
use model::{
    domain::readable,
    history::{HistoryRange, kept},
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Failure},
    rollup::BucketLength,
    uptime::Span,
    verdict::{Outage, Status},
};

#[derive(Template)]
#[template(path = "outage.html")]
struct OutagePage {
    layout: Layout,
    /// The site's name, and the address of its page.
    name: String,
    site: Option<String>,
    icon: Icon,
    class: &'static str,
    what: String,
    started: Stamp,
    ended: Option<Stamp>,
    /// Text shown in place of an end.
    until: String,
    long: String,
    /// For how long, and why.
    line: String,
    /// The event of a provider that it is attributed to: its words and its address.
    event: Option<(String, String)>,
    /// The regions that saw it, where that says something.
    regions: Vec<String>,
    away: Option<String>,
    course: Vec<CourseRow>,
    graph: Option<Graph>,
    sizes: [u32; 4],
    evidence: &'static str,
    /// The checks that opened it and those that ended it.
    checks: Vec<ReceiptTable>,
    many_regions: bool,
    month: (String, String),
    all: (String, String),
    json: String,
    permalink: String,
}

/// A stretch of its course.
struct CourseRow {
    at: Stamp,
    icon: Icon,
    class: &'static str,
    word: String,
    long: Option<String>,
}

/// Checks that are kept with it. A column in which none of them has anything is left out.
struct ReceiptTable {
    heading: String,
    rows: Vec<ReceiptRow>,
    has_http: bool,
    has_latency: bool,
}

/// A check that is kept with it.
struct ReceiptRow {
    at: Stamp,
    region: String,
    saw: String,
    failed: bool,
    http_status: Option<u16>,
    /// True if what was seen names the status.
    named: bool,
    latency: Option<String>,
}

#[derive(Template)]
#[template(path = "outage_missing.html")]
struct MissingOutage {
    layout: Layout,
    sentence: String,
    /// The site that it would be of: its name and address.
    site: Option<(String, String)>,
}

/// Time before and after it that is shown.
const AROUND: Duration = Duration::from_hours(1);

/// An outage as memory and record have it.
struct FoundOutage {
    id: OutageId,
    outage: Outage,
    provider: Option<Box<str>>,
    /// Evidence from the record; `None` while it cannot be read, or has none yet.
    evidence: Option<OutageEvidence>,
    /// True if the record could be read.
    fresh: bool,
}

/// `GET /outages/{id}`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    locale: Locale,
) -> Response {
    let id = id.and_then(|id| id.parse::<OutageId>().ok());
    let Some(id) = id else {
        return missing(&shared, &locale, None, StatusCode::NOT_FOUND);
    };
    match found(&shared, &id).await {
        Ok(found) if found.id != id => {
            let address = links::outage(&found.id.slug, &found.outage);
            Redirect::temporary(&locale.href(&address)).into_response()
        }
        Ok(found) => {
            let past = past(&shared, &id.slug, &found.outage).await;
            let page = outage_page(&shared, &locale, &id.slug, (&found, past.as_ref()));
            super::page(locale.lang, &page)
        }
        Err(status) => missing(&shared, &locale, Some(&id.slug), status),
    }
}

/// The outage of this name; `None` when the record cannot be read.
async fn recorded(shared: &Shared, id: &OutageId) -> Option<Option<OutageEvidence>> {
    let read = async |store: Store| store.outage(&id.slug, id.started_at, id.status, AROUND).await;
    shared.ask(RECORD_TIMEOUT, read).await
}

/// The name in the record of an outage that another node may have named by other checks.
async fn renamed(shared: &Shared, id: &OutageId) -> Option<OutageId> {
    shared.web.board.site(id.slug.as_str())?;
    let newest = shared.outages.of(shared, Some(&id.slug)).await;
    let same = newest.rows.iter().find(|row| row.outage.may_be(id.status, id.started_at))?;
    Some(OutageId::of(&id.slug, &same.outage))
}

/// The outage from memory and the record. Memory is newer, the record has the evidence.
async fn found(shared: &Shared, asked: &OutageId) -> Result<FoundOutage, StatusCode> {
    let (mut id, mut evidence) = (asked.clone(), recorded(shared, asked).await);
    if let Some(None) = evidence
        && let Some(other) = renamed(shared, asked).await
    {
        evidence = recorded(shared, &other).await;
        id = other;
    }
    let fresh = evidence.is_some();
    let evidence = evidence.flatten();
    let live = shared.web.board.site(id.slug.as_str());
    let shown = live.as_ref().and_then(|live| {
        let outage = live.outages.iter().find(|outage| id.names(outage))?;
        Some((outage.clone(), live.put_down_to(id.started_at).map(Box::from)))
    });
    let kept = evidence.as_ref().map(|kept| (kept.row.outage.clone(), kept.row.provider.clone()));
    let provider = kept.as_ref().and_then(|(_, provider)| provider.clone());
    match shown.or(kept) {
        Some((outage, put_down)) => {
            Ok(FoundOutage { id, outage, provider: provider.or(put_down), evidence, fresh })
        }
        None if fresh => Err(StatusCode::NOT_FOUND),
        None => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The latencies around an outage, in the shortest buckets that are kept so long and make a chart.
async fn past(shared: &Shared, slug: &Slug, outage: &Outage) -> Option<SiteHistory> {
    let now = shared.now();
    let end = outage.ended_at.unwrap_or(now);
    let long = end.since(outage.started_at);
    let hours = |hours| Duration::from_hours(hours);
    let steps = [
        (BucketLength::FiveMinutes, hours(1), hours(48)),
        (BucketLength::Hour, hours(12), hours(24 * 30)),
        (BucketLength::Day, hours(24 * 7), hours(24 * 1_000)),
    ];
    let fits = |(step, around, most): &(BucketLength, Duration, Duration)| {
        long <= *most && outage.started_at - *around - hours(1) > now - kept(*step)
    };
    let (step, around, _) = steps.into_iter().find(fits)?;
    let range = HistoryRange::new(outage.started_at - around, (end + around).min(now), step);
    let history = shared.histories.of(shared, slug, None, HistoryWindow::Exactly(range)).await?;
    Some(SiteHistory::of(&history.value))
}

/// An outage in words, as they stand now.
struct OutageFacts {
    name: String,
    view: Option<SiteView>,
    /// False for what was not seen to end: it may have ended unseen.
    goes_on: bool,
    what: String,
    lasted: Duration,
    long: String,
}

/// An outage in the words of its picture.
#[derive(Debug)]
pub(in crate::web) struct OutageBrief {
    pub(in crate::web) status: Status,
    /// The site's name, which is in the heading.
    pub(in crate::web) name: String,
    pub(in crate::web) heading: String,
    pub(in crate::web) line: String,
    /// Its date; `None` while it goes on.
    pub(in crate::web) date: Option<String>,
}

/// An outage in brief; an error is the status of the answer.
pub(in crate::web) async fn in_brief(
    shared: &Shared,
    t: Lang,
    id: &OutageId,
) -> Result<OutageBrief, StatusCode> {
    let found = found(shared, id).await?;
    let facts = OutageFacts::of(shared, t, &id.slug, &found.outage);
    let date = t.clock(found.outage.started_at, Moment::default());
    Ok(OutageBrief {
        status: found.outage.status,
        line: facts.line(t, &found.outage),
        date: (!facts.goes_on).then_some(date),
        heading: facts.what,
        name: facts.name,
    })
}

impl OutageFacts {
    fn of(shared: &Shared, t: Lang, slug: &Slug, outage: &Outage) -> Self {
        let now = shared.second();
        let live = shared.web.board.site(slug.as_str());
        let name = live
            .as_ref()
            .map_or_else(|| readable(slug.as_str()).into_owned(), |w| w.site.name.to_string());
        let view = live.map(|live| SiteView::new(live, now));
        let goes_on =
            outage.ended_at.is_none() && view.as_ref().is_some_and(|l| l.status() == outage.status);
        let word = outage.status.word();
        let id = if goes_on { format!("message-{word}") } else { format!("outage-was-{word}") };
        let what = t.one(&id, "name", &name);
        let lasted = outage.ended_at.unwrap_or(now).since(outage.started_at);
        Self { name, view, goes_on, what, lasted, long: t.duration(lasted) }
    }

    /// For how long, and why.
    fn line(&self, t: Lang, outage: &Outage) -> String {
        let long = if self.goes_on {
            t.for_so_long(self.lasted)
        } else {
            t.one("outage-course-for", "long", &self.long)
        };
        let why = outage.cause.as_ref().map(|cause| t.plain_cause(cause));
        sentence::joined([Some(long), why])
    }
}

/// The page's frame, with the outage's own picture.
fn layout(
    shared: &Shared,
    locale: &Locale,
    slug: &Slug,
    (outage, facts): (&Outage, &OutageFacts),
) -> Layout {
    let (t, path) = (locale.lang, links::outage(slug, outage));
    let OutageFacts { goes_on, what, long, .. } = facts;
    let title = if *goes_on { what.clone() } else { title(t, what, long, outage) };
    let layout = Layout {
        preview: Some(preview::address(shared, &format!("{path}/preview.png"), t)),
        ..Layout::new(shared, locale, title, description(t, what, outage), &path)
    };
    if *goes_on { layout.living(outage.status, slug.as_str()) } else { layout }
}

fn outage_page(
    shared: &Shared,
    locale: &Locale,
    slug: &Slug,
    (found, past): (&FoundOutage, Option<&SiteHistory>),
) -> OutagePage {
    let (t, now) = (locale.lang, shared.second());
    let FoundOutage { outage, provider: blamed, evidence, fresh, .. } = found;
    let facts = OutageFacts::of(shared, t, slug, outage);
    let layout = layout(shared, locale, slug, (outage, &facts));
    let line = tied(&facts.line(t, outage));
    let OutageFacts { name, view, goes_on, what, long, .. } = facts;
    let word = outage.status.word();
    let mut regions: Vec<String> = outage.regions.iter().map(Region::to_string).collect();
    if regions.len() == 1 && outage.status != Status::Partial {
        regions.clear();
    }
    let checks = evidence.as_ref().map(|kept| checks(t, outage, kept)).unwrap_or_default();
    OutagePage {
        layout,
        site: view.is_some().then(|| locale.href(&links::site(slug.as_str()))),
        icon: Icon(outage.status),
        class: word,
        what,
        started: Stamp::new(t, outage.started_at, now),
        ended: outage.ended_at.map(|end| Stamp::new(t, end, now)),
        until: t.say(if goes_on { "outage-until-now" } else { "outage-until-unknown" }).into(),
        long,
        line,
        event: blamed.as_deref().map(|slug| event(locale, slug, outage)),
        regions,
        away: (!fresh).then(|| t.say("outage-away").into_owned()),
        course: evidence
            .as_ref()
            .map(|kept| course(t, outage, &kept.course, now))
            .unwrap_or_default(),
        graph: view
            .as_ref()
            .zip(past)
            .map(|(view, past)| graphs::stretch(shared, t, &view.live, past)),
        sizes: graphs::SIZES,
        evidence: match outage.status {
            Status::Slow => "outage-evidence-slow",
            _ => "outage-evidence-text",
        },
        many_regions: evidence.as_ref().is_some_and(many_regions),
        checks,
        month: month(locale, outage),
        all: (
            t.one("site-outages-all", "name", &name),
            locale.href(&format!("/outages?site={slug}")),
        ),
        json: links::checks_json(slug.as_str(), outage.started_at, outage.ended_at),
        permalink: shared.link(&links::outage(slug, outage)),
        name,
    }
}

/// The event of a provider that an outage is attributed to: its words and its address.
fn event(locale: &Locale, slug: &str, outage: &Outage) -> (String, String) {
    let words = locale.lang.one("outage-part", "provider", provider(slug).name);
    (words, locale.href(&links::event(slug, outage.started_at)))
}

/// All outages of its month: the words and the address.
fn month(locale: &Locale, outage: &Outage) -> (String, String) {
    let t = locale.lang;
    let words = t.one("outage-month", "month", t.month_of(outage.started_at));
    let month = super::outages::month_of(outage.started_at);
    (words, locale.href(&format!("/outages?month={month}")))
}

fn title(t: Lang, what: &str, long: &str, outage: &Outage) -> String {
    let args = [("what", what.into()), ("long", long.into())];
    let date = ("date", Arg::from(t.date(outage.started_at)));
    t.with("outage-title", args.into_iter().chain([date]))
}

/// Statuses from a while before it to a while after it, without those that were taken back at once.
fn course(t: Lang, outage: &Outage, spans: &[Span], now: Moment) -> Vec<CourseRow> {
    let window = (outage.started_at - AROUND, outage.ended_at.map_or(now, |end| end + AROUND));
    let lasted: Vec<Span> = spans.iter().filter(|it| it.until > it.from).copied().collect();
    let same = lasted.chunk_by(|one, other| one.status == other.status && one.until == other.from);
    let row = |spans: &[Span]| {
        let (first, last) = (spans.first()?, spans.last()?);
        let from = first.from.max(window.0);
        // How long something lasted that is cut off is not known from here.
        let whole = first.from > window.0 && last.until < window.1.min(now);
        let over = whole && first.status.is_outage();
        Some(CourseRow {
            at: Stamp::new(t, from, now),
            icon: Icon(first.status),
            class: first.status.word(),
            word: if over { t.past_status(first.status) } else { t.status(first.status) }.into(),
            long: whole.then(|| {
                t.one("outage-course-for", "long", t.duration(last.until.since(first.from)))
            }),
        })
    };
    let rows: Vec<_> = same.filter_map(row).collect();
    if rows.len() > 1 { rows } else { Vec::new() }
}

fn many_regions(kept: &OutageEvidence) -> bool {
    let mut all = kept.opened_by.iter().chain(&kept.closed_by).map(|check| &check.region);
    all.next().is_some_and(|first| all.any(|other| other != first))
}

/// The checks that opened it and those that ended it, where there are any.
fn checks(t: Lang, outage: &Outage, kept: &OutageEvidence) -> Vec<ReceiptTable> {
    let parts = [("outage-opened", &kept.opened_by), ("outage-closed", &kept.closed_by)];
    let parts = parts.into_iter().filter(|(_, checks)| !checks.is_empty());
    parts
        .map(|(id, checks)| {
            let rows: Vec<_> = checks.iter().map(|check| receipt(t, outage, check)).collect();
            ReceiptTable {
                heading: t.say(id).into_owned(),
                has_http: rows.iter().any(|row| row.http_status.is_some()),
                has_latency: rows.iter().any(|row| row.latency.is_some()),
                rows,
            }
        })
        .collect()
}

fn receipt(t: Lang, outage: &Outage, check: &RecordedCheck) -> ReceiptRow {
    let failed = matches!(check.answer, Answer::Failed(_));
    let named = matches!(&check.answer, Answer::Failed(cause) if cause.failure == Failure::Http);
    let latency = check.phases.latency().filter(|_| !failed);
    ReceiptRow {
        at: Stamp::second_beside(t, check.at, outage.started_at),
        region: check.region.to_string(),
        saw: match &check.answer {
            Answer::Failed(cause) => t.brief_cause(cause),
            Answer::Restricted(_) => t.say("saw-restricted").into_owned(),
            Answer::Ok => t.say("saw-answered").into_owned(),
        },
        failed,
        http_status: check.http_status,
        named,
        latency: latency.map(|micros| t.latency(micros)),
    }
}

/// The page for an address at which there is no outage, or none that can be shown now.
fn missing(shared: &Shared, locale: &Locale, of: Option<&Slug>, status: StatusCode) -> Response {
    let t = locale.lang;
    let (title, sentence) = match status {
        StatusCode::NOT_FOUND => ("outage-missing", "outage-missing-text"),
        _ => ("outage-away-title", "outage-away-text"),
    };
    let (title, sentence) = (t.say(title), t.say(sentence).into_owned());
    let site = of.and_then(|slug| shared.web.board.site(slug.as_str())).map(|live| {
        let name = live.site.name.to_string();
        let href = locale.href(&links::site(live.site.slug.as_str()));
        (t.one("outage-site", "name", name), href)
    });
    let layout = Layout::hidden(shared, locale, title.into_owned(), sentence.clone());
    page_with(t, status, &MissingOutage { layout, sentence, site })
}
