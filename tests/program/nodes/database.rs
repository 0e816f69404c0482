//! Drills in which Postgres fails over: to a standby that has everything, to one that lacks the newest, and
//! away from a host that cannot be written to.

use super::*;

impl Fleet {
    /// Two nodes on a Postgres with a standby.
    async fn with_standby() -> Self {
        Self::prepare(TWO, 4, Database::Pair(Pair::start().await)).await.begin().await
    }

    /// Waits until a cluster of the pair takes the record, from all regions, and reads that one from now on.
    async fn moves_to(&mut self, cluster: usize) {
        let since = Instant::now();
        self.pool = self.pair().pool(cluster);
        self.records(&self.regions()).await;
        println!("recorded by the other host after {:.1} s", since.elapsed().as_secs_f64());
    }

    /// Waits until these nodes say that the record waits; one that follows needs only to read.
    pub(super) async fn degraded(&self, nodes: &[usize]) {
        for node in nodes {
            let waits = async || {
                let (_, text) = self.nodes[*node].service.get("/readyz").await;
                text.contains("degraded").then_some(()).ok_or(text)
            };
            until("the node says that it cannot record", PATIENCE, waits).await;
        }
    }

    /// Waits until the record has every turn of every region.
    pub(super) async fn is_whole(&self) {
        for region in self.regions() {
            let whole = async || self.whole(region).await.then_some(());
            until("every turn is recorded", PATIENCE, whole).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn when_the_primary_is_killed_and_its_standby_promoted_nothing_is_lost_or_told_twice() {
    let mut fleet = Fleet::with_standby().await;
    fleet.pair().replicate_at_once().await;
    fleet.records(&fleet.regions()).await;
    let visits = [0, 1].map(|node| fleet.visit(node, Duration::from_secs(40)));
    fleet.fickle.turn(Mood::Broken);
    fleet.receiver.wait_for(1).await;
    // One that was sent and not noted would be sent again, with the same id.
    fleet.records(&fleet.regions()).await;
    fleet.pair().kill(0);
    fleet.degraded(&[0, 1]).await;
    // What happens while no host can be written to is on the pages, and in the record later.
    fleet.fickle.turn(Mood::Well);
    for node in 0..2 {
        fleet.shows(node, "up").await;
    }
    fleet.pair().promote(1);
    fleet.moves_to(1).await;
    fleet.receiver.wait_for(2).await;
    for visit in visits {
        visit.await.unwrap();
    }
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;

    // The old primary comes back as a standby, and takes over in its turn.
    fleet.pair().follow(0, 1).await;
    fleet.pair().kill(1);
    fleet.pair().promote(0);
    fleet.moves_to(0).await;
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn what_a_promoted_standby_lacks_is_sent_again() {
    let mut fleet = Fleet::with_standby().await;
    fleet.records(&fleet.regions()).await;
    fleet.pair().freeze_replication().await;
    fleet.records(&fleet.regions()).await;
    sleep(Duration::from_secs(15)).await;
    let all: i64 = fleet.count("SELECT count(*) FROM checks").await;
    fleet.pair().kill(0);
    fleet.pair().promote(1);
    fleet.pool = fleet.pair().pool(1);
    let left: i64 = fleet.count("SELECT count(*) FROM checks").await;
    println!("{} of {all} checks were lost with the primary", all - left);
    assert!(left < all, "nothing was lost");
    fleet.moves_to(1).await;
    fleet.is_whole().await;
    let now: i64 = fleet.count("SELECT count(*) FROM checks").await;
    assert!(now >= all, "{now} of {all}");
    fleet.holds(&fleet.regions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn a_primary_that_is_read_only_is_waited_for_or_left_for_one_that_was_promoted() {
    let mut fleet = Fleet::with_standby().await;
    let visits = [0, 1].map(|node| fleet.visit(node, Duration::from_secs(40)));
    let first = fleet.recording().await;
    fleet.pair().set_read_only(true).await;
    fleet.degraded(&[first]).await;
    // Longer than a term of the lease.
    sleep(Duration::from_secs(20)).await;
    fleet.pair().set_read_only(false).await;
    fleet.records(&fleet.regions()).await;
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;

    let first = fleet.recording().await;
    fleet.pair().set_read_only(true).await;
    fleet.degraded(&[first]).await;
    fleet.pair().promote(1);
    fleet.moves_to(1).await;
    // It can be written to again, and does not know that it is the primary no more: the one that was
    // promoted last is.
    let checks = "SELECT count(*) FROM checks";
    let old = fleet.pair().pool(0);
    let before: i64 = sqlx::query_scalar(checks).fetch_one(&old).await.unwrap();
    fleet.pair().set_read_only(false).await;
    for _ in 0..2 {
        fleet.records(&fleet.regions()).await;
    }
    let after: i64 = sqlx::query_scalar(checks).fetch_one(&old).await.unwrap();
    assert_eq!(after, before, "the old primary is not written to");
    for visit in visits {
        visit.await.unwrap();
    }
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;
}
