//! `/metrics`: our own figures in Prometheus' text format, all from the board.

mod told;

use std::fmt::{self, Write};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::picture::Picture;
use crate::{
    board::{Job, Record},
    model::{moment::Moment, verdict::Status},
};

/// `GET /metrics`
pub(super) async fn metrics(State(shared): super::State) -> Response {
    let mut text = String::new();
    let written = write(&mut text, &Picture::now(&shared))
        .and_then(|()| told::write(&mut text, &shared.web.board.told()));
    if written.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn write(to: &mut String, picture: &Picture) -> fmt::Result {
    describe(to, "stillup_sites", "gauge", "Sites by the status shown now.")?;
    for status in Status::ALL {
        let count = picture.counts.of(status);
        writeln!(to, "stillup_sites{{status=\"{}\"}} {count}", status.word())?;
    }
    let record = &picture.record;
    for (name, help, value) in [
        ("stillup_checks_recorded_total", "Checks that Postgres took.", record.recorded),
        ("stillup_checks_refused_total", "Checks that could be kept nowhere.", record.refused),
    ] {
        describe(to, name, "counter", help)?;
        writeln!(to, "{name} {value}")?;
    }
    for (name, help, value) in gauges(picture) {
        describe(to, name, "gauge", help)?;
        writeln!(to, "{name} {value}")?;
    }
    jobs(to, record)
}

/// The record's own jobs.
fn jobs(to: &mut String, record: &Record) -> fmt::Result {
    type Figure = fn(&Job) -> f64;
    let figures: [(&str, &str, &str, Figure); 4] = [
        (
            "stillup_job_last_timestamp_seconds",
            "gauge",
            "When a job ended last (Unix time).",
            |job| unix(Some(job.last)),
        ),
        ("stillup_job_duration_seconds", "gauge", "How long it took then.", |job| {
            job.took.as_secs_f64()
        }),
        ("stillup_job_runs_total", "counter", "How often it ran.", |job| job.runs as f64),
        ("stillup_job_failures_total", "counter", "How often it failed.", |job| {
            job.failures as f64
        }),
    ];
    for (name, kind, help, figure) in figures {
        describe(to, name, kind, help)?;
        for job in &record.jobs {
            writeln!(to, "{name}{{job=\"{}\"}} {}", job.name, figure(job))?;
        }
    }
    Ok(())
}

fn gauges(picture: &Picture) -> [(&'static str, &'static str, f64); 5] {
    let record = &picture.record;
    let refusing = record.refusing.as_ref().map(|(since, _)| *since);
    [
        (
            "stillup_checks_waiting",
            "Checks on disk that Postgres does not have yet.",
            record.waiting as f64,
        ),
        (
            "stillup_checks_waiting_bytes",
            "Disk that the waiting checks take.",
            record.waiting_bytes as f64,
        ),
        (
            "stillup_record_away_since_seconds",
            "Since when Postgres cannot be reached (Unix time); 0 while it can.",
            unix(record.away_since),
        ),
        (
            "stillup_record_refusing_since_seconds",
            "Since when checks can be kept nowhere (Unix time); 0 while they can.",
            unix(refusing),
        ),
        (
            "stillup_last_check_timestamp_seconds",
            "When any site was checked last (Unix time); 0 before the first.",
            unix(picture.last),
        ),
    ]
}

fn unix(at: Option<Moment>) -> f64 {
    at.map_or(0.0, |at| at.millis() as f64 / 1e3)
}

fn describe(to: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(to, "# HELP {name} {help}\n# TYPE {name} {kind}")
}
