//! Several nodes on one Postgres, as real processes: one of them dies, freezes or is cut off, and the record
//! has every check and every verdict once, people are told once, and the pages of the others go on.
//!
//! These drills take minutes, and are run one after the other, by `make drills`.

mod auto_failover;
mod database;
mod drills;
mod partitions;
mod shared;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::Duration,
};

use sqlx::PgPool;
use stillup::private_postgres::throwaway::{self, TestDatabase};
use time::OffsetDateTime;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use self::auto_failover::AutoFailover;
use crate::{
    agents::{Relay, add, address_of, recorded},
    pair::Pair,
    receiver::{Receiver, ReceiverMood as Answer},
    server::{Mood, Server, Way},
    service::{Service, is_release, send, until},
};

/// Of 100 pages 99 are answered by then, by a release program on a machine that has nothing else to do.
const QUICK: Duration = Duration::from_millis(50);
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// A take-over is done by then, on a machine that has other things to do.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// A node, the way that each of its peers takes to it, and its own ways to the hosts of Postgres.
struct Node {
    name: &'static str,
    region: &'static str,
    service: Service,
    /// By the names of the peers.
    doors: BTreeMap<&'static str, Relay>,
    ways: Vec<Way>,
}

impl Node {
    async fn start(&mut self) {
        self.service.start(&[]).await;
        self.open();
    }

    /// Lets its peers in.
    fn open(&self) {
        self.doors.values().for_each(|door| door.lead(Some(address_of(&self.service))));
    }

    /// Lets none of its peers in.
    fn close(&self) {
        self.doors.values().for_each(|door| door.lead(None));
    }

    /// Ends it as a power cut does.
    async fn kill(&mut self) {
        self.service.signal("KILL");
        self.service.ended().await;
    }

    /// Ends it in order.
    async fn stop(&mut self) {
        self.service.signal("TERM");
        assert!(self.service.ended().await.success());
    }

    fn cut_from_postgres(&self) {
        self.ways.iter().for_each(Way::cut);
    }

    fn mend_to_postgres(&self) {
        self.ways.iter().for_each(Way::mend);
    }
}

/// The Postgres of a fleet.
enum Database {
    One(Box<TestDatabase>),
    Pair(Pair),
    Failover(Box<AutoFailover>),
}

impl Database {
    async fn one() -> Self {
        Self::One(Box::new(throwaway::database().await.unwrap()))
    }

    fn sockets(&self) -> Vec<PathBuf> {
        match self {
            Self::One(one) => vec![one.options().get_socket().unwrap().join(".s.PGSQL.5432")],
            Self::Pair(pair) => vec![pair.socket(0), pair.socket(1)],
            Self::Failover(all) => vec![all.socket(0), all.socket(1)],
        }
    }

    fn name(&self) -> String {
        match self {
            Self::One(one) => one.options().get_database().unwrap().to_owned(),
            Self::Pair(_) => "postgres".to_owned(),
            Self::Failover(_) => "stillup".to_owned(),
        }
    }

    fn pool(&self) -> PgPool {
        match self {
            Self::One(one) => PgPool::connect_lazy_with(one.options()),
            Self::Pair(pair) => pair.pool(0),
            Self::Failover(all) => all.pool(0),
        }
    }
}

/// Names and regions of nodes.
const TWO: &[(&str, &str)] = &[("a", "amsterdam"), ("b", "frankfurt")];
const THREE: &[(&str, &str)] = &[("a", "amsterdam"), ("b", "frankfurt"), ("c", "sydney")];

/// Nodes with the same sites, most of which are well, and one receiver of their messages.
struct Fleet {
    nodes: Vec<Node>,
    pool: PgPool,
    fickle: Server,
    receiver: Receiver,
    /// Number of sites that are well.
    well: usize,
    well_server: Server,
    database: Database,
}

impl Fleet {
    async fn start() -> Self {
        let fleet = Self::prepare(TWO, 4, Database::one().await).await;
        fleet.begin().await
    }

    /// The fleet, of which nothing runs yet.
    async fn prepare(
        names: &[(&'static str, &'static str)],
        well: usize,
        database: Database,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (server, fickle) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
        let catalogue: String =
            (0..well).map(|number| server.entry(&format!("well-{number}.example"))).collect();
        let catalogue = catalogue + &fickle.entry("fickle.example");
        let receiver = Receiver::start(Answer::Answers(200)).await;
        let mut nodes = Vec::new();
        for (name, region) in names {
            let mut ways = Vec::new();
            for socket in database.sockets() {
                ways.push(Way::to(socket).await);
            }
            let hosts: Vec<String> = ways.iter().map(|way| way.address().to_string()).collect();
            let (hosts, database) = (hosts.join(","), database.name());
            let url = format!("postgres://stillup@{hosts}/{database}?sslmode=disable");
            let mut doors = BTreeMap::new();
            for (peer, _) in names.iter().filter(|(peer, _)| peer != name) {
                doors.insert(*peer, Relay::new(None).await);
            }
            let service = Service::new(&catalogue, Some(url));
            nodes.push(Node { name, region, service, doors, ways });
        }
        for node in &nodes {
            let Node { name, region, service, .. } = node;
            let others = nodes.iter().filter(|other| other.name != *name);
            let peers: Vec<String> =
                others.map(|other| format!("{:?}", other.doors[name].url())).collect();
            service.write_settings(&format!(
                "region = \"{region}\"\n[judge]\ncontrols = []\n\
                 [nodes]\nname = \"{name}\"\npeers = [{}]\ntoken_file = \"token\"\n\
                 [[notify]]\nname = \"team\"\ntype = \"webhook\"\nurl = \"{}\"\ngather = \"0s\"\nsecret_file = \"key\"\n\
                 on = [\"down\", \"partial\", \"slow\", \"recovered\", \"notice\"]\n",
                peers.join(", "),
                receiver.url("hook")
            ));
            fs::write(service.path("key"), "a key of more than sixteen letters\n").unwrap();
            fs::write(service.path("token"), add(service, name, region).await).unwrap();
            fs::set_permissions(service.path("token"), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let pool = database.pool();
        Self { nodes, pool, fickle, receiver, well, well_server: server, database }
    }

    /// Starts all nodes, and waits until all regions are in the record.
    async fn begin(mut self) -> Self {
        for node in &mut self.nodes {
            node.start().await;
        }
        let all = async || {
            let seen = "SELECT count(DISTINCT region_id) FROM checks";
            (self.count(seen).await == self.nodes.len() as i64).then_some(())
        };
        until("all regions are in the record", PATIENCE, all).await;
        self
    }

    fn pair(&mut self) -> &mut Pair {
        match &mut self.database {
            Database::Pair(pair) => pair,
            _ => panic!("there is no pair"),
        }
    }

    fn regions(&self) -> Vec<&'static str> {
        self.nodes.iter().map(|node| node.region).collect()
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// The place of the node that records.
    async fn recording(&self) -> usize {
        let read = "SELECT node FROM lease WHERE until > clock_timestamp()";
        let held = async || {
            let node: Option<String> =
                sqlx::query_scalar(read).fetch_optional(&self.pool).await.unwrap();
            self.nodes.iter().position(|known| Some(known.name) == node.as_deref())
        };
        until("a node records", PATIENCE, held).await
    }

    /// Waits until another node than this one records, and says how long that took.
    async fn taken_over_from(&self, old: usize) {
        let since = Instant::now();
        let other = async || (self.recording().await != old).then_some(());
        until("another node takes over", TAKEN_OVER, other).await;
        println!("taken over after {:.1} s", since.elapsed().as_secs_f64());
    }

    /// Waits until a node shows the site so.
    async fn shows(&self, node: usize, status: &str) {
        let service = &self.nodes[node].service;
        let seen = async || {
            let site = service.json("/api/v1/sites/fickle.example").await;
            (site["status"] == status).then_some(())
        };
        until(&format!("the site is {status}"), PATIENCE, seen).await;
    }

    /// Waits until a node shows that something is wrong: partial, where it has heard the other region.
    async fn shows_trouble(&self, node: usize) {
        let service = &self.nodes[node].service;
        let seen = async || {
            let site = service.json("/api/v1/sites/fickle.example").await;
            matches!(site["status"].as_str(), Some("partial" | "down")).then_some(())
        };
        until("the site is in trouble", PATIENCE, seen).await;
    }

    /// Waits until what is now checked is recorded, from each of these regions.
    async fn records(&self, regions: &[&str]) {
        let now: OffsetDateTime =
            sqlx::query_scalar("SELECT now()").fetch_one(&self.pool).await.unwrap();
        let read = "SELECT DISTINCT r.name FROM checks c JOIN regions r ON r.id = c.region_id WHERE c.at > $1";
        let all = async || {
            let seen: Vec<String> =
                sqlx::query_scalar(read).bind(now).fetch_all(&self.pool).await.unwrap();
            regions.iter().all(|region| seen.iter().any(|s| s == region)).then_some(())
        };
        until("checks are recorded", PATIENCE, all).await;
    }

    /// Holds the record against what must be so: every check of a region that was never away is there
    /// once, no well site was ever anything else, no outage is there twice, and nobody was told twice.
    async fn holds(&self, whole: &[&str]) {
        let mut checks = recorded(&self.pool).await;
        checks.retain(|(slug, _), _| slug.starts_with("well"));
        for ((slug, region), moments) in checks {
            for pair in moments.windows(2) {
                let apart = (pair[1] - pair[0]).as_seconds_f64();
                assert!(apart > 0.9, "{slug} from {region} twice: {pair:?}");
                let missing = whole.contains(&&*region) && apart > 12.0;
                assert!(!missing, "{slug} from {region} not for {apart} s: {pair:?}");
            }
        }
        let read = "SELECT s.slug, c.at, c.from_at, c.status, c.notes::text FROM changes c
             JOIN sites s ON s.id = c.site_id WHERE s.slug LIKE 'well%' ORDER BY 1, 2";
        let changes: Vec<(String, OffsetDateTime, OffsetDateTime, i16, String)> =
            sqlx::query_as(read).fetch_all(&self.pool).await.unwrap();
        assert_eq!(changes.len(), self.well, "a well site has one verdict: {changes:#?}");
        let twins = "SELECT count(*) FROM (SELECT status, notes, lag(status) OVER w AS before,
                 lag(notes) OVER w AS noted FROM changes c JOIN sites s ON s.id = c.site_id
                 WHERE s.slug = 'fickle.example' WINDOW w AS (ORDER BY from_at, at)) all_of_them
             WHERE status = before AND notes = noted";
        assert_eq!(self.count(twins).await, 0, "no verdict comes twice");
        let ids: Vec<String> =
            self.receiver.seen().iter().map(|seen| seen.header("webhook-id").to_owned()).collect();
        assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len(), "{ids:?}");
        let kinds: Vec<String> =
            self.receiver.seen().iter().map(|seen| seen.json()["type"].to_string()).collect();
        assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "told twice: {kinds:?}");
        let read = "SELECT started_at, ended_at, status, regions FROM outages ORDER BY 1, 2";
        let outages: Vec<(OffsetDateTime, Option<OffsetDateTime>, i16, Vec<String>)> =
            sqlx::query_as(read).fetch_all(&self.pool).await.unwrap();
        let apart = outages.windows(2).all(|pair| pair[0].1.is_some_and(|end| end <= pair[1].0));
        assert!(apart, "an outage is there twice: {outages:#?}");
    }

    /// Asks a node for pages for this time, each of which has to be answered; prints how long they took.
    fn visit(&self, node: usize, time: Duration) -> JoinHandle<()> {
        let url = self.nodes[node].service.url("");
        tokio::spawn(async move {
            let client =
                reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
            let (mut times, until) = (Vec::new(), Instant::now() + time);
            while Instant::now() < until {
                for path in ["/", "/api/v1/status", "/badge/fickle.example.svg", "/healthz"] {
                    let since = Instant::now();
                    let answer = client.get(format!("{url}{path}")).send().await.unwrap();
                    assert_eq!(answer.status(), 200, "{path}");
                    times.push(since.elapsed());
                }
                sleep(Duration::from_millis(50)).await;
            }
            times.sort();
            let place = (times.len() * 99).div_ceil(100) - 1;
            let (most, slowest) = (times[place], times[times.len() - 1]);
            println!("{} pages: 99 of 100 within {most:?}, the slowest {slowest:?}", times.len());
            assert!(!is_release() || most < QUICK, "99 of 100 pages only within {most:?}");
        })
    }
}

fn other(node: usize) -> usize {
    1 - node
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn when_the_recording_node_is_killed_the_other_goes_on_and_everything_is_there_once() {
    let mut fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    fleet.shows(second, "up").await;
    let visits = fleet.visit(second, Duration::from_secs(25));
    fleet.fickle.turn(Mood::Broken);
    // It may have seen the first failure, and not the second.
    sleep(Duration::from_secs(3)).await;
    fleet.nodes[first].kill().await;
    fleet.taken_over_from(first).await;
    fleet.shows_trouble(second).await;
    visits.await.unwrap();
    fleet.receiver.wait_for(1).await;
    fleet.records(&[fleet.nodes[second].region]).await;

    fleet.nodes[first].start().await;
    let both = [fleet.nodes[first].region, fleet.nodes[second].region];
    fleet.records(&both).await;
    assert_eq!(fleet.recording().await, second, "it follows");
    fleet.fickle.turn(Mood::Well);
    for node in [first, second] {
        fleet.shows(node, "up").await;
    }
    fleet.holds(&[fleet.nodes[second].region]).await;

    // A restart in order costs nothing: the other one takes over at once.
    fleet.nodes[second].stop().await;
    fleet.taken_over_from(second).await;
    fleet.nodes[second].start().await;
    fleet.records(&both).await;
    fleet.holds(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_recording_node_that_froze_or_was_cut_off_writes_nothing_late_and_follows() {
    let fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    let both = [fleet.nodes[first].region, fleet.nodes[second].region];
    fleet.nodes[first].service.signal("STOP");
    let frozen = Instant::now();
    fleet.fickle.turn(Mood::Broken);
    fleet.taken_over_from(first).await;
    fleet.shows_trouble(second).await;
    fleet.receiver.wait_for(1).await;
    sleep(Duration::from_mins(1).saturating_sub(frozen.elapsed())).await;
    fleet.nodes[first].service.signal("CONT");
    fleet.records(&both).await;
    let follows =
        async || fleet.nodes[first].service.log().contains("another node took over").then_some(());
    until("it hears that another one records", PATIENCE, follows).await;
    assert_eq!(fleet.recording().await, second);
    fleet.holds(&[fleet.nodes[second].region]).await;

    // Now the other one is cut off, from Postgres and from its peer.
    fleet.nodes[second].cut_from_postgres();
    fleet.nodes[first].close();
    fleet.taken_over_from(second).await;
    fleet.records(&[fleet.nodes[first].region]).await;
    let (status, _) = fleet.nodes[second].service.get("/").await;
    assert_eq!(status, 200);
    fleet.nodes[second].mend_to_postgres();
    fleet.nodes[first].open();
    fleet.records(&both).await;
    assert_eq!(fleet.recording().await, first);
    // What the one that was cut off saw meanwhile is there as well.
    let late = async || fleet.whole(fleet.nodes[second].region).await.then_some(());
    until("what waited is recorded", PATIENCE, late).await;
    fleet.holds(&[]).await;
}

impl Fleet {
    /// Returns whether the record has every turn of this region.
    async fn whole(&self, region: &str) -> bool {
        let read = "SELECT coalesce(max(at - before), '0') < interval '12 s' FROM (
                 SELECT c.at, lag(c.at) OVER (PARTITION BY c.site_id ORDER BY c.at) AS before
                 FROM checks c JOIN regions r ON r.id = c.region_id
                 WHERE r.name = $1) pairs";
        sqlx::query_scalar(read).bind(region).fetch_one(&self.pool).await.unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A frozen process does not end when it is asked to.
        if let Some(id) = self.service.process() {
            send("CONT", id);
        }
    }
}
