//! The pipeline without the network: judge, board, journal, recorder and jobs as `serve` has them,
//! on a manual clock.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use model::{
    judge::Rules,
    moment::Moment,
    name::Region,
    provider::Ranges,
    report::Report,
    site::{Site, Sites},
};
use prober::{
    clock::{Clock, ManualClock},
    journal::{Folder, Reader, Writer},
};
use stillup::{
    board::Board,
    pipeline::{Handover, JournalWriter, Judge, Pipeline, ProviderMonitor, Rechecks, Recorder},
    store::{RecordingStore, Store, held_alone},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
    home::Home,
    making::{DAY, slug},
    record::check,
};

/// As in `serve`.
const CHECKS: usize = 4_096;
/// Limit of the journal, in bytes.
const JOURNAL: u64 = 1 << 30;
/// Checks that may wait for Postgres before the clock waits for it.
const WAITING: u64 = 50_000;
/// Steps of a minute: the clock is never far ahead of the checks.
const STEPS: u64 = 6;

/// A node without a network. Its tasks end when it is dropped.
pub(crate) struct VirtualNode {
    manual_clock: ManualClock,
    clock: Clock,
    board: Arc<Board>,
    reports: mpsc::Sender<Report>,
    /// Checks that were sent.
    sent: AtomicU64,
    day: Moment,
    /// Numbers of the sites, in the order of their checks, with their moment in the minute.
    turns: Vec<(u64, Duration)>,
    stop: CancellationToken,
    running: JoinSet<()>,
    _sites: watch::Sender<Sites>,
    _again: mpsc::Receiver<model::name::Slug>,
}

fn site(number: u64) -> Arc<Site> {
    let slug = slug(number);
    let url = format!("https://{slug}/").parse().unwrap();
    Arc::new(Site::new(slug, url))
}

impl VirtualNode {
    pub(crate) async fn build(home: &Home, store: &Store, count: u64, day: Moment) -> Self {
        let all: Sites = (1..=count).map(site).collect::<Vec<_>>().into();
        store.sync_sites(&all, day).await.unwrap();
        store.prepare_days(day).await.unwrap();
        let (clock, manual_clock) = Clock::manual(day);
        let folder = Folder::open(home.path("journal")).unwrap();
        let writer = Writer::new(folder.clone(), JOURNAL).unwrap();
        let (sites, sites_in) = watch::channel(all);
        let (written, board) = (Arc::new(Handover::default()), Arc::new(Board::new()));
        let (reports, reports_in) = mpsc::channel(CHECKS);
        let (again, again_in) = mpsc::channel(CHECKS);
        let (_, link) = watch::channel(Some(store.clone()));
        let pipeline = Pipeline {
            judge: Judge::new(Rules::default(), HashMap::new()),
            provider_monitor: ProviderMonitor::new(Ranges::default(), []),
            journal: JournalWriter::new(writer, written.clone()),
            board: board.clone(),
            clock: clock.clone(),
            rechecks: Arc::new(Rechecks::new(Region::default(), again)),
            gather: Duration::ZERO,
            takeovers: mpsc::channel(1).1,
        };
        let recorder = Recorder {
            reader: Arc::new(Mutex::new(Reader::resume(folder).unwrap())),
            record: RecordingStore { link, lease: held_alone() },
            board: board.clone(),
            clock: clock.clone(),
            written,
            lease_file: None,
            several_hosts: false,
            takeovers: mpsc::channel(1).0,
        };
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        running.spawn(pipeline.run(reports_in, sites_in));
        let told = stop.clone();
        running.spawn(async move { recorder.run(told).await.unwrap() });
        let turn = |number| (number, check(number, 0, day, 0).at.since(day));
        let mut turns: Vec<_> = (1..=count).map(turn).collect();
        turns.sort_by_key(|(_, turn)| *turn);
        Self {
            manual_clock,
            clock,
            board,
            reports,
            sent: AtomicU64::new(0),
            day,
            turns,
            stop,
            running,
            _sites: sites,
            _again: again_in,
        }
    }

    /// One check of every site, in the order of the schedule.
    pub(crate) async fn minute(&self, minute: u64) {
        let begin = self.day + Duration::from_mins(minute);
        for step in 0..STEPS {
            let from = Duration::from_secs(60 / STEPS) * step as u32;
            let until = from + Duration::from_secs(60 / STEPS);
            let due = self.turns.iter().filter(|(_, turn)| *turn >= from && *turn < until);
            self.manual_clock.move_to(begin + until);
            let mut last = None;
            for (number, _) in due {
                let check = check(*number, 0, self.day, minute);
                last = Some((check.slug.clone(), check.at));
                self.reports.send(check.into()).await.expect("the judge is there");
                self.sent.fetch_add(1, Relaxed);
            }
            let Some((slug, at)) = last else { continue };
            let shown =
                || self.board.site(slug.as_str()).is_some_and(|site| site.checked_at() >= Some(at));
            while !shown() {
                sleep(Duration::from_millis(1)).await;
            }
        }
        self.recorded(WAITING).await;
    }

    /// Waits until no more than this many checks wait for Postgres.
    async fn recorded(&self, waiting: u64) {
        // Counted here: what the board says is waiting is an estimate.
        while self.sent.load(Relaxed).saturating_sub(self.board.store_health().recorded) > waiting {
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Sums what is over, and makes the partitions ahead, as the jobs of `serve` do.
    pub(crate) async fn jobs(&self, store: &Store) {
        // What an hour needs has been recorded by the time that it is summed.
        self.recorded(0).await;
        store.prepare_days(self.clock.now()).await.unwrap();
        while store.roll_up(self.clock.now()).await.unwrap().more {}
    }

    /// Records what is left, ends what runs, and sums the last hour.
    pub(crate) async fn end(self, store: &Store) {
        self.recorded(0).await;
        self.manual_clock.move_to(self.day + DAY + Duration::from_mins(10));
        self.jobs(store).await;
        let Self { reports, stop, mut running, .. } = self;
        stop.cancel();
        drop(reports);
        while let Some(ended) = running.join_next().await {
            ended.expect("nothing in it fails");
        }
    }
}
