//! `/providers/{slug}`: how a provider seems to be, since when, and its sites.

use std::cmp::Reverse;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

mod events;

use self::events::EventsList;
use super::{
    components::{Html, Icon, Initials, Stamp, tied},
    error_page,
    layout::Layout,
};
use crate::{
    i18n::{
        Lang,
        provider::{heading_in, parts_in, summary_in},
        sentence::joined,
    },
    web::{
        Shared,
        extractors::{
            locale::Locale,
            params::{Params, PathSegment},
        },
        links,
        views::{
            overview::{Overview, badness},
            provider::{WithSites, one},
            site::SiteView,
        },
    },
};
use model::{
    moment::Moment,
    provider::{Condition, ProviderStatus, name},
    verdict::Status,
};

#[derive(Template)]
#[template(path = "provider.html")]
struct ProviderPage {
    layout: Layout,
    heading: String,
    mood: Icon,
    class: &'static str,
    /// Text below the heading.
    gist: String,
    /// All of it in one sentence.
    summary: String,
    failing: Option<Html>,
    sites_title: String,
    sites_none: String,
    sites: Vec<ProviderSiteRow>,
    json: String,
    events: EventsList,
    events_title: String,
    events_json: String,
}

struct ProviderSiteRow {
    path: String,
    initials: Initials,
    name: String,
    icon: Icon,
    class: &'static str,
    word: String,
    up: bool,
    /// True if it is bad for a reason of its own while its provider fails.
    own: bool,
}

/// The page of a provider that serves a site, or of a known one.
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    locale: Locale,
    params: Params,
) -> Response {
    let overview = Overview::now(&shared);
    let Some(with) = slug.and_then(|slug| one(&overview, &slug)) else {
        return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND);
    };
    let events = events::read(&shared, &locale, &params, &with, overview.now).await;
    super::page(locale.lang, &provider_page(&shared, &locale, with, events, overview.now))
}

fn provider_page(
    shared: &Shared,
    locale: &Locale,
    mut with: WithSites<'_>,
    events: EventsList,
    now: Moment,
) -> ProviderPage {
    let t = locale.lang;
    let slug = &*with.standing.provider;
    let summary = summary_in(t, &with.standing, now);
    let title = t.one("provider-title", "name", name(slug));
    let failing = with.standing.event.as_ref();
    with.views.sort_by_key(|view| (badness(view.status()), Reverse(view.verdict().since)));
    ProviderPage {
        layout: Layout::new(shared, locale, title, summary.clone(), &links::provider(slug))
            .living(mood(&with), "*"),
        heading: heading_in(t, &with.standing),
        mood: Icon(mood(&with)),
        class: mood(&with).word(),
        gist: gist(t, &with.standing, now).unwrap_or_else(|| summary.clone()),
        summary,
        failing: failing.map(|event| {
            let args = [
                ("since", Stamp::new(t, event.started_at, now).arg()),
                ("noticed", Stamp::end(t, event.noticed_at, event.started_at, now).arg()),
            ];
            Html::said(t, "provider-state-html", args)
        }),
        sites_title: t.one("provider-sites", "name", name(slug)),
        sites_none: t.one("provider-sites-none", "name", name(slug)),
        json: links::provider_json(slug),
        events,
        events_title: t.one("provider-events", "name", name(slug)),
        events_json: format!("{}/events", links::provider_json(slug)),
        sites: with
            .views
            .iter()
            .map(|view| row(locale, view, with.standing.event.is_some()))
            .collect(),
    }
}

/// For how long it has been failing, or how long ago that began, and with how many sites; the heading names it.
fn gist(t: Lang, standing: &ProviderStatus, now: Moment) -> Option<String> {
    let event = standing.event.as_ref().filter(|_| standing.is_known())?;
    let long = now.since(event.started_at);
    let long = match standing.condition() {
        Condition::Recovering => t.one("line-began", "long", t.duration(long)),
        _ => t.for_so_long(long),
    };
    Some(tied(&joined([Some(long), Some(parts_in(t, standing))])))
}

fn row(locale: &Locale, view: &SiteView, failing: bool) -> ProviderSiteRow {
    let t = locale.lang;
    let (site, verdict) = (&view.live.site, view.verdict());
    ProviderSiteRow {
        path: locale.href(&links::site(site.slug.as_str())),
        initials: Initials::of(&site.name),
        name: site.name.to_string(),
        icon: Icon(verdict.status),
        class: verdict.status.word(),
        word: t.status(verdict.status).into_owned(),
        up: verdict.status == Status::Up,
        own: failing && view.status().is_outage() && view.failing().is_none(),
    }
}

/// The worst status of its sites while it fails; otherwise whether any is known to be up.
fn mood(with: &WithSites<'_>) -> Status {
    let counts = &with.standing.counts;
    let bad = [Status::Down, Status::Partial, Status::Slow];
    let worst = bad.into_iter().find(|status| counts.of(*status) > 0);
    match worst.filter(|_| with.standing.event.is_some()) {
        Some(worst) => worst,
        None if with.standing.event.is_some() && !with.standing.is_known() => Status::Unknown,
        None if counts.total() > counts.of(Status::Unknown) => Status::Up,
        None => Status::Unknown,
    }
}
