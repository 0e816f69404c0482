//! A histogram of latencies that can be merged: percentiles of any stretch of time, of all regions
//! together, without ever averaging a percentile.
//!
//! Classes are log-scaled: 32 to each doubling, exact below 64 µs. The middle of a class is at most
//! 1/64 (1.6 %) away from any latency in it, which is the whole error of a percentile. All of it is
//! whole numbers, so that the same latencies give the same bytes on every machine.

/// Classes to a doubling.
const STEPS_PER_DOUBLING: u32 = 32;
/// Its logarithm.
const STEP_BITS: u32 = STEPS_PER_DOUBLING.ilog2();
/// One more than the highest class that 32 bits of microseconds can have.
const CLASS_COUNT: u64 = (STEPS_PER_DOUBLING * (32 - STEP_BITS + 1)) as u64;

/// Latencies, counted by class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Class and count, in the order of the classes; no count is zero. A class of four thousand million
    /// stays at that.
    counts: Vec<(u16, u32)>,
    /// The highest latency, exactly.
    max: u32,
}

impl Histogram {
    /// Counts a latency, in microseconds.
    pub fn add(&mut self, micros: u32) {
        let class = class(micros);
        match self.counts.binary_search_by_key(&class, |(class, _)| *class) {
            Ok(place) => self.counts[place].1 = self.counts[place].1.saturating_add(1),
            Err(place) => self.counts.insert(place, (class, 1)),
        }
        self.max = self.max.max(micros);
    }

    /// Counts all that the other counted.
    pub fn merge(&mut self, other: &Self) {
        // Both are in order: one walk, where a search for each class takes most of the time of a chart.
        let mut place = 0;
        for (class, count) in &other.counts {
            place += self.counts[place..].iter().take_while(|(ours, _)| ours < class).count();
            match self.counts.get_mut(place) {
                Some((ours, all)) if ours == class => *all = all.saturating_add(*count),
                _ => self.counts.insert(place, (*class, *count)),
            }
        }
        self.max = self.max.max(other.max);
    }

    /// Forgets all that it counted, and keeps its room.
    pub fn clear(&mut self) {
        self.counts.clear();
        self.max = 0;
    }

    /// Number of latencies counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The highest latency, in microseconds, exactly; `None` when there is none.
    pub fn max(&self) -> Option<u32> {
        (!self.counts.is_empty()).then_some(self.max)
    }

    /// The latencies, in microseconds, that these percentages of all, in ascending order, are not
    /// above; within 1.6 % of the true ones. `None` when there is none.
    ///
    /// ```text
    /// percentiles([50, 99]) of 1, 2, 3 and 4 is [2, 4]
    /// ```
    pub fn percentiles<const N: usize>(&self, percents: [u8; N]) -> Option<[u32; N]> {
        let count = self.count();
        // From the highest down: most of what is asked for lies there.
        let mut classes = self.counts.iter().rev();
        let mut class = classes.next()?;
        let (mut seen, mut found) = (u64::from(class.1), [0; N]);
        for (micros, percent) in found.iter_mut().zip(&percents).rev() {
            // In parts, so that no product is too large.
            let percent = u64::from(*percent.min(&100));
            let rank = count / 100 * percent + (count % 100 * percent).div_ceil(100);
            while seen <= count - rank
                && let Some(next) = classes.next()
            {
                class = next;
                seen += u64::from(class.1);
            }
            *micros = middle(class.0).min(self.max);
        }
        Some(found)
    }

    /// Its bytes, about two a class: the highest latency, then each class, as the step from the one before,
    /// and its count. Numbers have seven bits a byte, the lowest first; the highest bit says that more follow.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.counts.is_empty() {
            write_number(&mut bytes, self.max);
        }
        let mut last = 0;
        for (class, count) in &self.counts {
            write_number(&mut bytes, u32::from(class - last));
            write_number(&mut bytes, *count);
            last = *class;
        }
        bytes
    }

    /// Adds a histogram from its bytes; `None`, with nothing added, when they are not one.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        if !self.counts.is_empty() {
            let mut other = Self::default();
            other.add_bytes(bytes)?;
            self.merge(&other);
            return Some(());
        }
        let read = self.read(bytes);
        if read.is_none() {
            // A partly decoded histogram would report latencies that never occurred.
            self.clear();
        }
        read
    }

    /// Reads one into this, which is empty.
    fn read(&mut self, mut bytes: &[u8]) -> Option<()> {
        if bytes.is_empty() {
            return Some(());
        }
        self.max = read_number(&mut bytes)?;
        self.counts.reserve(bytes.len() / 2);
        let mut class = 0;
        while self.counts.is_empty() || !bytes.is_empty() {
            let step = u64::from(read_number(&mut bytes)?);
            let count = read_number(&mut bytes)?;
            class += step;
            let in_order = self.counts.is_empty() || step > 0;
            if class >= CLASS_COUNT || count == 0 || !in_order {
                return None;
            }
            self.counts.push((class as u16, count));
        }
        Some(())
    }
}

fn write_number(to: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn read_number(from: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return u32::try_from(number).ok();
        }
    }
    None
}

/// The class of a latency.
fn class(micros: u32) -> u16 {
    let Some(doublings) = micros.checked_ilog2().and_then(|log| log.checked_sub(STEP_BITS)) else {
        return micros as u16;
    };
    (STEPS_PER_DOUBLING * doublings + (micros >> doublings)) as u16
}

/// The lowest latency of a class.
fn lowest(class: u16) -> u32 {
    let class = u32::from(class);
    let doublings = (class / STEPS_PER_DOUBLING).saturating_sub(1);
    (class - STEPS_PER_DOUBLING * doublings) << doublings
}

/// The middle of a class.
fn middle(class: u16) -> u32 {
    let doublings = (u32::from(class) / STEPS_PER_DOUBLING).saturating_sub(1);
    lowest(class) + ((1 << doublings) - 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(latencies: &[u32]) -> Histogram {
        let mut histogram = Histogram::default();
        for micros in latencies {
            histogram.add(*micros);
        }
        histogram
    }

    /// The percentile by its definition, from all the latencies.
    fn exact(latencies: &mut [u32], percent: usize) -> u32 {
        latencies.sort_unstable();
        latencies[(latencies.len() * percent).div_ceil(100).max(1) - 1]
    }

    #[test]
    fn says_nothing_of_nothing_and_the_truth_of_one() {
        assert_eq!((of(&[]).percentiles([50]), of(&[]).max(), of(&[]).count()), (None, None, 0));
        for micros in [0, 1, 63, 64, 65, 1_000_003, u32::MAX] {
            let one = of(&[micros]);
            assert_eq!(one.max(), Some(micros));
            let [half] = one.percentiles([50]).unwrap();
            let error = f64::from(half.abs_diff(micros));
            assert!(error <= f64::from(micros) / 64.0, "{micros}: {error}");
        }
        assert_eq!(of(&[1, 2, 3, 4]).percentiles([50, 99]), Some([2, 4]));
    }

    #[test]
    fn classes_follow_each_other_without_a_gap() {
        for class_number in 0..CLASS_COUNT as u16 {
            assert_eq!(class(lowest(class_number)), class_number);
            assert_eq!(class(middle(class_number)), class_number);
            if class_number > 0 {
                assert_eq!(class(lowest(class_number) - 1), class_number - 1);
            }
        }
        assert_eq!(u64::from(class(u32::MAX)), CLASS_COUNT - 1);
    }

    #[test]
    fn five_checks_take_about_a_dozen_bytes() {
        let bytes = of(&[84_100, 81_700, 90_500, 86_000, 131_000]).to_bytes().len();
        assert!(bytes <= 15, "{bytes}");
    }

    proptest! {
        #[test]
        fn a_percentile_is_within_two_in_a_hundred(
            mut latencies in prop::collection::vec(0_u32..30_000_000, 1..200),
            percent in 1_u8..=100,
        ) {
            let true_one = f64::from(exact(&mut latencies, percent.into()));
            let [_, ours, _] = of(&latencies).percentiles([0, percent, 100]).unwrap();
            let ours = f64::from(ours);
            prop_assert!((ours - true_one).abs() <= true_one / 64.0, "{} {}", ours, true_one);
        }

        #[test]
        fn merged_is_as_if_counted_together(a: Vec<u32>, b: Vec<u32>, c: Vec<u32>) {
            let together = of(&[a.clone(), b.clone(), c.clone()].concat());
            let mut left = of(&a);
            left.merge(&of(&b));
            left.merge(&of(&c));
            let mut right = of(&c);
            right.merge(&of(&b));
            right.merge(&of(&a));
            prop_assert_eq!(&left, &together);
            prop_assert_eq!(&right, &together);
        }

        #[test]
        fn written_and_read_it_is_the_same(latencies: Vec<u32>) {
            let histogram = of(&latencies);
            let mut read = Histogram::default();
            prop_assert_eq!(read.add_bytes(&histogram.to_bytes()), Some(()));
            prop_assert_eq!(&read, &histogram);
            prop_assert_eq!(read.add_bytes(&histogram.to_bytes()), Some(()));
            let mut twice = of(&latencies);
            twice.merge(&histogram);
            prop_assert_eq!(read, twice);
        }

        #[test]
        fn what_cannot_be_read_adds_nothing(
            latencies in prop::collection::vec(0_u32..9_000_000, 1..9),
        ) {
            let bytes = of(&latencies).to_bytes();
            let mut cut = Histogram::default();
            prop_assert_eq!(cut.add_bytes(&bytes[..bytes.len() - 1]), None);
            prop_assert_eq!(&cut, &Histogram::default());
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let mut read = Histogram::default();
            if read.add_bytes(&bytes).is_some() {
                read.percentiles([50, 99]);
            }
        }
    }
}
