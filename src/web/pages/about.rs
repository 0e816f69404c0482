//! `/about`: how we know, and what we do not claim.

use askama::Template;
use axum::{extract::State, response::Response};

use super::Frame;

#[derive(Template)]
#[template(path = "about.html")]
struct View {
    frame: Frame,
    region: String,
    sites: usize,
}

/// `GET /about`
pub(in crate::web) async fn page(State(shared): crate::web::State) -> Response {
    let description = "How we know whether a site is up, and what we do not claim.";
    let frame = Frame::still(&shared, "How we know".to_owned(), description.to_owned(), "/about");
    let (region, sites) = (shared.web.region.to_string(), shared.web.board.sites().len());
    super::page(&View { frame, region, sites })
}
