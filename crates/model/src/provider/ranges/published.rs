//! Lists of blocks in the forms in which providers publish them. Pure.
//!
//! - Plain text, a block on each line (Cloudflare); what follows a comma is passed over, as in the
//!   geofeeds of RFC 8805 (`DigitalOcean`, Linode), and so is what follows a `#`.
//! - JSON of any shape (AWS, Azure, Fastly, GitHub, Google, Oracle): every text in it that is
//!   written like a block is one, and all else is passed over. It is read as a stream: nothing is
//!   built of what is passed over, and `serde_json` bounds how deep it goes.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{BadRange, MAX_ERRORS, RangeError, Ranges, short};

/// Returns whether a text is JSON rather than lines.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

impl Ranges {
    /// Adds the list that a provider publishes, as JSON or as lines. A block that was there before
    /// is this provider's from now on.
    ///
    /// # Errors
    /// Fails with what cannot be read, up to a hundred.
    pub fn add_published(&mut self, slug: &str, text: &str) -> Result<(), Vec<BadRange>> {
        let text = text.trim_start_matches('\u{feff}');
        let mut list = PublishedList { ranges: self, slug, count: 0, wrong: Vec::new() };
        if is_json(text) {
            list.json(text);
        } else {
            list.lines(text);
        }
        if list.count == 0 && list.wrong.is_empty() {
            list.wrong.push(BadRange { line: 1, why: RangeError::Empty });
        }
        if list.wrong.is_empty() { Ok(()) } else { Err(list.wrong) }
    }
}

/// A list that is being read.
struct PublishedList<'a> {
    ranges: &'a mut Ranges,
    slug: &'a str,
    /// Blocks so far.
    count: usize,
    wrong: Vec<BadRange>,
}

impl PublishedList<'_> {
    fn lines(&mut self, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let block = line.split(['#', ',']).next().unwrap_or_default().trim();
            if !block.is_empty() {
                self.block(block, number + 1);
            }
        }
    }

    fn json(&mut self, text: &str) {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Walk(self).deserialize(&mut json).and_then(|()| json.end());
        if let Err(error) = read {
            let why = RangeError::Json(error.to_string().into());
            self.wrong.push(BadRange { line: error.line(), why });
        }
        // The JSON reader does not keep the line of a text.
        for bad in &mut self.wrong {
            if let RangeError::Block(block) = &bad.why {
                let place = text.find(&**block).unwrap_or(0);
                bad.line += text.bytes().take(place).filter(|byte| *byte == b'\n').count();
            }
        }
    }

    fn block(&mut self, block: &str, line: usize) {
        if self.ranges.add(self.slug, block).is_some() {
            self.count += 1;
        } else if self.wrong.len() < MAX_ERRORS {
            let why = self.ranges.why(RangeError::Block(short(block)));
            self.wrong.push(BadRange { line, why });
        }
    }
}

/// Goes through JSON of any shape and takes the blocks.
struct Walk<'a, 'b>(&'a mut PublishedList<'b>);

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if is_like_a_block(text) {
            self.0.block(text, 1);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_key::<IgnoredAny>()?.is_some() {
            fields.next_value_seed(Walk(self.0))?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Returns whether a text is written like a block or an address: so much so that, if it is none, it
/// is a mistake. Words, dates and version numbers are not.
fn is_like_a_block(text: &str) -> bool {
    let (base, length) = text.split_once('/').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let v4 = base.matches('.').count() == 3 && digits(&base.replace('.', ""));
    let v6 = base.matches(':').count() >= 2
        && base.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    // A time of day has colons too, but then nothing else of a block.
    let sure = text.contains('/') || text.parse::<std::net::IpAddr>().is_ok();
    (v4 || v6) && sure && digits(length)
}

#[cfg(test)]
mod tests;
