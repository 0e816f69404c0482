//! Expectations of a story, compared with the board while it is played.

use crate::{
    board::{Board, LiveSite},
    config::{Expectation, Observation},
    web::{ShownSentences, shown_sentences},
};
use model::{moment::Moment, verdict::Status};

/// The expectations of a story.
#[derive(Debug)]
pub(super) struct Expectations {
    /// Those that are not over, each with the moment of its next comparison.
    open: Vec<(Moment, Expectation)>,
    unmet: Vec<(usize, String)>,
}

impl Expectations {
    pub(super) fn new(all: Vec<Expectation>) -> Self {
        let open = all.into_iter().map(|expectation| (expectation.from, expectation)).collect();
        Self { open, unmet: Vec::new() }
    }

    /// Moment of the next comparison.
    pub(super) fn next(&self) -> Option<Moment> {
        self.open.iter().map(|(next, _)| *next).min()
    }

    /// Compares those of this moment with the board. An unmet one is reported once.
    pub(super) fn compare(&mut self, board: &Board, now: Moment) {
        if self.open.iter().all(|(_, expectation)| now < expectation.from) {
            return;
        }
        let said = shown_sentences(board, now);
        let Self { open, unmet } = self;
        open.retain_mut(|(next, expectation)| {
            if now < expectation.from {
                return true;
            }
            *next = expectation.until;
            let wrong = expectation.seen.iter().find_map(|seen| {
                if expectation.sites.is_empty() {
                    return of_all(seen, board, &said);
                }
                expectation.sites.iter().find_map(|slug| {
                    let live = board.site(slug.as_str())?;
                    of_one(seen, &live, said.of(slug)).map(|wrong| format!("{slug} {wrong}"))
                })
            });
            let held = wrong.is_none();
            unmet.extend(
                wrong.map(|wrong| (expectation.line, format!("at {}: {wrong}", clock(now)))),
            );
            held && now < expectation.until
        });
    }

    /// Unmet expectations, each with its line.
    pub(super) fn unmet(self) -> Vec<String> {
        let mut unmet = self.unmet;
        unmet.sort();
        unmet.into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
    }
}

/// Difference about all sites together, if there is one.
fn of_all(seen: &Observation, board: &Board, said: &ShownSentences) -> Option<String> {
    let failing = board.failing();
    let named: Vec<&str> = failing.iter().map(|standing| &*standing.provider).collect();
    let headline = &said.headline;
    match seen {
        Observation::Cause(None) if named.is_empty() => None,
        Observation::Cause(Some(name)) if named == [name] => None,
        Observation::Cause(want) => {
            let want = want.as_deref().unwrap_or("nobody");
            Some(format!("named are {named:?}, and not {want}: {headline:?}"))
        }
        Observation::NotCause(name) => named.contains(&&**name).then(|| format!("{name} is named")),
        Observation::Says(text) => {
            (!headline.contains(text)).then(|| format!("it says {headline:?}"))
        }
        Observation::NotSays(text) => {
            headline.contains(text).then(|| format!("it says {headline:?}"))
        }
        Observation::Status(_)
        | Observation::Failure(_)
        | Observation::Note(_)
        | Observation::Downs(_) => None,
    }
}

/// Difference about a site, if there is one.
fn of_one(seen: &Observation, live: &LiveSite, said: &str) -> Option<String> {
    let verdict = &live.verdict;
    let failing = live.failing.as_deref();
    let explained = failing.filter(|s| s.explains(&live.member(verdict.status)));
    let named = explained.map(|standing| &*standing.provider);
    let is_named = || named.map_or("nobody is named".to_owned(), |name| format!("{name} is named"));
    match seen {
        Observation::Status(all) if all.contains(&verdict.status) => None,
        Observation::Status(_) => Some(format!("is {}: {said:?}", verdict.status.word())),
        Observation::Failure(want) => {
            let failure = verdict.cause.as_ref().map(|cause| cause.failure);
            (failure != Some(*want)).then(|| format!("is not {}: {said:?}", want.word()))
        }
        Observation::Note(want) => {
            let notes: Vec<&str> = verdict.notes.iter().map(|note| note.kind.word()).collect();
            let right = match want {
                Some(kind) => notes.contains(&kind.word()),
                None => notes.is_empty(),
            };
            (!right).then(|| format!("has the notes {notes:?}"))
        }
        Observation::Cause(want) => (named != want.as_deref()).then(is_named),
        Observation::NotCause(name) => (named == Some(name)).then(is_named),
        Observation::Says(text) => (!said.contains(text)).then(|| format!("says {said:?}")),
        Observation::NotSays(text) => said.contains(text).then(|| format!("says {said:?}")),
        Observation::Downs(want) => {
            let downs = live.outages.iter().filter(|outage| outage.status == Status::Down);
            let downs = downs.count();
            (downs != *want as usize).then(|| format!("had {downs} outages, and not {want}"))
        }
    }
}

fn clock(at: Moment) -> String {
    at.to_utc().strftime("%m-%d %H:%M:%S UTC").to_string()
}
