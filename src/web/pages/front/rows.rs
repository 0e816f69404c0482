//! One site in a list of the front page.

use super::filters::Sort;
use crate::{
    i18n::{
        Lang,
        sentence::{is_as_ever, is_unavailable},
    },
    web::{
        extractors::locale::Locale,
        links,
        pages::components::{Icon, Initials},
        views::{numbers::uptimes, site::SiteView},
    },
};
use model::{
    note::{Note, NoteKind},
    verdict::Status,
};

/// One site in a list.
pub(super) struct SiteRow {
    pub(super) slug: String,
    pub(super) href: String,
    pub(super) initials: Initials,
    pub(super) name: String,
    pub(super) icon: Icon,
    /// The status, as a class of the style sheet.
    pub(super) class: &'static str,
    /// The status in words; a good one is only for screen readers.
    pub(super) word: String,
    pub(super) up: bool,
    /// The figure by which the list is sorted.
    pub(super) figure: Option<String>,
    /// Mark beside the status, in a few words.
    pub(super) mark: Option<String>,
}

impl SiteRow {
    /// A site in a list of this order.
    pub(super) fn of(locale: &Locale, view: &SiteView, order: Sort) -> Self {
        let (site, status, t) = (&view.live.site, view.status(), locale.lang);
        let answers = matches!(status, Status::Up | Status::Slow);
        let latency = view.live.latency().filter(|_| answers);
        let [_, _, month, _] = uptimes(&view.live, view.now);
        Self {
            slug: site.slug.to_string(),
            href: locale.href(&links::site(site.slug.as_str())),
            initials: Initials::of(&site.name),
            name: site.name.to_string(),
            icon: Icon(status),
            class: status.word(),
            word: t.status(status).into_owned(),
            up: status == Status::Up,
            figure: match order {
                Sort::Latency => latency.map(|micros| t.latency(micros)),
                Sort::Uptime => month.map(|share| t.percent(share)),
                Sort::Tag | Sort::Status | Sort::Name => None,
            },
            mark: mark(t, view),
        }
    }
}

/// The places that see it bad, the first of its notes, or that it turns robots away as always.
fn mark(t: Lang, view: &SiteView) -> Option<String> {
    let restricted = view.verdict().restricted;
    let unavailable = restricted && is_unavailable(view.restriction());
    let says = |id: &str| t.say(id).into_owned();
    // Notes on the server's setup are not shown in a list.
    let is_listed =
        |note: &&Note| !matches!(note.kind, NoteKind::OldTls | NoteKind::IncompleteChain);
    let known = view.verdict().notes.iter().find(is_listed);
    let as_ever = is_as_ever(view.verdict(), view.now);
    let restriction = if as_ever { "front-restricted" } else { "front-away" };
    view.places_in(t)
        .or_else(|| known.map(|note| t.mark(note.kind).into_owned()))
        .or_else(|| unavailable.then(|| says("front-unavailable")))
        .or_else(|| restricted.then(|| says(restriction)))
}
