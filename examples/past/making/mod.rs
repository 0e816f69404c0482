//! Makes a long past: a number of sites and days, as the record would hold them by now: rollups of
//! all days, checks of the last seven, verdicts, outages, and the state of the judge. The same seed
//! makes the same past.

mod copy;
pub(crate) mod dice;
mod rows;

use std::{collections::HashMap, time::Duration};

use model::{
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::Slug,
    outcome::Answer,
    rollup::begin,
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use stillup::store::{Batch, RecordedCheck, Store};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use self::{
    copy::{Copier, Piece},
    dice::{Nature, down},
    rows::{Day, FINE, KEPT},
};

pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
/// Bytes that are copied together.
const PIECE: usize = 16 << 20;
/// Days from which the judge learns what latency is usual, one check of each twenty minutes.
const LEARNT: u64 = 15;

/// Size and seed of a past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) sites: u64,
    /// Whole days before today.
    pub(crate) days: u64,
    pub(crate) seed: u64,
}

/// The slug of a site, counted from one.
pub(crate) fn slug(site: u64) -> Slug {
    Slug::new(&format!("site-{site}.example")).unwrap()
}

/// Makes it in an empty database, up to now.
pub(crate) async fn make(options: &PgConnectOptions, past: Past, now: Moment) {
    let store = Store::connect(options.clone()).await.unwrap();
    let pool = PgPool::connect_with(options.clone()).await.unwrap();
    begin_record(&pool, past, now).await;
    let copier = Copier::start(options).await;
    let to = copier.sender();
    let states = tokio::task::spawn_blocking(move || fill(past, now, &to)).await.unwrap();
    copier.finish().await;
    let mut states: Vec<_> = states.into_iter().collect();
    while !states.is_empty() {
        let rest = states.split_off(states.len().min(1_000));
        store.record(&Batch { states, ..Batch::default() }).await.unwrap();
        states = rest;
    }
    sqlx::query("ANALYZE").execute(&pool).await.unwrap();
    pool.close().await;
    store.close().await;
}

/// Sites, the region, the first verdicts, and up to where there are sums.
async fn begin_record(pool: &PgPool, past: Past, now: Moment) {
    let added = begin(now, DAY) - DAY * past.days as u32;
    let sites = "INSERT INTO sites (slug, url, name, added_at)
         SELECT 'site-' || n || '.example', 'https://site-' || n || '.example/', 'Site ' || n, $2
         FROM generate_series(1, $1) n";
    let begun = sqlx::query(sites).bind(past.sites as i64).bind(added.to_datetime());
    begun.execute(pool).await.unwrap();
    sqlx::query("INSERT INTO regions (name) VALUES ('local')").execute(pool).await.unwrap();
    let verdicts = "INSERT INTO changes (at, from_at, since, site_id, status, restricted)
         SELECT $1, $1, $1, id, 1, false FROM sites";
    sqlx::query(verdicts).bind(added.to_datetime()).execute(pool).await.unwrap();
    for (name, until) in [("5m", hours_summed(now)), ("1d", begin(now, DAY))] {
        let progress = "INSERT INTO rollup_progress (name, until) VALUES ($1, $2)";
        let until: OffsetDateTime = until.to_datetime();
        sqlx::query(progress).bind(name).bind(until).execute(pool).await.unwrap();
    }
}

/// Up to where hours are summed by now.
fn hours_summed(now: Moment) -> Moment {
    begin(now - Duration::from_mins(2), HOUR)
}

/// Makes all days, oldest first; returns the state of the judge at the end.
fn fill(past: Past, now: Moment, to: &mpsc::Sender<Piece>) -> HashMap<Slug, SiteState> {
    let today = begin(now, DAY);
    let mut states = vec![SiteState::default(); past.sites as usize];
    for ago in (0..=past.days).rev() {
        let (day, number) = (today - DAY * ago as u32, past.days - ago);
        let mut rows = Day::default();
        for site in 1..=past.sites {
            let down = down(past.seed, site, number).unwrap_or(0..0);
            let mut checks = Nature::of(past.seed, site).day(number, day);
            checks.retain(|check| check.at < now);
            let summed = match ago {
                0 => hours_summed(now).since(day).as_secs() as usize / 60,
                _ => checks.len(),
            };
            let summed = &checks[..summed.min(checks.len())];
            rows.sums(site, day, summed, &down, ago <= FINE);
            if ago <= LEARNT {
                learn(&mut states[site as usize - 1], &checks, site);
            }
            if ago <= KEPT {
                rows.single(site, &checks);
            }
            if !down.is_empty() && day + Duration::from_mins(down.end) < now {
                rows.verdicts(site, day, &down);
            }
            if rows.bytes() > PIECE {
                send(&mut rows, day, to);
            }
        }
        send(&mut rows, day, to);
    }
    (1..=past.sites).map(slug).zip(states).collect()
}

fn learn(state: &mut SiteState, checks: &[RecordedCheck], site: u64) {
    let limits = Limits {
        fresh_for: Duration::from_secs(135),
        interval: Duration::from_mins(1),
        slow_after: None,
    };
    let good = |check: &&RecordedCheck| matches!(check.answer, Answer::Ok);
    for kept in checks.iter().step_by(20).filter(good) {
        let check = kept.clone().of(slug(site));
        state.check(&check, &limits, &Rules::default());
    }
}

const CHECKS: &str =
    "(at, site_id, region_id, outcome, failure, http_status, dns_us, connect_us, tls_us,
    wait_us, transfer_us, attempts, failure_detail)";
const CHANGES: &str = "(at, from_at, since, site_id, status, failure, restricted, failure_detail)";
const OUTAGES: &str =
    "(started_at, ended_at, changed_at, site_id, status, failure, failure_detail, regions,
    provider)";

/// Sends what there is to the copier.
fn send(rows: &mut Day, day: Moment, to: &mpsc::Sender<Piece>) {
    let text = day.to_string();
    let date = &text[..10];
    let (month, whole) = (format!("{}01", date[..7].replace('-', "")), date.replace('-', ""));
    let make = |table: &str, unit: &str| {
        Some(format!(
            "SELECT ensure_partition('{table}', date_trunc('{unit}', timestamp '{date}')::date,
                 (date_trunc('{unit}', timestamp '{date}') + interval '1 {unit}')::date)"
        ))
    };
    let frozen = "FROM STDIN WITH (FREEZE)";
    let pieces = [
        (
            format!("rollups_5m_{month} {frozen}"),
            make("rollups_5m", "month"),
            take(&mut rows.five_minutes),
        ),
        (
            format!("rollups_1h_{month} {frozen}"),
            make("rollups_1h", "month"),
            take(&mut rows.hours),
        ),
        ("rollups_1d FROM STDIN".to_owned(), None, take(&mut rows.days)),
        (
            format!("checks_{whole} {CHECKS} {frozen}"),
            make("checks", "day"),
            take(&mut rows.checks),
        ),
        (format!("changes {CHANGES} FROM STDIN"), None, take(&mut rows.changes)),
        (format!("outages {OUTAGES} FROM STDIN"), None, take(&mut rows.outages)),
    ];
    for (table, make, rows) in pieces {
        if !rows.is_empty() {
            let piece = Piece { copy: format!("COPY {table}"), make, rows };
            to.blocking_send(piece).expect("Postgres takes the past");
        }
    }
}

fn take(text: &mut String) -> Vec<u8> {
    std::mem::take(text).into_bytes()
}
