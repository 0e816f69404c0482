//! Drills with nodes that are cut off, have a wrong clock, another catalogue or a new release, and with a
//! thousand sites.

use std::path::Path;

use super::*;

/// Sites of the large drill, beside the fickle one.
const MANY: usize = 999;
/// Library that gives a program another time than that of the machine (package `faketime`).
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// Returns whether a node can be given a clock of its own; says so if not.
pub(super) fn can_set_clocks() -> bool {
    let installed = Path::new(FAKETIME).exists();
    if !installed {
        eprintln!("SKIPPED: there is no libfaketime to give a node another clock with");
    }
    installed
}

impl Fleet {
    /// Gives a node a clock of its own from its next start on, which these variables of libfaketime set.
    pub(super) fn set_clock(&mut self, node: usize, variables: &[(&'static str, &str)]) {
        let usual = [
            ("LD_PRELOAD", FAKETIME),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        for (name, value) in usual.iter().chain(variables) {
            self.nodes[node].service.set_variable(name, (*value).to_owned());
        }
    }

    /// Waits until the record has every turn of a region, also those that came late.
    pub(super) async fn catches_up(&self, region: &str) {
        let whole = async || self.whole(region).await.then_some(());
        until("what waited is recorded", PATIENCE, whole).await;
    }

    /// Age of the newest check of a region in the record.
    pub(super) async fn age(&self, region: &str) -> Duration {
        let read = "SELECT extract(epoch FROM now() - max(at))::float8 FROM checks c
             JOIN regions r ON r.id = c.region_id WHERE r.name = $1";
        let age: f64 = sqlx::query_scalar(read).bind(region).fetch_one(&self.pool).await.unwrap();
        Duration::from_secs_f64(age.max(0.0))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_node_that_is_cut_from_postgres_or_from_its_peer_loses_nothing() {
    let fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    // From Postgres: the other one records, and hears from its peer what that one sees.
    let visits = fleet.visit(first, Duration::from_secs(30));
    fleet.nodes[first].cut_from_postgres();
    fleet.taken_over_from(first).await;
    fleet.records(&fleet.regions()).await;
    visits.await.unwrap();
    fleet.nodes[first].mend_to_postgres();
    let follows = async || fleet.nodes[first].service.log().contains("follows it").then_some(());
    until("it follows", PATIENCE, follows).await;
    fleet.records(&fleet.regions()).await;
    assert_eq!(fleet.recording().await, second);
    fleet.holds(&fleet.regions()).await;

    // From each other: what the one that does not record sees is recorded later.
    for node in &fleet.nodes {
        node.close();
    }
    sleep(Duration::from_secs(40)).await;
    fleet.records(&[fleet.nodes[second].region]).await;
    let age = fleet.age(fleet.nodes[first].region).await;
    assert!(age > Duration::from_secs(25), "they are not cut off: {age:?}");
    for node in &fleet.nodes {
        node.open();
    }
    fleet.records(&fleet.regions()).await;
    fleet.catches_up(fleet.nodes[first].region).await;
    fleet.holds(&fleet.regions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_node_whose_clock_is_five_minutes_behind_leaves_the_record_to_another() {
    if !can_set_clocks() {
        return;
    }
    let mut fleet = Fleet::prepare(TWO, 4, Database::one().await).await;
    // The one with the wrong clock is there first, and alone.
    fleet.set_clock(1, &[("FAKETIME", "-5m")]);
    fleet.nodes[1].start().await;
    assert_eq!(fleet.recording().await, 1, "alone, it records all the same");
    fleet.nodes[0].start().await;
    let other = async || (fleet.recording().await == 0).then_some(());
    until("the other one records", PATIENCE, other).await;
    let told = async || {
        fleet.nodes[1].service.log().contains("clock is not that of Postgres").then_some(())
    };
    until("it is told", PATIENCE, told).await;
    // What the other one dated by its own clock before stays as it is.
    let dated = "SELECT count(*) FROM checks c JOIN regions r ON r.id = c.region_id
         WHERE r.name = 'amsterdam' AND c.at < now() - interval '4 minutes'";
    fleet.records(&["amsterdam"]).await;
    let before = fleet.count(dated).await;
    // Nobody takes it from the one whose clock is right, and no verdict changes.
    sleep(Duration::from_secs(30)).await;
    assert_eq!(fleet.recording().await, 0);
    assert_eq!(fleet.count(dated).await, before);
    let page = fleet.nodes[0].service.json("/api/v1/regions").await.to_string();
    assert!(page.contains("\"clock\""), "{page}");
    // It is better than nobody.
    fleet.nodes[0].kill().await;
    fleet.taken_over_from(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_catalogue_that_is_changed_on_one_node_alone_flaps_nowhere() {
    let mut fleet = Fleet::start().await;
    let first = fleet.recording().await;
    let second = other(first);
    // The one that does not record has a site more, and one less.
    let more = fleet.well_server.entry("more.example");
    let catalogue = fs::read_to_string(fleet.nodes[second].service.path("sites.toml")).unwrap();
    let without = fleet.well_server.entry("well-3.example");
    let catalogue = catalogue.replace(&without, "") + &more;
    fleet.nodes[second].service.write_catalogue(&catalogue);
    let shown = async |node: usize, slug: &str| {
        fleet.nodes[node].service.slugs().await.iter().any(|known| known == slug)
    };
    let read = async || shown(second, "more.example").await.then_some(());
    until("it is read", PATIENCE, read).await;
    fleet.records(&fleet.regions()).await;
    sleep(Duration::from_secs(20)).await;
    // The recording one goes on with its own.
    assert!(!shown(first, "more.example").await && shown(first, "well-3.example").await);
    let known = "SELECT count(*) FROM sites WHERE slug = 'more.example'";
    assert_eq!(fleet.count(known).await, 0);
    fleet.holds(&[fleet.nodes[first].region]).await;

    // The other one takes over with its own, from its first check on.
    fleet.nodes[first].kill().await;
    fleet.taken_over_from(first).await;
    let recorded = "SELECT count(*) FROM checks c JOIN sites s ON s.id = c.site_id
         WHERE s.slug = 'more.example'";
    let both = async || (fleet.count(recorded).await > 2).then_some(());
    until("its own site is recorded", PATIENCE, both).await;
    fleet.nodes[first].start().await;
    fleet.records(&fleet.regions()).await;
    assert_eq!(fleet.recording().await, second);
    let outages = "SELECT count(*) FROM outages";
    assert_eq!(fleet.count(outages).await, 0);
    fleet.holds(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn three_nodes_are_started_anew_one_after_the_other_and_nothing_is_missed() {
    let fleet = Fleet::prepare(THREE, 4, Database::one().await).await;
    let mut fleet = fleet.begin().await;
    fleet.fickle.turn(Mood::Broken);
    for node in 0..3 {
        fleet.shows(node, "down").await;
    }
    fleet.receiver.wait_for(1).await;
    // The recording one first, so that each of them has to take over.
    let first = fleet.recording().await;
    for node in [first, (first + 1) % 3, (first + 2) % 3] {
        let recorded = fleet.recording().await;
        let visits = fleet.visit((node + 1) % 3, Duration::from_secs(10));
        fleet.nodes[node].stop().await;
        if recorded == node {
            fleet.taken_over_from(node).await;
        }
        fleet.nodes[node].start().await;
        let ready = async || {
            let (_, text) = fleet.nodes[node].service.get("/readyz").await;
            text.contains("\"ready\"").then_some(()).ok_or(text)
        };
        until("it is ready", PATIENCE, ready).await;
        visits.await.unwrap();
        fleet.shows(node, "down").await;
    }
    fleet.records(&fleet.regions()).await;
    fleet.fickle.turn(Mood::Well);
    for node in 0..3 {
        fleet.shows(node, "up").await;
    }
    fleet.receiver.wait_for(2).await;
    fleet.records(&fleet.regions()).await;
    fleet.holds(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_thousand_sites_every_five_seconds_outlive_the_node_that_records() {
    let fleet = Fleet::prepare(TWO, MANY, Database::one().await).await;
    let mut fleet = fleet.begin().await;
    let first = fleet.recording().await;
    let second = other(first);
    let all = async || {
        let up = fleet.nodes[second].service.json("/api/v1/status").await["up"].as_u64().unwrap();
        (up > MANY as u64).then_some(()).ok_or(up)
    };
    until("all are up", PATIENCE, all).await;
    let visits = fleet.visit(second, Duration::from_secs(45));
    sleep(Duration::from_secs(10)).await;
    fleet.nodes[first].kill().await;
    fleet.taken_over_from(first).await;
    fleet.records(&[fleet.nodes[second].region]).await;
    visits.await.unwrap();
    fleet.nodes[first].start().await;
    fleet.records(&fleet.regions()).await;
    fleet.catches_up(fleet.nodes[second].region).await;
    let checks = fleet.count("SELECT count(*) FROM checks").await;
    println!("{checks} checks are recorded");
    fleet.holds(&[fleet.nodes[second].region]).await;
}
