//! The node's end without a network: admission, intake of batches, and assignments.

use model::{
    check::Check,
    judge::{
        SiteState,
        network_health::{CanaryKind, CanaryResult},
    },
    name::Slug,
    note::FailedAttempt,
    outcome::{Failure, Outcome},
    site::Site,
};
use prober::clock::ManualClock;

use super::*;
use crate::{
    agents::protocol::{
        BatchReceipt, Gap, Line, MAX_BATCH, MAX_LINE, MAX_LINES, RULES, ReportedCheck,
    },
    store::{AgentSeen, AgentToken},
};

const NOW: i64 = 1_790_000_000_000;

/// A node's agents, with a pipeline that keeps all reports.
struct TestNode {
    agents: Agents,
    board: Arc<Board>,
    hand: ManualClock,
    heard: Arc<Mutex<Vec<Report>>>,
    _sites: watch::Sender<Sites>,
}

fn moment(second: i64) -> Moment {
    Moment::from_millis(NOW + second * 1_000)
}

fn name(text: &str) -> AgentName {
    AgentName::new(text).unwrap()
}

fn row(name_of: &str, region: &str, token: &Token) -> AgentRow {
    let token = AgentToken { id: token.id().into(), sha256: token.sha256(), added_at: moment(0) };
    AgentRow {
        name: name(name_of),
        region: Region::new(region).unwrap(),
        added_at: moment(0),
        tokens: vec![token],
        seen: None,
        clock_correction_ms: 0,
    }
}

fn hello(rules: u32) -> Hello {
    let (version, boot) = ("0.1.0".into(), "a".into());
    Hello { version, protocol: PROTOCOL, rules, boot, private: false, region: None }
}

impl TestNode {
    fn new() -> Self {
        let (clock, hand) = Clock::manual(moment(0));
        let sites: Vec<_> = (0..100)
            .map(|n| {
                let slug = Slug::new(&format!("s{n}.example")).unwrap();
                let url = format!("https://{slug}/").parse().unwrap();
                Arc::new(Site { private: n == 0, ..Site::new(slug, url) })
            })
            .collect();
        let (sites, sites_in) = watch::channel(Sites::from(sites));
        let (heard_out, mut heard_in) = mpsc::channel::<HeardReports>(8);
        let (again, _) = mpsc::channel(1);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        tokio::spawn(async move {
            while let Some(batch) = heard_in.recv().await {
                kept.lock().unwrap().extend(batch.reports);
                let _ = batch.kept.map(|kept| kept.send(()));
            }
        });
        let rechecks = Arc::new(Rechecks::new(Region::default(), again));
        let (region, board) = (Region::default(), Arc::new(Board::new()));
        board.set_catalogue(&sites.borrow());
        let shown = board.clone();
        let parts = NodeParts {
            region,
            board: shown,
            clock,
            sites: sites_in,
            heard: heard_out,
            rechecks,
            own_token: None,
        };
        Self { agents: Agents::new(parts), board, hand, heard, _sites: sites }
    }

    /// The same with agents of one region that have sent a greeting.
    async fn with(names: &[&str]) -> Self {
        let node = Self::new();
        let token = Token::generate(TokenKind::Agent).unwrap();
        let rows = names.iter().map(|name| row(name, "sydney", &token)).collect();
        node.agents.set_known(rows, moment(0)).await;
        for known in names {
            node.agents.greet(&name(known), &hello(RULES)).unwrap();
        }
        node
    }

    async fn take(&self, first: u64, lines: &[String]) -> Result<BatchReceipt, BatchRefusal> {
        self.take_of("a", first, lines).await
    }

    async fn take_of(
        &self,
        of: &str,
        first: u64,
        lines: &[String],
    ) -> Result<BatchReceipt, BatchRefusal> {
        let body = lines.join("\n").into_bytes();
        let batch = ReportBatch { boot: "boot".into(), first, compressed: false, body };
        self.agents.take(&name(of), batch).await
    }

    fn heard(&self) -> Vec<Report> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    fn sites_of(&self, of: &str) -> usize {
        self.agents.lock().agents[&name(of)].set.count
    }
}

fn check(second: i64) -> String {
    let line = ReportedCheck {
        slug: Slug::new("s1.example").unwrap(),
        at: moment(second),
        outcome: Outcome::failed(Failure::Reset, "as told"),
        attempts: 1,
        overloaded: false,
        origin: None,
        traces: Box::default(),
        traces_patch: None,
    };
    serde_json::to_string(&Line::Check(line)).unwrap()
}

fn canary(second: i64) -> String {
    let result = CanaryResult { kind: CanaryKind::Public, at: moment(second), answered: true };
    serde_json::to_string(&Line::Canary(result)).unwrap()
}

#[tokio::test]
async fn only_a_token_that_is_known_lets_in_and_nobody_is_refused_before_it_is_known_who_there_is()
{
    let (node, token, other) = (
        TestNode::new(),
        Token::generate(TokenKind::Agent).unwrap(),
        Token::generate(TokenKind::Agent).unwrap(),
    );
    let of = |token: &Token| node.agents.of_token(token.expose());
    assert_eq!(of(&token), Err(Denied::NotYet));
    node.agents.set_known(vec![row("a", "sydney", &token)], moment(0)).await;
    let admitted = Admitted { name: name("a"), token: token.id().into() };
    assert_eq!(of(&token), Ok(admitted));
    let forged = format!("sua_{}_{}", token.id(), "0".repeat(64));
    for text in ["", "sua_", &forged] {
        assert_eq!(node.agents.of_token(text), Err(Denied::Token));
    }
    // One that was made just now may be missing from a read that began before it was seen.
    assert_eq!(of(&other), Err(Denied::NotYet));
    node.agents.set_known(vec![row("a", "sydney", &token)], moment(0)).await;
    assert_eq!(of(&other), Err(Denied::NotYet));
    node.agents.set_known(Vec::new(), moment(1)).await;
    assert_eq!(of(&other), Err(Denied::Token));
    // One that was known and is gone was removed: there is nothing to wait for.
    assert_eq!(of(&token), Err(Denied::Token));
    node.hand.move_to(moment(2));
    node.agents.set_known(Vec::new(), moment(2)).await;
    assert_eq!(of(&token), Err(Denied::Token));
}

#[tokio::test]
async fn an_agent_has_as_many_runs_as_it_may_be_started_in_a_day() {
    let node = TestNode::with(&["a"]).await;
    let lines: Vec<String> = (0..200)
        .map(|n| {
            let mut line: serde_json::Value = serde_json::from_str(&check(0)).unwrap();
            let origin = serde_json::json!({ "run": format!("run{n}"), "number": u64::MAX });
            line["check"]["origin"] = origin;
            line.to_string()
        })
        .collect();
    let numbered = |heard: Vec<Report>| {
        let origins = heard.into_iter().filter_map(|report| match report.content {
            ReportContent::Check { origin, .. } => Some(origin.is_some()),
            _ => None,
        });
        origins.fold((0, 0), |(all, known), origin| (all + 1, known + usize::from(origin)))
    };
    assert_eq!(node.take(1, &lines).await.unwrap().refused, []);
    assert_eq!(numbered(node.heard()), (200, 64), "every check is taken, whoever numbered it");
    // Those that are known go on.
    node.take(201, &lines[..3]).await.unwrap();
    assert_eq!(numbered(node.heard()), (3, 3));
    node.hand.move_to(moment(25 * 3_600));
    let mut later: serde_json::Value = serde_json::from_str(&check(25 * 3_600)).unwrap();
    later["check"]["origin"] = serde_json::json!({ "run": "another", "number": 1 });
    node.take(204, &[later.to_string()]).await.unwrap();
    assert_eq!(numbered(node.heard()), (1, 1));
}

#[tokio::test]
async fn another_protocol_is_refused_in_words() {
    let node = TestNode::with(&["a"]).await;
    let later = Hello { protocol: PROTOCOL + 1, ..hello(RULES) };
    let told = node.agents.greet(&name("a"), &later).unwrap_err();
    assert!(told.contains("version 2") && told.contains("same release"), "{told}");
}

#[tokio::test]
async fn a_batch_sent_twice_is_taken_once_and_a_bad_line_is_refused_alone() {
    let node = TestNode::with(&["a"]).await;
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
async fn traces_sent_as_what_changed_are_whole_here_and_need_those_before() {
    let node = TestNode::with(&["a"]).await;
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
    let node = TestNode::with(&["a"]).await;
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
    let node = TestNode::with(&["a"]).await;
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

#[tokio::test]
async fn a_clock_that_is_wrong_and_other_rules_cost_the_vote_and_are_told_once() {
    let node = TestNode::with(&["a"]).await;
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
    assert_eq!(votes().await, [None]);
    assert_eq!(votes().await, []);
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
async fn what_an_agent_without_a_vote_sees_counts_in_no_region_that_has_one() {
    let node = TestNode::with(&["a", "b"]).await;
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
    let node = TestNode::new();
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
    let node = TestNode::with(&["a", "b"]).await;
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

/// The checks among these reports.
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
    let node = TestNode::with(&["a"]).await;
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
    let node = TestNode::new();
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
async fn a_region_of_an_earlier_run_without_agents_ends_and_our_own_never() {
    let node = TestNode::new();
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
    let node = TestNode::with(&["a"]).await;
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
