//! The page for a domain that the catalogue does not have: 404, with near matches.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{
    components::{Icon, Initials},
    layout::Layout,
    page_with,
};
use crate::web::{
    Shared,
    extractors::locale::Locale,
    links,
    lookup_service::refusal,
    search,
    views::{overview::Overview, site::SiteView},
};
use model::{
    domain::readable,
    suggest,
    target::{Refused, is_direction},
};

#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage {
    layout: Layout,
    sentence: String,
    /// The mistake in it, or advice.
    why: String,
    /// Suggestion: its address, and the text of the link.
    meant: Option<(String, String)>,
    near: Vec<Near>,
}

/// A site of ours that may be meant.
pub(super) struct Near {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) initials: Initials,
    pub(super) icon: Icon,
    pub(super) word: &'static str,
    pub(super) status: String,
}

/// Characters of a visitor's text that are shown again.
const SHOWN: usize = 80;

/// Says that we do not watch it.
pub(in crate::web) fn respond(shared: &Shared, locale: &Locale, wanted: &str) -> Response {
    page_with(locale.lang, StatusCode::NOT_FOUND, &missing_page(shared, locale, wanted, None))
}

/// Says why we cannot look at it, and what may be meant.
pub(in crate::web) fn refuse(
    shared: &Shared,
    locale: &Locale,
    wanted: &str,
    why: &Refused,
    status: StatusCode,
) -> Response {
    page_with(locale.lang, status, &missing_page(shared, locale, wanted, Some(why)))
}

fn missing_page(
    shared: &Shared,
    locale: &Locale,
    wanted: &str,
    why: Option<&Refused>,
) -> MissingPage {
    let shown = shown(wanted, why);
    let t = locale.lang;
    let sentence = match why {
        Some(_) => t.one("missing-refused", "wanted", shown),
        None => t.one("missing", "wanted", shown),
    };
    let guess = why.and_then(|_| suggest::meant(wanted));
    // With a better guess than a name with .com after it, that one is not spoken of.
    let why = why.filter(|why| guess.is_none() || !matches!(why, Refused::NoDot(_)));
    let guess = guess.as_ref().or(match why {
        Some(Refused::NoDot(meant)) => Some(meant),
        _ => None,
    });
    let meant = guess.map(|meant| {
        (locale.href(&links::site(meant)), t.one("missing-meant", "meant", &*readable(meant)))
    });
    let layout = Layout::hidden(shared, locale, sentence.clone(), sentence.clone());
    let why = match why {
        Some(why) => refusal(t, why),
        None if meant.is_some() => t.say("refused-name").into_owned(),
        None => t.say("missing-so").into_owned(),
    };
    MissingPage { layout, sentence, why, meant, near: near_of(shared, locale, wanted) }
}

/// A visitor's text, to be shown again: shortened, without characters that would reverse our own
/// words, and without a password.
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
pub(super) fn near_of(shared: &Shared, locale: &Locale, wanted: &str) -> Vec<Near> {
    let row = |view: &SiteView| Near {
        href: locale.href(&links::site(view.live.site.slug.as_str())),
        name: view.live.site.name.to_string(),
        slug: view.live.site.slug.to_string(),
        initials: Initials::of(&view.live.site.name),
        icon: Icon(view.status()),
        word: view.status().word(),
        status: locale.lang.status(view.status()).into_owned(),
    };
    search::similar(&Overview::now(shared).views, wanted).into_iter().map(row).collect()
}
