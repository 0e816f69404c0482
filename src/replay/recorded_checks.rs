//! Recorded checks through the judge alone: a wrong verdict seen in the field becomes a test.
//!
//! The checks are JSON lines as `stillup export` writes them, or each a `Check` as the API gives
//! it, with the slug of its site. A file in the order of arrival, regions mixed, is judged in its
//! own order, as it was then, where clocks of regions differ a little; any other in the order of
//! their moments (see [`arrived`]). Verdicts in an export are skipped: the judge makes them anew.
//! Nothing is probed and nothing is kept.

use std::{collections::HashMap, io::BufRead, sync::Arc, time::Duration};

use serde::{Deserialize, de::IgnoredAny};

use crate::config::ConfigProblem;
use model::{
    check::Check,
    failure_detail::FailureDetail,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, Outcome, Phases, Traces},
    restriction::Restriction,
    site::Site,
    verdict::{Status, Verdict},
};

/// Checks in memory at most.
const MAX_CHECKS: usize = 2_000_000;
/// Longest line, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// The clock of a region may be so far off.
const SKEW: Duration = Duration::from_mins(1);
/// Limits of a site that the catalogue does not know.
const LIMITS: Limits = Limits {
    fresh_for: Duration::from_secs(135),
    interval: Duration::from_mins(1),
    slow_after: None,
};

/// A change of verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    /// The moment of the check that settled it.
    pub at: Moment,
    /// The site.
    pub slug: Slug,
    /// The status before.
    pub was: Status,
    /// The verdict.
    pub verdict: Verdict,
}

/// Judges recorded checks in the order of arrival and reports each change; returns the number of
/// checks. `sites` gives the limits of known sites, `file` is the name for errors.
///
/// # Errors
/// Fails with the first line that is no check.
pub fn judge(
    recorded: impl BufRead,
    file: &str,
    sites: &[Arc<Site>],
    rules: &Rules,
    mut tell: impl FnMut(VerdictChange),
) -> Result<usize, ConfigProblem> {
    let mut checks = read(recorded, file)?;
    if !arrived(&checks) {
        checks.sort_by(|one, other| (one.at, &one.slug).cmp(&(other.at, &other.slug)));
    }
    let known: HashMap<&Slug, Limits> = sites.iter().map(|s| (&s.slug, Limits::of(s))).collect();
    let mut states: HashMap<Slug, SiteState> = HashMap::new();
    for check in &checks {
        let limits = known.get(&check.slug).unwrap_or(&LIMITS);
        let state = states.entry(check.slug.clone()).or_default();
        let mut was = state.verdict.status;
        let changes = state.check(check, limits, rules).changes;
        for change in changes.into_iter().filter(|change| !change.outages_only) {
            let verdict = change.verdict;
            let is = verdict.status;
            tell(VerdictChange { at: change.at, slug: check.slug.clone(), was, verdict });
            was = is;
        }
    }
    Ok(checks.len())
}

/// Returns whether checks are in the order of arrival: those of each site and region in the order
/// of their moments, and those of several regions never further apart than clocks may be.
fn arrived(checks: &[Check]) -> bool {
    let mut newest: HashMap<&Slug, (Moment, HashMap<&Region, Moment>)> = HashMap::new();
    checks.iter().all(|check| {
        let (of_site, of_regions) = newest.entry(&check.slug).or_default();
        let of_region = of_regions.entry(&check.region).or_default();
        let in_order = check.at >= *of_region && check.at + SKEW >= *of_site;
        *of_region = check.at;
        *of_site = check.at.max(*of_site);
        in_order
    })
}

fn read(mut recorded: impl BufRead, file: &str) -> Result<Vec<Check>, ConfigProblem> {
    let (mut checks, mut line) = (Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        let problem = |text: String| ConfigProblem::new(file, text).at(number);
        let mut bounded = std::io::Read::take(&mut recorded, MAX_LINE);
        let length = bounded.read_until(b'\n', &mut line);
        if length.map_err(|error| problem(format!("cannot be read: {error}")))? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if checks.len() == MAX_CHECKS {
            return Err(problem(format!(
                "there are more than {MAX_CHECKS} checks; split the file"
            )));
        }
        let not_whole = line.len() as u64 == MAX_LINE && !line.ends_with(b"\n");
        if not_whole {
            return Err(problem(format!("this line has more than {MAX_LINE} bytes")));
        }
        if is_change(&line) {
            continue;
        }
        let check = serde_json::from_slice::<RecordedLine>(&line).map_err(|e| e.to_string());
        let check = check.and_then(RecordedLine::check);
        checks.push(check.map_err(|why| problem(format!("this is no check: {why}")))?);
    }
    Ok(checks)
}

/// Returns whether a line of an export is a change of a verdict.
fn is_change(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct StatusChanged {
        #[serde(rename = "slug")]
        _slug: IgnoredAny,
        #[serde(rename = "change")]
        _change: IgnoredAny,
    }
    let key = b"\"change\"";
    line.windows(key.len()).any(|part| part == key)
        && serde_json::from_slice::<StatusChanged>(line).is_ok()
}

/// A line: a `Check` of the API, with its site, or a check of an export.
#[derive(Deserialize)]
struct RecordedLine {
    slug: String,
    at: String,
    region: Option<String>,
    outcome: String,
    #[serde(default)]
    restricted: bool,
    http_status: Option<u16>,
    latency_ms: Option<f64>,
    phases: Option<RecordedPhases>,
    #[serde(flatten)]
    flat: RecordedPhases,
    attempts: Option<u8>,
    detail: Option<String>,
    failure_detail: Option<FailureDetail>,
    restriction: Option<Restriction>,
}

#[derive(Deserialize)]
struct RecordedPhases {
    #[serde(rename = "dns_ms")]
    dns: Option<f64>,
    #[serde(rename = "connect_ms")]
    connect: Option<f64>,
    #[serde(rename = "tls_ms")]
    tls: Option<f64>,
    #[serde(rename = "wait_ms")]
    wait: Option<f64>,
    #[serde(rename = "transfer_ms")]
    transfer: Option<f64>,
}

impl RecordedLine {
    fn check(self) -> Result<Check, String> {
        let detail = self.detail.as_deref().unwrap_or_default();
        let answer = match &*self.outcome {
            "ok" if self.restricted => Answer::Restricted(
                self.restriction
                    .unwrap_or_else(|| Restriction::of_record(self.http_status, detail)),
            ),
            "ok" => Answer::Ok,
            word => {
                let failure = Failure::ALL.into_iter().find(|failure| failure.word() == word);
                let failure = failure.ok_or_else(|| format!("{word:?} is not an outcome"))?;
                Answer::Failed(match self.failure_detail {
                    Some(detail) => Cause::new(failure, detail),
                    None => Cause::of_record(failure, self.http_status, detail),
                })
            }
        };
        let phases = self.phases.as_ref().unwrap_or(&self.flat).phases();
        let whole = Phases { wait: self.latency_ms.map(micros), ..Phases::default() };
        Ok(Check {
            slug: Slug::new(&self.slug).map_err(|e| e.to_string())?,
            region: self
                .region
                .as_deref()
                .map_or(Ok(Region::default()), Region::new)
                .map_err(|e| e.to_string())?,
            at: Moment::parse(&self.at).map_err(|_| format!("{:?} is not a moment", self.at))?,
            outcome: Outcome {
                answer,
                http_status: self.http_status,
                phases: if phases.latency().is_some() { phases } else { whole },
                traces: Box::<Traces>::default(),
                observed: Box::default(),
            },
            attempts: self.attempts.unwrap_or(1),
        })
    }
}

impl RecordedPhases {
    fn phases(&self) -> Phases {
        let [dns, connect, tls, wait, transfer] =
            [self.dns, self.connect, self.tls, self.wait, self.transfer]
                .map(|part| part.map(micros));
        Phases { dns, connect, tls, wait, transfer }
    }
}

/// Milliseconds as microseconds; nonsense is cut to what fits.
fn micros(millis: f64) -> u32 {
    (millis * 1_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use model::note::NoteKind;

    fn line(minute: u32, outcome: &str) -> String {
        format!(
            "{{\"slug\":\"a.example\",\"at\":\"2026-01-01T10:{minute:02}:00.000Z\",\
             \"region\":\"local\",\"outcome\":\"{outcome}\",\"restricted\":false,\
             \"http_status\":null,\"latency_ms\":80.5,\"attempts\":1,\"detail\":null}}\n"
        )
    }

    fn told(text: &str) -> Result<Vec<(i64, Status, Status)>, String> {
        let mut told = Vec::new();
        let tell = |change: VerdictChange| {
            let minute = change.at.millis() / 60_000 % 60;
            told.push((minute, change.was, change.verdict.status));
        };
        judge(text.as_bytes(), "c.jsonl", &[], &Rules::default(), tell)
            .map_err(|problem| problem.to_string())?;
        Ok(told)
    }

    #[test]
    fn recorded_checks_give_the_verdicts_that_they_gave_in_life_in_any_order() {
        use Status::{Down, Unknown, Up};
        let mut lines: Vec<String> = (0..5).map(|minute| line(minute, "ok")).collect();
        lines.extend((5..10).map(|minute| line(minute, "dns")));
        lines.extend((10..15).map(|minute| line(minute, "ok")));
        let mut changes = told(&lines.concat()).unwrap();
        lines.reverse();
        assert_eq!(told(&lines.concat()).unwrap(), changes);
        let steps: Vec<_> = changes.drain(..).map(|(_, was, is)| (was, is)).collect();
        assert_eq!(steps, [(Unknown, Up), (Up, Down), (Down, Up)]);
    }

    #[test]
    fn a_file_in_the_order_of_arrival_is_judged_in_it_and_any_other_by_its_moments() {
        let check = |region: &str, second: i64| Check {
            slug: Slug::new("a.example").unwrap(),
            region: Region::new(region).unwrap(),
            at: Moment::from_millis(1_700_000_000_000 + second * 1_000),
            outcome: Outcome::failed(Failure::Dns, ""),
            attempts: 1,
        };
        for (of, want) in [
            (vec![("ams", 0), ("syd", 3), ("ams", 60), ("syd", 63)], true),
            // The clock of one region is behind: its check came later all the same.
            (vec![("ams", 0), ("syd", -3), ("ams", 60), ("syd", 57)], true),
            (vec![("ams", 60), ("ams", 0)], false),
            // Region after region.
            (vec![("ams", 0), ("ams", 60), ("ams", 120), ("syd", 3), ("syd", 63)], false),
        ] {
            let checks: Vec<_> = of.iter().map(|(region, at)| check(region, *at)).collect();
            assert_eq!(arrived(&checks), want, "{of:?}");
        }
    }

    #[test]
    fn an_export_is_read_with_its_phases_and_what_it_says_of_verdicts_is_passed_over() {
        let check = |minute: u32, wait: u32| {
            format!(
                "{{\"slug\":\"a.example\",\"region\":\"local\",\"at\":\"2026-01-01T10:{minute:02}:00.000Z\",\
                 \"outcome\":\"ok\",\"restricted\":false,\"http_status\":200,\"dns_ms\":null,\
                 \"connect_ms\":20.5,\"tls_ms\":null,\"wait_ms\":{wait}.25,\"transfer_ms\":null,\
                 \"attempts\":1,\"detail\":null}}\n"
            )
        };
        let change = "{\"slug\":\"a.example\",\"change\":{\"at\":\"2026-01-01T10:00:00.000Z\"}}\n";
        let mut lines: Vec<String> = (0..20).map(|minute| check(minute, 80)).collect();
        lines.push(change.to_owned());
        lines.extend((20..30).map(|minute| check(minute, 4_000)));
        let steps: Vec<_> = told(&lines.concat()).unwrap();
        let steps: Vec<_> = steps.into_iter().map(|(_, was, is)| (was, is)).collect();
        assert_eq!(steps, [(Status::Unknown, Status::Up), (Status::Up, Status::Slow)]);
    }

    #[test]
    fn looks_that_passed_only_at_a_second_try_make_the_note_that_they_made_in_life() {
        let tried = |minute| line(minute, "ok").replace("\"attempts\":1", "\"attempts\":2");
        let lines: Vec<String> = (0..5).map(|n| line(n, "ok")).chain((5..30).map(tried)).collect();
        let mut notes = Vec::new();
        let tell = |change: VerdictChange| notes.push(change.verdict.notes);
        judge(lines.concat().as_bytes(), "c.jsonl", &[], &Rules::default(), tell).unwrap();
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[1][0].kind, NoteKind::Intermittent);
    }

    #[test]
    fn a_line_that_is_no_check_is_told() {
        let text = line(0, "ok") + "\n" + &line(1, "explode");
        let want = "c.jsonl:3: this is no check: \"explode\" is not an outcome";
        assert_eq!(told(&text), Err(want.to_owned()));
        let long = line(0, "ok") + &"x".repeat(2 << 20);
        assert_eq!(told(&long), Err("c.jsonl:2: this line has more than 1048576 bytes".to_owned()));
        assert!(told("{}\n").unwrap_err().starts_with("c.jsonl:1: this is no check: missing"));
    }

    proptest! {
        #[test]
        fn no_recording_breaks_its_reader(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            at in 0_usize..200,
            byte: u8,
        ) {
            let mut spoilt = line(1, "ok").into_bytes();
            let at = at % spoilt.len();
            spoilt[at] = byte;
            let _ = (read(bytes.as_slice(), "f"), read(spoilt.as_slice(), "f"));
        }
    }
}
