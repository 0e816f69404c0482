//! `GET /api/v1/providers` and `/api/v1/providers/{slug}`: who serves the sites, and how they are.

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer,
    text_formats::{Instant, SlugText, StatusWord},
};
use crate::{
    i18n::provider::summary,
    web::{
        error::HttpProblem,
        extractors::params::PathSegment,
        views::{
            overview::Overview,
            provider::{WithSites, all, one},
        },
    },
};
use model::{moment::Moment, provider::name, verdict::Status};

/// Every provider that serves a site that we watch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProvidersPage)]
pub(in crate::web) struct ProvidersPage<'a> {
    /// The providers.
    providers: Vec<Provider<'a>>,
    /// Moment of the last check of any site; null before the first one.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
}

/// A cloud or a CDN, and how the sites that it serves are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
pub(in crate::web) struct Provider<'a> {
    /// Its name in addresses.
    #[schema(example = "aws")]
    slug: &'a str,
    /// Its name for people.
    #[schema(example = "Amazon Web Services")]
    name: &'a str,
    /// `failing` while several of its sites are bad together, and far more than elsewhere; `recovering` when at most half of those are bad still, or none of them is more than slow, until it is known that this lasts; `unknown` while nothing is known of any of its sites; else `ok`.
    #[schema(example = "ok", pattern = "^(ok|unknown|recovering|failing)$")]
    status: &'static str,
    /// Since when it has been failing, its recovery included; null while it does not.
    #[schema(value_type = Option<Instant>)]
    since: Option<Moment>,
    /// The same in a sentence.
    #[schema(example = "All 12 sites at Amazon Web Services are well.")]
    summary: String,
    /// Number of its sites that are down, partly down or slow.
    #[schema(example = 0, minimum = 0)]
    affected: usize,
    /// Number of our sites that it serves.
    #[schema(example = 12, minimum = 0)]
    total: usize,
    /// Moment of the last check of any of its sites; null before the first one.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
    /// Those sites.
    sites: Vec<ServedSite<'a>>,
}

/// A site that a provider serves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServedSite)]
struct ServedSite<'a> {
    /// The site.
    #[schema(value_type = SlugText)]
    slug: &'a str,
    /// Status of the site.
    #[schema(value_type = StatusWord)]
    status: Status,
}

impl<'a> Provider<'a> {
    fn of(with: &'a WithSites<'_>, now: Moment) -> Self {
        let standing = &with.standing;
        let site = |view: &&'a crate::web::views::site::SiteView| ServedSite {
            slug: view.live.site.slug.as_str(),
            status: view.status(),
        };
        Self {
            slug: &standing.provider,
            name: name(&standing.provider),
            status: standing.condition().word(),
            since: standing.event.as_ref().map(|event| event.started_at),
            summary: summary(standing, now),
            affected: standing.affected(),
            total: standing.counts.total(),
            as_of: with.views.iter().filter_map(|view| view.live.checked_at()).max(),
            sites: with.views.iter().map(site).collect(),
        }
    }
}

/// Every provider that serves a site that we watch; `as_of` is the newest check of any site.
pub(in crate::web) async fn list(State(shared): crate::web::AppState) -> Response {
    let overview = Overview::now(&shared);
    let all = all(&overview);
    let providers = all.iter().map(|with| Provider::of(with, overview.now)).collect();
    answer(overview.keep(&shared), &ProvidersPage { providers, as_of: overview.last })
}

/// One provider; a known provider that serves none of the sites has an empty list of sites.
pub(in crate::web) async fn one_of(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let overview = Overview::now(&shared);
    let Some(with) = slug.and_then(|slug| one(&overview, &slug)) else {
        let detail = "We know no provider of this name.";
        return HttpProblem::new(StatusCode::NOT_FOUND, detail, uri.path()).into_response();
    };
    answer(overview.keep(&shared), &Provider::of(&with, overview.now))
}
