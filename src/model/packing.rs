//! Small numbers in few bytes: how rollups and sealed checks lie in Postgres.
//!
//! Seven bits a byte, the highest bit says that more follow. A reader takes any bytes: what is not
//! whole is `None`, never a panic and never more memory than the bytes themselves are worth.

/// Bytes that are being written.
#[derive(Debug, Default)]
pub struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    /// Adds one byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Adds a number: one byte below 128, two below 16,384.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Adds a number of either sign: small ones are short whatever their sign.
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// Adds a number below 2^63 and how often it is there: once costs no byte of its own.
    pub fn counted(&mut self, number: u64, count: u64) {
        self.number(number << 1 | u64::from(count != 1));
        if count != 1 {
            self.number(count);
        }
    }

    /// Adds text with its length.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Bytes that are being read.
#[derive(Clone, Copy, Debug)]
pub struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// The next number.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        let (first, rest) = self.rest.split_first()?;
        // Most have one byte.
        let (number, rest) =
            if *first < 0x80 { (u64::from(*first), rest) } else { longer(*first, rest)? };
        self.rest = rest;
        Some(number)
    }

    /// The next number of either sign.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next number and how often it is there.
    #[inline]
    pub fn counted(&mut self) -> Option<(u64, u64)> {
        // Mostly one byte each: without a branch that nobody can foresee, it takes half the time.
        if let [number, count, ..] = *self.rest
            && (number | count) < 0x80
        {
            let more = number & 1;
            self.rest = &self.rest[1 + usize::from(more)..];
            return Some((u64::from(number >> 1), u64::from(if more == 1 { count } else { 1 })));
        }
        let number = self.number()?;
        let count = if number & 1 == 1 { self.number()? } else { 1 };
        Some((number >> 1, count))
    }

    /// The next text.
    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }
}

/// A number of more bytes than this one, and what is after it. Given by value, so that a reader's
/// place can be in a register.
fn longer(first: u8, mut rest: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = u64::from(first & 0x7F);
    for shift in (7..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        rest = after;
        number |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Some((number, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_comes_back(
            numbers: Vec<u64>,
            counted: Vec<(u64, u64)>,
            small: Vec<(u8, u8)>,
            signed: Vec<i64>,
            text: String,
        ) {
            let mut packer = Packer::default();
            let small = small.into_iter().map(|(number, count)| (number.into(), count.into()));
            let counted: Vec<_> =
                counted.into_iter().map(|(n, count)| (n >> 1, count)).chain(small).collect();
            for (number, count) in &counted {
                packer.counted(*number, *count);
            }
            for number in &numbers {
                packer.number(*number);
            }
            packer.text(&text);
            for number in &signed {
                packer.signed(*number);
            }
            let bytes = packer.into_bytes();
            let mut reader = Unpacker::new(&bytes);
            for pair in &counted {
                prop_assert_eq!(reader.counted(), Some(*pair));
            }
            for number in &numbers {
                prop_assert_eq!(reader.number(), Some(*number));
            }
            prop_assert_eq!(reader.text(), Some(text.as_str()));
            for number in &signed {
                prop_assert_eq!(reader.signed(), Some(*number));
            }
            prop_assert!(reader.is_empty() && reader.number().is_none());
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let mut reader = Unpacker::new(&bytes);
            while reader.text().is_some() || reader.number().is_some() {}
        }
    }
}
