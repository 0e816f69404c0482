//! Drills with partitions of odd shapes: a node that reaches only the standby, two of three nodes that do not hear
//! each other, a Postgres that does not answer for a minute, and the clock of the recording node set while it runs.

use super::{drills::can_set_clocks, *};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_node_that_reaches_only_the_standby_records_nothing_and_loses_nothing() {
    let database = Database::Pair(Pair::start().await);
    let mut fleet = Fleet::prepare(TWO, 4, database).await.begin().await;
    let first = fleet.recording().await;
    let second = other(first);
    // The one that records loses the way to the primary, and keeps that to the standby.
    fleet.nodes[first].ways[0].cut();
    fleet.taken_over_from(first).await;
    fleet.records(&fleet.regions()).await;
    let visits = fleet.visit(first, Duration::from_secs(30));
    // The other one goes as well: nobody can record.
    fleet.fickle.turn(Mood::Broken);
    fleet.receiver.wait_for(1).await;
    // One that was sent and not noted would be sent again, with the same id.
    fleet.records(&fleet.regions()).await;
    fleet.nodes[second].kill().await;
    fleet.degraded(&[first]).await;
    sleep(Duration::from_secs(20)).await;
    fleet.nodes[first].ways[0].mend();
    fleet.taken_over_from(second).await;
    fleet.records(&[fleet.nodes[first].region]).await;
    fleet.nodes[second].start().await;
    fleet.records(&fleet.regions()).await;
    fleet.fickle.turn(Mood::Well);
    for node in 0..2 {
        fleet.shows(node, "up").await;
    }
    visits.await.unwrap();
    fleet.catches_up(fleet.nodes[first].region).await;
    fleet.holds(&[fleet.nodes[first].region]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn of_three_nodes_two_that_do_not_hear_each_other_flap_nothing_and_lose_nothing() {
    let fleet = Fleet::prepare(THREE, 4, Database::one().await).await;
    let mut fleet = fleet.begin().await;
    let first = fleet.recording().await;
    let [deaf, third] = [(first + 1) % 3, (first + 2) % 3];
    let (here, there) = (fleet.nodes[first].name, fleet.nodes[deaf].name);
    fleet.nodes[first].doors[there].lead(None);
    fleet.nodes[deaf].doors[here].lead(None);
    sleep(Duration::from_secs(40)).await;
    let heard = [fleet.nodes[first].region, fleet.nodes[third].region];
    fleet.records(&heard).await;
    let age = fleet.age(fleet.nodes[deaf].region).await;
    assert!(age > Duration::from_secs(25), "they hear each other: {age:?}");
    // With two regions that it hears, the one that records calls it down; so do the others.
    fleet.fickle.turn(Mood::Broken);
    for node in 0..3 {
        fleet.shows(node, "down").await;
    }
    // The third one, which hears both, takes over, and has what the first one never heard.
    fleet.nodes[first].stop().await;
    fleet.taken_over_from(first).await;
    if fleet.recording().await == third {
        fleet.catches_up(fleet.nodes[deaf].region).await;
    }
    fleet.nodes[first].start().await;
    fleet.nodes[deaf].open();
    fleet.records(&fleet.regions()).await;
    fleet.fickle.turn(Mood::Well);
    for node in 0..3 {
        fleet.shows(node, "up").await;
    }
    fleet.catches_up(fleet.nodes[deaf].region).await;
    fleet.holds(&[fleet.nodes[third].region]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_postgres_that_does_not_answer_for_a_minute_is_waited_for() {
    let database = Database::Pair(Pair::start().await);
    let mut fleet = Fleet::prepare(TWO, 4, database).await.begin().await;
    let first = fleet.recording().await;
    let visits = [0, 1].map(|node| fleet.visit(node, Duration::from_mins(1)));
    fleet.pair().freeze(0, true);
    fleet.fickle.turn(Mood::Broken);
    for node in 0..2 {
        fleet.shows(node, "down").await;
    }
    fleet.degraded(&[first]).await;
    for visit in visits {
        visit.await.unwrap();
    }
    fleet.pair().freeze(0, false);
    fleet.records(&fleet.regions()).await;
    fleet.receiver.wait_for(1).await;
    fleet.fickle.turn(Mood::Well);
    for node in 0..2 {
        fleet.shows(node, "up").await;
    }
    fleet.receiver.wait_for(2).await;
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_recording_node_whose_clock_is_set_while_it_runs_leaves_the_record_and_flaps_nothing() {
    if !can_set_clocks() {
        return;
    }
    let mut fleet = Fleet::prepare(TWO, 4, Database::one().await).await;
    let offset = fleet.nodes[1].service.path("offset");
    let set = |text: &str| fs::write(&offset, text).unwrap();
    set("+0");
    let file = offset.to_str().unwrap();
    fleet.set_clock(1, &[("FAKETIME_TIMESTAMP_FILE", file), ("FAKETIME_NO_CACHE", "1")]);
    fleet.nodes[1].start().await;
    assert_eq!(fleet.recording().await, 1);
    fleet.nodes[0].start().await;
    fleet.records(&["amsterdam", "frankfurt"]).await;
    for clock in ["+5m", "-5m"] {
        set(clock);
        let other = async || (fleet.recording().await == 0).then_some(());
        until("the other one records", PATIENCE, other).await;
        fleet.records(&["amsterdam"]).await;
        sleep(Duration::from_secs(20)).await;
        let page = fleet.nodes[0].service.json("/api/v1/regions").await.to_string();
        assert!(page.contains("\"clock\""), "{page}");
        assert_eq!(fleet.recording().await, 0);
        set("+0");
        let votes = async || {
            let page = fleet.nodes[0].service.json("/api/v1/regions").await.to_string();
            (!page.contains("\"clock\"")).then_some(()).ok_or(page)
        };
        until("its clock is right again", PATIENCE, votes).await;
        fleet.records(&["amsterdam", "frankfurt"]).await;
        // Back to the one whose clock is set next.
        fleet.nodes[0].stop().await;
        fleet.taken_over_from(0).await;
        fleet.nodes[0].start().await;
        fleet.records(&["amsterdam", "frankfurt"]).await;
    }
    let outages = "SELECT count(*) FROM outages";
    assert_eq!(fleet.count(outages).await, 0);
}
