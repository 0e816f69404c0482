//! From check to Postgres and back, on a real one that comes and goes.

mod ours;
mod overload;
mod pooler;
mod providers;
mod refusals;
mod regions;
mod takeover;
#[path = "../../tests/support/until.rs"]
mod until;

use std::{collections::HashMap, path::Path, sync::Mutex};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    pipeline::Entry,
    private_postgres::throwaway,
    store::{LeaseHandle, OutagesWanted, RecordingStore, Store, held_alone},
};
use model::{
    judge::Rules,
    moment::Moment,
    name::Region,
    outcome::{Answer, Failure, Outcome, Phases},
    provider::Ranges,
    verdict::Status,
};
use prober::journal::{Folder, Reader, Writer};
use until::{SOON, until};

const START: i64 = 1_790_000_000_000;

fn site(slug: &str) -> Arc<Site> {
    Arc::new(Site::new(Slug::new(slug).unwrap(), format!("https://{slug}/").parse().unwrap()))
}

fn check(slug: &str, second: i64, failure: Option<Failure>) -> Check {
    let good = Outcome {
        answer: Answer::Ok,
        http_status: Some(200),
        phases: Phases { wait: Some(80_000), ..Phases::default() },
        traces: Box::default(),
        observed: Box::default(),
    };
    Check {
        slug: Slug::new(slug).unwrap(),
        region: Region::default(),
        at: Moment::from_millis(START + second * 1_000),
        outcome: failure.map_or(good, |failure| Outcome::failed(failure, "as told")),
        attempts: 1,
    }
}

/// A pipeline and a recorder over one folder, and the store that may be linked.
struct TestPipeline {
    board: Arc<Board>,
    reports: mpsc::Sender<Report>,
    heard: mpsc::Sender<HeardReports>,
    sites: watch::Sender<Sites>,
    link: watch::Sender<Option<Store>>,
    pipeline: JoinHandle<()>,
    recorder: JoinHandle<std::io::Result<()>>,
    judged: CancellationToken,
}

/// A fixed clock at a moment that makes all checks of a test fresh.
fn clock() -> Clock {
    Clock::starting_at(Moment::from_millis(START + 60_000))
}

type States = HashMap<Slug, model::judge::SiteState>;

fn build(dir: &Path, limit: u64, states: States) -> TestPipeline {
    build_at(dir, limit, states, &clock())
}

fn build_at(dir: &Path, limit: u64, states: States, clock: &Clock) -> TestPipeline {
    build_with(dir, limit, Judge::new(Rules::default(), states), clock)
}

fn build_with(dir: &Path, limit: u64, judging: Judge, clock: &Clock) -> TestPipeline {
    build_node(dir, limit, judging, clock, (held_alone(), None))
}

/// The same as one of several nodes, with the lease as it sees that.
fn build_node(
    dir: &Path,
    limit: u64,
    judging: Judge,
    clock: &Clock,
    (lease, lease_file): (LeaseHandle, Option<LeaseFile>),
) -> TestPipeline {
    let (order_takeovers, takeovers) = mpsc::channel(1);
    let folder = Folder::open(dir.join("journal")).unwrap();
    let written = Arc::new(Handover::default());
    let board = Arc::new(Board::new());
    let (reports, reports_in) = mpsc::channel(100_000);
    let (heard, heard_in) = mpsc::channel(16);
    let (again, _) = mpsc::channel(10);
    let (sites, sites_in) = watch::channel(Sites::from([site("a.example"), site("b.example")]));
    let (link, link_in) = watch::channel(None);
    let writer = Writer::new(folder.clone(), limit).unwrap();
    let pipeline = Pipeline {
        judge: judging,
        provider_monitor: ProviderMonitor::new(Ranges::default(), []),
        journal: JournalWriter::new(writer, written.clone()),
        board: board.clone(),
        clock: clock.clone(),
        rechecks: Arc::new(Rechecks::new(Region::default(), again)),
        gather: Duration::from_millis(1),
        takeovers,
    };
    let recorder = Recorder {
        reader: Arc::new(Mutex::new(Reader::resume(folder).unwrap())),
        record: RecordingStore { link: link_in, lease },
        board: board.clone(),
        clock: clock.clone(),
        written,
        lease_file,
        several_hosts: false,
        takeovers: order_takeovers,
    };
    let judged = CancellationToken::new();
    TestPipeline {
        pipeline: tokio::spawn(pipeline.run_with(reports_in, heard_in, sites_in)),
        recorder: tokio::spawn(recorder.run(judged.clone())),
        board,
        reports,
        heard,
        sites,
        link,
        judged,
    }
}

impl TestPipeline {
    async fn send(&self, checks: impl IntoIterator<Item = Check>) {
        for check in checks {
            self.reports.send(check.into()).await.unwrap();
        }
    }

    /// Sends a batch of an agent; returns whether it is acknowledged.
    async fn hear(&self, reports: Vec<Report>) -> bool {
        let (batch, kept) = HeardReports::new(reports);
        self.heard.send(batch).await.unwrap();
        kept.await.is_ok()
    }

    /// Ends in order: what was sent is judged and, if Postgres is there, recorded.
    async fn end(self) -> Arc<Board> {
        drop(self.reports);
        self.pipeline.await.unwrap();
        self.judged.cancel();
        self.recorder.await.unwrap().unwrap();
        self.board
    }

    /// Ends at once, wherever it is, as with `kill -9`.
    fn kill(&self) {
        self.pipeline.abort();
        self.recorder.abort();
    }

    async fn until(&self, shown: impl Fn(&Board) -> bool) {
        let look = async || shown(&self.board).then_some(());
        until("the board shows it", SOON, look).await;
    }
}

async fn store() -> Store {
    let database = throwaway::database().await.unwrap();
    Store::connect(database.options()).await.unwrap()
}

async fn moments(store: &Store, slug: &str) -> Vec<i64> {
    let rows = store.recent_checks(&Slug::new(slug).unwrap(), 100_000, None).await.unwrap();
    rows.iter().rev().map(|row| (row.at.millis() - START) / 1_000).collect()
}

#[tokio::test]
async fn checks_verdicts_and_outages_reach_the_board_and_postgres() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send([check("a.example", 0, None), check("b.example", 0, None)]).await;
    pipeline.send((1..4).map(|n| check("a.example", n * 6, Some(Failure::Tls)))).await;
    let board = pipeline.end().await;

    let shown = board.site("a.example").unwrap();
    assert_eq!(shown.verdict.status, Status::Down);
    assert_eq!(moments(&store, "a.example").await, [0, 6, 12, 18]);
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert_eq!(outages.len(), 1);
    assert_eq!(outages[0].outage.started_at, Moment::from_millis(START + 6_000));
    assert_eq!(board.store_health().waiting(), 0);
}

#[tokio::test]
async fn while_postgres_is_away_the_board_goes_on_and_afterwards_every_check_is_there_once() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.send((0..3_000).map(|second| check("a.example", second, None))).await;
    pipeline.until(|board| board.store_health().waiting() == 3_000).await;
    pipeline.until(|board| board.store_health().away_since.is_some()).await;
    assert_eq!(pipeline.board.site("a.example").unwrap().verdict.status, Status::Up);

    pipeline.link.send_replace(Some(store.clone()));
    pipeline.until(|board| board.store_health().waiting() == 0).await;
    assert_eq!(pipeline.board.store_health().away_since, None);
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..3_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_disk_that_takes_no_note_of_what_is_recorded_stops_nothing() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    // Where the note is written there is something that cannot be written.
    std::fs::create_dir(dir.path().join("journal/recorded.draft")).unwrap();
    pipeline.link.send_replace(Some(store.clone()));
    for second in 0..30 {
        pipeline.send([check("a.example", second, None)]).await;
    }
    pipeline.until(|board| board.store_health().recorded == 30).await;
    assert!(!pipeline.recorder.is_finished());
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..30).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_a_killed_process_had_judged_is_recorded_by_the_next_one() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.send((0..50).map(|second| check("a.example", second, Some(Failure::Connect)))).await;
    pipeline.until(|board| board.store_health().waiting() == 50).await;
    // Killed: nothing is drained and nothing is released.
    pipeline.kill();

    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..50).collect::<Vec<_>>());
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert_eq!(outages.len(), 1, "and judged once");
}

#[tokio::test]
async fn a_journal_past_its_limit_refuses_in_words_and_makes_up_for_verdicts_later() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 6_000, HashMap::new());
    pipeline.until(|board| board.site("a.example").is_some()).await;
    for second in 0..100 {
        pipeline.send([check("a.example", second * 6, Some(Failure::Dns))]).await;
        pipeline
            .until(|board| {
                board
                    .site("a.example")
                    .unwrap()
                    .recent
                    .iter()
                    .any(|g| g.at.millis() == START + second * 6_000)
            })
            .await;
    }
    let record = pipeline.board.store_health();
    assert!(record.refusing.is_some() && record.refused > 0, "{record:?}");
    assert_eq!(record.refused + record.waiting(), 100, "every check is kept or counted as refused");
    assert_eq!(pipeline.board.site("a.example").unwrap().verdict.status, Status::Down);

    pipeline.link.send_replace(Some(store.clone()));
    pipeline.until(|board| board.store_health().waiting() == 0).await;
    pipeline.end().await;
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert_eq!(outages.len(), 1);
}

#[tokio::test]
async fn while_the_disk_takes_nothing_checks_wait_in_memory_and_are_recorded_once() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    // Where a segment is begun, nothing can be.
    let draft = dir.path().join("journal/next.draft");
    std::fs::create_dir_all(&draft).unwrap();
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send((0..50).map(|second| check("a.example", second, Some(Failure::Dns)))).await;
    pipeline.until(|board| board.store_health().waiting() == 50).await;
    assert_eq!(pipeline.board.site("a.example").unwrap().verdict.status, Status::Down);
    assert!(moments(&store, "a.example").await.is_empty());
    assert!(pipeline.board.store_health().held_since.is_some());

    std::fs::remove_dir(&draft).unwrap();
    pipeline.send([check("a.example", 50, Some(Failure::Dns))]).await;
    pipeline.until(|board| board.store_health().waiting() == 0).await;
    let record = pipeline.end().await.store_health();
    assert!(record.refusing.is_none() && record.refused == 0, "{record:?}");
    assert_eq!(record.held_since, None);
    assert_eq!(moments(&store, "a.example").await, (0..=50).collect::<Vec<_>>());
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert_eq!(outages.len(), 1);
    let folder = Folder::open(dir.path().join("journal")).unwrap();
    let mut kept = 0;
    folder.replay(|entry| kept += usize::from(matches!(entry, Entry::Check(_)))).unwrap();
    assert_eq!(kept, 51, "each is in the journal once");
}

#[tokio::test]
async fn a_site_that_leaves_the_catalogue_keeps_its_history_and_its_outage_ends() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send((0..3).map(|n| check("a.example", n * 6, Some(Failure::Reset)))).await;
    pipeline.until(|b| b.site("a.example").is_some_and(|s| s.verdict.status == Status::Down)).await;
    pipeline.sites.send_replace(Sites::from([site("b.example")]));
    pipeline.until(|board| board.site("a.example").is_none()).await;
    pipeline.send([check("a.example", 20, None)]).await;
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, [0, 6, 12]);
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert!(outages[0].outage.ended_at.is_some());
}
