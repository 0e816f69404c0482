//! A sheet: the buckets of one stretch of time, in the bytes in which Postgres keeps them.
//!
//! A bucket of five checks takes about fifteen bytes, where a row of its own would take a hundred.

use super::{Bucket, Judged};
use crate::model::{
    outcome::Failure,
    packing::{Packer, Unpacker},
};

/// The way these bytes are written.
const VERSION: u8 = 1;
/// There are checks.
const CHECKS: u8 = 1;
/// Some of them failed, were slow or restricted.
const DETAILS: u8 = 2;
/// Time was judged.
const JUDGED: u8 = 4;
/// All the judged time was up.
const ALL_UP: u8 = 8;
/// Buckets of a sheet at most.
const MOST: u64 = 512;

/// Buckets by their place in the stretch, in order. Those in which nothing is are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    buckets: Vec<(u16, Bucket)>,
}

impl Sheet {
    /// The bucket at this place.
    pub fn at(&mut self, place: u16) -> &mut Bucket {
        let found = self.buckets.binary_search_by_key(&place, |(place, _)| *place);
        let index = found.unwrap_or_else(|index| {
            self.buckets.insert(index, (place, Bucket::default()));
            index
        });
        &mut self.buckets[index].1
    }

    /// The buckets with their places, in order.
    pub fn buckets(&self) -> impl Iterator<Item = (u16, &Bucket)> {
        self.buckets.iter().map(|(place, bucket)| (*place, bucket))
    }

    /// Takes over each bucket of the other that has checks, and no fewer, or where this has nothing.
    pub fn fill_up(&mut self, other: &Self) {
        for (place, bucket) in other.buckets() {
            let ours = self.at(place);
            if ours.is_empty() || (bucket.checks > 0 && bucket.checks >= ours.checks) {
                *ours = bucket.clone();
            }
        }
    }

    /// All of them in one.
    pub fn sum(&self) -> Bucket {
        let mut sum = Bucket::default();
        self.buckets.iter().for_each(|(_, bucket)| sum.merge(bucket));
        sum
    }

    /// Its bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut to = Packer::default();
        to.byte(VERSION);
        let mut next = 0;
        for (place, bucket) in self.buckets.iter().filter(|(_, bucket)| !bucket.is_empty()) {
            to.number(u64::from(place - next));
            next = place + 1;
            pack(bucket, &mut to);
        }
        to.into_bytes()
    }

    /// The sheet with these bytes; `None` when they are not one's.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        // As many as most have: to grow to them step by step would copy them as often.
        let mut sheet = Self { buckets: Vec::with_capacity(32) };
        let mut packed = Packed::new(bytes)?;
        while !packed.is_empty() {
            sheet.buckets.push((packed.place()?, Bucket::default()));
            packed.add_to(&mut sheet.buckets.last_mut()?.1)?;
        }
        Some(sheet)
    }
}

/// The bytes of a sheet, read bucket by bucket: each goes straight to where it is summed. What is
/// `None` says that these are not a sheet's bytes, from here on.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    from: Unpacker<'a>,
    next: u64,
}

impl<'a> Packed<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Unpacker::new(bytes);
        (from.byte()? == VERSION).then_some(Self { from, next: 0 })
    }

    /// Whether every bucket was read.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty()
    }

    /// The place of the next bucket, which is to be read then.
    pub fn place(&mut self) -> Option<u16> {
        let place = self.next.checked_add(self.from.number()?).filter(|place| *place < MOST)?;
        self.next = place + 1;
        Some(place as u16)
    }

    /// Adds the bucket to this one.
    pub fn add_to(&mut self, bucket: &mut Bucket) -> Option<()> {
        add_packed(&mut self.from, bucket)
    }
}

fn pack(bucket: &Bucket, to: &mut Packer) {
    let Bucket { checks, slow, restricted, failures, latency, judged } = bucket;
    let details = *slow > 0 || *restricted > 0 || bucket.failed() > 0;
    let all_up = judged.whole() == judged.up;
    let tag = |yes: bool, bit: u8| if yes { bit } else { 0 };
    to.byte(
        tag(*checks > 0, CHECKS)
            | tag(details, DETAILS)
            | tag(judged.whole() > 0, JUDGED)
            | tag(all_up, ALL_UP),
    );
    if *checks > 0 {
        to.number(*checks);
        if details {
            to.number(*slow);
            to.number(*restricted);
            to.number(failures.iter().filter(|count| **count > 0).count() as u64);
            for (place, count) in failures.iter().enumerate().filter(|(_, count)| **count > 0) {
                to.number(place as u64);
                to.number(*count);
            }
        }
        latency.pack(to);
    }
    if judged.whole() > 0 {
        to.number(judged.up);
        if !all_up {
            for part in [judged.slow, judged.partial, judged.down] {
                to.number(part);
            }
        }
    }
}

fn add_packed(from: &mut Unpacker<'_>, to: &mut Bucket) -> Option<()> {
    let tag = from.byte()?;
    if tag & CHECKS > 0 {
        add(&mut to.checks, from)?;
        if tag & DETAILS > 0 {
            add(&mut to.slow, from)?;
            add(&mut to.restricted, from)?;
            for _ in 0..from.number()?.min(Failure::ALL.len() as u64) {
                let place = usize::try_from(from.number()?).ok()?;
                add(to.failures.get_mut(place)?, from)?;
            }
        }
        to.latency.add_packed(from)?;
    }
    if tag & JUDGED > 0 {
        let Judged { up, slow, partial, down } = &mut to.judged;
        add(up, from)?;
        if tag & ALL_UP == 0 {
            for part in [slow, partial, down] {
                add(part, from)?;
            }
        }
    }
    Some(())
}

fn add(to: &mut u64, from: &mut Unpacker<'_>) -> Option<()> {
    *to = to.saturating_add(from.number()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{moment::Moment, rollup::Tally};
    use proptest::prelude::*;

    fn sheet() -> impl Strategy<Value = Sheet> {
        let check = (0_u16..24, 0_u8..12, any::<u32>(), any::<bool>());
        let judged = (0_u16..24, prop::array::uniform4(0_u64..90_000_000));
        let both = (prop::collection::vec(check, 0..60), prop::collection::vec(judged, 0..9));
        both.prop_map(|(checks, judged)| {
            let mut sheet = Sheet::default();
            for (place, failure, latency, flag) in checks {
                let failure = Failure::from_number(failure);
                let at = Moment::default();
                let tally = Tally { at, failure, restricted: flag, latency: Some(latency) };
                sheet.at(place).count(&tally, !flag);
            }
            for (place, [up, slow, partial, down]) in judged {
                sheet.at(place).judged = Judged { up, slow, partial, down };
            }
            sheet.buckets.retain(|(_, bucket)| !bucket.is_empty());
            sheet
        })
    }

    #[test]
    fn an_hour_that_was_up_takes_a_handful_of_bytes() {
        let mut sheet = Sheet::default();
        for place in 0..12 {
            sheet.at(place).judged.up = 300_000;
        }
        assert!(sheet.pack().len() <= 61, "{}", sheet.pack().len());
        assert_eq!(Sheet::unpack(&Sheet::default().pack()), Some(Sheet::default()));
        assert_eq!(Sheet::unpack(&[2]), None);
    }

    proptest! {
        #[test]
        fn packed_and_back_it_is_the_same(sheet in sheet()) {
            prop_assert_eq!(Sheet::unpack(&sheet.pack()), Some(sheet));
        }

        #[test]
        fn the_sum_does_not_depend_on_the_order(one in sheet(), other in sheet()) {
            let (mut left, mut right) = (one.sum(), other.sum());
            left.merge(&other.sum());
            right.merge(&one.sum());
            prop_assert_eq!(left, right);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            if let Some(sheet) = Sheet::unpack(&bytes) {
                sheet.sum();
            }
        }
    }
}
