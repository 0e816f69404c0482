//! The catalogue while it runs: taken, refused, confirmed.

use stillup::private_postgres::throwaway;

use crate::{
    history::Rows,
    server::{Mood, Server, closed_port},
    service::{SOON, Service, until},
};

fn of(server: &Server, numbers: std::ops::Range<u32>) -> String {
    numbers.map(|number| server.entry(&format!("s{number:02}.example"))).collect()
}

async fn has(service: &Service, sites: usize) {
    let look = async || (service.slugs().await.len() == sites).then_some(());
    until(&format!("{sites} sites"), SOON, look).await;
}

/// Waits until the service has logged this.
async fn says(service: &Service, text: &str) {
    let look = async || service.log().contains(text).then_some(());
    until(text, SOON, look).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_is_taken_a_broken_one_changes_nothing_and_most_sites_stay_until_confirmed()
{
    let well = Server::start(Mood::Well).await;
    let database = throwaway::database().await.unwrap();
    let rows = Rows::connect(database.options()).await;
    let mut service = Service::new(&of(&well, 0..10), Some(database.url()));
    service.start(&[]).await;
    has(&service, 10).await;

    service.write_catalogue(&of(&well, 0..11));
    has(&service, 11).await;
    let seen = async || {
        let site = service.json("/api/v1/sites/s10.example").await;
        (site["status"] == "up").then_some(())
    };
    until("the new site is up", SOON, seen).await;

    service.write_catalogue(&format!("{}nonsense = 1\n", of(&well, 0..3)));
    says(&service, "nothing was changed").await;
    assert_eq!(service.slugs().await.len(), 11);

    service.write_catalogue(&of(&well, 0..3));
    says(&service, "--confirm-removals 8").await;
    for wrong in [&[][..], &["--confirm-removals", "7"]] {
        let output = service.run(&[&["sites", "apply"], wrong].concat()).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(said.contains("--confirm-removals 8"), "{said}");
        assert_eq!(service.slugs().await.len(), 11);
    }
    let all = async || (rows.sites_with_checks().await == 11).then_some(());
    until("checks of all sites are recorded", SOON, all).await;
    let output = service.run(&["sites", "apply", "--confirm-removals", "8"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("3 sites now"), "{output:?}");
    has(&service, 3).await;
    assert_eq!(service.get("/api/v1/sites/s10.example").await.0, 404);
    assert_eq!(rows.sites_with_checks().await, 11, "history was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_and_a_sighup_while_it_starts_are_not_missed_and_what_is_wrong_changes_nothing() {
    let well = Server::start(Mood::Well).await;
    // The start waits a while for a Postgres that is not there, and pages are served already.
    let url = format!("postgres://stillup@{}/stillup?sslmode=disable", closed_port());
    let mut service = Service::new(&of(&well, 0..10), Some(url));
    service.start(&[]).await;
    service.write_catalogue(&of(&well, 0..11));
    service.signal("HUP");
    let look = async || (service.slugs().await.len() == 11).then_some(());
    until("11 sites", SOON, look).await;

    // A SIGHUP makes an unchanged file be read again, and all its mistakes be reported again.
    let broken = format!("{}nonsense = 1\n", of(&well, 0..11));
    for (refused, why) in
        [(broken, "nothing was changed"), (of(&well, 0..3), "--confirm-removals 8")]
    {
        service.write_catalogue(&refused);
        says(&service, why).await;
        let before = service.log().matches(why).count();
        service.signal("HUP");
        let again = async || (service.log().matches(why).count() > before).then_some(());
        until(why, SOON, again).await;
        assert_eq!(service.slugs().await.len(), 11);
    }
    service.signal("INT");
    assert_eq!(service.ended().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_start_too_most_sites_stay_until_the_number_is_confirmed() {
    let well = Server::start(Mood::Well).await;
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&of(&well, 0..10), Some(database.url()));
    service.start(&[]).await;
    has(&service, 10).await;
    service.signal("TERM");
    assert_eq!(service.ended().await.code(), Some(0));

    service.write_catalogue(&of(&well, 0..4));
    for wrong in [&[][..], &["--confirm-removals", "5"]] {
        service.start(wrong).await;
        assert_eq!(service.slugs().await.len(), 10);
        assert!(service.log().contains("--confirm-removals 6"), "{}", service.log());
        service.signal("INT");
        assert_eq!(service.ended().await.code(), Some(0));
    }
    service.start(&["--confirm-removals", "6"]).await;
    assert_eq!(service.slugs().await.len(), 4);
    service.signal("INT");
    assert_eq!(service.ended().await.code(), Some(0));
    service.start(&[]).await;
    assert_eq!(service.slugs().await.len(), 4);
}
