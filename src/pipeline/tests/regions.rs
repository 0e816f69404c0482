//! Reports of several regions: what is judged, what is only recorded, and what is refused.

use super::*;
use model::{
    judge::network_health::{CanaryKind, CanaryResult},
    report::WhyNot,
    verdict::SelfDoubt,
};

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

fn second(n: i64) -> Moment {
    Moment::from_millis(START + n * 1_000)
}

/// A check that an agent made at one second and that is heard at another.
fn told(from: &str, made: i64, heard: i64, failure: Option<Failure>) -> Report {
    let check = check("a.example", made, failure);
    let content = ReportContent::Check { check, overloaded: false, origin: None };
    Report { region: region(from), heard: Some(second(heard)), content }
}

/// A check of an agent that has no vote.
fn uncounted(from: &str, made: i64, failure: Option<Failure>) -> Report {
    let content = ReportContent::Uncounted(check("a.example", made, failure));
    Report { region: region(from), heard: Some(second(made + 1)), content }
}

/// Outcome of hearing a report of a check.
fn hear(judging: &mut Judge, report: Report) -> Reception {
    let Report { region, heard, content } = report;
    let ReportContent::Check { mut check, overloaded, .. } = content else { panic!("{content:?}") };
    check.region = region;
    judging.hear(&check, heard, overloaded).unwrap()
}

fn judging() -> Judge {
    let mut judging = Judge::new(Rules::default(), HashMap::new());
    judging.set_sites(&[site("a.example"), site("b.example")], second(0));
    judging
}

#[test]
fn a_check_that_comes_twice_is_dropped_and_one_that_comes_late_is_only_history() {
    let mut judging = judging();
    for (made, heard) in [(0, 1), (60, 61), (120, 121)] {
        assert!(matches!(hear(&mut judging, told("syd", made, heard, None)), Reception::Judged(_)));
    }
    let slug = Slug::new("a.example").unwrap();
    let before = judging.state(&slug).unwrap().clone();
    let fails = Some(Failure::Connect);
    assert!(matches!(hear(&mut judging, told("syd", 120, 122, fails)), Reception::Repeated));
    assert!(matches!(hear(&mut judging, told("syd", 90, 122, fails)), Reception::NoEvidence));
    // Newer than the last, and no evidence any more when it comes.
    assert!(matches!(hear(&mut judging, told("syd", 180, 400, fails)), Reception::NoEvidence));
    // The first of a region too.
    assert!(matches!(hear(&mut judging, told("nyc", 0, 400, fails)), Reception::NoEvidence));
    assert_eq!(judging.state(&slug), Some(&before));
}

#[test]
fn the_nodes_own_clock_that_was_set_back_makes_no_agents_region_forget() {
    let mut judging = judging();
    hear(&mut judging, told("syd", 100, 101, None));
    hear(&mut judging, told("syd", 160, 161, Some(Failure::Connect)));
    judging.check(&check("a.example", 161, None));
    let slug = Slug::new("a.example").unwrap();
    let syd = judging.state(&slug).unwrap().region(&region("syd")).unwrap().clone();
    assert!(judging.check(&check("a.example", 140, None)).is_some(), "it is judged");
    assert_eq!(judging.state(&slug).unwrap().region(&region("syd")), Some(&syd));
}

#[test]
fn network_health_belongs_to_a_region_and_a_region_without_a_vote_says_why() {
    let mut judging = judging().doubting();
    let (here, there) = (Region::default(), region("syd"));
    let slug = Slug::new("a.example").unwrap();
    for (n, made) in [0, 60, 120].into_iter().enumerate() {
        hear(&mut judging, told("syd", made, made + 1, None));
        judging.check(&check("a.example", made + 2, None));
        let kind = CanaryKind::Public;
        let ok = CanaryResult { kind, at: second(made), answered: true };
        judging.take_canary_result(&there, ok);
        judging.take_canary_result(&here, CanaryResult { answered: true, ..ok });
        assert_eq!(n as i64 * 60, made);
    }
    // The line of Sydney is cut: nothing answers there, not even its canaries.
    let silent = Some(Failure::Timeout);
    hear(&mut judging, told("syd", 180, 190, silent));
    let kind = CanaryKind::Public;
    judging.take_canary_result(&there, CanaryResult { kind, at: second(186), answered: false });
    hear(&mut judging, told("syd", 187, 197, silent));
    judging.check(&check("a.example", 182, None));
    judging.silence(second(198));
    let state = judging.state(&slug).unwrap();
    assert_eq!(state.verdict.status, Status::Up);
    let syd = state.region(&there).unwrap();
    assert_eq!(syd.doubt.map(|(why, _)| why), Some(SelfDoubt::Line), "{syd:?}");
    let limits = model::judge::Limits::of(&site("a.example"));
    assert_eq!(syd.why_not(second(198), &limits), Some(WhyNot::Network));
    assert_eq!(state.region(&here).unwrap().why_not(second(198), &limits), None);
}

#[tokio::test]
async fn late_checks_are_recorded_once_and_those_of_a_wrong_clock_are_refused() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    let fails = Some(Failure::Dns);
    for report in [
        told("syd", 0, 1, None),
        told("syd", 60, 61, None),
        told("syd", 60, 61, None),
        told("syd", 30, 62, fails),
        told("syd", 30, 63, fails),
        told("syd", 64 + 3_600, 64, fails),
        told("syd", -7 * 3_600, 65, fails),
        uncounted("syd", 66, fails),
        uncounted("syd", 72, fails),
    ] {
        pipeline.reports.send(report).await.unwrap();
    }
    let board = pipeline.end().await;
    assert_eq!(board.site("a.example").unwrap().verdict.status, Status::Up);
    assert_eq!(
        moments(&store, "a.example").await,
        [72, 66, 60, 30, 0].into_iter().rev().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_batch_of_which_anything_was_refused_is_not_acknowledged_though_the_journal_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let pipeline = build(dir.path(), 60_000, HashMap::new());
    pipeline.until(|board| board.site("a.example").is_some()).await;
    assert!(pipeline.hear(vec![told("syd", 0, 1, None), told("syd", 6, 7, None)]).await);
    // More than there is room for; the word after it that the region has no vote fits.
    let mut many: Vec<Report> = (2..500).map(|n| told("syd", n * 6, n * 6 + 1, None)).collect();
    let last = many.split_off(many.len() - 10);
    many.extend(last.iter().cloned());
    let content = ReportContent::Voting(Some(WhyNot::Rules));
    many.push(Report { region: region("syd"), heard: Some(second(3_000)), content });
    assert!(!pipeline.hear(many).await);
    assert!(pipeline.board.store_health().refused >= 498);
    assert_eq!(pipeline.board.store_health().refusing, None, "the journal goes on");
    assert!(pipeline.hear(vec![told("syd", 3_006, 3_007, None)]).await);
    // What is sent again and finds room is not taken for known, the newest of all neither.
    assert!(pipeline.hear(last).await);
    let again = kept_in(dir.path());
    assert!((490..500).all(|n| again.contains(&second(n * 6))), "{again:?}");
    pipeline.kill();
}

/// The moments of the checks in the journal.
fn kept_in(dir: &Path) -> Vec<Moment> {
    let mut kept = Vec::new();
    let folder = Folder::open(dir.join("journal")).unwrap();
    folder.replay(|entry: Entry| kept.extend(entry.check().map(|check| check.at))).unwrap();
    kept
}

#[tokio::test]
async fn a_batch_that_is_sent_again_and_again_to_a_disk_that_takes_nothing_fills_no_memory() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    // Where a segment is begun, nothing can be.
    let draft = dir.path().join("journal/next.draft");
    std::fs::create_dir_all(&draft).unwrap();
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    let batch = || (0..3).map(|n| told("syd", n * 6, 20, None)).collect::<Vec<_>>();
    for _ in 0..5 {
        assert!(!pipeline.hear(batch()).await);
    }
    assert_eq!(pipeline.board.store_health().waiting(), 3, "it was judged once");
    // The node itself is not held up.
    let content = ReportContent::Voting(Some(WhyNot::Rules));
    let own = Report { region: region("syd"), heard: Some(second(21)), content };
    pipeline.heard.send(HeardReports::own(own)).await.unwrap();
    let barred = |board: &Board| {
        board
            .site("a.example")
            .is_some_and(|site| site.regions.iter().any(|seen| seen.barred == Some(WhyNot::Rules)))
    };
    pipeline.until(barred).await;
    std::fs::remove_dir(&draft).unwrap();
    assert!(pipeline.hear(batch()).await);
    pipeline.until(|board| board.store_health().waiting() == 0).await;
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, [0, 6, 12]);
}

#[tokio::test]
async fn a_region_that_retires_leaves_the_board_and_its_history_stays() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send([check("a.example", 0, None)]).await;
    for n in 0..3 {
        let report = told("syd", n * 20, n * 20 + 1, (n > 0).then_some(Failure::Tls));
        pipeline.reports.send(report).await.unwrap();
    }
    pipeline
        .until(|b| b.site("a.example").is_some_and(|s| s.verdict.status == Status::Partial))
        .await;
    let content = ReportContent::Retired;
    let gone = Report { region: region("syd"), heard: Some(second(60)), content };
    pipeline.reports.send(gone).await.unwrap();
    pipeline.until(|b| b.site("a.example").unwrap().regions.len() == 1).await;
    let board = pipeline.end().await;
    assert_eq!(board.site("a.example").unwrap().verdict.status, Status::Up);
    let outages = store.outages(&Slug::new("a.example").unwrap(), 10).await.unwrap();
    assert_eq!(outages[0].outage.ended_at, Some(second(60)));
    assert_eq!(moments(&store, "a.example").await.len(), 4);
}
