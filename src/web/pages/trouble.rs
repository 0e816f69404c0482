//! What a visitor is told when there is nothing to show: fixed sentences, as a page, or as a
//! problem for those who asked the API.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};

use super::{Frame, page_with};
use crate::web::{Shared, problem::Problem};

/// The last resort, when even a page cannot be made.
pub(super) const FIXED: &str = "We are having trouble ourselves. Please try again in a minute.\n";

#[derive(Template)]
#[template(path = "trouble.html")]
struct View {
    frame: Frame,
    heading: &'static str,
    sentence: &'static str,
}

/// The answer for this status, in the form that this address asks for.
pub(in crate::web) fn respond(shared: &Shared, uri: &Uri, status: StatusCode) -> Response {
    let (heading, sentence) = words(status);
    if uri.path().starts_with("/api/") {
        return Problem::new(status, sentence, uri.path()).into_response();
    }
    let frame = Frame::hidden(shared, heading.to_owned(), sentence.to_owned());
    page_with(status, &View { frame, heading, sentence })
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("Nothing here", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Not like this", "This address can only be read: ask with GET or HEAD.")
        }
        StatusCode::FORBIDDEN => {
            ("Not from there", "This can be asked for from our own pages only.")
        }
        StatusCode::URI_TOO_LONG => ("Too long", "This address is longer than any of ours."),
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Too slow", "This took us too long. Please try again in a minute.")
        }
        _ => ("Our own trouble", "We are having trouble ourselves. Please try again in a minute."),
    }
}
