//! Moments as HTTP writes them (RFC 9110, 5.6.7).

use http::HeaderValue;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use crate::model::moment::Moment;

/// Writes a moment, to its second.
pub(super) fn write(at: Moment) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at.to_timestamp()).unwrap_or_default()
}

/// Reads one; `None` for what is none.
pub(super) fn of(value: &HeaderValue) -> Option<Moment> {
    DateTimeParser::new().parse_timestamp(value.to_str().ok()?.trim()).ok().map(Moment::from)
}
