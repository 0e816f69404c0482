//! The page for a domain that the catalogue does not have: 404, kindly, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{Frame, bits::Icon, page_with};
use crate::web::{Shared, find, picture::Picture};

#[derive(Template)]
#[template(path = "missing.html")]
struct View {
    frame: Frame,
    wanted: String,
    near: Vec<Near>,
}

struct Near {
    slug: String,
    name: String,
    icon: Icon,
    word: &'static str,
}

/// Characters of a visitor's text that are shown again.
const SHOWN: usize = 80;

/// Says that we do not watch it.
pub(in crate::web) fn respond(shared: &Shared, wanted: &str) -> Response {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = wanted.chars().map(clean).take(SHOWN).collect();
    if wanted.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    let picture = Picture::now(shared);
    let near = find::near(&picture.looks, wanted).into_iter().map(|look| Near {
        slug: look.watched.site.slug.to_string(),
        name: look.watched.site.name.to_string(),
        icon: Icon(look.status()),
        word: look.status().word(),
    });
    let sentence = format!("We do not watch {shown}.");
    let frame = Frame::hidden(shared, sentence.clone(), sentence);
    page_with(StatusCode::NOT_FOUND, &View { frame, wanted: shown, near: near.collect() })
}
