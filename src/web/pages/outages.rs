//! `/outages`: what went wrong and when, newest first, by day; of one site or one provider if asked.
//!
//! From the record; while it cannot be asked, the last outages of each site from memory.

mod read;
mod filters;

use askama::Template;
use axum::{extract::State, response::Response};

use self::{
    filters::{OutageFilters, address},
    read::FoundOutages,
};
use super::{
    components::{Icon, Stamp},
    layout::Layout,
};
use crate::web::{
    Shared,
    extractors::{locale::Locale, params::Params},
    links,
    views::provider::provider,
};
use model::{idn::readable, moment::Moment, name::Region, verdict::Outage};

#[derive(Template)]
#[template(path = "outages.html")]
struct OutagesPageView {
    layout: Layout,
    wanted: OutageFilters,
    providers: Vec<(String, String)>,
    names: Vec<Box<str>>,
    days: Vec<OutageDay>,
    /// Said when the record cannot be read.
    away: Option<String>,
    /// What is filtered by, each with the address without it.
    chips: Vec<(String, String)>,
    previous: Option<String>,
    next: Option<String>,
}

/// What began on one day.
struct OutageDay {
    date: Stamp,
    rows: Vec<OutageItem>,
}

struct OutageItem {
    icon: Icon,
    class: &'static str,
    word: String,
    name: String,
    href: String,
    started: Stamp,
    ended: Option<Stamp>,
    long: String,
    why: Option<String>,
    /// Its provider at that time, and the address of all outages there.
    provider: Option<(String, String)>,
    /// Where it is told that its provider failed with it.
    event: Option<String>,
    regions: String,
    /// The address of all outages of this site.
    only: Option<String>,
}

/// Names that complete the form.
const NAMES: usize = 400;

/// `GET /outages?site=&provider=&day=&after=&before=`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    locale: Locale,
    params: Params,
) -> Response {
    let wanted = OutageFilters::read(&shared, &params);
    let found = read::read(&shared, &wanted).await;
    super::page(locale.lang, &view(&shared, &locale, wanted, &found))
}

fn view(
    shared: &Shared,
    locale: &Locale,
    wanted: OutageFilters,
    found: &FoundOutages,
) -> OutagesPageView {
    let (t, now) = (locale.lang, shared.second());
    let title = match &wanted.name {
        Some(name) => t.one("outages-of", "name", name),
        None => t.say("nav-outages").into_owned(),
    };
    let description = t.say("outages-description").into_owned();
    let layout = Layout {
        path: wanted.own_address(),
        ..Layout::new(shared, locale, title, description, "/outages")
    };
    let sites = shared.web.board.sites();
    let mut slugs: Vec<_> = sites.iter().filter_map(|w| w.provider()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    let of = |slug: &str| (slug.to_owned(), provider(slug).name.to_owned());
    let name = |slug: &str| shared.web.board.site(slug).map(|w| w.site.name.to_string());
    let date = |outage: &Outage| outage.started_at.to_utc().date();
    let days = found.rows.chunk_by(|one, other| date(&one.outage) == date(&other.outage));
    let days = days.filter_map(|rows| {
        Some(OutageDay {
            date: Stamp::day(t, rows.first()?.outage.started_at),
            rows: rows
                .iter()
                .map(|row| OutageItem {
                    // In memory the provider is only who serves the site.
                    event: event(locale, row).filter(|_| found.fresh),
                    ..line(locale, &wanted, row, name(row.slug.as_str()), now)
                })
                .collect(),
        })
    });
    OutagesPageView {
        days: days.collect(),
        providers: slugs.into_iter().map(of).collect(),
        names: sites.iter().take(NAMES).map(|w| w.site.name.clone()).collect(),
        away: (!found.fresh).then(|| t.say("outages-away").into_owned()),
        chips: chips(locale, &wanted),
        previous: found.newer.as_ref().map(|turn| locale.href(&wanted.address(turn))),
        next: found.older.as_ref().map(|turn| locale.href(&wanted.address(turn))),
        layout,
        wanted,
    }
}

/// What is filtered by, each with the address without it.
fn chips(locale: &Locale, wanted: &OutageFilters) -> Vec<(String, String)> {
    let none = String::new();
    let site = wanted.name.as_ref().unwrap_or(&wanted.site).clone();
    let at = if wanted.provider.is_empty() { "" } else { provider(&wanted.provider).name };
    let day =
        wanted.last_day().map(|day| locale.lang.one("outages-until", "day", locale.lang.date(day)));
    let kept = |site, provider, day| {
        locale.href(&address([("site", site), ("provider", provider), ("day", day)]))
    };
    let OutageFilters { site: s, provider: p, day: d, .. } = wanted;
    [
        (site, kept(&none, p, d)),
        (at.to_owned(), kept(s, &none, d)),
        (day.unwrap_or_default(), kept(s, p, &none)),
    ]
    .into_iter()
    .filter(|(words, _)| !words.is_empty())
    .collect()
}

/// Where it is told that the provider of this outage failed with it.
fn event(locale: &Locale, row: &read::OutageOfSite) -> Option<String> {
    let provider = row.provider.as_deref()?;
    Some(locale.href(&links::event(provider, row.outage.started_at)))
}

fn line(
    locale: &Locale,
    wanted: &OutageFilters,
    row: &read::OutageOfSite,
    name: Option<String>,
    now: Moment,
) -> OutageItem {
    let t = locale.lang;
    let outage = &row.outage;
    let until = outage.ended_at.unwrap_or(now);
    let regions: Vec<&str> = outage.regions.iter().map(Region::as_str).collect();
    OutageItem {
        icon: Icon(outage.status),
        class: outage.status.word(),
        word: t.status(outage.status).into_owned(),
        name: name.unwrap_or_else(|| readable(row.slug.as_str()).into_owned()),
        href: locale.href(&links::site(row.slug.as_str())),
        started: Stamp::minute(outage.started_at),
        ended: outage.ended_at.map(|end| Stamp::new(t, end, outage.started_at)),
        long: t.duration(until.since(outage.started_at)),
        why: outage.cause.as_ref().map(|cause| t.cause(cause)),
        provider: row.provider.as_deref().map(|slug| {
            let at = slug.to_owned();
            let pairs = [("site", &wanted.site), ("provider", &at), ("day", &wanted.day)];
            (provider(slug).name.to_owned(), locale.href(&address(pairs)))
        }),
        event: None,
        regions: regions.join(", "),
        only: wanted.site.is_empty().then(|| {
            let site = row.slug.to_string();
            let pairs = [("site", &site), ("provider", &wanted.provider), ("day", &wanted.day)];
            locale.href(&address(pairs))
        }),
    }
}
