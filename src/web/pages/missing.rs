//! The page for a domain that the catalogue does not have: 404, kindly, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{Frame, bits::Icon, page_with};
use crate::{
    model::target::Refused,
    web::{Shared, find, picture::Picture},
};

#[derive(Template)]
#[template(path = "missing.html")]
struct View {
    frame: Frame,
    /// What is wrong with it, if something is.
    wrong: Option<String>,
    /// What may be meant.
    meant: Option<String>,
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
    page_with(StatusCode::NOT_FOUND, &view(shared, wanted, None))
}

/// Says why we cannot look at it, and what may be meant.
pub(in crate::web) fn refuse(
    shared: &Shared,
    wanted: &str,
    why: &Refused,
    status: StatusCode,
) -> Response {
    page_with(status, &view(shared, wanted, Some(why)))
}

fn view(shared: &Shared, wanted: &str, why: Option<&Refused>) -> View {
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
    let sentence = match why {
        Some(_) => format!("We cannot look at {shown}."),
        None => format!("We do not watch {shown}."),
    };
    let frame = Frame::hidden(shared, sentence.clone(), sentence);
    let meant = match why {
        Some(Refused::NoDot(meant)) => Some(meant.clone()),
        _ => None,
    };
    let wrong = why.map(ToString::to_string);
    View { frame, wrong, meant, wanted: shown, near: near.collect() }
}
