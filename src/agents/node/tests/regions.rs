//! Votes of regions, the division of their sites among agents, and their end.

use super::*;

#[tokio::test]
async fn a_clock_that_is_wrong_and_other_rules_cost_the_vote_and_are_told_once() {
    let node = TestAgents::with(&["a"]).await;
    let votes = async || {
        node.agents.settle().await;
        tokio::task::yield_now().await;
        let heard = node.heard().into_iter();
        heard
            .filter_map(|r| match r.content {
                ReportContent::Voting(why_not) => Some(why_not),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(votes().await, [], "it has one until something else is said");
    node.agents.clock_of(&name("a"), moment(-300), 20);
    assert_eq!(votes().await, [Some(WhyNot::Clock)]);
    let view = node.agents.views().remove(0);
    assert_eq!((view.clock_offset_ms, view.why_not), (299_990, Some(WhyNot::Clock)));
    // Its moments are corrected all the same.
    node.take(1, &[check(-300)]).await.unwrap();
    let heard = node.heard();
    assert!(
        matches!(&heard[0].content, ReportContent::Check { check, .. } if check.at == moment(0))
    );
    node.agents.forget_clock(&name("a"));
    node.agents.greet(&name("a"), &hello(RULES + 1)).unwrap();
    assert_eq!(votes().await, [Some(WhyNot::Rules)]);
    node.agents.greet(&name("a"), &hello(RULES)).unwrap();
    assert_eq!(votes().await, [None]);
    node.agents.set_overloaded(&name("a"), true);
    assert_eq!(votes().await, [Some(WhyNot::Overload)]);
    assert_eq!(node.agents.views().remove(0).why_not, Some(WhyNot::Overload));
    node.agents.set_overloaded(&name("a"), false);
    assert_eq!(votes().await, [None]);
}

#[tokio::test]
async fn that_a_region_has_no_vote_is_reported_before_what_its_agent_saw() {
    let node = TestAgents::with(&["a"]).await;
    node.agents.greet(&name("a"), &hello(RULES + 1)).unwrap();
    node.take(1, &[check(0)]).await.unwrap();
    let heard: Vec<_> = node.heard().into_iter().map(|report| report.content).collect();
    assert!(
        matches!(
            &heard[..],
            [ReportContent::Voting(Some(WhyNot::Rules)), ReportContent::Check { .. }]
        ),
        "{heard:?}"
    );
}

#[tokio::test]
async fn what_an_agent_without_a_vote_sees_counts_in_no_region_that_has_one() {
    let node = TestAgents::with(&["a", "b"]).await;
    node.agents.greet(&name("b"), &hello(RULES + 1)).unwrap();
    let lines = [check(0), canary(0)];
    node.take_of("b", 1, &lines).await.unwrap();
    let heard = node.heard();
    assert!(matches!(&heard[..], [Report { content: ReportContent::Uncounted(_), .. }]));
    node.take_of("a", 1, &lines).await.unwrap();
    let heard = node.heard();
    assert!(matches!(&heard[0].content, ReportContent::Check { .. }) && heard.len() == 2);
    // Alone, it is what the region has: that has no vote then.
    node.hand.move_to(moment(100));
    node.take_of("b", 3, &[check(100)]).await.unwrap();
    assert!(matches!(&node.heard()[0].content, ReportContent::Check { .. }));
}

#[tokio::test]
async fn an_agent_beside_the_nodes_own_prober_never_costs_that_its_vote() {
    let node = TestAgents::new();
    let token = Token::generate(TokenKind::Agent).unwrap();
    let own = Region::default();
    node.agents.set_known(vec![row("a", own.as_str(), &token)], moment(0)).await;
    node.agents.greet(&name("a"), &hello(RULES + 1)).unwrap();
    node.agents.settle().await;
    node.take(1, &[check(0)]).await.unwrap();
    node.agents.set_known(Vec::new(), moment(1)).await;
    node.agents.retire_leftovers().await;
    tokio::task::yield_now().await;
    let heard = node.heard();
    assert!(
        matches!(&heard[..], [Report { content: ReportContent::Uncounted(_), .. }]),
        "{heard:?}"
    );
}

#[tokio::test]
async fn agents_of_a_region_share_its_sites_and_cover_for_each_other() {
    let node = TestAgents::with(&["a", "b"]).await;
    let counts = || (node.sites_of("a"), node.sites_of("b"));
    let (a, b) = counts();
    // One site has a private address, which neither may look at.
    assert!(a + b == 99 && a > 20 && b > 20, "{a} {b}");
    let tag = node.agents.lock().agents[&name("a")].set.tag.clone();
    assert!(matches!(
        node.agents.news(&name("a"), Some(&tag), Duration::ZERO).await,
        Some(News::Same)
    ));
    let waiting = {
        let agents = node.agents.clone();
        tokio::spawn(async move { agents.news(&name("a"), Some(&tag), MAX_WAIT).await })
    };
    // Only one of them has results; the other one says that it is there, and does nothing.
    for second in (10_i64..=180).step_by(10) {
        node.hand.move_to(moment(second));
        node.take_of("a", second.unsigned_abs(), &[canary(second)]).await.unwrap();
        node.agents.clock_of(&name("b"), moment(second), 0);
        node.agents.settle().await;
    }
    assert_eq!(counts(), (99, 0));
    assert!(matches!(waiting.await.unwrap(), Some(News::Sites(set)) if set.count == 99));
    // It comes back, and has its sites after a calm stretch.
    for second in (190_i64..=600).step_by(10) {
        node.hand.move_to(moment(second));
        for of in ["a", "b"] {
            node.take_of(of, second.unsigned_abs(), &[canary(second)]).await.unwrap();
        }
        node.agents.settle().await;
        assert_eq!(counts() == (a, b), second >= 490, "{second} {:?}", counts());
    }
}

#[tokio::test]
async fn a_region_of_an_earlier_run_without_agents_ends_and_our_own_never() {
    let node = TestAgents::new();
    let sydney = Region::new("sydney").unwrap();
    for region in [&Region::default(), &sydney] {
        let check = Check {
            slug: Slug::new("s1.example").unwrap(),
            region: region.clone(),
            at: moment(-60),
            outcome: Outcome::failed(Failure::Reset, "as told"),
            attempts: 1,
        };
        node.board.show(&Arc::new(check), &SiteState::default(), &[]);
    }
    // Nobody knows yet which agents there are.
    node.agents.retire_leftovers().await;
    let token = Token::generate(TokenKind::Agent).unwrap();
    node.agents.set_known(vec![row("a", "sydney", &token)], moment(0)).await;
    node.agents.retire_leftovers().await;
    tokio::task::yield_now().await;
    assert_eq!(node.heard(), []);
    node.agents.set_known(Vec::new(), moment(1)).await;
    node.agents.retire_leftovers().await;
    tokio::task::yield_now().await;
    let heard = node.heard();
    let [last] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((&last.region, &last.content), (&sydney, &ReportContent::Retired));
}

#[tokio::test]
async fn a_region_that_nobody_looks_from_any_more_ends_and_a_new_start_needs_a_greeting() {
    let node = TestAgents::with(&["a"]).await;
    node.agents.settle().await;
    node.agents.set_known(Vec::new(), moment(1)).await;
    tokio::task::yield_now().await;
    let last = node.heard().pop().unwrap();
    assert_eq!((last.region.as_str(), last.content), ("sydney", ReportContent::Retired));
    assert_eq!(node.take(1, &[check(0)]).await, Err(BatchRefusal::NoHello));
    let token = Token::generate(TokenKind::Agent).unwrap();
    let (version, at) = ("0.1.0".into(), moment(-500));
    let seen = AgentSeen { at, version, clock_offset_ms: 0, why_not: None };
    let known = AgentRow { seen: Some(seen), ..row("a", "sydney", &token) };
    node.agents.set_known(vec![known], moment(2)).await;
    let view = node.agents.views().remove(0);
    assert_eq!((view.last_seen, view.why_not), (Some(at), Some(WhyNot::Silent)));
    assert_eq!(node.take(1, &[check(0)]).await, Err(BatchRefusal::NoHello));
    assert!(node.agents.news(&name("a"), None, Duration::ZERO).await.is_none());
}
