//! Batches of lines: taken once, refused in words, and dated by the node's clock.

use super::*;

#[tokio::test]
async fn a_batch_sent_twice_is_taken_once_and_a_bad_line_is_refused_alone() {
    let node = TestAgents::with(&["a"]).await;
    assert_eq!(node.take(1, &[check(0)]).await.unwrap().acked, 1);
    let long = format!("{{\"check\":\"{}\"}}", "x".repeat(MAX_LINE));
    let lines =
        [check(1), "poison".into(), check(6), check(-6 * 3_600 - 1), long, canary(2), "[]".into()];
    let receipt = node.take(2, &lines).await.unwrap();
    assert_eq!(receipt.acked, 8);
    let refused: Vec<_> = receipt.refused.iter().map(|line| (line.seq, &*line.why)).collect();
    assert_eq!(refused.len(), 5);
    assert_eq!(refused[1], (4, "its moment is in the future"));
    assert_eq!(refused[2], (5, "it is older than 6 h"));
    assert_eq!(refused[3], (6, "it is too long"));
    let heard = node.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|r| r.region.as_str() == "sydney" && r.heard == Some(moment(0))));
    // Its answer was lost, and a line more came meanwhile.
    let again = [&lines[..], &[check(3)]].concat();
    let receipt = node.take(2, &again).await.unwrap();
    assert_eq!((receipt.acked, receipt.refused.len()), (9, 0));
    let late = node.heard();
    assert!(
        matches!(&late[..], [Report { content: ReportContent::Check { check, .. }, .. }] if check.at == moment(3))
    );
    assert_eq!(node.take(1, &[check(1)]).await.unwrap().acked, 9);
    let view = node.agents.views().remove(0);
    assert_eq!(view.counts, AgentCounts { checks: 3, refused: 5, lost: 0 });
    // Lines that were lost for their age are told of all the same.
    for (seq, until, lost) in [(10, -10, 7), (11, -7 * 3_600, 14)] {
        let gap = Gap { from: moment(until - 40), until: moment(until), lost: 7 };
        let line = serde_json::to_string(&Line::Gap(gap)).unwrap();
        let receipt = node.take(seq, &[line]).await.unwrap();
        assert_eq!(receipt.refused, []);
        assert_eq!(node.agents.views()[0].counts.lost, lost);
    }
}

#[tokio::test]
async fn all_that_an_agent_lost_is_counted_together() {
    let node = TestAgents::with(&["a"]).await;
    let gap = |from: i64, until: i64, lost| {
        let gap = Gap { from: moment(from), until: moment(until), lost };
        serde_json::to_string(&Line::Gap(gap)).unwrap()
    };
    let lines = [gap(-90, -80, 3), check(0), gap(-99, -95, u64::MAX), gap(-70, -60, 1)];
    assert_eq!(node.take(1, &lines).await.unwrap().refused, []);
    assert_eq!(node.agents.views()[0].counts.lost, u64::MAX);
}

#[tokio::test]
async fn an_agent_holds_no_more_requests_open_than_it_has_use_for() {
    let node = TestAgents::with(&["a", "b"]).await;
    let mut held = Vec::new();
    while let Some(room) = node.agents.room_to_wait(&name("a")) {
        held.push(room);
        assert!(held.len() < 100);
    }
    assert!(node.agents.room_to_wait(&name("b")).is_some(), "of another agent");
    held.pop();
    assert!(node.agents.room_to_wait(&name("a")).is_some());
    assert!(node.agents.room_to_wait(&name("c")).is_none(), "it was removed");
}

#[tokio::test]
async fn traces_sent_as_what_changed_are_whole_here_and_need_those_before() {
    let node = TestAgents::with(&["a"]).await;
    let line = |second, more: &str| {
        let text = check(second);
        format!("{},{more}}}}}", text.strip_suffix("}}").unwrap())
    };
    let same = r#""traces_patch":{}"#;
    assert_eq!(node.take(1, &[line(-9, same)]).await, Err(BatchRefusal::NoHello));
    let whole = r#""traces":{"answer_print":7,"redirects":3}"#;
    let other = r#""traces_patch":{"answer_print":18446744073709551615,"redirects":null}"#;
    node.take(1, &[line(-8, whole), line(-7, same), line(-6, other)]).await.unwrap();
    node.take(4, &["poison".into(), line(-5, same)]).await.unwrap();
    let traces: Vec<(u64, u8)> = node
        .heard()
        .into_iter()
        .map(|report| match report.content {
            ReportContent::Check { check, .. } => check.outcome.traces,
            other => panic!("{other:?}"),
        })
        .map(|traces| (traces.answer_print, traces.redirects))
        .collect();
    assert_eq!(traces, [(7, 3), (7, 3), (u64::MAX, 0), (u64::MAX, 0)]);
    // Another run, and a site that nobody watches, begin anew.
    let batch = |boot: &str, first, text: String| {
        let body = text.into_bytes();
        ReportBatch { boot: boot.into(), first, compressed: false, body }
    };
    let take =
        async |boot, first, text| node.agents.take(&name("a"), batch(boot, first, text)).await;
    assert_eq!(take("other", 1, line(-4, same)).await, Err(BatchRefusal::NoHello));
    let elsewhere = |more: &str| line(-3, more).replace("s1.example", "elsewhere.example");
    assert!(take("other", 1, elsewhere(whole)).await.is_ok());
    assert_eq!(take("other", 2, elsewhere(same)).await, Err(BatchRefusal::NoHello));
    // Two machines with one token do not make each other begin anew.
    assert_eq!(take("boot", 5, line(-5, same)).await.map(|receipt| receipt.acked), Ok(5));
    assert!(take("boot", 6, line(-2, same)).await.is_ok());
    assert!(take("third", 1, line(-1, whole)).await.is_ok());
    assert_eq!(take("other", 2, line(-1, same)).await, Err(BatchRefusal::NoHello));
}

#[tokio::test]
async fn what_is_too_much_is_refused_whole_before_it_fills_the_memory() {
    let node = TestAgents::with(&["a"]).await;
    let many = vec!["{}".to_owned(); MAX_LINES + 1];
    assert_eq!(node.take(1, &many).await, Err(BatchRefusal::TooLarge));
    let take = async |body: Vec<u8>| {
        let batch = ReportBatch { boot: "boot".into(), first: 1, compressed: true, body };
        node.agents.take(&name("a"), batch).await
    };
    let bomb = zstd::encode_all(&vec![b' '; 200 << 20][..], 1).unwrap();
    assert!(bomb.len() < MAX_BATCH);
    assert_eq!(take(bomb).await, Err(BatchRefusal::TooLarge));
    assert_eq!(take(b"no zstd".to_vec()).await, Err(BatchRefusal::TooLarge));
    let good = zstd::encode_all(check(0).as_bytes(), 1).unwrap();
    assert_eq!(take(good).await.unwrap().acked, 1);
    // The largest numbers do no harm.
    assert_eq!(node.take(u64::MAX, &[check(1)]).await.unwrap().acked, u64::MAX);
    assert!(node.take(u64::MAX, &[check(1), check(2)]).await.is_ok());
}

#[tokio::test]
async fn of_a_check_no_more_is_kept_than_a_prober_would_send() {
    let node = TestAgents::with(&["a"]).await;
    let mut outcome = Outcome::failed(Failure::Reset, "as told");
    outcome.traces.final_url = Some("x".repeat(30_000).into());
    let refused = FailedAttempt { address: None, failure: Failure::Connect };
    outcome.observed.failed_attempts = vec![refused; 500];
    let line = ReportedCheck {
        slug: Slug::new("s1.example").unwrap(),
        at: moment(0),
        traces: std::mem::take(&mut outcome.traces),
        outcome,
        attempts: 1,
        overloaded: false,
        origin: None,
        traces_patch: None,
    };
    node.take(1, &[serde_json::to_string(&Line::Check(line)).unwrap()]).await.unwrap();
    let heard = node.heard();
    let ReportContent::Check { check, .. } = &heard[0].content else { panic!("{heard:?}") };
    assert!(check.outcome.traces.is_empty());
    assert_eq!(check.outcome.observed.failed_attempts.len(), 32);
}

/// Moments of the checks among these reports.
fn checked_at(reports: Vec<Report>) -> Vec<Moment> {
    let checks = reports.into_iter().filter_map(|report| match report.content {
        ReportContent::Check { check, .. } => Some(check.at),
        _ => None,
    });
    checks.collect()
}

#[tokio::test]
async fn what_is_sent_again_after_a_restart_of_either_end_has_the_moment_that_it_had() {
    let apart = |millis: i64| Moment::from_millis(NOW - millis);
    let node = TestAgents::with(&["a"]).await;
    node.agents.clock_of(&name("a"), apart(3_600), 0);
    node.take(1, &[check(-10)]).await.unwrap();
    let first = checked_at(node.heard());
    let corrections = node.agents.new_corrections();
    assert_eq!(corrections, [(name("a"), 4_000)]);
    // The agent is started anew; alone, its next exchange would make another second of it.
    node.agents.forget_clock(&name("a"));
    node.agents.greet(&name("a"), &Hello { boot: "b".into(), ..hello(RULES) }).unwrap();
    node.agents.clock_of(&name("a"), apart(3_400), 0);
    let body = check(-10).into_bytes();
    let batch = ReportBatch { boot: "b".into(), first: 1, compressed: false, body };
    node.agents.take(&name("a"), batch).await.unwrap();
    assert_eq!(checked_at(node.heard()), first);
    // The node is.
    let node = TestAgents::new();
    let known = row("a", "sydney", &Token::generate(TokenKind::Agent).unwrap());
    let known = AgentRow { clock_correction_ms: corrections[0].1, ..known };
    node.agents.set_known(vec![known], moment(0)).await;
    node.agents.forget_clock(&name("a"));
    node.agents.clock_of(&name("a"), apart(3_400), 0);
    node.agents.greet(&name("a"), &hello(RULES)).unwrap();
    node.take(1, &[check(-10)]).await.unwrap();
    assert_eq!(checked_at(node.heard()), first);
    assert_eq!(node.agents.new_corrections(), []);
}

#[tokio::test]
async fn checks_of_a_clock_that_was_set_forward_wait_until_they_can_be_dated_and_none_is_refused() {
    let node = TestAgents::with(&["a"]).await;
    for _ in 0..9 {
        node.agents.clock_of(&name("a"), moment(0), 0);
    }
    node.take(1, &[check(-1)]).await.unwrap();
    let mut tries = 0;
    let receipt = loop {
        node.agents.clock_of(&name("a"), moment(20), 0);
        match node.take(2, &[check(20), check(21)]).await {
            Ok(receipt) => break receipt,
            Err(refusal) => assert_eq!(refusal, BatchRefusal::NotNow),
        }
        tries += 1;
    };
    assert_eq!((receipt.acked, receipt.refused.len(), tries), (3, 0, 4));
    assert_eq!(checked_at(node.heard()), [moment(-1), moment(0), moment(1)]);
}
