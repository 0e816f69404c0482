//! `GET /api/v1/sites/{slug}`

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};

use super::{answer, shape::Site, site_of};
use crate::web::{
    cache_control::CacheControl, error::Problem, extractors::params::Segment, views::site::SiteView,
};

/// One site.
pub(in crate::web) async fn one(
    State(shared): crate::web::State,
    Segment(slug): Segment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let Some(watched) = site_of(&shared, slug.as_deref()) else {
        return Problem::no_site(uri.path()).into_response();
    };
    let look = SiteView::new(watched, shared.now());
    answer(CacheControl::of_site(&shared, &look.watched), &Site::of(&look))
}
