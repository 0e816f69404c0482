//! What is counted and not kept on disk yet: handed over in batches, bounded meanwhile. Pure.

use std::collections::HashMap;

use super::counts::begin;
use crate::model::{
    crowd::{Count, What},
    moment::Moment,
};

/// Counts that wait at most; while there are so many, new ones live in memory alone.
const MOST: usize = 10_000;

/// Counts that wait.
#[derive(Debug, Default)]
pub(super) struct Unkept {
    counts: HashMap<(Moment, What, String), (u32, u32)>,
    /// Visitors whose counts found no room.
    lost: u64,
}

impl Unkept {
    /// Adds visitors to what waits.
    pub(super) fn add(&mut self, what: What, key: &str, (times, down): (u32, u32), now: Moment) {
        let place = (begin(now), what, key.to_owned());
        if self.counts.len() >= MOST && !self.counts.contains_key(&place) {
            self.lost += u64::from(times);
            return;
        }
        let (a, b) = self.counts.entry(place).or_default();
        (*a, *b) = (a.saturating_add(times), b.saturating_add(down));
    }

    /// Takes all that waits.
    pub(super) fn take(&mut self) -> Vec<Count> {
        let lost = std::mem::take(&mut self.lost);
        if lost > 0 {
            tracing::warn!(
                visitors = lost,
                "too many sites are looked up to keep every count: a restart will forget some"
            );
        }
        let taken = std::mem::take(&mut self.counts).into_iter();
        taken.map(|((at, what, key), (times, down))| Count { what, key, at, times, down }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_summed_and_bounded() {
        let mut unkept = Unkept::default();
        let now = Moment::from_millis(310_000);
        unkept.add(What::Lookup, "a.example", (2, 1), now);
        unkept.add(What::Lookup, "a.example", (3, 0), now);
        let (key, at) = ("a.example".to_owned(), Moment::from_millis(300_000));
        let want = Count { what: What::Lookup, key, at, times: 5, down: 1 };
        assert_eq!(unkept.take(), [want]);
        assert_eq!(unkept.take(), []);
        for site in 0..MOST + 9 {
            unkept.add(What::Report, &format!("{site}.example"), (1, 0), now);
        }
        unkept.add(What::Report, "0.example", (1, 0), now);
        assert_eq!((unkept.counts.len(), unkept.lost), (MOST, 9));
    }
}
