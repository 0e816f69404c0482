//! The same rows as CSV (RFC 4180) with `format=csv`.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and the details
//! of failures hold text of strangers: such a text gets a `'` before it.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};

use crate::web::cache_control::CacheControl;
use model::moment::Moment;

/// Headers for values that have no place in rows: the cursor of the next page, the moment of the
/// answer, and whether the record was asked for it.
pub(in crate::web) const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");
pub(in crate::web) const AS_OF: HeaderName = HeaderName::from_static("x-as-of");
pub(in crate::web) const FRESH: HeaderName = HeaderName::from_static("x-fresh");

/// Values beside the rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Beside<'a> {
    /// The cursor of the page after.
    pub(in crate::web) next: Option<&'a str>,
    /// As in the JSON.
    pub(in crate::web) as_of: Option<Moment>,
    /// As in the JSON.
    pub(in crate::web) fresh: bool,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) enum Cell {
    /// Words.
    Text(String),
    /// A number; nothing in it can be a formula.
    Number(f64),
    /// Unknown.
    Empty,
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(text: Option<T>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }
}

impl Cell {
    /// A number, if it is known.
    pub(in crate::web) fn number(number: Option<impl Into<f64>>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.into()))
    }

    /// Words.
    pub(in crate::web) fn text(text: &(impl ToString + ?Sized)) -> Self {
        Self::Text(text.to_string())
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Empty => {}
            Self::Number(number) => to.push_str(&number.to_string()),
            Self::Text(text) => {
                let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                let text = if formula { format!("'{text}") } else { text.clone() };
                if text.contains([',', '"', '\r', '\n']) {
                    to.push('"');
                    to.push_str(&text.replace('"', "\"\""));
                    to.push('"');
                } else {
                    to.push_str(&text);
                }
            }
        }
    }
}

/// Reads the value of `format`: true for CSV.
pub(in crate::web) fn read_format(text: &str) -> Result<bool, String> {
    match text {
        "json" => Ok(false),
        "csv" => Ok(true),
        _ => Err("must be json or csv".to_owned()),
    }
}

/// The rows under their names.
pub(in crate::web) fn answer(
    keep: CacheControl,
    names: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
    beside: Beside<'_>,
) -> Response {
    let mut text = names.join(",") + "\r\n";
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            cell.write(&mut text);
        }
        text.push_str("\r\n");
    }
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present");
    let mut response = (keep, [kind], text).into_response();
    let Beside { next, as_of, fresh } = beside;
    for (name, value) in [
        (NEXT_CURSOR, next.map(str::to_owned)),
        (AS_OF, as_of.map(|moment| moment.to_string())),
        (FRESH, Some(fresh.to_string())),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_is_one_cell() {
        for (text, want) in [
            ("plain", "plain"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x", "'-x"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\r\n", "\"say \"\"hi\"\"\r\n\""),
            ("+1,2", "\"'+1,2\""),
        ] {
            let mut cell = String::new();
            Cell::text(text).write(&mut cell);
            assert_eq!(cell, want);
        }
        let mut cell = String::new();
        Cell::number(Some(-1.5)).write(&mut cell);
        Cell::number(None::<f64>).write(&mut cell);
        assert_eq!(cell, "-1.5");
    }
}
