//! Support shared by the tests.

use std::{sync::Arc, task::Poll};

use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    site::Site,
    verdict::Change,
};
use sqlx::PgPool;
use stillup::{
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
};

pub(crate) const NOON: &str = "2026-03-01T12:00:00Z";

/// An empty database of a Postgres of our own; with `DATABASE_URL`, a schema of a Citus cluster. The jobs'
/// locks are of a database, so tests that share one run one at a time: `--test-threads 1`.
pub(crate) async fn database() -> TestDatabase {
    match std::env::var("DATABASE_URL") {
        Ok(url) => throwaway::schema_of_cluster(&url).await,
        Err(_) => throwaway::database().await,
    }
    .unwrap()
}

/// Returns whether the tests run on a Citus cluster, which this one is not about, and says why.
pub(crate) fn is_skipped_on_cluster(why: &str) -> bool {
    let cluster = std::env::var_os("DATABASE_URL").is_some();
    if cluster {
        println!("skipped on a cluster: {why}");
    }
    cluster
}

/// A store on an empty database.
pub(crate) async fn store() -> (Store, TestDatabase) {
    let database = database().await;
    (Store::connect(database.options()).await.unwrap(), database)
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

pub(crate) fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// A good check with every phase.
pub(crate) fn check(site: &str, at: Moment) -> Check {
    let phases = Phases {
        dns: Some(1_200),
        connect: Some(10_000),
        tls: Some(20_000),
        wait: Some(30_000),
        transfer: Some(5),
    };
    Check {
        slug: slug(site),
        region: Region::new("local").unwrap(),
        at,
        outcome: Outcome {
            answer: Answer::Ok,
            http_status: Some(200),
            phases,
            traces: Box::default(),
            observed: Box::default(),
        },
        attempts: 1,
    }
}

pub(crate) fn failed(site: &str, at: Moment, detail: &str) -> Check {
    let mut check = check(site, at);
    check.outcome.answer = Answer::Failed(Cause::new(Failure::Connect, detail));
    check.outcome.http_status = None;
    check.outcome.phases = Phases::default();
    check
}

pub(crate) fn site(name: &str) -> Arc<Site> {
    let url = format!("https://{name}/").parse().unwrap();
    Arc::new(Site { provider: Some("aws".into()), ..Site::new(slug(name), url) })
}

/// Judges these checks; the changes and the state after them.
pub(crate) fn judge(checks: &[Check]) -> (Vec<(Slug, Change)>, SiteState) {
    let (mut state, mut changes) = (SiteState::default(), Vec::new());
    let limits = Limits::of(&site("x.example"));
    for check in checks {
        let step = state.check(check, &limits, &Rules::default());
        changes.extend(step.changes.into_iter().map(|change| (check.slug.clone(), change)));
    }
    (changes, state)
}

pub(crate) fn plain(checks: Vec<Check>) -> Batch {
    Batch { checks, ..Batch::default() }
}

pub(crate) async fn count(database: &TestDatabase) -> i64 {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM checks").fetch_one(&pool).await.unwrap()
}

/// Runs a future until it was polled this many times, and drops it there.
pub(crate) async fn until_poll<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (std::pin::pin!(future), polls);
    std::future::poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Pending if left == 0 => Poll::Ready(None),
            other => other.map(Some),
        }
    })
    .await
}
