//! Two nodes on one Postgres, as real processes: one of them dies, freezes or is cut off, and the record
//! has every check and every verdict once, people are told once, and the pages of the other go on.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    os::unix::fs::PermissionsExt,
    time::Duration,
};

use sqlx::PgPool;
use stillup::private_postgres::throwaway::{self, TestDatabase};
use time::OffsetDateTime;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    agents::{Relay, add, address_of},
    house::{House, send, until},
    receiver::{Mood as Answer, Receiver},
    server::{Mood, Server, Way},
};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// A take-over is done by then, on a machine that has other things to do.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// A node, the way that its peer takes to it, and its own way to Postgres.
struct Node {
    name: &'static str,
    region: &'static str,
    house: House,
    door: Relay,
    way: Way,
}

impl Node {
    async fn start(&mut self) {
        self.house.start(&[]).await;
        self.door.lead(Some(address_of(&self.house)));
    }

    /// Ends it as a power cut does.
    async fn kill(&mut self) {
        self.house.signal("KILL");
        self.house.ended().await;
    }
}

/// Two nodes with the same sites, most of which are well, and one receiver of their messages.
struct Fleet {
    nodes: Vec<Node>,
    pool: PgPool,
    fickle: Server,
    receiver: Receiver,
    _well: Server,
    _database: TestDatabase,
}

impl Fleet {
    async fn start() -> Self {
        let (well, fickle) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
        let catalogue: String =
            (0..4).map(|number| well.entry(&format!("well-{number}.example"))).collect();
        let catalogue = catalogue + &fickle.entry("fickle.example");
        let database = throwaway::database().await.unwrap();
        let pool = PgPool::connect_with(database.options()).await.unwrap();
        let receiver = Receiver::start(Answer::Answers(200)).await;
        let socket = database.options().get_socket().unwrap().join(".s.PGSQL.5432");
        let mut nodes = Vec::new();
        for (name, region) in [("a", "amsterdam"), ("b", "frankfurt")] {
            let way = Way::to(socket.clone()).await;
            let database = database.options().get_database().unwrap().to_owned();
            let url = format!("postgres://stillup@{}/{database}?sslmode=disable", way.address());
            let (house, door) = (House::new(&catalogue, Some(url)), Relay::new(None).await);
            nodes.push(Node { name, region, house, door, way });
        }
        let doors: Vec<String> = nodes.iter().map(|node| node.door.url()).collect();
        for (node, peer) in nodes.iter().zip(doors.iter().rev()) {
            let Node { name, region, house, .. } = node;
            house.write_settings(&format!(
                "region = \"{region}\"\n[judge]\ncontrols = []\n\
                 [nodes]\nname = \"{name}\"\npeers = [\"{peer}\"]\ntoken_file = \"token\"\n\
                 [[notify]]\nname = \"team\"\ntype = \"webhook\"\nurl = \"{}\"\ngather = \"0s\"\nsecret_file = \"key\"\n",
                receiver.url("hook")
            ));
            fs::write(house.path("key"), "a key of more than sixteen letters\n").unwrap();
            fs::write(house.path("token"), add(house, name, region).await).unwrap();
            fs::set_permissions(house.path("token"), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let mut fleet = Self { nodes, pool, fickle, receiver, _well: well, _database: database };
        for node in &mut fleet.nodes {
            node.start().await;
        }
        let both = async || {
            let seen = "SELECT count(DISTINCT region_id) FROM checks";
            (fleet.count(seen).await == 2).then_some(())
        };
        until("both regions are in the record", PATIENCE, both).await;
        fleet
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

    /// Waits until a node shows the site so, or the record has it so.
    async fn shows(&self, node: usize, status: &str) {
        let house = &self.nodes[node].house;
        let seen = async || {
            let site = house.json("/api/v1/sites/fickle.example").await;
            (site["status"] == status).then_some(())
        };
        until(&format!("the site is {status}"), PATIENCE, seen).await;
    }

    /// Waits until a node shows that something is wrong: partial, where it has heard the other region.
    async fn shows_trouble(&self, node: usize) {
        let house = &self.nodes[node].house;
        let seen = async || {
            let site = house.json("/api/v1/sites/fickle.example").await;
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
        let read = "SELECT s.slug, r.name, c.at FROM checks c JOIN sites s ON s.id = c.site_id
             JOIN regions r ON r.id = c.region_id WHERE s.slug LIKE 'well%' ORDER BY c.at";
        let rows: Vec<(String, String, OffsetDateTime)> =
            sqlx::query_as(read).fetch_all(&self.pool).await.unwrap();
        let mut series: BTreeMap<(String, String), Vec<OffsetDateTime>> = BTreeMap::new();
        for (slug, region, at) in rows {
            series.entry((slug, region)).or_default().push(at);
        }
        for ((slug, region), moments) in series {
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
        assert_eq!(changes.len(), 4, "a well site has one verdict: {changes:#?}");
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

    /// Asks a node for pages all the time, until the handle is cut; gives how long the slowest took.
    fn visit(&self, node: usize) -> JoinHandle<Duration> {
        let url = self.nodes[node].house.url("");
        tokio::spawn(async move {
            let client =
                reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
            let (mut slowest, until) = (Duration::ZERO, Instant::now() + Duration::from_secs(20));
            while Instant::now() < until {
                for path in ["/", "/api/v1/status", "/badge/fickle.example.svg", "/healthz"] {
                    let since = Instant::now();
                    let answer = client.get(format!("{url}{path}")).send().await.unwrap();
                    assert_eq!(answer.status(), 200, "{path}");
                    slowest = slowest.max(since.elapsed());
                }
                sleep(Duration::from_millis(50)).await;
            }
            slowest
        })
    }
}

fn other(node: usize) -> usize {
    1 - node
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: cargo test --test program -- --ignored nodes::"]
async fn when_the_recording_node_is_killed_the_other_goes_on_and_everything_is_there_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    fleet.shows(second, "up").await;
    let visits = fleet.visit(second);
    fleet.fickle.turn(Mood::Broken);
    // It may have seen the first failure, and not the second.
    sleep(Duration::from_secs(3)).await;
    fleet.nodes[first].kill().await;
    fleet.taken_over_from(first).await;
    fleet.shows_trouble(second).await;
    println!("the slowest page took {:?}", visits.await.unwrap());
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
    fleet.nodes[second].house.signal("TERM");
    assert!(fleet.nodes[second].house.ended().await.success());
    fleet.taken_over_from(second).await;
    fleet.nodes[second].start().await;
    fleet.records(&both).await;
    fleet.holds(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: cargo test --test program -- --ignored nodes::"]
async fn a_recording_node_that_froze_or_was_cut_off_writes_nothing_late_and_follows() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    let both = [fleet.nodes[first].region, fleet.nodes[second].region];
    fleet.nodes[first].house.signal("STOP");
    let frozen = Instant::now();
    fleet.fickle.turn(Mood::Broken);
    fleet.taken_over_from(first).await;
    fleet.shows_trouble(second).await;
    fleet.receiver.wait_for(1).await;
    sleep(Duration::from_secs(45).saturating_sub(frozen.elapsed())).await;
    fleet.nodes[first].house.signal("CONT");
    fleet.records(&both).await;
    let follows =
        async || fleet.nodes[first].house.log().contains("another node took over").then_some(());
    until("it hears that another one records", PATIENCE, follows).await;
    assert_eq!(fleet.recording().await, second);
    fleet.holds(&[fleet.nodes[second].region]).await;

    // Now the other one is cut off, from Postgres and from its peer.
    fleet.nodes[second].way.cut();
    fleet.nodes[first].door.lead(None);
    fleet.taken_over_from(second).await;
    fleet.records(&[fleet.nodes[first].region]).await;
    let (status, _) = fleet.nodes[second].house.get("/").await;
    assert_eq!(status, 200);
    fleet.nodes[second].way.mend();
    fleet.nodes[first].door.lead(Some(address_of(&fleet.nodes[first].house)));
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
        if let Some(id) = self.house.process() {
            send("CONT", id);
        }
    }
}
