//! The page for a domain that the catalogue does not have: 404, kindly, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{bits::Icon, frame::Frame, page_with, site::path};
use crate::{
    i18n::Lang,
    model::{
        meant,
        readable::readable,
        target::{Refused, is_direction},
    },
    web::{Shared, asked::Asked, find, look::Look, picture::Picture},
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

/// A site of ours that may be meant.
pub(super) struct Near {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) icon: Icon,
    pub(super) word: &'static str,
    pub(super) status: String,
}

/// Characters of a visitor's text that are shown again.
const SHOWN: usize = 80;
/// Words of a text that are looked at one by one.
const WORDS: usize = 8;

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
    let shown = shown(wanted, why);
    let t = asked.lang;
    let sentence = match why {
        Some(_) => t.one("missing-refused", "wanted", shown),
        None => t.one("missing", "wanted", shown),
    };
    let guess = why.and_then(|_| meant::meant(wanted));
    // With a better guess than a name with .com after it, that one is not spoken of.
    let why = why.filter(|why| guess.is_none() || !matches!(why, Refused::NoDot(_)));
    let guess = guess.as_ref().or(match why {
        Some(Refused::NoDot(meant)) => Some(meant),
        _ => None,
    });
    let meant = guess.map(|meant| {
        (asked.href(&path(meant)), t.one("missing-meant", "meant", &*readable(meant)))
    });
    let frame = Frame::hidden(shared, asked, sentence.clone(), sentence.clone());
    let why = match why {
        Some(why) => refusal(t, why),
        None if meant.is_some() => t.say("refused-name").into_owned(),
        None => t.say("missing-so").into_owned(),
    };
    View { frame, sentence, why, meant, near: near_of(shared, asked, wanted) }
}

/// What a visitor wrote, to be shown again: not all of it, without what would turn our own words
/// round, and without a password.
fn shown(wanted: &str, why: Option<&Refused>) -> String {
    let secret = matches!(why, Some(Refused::Credentials));
    let open = wanted.rsplit_once('@').filter(|_| secret).map(|(_, host)| format!("…@{host}"));
    let wanted = open.as_deref().unwrap_or(wanted);
    let clean = |c: char| if c.is_control() || is_direction(c) { '\u{fffd}' } else { c };
    let mut shown: String = wanted.chars().map(clean).take(SHOWN).collect();
    if wanted.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Sites of ours that may be meant.
pub(super) fn near_of(shared: &Shared, asked: &Asked, wanted: &str) -> Vec<Near> {
    let row = |look: &Look| Near {
        href: asked.href(&path(look.watched.site.slug.as_str())),
        name: look.watched.site.name.to_string(),
        icon: Icon(look.status()),
        word: look.status().word(),
        status: asked.lang.status(look.status()).into_owned(),
    };
    near(&Picture::now(shared).looks, wanted).into_iter().map(row).collect()
}

/// Sites that may be meant by all of a text, or else by a word in it.
fn near<'a>(looks: &'a [Look], wanted: &str) -> Vec<&'a Look> {
    let words = wanted.split_whitespace().filter(|word| word.chars().count() > 2).take(WORDS);
    let mut found = [wanted].into_iter().chain(words).map(|text| find::near(looks, text));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Why we cannot look at something, in words.
pub(in crate::web) fn refusal(t: Lang, why: &Refused) -> String {
    match why {
        Refused::Empty => t.say("refused-empty").into_owned(),
        Refused::TooLong => t.say("refused-long").into_owned(),
        Refused::Scheme => t.say("refused-scheme").into_owned(),
        Refused::Credentials => t.say("refused-credentials").into_owned(),
        Refused::NotAName => t.say("refused-name").into_owned(),
        Refused::NoDot(meant) => t.one("refused-dot", "meant", &*readable(meant)),
        Refused::Port(port) => t.one("refused-port", "port", port.to_string()),
        Refused::Special(address) => t.one("refused-special", "address", address.to_string()),
        Refused::FileName(ending) => t.one("refused-file", "ending", *ending),
        Refused::SpecialName(ending) => t.one("refused-ending", "ending", *ending),
    }
}
