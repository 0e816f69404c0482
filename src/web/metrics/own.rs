//! Our own figures: the board, the record, and what all checks came to.

use std::{fmt, time::Duration};

use super::text::Text;
use crate::{
    board::{EDGES, Job, Record, Tally},
    model::{moment::Moment, name::Region, outcome::Failure, verdict::Status},
    web::views::overview::Overview,
};

/// The phases, in the order of [`Tally::phases`].
const PHASES: [&str; 5] = ["dns", "connect", "tls", "wait", "transfer"];

/// Writes what the board tells.
pub(super) fn write(to: &mut Text, overview: &Overview) -> fmt::Result {
    to.family("stillup_sites", "gauge", "Sites by the status shown now.")?;
    for status in Status::ALL {
        let count = overview.counts.of(status) as f64;
        to.value("stillup_sites", &[("status", status.word())], count)?;
    }
    let record = &overview.record;
    for (name, help, value) in [
        ("stillup_checks_recorded_total", "Checks that Postgres took.", record.recorded),
        ("stillup_checks_refused_total", "Checks that could be kept nowhere.", record.refused),
    ] {
        to.family(name, "counter", help)?;
        to.value(name, &[], value as f64)?;
    }
    for (name, help, value) in gauges(overview) {
        to.family(name, "gauge", help)?;
        to.value(name, &[], value)?;
    }
    let name = "stillup_record_waits";
    to.family(
        name,
        "gauge",
        "Why Postgres does not take the record, by SQLSTATE; absent while it does.",
    )?;
    if let Some(why) = &record.why {
        let sqlstate = why.sqlstate.as_deref().unwrap_or_default();
        to.value(name, &[("sqlstate", sqlstate), ("reason", why.short)], 1.0)?;
    }
    jobs(to, record)
}

/// The record's own jobs.
fn jobs(to: &mut Text, record: &Record) -> fmt::Result {
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
        to.family(name, kind, help)?;
        for job in &record.jobs {
            to.value(name, &[("job", job.name)], figure(job))?;
        }
    }
    Ok(())
}

fn gauges(overview: &Overview) -> [(&'static str, &'static str, f64); 9] {
    let record = &overview.record;
    let refusing = record.refusing;
    let away = record.away_since.map_or(Duration::ZERO, |since| overview.now.since(since));
    [
        (
            "stillup_checks_waiting",
            "Checks that are kept and that Postgres does not have yet.",
            record.waiting() as f64,
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
            "stillup_record_lag_seconds",
            "For how long Postgres has been away; 0 while it can be reached.",
            away.as_secs_f64(),
        ),
        (
            "stillup_record_rejected",
            "Rows that Postgres refuses for what is in them, set aside: stillup journal refused.",
            record.refused_rows as f64,
        ),
        (
            "stillup_record_held_since_seconds",
            "Since when the disk takes nothing and checks wait in memory (Unix time); 0 while it does.",
            unix(record.held_since),
        ),
        (
            "stillup_record_refusing_since_seconds",
            "Since when checks can be kept nowhere (Unix time); 0 while they can.",
            unix(refusing),
        ),
        (
            "stillup_last_check_timestamp_seconds",
            "When any site was checked last (Unix time); 0 before the first.",
            unix(overview.last),
        ),
        (
            "stillup_most_overdue_seconds",
            "By how much the most overdue site has outstayed its interval.",
            overdue(overview).as_secs_f64(),
        ),
    ]
}

fn overdue(overview: &Overview) -> Duration {
    let late = |look: &crate::web::views::site::SiteView| {
        let waited = look.now.since(look.watched.checked_at()?);
        Some(waited.saturating_sub(look.watched.site.interval))
    };
    overview.looks.iter().filter_map(late).max().unwrap_or_default()
}

fn unix(at: Option<Moment>) -> f64 {
    at.map_or(0.0, |at| at.millis() as f64 / 1e3)
}

/// Writes what the checks of each region came to since the start.
pub(super) fn checks(to: &mut Text, tallies: &[(Region, Tally)]) -> fmt::Result {
    let name = "stillup_checks_total";
    to.family(name, "counter", "Checks by region and outcome.")?;
    for (region, tally) in tallies {
        let region = ("region", region.as_str());
        to.value(name, &[region, ("outcome", "ok")], tally.good as f64)?;
        to.value(name, &[region, ("outcome", "restricted")], tally.restricted as f64)?;
        for (failure, count) in Failure::ALL.into_iter().zip(tally.failed) {
            to.value(name, &[region, ("outcome", failure.word())], count as f64)?;
        }
    }
    let name = "stillup_check_retries_total";
    to.family(name, "counter", "Attempts beyond the first of a check, by region.")?;
    for (region, tally) in tallies {
        to.value(name, &[("region", region.as_str())], tally.retries as f64)?;
    }
    let edges = EDGES.map(|micros| f64::from(micros) / 1e6);
    let name = "stillup_check_phase_seconds";
    to.family(name, "histogram", "How long the phases of checks took, by region.")?;
    for (region, tally) in tallies {
        for (phase, times) in PHASES.into_iter().zip(&tally.phases) {
            let labels = [("region", region.as_str()), ("phase", phase)];
            to.histogram(name, &labels, &edges, &times.buckets, times.sum as f64 / 1e6)?;
        }
    }
    Ok(())
}
