//! The outage of 28 February 2017, played again by the built program, as a visitor sees it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::service::{send, until};

const STORY: &str = "outages/2017-02-28-aws-s3.toml";

/// Far more than it takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(4);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
    command.env_remove("STILLUP_LISTEN").env_remove("RUST_LOG").stdin(Stdio::null());
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("replay").args(arguments);
    command
}

async fn run(arguments: &[&str]) -> Output {
    let mut command = program(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A play under way; it ends with the test.
struct Play {
    program: Child,
    address: String,
}

impl Play {
    fn begin() -> Self {
        let mut command = program(&[STORY, "--speed", "600", "--stay", "--listen", "127.0.0.1:0"]);
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // Its output must be read on.
        std::thread::spawn(move || lines.for_each(drop));
        let address = first.strip_prefix("The pages are at http://").unwrap();
        Self { program, address: address.trim_end_matches('/').to_owned() }
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let ask = format!("GET {path} HTTP/1.0\r\nhost: {}\r\n\r\n", self.address);
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).await).unwrap()
    }

    /// Every site's status, by slug.
    async fn statuses(&self) -> Vec<(String, String)> {
        let all = self.json("/api/v1/sites").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let sites = all["sites"].as_array().unwrap();
        sites.iter().map(|site| (text(&site["slug"]), text(&site["status"]))).collect()
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        // It clears its temporary files away.
        send("INT", self.program.id());
        drop(self.program.wait());
    }
}

const DOWN: [&str; 4] = ["slack.com", "medium.com", "buzzfeed.com", "isitdownrightnow.com"];
const SLOW: [&str; 3] = ["netflix.com", "spotify.com", "snapchat.com"];
const WELL: [&str; 2] = ["google.com", "microsoft.com"];

const CAUSE: &str =
    "Amazon Web Services seems to be failing: 4 of its 7 sites are down and 3 are slow.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_front_page_names_the_one_cause_of_the_outage_of_2017_and_its_end() {
    let play = Play::begin();
    let mut told = false;
    let watch = async || {
        let status = play.json("/api/v1/status").await;
        let as_of = status["as_of"].as_str().unwrap_or_default().to_owned();
        let before = play.statuses().await;
        let of = |slug: &str| {
            let found = before.iter().find(|(known, _)| known == slug);
            found.map(|(_, status)| status.clone()).unwrap()
        };
        assert!(WELL.iter().all(|slug| ["up", "unknown"].contains(&&*of(slug))), "{before:?}");
        if !told && status["summary"].as_str().unwrap().contains(CAUSE) {
            told = true;
            let minutes = "2017-02-28T17:41:00".."2017-02-28T21:20:00";
            assert!(minutes.contains(&&*as_of) || *as_of < *minutes.start, "told at {as_of}");
            let front = play.get("/").await;
            assert!(
                front.contains(CAUSE) && front.contains("The other 2 sites are fine."),
                "{front}"
            );
            let aws = play.json("/api/v1/providers/aws").await;
            assert_eq!((&aws["status"], &aws["affected"]), (&"failing".into(), &7.into()), "{aws}");
            assert!(aws["since"].as_str().unwrap().starts_with("2017-02-28T17:3"), "{aws}");
            let page = play.get("/providers/aws").await;
            assert!(page.contains("seems to be failing"), "{page}");
            for (slugs, want) in [(&DOWN[..], "down"), (&SLOW[..], "slow"), (&WELL[..], "up")] {
                for slug in slugs {
                    let site = play.json(&format!("/api/v1/sites/{slug}")).await;
                    let summary = site["summary"].as_str().unwrap();
                    assert_eq!(site["status"], want, "{site}");
                    assert_eq!(summary.contains("which serves it"), want != "up", "{summary}");
                }
            }
        }
        if *as_of >= *"2017-02-28T22:59:00" { Ok(()) } else { Err(before) }
    };
    until("it is over", LIMIT, watch).await;
    assert!(told, "the one cause was never named");
    let statuses = play.statuses().await;
    assert!(statuses.iter().all(|(_, status)| status == "up"), "{statuses:?}");
    let aws = play.json("/api/v1/providers/aws").await;
    assert_eq!((&aws["status"], &aws["affected"]), (&"ok".into(), &0.into()));
    assert!(play.get("/").await.contains("All 9 sites are fine."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_shipped_story_is_as_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("outages");
    let mut stories: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    stories.sort();
    assert!(stories.len() >= 9, "{stories:?}");
    let check = |story: String| async move { (run(&[&story, "--check"]).await, story) };
    let checked: Vec<_> = stream::iter(stories).map(check).buffer_unordered(2).collect().await;
    let mut unmet = Vec::new();
    for (output, story) in checked {
        let said = String::from_utf8(output.stdout).unwrap();
        if !output.status.success() || said.contains("(0 expectations)") {
            unmet.push(format!("{story}: {said}{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(unmet.is_empty(), "\n{}", unmet.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_with_a_mistake_is_refused_with_file_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("story.toml");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(STORY)).unwrap();
    let line = 1 + text.lines().position(|line| line == "does = \"refuse\"").unwrap();
    std::fs::write(&path, text.replace("does = \"refuse\"", "does = \"explode\"")).unwrap();
    let path = path.to_str().unwrap();
    let output = run(&[path]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let want = format!("stillup: {path}:{line}: scene no. 2: does: \"explode\" is not understood");
    assert!(said.starts_with(&want), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_checks_go_through_the_judge_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("checks.jsonl");
    let check = |minute: u32, outcome: &str| {
        let attempts = if outcome == "ok" { 1 } else { 2 };
        format!(
            "{{\"slug\":\"slack.com\",\"at\":\"2017-02-28T17:{minute:02}:07.000Z\",\
             \"region\":\"local\",\"outcome\":\"{outcome}\",\"restricted\":false,\
             \"http_status\":null,\"latency_ms\":90,\"attempts\":{attempts},\"detail\":\"HTTP 503\"}}\n"
        )
    };
    let well = (10..30).map(|minute| check(minute, "ok"));
    let text: String = well.chain((30..40).map(|minute| check(minute, "http"))).collect();
    std::fs::write(&path, text).unwrap();
    let output = run(&[path.to_str().unwrap()]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let down =
        "slack.com: up → down, since 2017-02-28T17:30:07.000Z: it answers with an error (HTTP 503)";
    assert!(said.contains(down) && said.contains("30 checks were judged."), "{said}");
}
