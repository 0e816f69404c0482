//! `GET /api/v1/sites/{slug}`

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};

use super::{answer, shape::Site};
use crate::web::{keep::Keep, look::Look, params::Segment, problem::Problem};

/// One site; the slug must be exact.
pub(in crate::web) async fn one(
    State(shared): crate::web::State,
    Segment(slug): Segment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let Some(watched) = slug.and_then(|slug| shared.web.board.site(&slug)) else {
        return Problem::no_site(uri.path()).into_response();
    };
    let look = Look::new(watched, shared.now());
    answer(Keep::of_site(&shared, &look.watched), &Site::of(&look))
}
