//! `/providers/{slug}`: how a provider seems to be, since when, and its sites.

use std::cmp::Reverse;

use askama::Template;
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use http::StatusCode;

use super::{
    Frame,
    bits::{Icon, Stamp},
    trouble,
};
use crate::{
    model::{
        moment::Moment,
        provider::{name, summary},
        sentence::duration_words,
        verdict::Status,
    },
    web::{
        Shared,
        look::Look,
        pages::site::path,
        params::Segment,
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
    failing: Option<Failing>,
    sites: Vec<Row>,
    json: String,
}

/// The event that has not ended.
struct Failing {
    since: Stamp,
    long: String,
    noticed: Stamp,
    evidence: usize,
}

struct Row {
    path: String,
    name: String,
    icon: Icon,
    word: &'static str,
    since: Option<Stamp>,
    /// Whether it is bad for a reason of its own while its provider fails.
    own: bool,
}

/// The page of a provider that serves a site, or that we know anyway.
pub(in crate::web) async fn page(
    State(shared): crate::web::State,
    Segment(slug): Segment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let picture = Picture::now(&shared);
    match slug.and_then(|slug| one(&picture, &slug)) {
        Some(with) => super::page(&view(&shared, with, picture.now)),
        None => trouble::respond(&shared, &uri, StatusCode::NOT_FOUND),
    }
}

fn view(shared: &Shared, mut with: WithSites<'_>, now: Moment) -> View {
    let slug = &*with.standing.provider;
    let summary = summary(&with.standing, now);
    let title = format!("Is {} failing right now?", name(slug));
    with.looks.sort_by_key(|look| (badness(look.status()), Reverse(look.verdict().since)));
    View {
        frame: Frame::new(shared, title, summary.clone(), &format!("/providers/{slug}")),
        name: name(slug).to_owned(),
        mood: Icon(mood(&with)),
        summary,
        failing: with.standing.event.as_ref().map(|event| Failing {
            since: Stamp::new(event.started_at, now),
            long: duration_words(now.since(event.started_at)),
            noticed: Stamp::new(event.noticed_at, now),
            evidence: event.sites.len(),
        }),
        json: format!("/api/v1/providers/{slug}"),
        sites: with.looks.iter().map(|look| row(look, with.standing.event.is_some())).collect(),
    }
}

fn row(look: &Look, failing: bool) -> Row {
    let (site, verdict) = (&look.watched.site, look.verdict());
    Row {
        path: path(site.slug.as_str()),
        name: site.name.to_string(),
        icon: Icon(verdict.status),
        word: verdict.status.word(),
        since: verdict.since.map(|since| Stamp::new(since, look.now)),
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
