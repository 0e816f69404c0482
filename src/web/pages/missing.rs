//! The page for a domain that the catalogue does not have: 404, kindly, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{bits::Icon, frame::Frame, page_with, site::path};
use crate::{
    model::target::Refused,
    web::{Shared, asked::Asked, find, picture::Picture},
};

#[derive(Template)]
#[template(path = "missing.html")]
struct View {
    frame: Frame,
    sentence: String,
    /// What is wrong with it, or what follows from that.
    so: String,
    /// A link to what may be meant, and its words.
    meant: Option<(String, String)>,
    near: Vec<Near>,
}

struct Near {
    href: String,
    name: String,
    icon: Icon,
    word: &'static str,
    status: String,
}

/// Characters of a visitor's text that are shown again.
const SHOWN: usize = 80;

/// Says that we do not watch it.
pub(in crate::web) fn respond(shared: &Shared, asked: &Asked, wanted: &str) -> Response {
    let view = view(shared, asked, wanted, "missing");
    page_with(asked.lang, StatusCode::NOT_FOUND, &view)
}

/// Says why we cannot look at it, and what may be meant.
pub(in crate::web) fn refuse(
    shared: &Shared,
    asked: &Asked,
    wanted: &str,
    why: &Refused,
    status: StatusCode,
) -> Response {
    let t = asked.lang;
    let meant = match why {
        Refused::NoDot(name) => {
            Some((asked.href(&path(name)), t.one("missing-look", "name", name)))
        }
        _ => None,
    };
    let view = view(shared, asked, wanted, "missing-refused");
    page_with(t, status, &View { so: why.words(t), meant, ..view })
}

fn view(shared: &Shared, asked: &Asked, wanted: &str, sentence: &str) -> View {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = wanted.chars().map(clean).take(SHOWN).collect();
    if wanted.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    let (t, picture) = (asked.lang, Picture::now(shared));
    let near = find::near(&picture.looks, wanted).into_iter().map(|look| Near {
        href: asked.href(&path(look.watched.site.slug.as_str())),
        name: look.watched.site.name.to_string(),
        icon: Icon(look.status()),
        word: look.status().word(),
        status: t.status(look.status()).into_owned(),
    });
    let sentence = t.one(sentence, "wanted", shown);
    let frame = Frame::hidden(shared, asked, sentence.clone(), sentence.clone());
    let so = t.say("missing-so").into_owned();
    View { frame, sentence, so, meant: None, near: near.collect() }
}
