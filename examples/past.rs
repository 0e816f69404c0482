//! Makes a long past: so many sites, so many days, as the record would hold them by now: sums of all
//! days, sealed checks of the last thirty, single checks of the last two, verdicts and outages.
//!
//! ```text
//! cargo run --release --example past -- DATABASE_URL --sites 1000 --days 365 [--seed 1] [--measure]
//! ```
//!
//! The same seed makes the same past, down to the bytes. Latency has the rhythm of a day, a spread,
//! and a tail; about once in twelve days a site is down for some minutes. With `--measure` it times
//! what visitors ask for and says what lies on disk. Use a database that nobody needs.

#![expect(
    clippy::unwrap_used,
    reason = "a tool for measuring stops at the first thing that goes wrong"
)]

use std::{fmt::Write, time::Duration};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolCopyExt},
};
use stillup::{
    clock::Clock,
    model::{
        history::Range,
        moment::Moment,
        name::Slug,
        outcome::{Answer, Cause, Failure, Phases},
        rollup::{Judged, Sheet, Tally, begin},
        sealed::{Kept, pack},
    },
    store::Store,
};
use tokio::time::Instant;

const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
const MINUTES: u64 = 24 * 60;
/// Days of which checks are kept at all, and of which they are not sealed.
const KEPT: u64 = 30;
const SINGLE: u64 = 2;
/// Days of which sums of five minutes are kept.
const FINE: u64 = 60;

/// A small generator of numbers (SplitMix64): the same seed, the same numbers.
struct Dice(u64);

impl Dice {
    fn of(parts: [u64; 3]) -> Self {
        let mix = |state: u64, part: u64| {
            (state ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
        };
        Self(parts.into_iter().fold(0x5717_1109, mix))
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    /// Around this, as sums of dice are.
    fn around(&mut self, middle: u64) -> u32 {
        let spread = middle / 8 + 1;
        let sum: u64 = (0..4).map(|_| self.roll(spread)).sum();
        (middle + sum).saturating_sub(spread * 2) as u32
    }
}

/// What is asked.
struct Asked {
    options: PgConnectOptions,
    sites: u64,
    days: u64,
    seed: u64,
    measure: bool,
}

impl Asked {
    fn read() -> Self {
        let all: Vec<String> = std::env::args().skip(1).collect();
        let number = |name: &str, or: u64| {
            let place = all.iter().position(|word| word == name);
            place.and_then(|place| all.get(place + 1)).map_or(or, |text| text.parse().unwrap())
        };
        let url = all.iter().find(|word| word.starts_with("postgres")).expect_url();
        Self {
            options: url.parse().unwrap(),
            sites: number("--sites", 1_000),
            days: number("--days", 365),
            seed: number("--seed", 1),
            measure: all.iter().any(|word| word == "--measure"),
        }
    }
}

trait ExpectUrl {
    fn expect_url(self) -> String;
}

impl ExpectUrl for Option<&String> {
    fn expect_url(self) -> String {
        self.cloned().unwrap_or_else(|| {
            eprintln!("say which database: postgres://…");
            std::process::exit(2)
        })
    }
}

/// The minutes of a day in which a site is down, if any.
fn down(seed: u64, site: u64, day: u64) -> Option<std::ops::Range<u64>> {
    let mut dice = Dice::of([seed ^ 0xD0, site, day]);
    if dice.roll(12) != 0 {
        return None;
    }
    let from = dice.roll(MINUTES - 60);
    Some(from..from + 3 + dice.roll(45))
}

/// A day of checks of a site.
fn day_of(seed: u64, site: u64, number: u64, begin: Moment) -> Vec<Kept> {
    let mut dice = Dice::of([seed, site, number]);
    let usual = 20_000 + Dice::of([seed, site, 0]).roll(150_000);
    let turn = Dice::of([seed, site, 1]).roll(60_000);
    let down = down(seed, site, number).unwrap_or(0..0);
    (0..MINUTES)
        .map(|minute| {
            let at = begin + Duration::from_millis(minute * 60_000 + turn + dice.roll(12));
            if down.contains(&minute) {
                let detail = "no answer within 10 s";
                let answer = Answer::Failed(Cause::new(Failure::Timeout, detail));
                return Kept {
                    at,
                    answer,
                    http_status: None,
                    phases: Phases::default(),
                    attempts: 3,
                };
            }
            // Busy by day, quiet by night, and one in two hundred comes late.
            let hour = minute / 60;
            let busy = usual + usual * hour.abs_diff(3).min(12) / 40;
            let wait = if dice.roll(200) == 0 { busy * 6 } else { busy };
            let phases = Phases {
                dns: Some(dice.around(900)),
                connect: Some(dice.around(usual / 8)),
                tls: Some(dice.around(usual / 4)),
                wait: Some(dice.around(wait)),
                transfer: Some(dice.around(400)),
            };
            Kept { at, answer: Answer::Ok, http_status: Some(200), phases, attempts: 1 }
        })
        .collect()
}

/// Rows for `COPY`, by table.
#[derive(Default)]
struct Rows {
    checks: String,
    sealed: String,
    rollups: String,
    changes: String,
    outages: String,
}

fn hex(bytes: &[u8], to: &mut String) {
    to.push_str("\\\\x");
    for byte in bytes {
        write!(to, "{byte:02x}").unwrap();
    }
}

impl Rows {
    fn sheet(&mut self, at: Moment, site: u64, region: u8, step: u8, sheet: &Sheet) {
        write!(self.rollups, "{at}\t{site}\t{region}\t{step}\t").unwrap();
        hex(&sheet.pack(), &mut self.rollups);
        self.rollups.push('\n');
    }

    /// The sums of a day.
    fn sums(
        &mut self,
        site: u64,
        day: Moment,
        checks: &[Kept],
        down: &std::ops::Range<u64>,
        fine: bool,
    ) {
        let (mut hours, mut votes) = (Sheet::default(), Sheet::default());
        for (number, checks) in checks.chunks(60).enumerate() {
            let hour = day + HOUR * number as u32;
            let (mut sheet, mut vote) = (Sheet::default(), Sheet::default());
            for check in checks {
                let place = (check.at.since(hour).as_secs() / 300).min(11) as u16;
                let failure = matches!(check.answer, Answer::Failed(_)).then_some(Failure::Timeout);
                let latency = check.phases.latency();
                let tally = Tally { at: check.at, failure, restricted: false, latency };
                sheet.at(place).count(&tally, false);
            }
            for place in 0..12 {
                let first = number as u64 * 60 + place * 5;
                let bad = (first..first + 5).filter(|minute| down.contains(minute)).count() as u64;
                let judged =
                    Judged { up: (5 - bad) * 60_000, down: bad * 60_000, ..Judged::default() };
                vote.at(place as u16).judged = judged;
            }
            *hours.at(number as u16) = sheet.sum();
            *votes.at(number as u16) = vote.sum();
            if fine {
                self.sheet(hour, site, 1, 1, &sheet);
                self.sheet(hour, site, 0, 1, &vote);
            }
        }
        for (region, sheet) in [(1, &hours), (0, &votes)] {
            let mut one = Sheet::default();
            *one.at(0) = sheet.sum();
            self.sheet(day, site, region, 2, sheet);
            self.sheet(day, site, region, 3, &one);
        }
    }

    fn sealed(&mut self, site: u64, checks: &[Kept]) {
        for checks in checks.chunk_by(|a, b| begin(a.at, HOUR) == begin(b.at, HOUR)) {
            let hour = begin(checks[0].at, HOUR);
            write!(self.sealed, "{hour}\t{site}\t1\t{}\t", checks.len()).unwrap();
            hex(&pack(hour, checks), &mut self.sealed);
            self.sealed.push('\n');
        }
    }

    fn single(&mut self, site: u64, checks: &[Kept]) {
        for check in checks {
            write!(self.checks, "{}\t{site}", check.at).unwrap();
            for part in check.phases.parts() {
                match part {
                    Some(micros) => write!(self.checks, "\t{micros}").unwrap(),
                    None => self.checks.push_str("\t\\N"),
                }
            }
            let end = match &check.answer {
                Answer::Failed(cause) => format!("\t1\t\\N\t3\t4\tf\t{}\n", cause.detail),
                _ => "\t1\t200\t1\t\\N\tf\t\\N\n".to_owned(),
            };
            self.checks.push_str(&end);
        }
    }

    fn verdicts(&mut self, site: u64, day: Moment, down: &std::ops::Range<u64>) {
        let [from, until] = [down.start, down.end].map(|minute| day + Duration::from_mins(minute));
        for (at, status, rest) in
            [(from, 4, "4\tf\tno answer within 10 s"), (until, 1, "\\N\tf\t\\N")]
        {
            let settled = at + Duration::from_secs(45);
            writeln!(self.changes, "{settled}\t{at}\t{at}\t{site}\t{status}\t{rest}").unwrap();
        }
        writeln!(
            self.outages,
            "{from}\t{until}\t{until}\t{site}\t4\t4\tno answer within 10 s\t{{local}}\t\\N"
        )
        .unwrap();
    }

    async fn copy(&mut self, pool: &PgPool) {
        let tables = [
            (
                &mut self.checks,
                "checks (at, site_id, dns, connect, tls, wait, transfer, region_id, http_status, attempts, failure, restricted, detail)",
            ),
            (&mut self.sealed, "sealed (at, site_id, region_id, checks, packed)"),
            (&mut self.rollups, "rollups (at, site_id, region_id, step, sheet)"),
            (
                &mut self.changes,
                "changes (at, from_at, since, site_id, status, failure, restricted, detail)",
            ),
            (
                &mut self.outages,
                "outages (started_at, ended_at, changed_at, site_id, status, failure, detail, regions, provider)",
            ),
        ];
        for (rows, table) in tables {
            if !rows.is_empty() {
                let statement = format!("COPY {table} FROM STDIN");
                let mut copy = pool.copy_in_raw(&statement).await.unwrap();
                copy.send(rows.as_bytes()).await.unwrap();
                copy.finish().await.unwrap();
                rows.clear();
            }
        }
    }
}

async fn prepare(pool: &PgPool, asked: &Asked, today: Moment) {
    let added = today - DAY * asked.days as u32;
    sqlx::query(
        "INSERT INTO sites (slug, url, name, added_at)
         SELECT 'site-' || n || '.example', 'https://site-' || n || '.example/', 'Site ' || n, $2
         FROM generate_series(1, $1) n",
    )
    .bind(asked.sites as i64)
    .bind(added.to_datetime())
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("INSERT INTO regions (name) VALUES ('local')").execute(pool).await.unwrap();
    sqlx::query(
        "INSERT INTO changes (at, from_at, since, site_id, status, restricted)
         SELECT $1, $1, $1, id, 1, false FROM sites",
    )
    .bind(added.to_datetime())
    .execute(pool)
    .await
    .unwrap();
    for ago in 0..asked.days {
        let date = (today - DAY * (ago as u32 + 1)).to_datetime().date();
        let makes = [
            (true, "SELECT ensure_rollups_partition(2::smallint, $1)"),
            (ago < FINE, "SELECT ensure_rollups_partition(1::smallint, $1)"),
            (ago < KEPT, "SELECT ensure_sealed_partition($1)"),
            (ago < SINGLE, "SELECT ensure_checks_partition($1)"),
        ];
        for (_, make) in makes.into_iter().filter(|(wanted, _)| *wanted) {
            sqlx::query(make).bind(date).execute(pool).await.unwrap();
        }
    }
    for name in ["5m", "1d"] {
        sqlx::query("INSERT INTO rollup_progress (name, until) VALUES ($1, $2)")
            .bind(name)
            .bind(today.to_datetime())
            .execute(pool)
            .await
            .unwrap();
    }
}

#[tokio::main]
async fn main() {
    let asked = Asked::read();
    let store = Store::connect(asked.options.clone()).await.unwrap();
    let pool = PgPool::connect_with(asked.options.clone()).await.unwrap();
    let today = begin(Clock::system().now(), DAY);
    let start = Instant::now();
    prepare(&pool, &asked, today).await;
    let mut rows = Rows::default();
    for ago in (0..asked.days).rev() {
        let (day, number) = (today - DAY * (ago as u32 + 1), asked.days - ago);
        for site in 1..=asked.sites {
            let checks = day_of(asked.seed, site, number, day);
            let down = down(asked.seed, site, number);
            rows.sums(site, day, &checks, &down.clone().unwrap_or(0..0), ago < FINE);
            match ago {
                0..SINGLE => rows.single(site, &checks),
                SINGLE..KEPT => rows.sealed(site, &checks),
                _ => {}
            }
            if let Some(down) = down {
                rows.verdicts(site, day, &down);
            }
            if rows.checks.len() + rows.sealed.len() + rows.rollups.len() > 8 << 20 {
                rows.copy(&pool).await;
            }
        }
        rows.copy(&pool).await;
    }
    sqlx::query("ANALYZE").execute(&pool).await.unwrap();
    let checks = asked.sites * asked.days * MINUTES;
    println!(
        "{} sites, {} days, {checks} checks summed in {:?}",
        asked.sites,
        asked.days,
        start.elapsed()
    );
    if asked.measure {
        measure(&store, &pool, &asked).await;
    }
    store.close().await;
}

/// Times reads, and says what lies on disk.
async fn measure(store: &Store, pool: &PgPool, asked: &Asked) {
    let sizes: Vec<(String, i64)> = sqlx::query_as(
        "SELECT substring(c.relname FROM '^[a-z]+(?:_[0-9][mhd])?'), sum(pg_total_relation_size(c.oid))::bigint
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname = 'public' GROUP BY 1 HAVING sum(pg_total_relation_size(c.oid)) > 1000000 ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (table, bytes) in sizes {
        println!("{table:<12} {:>9.1} MB", bytes as f64 / 1e6);
    }
    let now = begin(Clock::system().now(), DAY);
    for (word, days) in [("24h", 1), ("7d", 7), ("30d", 30), ("90d", 90)] {
        let mut took = Vec::new();
        for n in 0..300 {
            let slug = Slug::new(&format!("site-{}.example", n * 37 % asked.sites + 1)).unwrap();
            let (range, start) = (Range::last(DAY * days, now), Instant::now());
            let history = store.history(&slug, range, now).await.unwrap();
            assert!(history.whole.checks > 0);
            took.push(start.elapsed());
        }
        told(&format!("history of {word}"), took);
    }
    let slugs: Vec<Slug> = (1..=asked.sites.min(500))
        .map(|n| Slug::new(&format!("site-{n}.example")).unwrap())
        .collect();
    let start = Instant::now();
    let uptimes = store.uptimes_of(&slugs, now).await.unwrap();
    println!("uptimes of {} sites: {:?}", uptimes.len(), start.elapsed());
    let start = Instant::now();
    let latest = store.latest_checks(30).await.unwrap();
    println!("30 newest checks of {} sites: {:?}", latest.len(), start.elapsed());
    let mut took = Vec::new();
    for slug in slugs.iter().take(200) {
        let start = Instant::now();
        let (from, until) = (now - DAY * 20, now - DAY * 19);
        assert_eq!(
            store.checks_between(slug, from, until, 1_000, None).await.unwrap().len(),
            1_000
        );
        took.push(start.elapsed());
    }
    told("1,000 sealed checks", took);
    let start = Instant::now();
    store.roll_up_again(now - DAY, now, |_| {}).await.unwrap();
    println!("sums of a day of {} sites made again: {:?}", asked.sites, start.elapsed());
    let start = Instant::now();
    let sealed = store.seal(now + HOUR * 7).await.unwrap();
    println!("sealing {sealed:?} of {} sites: {:?}", asked.sites, start.elapsed());
}

fn told(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    println!("{what}: p50 {:?}, p99 {:?}", at(50), at(99));
}
