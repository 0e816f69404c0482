//! `/outages`: what went wrong and when, newest first, by month and day of UTC; of one site, provider, kind,
//! day or month if asked.
//!
//! From the record; while it cannot be asked, the last outages of each site from memory. What is attributed
//! to one event of a provider stands together as one row.

mod filters;
mod read;
mod rows;

use askama::Template;
use axum::{extract::State, response::Response};

pub(super) use self::filters::month_of;
use self::{
    filters::{OutageFilters, OutagePeriod, STATUSES},
    read::FoundOutages,
    rows::{MonthView, RowView, months},
};
use super::{
    components::Stamp,
    layout::Layout,
    missing::{Near, near_of},
};
use crate::web::{
    Shared,
    extractors::{locale::Locale, params::Params},
    views::provider::provider,
};
use model::{moment::Moment, verdict::Status};

#[derive(Template)]
#[template(path = "outages.html")]
struct OutagesPageView {
    layout: Layout,
    site: String,
    provider: String,
    day: String,
    /// The month that is kept while another filter is chosen.
    month: Option<String>,
    providers: Vec<(String, String)>,
    /// Statuses to choose from: name in addresses, name for people, and whether it is chosen.
    statuses: Vec<(&'static str, String, bool)>,
    names: Vec<Box<str>>,
    months: Vec<MonthView>,
    /// Text shown when the record cannot be read.
    away: Option<String>,
    /// Text shown when there are none, with sites that may be meant.
    none: Option<(String, Vec<Near>)>,
    /// Active filters, each with the address without it.
    chips: Vec<(String, String)>,
    /// Months before and after the shown one.
    beside: Vec<(String, String)>,
    previous: Option<String>,
    next: Option<String>,
}

/// Names that complete the form.
const MAX_NAMES: usize = 400;

/// `GET /outages?site=&provider=&status=&day=&month=&after=&before=`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    locale: Locale,
    params: Params,
) -> Response {
    let wanted = OutageFilters::read(&shared, &params);
    let found = read::read(&shared, &wanted).await;
    super::page(locale.lang, &outages_page(&shared, &locale, &wanted, &found))
}

fn outages_page(
    shared: &Shared,
    locale: &Locale,
    wanted: &OutageFilters,
    found: &FoundOutages,
) -> OutagesPageView {
    let t = locale.lang;
    let description = t.say("outages-description").into_owned();
    let layout = Layout {
        path: wanted.own_address(),
        now: Some(Stamp::second(shared.second()).in_utc()),
        ..Layout::new(shared, locale, title(locale, wanted), description, "/outages")
    };
    let sites = shared.web.board.sites();
    let mut slugs: Vec<_> = sites.iter().filter_map(|w| w.provider()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    let of = |slug: &str| (slug.to_owned(), provider(slug).name.to_owned());
    let status = |status: Status| {
        (status.word(), t.status(status).into_owned(), wanted.status == Some(status))
    };
    let month = wanted.span.as_ref().and_then(|span| match span {
        OutagePeriod::Month(first) => Some(first.strftime("%Y-%m").to_string()),
        OutagePeriod::Day(_) => None,
    });
    OutagesPageView {
        site: wanted.site.clone(),
        provider: wanted.provider.clone(),
        day: wanted.day(),
        month,
        months: months(shared, locale, wanted, found),
        providers: slugs.into_iter().map(of).collect(),
        statuses: STATUSES.map(status).into(),
        names: sites.iter().take(MAX_NAMES).map(|w| w.site.name.clone()).collect(),
        away: (!found.fresh).then(|| t.say("outages-away").into_owned()),
        none: none(shared, locale, wanted, found),
        chips: chips(locale, wanted),
        beside: beside(locale, wanted, shared.second()),
        previous: found.newer.as_ref().map(|turn| locale.href(&wanted.address(turn))),
        next: found.older.as_ref().map(|turn| locale.href(&wanted.address(turn))),
        layout,
    }
}

/// Title of the page.
fn title(locale: &Locale, wanted: &OutageFilters) -> String {
    let t = locale.lang;
    let what = match &wanted.name {
        Some(name) => t.one("outages-of", "name", name),
        None => t.say("nav-outages").into_owned(),
    };
    match span_words(locale, wanted) {
        Some(span) => t.two("outages-in", ("what", what), ("span", span)),
        None => what,
    }
}

/// The day or month that is wanted, in words.
fn span_words(locale: &Locale, wanted: &OutageFilters) -> Option<String> {
    let span = wanted.span.as_ref()?;
    let (from, _) = span.bounds()?;
    Some(match span {
        OutagePeriod::Day(_) => locale.lang.date(from),
        OutagePeriod::Month(_) => locale.lang.month_of(from),
    })
}

/// Reason for an empty page, in words, and the sites that may be meant.
fn none(
    shared: &Shared,
    locale: &Locale,
    wanted: &OutageFilters,
    found: &FoundOutages,
) -> Option<(String, Vec<Near>)> {
    let t = locale.lang;
    if !found.rows.is_empty() {
        return None;
    }
    if !wanted.site.is_empty() && wanted.name.is_none() {
        let site = wanted.site.as_str();
        return Some((t.one("outages-unknown-site", "site", site), near_of(shared, locale, site)));
    }
    let filtered = wanted.span.is_some() || wanted.status.is_some() || !wanted.provider.is_empty();
    let id = if filtered { "outages-none-fit" } else { "site-outages-none" };
    // That memory has none does not mean that there was none.
    found.fresh.then(|| (t.say(id).into_owned(), Vec::new()))
}

/// Active filters, each with the address without it.
fn chips(locale: &Locale, wanted: &OutageFilters) -> Vec<(String, String)> {
    let site = wanted.name.as_ref().unwrap_or(&wanted.site).clone();
    let at = if wanted.provider.is_empty() { "" } else { provider(&wanted.provider).name };
    let status = wanted.status.map(|status| locale.lang.status(status).into_owned());
    let without = |name| locale.href(&wanted.but(name, ""));
    [
        (site, without("site")),
        (at.to_owned(), without("provider")),
        (status.unwrap_or_default(), without("status")),
        (span_words(locale, wanted).unwrap_or_default(), without("day")),
    ]
    .into_iter()
    .filter(|(words, _)| !words.is_empty())
    .collect()
}

/// The months before and after the shown one, each with its address.
fn beside(locale: &Locale, wanted: &OutageFilters, now: Moment) -> Vec<(String, String)> {
    let Some(OutagePeriod::Month(first)) = &wanted.span else { return Vec::new() };
    let last = first.yesterday().ok().map(|day| OutagePeriod::Month(day.first_of_month()));
    let next = first.last_of_month().tomorrow().ok().map(OutagePeriod::Month);
    let link = |span: OutagePeriod| {
        let (from, _) = span.bounds()?;
        let href = locale.href(&wanted.but("month", &month_of(from)));
        (from <= now).then(|| (locale.lang.month_of(from), href))
    };
    [last, next].into_iter().flatten().filter_map(link).collect()
}
