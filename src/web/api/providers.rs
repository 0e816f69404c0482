//! `GET /api/v1/providers` and `/api/v1/providers/{slug}`: who serves the sites, and how they are.

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

use super::answer;
use crate::{
    model::{
        moment::Moment,
        provider::{name, summary},
        verdict::Status,
    },
    web::{
        params::Segment,
        picture::Picture,
        problem::Problem,
        provider::{WithSites, all, one},
    },
};

#[derive(Debug, Serialize)]
struct Page<'a> {
    providers: Vec<Provider<'a>>,
    as_of: Option<Moment>,
}

/// A provider as the contract has it.
#[derive(Debug, Serialize)]
struct Provider<'a> {
    slug: &'a str,
    name: &'a str,
    /// `ok` or `failing`.
    status: &'static str,
    since: Option<Moment>,
    summary: String,
    /// How many of its sites are down, partial or slow.
    affected: usize,
    total: usize,
    sites: Vec<Site<'a>>,
}

#[derive(Debug, Serialize)]
struct Site<'a> {
    slug: &'a str,
    status: Status,
}

impl<'a> Provider<'a> {
    fn of(with: &'a WithSites<'_>, now: Moment) -> Self {
        let standing = &with.standing;
        let site = |look: &&'a crate::web::look::Look| Site {
            slug: look.watched.site.slug.as_str(),
            status: look.status(),
        };
        Self {
            slug: &standing.provider,
            name: name(&standing.provider),
            status: if standing.event.is_some() { "failing" } else { "ok" },
            since: standing.event.as_ref().map(|event| event.started_at),
            summary: summary(standing, now),
            affected: standing.affected(),
            total: standing.counts.total(),
            sites: with.looks.iter().map(site).collect(),
        }
    }
}

/// Every provider that serves a site that we watch; `as_of` is the newest check of any site.
pub(in crate::web) async fn list(State(shared): crate::web::State) -> Response {
    let picture = Picture::now(&shared);
    let all = all(&picture);
    let providers = all.iter().map(|with| Provider::of(with, picture.now)).collect();
    answer(&Page { providers, as_of: picture.last })
}

/// One provider; one that we know and that serves none of the sites is there, with no sites.
pub(in crate::web) async fn one_of(
    State(shared): crate::web::State,
    Segment(slug): Segment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let picture = Picture::now(&shared);
    let Some(with) = slug.and_then(|slug| one(&picture, &slug)) else {
        let detail = "We know no provider of this name.";
        return Problem::new(StatusCode::NOT_FOUND, detail, uri.path()).into_response();
    };
    answer(&Provider::of(&with, picture.now))
}
