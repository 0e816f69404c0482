//! Workload of a prober: tells when it cannot keep up with its schedule.
//!
//! There are two signs of it. Turns that are skipped or begin late say so of the whole prober, over the
//! last minute. An event loop that comes late says so as well, and it makes the checks under way
//! look slower than their sites are ([`LoopLag::distorts`]). Time is a parameter: nothing here reads a
//! clock.

use std::time::Duration;

use tokio::time::Instant;

use model::{moment::Moment, report::Overload};

/// Time between two samples of the loop's lag.
pub(super) const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// Lag up to this is the grain of timers, and no lag.
const GRAIN: Duration = Duration::from_millis(5);

/// Steps of a check that wait for the loop, each for its lag: look-ups, connecting, the handshake's
/// flights, the request, the parts of the reply.
const STEPS: u32 = 10;
/// A check is distorted when the lag may make up one part in so many of its latency.
const DISTORTED_FRACTION: u32 = 4;

/// The last minute, in slots of ten seconds.
const SLOTS: usize = 6;
const SLOT: Duration = Duration::from_secs(10);

/// Turns behind time in the last minute below which nothing is said.
const MIN_BEHIND: u32 = 3;
/// Percentage of turns behind time, and of the minute in which the loop was late, from which on a
/// prober is overloaded…
const BEGINS: (u32, u32) = (5, 50);
/// …and below which it is not any more: far enough apart that it does not flap.
const ENDS: (u32, u32) = (1, 25);
/// A turn that begins later than this is behind time.
const BEHIND_AFTER: Duration = Duration::from_secs(1);

/// Lag of an event loop, summed up since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LoopLag {
    total: Duration,
    samples: u32,
}

impl LoopLag {
    fn add(&mut self, lag: Duration) {
        if lag > GRAIN {
            self.total += lag;
        }
        self.samples = self.samples.wrapping_add(1);
    }

    /// The lag since an earlier sum.
    pub(super) fn since(self, earlier: Self) -> Self {
        let samples = self.samples.wrapping_sub(earlier.samples);
        Self { total: self.total.saturating_sub(earlier.total), samples }
    }

    /// Returns whether a check that took this long during this lag may have taken it for our own
    /// sake: each of its steps waited for the loop.
    pub(super) fn distorts(self, latency: Duration) -> bool {
        let mean = self.total / self.samples.max(1);
        !mean.is_zero() && mean * STEPS * DISTORTED_FRACTION >= latency
    }
}

/// Counts of ten seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    turns: u32,
    behind: u32,
    lag: Duration,
}

/// Workload of a prober.
#[derive(Debug)]
pub(super) struct Workload {
    slots: [Slot; SLOTS],
    /// Beginning of the newest slot.
    slot_began: Instant,
    newest: usize,
    lag: LoopLag,
    /// Moment at which the next sample of the lag is due.
    sample_due: Option<Instant>,
    overload: Option<Overload>,
}

impl Workload {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            slots: [Slot::default(); SLOTS],
            slot_began: now,
            newest: 0,
            lag: LoopLag::default(),
            sample_due: None,
            overload: None,
        }
    }

    /// Takes in that a turn began, this long after it was due.
    pub(super) fn began(&mut self, late_by: Duration, now: Instant) {
        let slot = self.slot(now);
        slot.turns += 1;
        slot.behind += u32::from(late_by > BEHIND_AFTER);
    }

    /// Takes in that a turn was skipped, since its time had passed.
    pub(super) fn skipped(&mut self, now: Instant) {
        let slot = self.slot(now);
        (slot.turns, slot.behind) = (slot.turns + 1, slot.behind + 1);
    }

    /// Takes in a sample of the loop's lag that was due at this time and came `now`; the moment is that
    /// of the wall clock. Returns whether the prober has become overloaded, or has caught up.
    pub(super) fn sample(&mut self, due: Instant, now: Instant, moment: Moment) -> bool {
        let lag = now.duration_since(due);
        self.lag.add(lag);
        self.sample_due = Some(now + SAMPLE_EVERY);
        if lag > GRAIN {
            self.slot(now).lag += lag;
        }
        self.settle(now, moment)
    }

    /// The lag until now, with that of a sample which is overdue.
    pub(super) fn lag(&self, now: Instant) -> LoopLag {
        let mut lag = self.lag;
        let pending = self.sample_due.map_or(Duration::ZERO, |due| now.duration_since(due));
        if pending > GRAIN {
            lag.add(pending);
        }
        lag
    }

    /// The overload, while there is one.
    pub(super) fn overload(&self) -> Option<Overload> {
        self.overload
    }

    /// Percentage of the last minute in which the loop was late.
    pub(super) fn lag_percent(&self) -> u32 {
        let lag: Duration = self.slots.iter().map(|slot| slot.lag).sum();
        let minute = SLOT * SLOTS as u32;
        (lag.as_millis() * 100 / minute.as_millis()).min(100) as u32
    }

    fn settle(&mut self, now: Instant, moment: Moment) -> bool {
        self.slot(now);
        let turns: u32 = self.slots.iter().map(|slot| slot.turns).sum();
        let behind: u32 = self.slots.iter().map(|slot| slot.behind).sum();
        let lag_percent = self.lag_percent();
        let (share, late) = if self.overload.is_some() { ENDS } else { BEGINS };
        let is_behind =
            behind >= MIN_BEHIND && u64::from(behind) * 100 >= u64::from(turns) * u64::from(share);
        let before = self.overload;
        self.overload = (is_behind || lag_percent >= late).then(|| {
            let since = before.map_or(moment, |known| known.since);
            Overload { since, turns, behind, lag_percent }
        });
        before.is_some() != self.overload.is_some()
    }

    /// The newest slot, after those that began since are empty.
    fn slot(&mut self, now: Instant) -> &mut Slot {
        let passed = now.duration_since(self.slot_began).as_secs() / SLOT.as_secs();
        for _ in 0..passed.min(SLOTS as u64) {
            self.newest = (self.newest + 1) % SLOTS;
            self.slots[self.newest] = Slot::default();
        }
        self.slot_began += SLOT * u32::try_from(passed).unwrap_or(u32::MAX);
        &mut self.slots[self.newest]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::from_millis(1_790_000_000_000);

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Lets a minute and a half pass with so many turns a second, of which every so many-th is skipped
    /// (0: none), while the loop is late by this much; says whether the prober is overloaded then.
    fn overloaded(
        work: &mut Workload,
        begin: Instant,
        (per_second, skip, lag): (u32, u32, Duration),
    ) -> bool {
        let (mut now, mut turn) = (begin, 0);
        while now < begin + secs(90) {
            for _ in 0..per_second {
                turn += 1;
                if skip > 0 && turn % skip == 0 {
                    work.skipped(now);
                } else {
                    work.began(millis(30), now);
                }
            }
            let until = now + secs(1);
            while now < until {
                let due = now + SAMPLE_EVERY;
                now = due + lag;
                work.sample(due, now, START + now.duration_since(begin));
            }
        }
        work.overload().is_some()
    }

    #[test]
    fn a_prober_is_overloaded_by_turns_that_it_misses_and_by_a_loop_that_is_late() {
        for (per_second, skip, lag, want) in [
            (10, 0, 0, false),
            (10, 0, 5, false),
            // One of a hundred, one of fifteen.
            (10, 100, 0, false),
            (10, 15, 0, true),
            (1_000, 2, 0, true),
            (0, 0, 20, false),
            (0, 0, 90, false),
            (0, 0, 110, true),
            (1, 0, 3_000, true),
        ] {
            let begin = Instant::now();
            let mut work = Workload::new(begin);
            let seen = overloaded(&mut work, begin, (per_second, skip, millis(lag)));
            assert_eq!(seen, want, "{per_second}/s, one of {skip} skipped, {lag} ms late");
        }
    }

    #[test]
    fn an_overload_lasts_until_a_minute_was_almost_free_of_it_and_keeps_its_beginning() {
        let mut now = Instant::now();
        let mut work = Workload::new(now);
        assert!(overloaded(&mut work, now, (10, 2, Duration::ZERO)));
        let since = work.overload().unwrap().since;
        assert!(since < START + secs(15), "it is known within seconds");
        for (skip, want) in [(4, true), (50, true), (200, false), (50, false)] {
            now += secs(90);
            assert_eq!(overloaded(&mut work, now, (10, skip, Duration::ZERO)), want, "{skip}");
            assert!(work.overload().is_none_or(|known| known.since == since));
        }
    }

    #[test]
    fn a_single_stall_and_turns_that_are_too_few_are_no_overload() {
        let begin = Instant::now();
        let mut work = Workload::new(begin);
        work.skipped(begin);
        work.skipped(begin);
        work.sample(begin, begin + secs(20), START);
        assert_eq!(work.overload(), None);
        // For half a minute nothing was done at all.
        work.sample(begin + secs(20), begin + secs(50), START);
        assert!(work.overload().is_some());
    }

    #[test]
    fn turns_that_begin_late_count_like_skipped_ones() {
        let begin = Instant::now();
        let mut work = Workload::new(begin);
        for n in 0..20 {
            work.began(if n < 4 { secs(2) } else { millis(900) }, begin);
        }
        work.sample(begin, begin, START);
        let want = Overload { since: START, turns: 20, behind: 4, lag_percent: 0 };
        assert_eq!(work.overload(), Some(want));
        work.sample(begin + secs(65), begin + secs(65), START);
        assert_eq!(work.overload(), None, "that was more than a minute ago");
    }

    #[test]
    fn a_check_is_distorted_when_its_steps_waited_for_the_loop_and_the_rest_does_not_outweigh_it() {
        for (lags, latency, want) in [
            (&[0, 0, 0][..], 10, false),
            // The grain of timers.
            (&[5, 4, 5], 10, false),
            (&[10, 10], 300, true),
            (&[10, 10], 500, false),
            (&[40, 40, 40, 40], 1_600, true),
            (&[40, 40, 40, 40], 1_700, false),
            // One hitch in a long wait for a site that is slow by itself.
            (&[75, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2_000, false),
            (&[3_000, 0], 3_100, true),
            (&[300, 300, 300], 10_000, true),
            (&[200, 200, 200], 10_000, false),
        ] {
            let mut now = Instant::now();
            let mut work = Workload::new(now);
            let before = work.lag(now);
            for lag in lags {
                let due = now + SAMPLE_EVERY;
                now = due + millis(*lag);
                work.sample(due, now, START);
            }
            let seen = work.lag(now).since(before).distorts(millis(latency));
            assert_eq!(seen, want, "{lags:?} of {latency} ms");
        }
    }

    #[test]
    fn a_stall_counts_before_its_sample_is_taken() {
        let begin = Instant::now();
        let mut work = Workload::new(begin);
        work.sample(begin, begin, START);
        let (before, end) = (work.lag(begin), begin + secs(3));
        assert!(work.lag(end).since(before).distorts(secs(3)));
        assert!(!work.lag(begin + millis(80)).since(before).distorts(millis(80)));
    }
}
