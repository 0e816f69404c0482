//! `/windows.ics`: planned work as a calendar (RFC 5545), for all sites and for one.
//!
//! Each occurrence is an event of its own, in UTC: every reader shows it at the right time, whatever it
//! knows of time zones and rules.

use std::{fmt::Write, time::Duration};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{
    Shared, cache_control::CacheControl, error::ErrorStatus, extractors::params::PathSegment, links,
};
use crate::board::LiveSite;
use model::{
    moment::Moment,
    planned::{PlannedWork, Stretch},
};

/// Time before and after now that is in it.
const BACK: Duration = Duration::from_hours(24 * 30);
const AHEAD: Duration = Duration::from_hours(24 * 366);
/// Events at most.
const MAX_EVENTS: usize = 1_000;
/// Component of a calendar without events, since a calendar must have one and strict readers refuse it
/// otherwise: the time zone that all of ours are in.
const TIME_ZONE: [&str; 8] = [
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
];
/// Bytes of a line at most, its end not counted.
const MAX_LINE: usize = 75;

/// `GET /windows.ics`
pub(super) async fn all(State(shared): super::AppState) -> Response {
    respond(&shared, None)
}

/// `GET /sites/{slug}/windows.ics`
pub(super) async fn one(
    State(shared): super::AppState,
    PathSegment(slug): PathSegment,
) -> Response {
    match slug.and_then(|slug| shared.site(&slug)) {
        Some(live) => respond(&shared, Some(&live)),
        None => ErrorStatus(StatusCode::NOT_FOUND).into_response(),
    }
}

fn respond(shared: &Shared, of: Option<&LiveSite>) -> Response {
    let (works, now) = (shared.web.operator.planned(), shared.second());
    let mine = works
        .iter()
        .filter(|work| of.is_none_or(|live| work.is_about(&live.site, live.provider())));
    let each = mine.flat_map(|work| {
        work.occurrences(now - BACK, now + AHEAD).into_iter().map(move |stretch| (stretch, work))
    });
    let mut events: Vec<(Stretch, &PlannedWork)> = each.collect();
    events.sort_by_key(|(stretch, _)| *stretch);
    events.truncate(MAX_EVENTS);
    let name = of.map_or(&*shared.web.title, |live| &live.site.name);
    let page = of.map_or("/".to_owned(), |live| links::site(live.site.slug.as_str()));
    let text = calendar(name, &shared.link(&page), &events, host(shared));
    let kind = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
    (CacheControl::ITS_SECOND, kind, text).into_response()
}

fn host(shared: &Shared) -> &str {
    shared.web.public_url.host_str().unwrap_or("stillup.invalid")
}

fn calendar(name: &str, page: &str, events: &[(Stretch, &PlannedWork)], host: &str) -> String {
    let mut text = String::new();
    let mut line = |content: &str| fold(content, &mut text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//stillup//planned work//EN");
    line(&format!("NAME:{}", escaped(name)));
    line(&format!("X-WR-CALNAME:{}", escaped(name)));
    line("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    if events.is_empty() {
        for content in TIME_ZONE {
            line(content);
        }
    }
    for (Stretch { from, until }, work) in events {
        let title = if work.name.is_empty() { "Planned work" } else { &work.name };
        line("BEGIN:VEVENT");
        line(&format!("UID:{}-{}@{host}", work.id, from.seconds()));
        line(&format!("DTSTAMP:{}", stamp(work.announced_at.unwrap_or(*from))));
        line(&format!("DTSTART:{}", stamp(*from)));
        line(&format!("DTEND:{}", stamp(*until)));
        line(&format!("SUMMARY:{}", escaped(title)));
        if !work.text.is_empty() {
            line(&format!("DESCRIPTION:{}", escaped(&work.text)));
        }
        line(&format!("URL:{page}"));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

fn stamp(at: Moment) -> String {
    at.to_utc().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text without characters that end a line or a value.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => safe.extend(['\\', c]),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Adds a line, folded where it is too long.
fn fold(content: &str, text: &mut String) {
    let mut room = MAX_LINE;
    for c in content.chars() {
        if c.len_utf8() > room {
            text.push_str("\r\n ");
            room = MAX_LINE - 1;
        }
        text.push(c);
        room -= c.len_utf8();
    }
    // Writing to memory cannot fail.
    let _ = write!(text, "\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_without_events_has_the_component_that_it_must_have() {
        let empty = calendar("stillup", "https://stillup.example/", &[], "stillup.example");
        let zone = TIME_ZONE.map(|line| format!("{line}\r\n")).concat();
        assert!(empty.ends_with(&format!("PT1H\r\n{zone}END:VCALENDAR\r\n")), "{empty}");
    }

    #[test]
    fn lines_are_folded_within_letters_and_nothing_breaks_out_of_a_value() {
        let mut text = String::new();
        fold(&format!("SUMMARY:{}", "é".repeat(100)), &mut text);
        assert!(text.split("\r\n").all(|line| line.len() <= MAX_LINE), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "é".repeat(100)));
        assert_eq!(escaped("a;b,c\\\nEND:VEVENT\r"), "a\\;b\\,c\\\\\\nEND:VEVENT");
    }
}
