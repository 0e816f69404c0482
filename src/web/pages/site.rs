//! `/{domain}`: one site of the catalogue, a plain sentence first.

mod charts;
mod facts;
mod graphs;
mod past;
mod tables;

pub(super) use self::facts::every;

use std::time::Duration;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use self::{
    charts::{CheckStrip, PhaseBar},
    facts::Fact,
    graphs::Graph,
    past::Past,
    tables::{CheckTableRow, OutageTableRow, RegionRow, UptimeCell},
};
use super::{
    ago,
    components::{Html, Icon, Stamp, mark},
    error_page,
    layout::Layout,
    lookup::justme,
    missing,
};
use crate::{
    i18n::{Arg, Lang},
    web::{
        Shared,
        extractors::{locale::Locale, params::Params},
        links, search,
        views::site::SiteView,
    },
};

#[derive(Template)]
#[template(path = "site.html")]
struct SitePage {
    layout: Layout,
    name: String,
    slug: String,
    url: String,
    icon: Icon,
    class: &'static str,
    word: String,
    summary: String,
    since: Option<Html>,
    checked: Option<Html>,
    /// What else is to know of it, a sentence each.
    notes: Vec<String>,
    note: Option<String>,
    facts: Vec<Fact>,
    graph: Graph,
    days: Option<graphs::DayStrip>,
    sizes: [u32; 4],
    phases: Option<PhaseBar>,
    uptimes: Vec<UptimeCell>,
    regions: Vec<RegionRow>,
    strip: Option<CheckStrip>,
    checks: Vec<CheckTableRow>,
    outages: Vec<OutageTableRow>,
    outages_href: String,
    outages_all: String,
    tags: Vec<(String, String)>,
    page_url: String,
    badge_url: String,
    badge_alt: String,
    badge_label: String,
    json: String,
    justme: String,
}

/// The page of a site that we watch; another way to write its name leads there.
pub(in crate::web) async fn page(
    shared: &Shared,
    domain: Option<String>,
    locale: &Locale,
    params: &Params,
) -> Response {
    let Some(domain) = domain else {
        return error_page::respond(shared, locale, StatusCode::NOT_FOUND);
    };
    if let Some(watched) = shared.web.board.site(&domain) {
        let look = SiteView::new(watched, shared.second());
        let (word, length) = past::window(params.text("window"));
        let read = |length| past::read(shared, &look.watched, length, look.now);
        let (past, quarter) = tokio::join!(read(length), read(QUARTER));
        return super::page(locale.lang, &view(shared, locale, &look, (word, past, quarter)));
    }
    match search::named(&shared.web.board, &domain) {
        Some(slug) => Redirect::permanent(&locale.href(&links::site(&slug))).into_response(),
        None if domain.contains('.') => missing::respond(shared, locale, &domain),
        None => error_page::respond(shared, locale, StatusCode::NOT_FOUND),
    }
}

/// How far back the strip of days goes.
const QUARTER: Duration = Duration::from_hours(24 * 90);

fn view(
    shared: &Shared,
    locale: &Locale,
    look: &SiteView,
    (window, past, quarter): (&str, Option<Past>, Option<Past>),
) -> SitePage {
    let t = locale.lang;
    let (watched, verdict) = (&*look.watched, look.verdict());
    let site = &*watched.site;
    let path = links::site(site.slug.as_str());
    let (summary, word) = (look.summary_in(t), t.status(verdict.status));
    let args = [
        ("mark", Arg::from(mark(verdict.status))),
        ("name", Arg::from(&*site.name)),
        ("status", Arg::from(&*word)),
    ];
    let layout = Layout {
        og_title: t.two("site-og-title", ("name", &*site.name), ("status", &*word)),
        ..Layout::new(shared, locale, t.with("site-title", args), summary.clone(), &path)
            .living(verdict.status, site.slug.as_str())
    };
    SitePage {
        layout,
        name: site.name.to_string(),
        slug: site.slug.to_string(),
        url: site.url.to_string(),
        icon: Icon(verdict.status),
        class: verdict.status.word(),
        since: since(t, look, &word),
        summary,
        checked: checked(t, look),
        notes: facts::notes(t, look),
        note: facts::restricted(t, look),
        facts: facts::facts(locale, look),
        graph: graphs::graph(locale, &path, window, past.as_ref()),
        days: quarter.and_then(|past| graphs::strip(t, &past.points)),
        sizes: graphs::SIZES,
        phases: charts::phases(t, watched),
        uptimes: tables::uptimes(t, look),
        regions: tables::regions(t, look),
        strip: charts::strip(t, watched),
        checks: tables::checks(t, look),
        outages_href: locale.href(&format!("/outages?site={}", site.slug)),
        outages_all: t.one("site-outages-all", "name", &*site.name),
        outages: tables::outages(locale, look),
        tags: site.tags.iter().map(|tag| tables::tag(locale, tag)).collect(),
        page_url: shared.link(&path),
        badge_alt: t.two("site-badge-alt", ("name", &*site.name), ("status", &*word)),
        badge_label: t.one("site-badge-of", "name", &*site.name),
        badge_url: shared.link(&links::badge(site.slug.as_str())),
        word: word.into_owned(),
        justme: justme::html(shared, locale, site.slug.as_str(), &path, site.url.as_str()),
        json: links::site_json(site.slug.as_str()),
    }
}

/// The status and since when, in words.
fn since(t: Lang, look: &SiteView, word: &str) -> Option<Html> {
    let since = look.verdict().since?;
    let args = [
        ("status", Arg::from(word)),
        ("time", Stamp::new(t, since, look.now).arg()),
        ("long", t.duration(look.now.since(since)).into()),
    ];
    Some(Html::said(t, "site-since-html", args))
}

/// When we looked last, in words.
fn checked(t: Lang, look: &SiteView) -> Option<Html> {
    let (at, age) = ago(t, look.watched.checked_at()?, look.now);
    Some(Html::said(t, "site-checked-html", [("ago", age.into()), ("time", at.arg())]))
}
