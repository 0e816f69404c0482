//! A check as one line of JSON or CSV; a verdict change as one line of JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::i18n::Lang;
use model::{
    check::Check,
    failure_detail::FailureDetail,
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    restriction::Restriction,
    verdict::Change,
};

/// No check is older: 2000-01-01T00:00:00Z.
const EARLIEST: Moment = Moment::from_millis(946_684_800_000);
/// Largest lead of another machine's clock over ours.
const MAX_AHEAD: Duration = Duration::from_hours(1);

/// Format of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object a line: checks and verdict changes.
    Jsonl,
    /// Comma-separated values with a line of names first: checks only, for spreadsheets; it is not read
    /// back.
    Csv,
}

/// A check, flat. Times are in milliseconds with three decimals at most, so nothing is lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckLine {
    slug: Slug,
    region: Region,
    at: Moment,
    outcome: String,
    restricted: bool,
    http_status: Option<u16>,
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    wait_ms: Option<f64>,
    transfer_ms: Option<f64>,
    attempts: u8,
    /// In words for people; the fields below hold the same for a later import.
    detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure_detail: Option<FailureDetail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restriction: Option<Restriction>,
}

/// A verdict change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeLine {
    pub(super) slug: Slug,
    pub(super) change: Change,
}

/// A line of JSON.
#[derive(Debug)]
pub(super) enum ArchiveLine {
    Check(Check),
    Change(ChangeLine),
}

impl From<Check> for CheckLine {
    fn from(check: Check) -> Self {
        let millis = |part: Option<u32>| part.map(|micros| f64::from(micros) / 1e3);
        let Outcome { answer, http_status, phases, .. } = check.outcome;
        let restricted = matches!(answer, Answer::Restricted(_));
        let (outcome, detail) = match &answer {
            Answer::Ok => ("ok", None),
            Answer::Restricted(how) => ("ok", Some(Lang::En.restriction(how))),
            Answer::Failed(cause) => (cause.failure.word(), Some(Lang::En.detail(&cause.detail))),
        };
        let (failure_detail, restriction) = match answer {
            Answer::Ok => (None, None),
            Answer::Restricted(how) => (None, Some(how)),
            Answer::Failed(cause) => (Some(cause.detail), None),
        };
        Self {
            slug: check.slug,
            region: check.region,
            at: check.at,
            outcome: outcome.to_owned(),
            restricted,
            http_status,
            dns_ms: millis(phases.dns),
            connect_ms: millis(phases.connect),
            tls_ms: millis(phases.tls),
            wait_ms: millis(phases.wait),
            transfer_ms: millis(phases.transfer),
            attempts: check.attempts,
            detail,
            failure_detail,
            restriction,
        }
    }
}

impl CheckLine {
    /// The line without details that its own fields repeat.
    pub(super) fn flat(self) -> Self {
        Self { failure_detail: None, restriction: None, ..self }
    }

    /// The check of this line.
    pub(super) fn check(self) -> Result<Check, String> {
        let micros = |name: &str, part: Option<f64>| match part {
            None => Ok(None),
            Some(millis) if (0.0..=4_294_967.295).contains(&millis) => {
                Ok(Some((millis * 1e3).round() as u32))
            }
            Some(millis) => Err(format!("{name}: {millis} is not a time in milliseconds")),
        };
        let detail = self.detail.unwrap_or_default();
        let failure = Failure::ALL.into_iter().find(|failure| failure.word() == self.outcome);
        let answer = match failure {
            None if self.outcome != "ok" => {
                return Err(format!("outcome: {:?} is not an outcome", self.outcome));
            }
            None if self.restricted => Answer::Restricted(
                self.restriction
                    .unwrap_or_else(|| Restriction::of_record(self.http_status, &detail)),
            ),
            None => Answer::Ok,
            Some(failure) => Answer::Failed(match self.failure_detail {
                Some(detail) => Cause::new(failure, detail),
                None => Cause::of_record(failure, self.http_status, &detail),
            }),
        };
        let phases = Phases {
            dns: micros("dns_ms", self.dns_ms)?,
            connect: micros("connect_ms", self.connect_ms)?,
            tls: micros("tls_ms", self.tls_ms)?,
            wait: micros("wait_ms", self.wait_ms)?,
            transfer: micros("transfer_ms", self.transfer_ms)?,
        };
        let (slug, region, at, attempts) = (self.slug, self.region, self.at, self.attempts);
        let http_status = self.http_status;
        let outcome = Outcome {
            answer,
            http_status,
            phases,
            traces: Box::default(),
            observed: Box::default(),
        };
        Ok(Check { slug, region, at, outcome, attempts })
    }
}

impl ArchiveLine {
    /// Reads a line of JSON.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        // A key that only one kind has tells the two apart, so that errors are about the right one.
        let key: &[u8] = b"\"change\"";
        let is_key = |(place, part): (usize, &[u8])| {
            part == key && text[place + key.len()..].trim_ascii_start().starts_with(b":")
        };
        if text.windows(key.len()).enumerate().any(is_key) {
            return serde_json::from_slice(text).map(Self::Change).map_err(|e| e.to_string());
        }
        let line: CheckLine = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        line.check().map(Self::Check)
    }

    /// Refuses impossible moments: a day that cannot have been observed would be kept for ever, or
    /// be summed from for centuries.
    pub(super) fn in_time(self, now: Moment) -> Result<Self, String> {
        let moments = match &self {
            Self::Check(check) => [("at", check.at); 2],
            Self::Change(ChangeLine { change, .. }) => [("at", change.at), ("from", change.from)],
        };
        for (name, moment) in moments {
            if moment < EARLIEST || moment > now + MAX_AHEAD {
                return Err(format!("{name}: {moment} is not between {EARLIEST} and now"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_comes_back_as_it_was_and_says_what_is_wrong_with_it() {
        let answers = [
            Answer::Ok,
            Answer::Restricted(Restriction::of_status(403)),
            Answer::Restricted(Restriction::of_record(None, "a wall, \"no\"")),
            Answer::Failed(Cause::new(Failure::Tls, "a \"change\", b")),
            Answer::Failed(Cause::new(Failure::Tls, FailureDetail::TlsAlert { alert: 40 })),
        ];
        for answer in answers {
            let mut outcome = Outcome::failed(Failure::Dns, "");
            outcome.answer = answer;
            outcome.http_status = Some(403);
            outcome.phases = Phases { dns: Some(1), wait: Some(84_123_457), ..Phases::default() };
            let check = Check {
                slug: Slug::new("a.example").unwrap(),
                region: Region::default(),
                at: Moment::from_millis(7),
                outcome,
                attempts: 2,
            };
            let json = serde_json::to_vec(&CheckLine::from(check.clone())).unwrap();
            let ArchiveLine::Check(read) = ArchiveLine::read(&json).unwrap() else {
                panic!("not a check")
            };
            assert_eq!(read, check);
            let wrong = String::from_utf8(json).unwrap().replace("84123.457", "-1");
            assert!(ArchiveLine::read(wrong.as_bytes()).unwrap_err().starts_with("wait_ms: -1"));
        }
    }

    proptest! {
        #[test]
        fn no_line_breaks_the_reader_of_imports(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            like in "[{}\":,a-z0-9_ .-]{0,80}",
            at in 0_usize..250,
            byte: u8,
        ) {
            let check = Check {
                slug: Slug::new("a.example").unwrap(),
                region: Region::default(),
                at: Moment::from_millis(7),
                outcome: Outcome::failed(Failure::Dns, "no"),
                attempts: 2,
            };
            let mut spoilt = serde_json::to_vec(&CheckLine::from(check)).unwrap();
            let at = at % spoilt.len();
            spoilt[at] = byte;
            for line in [&bytes, like.as_bytes(), &spoilt] {
                let _ = ArchiveLine::read(line).and_then(|line| line.in_time(Moment::from_millis(8)));
            }
        }
    }
}
