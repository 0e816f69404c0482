//! Moments as HTTP writes them (RFC 9110, 5.6.7).

use http::HeaderValue;
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::model::moment::Moment;

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Writes a moment, to its second.
pub(super) fn write(at: Moment) -> String {
    at.to_datetime().format(FORMAT).unwrap_or_default()
}

/// Reads one; `None` for what is none.
pub(super) fn of(value: &HeaderValue) -> Option<Moment> {
    let read = PrimitiveDateTime::parse(value.to_str().ok()?.trim(), FORMAT).ok()?;
    Some(read.assume_utc().into())
}
