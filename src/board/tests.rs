//! What the board shows after what the pipeline says.

use std::time::Duration;

use url::Url;

use super::*;
use crate::model::{
    judge::{Limits, Rules},
    name::Region,
    outcome::{Failure, Outcome},
    site::Expect,
    verdict::Status,
};

fn site(slug: &str) -> Arc<Site> {
    Arc::new(Site {
        slug: Slug::new(slug).unwrap(),
        url: Url::parse(&format!("https://{slug}/")).unwrap(),
        name: slug.into(),
        provider: None,
        interval: Duration::from_mins(1),
        timeout: Duration::from_secs(10),
        slow_after: None,
        expect: Expect::default(),
        private: false,
        tags: Vec::new(),
        aliases: Vec::new(),
    })
}

fn failed(minute: i64) -> Check {
    Check {
        slug: Slug::new("a.example").unwrap(),
        region: Region::new("local").unwrap(),
        at: Moment::from_millis(minute * 60_000),
        outcome: Outcome::failed(Failure::Dns, "no such name"),
        attempts: 2,
    }
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
    let older: Vec<_> = [5, 4, 3].map(|minute| Glance::from(&failed(minute))).into();
    board.fill(&check.slug, &older, &[]);
    let shown = board.site("a.example").unwrap();
    let minutes: Vec<_> = shown.recent.iter().map(|g| g.at.millis() / 60_000).collect();
    assert_eq!(minutes, [5, 4, 3]);
}
