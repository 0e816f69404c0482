//! A prober with more checks than it has CPU for: no site is slow or down because of it, and it is said.
//!
//! On a paused clock, where CPU is time that passes for everybody.

use std::sync::atomic::Ordering::Relaxed;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, advance, sleep};

use super::*;
use prober::{
    probe::Probe,
    scheduler::{Scheduler, SchedulerStats},
};

/// Steps of a check; in each it waits for the network and then takes CPU.
const STEPS: u32 = 8;
const NETWORK: Duration = Duration::from_millis(5);

/// Sites that all answer alike, over a prober that takes this much CPU for each step.
#[derive(Clone, Debug)]
struct Costly {
    cpu: Duration,
    /// A site that keeps every step waiting for so long.
    late: Option<(&'static str, Duration)>,
}

impl Costly {
    async fn look(&self, site: &Site) -> Outcome {
        let begun = Instant::now();
        for _ in 0..STEPS {
            let late = self.late.filter(|(slug, _)| *slug == site.slug.as_str());
            sleep(late.map_or(NETWORK, |(_, wait)| wait)).await;
            // What takes CPU lets nobody else go on meanwhile: it is not waited for.
            let _ = advance(self.cpu).now_or_never();
        }
        let latency = begun.elapsed();
        let mut outcome = check(site.slug.as_str(), 0, None).outcome;
        if latency > site.timeout {
            outcome = Outcome::failed(Failure::Timeout, "as told");
        }
        outcome.phases = Phases { wait: Some(latency.as_micros() as u32), ..Phases::default() };
        outcome
    }
}

impl Probe for Costly {
    fn attempt<'a>(&'a self, site: &'a Site, _: u8) -> BoxFuture<'a, Outcome> {
        Box::pin(self.look(site))
    }
}

/// What came of some minutes.
struct SeenCauses {
    turns: Arc<SchedulerStats>,
    checks: usize,
    /// The sites that were ever called anything but up or unknown, with what.
    blamed: HashMap<Slug, Status>,
}

/// Lets this many sites be checked every 5 s for two minutes.
async fn look_at(count: usize, probe: Costly) -> SeenCauses {
    let all: Vec<_> = (0..count)
        .map(|n| {
            let slug = Slug::new(&format!("site-{n}.example")).unwrap();
            let url = format!("https://{slug}/").parse().unwrap();
            Arc::new(Site {
                interval: Duration::from_secs(5),
                timeout: Duration::from_secs(2),
                slow_after: Some(Duration::from_millis(120)),
                ..Site::new(slug, url)
            })
        })
        .collect();
    let clock = Clock::starting_at(Moment::from_millis(START));
    let (_sites, sites) = watch::channel(Sites::from(all.clone()));
    let (_again, again) = mpsc::channel(1);
    let (reports, mut reports_in) = mpsc::channel(100_000);
    let (turns, stop) = (Arc::new(SchedulerStats::default()), CancellationToken::new());
    let scheduler = Scheduler {
        probe,
        region: Region::default(),
        concurrency: 512,
        clock: clock.clone(),
        reports,
        stats: turns.clone(),
        stop: stop.clone(),
    };
    tokio::spawn(scheduler.run(sites, again));
    let mut judging = Judge::new(Rules::default(), HashMap::new());
    judging.set_sites(&all, clock.now());
    let (mut checks, mut blamed) = (0, HashMap::new());
    for _ in 0..120 {
        sleep(Duration::from_secs(1)).await;
        while let Ok(Report { content, .. }) = reports_in.try_recv() {
            let ReportContent::Check { check, overloaded, .. } = content else { continue };
            checks += 1;
            judging.hear(&check, None, overloaded);
            let status = judging.state(&check.slug).unwrap().verdict.status;
            if !matches!(status, Status::Up | Status::Unknown) {
                blamed.insert(check.slug, status);
            }
        }
        judging.silence(clock.now());
    }
    stop.cancel();
    SeenCauses { turns, checks, blamed }
}

#[tokio::test(start_paused = true)]
async fn more_checks_than_cpu_make_no_site_slow_or_down_and_the_prober_says_so() {
    // A check takes 16 ms of CPU: 62 a second are possible, 100 and 400 are wanted.
    for count in [500, 2_000] {
        let probe = Costly { cpu: Duration::from_millis(2), late: None };
        let SeenCauses { turns, checks, blamed } = look_at(count, probe).await;
        assert_eq!(blamed, HashMap::new(), "{count} sites");
        let overload = turns.overload().expect("it says that it cannot keep up");
        assert!(overload.behind > overload.turns / 4, "{overload:?}");
        assert!(turns.skipped.load(Relaxed) > 0);
        assert!(checks > 120 * 25, "{checks} of {count} sites: it goes on all the same");
    }
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_keeps_up_says_nothing_and_calls_slow_what_is_slow() {
    let late = Some(("site-7.example", Duration::from_millis(50)));
    let probe = Costly { cpu: Duration::from_millis(1), late };
    let SeenCauses { turns, checks, blamed } = look_at(250, probe).await;
    let slow = Slug::new("site-7.example").unwrap();
    assert_eq!(blamed, HashMap::from([(slow, Status::Slow)]));
    assert_eq!((turns.overload(), turns.skipped.load(Relaxed)), (None, 0));
    assert!(checks >= 250 * 23, "{checks}");
}

#[test]
fn of_a_prober_that_is_late_only_what_time_does_not_decide_is_evidence() {
    for (failure, evidence) in [
        (Failure::Timeout, false),
        (Failure::Reset, false),
        (Failure::Dns, false),
        (Failure::Connect, true),
        (Failure::Tls, true),
        (Failure::Http, true),
    ] {
        for overloaded in [true, false] {
            let mut judging = Judge::new(Rules::default(), HashMap::new());
            judging.set_sites(&[site("a.example")], Moment::from_millis(START));
            let mut judged = 0;
            for minute in 0..4 {
                let check = check("a.example", minute * 60, Some(failure));
                let heard = judging.hear(&check, None, overloaded).unwrap();
                judged += usize::from(matches!(heard, Reception::Judged(_)));
            }
            let status = judging.state(&Slug::new("a.example").unwrap()).unwrap().verdict.status;
            let counts = evidence || !overloaded;
            let want = if counts { (Status::Down, 4) } else { (Status::Unknown, 0) };
            assert_eq!((status, judged), want, "{failure:?}, overloaded {overloaded}");
        }
    }
}
