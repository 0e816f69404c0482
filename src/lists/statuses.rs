//! Sets of HTTP statuses that tools expect. Pure.

use std::{collections::BTreeSet, ops::RangeInclusive};

const ALL: RangeInclusive<u16> = 100..=599;

/// The statuses that count as good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statuses(BTreeSet<u16>);

impl Statuses {
    /// Every status.
    pub(super) fn all() -> Self {
        Self(ALL.collect())
    }

    /// None.
    pub(super) fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Adds what a text says: `204`, `200-299` or `2xx`; returns whether it says anything.
    pub(super) fn add(&mut self, text: &str) -> bool {
        let text = text.trim().to_ascii_lowercase();
        let number = |text: &str| text.trim().parse::<u16>().ok().filter(|n| ALL.contains(n));
        let hundreds = text.strip_suffix("xx").and_then(|digit| number(&format!("{digit}00")));
        let range = match (hundreds, text.split_once('-')) {
            (Some(low), _) => Some((low, low + 99)),
            (None, Some((low, high))) => number(low).zip(number(high)),
            (None, None) => number(&text).map(|n| (n, n)),
        };
        let Some((low, high)) = range.filter(|(low, high)| low <= high) else { return false };
        self.0.extend(low..=high);
        true
    }

    /// Keeps those that fit.
    pub(super) fn keep(&mut self, fits: impl Fn(u16) -> bool) {
        self.0.retain(|status| fits(*status));
    }

    /// As a catalogue has them; empty for what is usual, and for a set of none. That every status is good is
    /// unusual: here 400 and above are down unless something else is said.
    pub(super) fn unusual(&self) -> Vec<String> {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for status in &self.0 {
            match ranges.last_mut() {
                Some((_, high)) if *high + 1 == *status => *high = *status,
                _ => ranges.push((*status, *status)),
            }
        }
        let usual = |low, high| low <= 200 && matches!(high, 200 | 299 | 399);
        if matches!(ranges[..], [(low, high)] if usual(low, high)) {
            return Vec::new();
        }
        let show = |(low, high): (u16, u16)| {
            if low == high { low.to_string() } else { format!("{low}-{high}") }
        };
        ranges.into_iter().map(show).collect()
    }

    /// Returns whether nothing is good.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unusual_statuses_are_written() {
        for (texts, want) in [
            (&["200-299"][..], &[][..]),
            (&["200"], &[]),
            (&["2xx", "3xx"], &[]),
            (&["200-299", "300-399"], &[]),
            (&["200", "204"], &["200", "204"]),
            (&["201", "200"], &["200-201"]),
            (&["404"], &["404"]),
            (&["200-399", "401"], &["200-399", "401"]),
            (&["100-599"], &["100-599"]),
            (&["1xx", "2xx", "3xx", "4xx", "5xx"], &["100-599"]),
        ] {
            let mut statuses = Statuses::none();
            assert!(texts.iter().all(|text| statuses.add(text)), "{texts:?}");
            assert_eq!(statuses.unusual(), want, "{texts:?}");
        }
        for bad in ["", "20", "600", "299-200", "9xx", "abc", "-1", "65536", "1-2-3"] {
            assert!(!Statuses::none().add(bad), "{bad}");
        }
    }
}
