//! Cursors: the beginning of the next page, in a form that clients are not tempted to write
//! themselves.
//!
//! A cursor names the last row of the page, so that rows that come in meanwhile move nothing. Each
//! has a pattern, which the description of the API shows; anything else is refused with an
//! explanation.

use crate::store::CheckCursor;
use model::{
    moment::Moment,
    name::{Region, Slug},
    verdict::Status,
};

/// The pattern of a name, or of none: two hexadecimal digits for each letter of a slug or a region.
pub(in crate::web) const NAME: &str = "^(2[de]|3[0-9a]|5[bdf]|6[1-9a-f]|7[0-9a]){0,253}$";
/// The pattern of the place of an outage, or of none.
pub(in crate::web) const OUTAGE: &str = r"^([0-9]{1,15}-[1-5]-(3[0-9]|6[1-9a-f]|7[0-9a])(2[de]|3[0-9a]|5[bdf]|6[1-9a-f]|7[0-9a]){0,252})?$";
/// The pattern of the place of a check, or of none.
pub(in crate::web) const CHECK: &str = r"^([0-9]{1,15}-(2d|3[0-9]|6[1-9a-f]|7[0-9a]){1,63})?$";

/// The pattern of a moment, or of none.
pub(in crate::web) const MOMENT: &str = "^([0-9]{1,15})?$";

/// Message for an invalid cursor.
pub(super) fn refusal() -> String {
    "must be a next_cursor of an earlier answer".to_owned()
}

/// The text of a name.
pub(super) fn write_name(name: &str) -> String {
    name.bytes().fold(String::with_capacity(name.len() * 2), |mut text, byte| {
        let digit = |value| char::from_digit(u32::from(value), 16).unwrap_or('0');
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}

/// The name in a text, if it has only the letters of slugs and regions.
pub(super) fn read_name(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > 2 * 253 || text.contains(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let digits = str::from_utf8(pair).ok().filter(|d| d.len() == 2 && !d.contains('+'))?;
        u8::from_str_radix(digits, 16).ok()
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    let name = String::from_utf8(bytes?).ok()?;
    let fits = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-' | '_' | ':' | '[' | ']');
    name.chars().all(fits).then_some(name)
}

/// A moment and a name: the place of a check or an outage.
pub(super) fn write_place(at: Moment, name: &str) -> String {
    format!("{}-{}", at.millis(), write_name(name))
}

/// The place of a check.
pub(super) fn read_check(text: &str) -> Result<CheckCursor, String> {
    let place =
        |(at, name): (_, String)| Some(CheckCursor { at, region: Region::new(&name).ok()? });
    let read = read_place(text).and_then(place);
    read.ok_or_else(refusal)
}

/// The place of an outage.
pub(in crate::web) fn write_outage(start: Moment, slug: &Slug, status: Status) -> String {
    format!("{}-{}-{}", start.millis(), status as u8, write_name(slug.as_str()))
}

/// The place of an outage.
pub(in crate::web) fn read_outage(text: &str) -> Result<(Moment, Slug, Status), String> {
    let read = || {
        let (start, rest) = text.split_once('-')?;
        let (status, name) = rest.split_once('-')?;
        let (at, name) = read_place(&format!("{start}-{name}"))?;
        let digit = status.len() == 1;
        let status = status.parse().ok().filter(|_| digit).and_then(Status::from_number)?;
        Some((at, Slug::new(&name).ok()?, status))
    };
    read().ok_or_else(refusal)
}

/// The moment after which a page begins.
pub(super) fn read_moment(text: &str) -> Result<Moment, String> {
    let digits = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let at = text.parse().ok().filter(|_| digits).ok_or_else(refusal)?;
    Ok(Moment::from_millis(at))
}

fn read_place(text: &str) -> Option<(Moment, String)> {
    let (at, name) = text.split_once('-')?;
    Some((read_moment(at).ok()?, read_name(name)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cursors_read_back_and_nonsense_does_not() {
        assert_eq!(read_name(&write_name("slack.com:8443")).as_deref(), Some("slack.com:8443"));
        for bad in ["", "7", "+1", "zz", "ff", "é", "00", "41", "6A", &"61".repeat(254)] {
            assert_eq!(read_name(bad), None, "{bad}");
        }
        let at = Moment::from_millis(1_488_290_995_007);
        let place = CheckCursor { at, region: Region::new("eu-1").unwrap() };
        assert_eq!(read_check(&write_place(at, "eu-1")), Ok(place));
        let place = (at, Slug::new("a.example").unwrap(), Status::Down);
        assert_eq!(read_outage(&write_outage(place.0, &place.1, place.2)), Ok(place));
        for bad in ["", "1-61", "1-4-", "-4-61", "1--61", "+1-4-61", "1-4-6", "1-4-5f", "1-6-61"] {
            assert!(read_outage(bad).is_err(), "{bad}");
        }
        for long in ["9".repeat(16) + "-61", "1-".to_owned() + &"61".repeat(64)] {
            assert!(read_check(&long).is_err(), "{long}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_readers_of_cursors(text in "\\PC{0,20}|[0-9-]{0,20}-?[0-9a-f]{0,20}") {
            let _ = (read_name(&text), read_check(&text), read_outage(&text), read_moment(&text));
        }

        #[test]
        fn every_cursor_reads_back(millis in 0_i64..4_000_000_000_000, name in "[a-z0-9][a-z0-9.-]{0,40}") {
            let at = Moment::from_millis(millis);
            let place = read_place(&write_place(at, &name));
            prop_assert_eq!(place, Some((at, name)));
        }
    }
}
