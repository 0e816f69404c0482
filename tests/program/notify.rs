//! Notifications by the built program: down and back, over a kill, and by `stillup notify test`.

use std::time::Duration;

use crate::{
    receiver::{Receiver, ReceiverMood as Answer},
    server::{Mood, Server},
    service::{SOON, Service, send, until},
};

const KEY: &str = "whsec_aHVzaCBodXNoIGh1c2ggaHVzaCBodXNoIGh1c2g=";
const RAW: &[u8] = b"hush hush hush hush hush hush";

/// No message waits for others that may have the same cause.
const AT_ONCE: &str = "gather = \"0s\"\n";

/// Settings with one channel, its key in a file.
fn settings(service: &Service, url: &str, more: &str) {
    std::fs::write(service.path("key"), format!("{KEY}\n")).unwrap();
    service.write_settings(&format!(
        "[[notify]]\nname = \"team\"\ntype = \"webhook\"\nurl = \"{url}\"\nsecret_file = \"key\"\n\
         timeout = \"1s\"\n{more}"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_goes_down_is_told_over_a_kill_and_its_return_too() {
    let (well, fickle) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
    let mut catalogue = fickle.entry("fickle.example");
    // Most sites are well, or it would be our own line that is broken.
    for number in 0..4 {
        catalogue += &well.entry(&format!("well-{number}.example"));
    }
    let receiver = Receiver::start(Answer::Silent).await;
    let mut service = Service::new(&catalogue, None);
    settings(&service, &receiver.url("hook"), AT_ONCE);
    service.start(&[]).await;
    let status = async |want: &str| {
        let seen = async || {
            let site = service.json("/api/v1/sites/fickle.example").await;
            (site["status"] == want).then_some(())
        };
        until(&format!("the site is {want}"), SOON, seen).await;
    };
    status("up").await;
    fickle.turn(Mood::Broken);
    status("down").await;

    // The receiver has the message and does not say so; then everything dies at once.
    let first = receiver.wait_for(1).await.remove(0);
    let postgres = service.postmaster().unwrap().0;
    service.signal("KILL");
    send("KILL", postgres);
    service.ended().await;
    receiver.turn(Answer::Answers(200));
    let before = receiver.seen().len();
    service.start(&[]).await;
    let again = receiver.wait_for(before + 1).await.pop().unwrap();
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    assert_eq!((again.body.clone(), again.is_signed(RAW)), (first.body, true));
    let body = again.json();
    assert_eq!((&body["type"], &body["data"]["count"]), (&"site.down".into(), &1.into()));
    let site = &body["data"]["sites"][0];
    assert_eq!(
        (&site["slug"], &site["cause"]["failure"]),
        (&"fickle.example".into(), &"http".into())
    );
    let page = body["data"]["page"].as_str().unwrap();
    assert!(page.ends_with("/fickle.example"), "{page}");

    fickle.turn(Mood::Well);
    let back = receiver.wait_for(before + 2).await.pop().unwrap().json();
    assert_eq!(
        (&back["type"], &back["data"]["sites"][0]["was"]),
        (&"site.recovered".into(), &"down".into())
    );
    let summary = back["data"]["summary"].as_str().unwrap();
    assert!(summary.contains("is up. It was down for "), "{summary}");
    let told = async || {
        let (_, metrics) = service.get("/metrics").await;
        metrics.contains("stillup_notices_arrived_total{channel=\"team\"} 2").then_some(())
    };
    until("the metrics count both", SOON, told).await;
    let log = service.log();
    assert!(log.contains("people were told") && !log.contains("whsec"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_can_be_tried_and_says_what_its_receiver_answered() {
    let well = Server::start(Mood::Well).await;
    let receiver = Receiver::start(Answer::Answers(200)).await;
    let service = Service::new(&well.entry("well.example"), None);
    settings(&service, &receiver.url("hook"), "");
    let tried = async |name: &str| {
        let output = service.run(&["notify", "test", name]).await;
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let took = "team: the receiver took it: HTTP 200 OK: said\n".to_owned();
    assert_eq!(tried("team").await, (Some(0), took));
    let request = receiver.wait_for(1).await.remove(0);
    assert!(request.is_signed(RAW) && request.json()["type"] == "test");
    receiver.turn(Answer::Answers(500));
    let refused =
        "stillup: team: it did not arrive: HTTP 500 Internal Server Error: said\n".to_owned();
    assert_eq!(tried("team").await, (Some(1), refused));
    receiver.turn(Answer::Answers(401));
    let (code, said) = tried("team").await;
    assert_eq!(code, Some(1));
    assert!(said.contains("HTTP 401 Unauthorized (it does not accept our secret)"), "{said}");
    settings(&service, "http://127.0.0.1:1/hush-hush", "");
    let (code, said) = tried("team").await;
    assert_eq!(code, Some(1));
    assert!(
        said.contains("it did not arrive: no connection: ") && said.contains("refused"),
        "{said}"
    );
    assert!(!said.contains("hush"), "{said}");
    settings(&service, &receiver.url("hook"), "");
    let missing = "stillup: there is no notify \"tame\"; there is team\n".to_owned();
    assert_eq!(tried("tame").await, (Some(1), missing));

    settings(&service, &receiver.url("hook"), &format!("{AT_ONCE}lastng = \"1m\"\n"));
    let (code, said) = tried("team").await;
    assert_eq!(code, Some(1));
    assert!(
        said.contains(
            "stillup.toml:8: notify \"team\": lastng: is not a key here; did you mean lasting?"
        ),
        "{said}"
    );
    settings(&service, &receiver.url("hook"), "");
    std::fs::remove_file(service.path("key")).unwrap();
    let (code, said) = tried("team").await;
    assert!(
        code == Some(1) && said.contains("secret_file: ") && said.contains("no such file"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_are_read_again_while_it_runs_and_a_broken_file_changes_nothing() {
    let (well, fickle) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
    let mut catalogue = fickle.entry("fickle.example");
    for number in 0..4 {
        catalogue += &well.entry(&format!("well-{number}.example"));
    }
    let first = Receiver::start(Answer::Answers(200)).await;
    let second = Receiver::start(Answer::Answers(200)).await;
    let mut service = Service::new(&catalogue, None);
    settings(&service, &first.url("hook"), AT_ONCE);
    service.start(&[]).await;
    let says = async |what: &str| {
        let said = async || service.log().contains(what).then_some(());
        until(what, SOON, said).await;
    };
    let shows = async |want: &str| {
        let shown = async || {
            let site = service.json("/api/v1/sites/fickle.example").await;
            (site["status"] == want).then_some(())
        };
        until(&format!("the site is {want}"), SOON, shown).await;
    };
    shows("up").await;
    settings(&service, &second.url("hook"), &format!("{AT_ONCE}lastng = \"1m\"\n"));
    says("the settings were not taken: ").await;
    says("stillup.toml:8: notify \"team\": lastng: is not a key here; did you mean lasting?").await;
    says("nothing was changed").await;
    fickle.turn(Mood::Broken);
    assert_eq!(first.wait_for(1).await[0].json()["type"], "site.down");

    // Another receiver, seen in the file.
    settings(&service, &second.url("hook"), AT_ONCE);
    says("people are told by team now").await;
    fickle.turn(Mood::Well);
    assert_eq!(second.wait_for(1).await[0].json()["type"], "site.recovered");
    assert_eq!(first.seen().len(), 1);
    let both = async || (service.log().matches("people were told").count() == 2).then_some(());
    until("both were told", SOON, both).await;

    // A channel that is removed while a message waits for it, and comes back.
    second.turn(Answer::Answers(500));
    fickle.turn(Mood::Broken);
    let tried = second.wait_for(2).await.remove(1);
    says("it is tried again").await;
    service.write_settings("[web]\ntitle = \"Other\"\n");
    service.signal("HUP");
    says("people are told by nobody now").await;
    says("the channel has left the settings; what waits for it is kept for a week").await;
    says("channel=\"team\" waiting=1").await;
    says("of the settings only [[notify]] is taken now, the rest at the next start").await;
    second.turn(Answer::Answers(200));
    settings(&service, &second.url("hook"), AT_ONCE);
    service.signal("HUP");
    let again = second.wait_for(3).await.remove(2);
    assert_eq!(again.header("webhook-id"), tried.header("webhook-id"));
    assert_eq!(again.json()["data"]["sites"][0]["unstable"], true);
    assert!(!service.log().contains("whsec"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_sites_of_one_provider_are_one_message_then_its_failure_and_a_site_elsewhere_has_its_own()
 {
    let (well, other) = (Server::start(Mood::Well).await, Server::start(Mood::Well).await);
    let cloud = Server::start(Mood::Well).await;
    let of = |provider: &str| format!("provider = \"{provider}\"\n");
    let mut catalogue = other.entry("other.example") + &of("fastly");
    for number in 0..8 {
        catalogue += &(well.entry(&format!("well-{number}.example")) + &of("google"));
    }
    for number in 0..5 {
        catalogue += &(cloud.entry(&format!("cloud-{number}.example")) + &of("aws"));
    }
    let receiver = Receiver::start(Answer::Answers(200)).await;
    let mut service = Service::new(&catalogue, None);
    settings(&service, &receiver.url("hook"), "gather = \"12s\"\n");
    service.start(&[]).await;
    let count = async |status: &str, want: u64| {
        let seen = async || {
            let all = service.json("/api/v1/status").await;
            (all[status].as_u64() == Some(want)).then_some(())
        };
        until(&format!("{want} sites are {status}"), SOON, seen).await;
    };
    count("up", 14).await;
    cloud.turn(Mood::Broken);
    count("down", 5).await;
    let told = receiver.wait_for(1).await.remove(0);
    assert!(told.is_signed(RAW));
    let told = told.json();
    assert_eq!(
        (&told["type"], &told["data"]["provider"], &told["data"]["count"]),
        // A failing provider is not named before there was time to see other sites.
        (&"site.down".into(), &"aws".into(), &5.into()),
        "{told}"
    );
    let named = async || (receiver.seen().len() == 2).then_some(());
    until("the provider is named", Duration::from_mins(2), named).await;
    let named = receiver.wait_for(2).await.remove(1).json();
    assert_eq!(
        (&named["type"], &named["data"]["provider"]),
        (&"provider.failing".into(), &"aws".into())
    );
    // A site with another cause is announced by itself, meanwhile.
    other.turn(Mood::Refusing);
    count("down", 6).await;
    let own = receiver.wait_for(3).await.remove(2).json();
    assert_eq!(
        (&own["type"], &own["data"]["count"], &own["data"]["sites"][0]["slug"]),
        (&"site.down".into(), &1.into(), &"other.example".into()),
        "{own}"
    );
    other.turn(Mood::Well);
    count("down", 5).await;
    let back = receiver.wait_for(4).await.remove(3).json();
    assert_eq!(
        (&back["type"], &back["data"]["sites"][0]["slug"]),
        (&"site.recovered".into(), &"other.example".into()),
        "{back}"
    );
    cloud.turn(Mood::Well);
    count("up", 14).await;
    assert_eq!(receiver.seen().len(), 4, "one message for what is down, one for its cause");
}
