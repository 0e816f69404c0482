//! Checks turned into columns, as one `INSERT` takes a whole batch, and back into the model's words.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::model::{
    check::Check,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure},
};

/// The columns of a batch of checks, one entry a check.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) at: Vec<OffsetDateTime>,
    pub(super) site: Vec<i32>,
    pub(super) region: Vec<i16>,
    pub(super) http_status: Vec<i16>,
    pub(super) outcome: Vec<i8>,
    pub(super) phases: Vec<Vec<u8>>,
    /// None where one was enough.
    pub(super) attempts: Vec<Option<i16>>,
    /// None where there is nothing to say.
    pub(super) detail: Vec<Option<String>>,
}

impl Columns {
    /// The columns of these checks; every site and region has its number.
    pub(super) fn of(
        checks: &[Check],
        sites: &HashMap<Slug, i32>,
        regions: &HashMap<Region, i16>,
    ) -> Self {
        let mut columns = Self::default();
        for check in checks {
            if let (Some(&site), Some(&region)) =
                (sites.get(&check.slug), regions.get(&check.region))
            {
                columns.push(check, site, region);
            }
        }
        columns
    }

    fn push(&mut self, check: &Check, site: i32, region: i16) {
        let outcome = &check.outcome;
        self.at.push(check.at.to_datetime());
        self.site.push(site);
        self.region.push(region);
        let status = outcome.http_status.map_or(0, |s| i16::try_from(s).unwrap_or(i16::MAX));
        self.http_status.push(status);
        let (letter, detail) = match &outcome.answer {
            Answer::Ok => (ANSWERED, String::new()),
            Answer::Restricted(note) => (RESTRICTED, text(note)),
            Answer::Failed(cause) => (letter(cause.failure), text(&cause.detail)),
        };
        self.outcome.push(letter.cast_signed());
        self.phases.push(outcome.phases.pack());
        self.attempts.push(Some(check.attempts.into()).filter(|attempts| *attempts != 1));
        self.detail.push(Some(detail).filter(|detail| !detail.is_empty()));
    }
}

/// The letters of an outcome that is no failure.
const ANSWERED: u8 = b'a';
const RESTRICTED: u8 = b'r';

/// The letter of a failure. Who reads the record with SQL knows them from the comment of the column.
fn letter(failure: Failure) -> u8 {
    match failure {
        Failure::Dns => b'D',
        Failure::Connect => b'C',
        Failure::Tls => b'S',
        Failure::Timeout => b'T',
        Failure::Reset => b'E',
        Failure::Protocol => b'P',
        Failure::Redirect => b'L',
        Failure::Http => b'H',
        Failure::Body => b'B',
    }
}

/// An answer as it was kept; `None` when this version does not know the letter.
pub(super) fn answer(outcome: i8, detail: String) -> Option<Answer> {
    match outcome.cast_unsigned() {
        ANSWERED => Some(Answer::Ok),
        RESTRICTED => Some(Answer::Restricted(detail.into())),
        other => {
            let failure = Failure::ALL.into_iter().find(|failure| letter(*failure) == other)?;
            Some(Answer::Failed(Cause { failure, detail: detail.into() }))
        }
    }
}

/// A failure's number, as Postgres keeps it.
pub(super) fn number(failure: Failure) -> i16 {
    i16::from(failure as u8)
}

/// Text that Postgres takes, whatever it came from: no NUL, on one line, not too long.
pub(super) fn text(raw: &str) -> String {
    Cause::new(Failure::Body, raw).detail.into()
}

/// A cause as it was kept.
pub(super) fn cause(failure: Option<i16>, detail: Option<String>) -> Option<Cause> {
    let failure = Failure::from_number(u8::try_from(failure?).ok()?)?;
    Some(Cause { failure, detail: detail.unwrap_or_default().into() })
}

/// JSON that Postgres takes: `jsonb` has no room for NUL in text.
pub(super) fn json(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(s) if s.contains('\0') => Value::String(s.replace('\0', " ")),
        Value::Array(items) => Value::Array(items.into_iter().map(json).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, field)| (key, json(field))).collect())
        }
        plain => plain,
    }
}

/// The same of JSON that is written already, which mostly is fine as it is.
pub(super) fn json_text(text: String) -> String {
    if !text.contains(r"\u0000") {
        return text;
    }
    // It may be no NUL but a backslash and digits.
    serde_json::from_str(&text).map_or(text, |value| json(value).to_string())
}
