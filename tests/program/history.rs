//! No check is lost: over a kill, a restart, and with Postgres away.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::moment::Moment;
use prober::journal::Folder;
use serde_json::Value;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use stillup::{pipeline::Entry, private_postgres::throwaway};
use time::OffsetDateTime;

use crate::{
    server::{Mood, Server, Way},
    service::{SOON, Service, send, until},
};

/// An interval, and the delay that a busy machine may add.
const NO_GAP: f64 = 5.0 + 2.0;

/// A check, by site and moment.
type HistoryKey = (String, Moment);

/// The tables, as the tests read them.
#[derive(Debug)]
pub(crate) struct Rows(PgPool);

impl Rows {
    pub(crate) async fn connect(options: PgConnectOptions) -> Self {
        Self(PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap())
    }

    /// Every check, and each only once.
    async fn checks(&self) -> BTreeSet<HistoryKey> {
        let rows: Vec<(String, OffsetDateTime)> =
            sqlx::query_as("SELECT slug, at FROM checks JOIN sites ON id = site_id")
                .fetch_all(&self.0)
                .await
                .unwrap();
        let count = rows.len();
        let keys: BTreeSet<_> = rows.into_iter().map(|(slug, at)| (slug, at.into())).collect();
        assert_eq!(keys.len(), count, "a check is there twice");
        keys
    }

    pub(crate) async fn sites_with_checks(&self) -> i64 {
        let query = sqlx::query_scalar("SELECT count(DISTINCT site_id) FROM checks");
        query.fetch_one(&self.0).await.unwrap()
    }

    /// The longest time between two checks of one site, in seconds.
    async fn longest_gap(&self) -> f64 {
        let query = sqlx::query_scalar(
            "SELECT extract(epoch FROM max(at - before))::float8 FROM (
                 SELECT at, lag(at) OVER (PARTITION BY site_id ORDER BY at) AS before FROM checks
             ) AS gaps",
        );
        query.fetch_one(&self.0).await.unwrap()
    }

    /// Sites that had more than one change, or more than one outage. An initial doubt whether a
    /// failure was our own is no change of the site.
    async fn flapped(&self) -> i64 {
        let query = sqlx::query_scalar(
            "SELECT count(*) FROM sites
             WHERE (SELECT count(*) FROM changes WHERE site_id = id AND status <> 5) > 1
                OR (SELECT count(*) FROM outages o WHERE o.site_id = sites.id) > 1",
        );
        query.fetch_one(&self.0).await.unwrap()
    }
}

/// Many sites on one server, and one that is down.
fn load(well: &Server, down: &Server, sites: usize) -> String {
    let well: String = (0..sites).map(|n| well.entry(&format!("s{n:03}.example"))).collect();
    well + &down.entry("down.example")
}

/// State of each site as visitors see it: status, since, and the moment of the check.
async fn seen(service: &Service) -> BTreeMap<String, (String, String, Moment)> {
    let text = |site: &Value, key: &str| site[key].as_str().unwrap_or_default().to_owned();
    let sites = service.sites().await;
    let of = |site: &Value| {
        let checked = Moment::parse(&text(site, "checked_at")).unwrap_or_default();
        (text(site, "slug"), (text(site, "status"), text(site, "since"), checked))
    };
    sites.iter().map(of).collect()
}

/// Waits until every site has a verdict.
async fn settled(service: &Service) {
    let all = async || {
        let seen = seen(service).await;
        seen.values().all(|(status, ..)| status != "unknown").then_some(())
    };
    until("every site has a verdict", SOON, all).await;
}

/// Waits until every site was checked after this moment.
async fn checked_after(service: &Service, moment: Moment) {
    let all = async || seen(service).await.values().all(|(.., at)| *at > moment).then_some(());
    until("every site was checked again", SOON, all).await;
}

/// The newest check that visitors saw.
fn newest(seen: &BTreeMap<String, (String, String, Moment)>) -> Moment {
    seen.values().map(|(.., at)| *at).max().unwrap()
}

/// Kills the service under load; returns the state that visitors had seen, and all checks that were
/// written anywhere.
async fn kill(
    service: &mut Service,
    rows: &Rows,
) -> (BTreeMap<String, (String, String, Moment)>, BTreeSet<HistoryKey>) {
    let before = seen(service).await;
    service.signal("KILL");
    assert_eq!(service.ended().await.code(), None);
    let mut written = rows.checks().await;
    let folder = Folder::open(service.data().join("journal")).unwrap();
    folder
        .replay(|entry| {
            if let Entry::Check(check) = entry {
                written.insert((check.slug.to_string(), check.at));
            }
        })
        .unwrap();
    written.extend(before.iter().map(|(slug, (.., at))| (slug.clone(), *at)));
    (before, written)
}

async fn nothing_is_missing(rows: &Rows, written: &BTreeSet<HistoryKey>) {
    let look = async || rows.checks().await.is_superset(written).then_some(());
    until("every written check is in Postgres", SOON, look).await;
}

fn same_verdicts(
    before: &BTreeMap<String, (String, String, Moment)>,
    after: &BTreeMap<String, (String, String, Moment)>,
) {
    for (slug, (status, since, _)) in before {
        let (status_now, since_now, _) = &after[slug];
        assert_eq!((status, since), (status_now, since_now), "{slug} flapped");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_under_load_no_written_check_is_missing_and_no_site_has_flapped() {
    let (well, down) = (Server::start(Mood::Well).await, Server::start(Mood::Refusing).await);
    let database = throwaway::database().await.unwrap();
    let rows = Rows::connect(database.options()).await;
    let way = Way::to(socket(&database.options())).await;
    let mut service = Service::new(&load(&well, &down, 200), Some(url(&way, &database.options())));
    service.start(&[]).await;
    settled(&service).await;
    let recorded = async || (rows.checks().await.len() > 250).then_some(());
    until("checks are recorded", SOON, recorded).await;

    // Once with Postgres there, once with it away, so that the journal alone has the last checks.
    for away in [false, true] {
        if away {
            way.cut();
            let waiting = async || {
                let status = service.json("/api/v1/status").await;
                (status["record"]["waiting"].as_u64() > Some(20)).then_some(())
            };
            until("checks wait for Postgres", SOON, waiting).await;
        }
        let (before, written) = kill(&mut service, &rows).await;
        if away {
            assert!(rows.checks().await.len() < written.len(), "nothing waited in the journal");
        }
        service.start(&[]).await;
        same_verdicts(&before, &seen(&service).await);
        way.mend();
        nothing_is_missing(&rows, &written).await;
        checked_after(&service, newest(&before)).await;
        same_verdicts(&before, &seen(&service).await);
    }
    assert_eq!(rows.flapped().await, 0, "a site flapped in the record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgres_away_under_load_pages_answer_and_afterwards_every_check_is_there_once() {
    let (well, down) = (Server::start(Mood::Well).await, Server::start(Mood::Refusing).await);
    let database = throwaway::database().await.unwrap();
    let rows = Rows::connect(database.options()).await;
    let way = Way::to(socket(&database.options())).await;
    let mut service = Service::new(&load(&well, &down, 200), Some(url(&way, &database.options())));
    service.start(&[]).await;
    settled(&service).await;

    let moment = newest(&seen(&service).await);
    way.cut();
    // Two whole rounds without Postgres, with visitors all the time.
    let mut said = false;
    let away = async || {
        for path in ["/", "/s000.example", "/badge/down.example.svg", "/api/v1/status"] {
            assert_eq!(service.get(path).await.0, 200, "{path}");
        }
        said |= service.get("/").await.1.contains("waiting for its database");
        let later = moment + Duration::from_secs(10);
        seen(&service).await.values().all(|(.., at)| *at > later).then_some(())
    };
    until("two rounds without Postgres", SOON, away).await;
    assert!(said, "no page said that the record waits");
    let written = seen(&service).await.into_iter().map(|(slug, (.., at))| (slug, at)).collect();
    assert!(!rows.checks().await.is_superset(&written), "Postgres was not away");
    way.mend();
    nothing_is_missing(&rows, &written).await;
    caught_up(&service).await;
    assert!(rows.longest_gap().await < NO_GAP, "a gap of {} s", rows.longest_gap().await);
    assert_eq!(rows.flapped().await, 0, "a site flapped");
    assert_eq!(service.json("/readyz").await["status"], "ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_postgres_that_was_killed_comes_back_and_no_check_is_missing() {
    let (well, down) = (Server::start(Mood::Well).await, Server::start(Mood::Refusing).await);
    let mut service = Service::new(&load(&well, &down, 100), None);
    service.start(&[]).await;
    settled(&service).await;
    let (first, _) = service.postmaster().unwrap();
    let moment = newest(&seen(&service).await);
    send("KILL", first);
    let again = async || {
        assert_eq!(service.get("/").await.0, 200);
        service.postmaster().filter(|(pid, _)| *pid != first)
    };
    let (_, socket) = until("another Postgres runs", SOON, again).await;
    checked_after(&service, moment).await;
    caught_up(&service).await;
    let options = PgConnectOptions::new_without_pgpass();
    let options = options.socket(socket).port(5432).username("stillup").database("stillup");
    let rows = Rows::connect(options.ssl_mode(PgSslMode::Disable)).await;
    let written = seen(&service).await.into_iter().map(|(slug, (.., at))| (slug, at)).collect();
    nothing_is_missing(&rows, &written).await;
    assert!(rows.longest_gap().await < NO_GAP, "a gap of {} s", rows.longest_gap().await);
    assert_eq!(rows.flapped().await, 0, "a site flapped");
}

/// Waits until hardly anything waits for Postgres.
async fn caught_up(service: &Service) {
    let look = async || {
        let record = service.json("/api/v1/status").await["record"].clone();
        let few = record["waiting"].as_u64() < Some(200);
        (few && record["away_since"].is_null()).then_some(())
    };
    until("the record has caught up", SOON, look).await;
}

fn socket(options: &PgConnectOptions) -> std::path::PathBuf {
    options.get_socket().unwrap().join(".s.PGSQL.5432")
}

fn url(way: &Way, options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap();
    format!("postgres://stillup@{}/{database}?sslmode=disable", way.address())
}
