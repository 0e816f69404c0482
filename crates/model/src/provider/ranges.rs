//! Blocks of addresses and their owners; the longest block that holds an address decides. Pure.

mod published;

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
};

use super::is_slug;

/// Blocks of addresses, each with the slug of its provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// By length of the prefix within 128 bits, then by the prefix. A look-up is a handful of
    /// steps, however many blocks there are.
    blocks: BTreeMap<u32, HashMap<u128, Arc<str>>>,
    /// Number of blocks.
    count: usize,
    /// Slug of the last block: a file lists one provider after the other.
    last: Option<Arc<str>>,
}

/// Reason why a line of a file of blocks cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadRange {
    /// The line's number, from 1.
    pub line: usize,
    why: RangeError,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum RangeError {
    #[error(
        "{0:?} is not a provider and a block of addresses; write such as \"aws 52.216.0.0/15\""
    )]
    Line(Box<str>),
    #[error("{0:?} is not a block of addresses; a block is such as \"52.216.0.0/15\"")]
    Block(Box<str>),
    #[error("this JSON cannot be read: {0}")]
    Json(Box<str>),
    #[error("there is no block of addresses in it; is it the right file?")]
    Empty,
    #[error("this is JSON, which does not say whose it is; write \"aws=FILE\"")]
    Whose,
    #[error("there are more than {MAX_BLOCKS} blocks")]
    Many,
}

/// Blocks at most: all that the large providers publish is a fifth of it.
const MAX_BLOCKS: usize = 500_000;
/// Mistakes of a file that are reported.
const MAX_ERRORS: usize = 100;

/// The begin of a text, for people.
fn short(text: &str) -> Box<str> {
    text.chars().take(80).collect::<String>().into()
}

impl Ranges {
    /// Reads a file of blocks: on each line a provider's slug and one block, such as
    /// `aws 52.216.0.0/15`. Empty lines, and what follows a `#`, do not count.
    ///
    /// # Errors
    /// Fails with every line that cannot be read, up to a hundred.
    pub fn parse(text: &str) -> Result<Self, Vec<BadRange>> {
        let mut ranges = Self::default();
        ranges.add_lines(text)?;
        Ok(ranges)
    }

    /// Adds a file of blocks such as [`Ranges::parse`] reads. A block that was there before changes
    /// hands.
    ///
    /// # Errors
    /// Fails with every line that cannot be read, up to a hundred.
    pub fn add_lines(&mut self, text: &str) -> Result<(), Vec<BadRange>> {
        if published::is_json(text) {
            return Err(vec![BadRange { line: 1, why: RangeError::Whose }]);
        }
        let mut wrong = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let told = line.split('#').next().unwrap_or_default().trim();
            let good = told.is_empty() || self.add_line(told).is_some();
            if !good && wrong.len() < MAX_ERRORS {
                wrong.push(BadRange {
                    line: number + 1,
                    why: self.why(RangeError::Line(short(told))),
                });
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn add_line(&mut self, line: &str) -> Option<()> {
        let (slug, block) = line.split_once(char::is_whitespace)?;
        is_slug(slug).then(|| self.add(slug, block.trim()))?
    }

    /// Reason why a block was not taken: its own fault, or no room for more.
    fn why(&self, own: RangeError) -> RangeError {
        if self.count >= MAX_BLOCKS { RangeError::Many } else { own }
    }

    /// Adds a block (`52.216.0.0/15`, `2606:4700::/32`, or a single address).
    pub(super) fn add(&mut self, slug: &str, block: &str) -> Option<()> {
        let (base, length) = match block.split_once('/') {
            Some((base, length)) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                (base, Some(length.parse::<u32>().ok()?))
            }
            Some(_) => return None,
            None => (block, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(width);
        if length > width || self.count >= MAX_BLOCKS {
            return None;
        }
        let length = length + 128 - width;
        let last = self.last.take().filter(|last| **last == *slug);
        let slug = last.unwrap_or_else(|| slug.into());
        self.last = Some(slug.clone());
        let old = self.blocks.entry(length).or_default().insert(cut(bits(base), length), slug);
        self.count += usize::from(old.is_none());
        Some(())
    }

    /// Slug of the provider that has this address.
    pub fn of(&self, address: IpAddr) -> Option<&str> {
        let address = bits(address.to_canonical());
        let longest_first = self.blocks.iter().rev();
        longest_first
            .filter_map(|(length, blocks)| blocks.get(&cut(address, *length)))
            .map(|slug| &**slug)
            .next()
    }

    /// Number of blocks.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// An address in 128 bits; IPv4 as it is written in IPv6 (`::ffff:0:0/96`).
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn cut(address: u128, length: u32) -> u128 {
    address & u128::MAX.checked_shl(128 - length).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_block_decides_in_both_families() {
        let text = "# ours\naws 52.0.0.0/8\n\nmine 52.1.2.0/24 # a part\ncdn 2606:4700::/32\n\
                    all 0.0.0.0/0\none 9.9.9.9\n";
        let ranges = Ranges::parse(text).unwrap();
        assert_eq!(ranges.len(), 5);
        for (address, want) in [
            ("52.9.9.9", Some("aws")),
            ("52.1.2.3", Some("mine")),
            ("::ffff:52.1.2.3", Some("mine")),
            ("2606:4700::1", Some("cdn")),
            ("2606:4701::1", None),
            ("9.9.9.9", Some("one")),
            ("8.8.8.8", Some("all")),
        ] {
            assert_eq!(ranges.of(address.parse().unwrap()), want, "{address}");
        }
    }

    #[test]
    fn every_bad_line_is_told() {
        let text = "aws\naws 1.2.3.4/33\nAWS 1.2.3.4/8\naws 1.2.3.0/24\naws 1.2.3.0/24 x\n";
        let lines: Vec<_> = Ranges::parse(text).unwrap_err().iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [1, 2, 3, 5]);
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader_of_blocks_and_it_tells_of_few_lines(
            text in "\\PC{0,40}|([a-z-]{0,5} ?[0-9a-f.:]{0,12}(/[0-9]{0,4})?\\n){0,130}",
            json in "\\PC{0,20}|[\\[\\]{}\":,a-z0-9./]{0,60}",
        ) {
            let wrong = Ranges::parse(&text).err().unwrap_or_default();
            prop_assert!(wrong.len() <= MAX_ERRORS);
            for slug in ["aws", "azure", "google", "cloudflare", "other"] {
                let wrong = Ranges::default().add_published(slug, &json).err().unwrap_or_default();
                prop_assert!(wrong.len() <= MAX_ERRORS);
            }
        }
    }
}
