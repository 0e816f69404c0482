//! A node and agents in other regions, as real processes: what is seen from where, and that nothing is
//! lost or doubled when one of them is away.

mod hostile;
mod nodes;
mod outputs;
mod places;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    ops::RangeInclusive,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use model::{
    moment::Moment,
    outcome::{Failure, Outcome},
};
use prober::clock::Clock;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use stillup::{agents::protocol::RULES, private_postgres::throwaway};
use tempfile::TempDir;
use testbed::{Behaviour, HttpAnswer, Ports, Testbed};
use time::OffsetDateTime;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use self::outputs::{ANY, FeedEntry, Told, back, well};
use crate::{
    receiver::{Receiver, ReceiverMood as Answer, Request},
    server::{Mood, Server},
    service::{SOON, Service, program, send, until},
};

/// A way over TCP to a node, which can be cut and led elsewhere.
pub(crate) struct Relay {
    address: String,
    target: watch::Sender<Option<String>>,
}

impl Relay {
    async fn to(service: &Service) -> Self {
        Self::new(Some(address_of(service))).await
    }

    pub(crate) async fn new(target: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (target, told) = watch::channel(target);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut told = told.clone();
                let Some(to) = told.borrow_and_update().clone() else { continue };
                tokio::spawn(async move {
                    let Ok(mut other) = TcpStream::connect(to).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut stream, &mut other) => {}
                        _ = told.changed() => {}
                    }
                });
            }
        });
        Self { address, target }
    }

    pub(crate) fn lead(&self, to: Option<String>) {
        self.target.send_replace(to);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

pub(crate) fn address_of(service: &Service) -> String {
    service.url("").trim_start_matches("http://").to_owned()
}

/// An agent with a directory of its own, always ended.
struct AgentProcess {
    dir: TempDir,
    cores: Vec<String>,
    allow_private: bool,
    child: Option<Child>,
    starts: usize,
    address: String,
}

impl AgentProcess {
    /// Nothing runs yet.
    fn new(core: &str, token: &str, settings: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("stillup-agent-").tempdir().unwrap();
        let (cores, address) = (vec![core.to_owned()], String::new());
        let agent = Self { dir, cores, allow_private: true, child: None, starts: 0, address };
        fs::write(agent.path("token"), token).unwrap();
        fs::set_permissions(agent.path("token"), fs::Permissions::from_mode(0o600)).unwrap();
        let settings =
            format!("[probe]\nlisten = \"127.0.0.1:0\"\n{settings}\n[judge]\ncontrols = []\n");
        fs::write(agent.path("stillup.toml"), settings).unwrap();
        agent
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, data: &Path) -> Command {
        let mut command = Command::new(program());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STILLUP_")) {
            command.env_remove(name);
        }
        command.env_remove("RUST_LOG").current_dir(self.dir.path());
        command.arg("probe").args(self.allow_private.then_some("--allow-private"));
        command.args(self.cores.iter().flat_map(|core| ["--core", core]));
        command.arg("--token-file").arg(self.path("token"));
        command.arg("--config").arg(self.path("stillup.toml"));
        command.arg("--data-dir").arg(data);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    async fn start(&mut self) {
        self.starts += 1;
        let log = File::create(self.path(&format!("log-{}", self.starts))).unwrap();
        self.child = Some(self.command(&self.path("data")).stderr(log).spawn().unwrap());
        let begun = async || {
            let log = self.log();
            let (_, rest) = log.split_once("metrics are at http://")?;
            rest.split('/').next().map(str::to_owned)
        };
        self.address = until("the agent begins", SOON, begun).await;
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path(&format!("log-{}", self.starts))).unwrap_or_default()
    }

    /// One of its figures.
    async fn figure(&self, name: &str) -> u64 {
        let text = self.metrics().await;
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.rsplit(' ').next().and_then(|figure| figure.parse().ok()).unwrap_or(0)
    }

    async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        client().get(url).send().await.unwrap().text().await.unwrap()
    }

    /// Ends it as this signal does, and gives its exit code.
    async fn end(&mut self, signal: &str) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        send(signal, child.id());
        until("the agent ends", SOON, async || child.try_wait().unwrap()).await.code()
    }

    /// Waits until it ends by itself.
    async fn ended(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        until("the agent ends", SOON, async || child.try_wait().unwrap()).await.code()
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what the agent said:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            send("KILL", child.id());
            drop(child.wait());
        }
    }
}

/// A client over plain HTTP, which wants a provider of TLS all the same.
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// A new token for an agent.
pub(crate) async fn add(service: &Service, name: &str, region: &str) -> String {
    let added = service.run(&["agents", "add", name, "--region", region]).await;
    let (out, told) =
        (String::from_utf8(added.stdout).unwrap(), String::from_utf8_lossy(&added.stderr));
    assert!(added.status.success(), "{told}");
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.starts_with("sua_") && !told.contains(out.trim()), "{out}{told}");
    out.trim().to_owned()
}

/// The agents of the API, by their names.
async fn agent_of(service: &Service, name: &str) -> Option<Value> {
    let all = service.json("/api/v1/regions").await;
    let regions = all["regions"].as_array().unwrap().iter();
    let mut agents = regions.flat_map(|region| region["agents"].as_array().unwrap());
    agents.find(|agent| agent["name"] == name).cloned()
}

/// The moments of a site's checks from a region, as Postgres has them.
async fn moments(service: &Service, slug: &str, region: &str) -> Vec<Moment> {
    let (status, page) = service.get(&format!("/api/v1/sites/{slug}/checks?limit=1000")).await;
    // After a restart the record may not be there yet.
    if status != 200 {
        return Vec::new();
    }
    let page: Value = serde_json::from_str(&page).unwrap();
    let checks = page["checks"].as_array().unwrap().iter();
    let mut moments: Vec<Moment> = checks
        .filter(|check| check["region"] == region)
        .map(|check| Moment::parse(check["at"].as_str().unwrap()).unwrap())
        .collect();
    moments.sort_unstable();
    moments
}

/// The moments of all checks in the record, by site and region.
pub(crate) async fn recorded(pool: &PgPool) -> BTreeMap<(String, String), Vec<OffsetDateTime>> {
    let read = "SELECT s.slug, r.name, c.at FROM checks c JOIN sites s ON s.id = c.site_id
         JOIN regions r ON r.id = c.region_id ORDER BY c.at";
    let rows: Vec<(String, String, OffsetDateTime)> =
        sqlx::query_as(read).fetch_all(pool).await.unwrap();
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (slug, region, at) in rows {
        all.entry((slug, region)).or_default().push(at);
    }
    all
}

/// Holds the record of a node in Amsterdam against what must be so: every check that an agent has numbered is there
/// once, and no turn is missing, but those from a region in a time when nobody looked from there.
async fn is_whole(pool: &PgPool, but: (&str, RangeInclusive<Moment>)) {
    let counts = "SELECT (SELECT sum(number)::bigint FROM recorded),
         (SELECT count(*) FROM checks c JOIN regions r ON r.id = c.region_id WHERE r.name <> 'amsterdam')";
    let (numbered, there): (i64, i64) = sqlx::query_as(counts).fetch_one(pool).await.unwrap();
    assert!(numbered == there && there > 0, "{there} of {numbered} checks are there");
    for ((slug, region), moments) in recorded(pool).await {
        for pair in moments.windows(2) {
            let apart = (pair[1] - pair[0]).as_seconds_f64();
            let (from, until) = (Moment::from(pair[0]), Moment::from(pair[1]));
            let nobody = region == but.0 && from <= *but.1.end() && until >= *but.1.start();
            // Every 5 s, but for the moment in which an agent is started anew.
            assert!(nobody || apart < 16.0, "{slug} from {region} not for {apart} s: {pair:?}");
        }
    }
}

/// Settings of a node in Amsterdam that tells this receiver at once.
fn settings(service: &Service, receiver: &Receiver, more: &str) {
    fs::write(service.path("key"), "whsec_aHVzaCBodXNoIGh1c2ggaHVzaCBodXNoIGh1c2g=\n").unwrap();
    service.write_settings(&format!(
        "region = \"amsterdam\"\n{more}[judge]\ncontrols = []\n\
         [[notify]]\nname = \"team\"\ntype = \"webhook\"\nurl = \"{}\"\nsecret_file = \"key\"\n\
         gather = \"0s\"\non = [\"down\", \"partial\", \"slow\", \"recovered\"]\n",
        receiver.url("hook")
    ));
}

/// A node with one well site.
async fn node() -> (Service, Server) {
    let server = Server::start(Mood::Well).await;
    let mut service = Service::new(&server.entry("well.example"), None);
    service.write_settings("region = \"amsterdam\"\n");
    service.start(&[]).await;
    (service, server)
}

/// The node is away for so long and knows nothing of what happens meanwhile: its agent is killed and started
/// anew, and a site goes down.
async fn the_node_is_away(away: Duration) {
    let (steady, fickle) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
    let catalogue: String = (0..4).map(|n| steady.entry(&format!("well-{n}.example"))).collect();
    let database = throwaway::database().await.unwrap();
    let receiver = Receiver::start(Answer::Answers(200)).await;
    let mut service =
        Service::new(&(catalogue + &fickle.entry("fickle.example")), Some(database.url()));
    settings(&service, &receiver, "");
    service.start(&[]).await;
    let relay = Relay::to(&service).await;
    let token = add(&service, "syd-1", "sydney").await;
    let mut agent = AgentProcess::new(&relay.url(), &token, "");
    agent.start().await;
    let both = |seen| [("amsterdam", seen), ("sydney", seen)];
    for slug in ["well-0.example", "fickle.example"] {
        well(&both("up")).of(&service, &receiver, slug).await;
    }

    relay.lead(None);
    let away_from = Clock::system().now();
    let waits = async || (agent.figure("stillup_agent_outbox_bytes").await > 0).then_some(());
    until("its checks wait on disk", SOON, waits).await;
    agent.end("KILL").await;
    service.signal("INT");
    assert!(service.ended().await.success());
    fickle.turn(Mood::Broken);
    agent.start().await;
    let probes = async || (agent.figure("stillup_agent_checks_total").await >= 10).then_some(());
    until("it goes on from what is on disk", SOON, probes).await;
    sleep(away).await;

    service.start(&[]).await;
    let away = away_from..=Clock::system().now();
    relay.lead(Some(address_of(&service)));
    let down = Told {
        status: "down",
        regions: &both("down"),
        sentence: "is down",
        feed: FeedEntry::GoesOn("down"),
        message: "down",
        ..well(&[])
    };
    down.of(&service, &receiver, "fickle.example").await;
    fickle.turn(Mood::Well);
    back(&both("up")).of(&service, &receiver, "fickle.example").await;
    well(&both("up")).of(&service, &receiver, "well-0.example").await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    is_whole(&pool, ("amsterdam", away)).await;
    assert_eq!(agent.figure("stillup_agent_lost_total").await, 0);
    assert_eq!(agent.end("TERM").await, Some(0), "{}", agent.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_gets_every_check_once_and_a_killed_agent_goes_on_without_it() {
    the_node_is_away(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_node_that_was_away_for_three_minutes_gets_every_check_once() {
    the_node_is_away(Duration::from_mins(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_removed_ends_its_agent_and_what_it_knew_and_a_second_one_takes_its_place_before()
 {
    let (service, _server) = node().await;
    let first = add(&service, "syd-1", "sydney").await;
    let mut agent = AgentProcess::new(&service.url(""), &first, "");
    agent.start().await;
    let reports = async || agent_of(&service, "syd-1").await.filter(|a| a["voting"] == true);
    let shown = until("it reports", SOON, reports).await;
    assert_eq!(
        (&shown["version"], &shown["sites"]),
        (&json!(env!("CARGO_PKG_VERSION")), &json!(1))
    );
    assert!(shown["last_seen"].is_string() && shown["why_not"].is_null(), "{shown}");

    let mut second = AgentProcess::new(&service.url(""), &first, "");
    let mut same = second.command(&agent.path("data"));
    let same = tokio::task::spawn_blocking(move || same.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(!same.status.success() && told.contains("another stillup"), "{told}");
    // Another machine with the same token is told of, and stops nothing.
    second.start().await;
    let told = async || service.log().contains("two runs report with one token").then_some(());
    until("the log says so", SOON, told).await;
    let votes = async || agent_of(&service, "syd-1").await.filter(|a| a["voting"] == true);
    until("it has its vote", SOON, votes).await;
    assert_eq!(second.end("TERM").await, Some(0), "{}", second.log());
    let twice = service.run(&["agents", "add", "syd-1", "--region", "paris"]).await;
    assert!(!twice.status.success());
    assert!(String::from_utf8_lossy(&twice.stderr).contains("looks from sydney"));
    let own = service.run(&["agents", "add", "x", "--region", "amsterdam"]).await;
    assert!(String::from_utf8_lossy(&own.stderr).contains("looks from amsterdam itself"));
    let new = add(&service, "syd-1", "sydney").await;
    let third = service.run(&["agents", "add", "syd-1", "--region", "sydney"]).await;
    let told = String::from_utf8_lossy(&third.stderr).into_owned();
    let id = first.split('_').nth(1).unwrap();
    assert!(!third.status.success() && told.contains(&format!("--token {id}")), "{told}");

    // The old token ends; the agent with it stops and forgets, one with the new token goes on.
    let removed = service.run(&["agents", "remove", "syd-1", "--token", id]).await;
    assert!(removed.status.success());
    assert_eq!(agent.ended().await, Some(1));
    assert!(agent.log().contains("does not know our token"), "{}", agent.log());
    assert!(!agent.path("data/sites.json").exists() && !agent.log().contains(&first));
    fs::write(agent.path("token"), &new).unwrap();
    agent.start().await;
    until("it is let in again", SOON, async || {
        agent.log().contains("the node knows us").then_some(())
    })
    .await;
    let list = String::from_utf8(service.run(&["agents", "list"]).await.stdout).unwrap();
    assert!(list.starts_with("syd-1 in sydney") && !list.contains(&new), "{list}");
    let removed = service.run(&["agents", "remove", "syd-1"]).await;
    assert!(removed.status.success());
    assert_eq!(agent.ended().await, Some(1));
    assert_eq!(agent_of(&service, "syd-1").await, None);
    let again = service.run(&["agents", "remove", "syd-1"]).await;
    assert!(!again.status.success());
}

/// An agent whose words the test chooses.
struct Scripted {
    client: Client,
    core: String,
    token: String,
    /// Seconds by which its clock is ahead.
    ahead: i64,
}

impl Scripted {
    async fn new(service: &Service, name: &str, region: &str, ahead: i64) -> Self {
        let core = service.url("").trim_end_matches('/').to_owned();
        Self { client: client(), core, token: add(service, name, region).await, ahead }
    }

    fn now(&self) -> i64 {
        Clock::system().now().millis() + self.ahead * 1_000
    }

    async fn hello(&self, rules: u32) -> StatusCode {
        let hello = json!({
            "version": "0.0.9", "protocol": 1, "rules": rules, "boot": "b", "private": true, "new": 1,
        });
        let request = self.client.post(format!("{}/agent/v1/hello", self.core));
        let request = request.bearer_auth(&self.token).header("stillup-now", self.now());
        request.body(hello.to_string()).send().await.unwrap().status()
    }

    async fn checks(&self, first: u64, lines: &[String]) -> (StatusCode, Value) {
        self.send(first, lines.join("\n").into_bytes(), None).await
    }

    /// Sends a body, in this encoding.
    async fn send(&self, first: u64, body: Vec<u8>, encoding: Option<&str>) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}/agent/v1/checks", self.core));
        let mut request = request
            .bearer_auth(&self.token)
            .header("stillup-now", self.now())
            .header("stillup-boot", "b")
            .header("stillup-first", first);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let response = request.body(body).send().await.unwrap();
        let status = response.status();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// A good check of the one site.
    fn check(&self, seconds_ago: i64) -> String {
        self.check_of("well.example", seconds_ago)
    }

    /// A good check of a site.
    fn check_of(&self, slug: &str, seconds_ago: i64) -> String {
        let phases = json!({
            "dns": null, "connect": 900, "tls": null, "wait": 2_000, "transfer": 10,
        });
        let outcome = json!({"answer": "ok", "http_status": 200, "phases": phases});
        self.line(slug, seconds_ago, &outcome)
    }

    /// A failed check of a site.
    fn failed(&self, slug: &str, seconds_ago: i64) -> String {
        let outcome = Outcome::failed(Failure::Connect, "connection refused");
        self.line(slug, seconds_ago, &serde_json::to_value(outcome).unwrap())
    }

    fn line(&self, slug: &str, seconds_ago: i64, outcome: &Value) -> String {
        let at = Moment::from_millis(self.now() - seconds_ago * 1_000).to_string();
        let check = json!({"slug": slug, "at": at, "attempts": 1, "outcome": outcome});
        json!({ "check": check }).to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_clocks_other_rules_poison_and_doubles_are_kept_from_all_that_is_told_and_nothing_is_twice()
 {
    let begins = Clock::system().now();
    let server = Server::start(Mood::Well).await;
    let catalogue = server.entry("well.example") + &server.entry("other.example");
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue, Some(database.url()));
    let receiver = Receiver::start(Answer::Answers(200)).await;
    settings(&service, &receiver, "");
    service.start(&[]).await;
    let scripted =
        async |name: &str, region: &str, ahead| Scripted::new(&service, name, region, ahead).await;
    let (late, old) = (scripted("late", "paris", 300).await, scripted("old", "tokyo", 0).await);
    let known = async || (old.hello(RULES).await == StatusCode::OK).then_some(());
    until("the node knows them", SOON, known).await;
    assert_eq!((late.hello(RULES).await, old.hello(0).await), (StatusCode::OK, StatusCode::OK));
    let why = async |name: &str, word: &str| {
        let agent = agent_of(&service, name).await.unwrap();
        (agent["why_not"] == word).then_some(agent).ok_or(())
    };
    let agent = until("its clock is wrong", SOON, async || why("late", "clock").await).await;
    let offset = agent["clock_offset_ms"].as_i64().unwrap();
    assert!((-301_000..-270_000).contains(&offset), "{agent}");
    until("its rules are others", SOON, async || why("old", "rules").await).await;

    // Both see one site fail, and another one answer.
    let ago = [14, 8, 2];
    let lines: Vec<String> = ago
        .iter()
        .flat_map(|ago| [late.check_of("other.example", *ago), late.failed("well.example", *ago)])
        .collect();
    let (status, receipt) = late.checks(1, &lines).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(6)), "{receipt}");
    // A poisoned line holds up nothing; a batch whose answer was lost is sent again.
    let mut lines: Vec<String> = ago
        .iter()
        .flat_map(|ago| [old.check_of("other.example", *ago), old.failed("well.example", *ago)])
        .collect();
    lines.insert(1, "{\"poison\":".to_owned());
    lines.insert(2, old.check_of("well.example", -60));
    for _ in 0..2 {
        let (status, receipt) = old.checks(1, &lines).await;
        assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(8)));
        // The second time they are passed over.
        let refused = receipt["refused"].as_array().into_iter().flatten();
        let refused: Vec<u64> = refused.map(|line| line["seq"].as_u64().unwrap()).collect();
        assert!(refused == [2, 3] || refused.is_empty(), "{refused:?}");
    }
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let of = |slug: &str, region: &str| (slug.to_owned(), region.to_owned());
    let all = async || {
        let all = recorded(&pool).await;
        let counts = |region: &str| {
            ["well.example", "other.example"]
                .map(|slug| all.get(&of(slug, region)).map_or(0, Vec::len))
        };
        let there = counts("paris") == [3, 3] && counts("tokyo") == [3, 3];
        there.then_some(()).ok_or_else(|| all.clone())
    };
    until("all are there once", SOON, all).await;
    let minute = Duration::from_mins(1);
    let (first, last) = (begins - minute, Clock::system().now() + minute);
    for (place, moments) in recorded(&pool).await {
        let dated = |at: &OffsetDateTime| Moment::from_millis(at.unix_timestamp() * 1_000);
        let near = |at: &OffsetDateTime| (first..=last).contains(&dated(at));
        assert!(moments.iter().all(near), "{place:?}: {moments:?}");
    }
    let both = Told {
        no_vote: &[("paris", "clock"), ("tokyo", "rules")],
        ..well(&[("amsterdam", "up"), ("paris", ANY), ("tokyo", ANY)])
    };
    for slug in ["well.example", "other.example"] {
        both.of(&service, &receiver, slug).await;
    }

    let forged = Scripted { token: format!("{}0", old.token), ..scripted("x", "paris", 0).await };
    assert_eq!(forged.hello(RULES).await, StatusCode::UNAUTHORIZED);
    let (status, problem) = forged.checks(1, &[]).await;
    assert_eq!((status, &problem["status"]), (StatusCode::UNAUTHORIZED, &json!(401)), "{problem}");
    assert_eq!(late.client.get(service.url("/agent/v1/sites")).send().await.unwrap().status(), 401);
    // The token of an agent that was removed lets nobody in again; its region is history.
    let removed = service.run(&["agents", "remove", "old"]).await;
    assert!(removed.status.success());
    let gone = async || (old.checks(9, &[]).await.0 == StatusCode::UNAUTHORIZED).then_some(());
    until("it is out", SOON, gone).await;
    assert_eq!(old.checks(9, &[old.failed("well.example", 1)]).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(agent_of(&service, "old").await, None);
    let one =
        Told { no_vote: &[("paris", "clock")], ..well(&[("amsterdam", "up"), ("paris", ANY)]) };
    one.of(&service, &receiver, "well.example").await;
    assert_eq!(recorded(&pool).await[&of("well.example", "tokyo")].len(), 3, "its history stays");
}
