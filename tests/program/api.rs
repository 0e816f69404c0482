//! The API as other people's clients see it: one that tries to break the promises of its
//! description, and the examples of the reference page, run as they stand there.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// A service with a site that is up and one that is down, both checked, and a record.
async fn service(settings: &str) -> (Service, Server, Server) {
    let (well, broken) = (Server::start(Mood::Well).await, Server::start(Mood::Broken).await);
    let mut service =
        Service::new(&(well.entry("slack.com") + &broken.entry("down.example")), None);
    service.write_settings(settings);
    service.start(&[]).await;
    until("an outage is on record", SOON, async || {
        let page = service.json("/api/v1/outages?state=ongoing").await;
        (page["fresh"] == true && page["outages"][0]["slug"] == "down.example").then_some(())
    })
    .await;
    (service, well, broken)
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_property_based_client_finds_nothing_that_the_description_does_not_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let client = root.join(".tools/schemathesis/bin/st");
    assert!(client.exists(), "schemathesis is not installed: run scripts/setup.sh test");
    // Names that it makes up must not be looked up on the internet.
    let (service, _well, _broken) = service("[lookup]\nenabled = false\n").await;
    let mut command = Command::new(client);
    command.current_dir(service.path("")).arg("--config-file");
    command.arg(root.join("tests/program/schemathesis.toml")).arg("--no-color");
    command.args(["run", &service.url("/openapi.json"), "--max-time", "45"]);
    let output = run(command).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Tested: "), "{said}");
}

/// The examples of this language on the reference page.
fn examples(page: &str, language: &str) -> Vec<String> {
    let mark = format!("<code data-language=\"{language}\">");
    let rest = page.split(&mark).skip(1).filter_map(|rest| rest.split("</code>").next());
    rest.map(|code| code.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&"))
        .map(|code| code.replace("&lt;", "<").replace("&amp;", "&").replace("&#60;", "<"))
        .map(|code| code.replace("&#62;", ">"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_of_the_reference_page_work_as_they_stand() {
    let (service, _well, _broken) = service("").await;
    let (_, page) = service.get("/api").await;
    let languages: [(&str, &[&str]); 3] = [
        ("curl", &["sh", "-c"]),
        ("python", &["python3", "-c"]),
        ("javascript", &["node", "--input-type=module", "--eval"]),
    ];
    let of = |(language, program): (&str, &'static [&'static str])| {
        let found = examples(&page, language);
        assert!(!found.is_empty(), "{language}");
        found.into_iter().map(move |code| (program, code))
    };
    let all: Vec<_> = languages.into_iter().flat_map(of).collect();
    assert!(all.len() > 7);
    // An id of a notice or of planned work is for the reader to fill in.
    for (program, code) in all.into_iter().filter(|(_, code)| !code.contains("{id}")) {
        // The site is up: to wait until it is down would take as long as it may, and give nothing.
        let code = code.replace("until=down", "until=up");
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(&code);
        let output = run(command).await;
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !output.stdout.is_empty(), "{code}\n{wrong}");
    }
    // What the page shows of Rust is this program, with the address of this service.
    let shown = examples(&page, "rust").concat();
    let address = service.url("");
    let address = address.trim_end_matches('/');
    let own = include_str!("../../examples/wrong.rs").trim_end();
    assert_eq!(shown.replace(address, "http://127.0.0.1:8080"), own);
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--locked", "--example", "wrong", "--", address]);
    let output = run(command).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("\"down.example\": "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_as_it_happens_and_the_end_of_the_service_ends_the_stream() {
    let (mut service, well, _broken) = service("").await;
    let address = service.url("").trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let ask = "GET /api/v1/events?site=slack.com HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    well.turn(Mood::Refusing);
    // No other site is well, and no control answers: for half a minute it may be our own side.
    let told = tokio::time::timeout(SOON, async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if line.starts_with("data: ") && line.contains("\"status\":\"down\"") {
                break line;
            }
        }
    });
    assert!(told.await.unwrap().contains("\"slug\":\"slack.com\""));
    service.signal("TERM");
    let rest = tokio::time::timeout(Duration::from_secs(10), async {
        while let Ok(Some(_)) = lines.next_line().await {}
    });
    rest.await.unwrap();
    assert!(service.ended().await.success());
}
