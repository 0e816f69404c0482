//! `/{domain}`: one site of the catalogue. First the verdict in three words, for how long and why, and
//! the row of "Is it just me?"; then the days, the outages, the latency; what few ask for is folded.

mod charts;
mod facts;
pub(super) mod graphs;
pub(super) mod site_history;
mod tables;
pub(in crate::web) mod values;

pub(super) use self::facts::every;

use std::time::Duration;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use self::{
    charts::{CheckStrip, PhaseBar},
    facts::Fact,
    graphs::Graph,
    site_history::SiteHistory,
    tables::{CheckTableRow, OutageTableRow, RegionRow, UptimeCell},
};
use super::{
    badges::{self, Builder},
    components::{Html, Icon, Initials, Stamp, mark, tied},
    error_page,
    layout::Layout,
    lookup::{
        Visitor,
        justme::{self, ReportTarget},
    },
    missing,
    notices::{self, NoticesView},
};
use crate::{
    board::{CheckSummary, LiveSite},
    i18n::{Arg, Lang},
    web::{
        cache::record::NewestOutages,
        extractors::params::Params,
        links, preview, search,
        views::{incidents, site::SiteView},
    },
};
use model::{
    domain::readable,
    name::Region,
    provider,
    verdict::{Outage, Status},
};

#[derive(Template)]
#[template(path = "site.html")]
struct SitePage {
    layout: Layout,
    name: String,
    slug: String,
    url: String,
    /// The address as people write it.
    shown: String,
    initials: Initials,
    icon: Icon,
    class: &'static str,
    /// The kind of failure, for the script of "Is it just me?".
    failure: &'static str,
    heading: String,
    line: String,
    /// Recent outages that it recovered from.
    back: Option<Html>,
    /// All of it in one sentence.
    summary: String,
    /// The provider that seems to be the cause: its page, and the words of the link.
    cause: Option<(String, String)>,
    checked: Option<Html>,
    /// The page on which it tells of its troubles itself.
    status_page: Option<String>,
    /// Notes, a sentence each.
    notes: Vec<String>,
    note: Option<String>,
    /// Words of people about it.
    said: NoticesView,
    facts: Vec<Fact>,
    graph: Graph,
    days: Option<graphs::DayStrip>,
    sizes: [u32; 4],
    phases: Option<PhaseBar>,
    uptimes: Vec<UptimeCell>,
    /// Since when it has been watched, where that is not longer than the longest window.
    watched_since: Option<Html>,
    regions: Vec<RegionRow>,
    strip: Option<CheckStrip>,
    checks: Vec<CheckTableRow>,
    outages: Vec<OutageTableRow>,
    /// True while the record cannot be read: that none is known does not mean that there was none.
    record_away: bool,
    outages_href: String,
    outages_all: String,
    tags: Vec<(String, String)>,
    /// Its feeds, as Atom and as JSON.
    feeds: [String; 2],
    /// Uptime without planned work, where it differs.
    outside: Option<String>,
    /// The report on this month.
    report: String,
    page_url: String,
    builder: Builder,
    badges_href: String,
    json: String,
    justme: String,
}

/// The page of a watched site; another spelling of its name redirects there.
pub(super) async fn page(
    visitor: Visitor<'_>,
    domain: Option<String>,
    params: &Params,
) -> Response {
    let Visitor { shared, locale, client } = visitor;
    let Some(domain) = domain else {
        return error_page::respond(shared, locale, StatusCode::NOT_FOUND);
    };
    if let Some(live) = shared.web.board.site(&domain) {
        let view = SiteView::new(live, shared.second());
        let down = view.status() == Status::Down;
        shared.web.lookups.count_visit(view.live.site.slug.as_str(), client.key(), down);
        let (word, length) = site_history::window(params.text("window"));
        let region = chosen(&view.live, params.text("region"));
        let read =
            |region, length| site_history::read(shared, &view.live, region, length, view.now);
        let recorded = shared.outages.noticeable(shared, &view.live.site.slug);
        let outside = notices::uptime_outside(shared, locale.lang, &view.live);
        let (past, quarter, recorded, outside) =
            tokio::join!(read(region.as_ref(), length), read(None, QUARTER), recorded, outside);
        let before = Before { window: word, region, past, quarter, recorded, outside };
        return super::page(locale.lang, &site_page(visitor, &view, before));
    }
    match search::named(&shared.web.board, &domain) {
        Some(slug) => Redirect::permanent(&locale.href(&links::site(&slug))).into_response(),
        None => missing::respond(shared, locale, &domain),
    }
}

/// The region of this name, if there are several and the site is checked from there.
fn chosen(live: &LiveSite, name: Option<&str>) -> Option<Region> {
    let mut regions = live.regions.iter().map(|seen| &seen.region);
    regions.find(|region| Some(region.as_str()) == name).filter(|_| live.regions.len() > 1).cloned()
}

/// Days of the strip, of which the last is today.
const DAYS: usize = 90;
/// Time span that has them: its first day is not whole.
const QUARTER: Duration = Duration::from_hours(24 * DAYS as u64);

/// The history of the site, as far as it could be read.
struct Before {
    /// The word of the window that the chart shows.
    window: &'static str,
    /// The region whose checks alone are shown, if one was chosen.
    region: Option<Region>,
    past: Option<SiteHistory>,
    quarter: Option<SiteHistory>,
    recorded: NewestOutages,
    /// Uptime without planned work, where it differs.
    outside: Option<String>,
}

/// The site in the row of "Is it just me?", with this page of its own.
fn report_target<'a>(live: &'a LiveSite, path: &'a str) -> ReportTarget<'a> {
    let mut checks = live.regions.iter().map(|view| &view.check);
    ReportTarget {
        key: live.site.slug.as_str(),
        path,
        url: &live.site.url,
        follows: true,
        same_site_only: checks.any(|check| check.outcome.observed.same_site_only),
        restricted: live.verdict.restricted,
    }
}

fn site_page(
    visitor: Visitor<'_>,
    view: &SiteView,
    Before { window, region, past, quarter, recorded, outside }: Before,
) -> SitePage {
    let Visitor { shared, locale, client } = visitor;
    let t = locale.lang;
    let (live, verdict) = (&*view.live, view.verdict());
    let site = &*live.site;
    let path = links::site(site.slug.as_str());
    let outages = incidents::of_site(live, &recorded);
    let recent = recent(live, region.as_ref());
    let subject = report_target(live, &path);
    SitePage {
        layout: layout(visitor, view, &path),
        name: site.name.to_string(),
        slug: site.slug.to_string(),
        url: site.url.to_string(),
        shown: readable(site.url.host_str().unwrap_or_default()).into_owned(),
        initials: Initials::of(&site.name),
        icon: Icon(verdict.status),
        class: verdict.status.word(),
        failure: verdict.cause.as_ref().map_or("", |cause| cause.failure.word()),
        heading: view.heading_in(t),
        line: tied(&view.line_in(t)),
        back: view.recovery().map(|outage| back(t, view, outage)),
        summary: view.summary_in(t),
        cause: cause(visitor, view),
        checked: checked(t, view),
        status_page: site.status_page.as_deref().map(str::to_owned),
        notes: facts::notes(t, view),
        note: facts::restricted(t, view),
        said: NoticesView::of_site(shared, locale, live),
        facts: facts::facts(locale, view),
        graph: graphs::graph(shared, locale, live, (window, region.as_ref()), past.as_ref()),
        days: quarter.and_then(|past| graphs::strip(t, past.last(DAYS), &outages, view.now)),
        sizes: graphs::SIZES,
        phases: charts::phases(t, live),
        uptimes: tables::uptimes(t, view),
        watched_since: watched_since(t, view),
        regions: tables::regions(t, view),
        strip: charts::strip(t, &recent, graphs::slow_limit(shared, live), view.now),
        checks: tables::checks(t, view, &recent),
        outages_href: locale.href(&format!("/outages?site={}", site.slug)),
        outages_all: t.one("site-outages-all", "name", &*site.name),
        outages: tables::outages(locale, view, &outages),
        record_away: shared.web.board.store_health().away_since.is_some(),
        tags: site.tags.iter().map(|tag| tables::tag(locale, tag)).collect(),
        feeds: ["feed.atom", "feed.json"]
            .map(|file| links::unless_default(&links::site_feed(site.slug.as_str(), file), t)),
        outside,
        report: locale.href(&format!("/sites{path}/report")),
        page_url: shared.link(&path),
        builder: badges::of_site(shared, t, site.slug.as_str()),
        badges_href: locale.href(&format!("/badges?site={}", site.slug)),
        justme: justme::html(shared, locale, client, &subject),
        json: links::site_json(site.slug.as_str()),
    }
}

/// The last checks; of this region alone, if one was chosen.
fn recent(live: &LiveSite, region: Option<&Region>) -> Vec<CheckSummary> {
    let of = |glance: &CheckSummary| region.is_none_or(|region| glance.region == *region);
    live.recent.iter().filter(of).collect()
}

/// The frame, with the question that people type as its title, the answer, and how old that is.
fn layout(visitor: Visitor<'_>, view: &SiteView, path: &str) -> Layout {
    let Visitor { shared, locale, .. } = visitor;
    let (t, verdict, site) = (locale.lang, view.verdict(), &view.live.site);
    let long = verdict.since.map_or_else(Duration::default, |at| view.now.since(at));
    let lasting = |id| t.two(id, ("minutes", long.as_secs() / 60), ("long", t.duration(long)));
    let answer = match verdict.status {
        Status::Down => lasting("site-answer-down"),
        Status::Partial => lasting("site-answer-partial"),
        Status::Slow => lasting("site-answer-slow"),
        Status::Up if view.recovery().is_some() => lasting("site-answer-back"),
        Status::Up => t.say("site-answer-up").into_owned(),
        Status::Unknown => t.say("site-answer-unknown").into_owned(),
    };
    let args = [
        ("mark", Arg::from(mark(verdict.status))),
        ("name", Arg::from(&*site.name)),
        ("answer", Arg::from(answer)),
    ];
    let title = t.with("site-title", args);
    let summary = view.summary_in(t);
    let description = match view.live.checked_at() {
        Some(at) => {
            let ago = t.ago(view.now.since(at));
            t.two("site-description", ("summary", summary), ("ago", ago))
        }
        None => summary,
    };
    Layout {
        og_title: view.heading_in(t),
        preview: Some(preview::address(shared, &format!("{path}/preview.png"), t)),
        ..Layout::new(shared, locale, title, description, path)
            .living(verdict.status, site.slug.as_str())
    }
}

/// Recent outages that it recovered from, with their ends.
fn back(t: Lang, view: &SiteView, outage: &Outage) -> Html {
    let end = outage.ended_at.unwrap_or(view.now);
    let id =
        if outage.status == Status::Down { "site-back-html" } else { "site-back-partial-html" };
    let long = tied(&t.duration(end.since(outage.started_at)));
    Html::said(t, id, [("long", long.into()), ("time", Stamp::new(t, end, view.now).arg())])
}

/// The provider that seems to be the cause.
fn cause(visitor: Visitor<'_>, view: &SiteView) -> Option<(String, String)> {
    let (locale, standing) = (visitor.locale, view.failing()?);
    let name = ("name", provider::name(&standing.provider));
    let words = match standing.event {
        Some(_) => locale.lang.two("site-cause", name, ("n", standing.affected())),
        None => locale.lang.two("site-cause-left", name, ("n", standing.affected())),
    };
    Some((locale.href(&links::provider(&standing.provider)), tied(&words)))
}

/// Moment of the last check, in words.
fn checked(t: Lang, view: &SiteView) -> Option<Html> {
    let ago = Stamp::ago(t, view.live.checked_at()?, view.now);
    Some(Html::said(t, "site-checked-html", [("ago", ago.arg())]))
}

/// Since when it has been watched, unless that is longer than any window.
fn watched_since(t: Lang, view: &SiteView) -> Option<Html> {
    let since = view.live.uptime.since?;
    let whole = view.now.since(since) + Duration::from_hours(1) >= QUARTER;
    let stamp = Stamp::new(t, since, view.now);
    (!whole).then(|| Html::said(t, "site-watched-since-html", [("time", stamp.arg())]))
}
