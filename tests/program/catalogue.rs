//! The catalogue while it runs: taken, refused, confirmed.

use stillup::private_postgres::throwaway;

use crate::{
    history::Rows,
    house::{House, SOON, until},
    server::{Mood, Server, closed_port},
};

fn of(server: &Server, numbers: std::ops::Range<u32>) -> String {
    numbers.map(|number| server.entry(&format!("s{number:02}.example"))).collect()
}

async fn has(house: &House, sites: usize) {
    let look = async || (house.slugs().await.len() == sites).then_some(());
    until(&format!("{sites} sites"), SOON, look).await;
}

/// Waits until the service has logged this.
async fn says(house: &House, text: &str) {
    let look = async || house.log().contains(text).then_some(());
    until(text, SOON, look).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_is_taken_a_broken_one_changes_nothing_and_most_sites_stay_until_confirmed()
{
    let well = Server::start(Mood::Well).await;
    let database = throwaway::database().await.unwrap();
    let rows = Rows::connect(database.options()).await;
    let mut house = House::new(&of(&well, 0..10), Some(database.url()));
    house.start(&[]).await;
    has(&house, 10).await;

    house.write_catalogue(&of(&well, 0..11));
    has(&house, 11).await;
    let seen = async || {
        let site = house.json("/api/v1/sites/s10.example").await;
        (site["status"] == "up").then_some(())
    };
    until("the new site is up", SOON, seen).await;

    house.write_catalogue(&format!("{}nonsense = 1\n", of(&well, 0..3)));
    says(&house, "nothing was changed").await;
    assert_eq!(house.slugs().await.len(), 11);

    house.write_catalogue(&of(&well, 0..3));
    says(&house, "--confirm-removals 8").await;
    for wrong in [&[][..], &["--confirm-removals", "7"]] {
        let output = house.run(&[&["sites", "apply"], wrong].concat()).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(said.contains("--confirm-removals 8"), "{said}");
        assert_eq!(house.slugs().await.len(), 11);
    }
    let all = async || (rows.sites_with_checks().await == 11).then_some(());
    until("checks of all sites are recorded", SOON, all).await;
    let output = house.run(&["sites", "apply", "--confirm-removals", "8"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("3 sites now"), "{output:?}");
    has(&house, 3).await;
    assert_eq!(house.get("/api/v1/sites/s10.example").await.0, 404);
    assert_eq!(rows.sites_with_checks().await, 11, "history was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_and_a_sighup_while_it_starts_are_not_missed_and_what_is_wrong_changes_nothing() {
    let well = Server::start(Mood::Well).await;
    // The start waits a while for a Postgres that is not there, and pages are served already.
    let url = format!("postgres://stillup@{}/stillup?sslmode=disable", closed_port());
    let mut house = House::new(&of(&well, 0..10), Some(url));
    house.start(&[]).await;
    house.write_catalogue(&of(&well, 0..11));
    house.signal("HUP");
    let look = async || (house.slugs().await.len() == 11).then_some(());
    until("11 sites", SOON, look).await;

    // A SIGHUP makes an unchanged file be read again, and all its mistakes be reported again.
    let broken = format!("{}nonsense = 1\n", of(&well, 0..11));
    for (refused, why) in
        [(broken, "nothing was changed"), (of(&well, 0..3), "--confirm-removals 8")]
    {
        house.write_catalogue(&refused);
        says(&house, why).await;
        let before = house.log().matches(why).count();
        house.signal("HUP");
        let again = async || (house.log().matches(why).count() > before).then_some(());
        until(why, SOON, again).await;
        assert_eq!(house.slugs().await.len(), 11);
    }
    house.signal("INT");
    assert_eq!(house.ended().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_start_too_most_sites_stay_until_the_number_is_confirmed() {
    let well = Server::start(Mood::Well).await;
    let database = throwaway::database().await.unwrap();
    let mut house = House::new(&of(&well, 0..10), Some(database.url()));
    house.start(&[]).await;
    has(&house, 10).await;
    house.signal("TERM");
    assert_eq!(house.ended().await.code(), Some(0));

    house.write_catalogue(&of(&well, 0..4));
    for wrong in [&[][..], &["--confirm-removals", "5"]] {
        house.start(wrong).await;
        assert_eq!(house.slugs().await.len(), 10);
        assert!(house.log().contains("--confirm-removals 6"), "{}", house.log());
        house.signal("INT");
        assert_eq!(house.ended().await.code(), Some(0));
    }
    house.start(&["--confirm-removals", "6"]).await;
    assert_eq!(house.slugs().await.len(), 4);
    house.signal("INT");
    assert_eq!(house.ended().await.code(), Some(0));
    house.start(&[]).await;
    assert_eq!(house.slugs().await.len(), 4);
}
