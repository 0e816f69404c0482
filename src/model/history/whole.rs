//! A site's day in hours as a whole, all regions together, in bytes: what a chart of a month shows is
//! read from it as it is, where the sheets of the regions would have to be unpacked and merged.

use super::{Latency, Point};
use crate::model::{
    moment::Moment,
    packing::{Packer, Unpacker},
    rollup::{Judged, Sheet},
};

/// The way these bytes are written; sheets of regions have other numbers.
const VERSION: u8 = 2;
/// There are checks.
const CHECKS: u8 = 1;
/// Some of them failed or were slow.
const DETAILS: u8 = 2;
/// Time was judged.
const JUDGED: u8 = 4;
/// All the judged time was up.
const ALL_UP: u8 = 8;
/// There are latencies.
const LATENCY: u8 = 16;
/// Points of a day at most.
const MOST: u64 = 24;

/// Points by their place in the day, to be written.
#[derive(Debug)]
pub struct Whole {
    to: Packer,
    next: u16,
}

impl Default for Whole {
    fn default() -> Self {
        let mut to = Packer::default();
        to.byte(VERSION);
        Self { to, next: 0 }
    }
}

impl Whole {
    /// The day of all regions together.
    pub fn of(hours: &Sheet) -> Self {
        let mut whole = Self::default();
        for (place, bucket) in hours.buckets().filter(|(_, bucket)| !bucket.is_empty()) {
            whole.push(place, &Point::of(Moment::default(), bucket));
        }
        whole
    }

    /// Adds a point; they come in the order of their places.
    fn push(&mut self, place: u16, point: &Point) {
        let Point { at: _, checks, failed, slow, judged, latency } = point;
        let details = *failed > 0 || *slow > 0;
        let all_up = judged.whole() == judged.up;
        let tag = |yes: bool, bit: u8| if yes { bit } else { 0 };
        self.to.number(u64::from(place - self.next));
        self.next = place + 1;
        self.to.byte(
            tag(*checks > 0, CHECKS)
                | tag(details, DETAILS)
                | tag(judged.whole() > 0, JUDGED)
                | tag(all_up, ALL_UP)
                | tag(latency.is_some(), LATENCY),
        );
        let mut numbers = |numbers: &[u64]| numbers.iter().for_each(|n| self.to.number(*n));
        if *checks > 0 {
            numbers(&[*checks]);
        }
        if details {
            numbers(&[*failed, *slow]);
        }
        if judged.whole() > 0 {
            numbers(&[judged.up]);
            if !all_up {
                numbers(&[judged.slow, judged.partial, judged.down]);
            }
        }
        if let Some(Latency { p50, p95, p99, max }) = *latency {
            // Each is at least the one before it.
            let steps = [p50, p95.saturating_sub(p50), p99.saturating_sub(p95)];
            numbers(&steps.map(u64::from));
            numbers(&[max.saturating_sub(p99).into()]);
        }
    }

    /// Its bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.to.into_bytes()
    }

    /// Whether these are the bytes of one, and not of a sheet.
    pub fn is(bytes: &[u8]) -> bool {
        bytes.first() == Some(&VERSION)
    }

    /// Reads the points with their places, without their moments; `None` when these are not the bytes
    /// of one, or not to their end.
    pub fn read(bytes: &[u8], mut each: impl FnMut(u16, Point)) -> Option<()> {
        let mut from = Unpacker::new(bytes);
        if from.byte()? != VERSION {
            return None;
        }
        let mut next = 0_u64;
        while !from.is_empty() {
            let place = next.checked_add(from.number()?).filter(|place| *place < MOST)?;
            next = place + 1;
            each(place as u16, point(&mut from)?);
        }
        Some(())
    }
}

fn point(from: &mut Unpacker<'_>) -> Option<Point> {
    let (tag, mut point) = (from.byte()?, Point::default());
    if tag & CHECKS > 0 {
        point.checks = from.number()?;
    }
    if tag & DETAILS > 0 {
        (point.failed, point.slow) = (from.number()?, from.number()?);
    }
    if tag & JUDGED > 0 {
        point.judged.up = from.number()?;
        if tag & ALL_UP == 0 {
            let [slow, partial, down] = [from.number()?, from.number()?, from.number()?];
            point.judged = Judged { slow, partial, down, ..point.judged };
        }
    }
    if tag & LATENCY > 0 {
        let mut above = 0;
        let mut step = || {
            above = u32::try_from(from.number()?).ok()?.checked_add(above)?;
            Some(above)
        };
        let (p50, p95, p99, max) = (step()?, step()?, step()?, step()?);
        point.latency = Some(Latency { p50, p95, p99, max });
    }
    Some(point)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point() -> impl Strategy<Value = Point> {
        let counts = prop::array::uniform3(prop_oneof![Just(0), any::<u64>()]);
        let judged = prop::array::uniform4(prop_oneof![Just(0), 0_u64..90_000_000]);
        let latency = prop::option::of(prop::array::uniform4(any::<u32>()));
        (counts, judged, latency).prop_map(|(counts, judged, latency)| {
            let [checks, failed, slow] = counts;
            let [up, slow_time, partial, down] = judged;
            let latency = latency.map(|mut four| {
                four.sort_unstable();
                let [p50, p95, p99, max] = four;
                Latency { p50, p95, p99, max }
            });
            let judged = Judged { up, slow: slow_time, partial, down };
            Point { checks, failed, slow, judged, latency, ..Point::default() }
        })
    }

    proptest! {
        #[test]
        fn packed_and_back_it_is_the_same(
            points in prop::collection::btree_map(0_u16..24, point(), 0..24),
        ) {
            let mut whole = Whole::default();
            for (place, point) in &points {
                whole.push(*place, point);
            }
            let (bytes, mut read) = (whole.into_bytes(), Vec::new());
            prop_assert!(Whole::is(&bytes));
            Whole::read(&bytes, |place, point| read.push((place, point))).unwrap();
            prop_assert_eq!(read, points.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_read_without_harm(mut bytes: Vec<u8>) {
            bytes.insert(0, VERSION);
            let mut places = Vec::new();
            Whole::read(&bytes, |place, _| places.push(place));
            prop_assert!(places.is_sorted_by(|a, b| a < b));
        }
    }
}
