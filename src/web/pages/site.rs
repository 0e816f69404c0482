//! `/{domain}`: one site of the catalogue, a plain sentence first.

mod charts;
mod facts;
mod tables;

use askama::Template;
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use self::{
    charts::{PhaseBar, Strip},
    facts::Fact,
    tables::{CheckRow, OutageRow, RegionRow, UptimeCell},
};
use super::{
    Frame, ago,
    bits::{Icon, Stamp},
    missing, trouble,
};
use crate::web::{Shared, find, look::Look, params::Segment};

#[derive(Template)]
#[template(path = "site.html")]
struct View {
    frame: Frame,
    name: String,
    slug: String,
    url: String,
    icon: Icon,
    word: &'static str,
    summary: String,
    since: Option<(Stamp, String)>,
    checked: Option<(Stamp, String)>,
    note: Option<String>,
    facts: Vec<Fact>,
    phases: Option<PhaseBar>,
    uptimes: Vec<UptimeCell>,
    regions: Vec<RegionRow>,
    strip: Option<Strip>,
    checks: Vec<CheckRow>,
    outages: Vec<OutageRow>,
    tags: Vec<(String, String)>,
    page_url: String,
    badge_url: String,
    json: String,
}

/// The page of a site that we watch; another way to write its name leads there.
pub(in crate::web) fn page(
    State(shared): crate::web::State,
    Segment(domain): Segment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let Some(domain) = domain else {
        return trouble::respond(&shared, &uri, StatusCode::NOT_FOUND);
    };
    if let Some(watched) = shared.web.board.site(&domain) {
        return super::page(&view(&shared, &Look::new(watched, shared.now())));
    }
    match find::named(&shared.web.board, &domain) {
        Some(slug) => Redirect::permanent(&path(&slug)).into_response(),
        None if domain.contains('.') => missing::respond(&shared, &domain),
        None => trouble::respond(&shared, &uri, StatusCode::NOT_FOUND),
    }
}

/// The path of a site's page. The brackets of an IPv6 slug may not stand in a path as they are.
pub(in crate::web) fn path(slug: &str) -> String {
    format!("/{}", slug.replace('[', "%5B").replace(']', "%5D"))
}

fn view(shared: &Shared, look: &Look) -> View {
    let (watched, verdict) = (&*look.watched, look.verdict());
    let site = &*watched.site;
    let path = path(site.slug.as_str());
    let summary = look.summary();
    let title = format!("Is {} up right now?", site.name);
    View {
        frame: Frame::new(shared, title, summary.clone(), &path),
        name: site.name.to_string(),
        slug: site.slug.to_string(),
        url: site.url.to_string(),
        icon: Icon(verdict.status),
        word: verdict.status.word(),
        summary,
        since: verdict.since.map(|since| tables::since(since, look.now)),
        checked: watched.checked_at().map(|at| ago(at, look.now)),
        note: facts::restricted(look),
        facts: facts::facts(look),
        phases: charts::phases(watched),
        uptimes: tables::uptimes(look),
        regions: tables::regions(look),
        strip: charts::strip(watched),
        checks: tables::checks(look),
        outages: tables::outages(look),
        tags: site.tags.iter().map(|tag| tables::tag(tag)).collect(),
        page_url: shared.link(&path),
        badge_url: shared.link(&format!("/badge{path}.svg")),
        json: format!("/api/v1/sites{path}"),
    }
}
