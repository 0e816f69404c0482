//! Our own figures: the board, the record and its jobs, the checks, and the channels of the notifier.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::{
    board::{ChannelStats, CheckTally, EDGES, JobStatus, StoreHealth},
    prometheus::MetricFamilies,
    web::views::{overview::Overview, site::SiteView},
};
use model::{moment::Moment, name::Region, outcome::Failure, verdict::Status};

/// The phases, in the order of [`CheckTally::phases`].
const PHASES: [&str; 5] = ["dns", "connect", "tls", "wait", "transfer"];

/// The figures of the board and of the record.
pub(super) fn encode(
    families: &mut MetricFamilies<'_>,
    overview: &Overview,
    files_not_taken: usize,
) -> fmt::Result {
    let sites = Status::ALL.map(|s| ([("status", s.word())], overview.counts.of(s) as f64));
    families.gauges("stillup_sites", "Sites by current status.", sites)?;
    let record = &overview.record;
    let help = "Checks recorded in Postgres since the start.";
    families.counter("stillup_checks_recorded_total", help, record.recorded)?;
    let help = "Checks that were refused, since neither the disk nor Postgres could keep them.";
    families.counter("stillup_checks_refused_total", help, record.refused)?;
    for (name, help, value) in gauges(overview, files_not_taken) {
        families.gauge(name, help, value)?;
    }
    let why = record.why.as_ref().map(|why| {
        let sqlstate = why.sqlstate.as_deref().unwrap_or_default();
        ([("sqlstate", sqlstate), ("reason", why.short)], 1.0)
    });
    let help = "Reason why Postgres does not take the record, by SQLSTATE; absent while it does.";
    families.gauges("stillup_record_waits", help, why)?;
    let recorder = record.recorder.as_ref();
    let recorder = recorder.map(|node| ([("node", &*node.name)], f64::from(u8::from(node.here))));
    let help = "1 at the node that records, 0 at the others; absent where there is one node.";
    families.gauges("stillup_recorder", help, recorder)?;
    jobs(families, record)
}

/// The record's own jobs.
fn jobs(families: &mut MetricFamilies<'_>, record: &StoreHealth) -> fmt::Result {
    let jobs = || record.jobs.iter().map(|job| ([("job", job.name)], job));
    let gauge = |figure: fn(&JobStatus) -> f64| jobs().map(move |(job, of)| (job, figure(of)));
    let counter = |figure: fn(&JobStatus) -> u64| jobs().map(move |(job, of)| (job, figure(of)));
    let (name, help) =
        ("stillup_job_last_timestamp_seconds", "Unix time at which a job ended last.");
    families.gauges(name, help, gauge(|job| unix(Some(job.last))))?;
    let (name, help) = ("stillup_job_duration_seconds", "Duration of the last run of a job.");
    families.gauges(name, help, gauge(|job| job.took.as_secs_f64()))?;
    families.counters(
        "stillup_job_runs_total",
        "Runs of a job since the start.",
        counter(|job| job.runs),
    )?;
    let (name, help) = ("stillup_job_failures_total", "Failed runs of a job since the start.");
    families.counters(name, help, counter(|job| job.failures))
}

fn gauges(overview: &Overview, files_not_taken: usize) -> [(&'static str, &'static str, f64); 10] {
    let record = &overview.record;
    let refusing = record.refusing;
    let away = record.away_since.map_or(Duration::ZERO, |since| overview.now.since(since));
    [
        (
            "stillup_checks_waiting",
            "Checks in the journal that are not in Postgres yet.",
            record.waiting() as f64,
        ),
        (
            "stillup_checks_waiting_bytes",
            "Bytes on disk of the waiting checks.",
            record.waiting_bytes as f64,
        ),
        (
            "stillup_files_not_taken",
            "Files of sites, notices, planned work and tokens that are not in force as they are.",
            files_not_taken as f64,
        ),
        (
            "stillup_record_away_since_seconds",
            "Unix time since which Postgres cannot be reached; 0 while it can.",
            unix(record.away_since),
        ),
        (
            "stillup_record_lag_seconds",
            "Seconds for which Postgres has not been reached; 0 while it can be.",
            away.as_secs_f64(),
        ),
        (
            "stillup_record_rejected",
            "Rows set aside, since Postgres refuses their contents; see stillup journal refused.",
            record.refused_rows as f64,
        ),
        (
            "stillup_record_held_since_seconds",
            "Unix time since which checks wait in memory, as the disk takes nothing; 0 while it does.",
            unix(record.held_since),
        ),
        (
            "stillup_record_refusing_since_seconds",
            "Unix time since which checks are refused; 0 while they are kept.",
            unix(refusing),
        ),
        (
            "stillup_last_check_timestamp_seconds",
            "Unix time of the last check of any site; 0 before the first.",
            unix(overview.last),
        ),
        (
            "stillup_most_overdue_seconds",
            "Seconds by which the most overdue check is late.",
            overdue(overview).as_secs_f64(),
        ),
    ]
}

fn overdue(overview: &Overview) -> Duration {
    let late = |view: &SiteView| {
        let waited = view.now.since(view.live.checked_at()?);
        Some(waited.saturating_sub(view.live.site.interval))
    };
    overview.views.iter().filter_map(late).max().unwrap_or_default()
}

fn unix(at: Option<Moment>) -> f64 {
    at.map_or(0.0, |at| at.millis() as f64 / 1e3)
}

/// The outcomes of the checks of each region since the start.
pub(super) fn checks(
    families: &mut MetricFamilies<'_>,
    tallies: &[(Region, CheckTally)],
) -> fmt::Result {
    let outcomes = |(region, tally): &'_ (Region, CheckTally)| {
        let failed = Failure::ALL.map(Failure::word).into_iter().zip(tally.failed);
        let all = [("ok", tally.good), ("restricted", tally.restricted)].into_iter().chain(failed);
        let region = region.to_string();
        all.map(|(outcome, count)| {
            ([("region", region.clone()), ("outcome", outcome.to_owned())], count)
        })
        .collect::<Vec<_>>()
    };
    let help = "Checks by region and outcome.";
    families.counters("stillup_checks_total", help, tallies.iter().flat_map(outcomes))?;
    let retries = tallies.iter().map(|(r, tally)| ([("region", r.as_str())], tally.retries));
    let help = "Attempts beyond the first of a check, by region.";
    families.counters("stillup_check_retries_total", help, retries)?;
    let edges = || EDGES.map(|micros| f64::from(micros) / 1e6).into_iter().chain([f64::INFINITY]);
    let phases = tallies.iter().flat_map(|(region, tally)| {
        PHASES.into_iter().zip(&tally.phases).map(move |(phase, times)| {
            let labels = [("region", region.as_str()), ("phase", phase)];
            (labels, times.sum as f64 / 1e6, edges().zip(times.buckets).collect())
        })
    });
    let help = "Duration of the phases of checks, by region.";
    families.histograms("stillup_check_phase_seconds", help, phases)
}

/// The channels of the notifier; nothing where there is none.
pub(super) fn channels(
    families: &mut MetricFamilies<'_>,
    channels: &BTreeMap<Box<str>, ChannelStats>,
) -> fmt::Result {
    if channels.is_empty() {
        return Ok(());
    }
    let of = |figure: fn(&ChannelStats) -> u64| {
        channels.iter().map(move |(name, told)| ([("channel", &**name)], figure(told)))
    };
    let waiting = of(|told| told.waiting).map(|(channel, count)| (channel, count as f64));
    let help = "Messages that wait to be sent to a channel.";
    families.gauges("stillup_notices_waiting", help, waiting)?;
    let help = "Messages that the receiver accepted.";
    families.counters("stillup_notices_arrived_total", help, of(|told| told.arrived))?;
    let help = "Tries to send a message that failed and are repeated.";
    families.counters("stillup_notices_retried_total", help, of(|told| told.retried))?;
    let help = "Messages that were given up.";
    families.counters("stillup_notices_failed_total", help, of(|told| told.failed))
}
