//! One `[[expect]]` of a story: what must be seen of it, at a moment or all the while. Pure.

use toml::de::DeValue;

use super::{Frame, clock, slug};
use crate::{
    config::{
        keys::Keys,
        value::{self, shown},
    },
    model::{moment::Moment, name::Slug, note::NoteKind, outcome::Failure, verdict::Status},
};

/// What must be seen of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line of the story's file.
    pub line: usize,
    /// From when…
    pub from: Moment,
    /// …to when; the same for a single moment.
    pub until: Moment,
    /// Of which sites; none: of all together.
    pub sites: Vec<Slug>,
    /// What of it, all of it.
    pub seen: Vec<Seen>,
}

/// One thing that must be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Each of the sites has one of these statuses.
    Status(Vec<Status>),
    /// Each of the sites is down for this reason.
    Failure(Failure),
    /// Each of the sites has this note; `None`: has none.
    Note(Option<NoteKind>),
    /// This provider is named as the cause, of all together or of each of the sites; `None`: nobody.
    Cause(Option<String>),
    /// This provider is not named as the cause.
    NotCause(String),
    /// The sentence of each of the sites, or else the headline, has this text in it.
    Says(String),
    /// Neither has this text in it.
    NotSays(String),
    /// Each of the sites has had so many outages so far that were down.
    Downs(u32),
}

/// Reads one expectation.
pub(super) fn expectation(keys: &mut Keys<'_, '_>, frame: &Frame<'_>) -> Option<Expectation> {
    let moment = |value: &DeValue<'_>| clock(value, frame);
    let at = keys.get("at", moment);
    let (from, until) = (keys.get("from", moment), keys.get("until", moment));
    let ranged = keys.has("from") && keys.has("until");
    if keys.has("at") == (keys.has("from") || keys.has("until")) || !keys.has("at") && !ranged {
        keys.missing("at", "is missing; write at = \"09:37\", or else from and until");
    }
    let sites = keys.list("sites", |value| slug(value, frame)).unwrap_or_default();
    let site = keys.get("site", |value| slug(value, frame));
    let sites: Vec<Slug> = sites.into_iter().chain(site).collect();
    let (before, seen) = (keys.line_of("at"), seen(keys));
    let of_sites = |seen: &Seen| {
        matches!(seen, Seen::Status(_) | Seen::Failure(_) | Seen::Note(_) | Seen::Downs(_))
    };
    if seen.is_empty() {
        keys.missing("status", "is missing; say what is expected: a status, note, cause or says");
    } else if sites.is_empty() && seen.iter().any(of_sites) {
        keys.missing("site", "is missing; write site = \"slack.com\"");
    }
    let (from, until) = at.map(|at| (at, at)).or(from.zip(until))?;
    if until < from {
        keys.wrong("until", "is before from");
    }
    Some(Expectation { line: before, from, until, sites, seen })
}

fn seen(keys: &mut Keys<'_, '_>) -> Vec<Seen> {
    let status = keys.get("status", |value| match value {
        DeValue::Array(items) => items.iter().map(|item| status(item.get_ref())).collect(),
        one => status(one).map(|status| vec![status]),
    });
    let failure = keys.get("failure", |value| {
        let all = Failure::ALL.into_iter();
        word(value, all.map(|failure| (failure.word(), failure)), "a failure")
    });
    let note = keys.get("note", |value| {
        let all = NoteKind::ALL.into_iter().map(|kind| (kind.word(), Some(kind)));
        word(value, all.chain([("none", None)]), "a note")
    });
    let provider = value::line(60);
    let cause = keys.get("cause", |value| Ok(Some(provider(value)?).filter(|name| name != "none")));
    let not_cause = keys.get("not_cause", &provider);
    let says = keys.get("says", value::line(300));
    let not_says = keys.get("not_says", value::line(300));
    let downs = keys.get("downs", value::whole(0..=1_000));
    let all = [
        status.map(Seen::Status),
        failure.map(Seen::Failure),
        note.map(Seen::Note),
        cause.map(Seen::Cause),
        not_cause.map(Seen::NotCause),
        says.map(Seen::Says),
        not_says.map(Seen::NotSays),
        downs.map(Seen::Downs),
    ];
    all.into_iter().flatten().collect()
}

fn status(value: &DeValue<'_>) -> Result<Status, String> {
    word(value, Status::ALL.into_iter().map(|status| (status.word(), status)), "a status")
}

/// The value that one of these words stands for.
fn word<T>(
    value: &DeValue<'_>,
    words: impl Iterator<Item = (&'static str, T)>,
    what: &str,
) -> Result<T, String> {
    let mut known = Vec::new();
    for (word, meant) in words {
        if value.as_str() == Some(word) {
            return Ok(meant);
        }
        known.push(word);
    }
    Err(format!("{} is not {what}; write one of {}", shown(value), known.join(", ")))
}
