//! The page for a domain that the catalogue does not have: 404, kindly, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{bits::Icon, frame::Frame, page_with, site::path};
use crate::{
    model::{language::Lang, target::Refused},
    web::{Shared, asked::Asked, find, picture::Picture},
};

#[derive(Template)]
#[template(path = "missing.html")]
struct View {
    frame: Frame,
    sentence: String,
    /// What is wrong with it, or what follows.
    why: String,
    /// What may be meant: where it is, and the words of the link.
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
    page_with(asked.lang, StatusCode::NOT_FOUND, &view(shared, asked, wanted, None))
}

/// Says why we cannot look at it, and what may be meant.
pub(in crate::web) fn refuse(
    shared: &Shared,
    asked: &Asked,
    wanted: &str,
    why: &Refused,
    status: StatusCode,
) -> Response {
    page_with(asked.lang, status, &view(shared, asked, wanted, Some(why)))
}

fn view(shared: &Shared, asked: &Asked, wanted: &str, why: Option<&Refused>) -> View {
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
    let sentence = match why {
        Some(_) => t.one("missing-refused", "wanted", shown),
        None => t.one("missing", "wanted", shown),
    };
    let meant = match why {
        Some(Refused::NoDot(meant)) => {
            Some((asked.href(&format!("/{meant}")), t.one("missing-meant", "meant", meant)))
        }
        _ => None,
    };
    let frame = Frame::hidden(shared, asked, sentence.clone(), sentence.clone());
    let why = why.map_or_else(|| t.say("missing-so").into_owned(), |why| refusal(t, why));
    View { frame, sentence, why, meant, near: near.collect() }
}

/// Why we cannot look at something, in words.
pub(in crate::web) fn refusal(t: Lang, why: &Refused) -> String {
    match why {
        Refused::Empty => t.say("refused-empty").into_owned(),
        Refused::TooLong => t.say("refused-long").into_owned(),
        Refused::Scheme => t.say("refused-scheme").into_owned(),
        Refused::Credentials => t.say("refused-credentials").into_owned(),
        Refused::NotAName => t.say("refused-name").into_owned(),
        Refused::NoDot(meant) => t.one("refused-dot", "meant", meant),
        Refused::Port(port) => t.one("refused-port", "port", port.to_string()),
        Refused::Special(address) => t.one("refused-special", "address", address.to_string()),
        Refused::SpecialName(ending) => t.one("refused-ending", "ending", *ending),
    }
}
