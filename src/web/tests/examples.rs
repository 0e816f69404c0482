//! The example answers of the reference are real ones. `STILLUP_EXAMPLES=write` writes them anew.

use std::{fs, path::Path};

use super::{Got, get, lookups::looking_in, providers::with_past, recorded::recorded, world::*};
use crate::web::api::openapi::endpoints::{ENDPOINTS, EndpointDoc, Shape};
use http_body_util::BodyExt;
use model::outcome::{Answer, Failure, Outcome};

/// Query of each example; it asks for little, so that the answer is short.
fn query(id: &str) -> &'static str {
    match id {
        "listSites" => "?status=down&fields=slug,status,summary",
        "waitForSite" => "?until=down",
        "listChecks" => "?limit=1",
        "listOutages" | "listOutagesOfSite" => "?state=ended&limit=1",
        "getHistory" => "?from=2017-02-28T14:01:00Z&to=2017-02-28T14:09:00Z&step=5m",
        "lookUp" => "?target=example.org",
        _ => "",
    }
}

/// The text of JSON with a line for each value, in the order in which it came.
fn indented(json: &str) -> String {
    let (mut text, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', depth * 2));
    };
    let mut rest = json.trim().chars().peekable();
    while let Some(c) = rest.next() {
        if quoted {
            text.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' if rest.peek().is_some_and(|next| matches!(next, '}' | ']')) => text.push(c),
            '{' | '[' => {
                depth += 1;
                text.push(c);
                line(&mut text, depth);
            }
            '}' | ']' if text.ends_with(['{', '[']) => text.push(c),
            '}' | ']' => {
                depth -= 1;
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            other => {
                quoted = other == '"';
                text.push(other);
            }
        }
    }
    text.push('\n');
    text
}

/// The same with one moment, age and number of an event in place of those of the asking, which pass.
fn settled(text: &str) -> String {
    let mut parts = text.split("\"2017-02-28T14:10:");
    let mut settled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('"').unwrap_or_default();
        settled += "\"2017-02-28T14:10:00.000Z\"";
        settled += rest;
    }
    let line = |line: &str| match line.trim_start() {
        line if line.starts_with("id: ") => "id: 1488291000000-1-0".to_owned(),
        age if age.starts_with("\"age_seconds\": ") => "  \"age_seconds\": 1,".to_owned(),
        _ => line.to_owned(),
    };
    settled.lines().map(line).map(|line| line + "\n").collect()
}

/// The first event of the stream.
async fn event() -> String {
    let world = world();
    let request = axum::http::Request::get("/api/v1/events?site=netflix.com");
    let request = request.body(axum::body::Body::empty()).unwrap();
    let mut response = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
    let dead = Outcome::failed(Failure::Connect, "connection refused");
    let up = answered(Answer::Ok, 200, 24_122);
    world.show_from("local", "netflix.com", &[up, dead.clone(), dead]);
    loop {
        let piece = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        if text.contains("\"status\":\"down\"") {
            return text;
        }
    }
}

/// The world with a notice and planned work.
fn said() -> (World, tempfile::TempDir) {
    let (world, dir) = super::writes::with_files();
    let notice = "[[notice]]\nid = \"n-3f9a2c41d07b\"\ntitle = \"Sign-in fails for some\"\n\
                  impact = \"minor\"\nsites = [\"slack.com\"]\nstarted_at = \"2017-02-28T13:50:00Z\"\n\
                  [[notice.update]]\nid = \"n-3f9a2c41d07b-1\"\nat = \"2017-02-28T14:00:00Z\"\n\
                  state = \"investigating\"\ntext = \"We are looking into it.\"\n";
    let planned = "[[planned]]\nid = \"p-3f9a2c41d07b\"\nname = \"Database upgrade\"\n\
                   tags = [\"chat\"]\nstarts = \"2017-03-05 02:00\"\n\
                   time_zone = \"Europe/Amsterdam\"\nlasts = \"2h\"\n\
                   rrule = \"FREQ=MONTHLY;BYDAY=1SU\"\n\
                   announced_at = \"2017-02-01T09:00:00Z\"\n";
    fs::write(dir.path().join("notices.toml"), notice).unwrap();
    fs::write(dir.path().join("planned.toml"), planned).unwrap();
    world.web.operator.look();
    (world, dir)
}

#[tokio::test]
async fn the_examples_of_the_reference_are_real_answers() {
    let (world, _database) = recorded().await;
    let (at_provider, _other) = with_past(1).await;
    let (looking, _) = looking_in(super::world::world());
    let (words_of_people, _dir) = said();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/api/openapi/examples");
    let ask = async |endpoint: &EndpointDoc| -> Got {
        let provider = endpoint.path.contains("/providers");
        let subject = if provider { "aws" } else { "slack.com" };
        let path = endpoint.path.replace("{slug}", subject) + query(endpoint.id);
        let said = if path.contains("planned") { "p-3f9a2c41d07b" } else { "n-3f9a2c41d07b" };
        let path = path.replace("{id}", said);
        match endpoint.id {
            "listNotices" | "getNotice" | "listPlanned" | "getPlanned" => {
                get(&words_of_people.router, &path).await
            }
            "lookUp" => get(&looking, &path).await,
            _ if provider => get(&at_provider.router, &path).await,
            _ => get(&world.router, &path).await,
        }
    };
    for endpoint in ENDPOINTS {
        let (file, text) = if endpoint.answer == Shape::Events {
            (format!("{}.txt", endpoint.id), settled(&event().await))
        } else {
            let got = ask(endpoint).await;
            assert_eq!(got.status, 200, "{}: {}", endpoint.id, got.text());
            (format!("{}.json", endpoint.id), settled(&indented(got.text())))
        };
        if std::env::var("STILLUP_EXAMPLES").as_deref() == Ok("write") {
            fs::write(folder.join(&file), &text).unwrap();
        } else {
            let again = "renew it with STILLUP_EXAMPLES=write";
            assert_eq!(text, endpoint.answer_example, "{file} is not as answers are: {again}");
        }
    }
}
