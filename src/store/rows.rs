//! Checks turned into columns, as one `INSERT` takes a whole batch, and columns back into the model's words.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use time::OffsetDateTime;

use model::{
    check::Check,
    name::{Region, Slug},
    note::Note,
    outcome::{Answer, Cause, Failure, Phases},
    verdict::Status,
};

/// The numbers of outcomes, as the table `outcomes` has them.
pub(super) const OK: i16 = 1;
pub(super) const RESTRICTED: i16 = 2;
pub(super) const FAILED: i16 = 3;

/// Characters of a text that is kept.
const MAX_CHARS: usize = 200;

/// The columns of a batch of checks, one entry a check.
#[derive(Debug, Default)]
pub(super) struct CheckColumns {
    pub(super) at: Vec<OffsetDateTime>,
    pub(super) site: Vec<i32>,
    pub(super) region: Vec<i16>,
    pub(super) outcome: Vec<i16>,
    pub(super) failure: Vec<Option<i16>>,
    pub(super) http_status: Vec<Option<i16>>,
    /// Microseconds of each phase, in their order in time.
    pub(super) phases: [Vec<Option<i32>>; 5],
    pub(super) attempts: Vec<i16>,
    pub(super) detail: Vec<Option<Value>>,
}

impl CheckColumns {
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
        let (number, failure, detail) = match &outcome.answer {
            Answer::Ok => (OK, None, None),
            Answer::Restricted(note) => (RESTRICTED, None, detail(note)),
            Answer::Failed(cause) => {
                (FAILED, Some(failure_number(cause.failure)), detail(&cause.detail))
            }
        };
        self.outcome.push(number);
        self.failure.push(failure);
        self.detail.push(detail);
        let status = outcome.http_status.map(|s| i16::try_from(s).unwrap_or(i16::MAX));
        self.http_status.push(status);
        for (column, micros) in self.phases.iter_mut().zip(outcome.phases.parts()) {
            column.push(micros.map(|micros| i32::try_from(micros).unwrap_or(i32::MAX)));
        }
        self.attempts.push(check.attempts.into());
    }
}

/// Answer from its columns; `None` when this version does not know its numbers.
pub(super) fn answer(outcome: i16, failure: Option<i16>, detail: Option<Value>) -> Option<Answer> {
    match outcome {
        OK => Some(Answer::Ok),
        RESTRICTED => Some(Answer::Restricted(read_detail(detail))),
        FAILED => cause(failure, detail).map(Answer::Failed),
        _ => None,
    }
}

/// The phases of these columns.
pub(super) fn phases(columns: [Option<i32>; 5]) -> Phases {
    let [dns, connect, tls, wait, transfer] =
        columns.map(|micros| micros.and_then(|micros| u32::try_from(micros).ok()));
    Phases { dns, connect, tls, wait, transfer }
}

/// A failure's number, as the table `failures` has it.
pub(super) fn failure_number(failure: Failure) -> i16 {
    i16::from(failure as u8)
}

/// Text that Postgres accepts, wherever it came from: no NUL, on one line, not too long.
pub(super) fn text(raw: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    raw.chars().map(clean).take(MAX_CHARS).collect()
}

/// JSON of a detail for Postgres, with every text in it made acceptable. `None` when it is empty.
pub(super) fn detail(detail: &(impl Serialize + ?Sized)) -> Option<Value> {
    // Details of the model always have their JSON.
    let value = serde_json::to_value(detail).ok()?;
    Some(each_text(value, &text)).filter(|value| value["kind"] != "unspecified")
}

/// Detail from its JSON; empty where this version cannot read it.
pub(super) fn read_detail<T: DeserializeOwned + Default>(kept: Option<Value>) -> T {
    kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

/// The status with this number.
pub(super) fn status(number: i16) -> Option<Status> {
    Status::from_number(u8::try_from(number).ok()?)
}

/// Cause from its columns.
pub(super) fn cause(failure: Option<i16>, detail: Option<Value>) -> Option<Cause> {
    let failure = Failure::from_number(u8::try_from(failure?).ok()?)?;
    Some(Cause { failure, detail: read_detail(detail) })
}

/// A cause as columns.
pub(super) fn cause_columns(cause: Option<&Cause>) -> (Option<i16>, Option<Value>) {
    let failure = cause.map(|cause| failure_number(cause.failure));
    (failure, cause.and_then(|cause| detail(&cause.detail)))
}

/// JSON that Postgres accepts: `jsonb` has no room for NUL in text.
pub(super) fn json(value: Value) -> Value {
    each_text(value, &|text| text.replace('\0', " "))
}

/// The value with each text in it, keys excepted, put through this.
fn each_text(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| each_text(item, change)).collect())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, field)| (key, each_text(field, change)));
            Value::Object(fields.collect())
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

/// The notes that this version knows, of those recorded.
pub(super) fn notes(written: serde_json::Value) -> Vec<Note> {
    let all = if let serde_json::Value::Array(all) = written { all } else { Vec::new() };
    all.into_iter().filter_map(|note| serde_json::from_value(note).ok()).collect()
}
