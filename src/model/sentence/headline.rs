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

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Down, Partial, Slow, Unknown, Up};

    #[test]
    fn the_headline_tells_the_worst_first_and_never_calls_the_unknown_fine() {
        let now = Moment::parse("2017-02-28T14:39:30Z").unwrap();
        let last = Moment::parse("2017-02-28T14:02:30Z").unwrap();
        let cases: [(&[Status], &str); 11] = [
            (&[], "No site is being watched."),
            (&[Up, Up], "All 2 sites are fine."),
            (&[Up], "The one site is fine."),
            (&[Down], "The one site is down."),
            (&[Down, Up, Up], "1 of 3 sites is down."),
            (&[Down, Down, Slow, Up], "2 of 4 sites are down and 1 is slow."),
            (&[Down, Partial, Slow], "1 of 3 sites is down, 1 is down in places and 1 is slow."),
            (&[Slow, Slow, Unknown], "2 of 3 sites are slow."),
            (&[Up, Up, Unknown], "The 2 of 3 sites that we know about are fine."),
            (&[Up, Unknown], "The one site of 2 that we know about is fine."),
            (&[Unknown], "We do not know: no fresh check since 14:02 UTC."),
        ];
        for (statuses, want) in cases {
            let counts = statuses.iter().copied().collect();
            assert_eq!(headline(&counts, Some(last), now), want);
        }
        let counts = [Unknown, Unknown].into_iter().collect();
        assert_eq!(headline(&counts, None, now), "We have not looked yet.");
    }
}
