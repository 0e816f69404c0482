//! The board after events of the pipeline.

use super::*;
use model::{
    judge::{Limits, Rules},
    name::Region,
    outcome::{Failure, Outcome},
    verdict::Status,
};

fn site(slug: &str) -> Arc<Site> {
    Arc::new(Site::new(Slug::new(slug).unwrap(), format!("https://{slug}/").parse().unwrap()))
}

fn failed(minute: i64) -> Arc<Check> {
    Arc::new(Check {
        slug: Slug::new("a.example").unwrap(),
        region: Region::new("local").unwrap(),
        at: Moment::from_millis(minute * 60_000),
        outcome: Outcome::failed(Failure::Dns, "no such name"),
        attempts: 2,
    })
}

#[test]
fn checks_verdicts_and_outages_are_shown_and_stay_with_the_catalogue() {
    let board = Board::new();
    board.set_catalogue(&[site("a.example"), site("b.example")]);
    let mut state = SiteState::default();
    for minute in 0..40 {
        let check = failed(minute);
        let step = state.check(&check, &Limits::of(&site("a.example")), &Rules::default());
        let outages: Vec<_> = step.changes.into_iter().flat_map(|c| c.outages).collect();
        board.show(&check, &state, &outages);
    }
    board.set_catalogue(&[site("a.example")]);
    assert_eq!(board.sites().len(), 1);
    let shown = board.site("a.example").unwrap();
    assert_eq!(shown.verdict.status, Status::Down);
    assert_eq!(shown.regions[0].status, Status::Down);
    assert_eq!(
        (shown.recent.len(), shown.recent.iter().next().map(|g| g.at)),
        (30, Some(failed(39).at))
    );
    assert_eq!(shown.outages.len(), 1);
    assert_eq!(shown.latency(), None, "a failed check has no latency to show");
    assert!(shown.is_fresh(failed(40).at) && !shown.is_fresh(failed(60).at));
    assert!(board.site("b.example").is_none());
}

#[test]
fn what_the_record_has_fills_in_behind_what_is_shown() {
    let board = Board::new();
    board.set_catalogue(&[site("a.example")]);
    let check = failed(5);
    board.show(&check, &SiteState::default(), &[]);
    let older: Vec<_> = [5, 4, 3].map(failed).into();
    board.fill(&check.slug, &older, &[], true);
    let shown = board.site("a.example").unwrap();
    let minutes: Vec<_> = shown.recent.iter().map(|g| g.at.millis() / 60_000).collect();
    assert_eq!(minutes, [5, 4, 3]);
}

#[test]
fn changes_of_verdicts_are_numbered_and_other_checks_are_none() {
    let board = Board::new();
    board.set_catalogue(&[site("a.example")]);
    let told = board.follow();
    let mut state = SiteState::default();
    for minute in 0..20 {
        let check = failed(minute);
        state.check(&check, &Limits::of(&site("a.example")), &Rules::default());
        board.show(&check, &state, &[]);
    }
    assert_eq!(*told.borrow(), 1);
    let changes = board.changes_after(0, 10).unwrap();
    assert_eq!((changes.len(), changes[0].number), (1, 1));
    assert_eq!(changes[0].live.verdict.status, Status::Down);
    assert!(board.changes_after(1, 10).unwrap().is_empty());
    assert_eq!(board.changes_after(2, 10).unwrap_err(), Lost);
}

#[test]
fn who_fell_too_far_behind_is_told_so() {
    let board = Board::new();
    board.set_catalogue(&[site("a.example")]);
    let mut state = SiteState::default();
    for round in 0..700 {
        state.verdict.status = if round % 2 == 0 { Status::Down } else { Status::Up };
        board.show_state(&failed(0).slug, &state, &[]);
    }
    assert_eq!(board.changes_after(0, 10).unwrap_err(), Lost);
    let last: Vec<_> = board.changes_after(690, 4).unwrap();
    assert_eq!(last.iter().map(|c| c.number).collect::<Vec<_>>(), [691, 692, 693, 694]);
}

#[test]
fn after_a_restart_it_says_when_it_was_looked_at_and_what_was_seen() {
    let board = Board::new();
    let site = site("a.example");
    board.set_catalogue(std::slice::from_ref(&site));
    let (check, mut state) = (failed(5), SiteState::default());
    state.check(&check, &Limits::of(&site), &Rules::default());
    board.show_state(&check.slug, &state, &[]);
    assert_eq!(board.site("a.example").unwrap().checked_at(), Some(check.at));
    board.fill(&check.slug, &[failed(5), failed(4)], &[], true);
    let shown = board.site("a.example").unwrap();
    assert_eq!((shown.regions.len(), shown.last().map(|last| last.at)), (1, Some(check.at)));
    board.show(&failed(6), &state, &[]);
    assert_eq!(board.site("a.example").unwrap().last().map(|last| last.at), Some(failed(6).at));
}

#[test]
fn an_outage_is_put_down_to_the_provider_that_failed_with_it_and_to_the_first_alone() {
    let board = Board::new();
    board.set_catalogue(&[site("a.example"), site("b.example")]);
    let slug = Slug::new("a.example").unwrap();
    let at = |minute: i64| Moment::from_millis(minute * 60_000);
    let outage = |minute: i64| Outage {
        status: Status::Down,
        started_at: at(minute),
        ended_at: Some(at(minute + 1)),
        cause: None,
        regions: vec![],
    };
    board.fill(&slug, &[], &[outage(200), outage(100), outage(60)], true);
    let event = |provider: &str, from: i64, until: Option<i64>| ProviderEvent {
        provider: provider.into(),
        started_at: at(from),
        noticed_at: at(from + 2),
        ended_at: until.map(at),
        sites: [slug.clone()].into(),
        evidence: None,
        withdrawn_at: None,
    };
    let said = || {
        let shown = board.site("a.example").unwrap();
        [60, 100, 200].map(|minute| shown.put_down_to(at(minute)).map(str::to_owned))
    };
    board.attribute(&event("aws", 105, Some(150)));
    assert_eq!(said(), [None, Some("aws".into()), None]);
    board.attribute(&event("fastly", 90, None));
    assert_eq!(said(), [None, Some("aws".into()), Some("fastly".into())]);
    // The record's explanation of an outage that is not shown is of no use.
    board.fill_cause(&slug, at(61), "aws");
    board.fill_cause(&slug, at(60), "meta");
    assert_eq!(board.site("a.example").unwrap().put_down_to(at(61)), None);
    assert_eq!(said()[0], Some("meta".into()));
    board.attribute(&event("aws", 105, None));
    assert_eq!(said()[1], Some("aws".into()));
    let newer: Vec<_> = (300..310).rev().map(outage).collect();
    board.fill(&slug, &[], &newer, true);
    assert_eq!(said(), [None, None, None], "what is shown no more is forgotten");
}
