//! The node's end without a network: admission here, intake of batches and votes of regions below.

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

mod intake;
mod regions;

const NOW: i64 = 1_790_000_000_000;

/// A node's agents, with a pipeline that keeps all reports.
struct TestAgents {
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

impl TestAgents {
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
        TestAgents::new(),
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
    let node = TestAgents::with(&["a"]).await;
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
    let node = TestAgents::with(&["a"]).await;
    let later = Hello { protocol: PROTOCOL + 1, ..hello(RULES) };
    let told = node.agents.greet(&name("a"), &later).unwrap_err();
    assert!(told.contains("version 2") && told.contains("same release"), "{told}");
}
