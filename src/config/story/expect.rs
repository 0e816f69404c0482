//! One `[[expect]]` of a story: what must be seen of it, at a moment or all the while. Pure.

use toml::Value;

use super::StoryFrame;
use crate::config::{
    table::Table,
    value::{Count, OneLine, items, shown, values},
};
use model::{moment::Moment, name::Slug, note::NoteKind, outcome::Failure, verdict::Status};

/// An expectation: what must be seen of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line of the story's file.
    pub line: usize,
    /// The moment from which it must be seen…
    pub from: Moment,
    /// …and the last one; the same for a single moment.
    pub until: Moment,
    /// The sites; none: all together.
    pub sites: Vec<Slug>,
    /// The things to be seen, all of them.
    pub seen: Vec<Observation>,
}

/// One expected observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Each of the sites has one of these statuses.
    Status(Vec<Status>),
    /// Each of the sites is down for this reason.
    Failure(Failure),
    /// Each of the sites has this note; `None`: has none.
    Note(Option<NoteKind>),
    /// This provider is named as the cause, of all together or of each of the sites; `None`: no provider is.
    Cause(Option<String>),
    /// This provider is not named as the cause.
    NotCause(String),
    /// The sentence of each of the sites, or else the headline, has this text in it.
    Says(String),
    /// Neither has this text in it.
    NotSays(String),
    /// Each of the sites has had this many outages with status `down` so far.
    Downs(u32),
}

values! {
    /// A status, or a list of them.
    StatusWords(Vec<Status>) = |value| {
        let all = Status::ALL.map(|status| (status.word(), status));
        items(value).iter().map(|item| word(item, all, "a status")).collect()
    };
    /// A reason to be down.
    FailureWord(Failure) = |value| {
        word(value, Failure::ALL.map(|failure| (failure.word(), failure)), "a failure")
    };
    /// A kind of note, or that there is none.
    NoteWord(Option<NoteKind>) = |value| {
        let all = NoteKind::ALL.into_iter().map(|kind| (kind.word(), Some(kind)));
        word(value, all.chain([("none", None)]), "a note")
    };
}

/// Reads one expectation.
pub(super) fn read(table: &mut Table<'_, '_>, frame: &StoryFrame<'_>) -> Option<Expectation> {
    let ranged = table.has("from") && table.has("until");
    if table.has("at") == (table.has("from") || table.has("until")) || !table.has("at") && !ranged {
        table.missing("at", "is missing; write at = \"09:37\", or else from and until");
    }
    let at = frame.moment(table, "at");
    let from = frame.moment(table, "from");
    let until = frame.moment(table, "until");
    let sites = frame.slugs(table);
    let seen = seen(table);
    let of_sites = |seen: &Observation| {
        matches!(
            seen,
            Observation::Status(_)
                | Observation::Failure(_)
                | Observation::Note(_)
                | Observation::Downs(_)
        )
    };
    if seen.is_empty() {
        table.missing("status", "is missing; say what is expected: a status, note, cause or says");
    } else if sites.is_empty() && seen.iter().any(of_sites) {
        table.missing("site", "is missing; write site = \"slack.com\"");
    }
    let (from, until) = at.map(|at| (at, at)).or(from.zip(until))?;
    if until < from {
        table.wrong("until", "is before from");
    }
    Some(Expectation { line: table.line_of("at"), from, until, sites, seen })
}

fn seen(table: &mut Table<'_, '_>) -> Vec<Observation> {
    let named = |OneLine(name): OneLine<60>| name;
    let said = |OneLine(text): OneLine<300>| text;
    let all = [
        table.get("status").map(|StatusWords(all)| Observation::Status(all)),
        table.get("failure").map(|FailureWord(failure)| Observation::Failure(failure)),
        table.get("note").map(|NoteWord(kind)| Observation::Note(kind)),
        table
            .get("cause")
            .map(named)
            .map(|name| Observation::Cause(Some(name).filter(|n| n != "none"))),
        table.get("not_cause").map(named).map(Observation::NotCause),
        table.get("says").map(said).map(Observation::Says),
        table.get("not_says").map(said).map(Observation::NotSays),
        table.get("downs").map(|downs: Count<0, 1_000>| Observation::Downs(downs.get())),
    ];
    all.into_iter().flatten().collect()
}

/// The value for one of these words.
fn word<T>(
    value: &Value,
    words: impl IntoIterator<Item = (&'static str, T)>,
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
