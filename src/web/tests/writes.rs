//! The API that writes: tokens and permissions, keys, preconditions, and what is refused in words.

use std::{fs, sync::Arc};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Got, get, send, world::*};
use crate::{
    config::{Catalogue, Defaults},
    operator::{AddedSites, Operator, Sharing},
    web::{Web, router},
};
use model::permission::Permission;

/// The world with files that people change, and a catalogue that follows what is added.
pub(super) fn with_files() -> (World, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("sites.toml");
    let added = AddedSites::open(dir.path(), &source, Defaults::default());
    let mut world = world();
    fs::write(&source, own(&world)).unwrap();
    let operator = Operator::open(dir.path(), added);
    world.web = Web { operator, ..world.web };
    world.router = router(world.web.clone());
    (world, dir)
}

/// The sites of the world as a catalogue.
fn own(world: &World) -> String {
    let entry = |live: Arc<crate::board::LiveSite>| {
        format!("[[site]]\nslug = \"{}\"\nurl = \"{}\"\n", live.site.slug, live.site.url)
    };
    world.board.sites().into_iter().map(entry).collect()
}

/// A token with these permissions.
pub(super) fn token(world: &World, may: &[Permission]) -> String {
    let name = may.first().map_or("none", |permission| permission.word());
    world.web.operator.add_token(name, may, now()).unwrap().expose().to_owned()
}

struct WriteRequest<'a> {
    world: &'a World,
    token: &'a str,
}

impl WriteRequest<'_> {
    async fn send(&self, line: &str, body: &str, headers: &[(&str, &str)]) -> Got {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(&self.world.router, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn json(&self, line: &str, body: &Value) -> Got {
        self.send(line, &body.to_string(), &[]).await
    }
}

/// Every request that changes something, with a body that fits, and its permission.
const CHANGES: [(&str, &str, Permission); 7] = [
    ("POST /api/v1/notices", r#"{"title":"a","text":"b"}"#, Permission::Notices),
    ("POST /api/v1/notices/n-1/updates", r#"{"text":"b"}"#, Permission::Notices),
    ("POST /api/v1/planned", r#"{"lasts":"30m"}"#, Permission::Planned),
    ("DELETE /api/v1/planned/p-1", "", Permission::Planned),
    ("PUT /api/v1/sites/new.example", r#"{"url":"https://new.example/"}"#, Permission::Sites),
    ("DELETE /api/v1/sites/new.example", "", Permission::Sites),
    ("POST /api/v1/sites/slack.com/check", "", Permission::Check),
];

#[tokio::test(start_paused = true)]
async fn no_change_is_made_without_a_token_that_may_make_it() {
    let (world, _dir) = with_files();
    let tokens: Vec<(Permission, String)> =
        Permission::ALL.into_iter().map(|may| (may, token(&world, &[may]))).collect();
    for (line, body, needs) in CHANGES {
        for wrong in ["", "sut_12345678_0000000000000000", "sua_12345678_0000000000000000"] {
            let got = WriteRequest { world: &world, token: wrong }.send(line, body, &[]).await;
            assert_eq!(got.status, 401, "{line} {wrong}");
            assert_eq!(got.header("www-authenticate"), "Bearer");
            assert_eq!(got.header("content-type"), "application/problem+json");
        }
        for (may, token) in tokens.iter().filter(|(may, _)| *may != needs) {
            let got = WriteRequest { world: &world, token }.send(line, body, &[]).await;
            assert_eq!(got.status, 403, "{line} with {}", may.word());
            assert!(got.json()["detail"].as_str().unwrap().contains(needs.word()));
        }
    }
    assert!(world.web.operator.planned().is_empty() && world.web.operator.notices().is_empty());
    assert_eq!(
        world.web.operator.last_changes(100).len(),
        tokens.len(),
        "only the tokens themselves"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_when_other_nodes_have_what_was_written() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Planned, Permission::Check]);
    let ask = WriteRequest { world: &world, token: &token };
    let written = async |line: &str| {
        let got = ask.send(line, r#"{"lasts":"30m"}"#, &[]).await;
        (got.status.as_u16(), got.header("stillup-shared").to_owned())
    };
    let none = String::new();
    let alone = written("POST /api/v1/planned").await;
    assert_eq!(alone, (201, none.clone()), "there are no others");
    for (sharing, word) in [(Sharing::Soon, "soon"), (Sharing::Later, "later")] {
        world.web.operator.set_sharing(sharing, None);
        assert_eq!(written("POST /api/v1/planned").await, (201, word.to_owned()));
        assert_eq!(written("DELETE /api/v1/planned/none").await, (404, none.clone()));
        assert_eq!(written("POST /api/v1/sites/slack.com/check").await.1, none);
    }
}

#[tokio::test(start_paused = true)]
async fn a_notice_is_opened_and_updated_and_seen_at_once() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Notices]);
    let ask = WriteRequest { world: &world, token: &token };
    let body = json!({
        "title": "Sign-in <b>fails</b>", "text": "We look.", "sites": ["slack.com"], "impact": "major",
        "state": null,
    });
    let got = ask.json("POST /api/v1/notices", &body).await;
    assert_eq!(got.status, 201, "{}", got.text());
    let id = got.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(got.header("location"), format!("/api/v1/notices/{id}"));
    assert_eq!(got.json()["page"], format!("https://stillup.example/notices/{id}"));
    let tag = get(&world.router, &format!("/api/v1/notices/{id}")).await.header("etag").to_owned();
    let updates = format!("POST /api/v1/notices/{id}/updates");
    let found = json!({ "state": "identified", "text": "Found." }).to_string();
    let got = ask.send(&updates, &found, &[("if-match", &tag)]).await;
    assert_eq!((got.status.as_u16(), &got.json()["state"]), (201, &json!("identified")));
    let got = ask.send(&updates, &found, &[("if-match", &tag)]).await;
    assert_eq!(got.status, 412, "it is not in that state any more");
    let got = ask.json(&updates, &json!({ "state": "resolved", "text": "Over." })).await;
    assert_eq!(got.json()["open"], false);
    let open = get(&world.router, "/api/v1/notices?state=open").await.json();
    assert_eq!(open["notices"], json!([]));
    let all = get(&world.router, "/api/v1/notices").await.json();
    assert_eq!(all["notices"][0]["updates"][0]["text"], "Over.");
    assert_eq!(all["notices"][0]["title"], "Sign-in <b>fails</b>");
    assert!(!all.to_string().contains("\"by\""), "names of tokens are nobody's business");
    assert_eq!(
        ask.json("POST /api/v1/notices/n-1/updates", &json!({ "text": "x" })).await.status,
        404
    );
}

#[tokio::test(start_paused = true)]
async fn values_that_are_wrong_are_all_named() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Notices, Permission::Planned, Permission::Sites]);
    let ask = WriteRequest { world: &world, token: &token };
    for (line, body, want) in [
        (
            "POST /api/v1/planned",
            json!({ "lasts": "1s", "rrule": "FREQ=YEARLY" }),
            &["lasts", "rrule", "starts"][..],
        ),
        ("POST /api/v1/planned", json!({ "lasts": 30 }), &["lasts"]),
        (
            "POST /api/v1/planned",
            json!({ "lasts": "1h", "starts": "2026-03-29 02:30" }),
            &["starts"],
        ),
        (
            "POST /api/v1/planned",
            json!({ "lasts": "1h", "starts": "2017-02-28T12:00:00Z" }),
            &["starts"],
        ),
        (
            "POST /api/v1/planned",
            json!({ "lasts": "1h", "announced_at": "2017-01-01T00:00:00Z" }),
            &["announced_at"],
        ),
        ("POST /api/v1/notices", json!({ "title": "x".repeat(201), "text": "b" }), &["title"]),
        ("POST /api/v1/notices", json!({ "title": "a", "text": "b", "tell_me": 1 }), &["tell_me"]),
        (
            "PUT /api/v1/sites/b.nl",
            json!({ "url": "https://u:pw@b.nl/", "interval": "1s" }),
            &["url", "interval"],
        ),
        ("PUT /api/v1/sites/about", json!({ "url": "https://b.nl/" }), &["slug"]),
    ] {
        let got = ask.json(line, &body).await;
        assert_eq!(got.status, 400, "{line} {body}: {}", got.text());
        let problem = got.json();
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<&str> = errors.iter().map(|e| e["parameter"].as_str().unwrap()).collect();
        let mut want = want.to_vec();
        want.sort_unstable();
        let mut sorted = named.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, want, "{line} {body}");
        assert!(!got.text().contains("pw@"), "a password is never shown");
    }
    let twice = "{\"lasts\":\"30m\",\"lasts\":\"40m\"}";
    let nothing = "{\"lasts\":\"30m\",\"sites\":[\"slack.com\",null]}";
    for body in ["", "[]", "{", "7", "null", "{\"lasts\":\"30m\"} x", twice, nothing] {
        let got = ask.send("POST /api/v1/planned", body, &[]).await;
        assert_eq!(got.status, 400, "{body}");
    }
    let huge = format!("{{\"text\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(ask.send("POST /api/v1/notices", &huge, &[]).await.status, 413);
    assert!(world.web.operator.planned().is_empty() && world.web.operator.notices().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_same_key_changes_nothing_twice_and_another_request_with_it_is_refused() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Planned]);
    let ask = WriteRequest { world: &world, token: &token };
    let key = [("idempotency-key", "deploy-1")];
    let first = ask.send("POST /api/v1/planned", r#"{"lasts":"30m"}"#, &key).await;
    let again = ask.send("POST /api/v1/planned", r#"{"lasts":"30m"}"#, &key).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(ask.send("POST /api/v1/planned", r#"{"lasts":"31m"}"#, &key).await.status, 422);
    assert_eq!(world.web.operator.planned().len(), 1);
    let long = "k".repeat(256);
    assert_eq!(
        ask.send("POST /api/v1/planned", "{}", &[("idempotency-key", &long)]).await.status,
        400
    );
    // What was refused may be mended and sent again.
    let key = [("idempotency-key", "deploy-2")];
    assert_eq!(ask.send("POST /api/v1/planned", r#"{"lasts":"1s"}"#, &key).await.status, 400);
    assert_eq!(ask.send("POST /api/v1/planned", r#"{"lasts":"1m"}"#, &key).await.status, 201);
}

/// The same files after a restart.
fn restarted(mut world: World, dir: &TempDir) -> World {
    let added = AddedSites::open(dir.path(), &dir.path().join("sites.toml"), Defaults::default());
    world.web.operator = Operator::open(dir.path(), added);
    world.router = router(world.web.clone());
    world
}

#[tokio::test(start_paused = true)]
async fn a_key_changes_nothing_twice_over_a_restart_and_one_cut_off_by_it_says_so() {
    let (world, dir) = with_files();
    let token = token(&world, &[Permission::Planned]);
    let (line, body) = ("POST /api/v1/planned", r#"{"lasts":"30m"}"#);
    let key = [("idempotency-key", "deploy-1")];
    let first = WriteRequest { world: &world, token: &token }.send(line, body, &key).await;
    // Killed after it was begun, and before its answer was kept.
    let file = dir.path().join("answers.jsonl");
    let kept = fs::read_to_string(&file).unwrap();
    let begun = kept.lines().next().unwrap().replace("deploy-1", "deploy-2");
    fs::write(&file, format!("{kept}{begun}\n")).unwrap();
    let world = restarted(world, &dir);
    let ask = WriteRequest { world: &world, token: &token };
    let again = ask.send(line, body, &key).await;
    assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(ask.send(line, r#"{"lasts":"31m"}"#, &key).await.status, 422);
    let cut = ask.send(line, body, &[("idempotency-key", "deploy-2")]).await;
    assert_eq!(cut.status, 409);
    assert!(cut.text().contains("it is not known if it changed something"), "{}", cut.text());
    assert_eq!(world.web.operator.planned().len(), 1);
    assert!(!fs::read_to_string(&file).unwrap().contains("sut_"), "no token is kept");
}

#[tokio::test(start_paused = true)]
async fn names_that_no_site_has_are_warned_of_by_name() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Planned, Permission::Notices]);
    let ask = WriteRequest { world: &world, token: &token };
    let want = json!([
        "no site of the catalogue has the slug slakc.com now",
        "no site of the catalogue has the tag chta now",
    ]);
    for (line, mut body) in [
        ("POST /api/v1/planned", json!({ "lasts": "30m" })),
        ("POST /api/v1/notices", json!({ "title": "a", "text": "b" })),
    ] {
        let got = ask.json(line, &body).await.json();
        assert_eq!(got["warnings"], json!([]), "it is about every site: {got}");
        body["sites"] = json!(["slack.com", "slakc.com"]);
        body["tags"] = json!(["chta"]);
        let got = ask.json(line, &body).await;
        assert_eq!((got.status.as_u16(), &got.json()["warnings"]), (201, &want), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_change_answers_is_what_the_next_reader_sees() {
    let (world, _dir) = with_files();
    follow(&world);
    let token = token(&world, &[Permission::Planned, Permission::Notices, Permission::Sites]);
    let ask = WriteRequest { world: &world, token: &token };
    let mut notice = String::new();
    for (line, body) in [
        ("POST /api/v1/planned", json!({ "lasts": "30m", "name": "Move", "tags": ["chat"] })),
        ("POST /api/v1/notices", json!({ "title": "a", "text": "b", "impact": "minor" })),
        ("POST …/updates", json!({ "text": "c", "state": "identified" })),
        (
            "PUT /api/v1/sites/new.example",
            json!({ "url": "https://new.example/", "tags": ["chat"] }),
        ),
    ] {
        let line = line.replace('…', &notice);
        let got = ask.json(&line, &body).await;
        assert_eq!(got.status, 201, "{line}: {}", got.text());
        let place = match got.header("location") {
            "" => line.split_once(' ').unwrap().1.to_owned(),
            place => place.to_owned(),
        };
        if place.starts_with("/api/v1/notices/") {
            notice.clone_from(&place);
        }
        assert_eq!(get(&world.router, &place).await.json(), got.json(), "{line}");
        let list = place.rsplit_once('/').unwrap().0;
        assert!(get(&world.router, list).await.text().contains(place.rsplit('/').next().unwrap()));
    }
    // Work that is planned for a tag is about a site that was added with it.
    let page = get(&world.router, "/new.example").await;
    assert!(super::words(page.text()).contains("Planned until"), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn who_wrote_something_is_told_to_operators_alone() {
    let (world, _dir) = with_files();
    let may = [Permission::Planned, Permission::Notices];
    let token = world.web.operator.add_token("swordfish", &may, now()).unwrap();
    let ask = WriteRequest { world: &world, token: token.expose() };
    let notice = json!({ "title": "a", "text": "b", "sites": ["slack.com"] });
    let place = ask.json("POST /api/v1/notices", &notice).await.header("location").to_owned();
    ask.json(&format!("POST {place}/updates"), &json!({ "text": "c" })).await;
    let work = json!({ "lasts": "30m", "sites": ["slack.com"] });
    let work = ask.json("POST /api/v1/planned", &work).await.header("location").to_owned();
    let page = place.replace("/api/v1", "");
    for path in [
        "/",
        "/slack.com",
        "/feed.atom",
        "/feed.json",
        "/history.rss",
        "/sites/slack.com/feed.json",
        "/windows.ics",
        "/api/v1/notices",
        "/api/v1/planned",
        "/api/v1/sites",
        "/api/v1/regions",
        "/api/v2/summary.json",
        "/api/v2/incidents.json",
        "/api/v2/scheduled-maintenances.json",
        "/metrics",
        "/openapi.json",
        "/operate",
        &place,
        &work,
        &page,
    ] {
        let got = get(&world.router, path).await;
        assert!(got.status.is_success(), "{path}");
        assert!(!got.text().contains("swordfish"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn planned_work_is_over_on_time_whatever_restarts_come_between() {
    let (world, dir) = with_files();
    let token = token(&world, &[Permission::Planned]);
    let body = json!({ "lasts": "2m", "sites": ["slack.com"] });
    WriteRequest { world: &world, token: &token }.json("POST /api/v1/planned", &body).await;
    let planned = async |world: &World| {
        let page = get(&world.router, "/slack.com").await;
        let works = get(&world.router, "/api/v1/planned?state=active").await.json();
        let is_shown = super::words(page.text()).contains("Planned until");
        assert_eq!(works["planned"].as_array().unwrap().len(), usize::from(is_shown));
        is_shown
    };
    assert!(planned(&world).await);
    tokio::time::advance(MINUTE).await;
    let world = restarted(world, &dir);
    assert!(planned(&world).await, "after a restart in the middle");
    // Killed before its end, and started after it.
    tokio::time::advance(MINUTE).await;
    let world = restarted(world, &dir);
    assert!(!planned(&world).await);
    let ended = get(&world.router, "/api/v1/planned?state=ended").await.json();
    assert_eq!(ended["planned"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_has_so_many_requests_a_minute() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Planned]);
    let ask = WriteRequest { world: &world, token: &token };
    let mut refused = None;
    for _ in 0..130 {
        let got = ask.send("DELETE /api/v1/planned/p-1", "", &[]).await;
        if got.status == 429 {
            refused = Some(got);
        }
    }
    assert_ne!(refused.unwrap().header("retry-after"), "");
}

#[tokio::test(start_paused = true)]
async fn work_that_is_planned_now_is_shown_and_cancelled() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Planned]);
    let ask = WriteRequest { world: &world, token: &token };
    let got = ask.json("POST /api/v1/planned", &json!({ "lasts": "30m", "tags": ["chat"] })).await;
    assert_eq!((got.status.as_u16(), &got.json()["state"]), (201, &json!("active")));
    let id = got.json()["id"].as_str().unwrap().to_owned();
    let listed = get(&world.router, "/api/v1/planned").await.json();
    assert_eq!(listed["planned"][0]["until"], "2017-02-28T14:40:00.000Z");
    let got = ask.send(&format!("DELETE /api/v1/planned/{id}"), "", &[]).await;
    assert_eq!((got.status.as_u16(), &got.json()["state"]), (200, &json!("ended")));
    assert_eq!(ask.send(&format!("DELETE /api/v1/planned/{id}"), "", &[]).await.status, 409);
    assert_eq!(get(&world.router, "/api/v1/planned").await.json()["planned"], json!([]));
    assert_eq!(get(&world.router, "/api/v1/planned?state=never").await.status, 400);
}

/// Puts what was added on the board, as the catalogue's reloader does.
fn follow(world: &World) {
    let (operator, board) = (world.web.operator.clone(), world.board.clone());
    let text = own(world);
    let mut added = operator.added_sites().follow();
    tokio::spawn(async move {
        while added.changed().await.is_ok() {
            let catalogue = Catalogue::parse(&text, "sites.toml", &Defaults::default()).unwrap();
            board.set_catalogue(operator.added_sites().joined(catalogue).unwrap().sites());
        }
    });
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_now_says_when_to_ask_again() {
    let (world, _dir) = with_files();
    let token = token(&world, &[Permission::Check]);
    let ask = WriteRequest { world: &world, token: &token };
    let got = ask.send("POST /api/v1/sites/slack.com/check", "", &[]).await;
    assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, "30"));
}

#[tokio::test(start_paused = true)]
async fn a_site_is_put_replaced_by_its_tag_and_removed() {
    let (world, _dir) = with_files();
    follow(&world);
    let token = token(&world, &[Permission::Sites]);
    let ask = WriteRequest { world: &world, token: &token };
    let (line, body) = ("PUT /api/v1/sites/new.example", json!({ "url": "https://new.example/" }));
    let got = ask.json(line, &body).await;
    assert_eq!(
        (got.status.as_u16(), &got.json()["slug"]),
        (201, &json!("new.example")),
        "{}",
        got.text()
    );
    let tag = got.header("etag").to_owned();
    let seen = get(&world.router, "/api/v1/sites/new.example").await;
    assert_eq!(seen.json()["url"], "https://new.example/");
    assert_eq!(ask.json(line, &body).await.status, 428, "another change may be lost");
    assert_eq!(ask.send(line, &body.to_string(), &[("if-match", "\"0\"")]).await.status, 412);
    assert_eq!(ask.send(line, &body.to_string(), &[("if-none-match", "*")]).await.status, 412);
    let named = json!({ "url": "https://new.example/", "name": "New" }).to_string();
    // The tag of what was read names the entry as well as that of the answer to the change.
    let capitals = line.replace("new", "New");
    let got = ask.send(&capitals, &named, &[("if-match", seen.header("etag"))]).await;
    assert_eq!((got.status.as_u16(), &got.json()["name"]), (200, &json!("New")), "{}", got.text());
    let got = ask.send("DELETE /api/v1/sites/new.example", "", &[("if-match", &tag)]).await;
    assert_eq!(got.status, 412);
    let got = ask.send("DELETE /api/v1/sites/new.example?confirm_removals=all", "", &[]).await;
    assert_eq!(got.json()["errors"][0]["parameter"], "confirm_removals");
    let got = ask.send("DELETE /api/v1/sites/New.Example", "", &[]).await;
    assert_eq!(got.status, 204, "{}", got.text());
    assert_eq!(get(&world.router, "/api/v1/sites/new.example").await.status, 404);
    assert_eq!(ask.send("DELETE /api/v1/sites/new.example", "", &[]).await.status, 404);
    for line in ["PUT /api/v1/sites/slack.com", "DELETE /api/v1/sites/slack.com"] {
        let got = ask.json(line, &json!({ "url": "https://slack.com/" })).await;
        assert_eq!(got.status, 409, "{}", got.text());
        assert!(got.json()["detail"].as_str().unwrap().contains("the catalogue's own file"));
    }
    let by: Vec<_> = world.web.operator.last_changes(3).into_iter().map(|line| line.by).collect();
    assert_eq!(by, ["sites".into(), "sites".into(), Box::<str>::from("sites")]);
}
