//! The sentence of the day: how all sites together are. Pure.

use super::clock_words;
use crate::model::{moment::Moment, verdict::Status};

/// How many sites have which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 5]);

impl Counts {
    /// How many have this status.
    pub fn of(&self, status: Status) -> usize {
        self.0[status as usize - 1]
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

impl FromIterator<Status> for Counts {
    fn from_iter<T: IntoIterator<Item = Status>>(statuses: T) -> Self {
        let mut counts = Self::default();
        for status in statuses {
            counts.0[status as usize - 1] += 1;
        }
        counts
    }
}

/// The sentence of the day; `last` is when we looked last at any of them.
pub fn headline(counts: &Counts, last: Option<Moment>, now: Moment) -> String {
    let (total, unknown) = (counts.total(), counts.of(Status::Unknown));
    let bad: Vec<String> = [Status::Down, Status::Partial, Status::Slow]
        .into_iter()
        .filter(|status| counts.of(*status) > 0)
        .map(|status| (counts.of(status), status))
        .enumerate()
        .map(|(place, (count, status))| part(count, (place == 0).then_some(total), status))
        .collect();
    match (bad.split_last(), last) {
        _ if total == 0 => "No site is being watched.".to_owned(),
        (Some((last, [])), _) => format!("{last}."),
        (Some((last, before)), _) => format!("{} and {last}.", before.join(", ")),
        (None, None) if unknown == total => "We have not looked yet.".to_owned(),
        (None, Some(at)) if unknown == total => {
            format!("We do not know: no fresh check since {}.", clock_words(at, now))
        }
        _ if unknown > 0 => match total - unknown {
            1 => format!("The one site of {total} that we know about is fine."),
            known => format!("The {known} of {total} sites that we know about are fine."),
        },
        _ if total == 1 => "The one site is fine.".to_owned(),
        _ => format!("All {total} sites are fine."),
    }
}

/// One bad status with its count.
fn part(count: usize, total: Option<usize>, status: Status) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    let word = match status {
        Status::Partial => "down in places",
        other => other.word(),
    };
    match total {
        Some(1) => format!("The one site is {word}"),
        Some(total) => format!("{count} of {total} sites {verb} {word}"),
        None => format!("{count} {verb} {word}"),
    }
}
