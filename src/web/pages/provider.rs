//! `/providers/{slug}`: how a provider seems to be, since when, and its sites.

use std::cmp::Reverse;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

mod events;

use self::events::Events;
use super::{
    bits::{Html, Icon, Stamp},
    frame::Frame,
    trouble,
};
use crate::{
    i18n::provider::{evidence_in, summary_in},
    model::{moment::Moment, provider::name, verdict::Status},
    web::{
        Shared,
        asked::Asked,
        look::Look,
        pages::site::path,
        params::{Params, Segment},
        picture::{Picture, badness},
        provider::{WithSites, one},
    },
};

#[derive(Template)]
#[template(path = "provider.html")]
struct View {
    frame: Frame,
    name: String,
    mood: Icon,
    summary: String,
    failing: Option<Html>,
    evidence: Option<String>,
    sites_title: String,
    sites_none: String,
    sites: Vec<Row>,
    json: String,
    events: Events,
    events_title: String,
    events_json: String,
}

struct Row {
    path: String,
    name: String,
    icon: Icon,
    class: &'static str,
    word: String,
    up: bool,
    /// Whether it is bad for a reason of its own while its provider fails.
    own: bool,
}

/// The page of a provider that serves a site, or that we know anyway.
pub(in crate::web) async fn page(
    State(shared): crate::web::State,
    Segment(slug): Segment,
    asked: Asked,
    params: Params,
) -> Response {
    let picture = Picture::now(&shared);
    let Some(with) = slug.and_then(|slug| one(&picture, &slug)) else {
        return trouble::respond(&shared, &asked, StatusCode::NOT_FOUND);
    };
    let events = events::read(&shared, &asked, &params, &with, picture.now).await;
    super::page(asked.lang, &view(&shared, &asked, with, events, picture.now))
}

fn view(
    shared: &Shared,
    asked: &Asked,
    mut with: WithSites<'_>,
    events: Events,
    now: Moment,
) -> View {
    let t = asked.lang;
    let slug = &*with.standing.provider;
    let summary = summary_in(t, &with.standing, now);
    let title = t.one("provider-title", "name", name(slug));
    let failing = with.standing.event.as_ref();
    with.looks.sort_by_key(|look| (badness(look.status()), Reverse(look.verdict().since)));
    View {
        frame: Frame::new(shared, asked, title, summary.clone(), &format!("/providers/{slug}"))
            .living(mood(&with), "*"),
        name: name(slug).to_owned(),
        mood: Icon(mood(&with)),
        summary,
        failing: failing.map(|event| {
            let args = [
                ("since", Stamp::new(t, event.started_at, now).arg()),
                ("long", t.duration(now.since(event.started_at)).into()),
                ("noticed", Stamp::new(t, event.noticed_at, now).arg()),
            ];
            Html::said(t, "provider-state-html", args)
        }),
        evidence: failing.map(|event| evidence_in(t, event, event.sites.len())),
        sites_title: t.one("provider-sites", "name", name(slug)),
        sites_none: t.one("provider-sites-none", "name", name(slug)),
        json: format!("/api/v1/providers/{slug}"),
        events,
        events_title: t.one("provider-events", "name", name(slug)),
        events_json: format!("/api/v1/providers/{slug}/events"),
        sites: with
            .looks
            .iter()
            .map(|look| row(asked, look, with.standing.event.is_some()))
            .collect(),
    }
}

fn row(asked: &Asked, look: &Look, failing: bool) -> Row {
    let t = asked.lang;
    let (site, verdict) = (&look.watched.site, look.verdict());
    Row {
        path: asked.href(&path(site.slug.as_str())),
        name: site.name.to_string(),
        icon: Icon(verdict.status),
        class: verdict.status.word(),
        word: t.status(verdict.status).into_owned(),
        up: verdict.status == Status::Up,
        own: failing && look.status().is_outage() && look.failing().is_none(),
    }
}

/// The worst status of its sites while it fails; else whether we know of any that is well.
fn mood(with: &WithSites<'_>) -> Status {
    let counts = &with.standing.counts;
    let bad = [Status::Down, Status::Partial, Status::Slow];
    let worst = bad.into_iter().find(|status| counts.of(*status) > 0);
    match worst.filter(|_| with.standing.event.is_some()) {
        Some(worst) => worst,
        None if counts.total() > counts.of(Status::Unknown) => Status::Up,
        None => Status::Unknown,
    }
}
