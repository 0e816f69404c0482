//! From checks to the one cause, on the board and in Postgres.

use super::*;

/// A check with this alias among its traces.
fn met(slug: &str, second: i64, alias: &str, failure: Option<Failure>) -> Check {
    let mut check = check(slug, second, failure);
    check.outcome.traces.cnames = vec![alias.into()];
    check
}

#[tokio::test]
async fn sites_whose_provider_was_found_out_fail_with_it_and_their_outages_say_so() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    let (edge, other) = ("d1.cloudfront.net", "x.fastly.net");
    let mine = ["a.example", "b.example", "c.example", "d.example"];
    let all: Vec<_> = mine.into_iter().chain(["e.example", "f.example"]).map(site).collect();
    pipeline.sites.send_replace(all.into());
    pipeline.until(|board| board.sites().len() == 6).await;
    for second in 0..6 {
        let failure = (second >= 3).then_some(Failure::Connect);
        // The last of them answers to the end.
        for (n, slug) in mine.into_iter().enumerate() {
            pipeline.send([met(slug, second * 6, edge, failure.filter(|_| n < 3))]).await;
        }
        pipeline
            .send(["e.example", "f.example"].map(|slug| met(slug, second * 6, other, None)))
            .await;
    }
    pipeline.until(|board| !board.failing().is_empty()).await;
    let standing = pipeline.board.failing()[0].clone();
    assert_eq!((&*standing.provider, standing.affected()), ("aws", 3));
    let board = pipeline.end().await;
    let provider = |slug| board.site(slug).unwrap().provider().map(str::to_owned);
    assert_eq!(provider("d.example").as_deref(), Some("aws"));
    assert_eq!(provider("f.example").as_deref(), Some("fastly"));
    let outages = store.outages_page(&OutagesWanted::newest(10)).await.unwrap();
    assert!(outages.iter().all(|row| row.outage.ended_at.is_none()));
    let said: Vec<_> = outages.iter().map(|row| row.provider.as_deref()).collect();
    assert_eq!(said, [Some("aws"); 3]);
    for row in &outages {
        let shown = board.site(row.slug.as_str()).unwrap();
        assert_eq!(shown.put_down_to(row.outage.started_at), Some("aws"), "the page says it too");
    }
    let events = store.provider_events(Some(true), 10).await.unwrap();
    assert_eq!((events.len(), events[0].sites.len()), (1, 3));
    assert_eq!(events[0].started_at, Moment::from_millis(START + 18_000));
}

#[tokio::test]
async fn what_one_of_three_places_sees_alone_blames_no_provider_until_another_sees_it_too() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(Moment::from_millis(START + 120_000));
    let pipeline = build_at(dir.path(), 1 << 30, HashMap::new(), &clock);
    let mine = ["a.example", "b.example", "c.example"];
    let others = ["d.example", "e.example", "f.example"];
    pipeline
        .sites
        .send_replace(mine.into_iter().chain(others).map(site).collect::<Vec<_>>().into());
    pipeline.until(|board| board.sites().len() == 6).await;
    let status = |status: Status| {
        pipeline.until(move |board| {
            mine.iter().all(|slug| board.site(slug).unwrap().verdict.status == status)
        })
    };
    for second in 0..12 {
        for place in ["ams", "nyc", "syd"] {
            let fails = (place == "syd" && second >= 3) || (place == "nyc" && second >= 6);
            let failure = fails.then_some(Failure::Connect);
            let of_mine = mine.map(|slug| met(slug, second * 6, "d1.cloudfront.net", failure));
            let of_others = others.map(|slug| met(slug, second * 6, "x.fastly.net", None));
            for check in of_mine.into_iter().chain(of_others) {
                let heard = Some(check.at + Duration::from_millis(500));
                let content = ReportContent::Check { check, overloaded: false, origin: None };
                let report = Report { region: Region::new(place).unwrap(), heard, content };
                pipeline.reports.send(report).await.unwrap();
            }
        }
        if second == 5 {
            status(Status::Partial).await;
            assert_eq!(pipeline.board.failing().len(), 0);
        }
    }
    status(Status::Down).await;
    pipeline.until(|board| board.failing().len() == 1).await;
    assert_eq!(&*pipeline.board.failing()[0].provider, "aws");
    pipeline.kill();
}

#[tokio::test(start_paused = true)]
async fn with_a_clock_faster_than_life_an_event_ends_when_its_clock_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let minute = |n: i64| Moment::from_millis(START + n * 60_000);
    let (clock, hand) = Clock::manual(minute(0));
    let pipeline = build_at(dir.path(), 1 << 30, HashMap::new(), &clock);
    let all = ["a.example", "b.example", "c.example", "e.example", "f.example"];
    pipeline.sites.send_replace(all.into_iter().map(site).collect::<Vec<_>>().into());
    pipeline.until(|board| board.sites().len() == 5).await;
    let begin = tokio::time::Instant::now();
    for n in (0..29).step_by(2) {
        hand.move_to(minute(n));
        let failure = (4..10).contains(&n).then_some(Failure::Connect);
        let checks = all.into_iter().enumerate().map(|(place, slug)| {
            let (alias, failure) =
                if place < 3 { ("d1.cloudfront.net", failure) } else { ("x.fastly.net", None) };
            met(slug, n * 60, alias, failure)
        });
        pipeline.send(checks).await;
        let shown = |board: &Board| {
            all.iter().all(|slug| board.site(slug).unwrap().checked_at() == Some(minute(n)))
        };
        pipeline.until(shown).await;
        assert_eq!(pipeline.board.failing().is_empty(), !(6..26).contains(&n), "minute {n}");
    }
    assert!(begin.elapsed() < TICK, "no second of life has passed");
    pipeline.end().await;
}
