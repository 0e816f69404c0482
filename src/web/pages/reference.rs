//! `/api`: a short reference of what programs can ask.

use askama::Template;
use axum::{extract::State, response::Response};

use super::frame::Frame;
use crate::{model::language::Lang, web::asked::Asked};

#[derive(Template)]
#[template(path = "api.html")]
struct View {
    frame: Frame,
    /// Where examples point to.
    base: String,
    /// A slug for the examples: one of the catalogue, so that they work.
    example: String,
}

/// `GET /api`
pub(in crate::web) async fn page(State(shared): crate::web::State, asked: Asked) -> Response {
    let description = "What programs can ask: sites, their status, and badges.";
    let frame =
        Frame::still(&shared, &asked, "For programs".to_owned(), description.to_owned(), "/api");
    let board = &shared.web.board;
    let example = match board.site("slack.com").or_else(|| board.sites().into_iter().next()) {
        Some(watched) => watched.site.slug.to_string(),
        None => "slack.com".to_owned(),
    };
    super::page(Lang::En, &View { frame, base: shared.link(""), example })
}
