//! What a visitor is told when there is nothing to show: fixed sentences, as a page, or as a
//! problem for those who asked the API. When the trouble is ours, the page says what we knew.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{
    bits::{Html, Stamp},
    frame::Frame,
    page_with,
};
use crate::{
    model::language::Lang,
    web::{Shared, asked::Asked, picture::Picture, problem::Problem},
};

/// The last resort, when even a page cannot be made.
pub(super) const FIXED: &str = "We are having trouble ourselves. Please try again in a minute.\n";

#[derive(Template)]
#[template(path = "trouble.html")]
struct View {
    frame: Frame,
    heading: String,
    sentence: String,
    /// What we knew of all sites together, and when.
    knew: Option<(Html, String)>,
}

/// The answer for this status, in the form that this address asks for.
pub(in crate::web) fn respond(shared: &Shared, asked: &Asked, status: StatusCode) -> Response {
    let (heading, sentence) = words(status);
    if asked.path().starts_with("/api/") {
        return Problem::new(status, Lang::En.say(sentence), asked.path()).into_response();
    }
    let t = asked.lang;
    let (heading, sentence) = (t.say(heading).into_owned(), t.say(sentence).into_owned());
    let frame = Frame::hidden(shared, asked, heading.clone(), sentence.clone());
    let knew = status.is_server_error().then(|| knew(shared, t)).flatten();
    page_with(t, status, &View { frame, heading, sentence, knew })
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("trouble-404", "trouble-404-text"),
        StatusCode::METHOD_NOT_ALLOWED => ("trouble-405", "trouble-405-text"),
        StatusCode::FORBIDDEN => ("trouble-403", "trouble-403-text"),
        StatusCode::URI_TOO_LONG => ("trouble-414", "trouble-414-text"),
        StatusCode::TOO_MANY_REQUESTS => ("trouble-429", "trouble-429-text"),
        StatusCode::SERVICE_UNAVAILABLE => ("trouble-503", "trouble-503-text"),
        _ => ("trouble-500", "trouble-500-text"),
    }
}

fn knew(shared: &Shared, t: Lang) -> Option<(Html, String)> {
    let picture = Picture::now(shared);
    let at = Stamp::new(t, picture.last?, picture.now);
    Some((Html::said(t, "trouble-knew-html", [("time", at.arg())]), picture.headline_in(t)))
}
