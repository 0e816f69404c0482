//! The loop on a paused clock: checks and their times.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use tokio::{task::JoinHandle, time::sleep};

use futures_util::future::BoxFuture;

use super::*;
use model::{
    moment::Moment,
    outcome::{Answer, Failure, Outcome, Phases},
    report::ReportContent,
    site::Site,
    site_request::Method,
};

/// Looks that take a given time and see a given outcome, and are counted.
#[derive(Clone, Debug, Default)]
struct Canned {
    takes: HashMap<String, Duration>,
    fails: Arc<Mutex<HashMap<String, (Failure, u32)>>>,
    looks: Arc<AtomicU64>,
}

impl Probe for Canned {
    fn attempt<'a>(&'a self, site: &'a Site, _: u8) -> BoxFuture<'a, Outcome> {
        Box::pin(self.seen(site))
    }
}

impl Canned {
    async fn seen(&self, site: &Site) -> Outcome {
        self.looks.fetch_add(1, Ordering::Relaxed);
        assert_ne!(site.slug.as_str(), "breaks.example", "this one breaks");
        sleep(self.takes.get(site.slug.as_str()).copied().unwrap_or_default()).await;
        if let Some((failure, left)) = self.fails.lock().unwrap().get_mut(site.slug.as_str())
            && *left > 0
        {
            *left -= 1;
            return Outcome::failed(*failure, "as told");
        }
        Outcome { phases: Phases { wait: Some(1), ..Phases::default() }, ..good() }
    }
}

fn good() -> Outcome {
    Outcome {
        answer: Answer::Ok,
        http_status: Some(200),
        phases: Phases::default(),
        traces: Box::default(),
        observed: Box::default(),
    }
}

const BEGIN: i64 = 1_700_000_000_000;

struct TestScheduler {
    sites: watch::Sender<Sites>,
    again: mpsc::Sender<Slug>,
    reports: mpsc::Receiver<Report>,
    turns: Arc<SchedulerStats>,
    clock: Clock,
    task: JoinHandle<()>,
}

fn site(name: &str, seconds: u64) -> Arc<Site> {
    Arc::new(Site {
        interval: Duration::from_secs(seconds),
        private: true,
        ..Site::new(Slug::new(name).unwrap(), "http://127.0.0.1/".parse().unwrap())
    })
}

fn start(look: Canned, sites: Vec<Arc<Site>>, concurrency: usize) -> TestScheduler {
    let clock = Clock::starting_at(Moment::from_millis(BEGIN));
    start_at(clock, look, sites, concurrency)
}

fn start_at(
    clock: Clock,
    look: Canned,
    sites: Vec<Arc<Site>>,
    concurrency: usize,
) -> TestScheduler {
    let (sites, sites_in) = watch::channel(Sites::from(sites));
    let (again, again_in) = mpsc::channel(8);
    let (reports_out, reports) = mpsc::channel(10_000);
    let turns = Arc::new(SchedulerStats::default());
    let checker = Scheduler {
        probe: look,
        region: Region::new("local").unwrap(),
        concurrency,
        clock: clock.clone(),
        reports: reports_out,
        stats: turns.clone(),
        stop: CancellationToken::new(),
    };
    let task = tokio::spawn(checker.run(sites_in, again_in));
    TestScheduler { sites, again, reports, turns, clock, task }
}

fn check_of(report: Report) -> Check {
    let ReportContent::Check { check, .. } = report.content else { panic!("{report:?}") };
    check
}

impl TestScheduler {
    /// Checks within this many seconds.
    async fn during(&mut self, seconds: u64) -> Vec<Check> {
        sleep(Duration::from_secs(seconds)).await;
        let mut all = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
            all.push(check_of(report));
        }
        all
    }
}

#[tokio::test(start_paused = true)]
async fn every_site_is_looked_at_soon_and_then_once_an_interval_in_its_place() {
    let sites = (0..100).map(|n| site(&format!("s{n}.example"), 60)).collect();
    let mut bench = start(Canned::default(), sites, 50);
    let first = bench.during(5).await;
    let seen: HashSet<_> = first.iter().map(|check| &check.slug).collect();
    assert_eq!(seen.len(), 100, "a first look at each within seconds");
    bench.during(60).await;
    let hour = bench.during(3_600).await;
    assert_eq!(hour.len(), 6_000);
    for check in hour {
        let place = model::schedule::offset(&check.slug, &check.region, Duration::from_mins(1));
        let off = (check.at.millis() - place.as_millis() as i64).rem_euclid(60_000);
        let late = MIN_SLEEP.as_millis() as i64 + 2;
        assert!(off <= late, "{} is off its place by {off} ms", check.slug);
    }
    assert_eq!(bench.turns.skipped.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_panics_costs_its_turn_and_no_other() {
    let sites = vec![site("breaks.example", 5), site("a.example", 5)];
    let mut bench = start(Canned::default(), sites, 2);
    let checks = bench.during(100).await;
    assert!(checks.len() >= 20 && checks.iter().all(|check| check.slug.as_str() == "a.example"));
    assert!(bench.turns.started.load(Ordering::Relaxed) >= 40, "it is tried again in each turn");
    assert_eq!(bench.turns.under_way.load(Ordering::Relaxed), 0);
    assert!(!bench.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn no_more_turns_are_under_way_than_allowed_and_late_ones_leave_a_gap() {
    let sites: Vec<_> = (0..20).map(|n| site(&format!("s{n}.example"), 5)).collect();
    let takes = sites.iter().map(|s| (s.slug.to_string(), Duration::from_secs(4))).collect();
    let mut bench = start(Canned { takes, ..Canned::default() }, sites, 2);
    for _ in 0..100 {
        bench.during(1).await;
        assert!(bench.turns.under_way.load(Ordering::Relaxed) <= 2);
    }
    let (done, skipped) =
        (bench.turns.started.load(Ordering::Relaxed), bench.turns.skipped.load(Ordering::Relaxed));
    assert!((45..=55).contains(&done), "{done}");
    assert!(skipped > 300, "{skipped}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_forward_makes_no_turn_late() {
    let (clock, hand) = Clock::manual(Moment::from_millis(BEGIN));
    let sites = (0..30).map(|n| site(&format!("s{n}.example"), 5)).collect();
    let mut bench = start_at(clock.clone(), Canned::default(), sites, 50);
    for second in 0..120 {
        let ahead = if second == 60 { Duration::from_hours(2) } else { Duration::ZERO };
        hand.move_to(clock.now() + Duration::from_secs(1) + ahead);
        bench.during(1).await;
    }
    assert_eq!(bench.turns.skipped.load(Ordering::Relaxed), 0);
    let started = bench.turns.started.load(Ordering::Relaxed);
    assert!((680..=750).contains(&started), "{started}");
    assert!(bench.turns.overload().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_site_is_never_looked_at_twice_at_once() {
    let takes = HashMap::from([("slow.example".to_owned(), Duration::from_secs(12))]);
    let look = Canned { takes, ..Canned::default() };
    let mut bench = start(look.clone(), vec![site("slow.example", 5)], 10);
    let checks = bench.during(100).await;
    assert!(bench.turns.skipped.load(Ordering::Relaxed) > 0);
    for pair in checks.windows(2) {
        assert!(pair[1].at.since(pair[0].at) >= Duration::from_secs(12));
    }
}

/// Attempts that each take a time and fail or not; which addresses they began with is noted.
#[derive(Clone, Debug)]
struct Script(Arc<Mutex<Vec<u8>>>, &'static [(u64, Option<Failure>)]);

impl Probe for Script {
    fn attempt<'a>(&'a self, _: &'a Site, number: u8) -> BoxFuture<'a, Outcome> {
        Box::pin(self.seen(number))
    }
}

impl Script {
    async fn seen(&self, attempt: u8) -> Outcome {
        let place = {
            let mut begun = self.0.lock().unwrap();
            begun.push(attempt);
            begun.len() - 1
        };
        let (seconds, failure) = self.1[place];
        sleep(Duration::from_secs(seconds)).await;
        let wait = Some(seconds as u32 * 1_000_000);
        let good = Outcome { phases: Phases { wait, ..Phases::default() }, ..good() };
        failure.map_or(good, |failure| Outcome::failed(failure, "as told"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_tried_again_at_once_and_a_silent_one_gets_company() {
    use Failure::{Reset, Timeout};
    for (script, attempts, failure, seconds) in [
        (&[(0, None)][..], 1, None, 0),
        (&[(0, Some(Reset)), (1, None)], 2, None, 1),
        (&[(0, Some(Reset)), (0, Some(Reset)), (1, None)], 3, None, 1),
        (&[(0, Some(Reset)), (0, Some(Reset)), (0, Some(Reset))], 3, Some(Reset), 0),
        (&[(3, None)], 1, None, 3),
        // The first one's time is a visitor's time.
        (&[(5, None), (1, None)], 1, None, 5),
        (&[(10, Some(Timeout)), (1, None)], 2, None, 10),
        (&[(10, Some(Timeout)), (60, None), (1, None)], 3, None, 10),
        (&[(10, Some(Timeout)), (0, Some(Reset)), (60, None)], 3, Some(Timeout), 10),
        (&[(0, Some(Reset)), (10, Some(Timeout)), (1, None)], 3, None, 10),
        (&[(0, Some(Reset)), (5, None), (0, Some(Reset))], 2, None, 5),
        (&[(5, Some(Reset)), (3, None)], 2, None, 6),
        (&[(6, Some(Reset)), (1, Some(Reset)), (1, None)], 3, None, 6),
    ] {
        let (look, start) = (Script(Arc::default(), script), Instant::now());
        let (outcome, took) = attempt_after(&look, &site("a.example", 60), 4).await;
        let others = outcome.observed.failed_attempts.iter().map(|attempt| attempt.failure);
        let ended =
            script.iter().filter_map(|(seconds, failure)| failure.filter(|_| *seconds < 60));
        assert_eq!(others.count(), ended.count() - usize::from(failure.is_some()), "{script:?}");
        let seen = (took, outcome.cause().map(|cause| cause.failure), start.elapsed().as_secs());
        assert_eq!(seen, (attempts, failure, seconds), "{script:?}");
        let begun = look.0.lock().unwrap().clone();
        assert_eq!(begun, [5, 6, 7][..script.len()], "each begins with the next address");
    }
}

/// Attempts of a POST: whether each sent its request, and whether it failed.
#[tokio::test(start_paused = true)]
async fn a_post_is_sent_once_a_check_and_repeated_only_where_it_was_not_sent() {
    use Failure::{Connect, Reset, Timeout};
    for (script, attempts, failure, seconds) in [
        (&[(8, true, None)][..], 1, None, 8),
        (&[(0, true, Some(Reset))], 1, Some(Reset), 0),
        (&[(10, true, Some(Timeout))], 1, Some(Timeout), 10),
        (&[(0, false, Some(Connect)), (8, true, None)], 2, None, 8),
        (&[(0, false, Some(Connect)), (1, true, Some(Reset))], 2, Some(Reset), 1),
        (&[(0, false, Some(Connect)); 3], 3, Some(Connect), 0),
        // Soon: a check does not take three times its limit.
        (&[(2, false, Some(Connect)), (2, false, Some(Connect))], 2, Some(Connect), 4),
        (&[(10, false, Some(Timeout))], 1, Some(Timeout), 10),
    ] {
        let (probe, start) = (Posts(Arc::default(), script), Instant::now());
        let mut site = Site::clone(&site("a.example", 60));
        site.request.method = Method::Post;
        let (outcome, took) = attempt_after(&probe, &site, 4).await;
        let seen = (took, outcome.cause().map(|cause| cause.failure), start.elapsed().as_secs());
        assert_eq!(seen, (attempts, failure, seconds), "{script:?}");
        assert_eq!(outcome.observed.failed_attempts.len(), script.len() - 1, "{script:?}");
        assert_eq!(*probe.0.lock().unwrap(), [5, 6, 7][..script.len()], "{script:?}");
    }
}

/// Attempts that each take some seconds, of waiting for a reply or of connecting, and fail or not.
#[derive(Clone, Debug)]
struct Posts(Arc<Mutex<Vec<u8>>>, &'static [(u64, bool, Option<Failure>)]);

impl Probe for Posts {
    fn attempt<'a>(&'a self, _: &'a Site, number: u8) -> BoxFuture<'a, Outcome> {
        let place = self.0.lock().unwrap().len();
        self.0.lock().unwrap().push(number);
        let (seconds, sent, failure) = self.1[place];
        let took = Some(seconds as u32 * 1_000_000);
        let phases = if sent {
            Phases { wait: took, ..Phases::default() }
        } else {
            Phases { connect: took, ..Phases::default() }
        };
        Box::pin(async move {
            sleep(Duration::from_secs(seconds)).await;
            let outcome = failure.map_or_else(good, |failure| Outcome::failed(failure, "as told"));
            Outcome { phases, ..outcome }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn each_turn_begins_with_the_next_address_and_after_a_failed_one_with_one_not_tried_yet() {
    let script = Script(
        Arc::default(),
        &[
            (0, Some(Failure::Reset)),
            (0, Some(Failure::Reset)),
            (0, Some(Failure::Reset)),
            (0, None),
            (0, Some(Failure::Reset)),
            (0, None),
            (0, None),
        ],
    );
    let clock = Clock::starting_at(Moment::from_millis(BEGIN));
    let (_sites, sites_in) = watch::channel(Sites::from(vec![site("a.example", 60)]));
    let (_again, again_in) = mpsc::channel(8);
    let (reports, mut seen) = mpsc::channel(8);
    let (region, stop) = (Region::new("local").unwrap(), CancellationToken::new());
    let (probe, stats) = (script.clone(), Arc::default());
    let checker = Scheduler { probe, region, concurrency: 1, clock, reports, stats, stop };
    tokio::spawn(checker.run(sites_in, again_in));
    for _ in 0..4 {
        seen.recv().await.unwrap();
    }
    assert_eq!(*script.0.lock().unwrap(), [1, 2, 3, 4, 5, 6, 6]);
}

#[tokio::test(start_paused = true)]
async fn the_judge_gets_its_other_look_within_seconds_and_only_one() {
    let mut bench = start(Canned::default(), vec![site("a.example", 600)], 10);
    bench.during(60).await;
    let slug = Slug::new("a.example").unwrap();
    for _ in 0..3 {
        bench.again.send(slug.clone()).await.unwrap();
    }
    let asked = bench.clock.now();
    let checks = bench.during(20).await;
    assert_eq!(checks.len(), 1);
    assert!(checks[0].at.since(asked) <= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_site_that_leaves_has_no_more_turns_and_the_loop_ends_with_its_catalogue() {
    let (a, b) = (site("a.example", 5), site("b.example", 5));
    let mut bench = start(Canned::default(), vec![a.clone(), b], 10);
    bench.during(10).await;
    bench.sites.send(Sites::from(vec![a])).unwrap();
    bench.during(1).await;
    let later = bench.during(30).await;
    assert!(later.len() >= 5 && later.iter().all(|c| c.slug.as_str() == "a.example"));
    drop(bench.sites);
    bench.task.await.unwrap();
}
