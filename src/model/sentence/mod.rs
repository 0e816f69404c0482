//! One plain English sentence for each verdict, made in this one place for page, API and badge.
//!
//! Pure: it is told what is known and what time it is. It may assume that the verdict is the one
//! in force; it must never judge, and never say more than was seen.

mod headline;
mod words;

use super::{
    moment::Moment,
    name::Region,
    verdict::{Status, Verdict},
};

pub use headline::{Counts, headline};
pub use words::{cause_words, clock_words, duration_words, failure_words, latency_words};

/// What is known of a site, for a sentence about it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The site's name for people.
    pub name: &'a str,
    /// The verdict in force; `unknown` when the evidence has run out.
    pub verdict: &'a Verdict,
    /// How we know that robots are turned away (`"HTTP 403"`), if they are.
    pub note: Option<&'a str>,
    /// The newest latency, in microseconds.
    pub latency: Option<u32>,
    /// The usual latency, in microseconds.
    pub usual: Option<u32>,
    /// When we looked last.
    pub checked_at: Option<Moment>,
    /// Whether that look still is evidence.
    pub fresh: bool,
    /// The regions that see it down.
    pub down_in: &'a [Region],
}

/// The sentence.
pub fn sentence(known: &Known<'_>, now: Moment) -> String {
    match known.verdict.status {
        Status::Up => up(known),
        Status::Slow => slow(known, now),
        Status::Partial => partial(known, now),
        Status::Down => down(known, now),
        Status::Unknown => unknown(known, now),
    }
}

fn up(known: &Known<'_>) -> String {
    if !known.verdict.restricted {
        return format!("{} is up.", known.name);
    }
    let note = known.note.map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{} is up; it turns robots like ours away{note}.", known.name)
}

fn slow(known: &Known<'_>, now: Moment) -> String {
    let Known { name, latency, usual, .. } = *known;
    let much = match (latency, usual) {
        (Some(latency), Some(usual)) if latency > usual => {
            format!(": {} where {} is usual", latency_words(latency), latency_words(usual))
        }
        (Some(latency), _) => format!(": {}", latency_words(latency)),
        (None, _) => String::new(),
    };
    let long = lasting(known, now).map(|long| format!(", for {long}")).unwrap_or_default();
    format!("{name} answers, but slowly{much}{long}.")
}

fn partial(known: &Known<'_>, now: Moment) -> String {
    let places: Vec<&str> = known.down_in.iter().map(Region::as_str).collect();
    let places = match places.split_last() {
        None => "some places".to_owned(),
        Some((last, [])) => format!("{last} only"),
        Some((last, others)) => format!("{} and {last} only", others.join(", ")),
    };
    let long = lasting(known, now).map(|long| format!(", for {long}")).unwrap_or_default();
    format!("{} cannot be reached from {places}{long}{}", known.name, why(known))
}

fn down(known: &Known<'_>, now: Moment) -> String {
    let long = lasting(known, now).map(|long| format!(", and has been for {long}"));
    // One that keeps failing and coming back may answer just now.
    let state = if known.verdict.unstable { "is unstable" } else { "is down" };
    format!("{} {state}{}{}", known.name, long.unwrap_or_default(), why(known))
}

fn unknown(known: &Known<'_>, now: Moment) -> String {
    let name = known.name;
    if let Some(doubt) = known.verdict.doubt {
        return format!("We do not know about {name}: {}.", doubt.words());
    }
    match known.checked_at {
        None => format!("We have not looked at {name} yet."),
        Some(_) if known.fresh => {
            format!("We do not know about {name} yet: we are looking again to be sure.")
        }
        Some(at) => {
            format!("We do not know about {name}: no check since {}.", clock_words(at, now))
        }
    }
}

/// How long the verdict has held, in words.
fn lasting(known: &Known<'_>, now: Moment) -> Option<String> {
    known.verdict.since.map(|since| duration_words(now.since(since)))
}

/// The cause as the end of a sentence.
fn why(known: &Known<'_>) -> String {
    match &known.verdict.cause {
        Some(cause) => format!(": {}.", cause_words(cause)),
        None => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests;
