//! The sentence of the day: how all sites together are. Pure.

use crate::model::{
    language::{Arg, Lang},
    moment::Moment,
    verdict::Status,
};

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

/// The sentence of the day in English; `last` is when we looked last at any of them.
pub fn headline(counts: &Counts, last: Option<Moment>, now: Moment) -> String {
    headline_in(Lang::En, counts, last, now)
}

/// The sentence of the day; `last` is when we looked last at any of them.
pub fn headline_in(lang: Lang, counts: &Counts, last: Option<Moment>, now: Moment) -> String {
    let (total, unknown) = (counts.total(), counts.of(Status::Unknown));
    let bad: Vec<(Status, usize)> = [Status::Down, Status::Partial, Status::Slow]
        .into_iter()
        .map(|status| (status, counts.of(status)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if !bad.is_empty() {
        return lang.one("headline-bad", "parts", parts(lang, &bad, total));
    }
    match last {
        _ if total == 0 => lang.say("headline-none").into_owned(),
        None if unknown == total => lang.say("headline-never").into_owned(),
        Some(at) if unknown == total => lang.one("headline-stale", "since", lang.clock(at, now)),
        _ if unknown > 0 => {
            lang.two("headline-known", ("known", total - unknown), ("total", total))
        }
        _ => lang.one("headline-fine", "total", total),
    }
}

/// The bad statuses with their counts, as a list in words.
fn parts(lang: Lang, bad: &[(Status, usize)], total: usize) -> String {
    let mut words: Vec<String> = bad
        .iter()
        .enumerate()
        .map(|(place, (status, count))| part(lang, *status, *count, (place == 0).then_some(total)))
        .collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        return last;
    }
    lang.two("list-and", ("before", words.join(", ")), ("last", last))
}

/// One bad status with its count.
fn part(lang: Lang, status: Status, count: usize, total: Option<usize>) -> String {
    let word = status.word();
    match total {
        Some(1) => lang.say(&format!("headline-only-{word}")).into_owned(),
        Some(total) => {
            let args = [("count", Arg::from(count)), ("total", Arg::from(total))];
            lang.with(&format!("headline-first-{word}"), args)
        }
        None => lang.one(&format!("headline-next-{word}"), "count", count),
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
        let dutch = |statuses: &[Status]| {
            headline_in(Lang::Nl, &statuses.iter().copied().collect(), Some(last), now)
        };
        assert_eq!(dutch(&[Down, Up]), "1 van 2 sites ligt eruit.");
        assert_eq!(
            dutch(&[Down, Down, Partial, Slow]),
            "2 van 4 sites liggen eruit, 1 ligt er deels uit en 1 is traag."
        );
        assert_eq!(dutch(&[Up, Up]), "Alle 2 sites zijn in orde.");
        let counts = [Unknown, Unknown].into_iter().collect();
        assert_eq!(headline(&counts, None, now), "We have not looked yet.");
    }
}
