//! An operator's week with the built program: tokens, planned work, notices and sites, at the command line
//! and over the API, beside a service that runs and over its restart.

use model::moment::Moment;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// Standard output of a command.
async fn said(service: &Service, arguments: &[&str]) -> String {
    let done = service.run(arguments).await;
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {told}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

struct Api<'a> {
    service: &'a Service,
    client: Client,
    token: String,
}

impl Api<'_> {
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = self.client.request(method, self.service.url(path)).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }
}

/// The feeds say the moments of a notice as the API does, on a machine whose clocks are nine hours ahead.
async fn times_are_those_of_the_api(service: &Service, notice: &str) {
    let notice = service.json(notice).await;
    let moment = |text: &Value| Moment::parse(text.as_str().unwrap()).unwrap().seconds();
    let said = moment(&notice["updated_at"]);
    let feed = service.json("/feed.json").await;
    let mut entries = feed["items"].as_array().unwrap().iter();
    let id = notice["id"].as_str().unwrap();
    let entry = entries.find(|entry| entry["id"].as_str().unwrap().contains(id)).unwrap();
    assert_eq!(moment(&entry["date_modified"]), said, "{entry}");
    let (_, atom) = service.get("/feed.atom").await;
    let times = atom.split("<updated>").skip(1).filter_map(|rest| rest.split('<').next());
    let mut times = times.map(|text| Moment::parse(text).unwrap().seconds());
    assert!(times.any(|at| at == said), "{atom}");
}

#[tokio::test]
async fn what_an_operator_says_is_there_within_seconds_at_every_door_and_over_a_restart() {
    let site = Server::start(Mood::Well).await;
    let mut service = Service::new(&site.entry("shop"), None);
    // Before the first start as well as beside it.
    let token =
        said(&service, &["token", "add", "ci", "--may", "notices,planned,sites,check,read"]).await;
    assert!(token.starts_with("sut_") && token.lines().count() == 1, "{token}");
    service.start(&[]).await;
    let api = Api { service: &service, client: client(), token };
    let (status, work) =
        api.post("/api/v1/planned", &json!({ "lasts": "30m", "sites": ["shop"] })).await;
    assert_eq!((status, &work["state"]), (201, &json!("active")), "{work}");
    let id =
        said(&service, &["planned", "now", "--for", "1h", "--tag", "night", "--name", "Backup"])
            .await;
    let path = format!("/api/v1/planned/{id}");
    until("the service knows it", SOON, async || (service.get(&path).await.0 == 200).then_some(()))
        .await;
    assert!(said(&service, &["planned", "list"]).await.contains("Backup"));
    said(&service, &["planned", "cancel", &id]).await;
    let ended = async || (service.json(&path).await["state"] == "ended").then_some(());
    until("it is cancelled", SOON, ended).await;

    let notice =
        said(&service, &["notice", "open", "Trouble", "--text", "We look.", "--site", "shop"])
            .await;
    let path = format!("/api/v1/notices/{notice}");
    until("the service knows it", SOON, async || (service.get(&path).await.0 == 200).then_some(()))
        .await;
    let (status, body) = service.get("/").await;
    assert!(status == 200 && body.contains("Trouble") && body.contains("Planned until"), "{body}");
    times_are_those_of_the_api(&service, &path).await;
    let update = json!({ "state": "identified", "text": "Found." });
    assert_eq!(api.post(&format!("{path}/updates"), &update).await.0, 201);
    said(&service, &["notice", "close", &notice]).await;
    let closed = async || (service.json(&path).await["open"] == false).then_some(());
    until("it is closed", SOON, closed).await;
    let again = service.run(&["notice", "close", &notice]).await;
    assert_eq!(again.status.code(), Some(1), "people would be told twice: {again:?}");
    let slip = service.run(&["sites", "diff"]).await;
    assert_eq!(slip.status.code(), Some(1), "2 is a catalogue that differs: {slip:?}");

    let other = Server::start(Mood::Well).await;
    let body = json!({ "url": other.url(), "private": true, "interval": "5s", "name": "Added" });
    let (status, added) = api.send(Method::PUT, "/api/v1/sites/added", Some(&body)).await;
    assert_eq!((status, &added["name"]), (201, &json!("Added")), "{added}");
    let up = async || (service.json("/api/v1/sites/added").await["status"] == "up").then_some(());
    until("it is looked at", SOON, up).await;
    let wrong = json!({ "url": "ftp://x" });
    assert_eq!(api.send(Method::PUT, "/api/v1/sites/b", Some(&wrong)).await.0, 400);
    let (status, _) = api.send(Method::POST, "/api/v1/sites/added/check", None).await;
    assert_eq!(status, 202);
    let csv =
        said(&service, &["report", "--month", "2026-11", "--site", "added", "--format", "csv"])
            .await;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert_eq!(service.get("/operate").await.0, 200);

    service.signal("INT");
    drop(api);
    assert!(service.ended().await.success());
    service.start(&[]).await;
    assert_eq!(service.slugs().await, ["added", "shop"]);
    assert_eq!(
        service.json("/api/v1/notices").await["notices"][0]["updates"].as_array().unwrap().len(),
        3
    );
    assert_eq!(service.json("/api/v1/planned").await["planned"].as_array().unwrap().len(), 1);
    said(&service, &["token", "remove", "ci"]).await;
    until("/operate is gone", SOON, async || {
        (service.get("/operate").await.0 == 404).then_some(())
    })
    .await;
}

/// The program is killed between the change and its answer, which a client cannot tell from a lost answer.
#[tokio::test]
async fn a_request_whose_answer_was_cut_off_is_never_carried_out_twice() {
    let site = Server::start(Mood::Well).await;
    let mut service = Service::new(&site.entry("shop"), None);
    let token = said(&service, &["token", "add", "ci", "--may", "planned"]).await;
    service.start(&[]).await;
    let client = client();
    let ask = |url: String| {
        let request = client.post(url).bearer_auth(&token).header("Idempotency-Key", "backup-1");
        let request = request.body(json!({ "lasts": "30m", "name": "Backup" }).to_string());
        async move {
            let answer = request.send().await.ok()?;
            let status = answer.status().as_u16();
            let body: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            Some((status, body["id"].clone()))
        }
    };
    let first = tokio::spawn(ask(service.url("/api/v1/planned")));
    let noted = service.path("data/answers.jsonl");
    let begun = async || {
        let text = std::fs::read_to_string(&noted).unwrap_or_default();
        text.contains("backup-1").then_some(())
    };
    until("the request is begun", SOON, begun).await;
    service.signal("KILL");
    assert!(!service.ended().await.success());
    let first = first.await.unwrap();
    service.start(&[]).await;
    let again = ask(service.url("/api/v1/planned")).await.unwrap();
    // Its answer is that of the first time, or that nobody knows; it is not carried out now.
    assert!(
        again.0 == 409 || again.0 == 201 && first.is_none_or(|first| first == again),
        "{again:?}"
    );
    let works = service.json("/api/v1/planned").await;
    assert!(works["planned"].as_array().unwrap().len() <= 1, "{works}");
}
