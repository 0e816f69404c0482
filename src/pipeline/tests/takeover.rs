//! Two nodes on one Postgres: what one of them recorded the other goes on from, and every check and
//! every verdict is in the record once.

use sqlx::PgPool;

use super::*;
use crate::store::{LeaseAnswer, LeaseRequest, LeaseState};
use model::report::Origin;

/// A node, and what it believes of the lease.
struct TakeoverNode {
    pipeline: TestPipeline,
    lease: watch::Sender<LeaseState>,
    dir: tempfile::TempDir,
    name: &'static str,
    store: Store,
}

impl TakeoverNode {
    fn start(name: &'static str, store: &Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (lease, handle) = watch::channel(LeaseState::Unknown);
        let judging = Judge::new(Rules::default(), HashMap::new());
        let folder = Folder::open(dir.path().join("journal")).unwrap();
        let file = LeaseFile::open(&folder, name).unwrap();
        let pipeline = build_node(dir.path(), 1 << 30, judging, &clock(), (handle, Some(file)));
        pipeline.link.send_replace(Some(store.clone()));
        Self { pipeline, lease, dir, name, store: store.clone() }
    }

    /// Takes the lease, which is free, for a term that is over at once.
    async fn take(&self, continues: bool) {
        let request = LeaseRequest {
            holder: self.name.into(),
            node: self.name.into(),
            run: self.name.into(),
            anew: false,
            patience: Duration::ZERO,
            term: Duration::ZERO,
        };
        let LeaseAnswer::Taken(taken) = self.store.take_lease(&request).await.unwrap() else {
            panic!("another node has it");
        };
        self.lease.send_replace(LeaseState::Held { key: Some(taken.key), continues });
    }

    /// Hears a check that another node made: 50 ms later, by its own clock.
    async fn hears(&self, check: &Check, number: u64) {
        self.send(check.clone(), Some(check.at + Duration::from_millis(50)), number).await;
    }

    async fn sees(&self, check: &Check, number: u64) {
        self.send(check.clone(), None, number).await;
    }

    async fn send(&self, check: Check, heard: Option<Moment>, number: u64) {
        let origin = Some(Origin { run: "a".into(), number });
        let region = check.region.clone();
        let content = ReportContent::Check { check, overloaded: false, origin };
        self.pipeline.reports.send(Report { region, heard, content }).await.unwrap();
    }

    async fn shows(&self, status: Status) {
        self.pipeline
            .until(|board| board.site("a.example").is_some_and(|s| s.verdict.status == status))
            .await;
    }
}

async fn database() -> (throwaway::TestDatabase, PgPool, Store) {
    let database = throwaway::database().await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    (database, pool, store)
}

/// Two nodes, of which the first records and the second follows.
async fn recorder_and_follower(store: &Store) -> (TakeoverNode, TakeoverNode) {
    let (first, second) = (TakeoverNode::start("a", store), TakeoverNode::start("b", store));
    first.take(true).await;
    second.lease.send_replace(LeaseState::Elsewhere);
    (first, second)
}

/// Two nodes, of which the first has recorded ten minutes of the other region, and the second, which
/// follows, was frozen since the second check.
async fn recorder_and_sleeper(store: &Store) -> (TakeoverNode, TakeoverNode) {
    let (first, second) = recorder_and_follower(store).await;
    for number in 0..=20 {
        let check = there(number);
        first.send(check.clone(), Some(check.at), number as u64 + 1).await;
        if number < 2 {
            second.send(check.clone(), Some(check.at), number as u64 + 1).await;
        }
    }
    are_recorded(store, 21).await;
    (first, second)
}

/// Waits until the record has so many checks.
async fn are_recorded(store: &Store, count: usize) {
    let all = async || (moments(store, "a.example").await.len() == count).then_some(());
    until("they are recorded", SOON, all).await;
}

/// The check of this number from another region, of one every 30 s.
fn there(number: i64) -> Check {
    Check { region: Region::new("there").unwrap(), ..check("a.example", number * 30, None) }
}

fn folder_of(node: &TakeoverNode) -> Folder {
    Folder::open(node.dir.path().join("journal")).unwrap()
}

/// Verdicts in the record, in their order.
async fn recorded(pool: &PgPool) -> Vec<i16> {
    let read = "SELECT status FROM changes ORDER BY from_at, at";
    sqlx::query_scalar(read).fetch_all(pool).await.unwrap()
}

const FAILED: Option<Failure> = Some(Failure::Connect);
const UP: i16 = Status::Up as i16;
const DOWN: i16 = Status::Down as i16;

#[tokio::test]
async fn what_one_node_recorded_another_goes_on_from_and_everything_is_there_once() {
    let (_database, pool, store) = database().await;
    let (first, second) = recorder_and_follower(&store).await;
    let script = [None, FAILED, FAILED, FAILED, FAILED, None, None, None];
    let checks: Vec<Check> =
        (0..).zip(script).map(|(n, failure)| check("a.example", n * 6, failure)).collect();
    for (number, check) in (1..).zip(&checks[..4]) {
        first.sees(check, number).await;
        second.hears(check, number).await;
    }
    for node in [&first, &second] {
        node.shows(Status::Down).await;
    }
    first.pipeline.until(|board| board.store_health().waiting() == 0).await;
    assert_eq!(recorded(&pool).await, [UP, DOWN]);

    // The first is frozen; the second hears on, and takes over.
    for (number, check) in (5..).zip(&checks[4..7]) {
        second.hears(check, number).await;
    }
    second.shows(Status::Up).await;
    second.take(false).await;
    second.pipeline.until(|board| board.store_health().waiting() == 0).await;
    assert_eq!(moments(&store, "a.example").await, [0, 6, 12, 18, 24, 30, 36]);
    assert_eq!(recorded(&pool).await, [UP, DOWN, UP]);
    let slug = Slug::new("a.example").unwrap();
    let outages = store.outages(&slug, 10).await.unwrap();
    assert_eq!(outages.len(), 1, "{outages:?}");
    assert_eq!(outages[0].outage.started_at, checks[1].at);
    assert_eq!(outages[0].outage.ended_at, Some(checks[5].at));

    // The first goes on, believes to record, and is refused; then it follows.
    for (number, check) in (5..).zip(&checks[4..8]) {
        first.sees(check, number).await;
    }
    first.shows(Status::Up).await;
    let beyond = async || (first.pipeline.board.store_health().waiting() == 4).then_some(());
    until("it waits", SOON, beyond).await;
    assert_eq!(moments(&store, "a.example").await.len(), 7);
    first.lease.send_replace(LeaseState::Elsewhere);
    second.hears(&checks[7], 8).await;
    are_recorded(&store, 8).await;
    assert_eq!(recorded(&pool).await, [UP, DOWN, UP]);
    assert_eq!(store.outages(&slug, 10).await.unwrap().len(), 1);

    // A restart of the second knows what it was.
    let (dir, before) = (second.dir, second.pipeline.board.site("a.example").unwrap());
    second.pipeline.end().await;
    assert!(dir.path().join("journal/lease.json").exists());
    assert_eq!(before.verdict.status, Status::Up);
    drop(first);
}

#[tokio::test]
async fn a_region_that_is_barred_here_alone_makes_no_gap_in_what_another_node_recorded() {
    let (_database, pool, store) = database().await;
    let (first, second) = recorder_and_follower(&store).await;
    // The second was frozen for a while: it believes that the clock of the other region jumped.
    let heard = Some(there(0).at);
    let content = ReportContent::Voting(Some(model::report::WhyNot::Clock));
    let region = Region::new("there").unwrap();
    second.pipeline.reports.send(Report { region, heard, content }).await.unwrap();
    for number in 0..8 {
        let check = there(number);
        first.send(check.clone(), Some(check.at), number as u64 + 1).await;
        second.send(check.clone(), Some(check.at), number as u64 + 1).await;
    }
    are_recorded(&store, 8).await;
    second.take(false).await;
    second.send(check("a.example", 215, None), None, 9).await;
    are_recorded(&store, 9).await;
    assert_eq!(recorded(&pool).await, [UP]);
}

#[tokio::test]
async fn a_node_that_was_frozen_makes_no_gap_in_what_another_node_recorded() {
    let (_database, pool, store) = database().await;
    let (_first, second) = recorder_and_sleeper(&store).await;
    // It wakes: its own check comes before what it missed.
    second.send(check("a.example", 601, None), None, 100).await;
    second.shows(Status::Up).await;
    for number in 2..=20 {
        second
            .send(there(number), Some(there(20).at + Duration::from_secs(2)), number as u64 + 1)
            .await;
    }
    second.take(false).await;
    are_recorded(&store, 22).await;
    assert_eq!(recorded(&pool).await, [UP]);
}

#[tokio::test]
async fn a_node_that_never_heard_what_another_node_recorded_makes_no_gap_in_it() {
    let (_database, pool, store) = database().await;
    let (_first, second) = recorder_and_sleeper(&store).await;
    // It wakes and takes over, before its peer can send it what it missed.
    second.send(check("a.example", 601, None), None, 100).await;
    second.shows(Status::Up).await;
    second.take(false).await;
    are_recorded(&store, 22).await;
    assert_eq!(recorded(&pool).await, [UP]);
}

#[tokio::test]
async fn a_node_that_follows_keeps_what_is_not_recorded_and_lets_go_of_what_is() {
    let store = store().await;
    let (first, second) = (TakeoverNode::start("a", &store), TakeoverNode::start("b", &store));
    second.lease.send_replace(LeaseState::Elsewhere);
    let late = Duration::from_mins(16);
    for number in 1..=20_u64 {
        let old = check("a.example", number as i64, None);
        let moment = (number > 10).then_some(old.at + late);
        let check = Check { at: moment.unwrap_or(old.at), ..old };
        if number != 15 {
            first.send(check.clone(), Some(check.at), number).await;
        }
        second.send(check.clone(), Some(check.at), number).await;
    }
    second.pipeline.until(|board| board.store_health().waiting() == 20).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(second.pipeline.board.store_health().waiting(), 20, "nobody records");
    first.take(true).await;
    first.pipeline.until(|board| board.store_health().waiting() == 0).await;
    second.pipeline.until(|board| board.store_health().waiting() == 10).await;
    let mut reader = Reader::resume(folder_of(&second)).unwrap();
    let left = reader.read(1_000).unwrap().into_iter();
    let number = |entry| if let Entry::Origin(origin) = entry { Some(origin.number) } else { None };
    let left: Vec<u64> = left.filter_map(number).collect();
    assert_eq!(left, (11..=20).collect::<Vec<_>>(), "a number stays with its check");
    second.pipeline.end().await;
    first.pipeline.end().await;
}
