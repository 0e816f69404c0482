//! A node and agents in other regions, as real processes: what is seen from where, and that nothing is
//! lost or doubled when one of them is away.

mod hostile;
mod nodes;

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use model::moment::Moment;
use prober::clock::Clock;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use stillup::agents::protocol::RULES;
use tempfile::TempDir;
use testbed::{Behaviour, HttpAnswer, Ports, Testbed};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    house::{House, SOON, send, until},
    receiver::{Mood as Answer, Receiver, Request},
    server::{Mood, Server},
};

/// A way over TCP to a node, which can be cut and led elsewhere.
pub(crate) struct Relay {
    address: String,
    target: watch::Sender<Option<String>>,
}

impl Relay {
    async fn to(house: &House) -> Self {
        Self::new(Some(address_of(house))).await
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

pub(crate) fn address_of(house: &House) -> String {
    house.url("").trim_start_matches("http://").to_owned()
}

/// An agent with a directory of its own, always ended.
struct Agent {
    dir: TempDir,
    cores: Vec<String>,
    allow_private: bool,
    child: Option<Child>,
    starts: usize,
    address: String,
}

impl Agent {
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
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
            let (_, rest) = self.log().split_once("metrics are at http://").map(own)?;
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

fn own((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

impl Drop for Agent {
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
pub(crate) async fn add(house: &House, name: &str, region: &str) -> String {
    let added = house.run(&["agents", "add", name, "--region", region]).await;
    let (out, told) =
        (String::from_utf8(added.stdout).unwrap(), String::from_utf8_lossy(&added.stderr));
    assert!(added.status.success(), "{told}");
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.starts_with("sua_") && !told.contains(out.trim()), "{out}{told}");
    out.trim().to_owned()
}

/// The agents of the API, by their names.
async fn agent_of(house: &House, name: &str) -> Option<Value> {
    let all = house.json("/api/v1/regions").await;
    let regions = all["regions"].as_array().unwrap().iter();
    let mut agents = regions.flat_map(|region| region["agents"].as_array().unwrap());
    agents.find(|agent| agent["name"] == name).cloned()
}

/// The moments of a site's checks from a region, as Postgres has them.
async fn moments(house: &House, slug: &str, region: &str) -> Vec<Moment> {
    let (status, page) = house.get(&format!("/api/v1/sites/{slug}/checks?limit=1000")).await;
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

/// A node with one well site.
async fn node() -> (House, Server) {
    let server = Server::start(Mood::Well).await;
    let mut house = House::new(&server.entry("well.example"), None);
    house.write_settings("region = \"amsterdam\"\n");
    house.start(&[]).await;
    (house, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_gets_every_check_once_and_a_killed_agent_goes_on_without_it() {
    let (mut house, _server) = node().await;
    let relay = Relay::to(&house).await;
    let token = add(&house, "syd-1", "sydney").await;
    let mut agent = Agent::new(&relay.url(), &token, "");
    agent.start().await;
    let two = async || (moments(&house, "well.example", "sydney").await.len() >= 2).then_some(());
    until("its checks arrive", SOON, two).await;

    relay.lead(None);
    let waits = async || {
        let text = agent.metrics().await;
        let waiting = text.lines().find(|line| line.starts_with("stillup_agent_outbox_bytes"));
        waiting.is_some_and(|line| !line.ends_with(" 0")).then_some(())
    };
    until("its checks wait on disk", SOON, waits).await;
    agent.end("KILL").await;
    // The node is started anew meanwhile, and knows nothing of it.
    house.signal("INT");
    assert!(house.ended().await.success());
    agent.start().await;
    let probes = async || {
        let text = agent.metrics().await;
        let made = text.lines().find(|line| line.starts_with("stillup_agent_checks_total"))?;
        made.rsplit(' ').next()?.parse::<u32>().ok().filter(|made| *made >= 2)
    };
    until("it goes on from what is on disk", SOON, probes).await;
    let killed_at = Clock::system().now();

    house.start(&[]).await;
    relay.lead(Some(address_of(&house)));
    let all = async || {
        let all = moments(&house, "well.example", "sydney").await;
        all.last().is_some_and(|last| *last > killed_at).then_some(all)
    };
    let all = until("all its checks arrive", SOON, all).await;
    assert!(all.len() >= 5, "{all:?}");
    for pair in all.windows(2) {
        // Every 5 s, but for the moment in which it was killed.
        assert!(pair[1] > pair[0] && pair[1].since(pair[0]) < Duration::from_secs(16), "{all:?}");
    }
    assert_eq!(agent.end("TERM").await, Some(0), "{}", agent.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_removed_ends_its_agent_and_what_it_knew_and_a_second_one_takes_its_place_before()
 {
    let (house, _server) = node().await;
    let first = add(&house, "syd-1", "sydney").await;
    let mut agent = Agent::new(&house.url(""), &first, "");
    agent.start().await;
    let reports = async || agent_of(&house, "syd-1").await.filter(|a| a["voting"] == true);
    let shown = until("it reports", SOON, reports).await;
    assert_eq!(
        (&shown["version"], &shown["sites"]),
        (&json!(env!("CARGO_PKG_VERSION")), &json!(1))
    );
    assert!(shown["last_seen"].is_string() && shown["why_not"].is_null(), "{shown}");

    let mut second = Agent::new(&house.url(""), &first, "");
    let mut same = second.command(&agent.path("data"));
    let same = tokio::task::spawn_blocking(move || same.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(!same.status.success() && told.contains("another stillup"), "{told}");
    // Another machine with the same token is told of, and stops nothing.
    second.start().await;
    let told = async || house.log().contains("two runs report with one token").then_some(());
    until("the log says so", SOON, told).await;
    let votes = async || agent_of(&house, "syd-1").await.filter(|a| a["voting"] == true);
    until("it has its vote", SOON, votes).await;
    assert_eq!(second.end("TERM").await, Some(0), "{}", second.log());
    let twice = house.run(&["agents", "add", "syd-1", "--region", "paris"]).await;
    assert!(!twice.status.success());
    assert!(String::from_utf8_lossy(&twice.stderr).contains("looks from sydney"));
    let own = house.run(&["agents", "add", "x", "--region", "amsterdam"]).await;
    assert!(String::from_utf8_lossy(&own.stderr).contains("looks from amsterdam itself"));
    let new = add(&house, "syd-1", "sydney").await;
    let third = house.run(&["agents", "add", "syd-1", "--region", "sydney"]).await;
    let told = String::from_utf8_lossy(&third.stderr).into_owned();
    let id = first.split('_').nth(1).unwrap();
    assert!(!third.status.success() && told.contains(&format!("--token {id}")), "{told}");

    // The old token ends; the agent with it stops and forgets, one with the new token goes on.
    let removed = house.run(&["agents", "remove", "syd-1", "--token", id]).await;
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
    let list = String::from_utf8(house.run(&["agents", "list"]).await.stdout).unwrap();
    assert!(list.starts_with("syd-1 in sydney") && !list.contains(&new), "{list}");
    let removed = house.run(&["agents", "remove", "syd-1"]).await;
    assert!(removed.status.success());
    assert_eq!(agent.ended().await, Some(1));
    assert_eq!(agent_of(&house, "syd-1").await, None);
    let again = house.run(&["agents", "remove", "syd-1"]).await;
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
    async fn new(house: &House, name: &str, region: &str, ahead: i64) -> Self {
        let core = house.url("").trim_end_matches('/').to_owned();
        Self { client: client(), core, token: add(house, name, region).await, ahead }
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
        let at = Moment::from_millis(self.now() - seconds_ago * 1_000);
        json!({"check": {
            "slug": slug, "at": at.to_string(), "attempts": 1,
            "outcome": {"answer": "ok", "http_status": 200, "phases": {
                "dns": null, "connect": 900, "tls": null, "wait": 2_000, "transfer": 10,
            }},
        }})
        .to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_clocks_other_rules_poison_and_doubles_are_kept_from_the_verdict_and_nothing_is_twice()
 {
    let (house, _server) = node().await;
    let scripted =
        async |name: &str, region: &str, ahead| Scripted::new(&house, name, region, ahead).await;
    let (late, old) = (scripted("late", "paris", 300).await, scripted("old", "tokyo", 0).await);
    let known = async || (old.hello(RULES).await == StatusCode::OK).then_some(());
    until("the node knows them", SOON, known).await;
    assert_eq!((late.hello(RULES).await, old.hello(0).await), (StatusCode::OK, StatusCode::OK));
    let why = async |name: &str, word: &str| {
        let agent = agent_of(&house, name).await.unwrap();
        (agent["why_not"] == word).then_some(agent).ok_or(())
    };
    let (status, receipt) = late.checks(1, &[late.check(3), late.check(2)]).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(2)), "{receipt}");
    let agent = until("its clock is wrong", SOON, async || why("late", "clock").await).await;
    let offset = agent["clock_offset_ms"].as_i64().unwrap();
    assert!((-301_000..-298_000).contains(&offset), "{agent}");
    until("its rules are others", SOON, async || why("old", "rules").await).await;

    // A poisoned line holds up nothing; a batch whose answer was lost is sent again.
    let lines = [old.check(3), "{\"poison\":".into(), old.check(-60), old.check(2), old.check(1)];
    let (status, receipt) = old.checks(1, &lines).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(5)));
    let refused: Vec<u64> =
        receipt["refused"].as_array().unwrap().iter().map(|r| r["seq"].as_u64().unwrap()).collect();
    assert_eq!(refused, [2, 3]);
    let (status, receipt) = old.checks(1, &lines).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(5)));
    for (region, count) in [("tokyo", 3), ("paris", 2)] {
        let all = async || {
            let all = moments(&house, "well.example", region).await;
            (all.len() == count).then_some(all.clone()).ok_or(all)
        };
        let all = until("all are there once", SOON, all).await;
        let now = Clock::system().now();
        assert!(
            all.iter().all(|at| *at <= now && now.since(*at) < Duration::from_mins(1)),
            "{all:?}"
        );
    }

    let forged = Scripted { token: format!("{}0", old.token), ..scripted("x", "paris", 0).await };
    assert_eq!(forged.hello(RULES).await, StatusCode::UNAUTHORIZED);
    let (status, problem) = forged.checks(1, &[]).await;
    assert_eq!((status, &problem["status"]), (StatusCode::UNAUTHORIZED, &json!(401)), "{problem}");
    assert_eq!(late.client.get(house.url("/agent/v1/sites")).send().await.unwrap().status(), 401);
    let removed = house.run(&["agents", "remove", "old"]).await;
    assert!(removed.status.success());
    let gone = async || (old.checks(6, &[]).await.0 == StatusCode::UNAUTHORIZED).then_some(());
    until("it is out", SOON, gone).await;
    assert_eq!(agent_of(&house, "old").await, None);
}

/// The testbeds of regions, which have the same names and ports and each its own servers.
struct Places(Vec<Testbed>);

impl Places {
    async fn new(count: usize) -> Self {
        let mut beds = Vec::new();
        for _ in 0..count {
            beds.push(Testbed::start().await.unwrap());
        }
        Self(beds)
    }

    /// The entry of a site that stands at one port in all places.
    async fn site(&self, slug: &str) -> String {
        let first = self.0[0].host_on(slug, Ports::FREE).await.unwrap();
        for bed in &self.0[1..] {
            let host = bed.host_on(slug, first.ports()).await.unwrap();
            assert_eq!(host.ports(), first.ports());
        }
        crate::server::entry(slug, &first.http_url())
    }

    async fn behave(&self, place: usize, slug: &str, behaviour: Behaviour) {
        let host = self.0[place].host_on(slug, Ports::FREE).await.unwrap();
        host.behave(behaviour).await.unwrap();
    }

    fn nameservers(&self, place: usize) -> String {
        format!("nameservers = [\"{}\"]", self.0[place].nameserver())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_three_places_see_is_told_with_the_place() {
    let places = Places::new(3).await;
    let mut catalogue = String::new();
    let slugs = ["all.example", "one.example", "two.example", "slow.example"];
    for slug in slugs.into_iter().chain(["well-1.example", "well-2.example", "well-3.example"]) {
        catalogue += &places.site(slug).await;
    }
    let mut house = House::new(&catalogue, None);
    let own = places.nameservers(0);
    let receiver = Receiver::start(Answer::Answers(200)).await;
    fs::write(house.path("key"), "whsec_aHVzaCBodXNoIGh1c2ggaHVzaCBodXNoIGh1c2g=\n").unwrap();
    house.write_settings(&format!(
        "region = \"amsterdam\"\n[probe]\n{own}\n[judge]\ncontrols = []\n\
         [[notify]]\nname = \"team\"\ntype = \"webhook\"\nurl = \"{}\"\nsecret_file = \"key\"\n\
         gather = \"0s\"\n",
        receiver.url("hook")
    ));
    house.start(&[]).await;
    let mut agents = Vec::new();
    for (name, region, place) in [
        ("syd-1", "sydney", 1),
        ("syd-2", "sydney", 1),
        ("nyc-1", "new-york", 2),
        ("nyc-2", "new-york", 2),
    ] {
        let token = add(&house, name, region).await;
        let mut agent = Agent::new(&house.url(""), &token, &places.nameservers(place));
        agent.start().await;
        agents.push(agent);
    }
    let is = async |slug: &str, status: &str, seen: [&str; 3]| {
        let site = house.json(&format!("/api/v1/sites/{slug}")).await;
        let of = |region: &str| {
            let mut regions = site["regions"].as_array().unwrap().iter();
            regions.find(|r| r["region"] == region).map(|r| r["status"].clone()).unwrap_or_default()
        };
        let now = ["amsterdam", "new-york", "sydney"].map(of);
        let fits = site["status"] == status && now == seen;
        fits.then(|| site.clone())
            .ok_or_else(|| format!("{} {now:?}: {}", site["status"], site["summary"]))
    };
    let ups = ["up"; 3];
    for slug in slugs {
        until(slug, SOON, async || is(slug, "up", ups).await).await;
    }
    // The two agents of a region share its sites.
    let counts = async |name| agent_of(&house, name).await.unwrap()["sites"].as_u64().unwrap();
    let (one, other) = (counts("syd-1").await, counts("syd-2").await);
    assert_eq!(one + other, 7, "{one} {other}");

    for place in 0..3 {
        places.behave(place, "all.example", Behaviour::Refuse).await;
    }
    places.behave(1, "one.example", Behaviour::Refuse).await;
    places.behave(1, "two.example", Behaviour::Refuse).await;
    places.behave(2, "two.example", Behaviour::Refuse).await;
    let late = Behaviour::AnswerAfter(Duration::from_millis(1_500), HttpAnswer::ok());
    places.behave(1, "slow.example", late).await;
    until("all", SOON, async || is("all.example", "down", ["down"; 3]).await).await;
    let one = ["up", "up", "down"];
    let site = until("one", SOON, async || is("one.example", "partial", one).await).await;
    let summary = site["summary"].as_str().unwrap();
    assert!(summary.to_lowercase().contains("sydney"), "{summary}");
    until("two", SOON, async || is("two.example", "down", ["up", "down", "down"]).await).await;
    let slow = async || {
        let site = house.json("/api/v1/sites/slow.example").await;
        let mut regions = site["regions"].as_array().unwrap().iter();
        let there = regions.find(|r| r["region"] == "sydney").map(|r| r["status"].clone());
        (there == Some(json!("slow"))).then_some(site["status"].clone()).ok_or(there)
    };
    until("slow from one", SOON, slow).await;
    let (_, badge) = house.get("/badge/one.example.svg").await;
    assert!(badge.contains(">partial</text>"), "{badge}");
    let (_, page) = house.get("/one.example").await;
    assert!(page.contains("sydney") && page.contains("new-york"), "{page}");
    let (_, feed) = house.get("/feed.atom").await;
    assert!(feed.contains("one.example") && feed.contains("all.example"), "{feed}");

    // People are told from where.
    let told = async |slug: &str, words: &str| {
        let seen = async || {
            let bodies: Vec<Value> = receiver.seen().iter().map(Request::json).collect();
            let sites = bodies.iter().flat_map(|body| body["data"]["sites"].as_array().unwrap());
            let mut lines = sites.filter(|site| site["slug"] == slug).map(Value::to_string);
            lines.any(|line| line.contains(words)).then_some(()).ok_or(bodies)
        };
        until(slug, SOON, seen).await;
    };
    told("one.example", "is down from sydney").await;
    told("two.example", "Down from new-york and sydney; it answers from amsterdam.").await;
    told("all.example", "\"region\":\"sydney\"").await;

    // One agent dies: the other one of its region takes its sites, and nothing else happens.
    agents[0].end("KILL").await;
    let covers = async || (counts("syd-2").await == 7).then_some(());
    until("the other one covers for it", Duration::from_mins(3), covers).await;
    until("one", SOON, async || is("one.example", "partial", one).await).await;
    for slug in ["well-1.example", "well-2.example", "well-3.example"] {
        until(slug, SOON, async || is(slug, "up", ups).await).await;
        let outages = house.json(&format!("/api/v1/sites/{slug}/outages")).await;
        assert_eq!(outages["outages"], json!([]), "{outages}");
    }
    let told: Vec<String> = receiver.seen().iter().map(|asked| asked.json().to_string()).collect();
    assert!(!told.iter().any(|body| body.contains("well-")), "nobody is told of it: {told:?}");
}
