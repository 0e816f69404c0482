//! The answer as JSON, by hand: the largest there is. A month of hours has 6,500 values, which a
//! general serializer writes in 0.4 ms, a quarter of all that the answer costs; so it costs 0.25 ms
//! less. A test holds every byte to what that one writes.

use super::{Bucket, Page};
use crate::model::moment::Moment;

/// About as many bytes as a bucket takes.
const BUCKET: usize = 160;
/// As many as it never needs: nine names, a moment and the longest numbers are 260.
const LINE: usize = 320;

/// A number with so many decimals at most, in units of the last: a double would have to be taken
/// apart again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal<const PLACES: usize>(pub(super) u32);

impl<const PLACES: usize> From<Decimal<PLACES>> for f64 {
    fn from(Decimal(parts): Decimal<PLACES>) -> Self {
        Self::from(parts) / Self::from(10_u32.pow(PLACES as u32))
    }
}

/// Writes it.
pub(super) fn json(page: &Page<'_>) -> Vec<u8> {
    let mut to = Vec::with_capacity(256 + page.buckets.len() * BUCKET);
    // Neither a slug nor a step has a letter that JSON would write in another way.
    text(&mut to, "{\"slug\":\"", page.slug.as_bytes());
    text(&mut to, "\",\"step\":\"", page.step.as_bytes());
    to.extend_from_slice(b"\",\"buckets\":[");
    let mut line = Line { bytes: [0; LINE], used: 0 };
    for (place, bucket) in page.buckets.iter().enumerate() {
        if place > 0 {
            to.push(b',');
        }
        line.bucket(bucket);
        to.extend_from_slice(line.bytes.get(..line.used).unwrap_or_default());
    }
    text(&mut to, "],\"as_of\":\"", &page.as_of.text());
    text(&mut to, "\",\"fresh\":", if page.fresh { b"true}" } else { b"false}" });
    to
}

fn text(to: &mut Vec<u8>, name: &str, value: &[u8]) {
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(value);
}

/// The text of a bucket. What is put into it has a length that the compiler knows: twenty calls to
/// copy a few bytes each would take as long as all the rest.
struct Line {
    bytes: [u8; LINE],
    used: usize,
}

impl Line {
    fn bucket(&mut self, bucket: &Bucket) {
        let Bucket { at, checks, failed, slow, uptime, p50_ms, p95_ms, p99_ms, max_ms } = bucket;
        self.used = 0;
        self.put(b"{\"at\":\"");
        self.put(&Moment::text(*at));
        self.put(b"\",\"checks\":");
        self.digits(*checks);
        self.put(b",\"failed\":");
        self.digits(*failed);
        self.put(b",\"slow\":");
        self.digits(*slow);
        self.put(b",\"uptime\":");
        self.decimal(*uptime);
        self.put(b",\"p50_ms\":");
        self.decimal(*p50_ms);
        self.put(b",\"p95_ms\":");
        self.decimal(*p95_ms);
        self.put(b",\"p99_ms\":");
        self.decimal(*p99_ms);
        self.put(b",\"max_ms\":");
        self.decimal(*max_ms);
        self.put(b"}");
    }

    #[inline]
    fn put<const N: usize>(&mut self, text: &[u8; N]) {
        if let Some(room) = self.bytes[self.used..].first_chunk_mut() {
            *room = *text;
            self.used += N;
        }
    }

    /// As many decimals as it needs, and one at least.
    fn decimal<const PLACES: usize>(&mut self, value: Option<Decimal<PLACES>>) {
        let Some(Decimal(parts)) = value else { return self.put(b"null") };
        let unit = 10_u32.pow(PLACES as u32);
        self.digits((parts / unit).into());
        let rest = parts % unit;
        if rest == 0 {
            return self.put(b".0");
        }
        self.put(b".");
        if PLACES == 3 {
            let Three { text, after, .. } = &THREE[rest as usize];
            self.put(text);
            self.used -= usize::from(*after);
        } else {
            self.put(&all_digits::<PLACES>(rest));
            let zeros = self.bytes[..self.used].iter().rev().take_while(|digit| **digit == b'0');
            self.used -= zeros.count();
        }
    }

    fn digits(&mut self, value: u64) {
        if value < 1000 {
            let Three { text: [a, b, c], before, .. } = THREE[value as usize];
            // The first that is no zero comes to the front.
            let text = u32::from_le_bytes([a, b, c, 0]) >> (8 * before);
            self.put(&text.to_le_bytes());
            self.used -= usize::from(1 + before);
        } else {
            let digits = all_digits::<20>(value);
            let count = value.ilog10() as usize + 1;
            self.bytes[self.used..][..count].copy_from_slice(&digits[20 - count..]);
            self.used += count;
        }
    }
}

/// A number's last digits.
fn all_digits<const COUNT: usize>(number: impl Into<u64>) -> [u8; COUNT] {
    let (mut digits, mut rest) = ([b'0'; COUNT], number.into());
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// A number below a thousand.
#[derive(Clone, Copy)]
struct Three {
    /// All three digits.
    text: [u8; 3],
    /// Zeros before the first other digit, and before the last.
    before: u8,
    /// Zeros at the end.
    after: u8,
}

/// All of them: to find how many digits each number of an answer has takes longer than to write them.
static THREE: [Three; 1000] = {
    let mut all = [Three { text: [b'0'; 3], before: 2, after: 3 }; 1000];
    let mut number = 1;
    while number < 1000 {
        let [a, b, c] = [number / 100, number / 10 % 10, number % 10];
        all[number] = Three {
            text: [b'0' + a as u8, b'0' + b as u8, b'0' + c as u8],
            before: if a > 0 {
                0
            } else if b > 0 {
                1
            } else {
                2
            },
            after: if c > 0 {
                0
            } else if b > 0 {
                1
            } else {
                2
            },
        };
        number += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl<const PLACES: usize> serde::Serialize for Decimal<PLACES> {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_f64(f64::from(*self))
        }
    }

    fn page(buckets: Vec<Bucket>) -> Page<'static> {
        Page { slug: "a-1.example", step: "1h", buckets, as_of: Moment::default(), fresh: true }
    }

    fn bucket(at: i64, counts: [u64; 3], uptime: Option<u32>, ms: [Option<u32>; 4]) -> Bucket {
        let [p50_ms, p95_ms, p99_ms, max_ms] = ms.map(|ms| ms.map(Decimal));
        let uptime = uptime.map(Decimal);
        let ([checks, failed, slow], at) = (counts, Moment::from_millis(at));
        Bucket { at, checks, failed, slow, uptime, p50_ms, p95_ms, p99_ms, max_ms }
    }

    #[test]
    fn every_share_is_written_as_the_serializer_writes_it() {
        let shares = (0..=100_000).map(|parts| bucket(0, [0; 3], Some(parts), [None; 4]));
        let page = page(shares.collect());
        assert_eq!(json(&page), serde_json::to_vec(&page).unwrap());
        let no_bucket = Page { buckets: Vec::new(), fresh: false, ..page };
        assert_eq!(json(&no_bucket), serde_json::to_vec(&no_bucket).unwrap());
    }

    proptest! {
        #[test]
        fn every_bucket_is_written_as_the_serializer_writes_it(
            at in 0..253_402_300_799_999_i64,
            counts: [u64; 3],
            uptime in prop::option::of(0_u32..=100_000),
            ms: [Option<u32>; 4],
            small in prop::array::uniform4(prop::option::of(0_u32..2_000)),
        ) {
            let two = [ms, small].map(|ms| bucket(at, counts, uptime, ms));
            let page = page(two.into());
            prop_assert_eq!(json(&page), serde_json::to_vec(&page).unwrap());
        }
    }
}
