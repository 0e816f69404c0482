//! One site in a list of the front page.

use crate::{
    board::HOURS,
    i18n::{
        Lang,
        sentence::{is_as_ever, is_unavailable},
    },
    web::{
        chart::spark::{Spark, SparkPart, spark},
        extractors::locale::Locale,
        links,
        pages::components::{Html, Icon, Stamp},
        views::site::SiteView,
    },
};
use model::{
    moment::Moment,
    note::{Note, NoteKind},
    verdict::Status,
};

/// One site in a list.
pub(super) struct SiteRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) icon: Icon,
    /// The status, as a class of the style sheet.
    pub(super) class: &'static str,
    /// The status in words; a good one is only for screen readers.
    pub(super) word: String,
    pub(super) up: bool,
    pub(super) latency: Option<String>,
    /// Mark beside the status, in a few words.
    pub(super) mark: Option<String>,
    pub(super) spark: Option<Spark>,
}

/// One site of those that are wrong.
pub(super) struct WrongSite {
    pub(super) row: SiteRow,
    pub(super) summary: String,
    pub(super) since: Option<Html>,
    /// Unusual notes, in sentences.
    pub(super) notes: Vec<String>,
}

impl SiteRow {
    pub(super) fn of(locale: &Locale, look: &SiteView) -> Self {
        let (site, status, t) = (&look.watched.site, look.status(), locale.lang);
        let answers = matches!(status, Status::Up | Status::Slow);
        Self {
            href: locale.href(&links::site(site.slug.as_str())),
            name: site.name.to_string(),
            icon: Icon(status),
            class: status.word(),
            word: t.status(status).into_owned(),
            up: status == Status::Up,
            latency: look.watched.latency().filter(|_| answers).map(|micros| t.latency(micros)),
            mark: mark(t, look),
            spark: spark(&parts(look)),
        }
    }
}

/// The first of its notes, or that it turns robots away as always.
fn mark(t: Lang, look: &SiteView) -> Option<String> {
    let restricted = look.verdict().restricted;
    let unavailable = restricted && is_unavailable(look.restriction());
    let says = |id: &str| t.say(id).into_owned();
    // Notes on the server's setup are not shown in a list.
    let is_listed =
        |note: &&Note| !matches!(note.kind, NoteKind::OldTls | NoteKind::IncompleteChain);
    let known = look.verdict().notes.iter().find(is_listed);
    let as_ever = is_as_ever(look.verdict(), look.now);
    let restriction = if as_ever { "front-restricted" } else { "front-away" };
    known
        .map(|note| t.mark(note.kind).into_owned())
        .or_else(|| unavailable.then(|| says("front-unavailable")))
        .or_else(|| restricted.then(|| says(restriction)))
}

/// The last 24 hours, oldest first.
fn parts(look: &SiteView) -> [SparkPart; HOURS] {
    let hours = look.watched.day.hours(look.now);
    let downs = look.watched.outages.iter().filter(|outage| outage.status == Status::Down);
    let mut parts = hours.map(|millis| SparkPart { latency: millis.map(f32::from), down: false });
    let hour = |at: Moment| at.seconds().div_euclid(3600);
    let now = hour(look.now);
    for outage in downs {
        let (from, until) = (hour(outage.started_at), hour(outage.ended_at.unwrap_or(look.now)));
        for ago in (now - until).max(0)..=(now - from).min(HOURS as i64 - 1) {
            parts[HOURS - 1 - ago as usize].down = true;
        }
    }
    parts
}

impl WrongSite {
    pub(super) fn of(locale: &Locale, look: &SiteView) -> Self {
        let t = locale.lang;
        let unusual = look.is_unusual();
        let since = look.verdict().since.filter(|_| !unusual);
        let since = since.map(|since| Stamp::new(t, since, look.now));
        // Notes that the verdict's sentence has already are left out.
        let told = |note: &Note| note.kind.is_unusual() && note.kind != NoteKind::TurnedAway;
        let notes = look.notes_in(t).filter(|(note, _)| told(note)).map(|(_, text)| text);
        Self {
            notes: notes.collect(),
            row: SiteRow::of(locale, look),
            summary: look.summary_in(t),
            since: since.map(|at| Html::said(t, "since-html", [("time", at.arg())])),
        }
    }
}
