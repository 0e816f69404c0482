//! `[[planned]]`: planned work, from `planned.toml` and from programs. Pure.
//!
//! A local time needs its zone; an instant (RFC 3339) has one already. A file is whole or it is not there.

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use toml::Value;

use super::{
    notice_keys::{At, Id, Prose, Title, scope},
    problem::ConfigProblem,
    table::{self, Table},
    value::{DAY, MINUTE, Millis, Text, shown, text, values},
};
use model::{
    moment::Moment,
    notice::{MAX_TEXT, MAX_TITLE},
    planned::{BadTimes, PlannedWork, Recurrence, WorkTimes, time_zone},
};

/// Planned work in one file at most.
pub const MAX_WORKS: usize = 2_000;
/// Days that a rule leaves out at most.
const MAX_EXCEPT: usize = 400;
const MONTH: u64 = 30 * DAY;

/// A beginning as it is written.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum Starts {
    Local(DateTime),
    Instant(Moment),
}

values! {
    /// The first beginning.
    First(Starts) = starts;
    /// The name of a time zone.
    ZoneName(TimeZone) = zone;
    /// A rule of recurrence.
    RecurrenceRule(Recurrence) = |value| Recurrence::parse(&text(value)?);
    /// A day.
    Day(Date) = day;
}

/// Reads planned work from the text of a file.
///
/// # Errors
/// Fails with every problem of the text, in the order of its lines.
pub fn planned(text: &str, file: &str) -> Result<Vec<PlannedWork>, Vec<ConfigProblem>> {
    table::parse_whole(file, text, |top| {
        let mut ids: Vec<Box<str>> = Vec::new();
        top.sections("planned", MAX_WORKS, |table, number| {
            let work = read(table, number)?;
            if ids.contains(&work.id) {
                table.wrong("id", "is taken by another [[planned]]; give each its own");
            }
            ids.push(work.id.clone());
            Some(work)
        })
    })
}

fn read(table: &mut Table<'_, '_>, number: usize) -> Option<PlannedWork> {
    table.set_subject_from("planned", number, "id");
    table.require("id", "is missing; write such as id = \"database-upgrade\"");
    table.require("starts", "is missing; write such as starts = \"2026-12-06 02:00\"");
    table.require("lasts", "is missing; write such as lasts = \"2h\"");
    let id = table.get::<Id>("id").map(String::from);
    let name = table.get::<Title<MAX_TITLE>>("name").map(String::from);
    let prose = table.get::<Prose<MAX_TEXT>>("text").map(String::from);
    let scope = scope(table);
    let times = times(table);
    let announced_at = table.get::<At>("announced_at").map(Into::into);
    let cancelled_at = table.get::<At>("cancelled_at").map(Into::into);
    let by = table.get::<Text>("by").map(String::from);
    Some(PlannedWork {
        id: id?.into(),
        name: name.unwrap_or_default().into(),
        text: prose.unwrap_or_default().into(),
        scope,
        times: times?,
        announced_at,
        cancelled_at,
        by: by.unwrap_or_default().into(),
    })
}

fn times(table: &mut Table<'_, '_>) -> Option<WorkTimes> {
    let starts = table.get::<First>("starts").map(|First(starts)| starts);
    let lasts: Option<Millis<MINUTE, MONTH>> = table.get("lasts");
    let zone = table.get::<ZoneName>("time_zone").map(TimeZone::from);
    let rule = table.get::<RecurrenceRule>("rrule").map(Recurrence::from);
    let except: Vec<Day> = table.get("except").unwrap_or_default();
    if except.len() > MAX_EXCEPT {
        table.wrong("except", format!("names more than {MAX_EXCEPT} days"));
    }
    if table.has("except") && !table.has("rrule") {
        table.wrong("except", "means nothing without rrule");
    }
    let starts = starts?;
    let needs_zone = table.has("rrule") || matches!(starts, Starts::Local(_));
    if needs_zone && !table.has("time_zone") {
        let text = "needs time_zone = \"Europe/Amsterdam\" or another: a time of the clock without its \
                    place is no moment";
        table.wrong("starts", text);
        return None;
    }
    // A wrong zone or rule has been reported.
    if zone.is_none() && table.has("time_zone") || rule.is_none() && table.has("rrule") {
        return None;
    }
    let zone = zone.unwrap_or(TimeZone::UTC);
    let local = match starts {
        Starts::Local(local) => local,
        Starts::Instant(at) => {
            let local = at.to_timestamp().to_zoned_datetime(zone.clone()).datetime();
            let read = zone.to_ambiguous_timestamp(local).compatible().ok().map(Moment::from);
            if read != Some(at) {
                let text = "is the second of two times that the clocks of time_zone show alike, and the first would \
                            count; leave time_zone out, or begin at another time";
                table.wrong("starts", text);
            }
            local
        }
    };
    let except = except.into_iter().map(|Day(day)| day).collect();
    match WorkTimes::new(local, zone, lasts?.get(), rule, except) {
        Ok(times) => Some(times),
        Err(BadTimes::Never) => {
            table.wrong("rrule", "leaves no day on which the work begins");
            None
        }
        Err(BadTimes::Overlapping) => {
            table.wrong("lasts", "is longer than the time from one beginning to the next");
            None
        }
    }
}

fn starts(value: &Value) -> Result<Starts, String> {
    let text = match value {
        Value::Datetime(at) => at.to_string(),
        other => text(other)?,
    };
    let text = text.trim();
    // RFC 3339, with its offset.
    if let Ok(at) = Moment::parse(text) {
        return Ok(Starts::Instant(at));
    }
    let has_minutes = text.len() >= 16 && text.as_bytes().get(13) == Some(&b':');
    let local = text.parse::<DateTime>().ok().filter(|_| has_minutes && text.is_ascii());
    local.map(Starts::Local).ok_or_else(|| {
        format!(
            "{} is not a time; write such as \"2026-12-06 02:00\" with time_zone, or \
             \"2026-12-06T01:00:00Z\"",
            shown(value)
        )
    })
}

fn zone(value: &Value) -> Result<TimeZone, String> {
    let found = value.as_str().and_then(time_zone);
    found.ok_or_else(|| {
        format!("{} is not a time zone; write such as \"Europe/Amsterdam\"", shown(value))
    })
}

fn day(value: &Value) -> Result<Date, String> {
    let text = match value {
        Value::Datetime(at) => at.to_string(),
        other => text(other)?,
    };
    text.parse::<Date>()
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| format!("{} is not a day; write such as \"2026-12-27\"", shown(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_planned_work_is_told_by_line_and_key_and_nothing_of_it_is_taken() {
        let head = "[[planned]]\nid = \"a\"\n";
        for (text, want) in [
            ("starts = \"25:99\"\nlasts = \"1h\"", "starts: \"25:99\" is not a time"),
            ("starts = \"2026-03-29 02:30\"\nlasts = \"1h\"", "starts: needs time_zone"),
            (
                "starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1h\"\nrrule = \"FREQ=DAILY\"",
                "starts: needs time_zone",
            ),
            (
                "starts = \"2026-03-29 02:30\"\ntime_zone = \"Mars\"\nlasts = \"1h\"",
                "time_zone: \"Mars\" is not a time zone",
            ),
            ("starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1s\"", "lasts: \"1s\" is too short"),
            ("starts = \"2026-03-29T02:30:00Z\"\nlasts = \"31d\"", "lasts: \"31d\" is too long"),
            (
                "starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1h\"\nsites = []",
                "sites: is an empty list",
            ),
            (
                "starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1h\"\nsite = \"a\"",
                "site: is not a key",
            ),
            (
                "starts = \"2026-03-29 02:30\"\ntime_zone = \"UTC\"\nlasts = \"1h\"\nrrule = \"FREQ=YEARLY\"",
                "rrule: FREQ=YEARLY is not known",
            ),
            (
                "starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1h\"\nname = \"a\\u202eb\"",
                "name: has a character that hides or reorders others (U+202E)",
            ),
            ("lasts = \"1h\"", "starts: is missing"),
            // 02:30 comes twice that night; this is the second one.
            (
                "starts = \"2026-10-25T01:30:00Z\"\ntime_zone = \"Europe/Amsterdam\"\nlasts = \"1h\"",
                "starts: is the second of two times",
            ),
            (
                "starts = \"2026-03-29T02:30:00Z\"\nlasts = \"1h\"\nexcept = [\"2026-01-01\"]",
                "except: means nothing",
            ),
            (
                "starts = \"2026-03-29 02:30\"\ntime_zone = \"UTC\"\nlasts = \"25h\"\nrrule = \"FREQ=DAILY\"",
                "lasts: is longer than the time from one beginning to the next",
            ),
            (
                "starts = \"2026-03-29 02:30\"\ntime_zone = \"UTC\"\nlasts = \"1h\"\nrrule = \"FREQ=DAILY;UNTIL=20250101\"",
                "rrule: leaves no day on which the work begins",
            ),
        ] {
            let problems = planned(&format!("{head}{text}\n"), "planned.toml").unwrap_err();
            let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            assert!(told.contains(&format!("planned \"a\": {want}")), "{text}: {told}");
        }
        let twice =
            "[[planned]]\nid = \"a\"\nstarts = 2026-03-29T02:30:00Z\nlasts = \"1h\"\n".repeat(2);
        assert!(planned(&twice, "f").unwrap_err()[0].to_string().contains("is taken by another"));
        assert_eq!(planned("", "f").unwrap(), []);
    }
}
