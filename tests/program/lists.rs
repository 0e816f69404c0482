//! `stillup sites read|check|diff` and `stillup wait`: what they print, and their exit codes.

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

use crate::{
    server::{Mood, Server, closed_port},
    service::Service,
};

/// Runs the program with these arguments alone, and this text as its input.
async fn alone(
    service: &Service,
    arguments: &[&str],
    input: &str,
) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
    command.current_dir(service.path("")).env_clear().args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = input.to_owned();
    let done = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // It may not want all of it.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    });
    told(done.await.unwrap())
}

fn told(done: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

const KUMA: &str = r#"{"version":"1.23.16","notificationList":[],"monitorList":[
    {"id":1,"name":"Shop","type":"http","url":"https://shop.example/","interval":60,"active":true,
     "headers":"{\"Authorization\":\"Bearer swordfish\"}","accepted_statuscodes":["200-299"]},
    {"id":2,"name":"Trap","type":"http","url":"https://trap.example/","interval":60,"active":true,"upsideDown":true}]}"#;

#[tokio::test]
async fn a_list_is_read_from_a_file_or_the_input_and_what_is_written_is_a_catalogue() {
    let service = Service::new("", None);
    fs::write(service.path("hosts.txt"), "a.example\nhttps://b.example/x  Bee\n").unwrap();
    let (code, written, report) = alone(&service, &["sites", "read", "hosts.txt"], "").await;
    assert_eq!((code, &*report), (Some(0), "read as plain: 2 sites\n"), "{written}");
    fs::write(service.path("read.toml"), &written).unwrap();
    let (code, said, _) = told(
        service.run(&["sites", "check", &service.path("read.toml").display().to_string()]).await,
    );
    assert_eq!(code, Some(0));
    assert!(said.ends_with("read.toml: 2 sites\n"), "{said}");

    let (code, written, report) = alone(&service, &["sites", "read", "-"], KUMA).await;
    assert_eq!(code, Some(1), "one was left out: {report}");
    assert!(
        written.contains("https://shop.example/") && !written.contains("trap.example"),
        "{written}"
    );
    assert!(report.contains("Trap: left out: it is upside down"), "{report}");
    assert!(report.contains("set STILLUP_SHOP_EXAMPLE_AUTHORIZATION"), "{report}");
    assert!(!written.contains("swordfish") && !report.contains("swordfish"));

    for (arguments, input, why) in [
        (&["sites", "read", "nowhere.json"][..], "", "cannot be read"),
        (&["sites", "read", "-"], "{\"a\": 1}", "is no list that is known here"),
        (&["sites", "read", "-", "--from", "gatus"], KUMA, "has no list of endpoints"),
        (&["sites", "read", "-", "--from", "nagios"], "", "is not a kind of list"),
    ] {
        let (code, written, report) = alone(&service, arguments, input).await;
        assert_eq!((code, &*written), (Some(2), ""), "{arguments:?}: {report}");
        assert!(report.contains(why), "{arguments:?}: {report}");
    }
}

#[tokio::test]
async fn a_difference_is_told_and_exits_with_2_and_a_mistake_with_1() {
    let entry = |slug: &str| format!("[[site]]\nurl = \"https://{slug}/\"\n");
    let service = Service::new(&(entry("a.example") + &entry("b.example")), None);
    let file = service.path("new.toml");
    let name = file.display().to_string();
    fs::write(&file, entry("a.example") + &entry("b.example")).unwrap();
    assert_eq!(
        told(service.run(&["sites", "diff", &name]).await),
        (Some(0), String::new(), String::new())
    );
    fs::write(&file, format!("{}interval = \"30s\"\n{}", entry("a.example"), entry("c.example")))
        .unwrap();
    let (code, said, _) = told(service.run(&["sites", "diff", &name]).await);
    assert_eq!(code, Some(2));
    assert_eq!(
        said,
        "- b.example\n~ a.example: interval 1m → 30s\n+ c.example https://c.example/\n"
    );
    fs::write(&file, "[[site]]\nurl = \"ftp://a.example\"\ninterval = \"1s\"\n").unwrap();
    for command in ["check", "diff"] {
        let (code, said, problems) = told(service.run(&["sites", command, &name]).await);
        assert_eq!((code, &*said), (Some(1), ""), "{command}: {problems}");
        assert!(problems.contains("new.toml:2") && problems.contains("new.toml:3"), "{problems}");
    }
}

#[tokio::test]
async fn waiting_ends_when_it_is_so_when_the_time_ran_out_and_when_nobody_can_look() {
    let site = Server::start(Mood::Well).await;
    let service = Service::new(&site.entry("shop"), None);
    let refused = format!("http://{}/", closed_port());
    for (arguments, code, says) in [
        (&["wait", "shop", "--timeout", "5s"][..], 0, "is up"),
        (&["wait", &refused, "--until", "down", "--timeout", "20s"], 0, "is down"),
        (&["wait", "shop", "--until", "down", "--timeout", "1s"], 3, "did not happen within 1s"),
        (&["wait", "a b", "--timeout", "1s"], 1, "a b"),
        (&["wait", "shop", "--timeout", "forever"], 2, "write such as 90s"),
        (&["wait", "https://me:swordfish@a.nl/"], 1, "https://…@a.nl/"),
        (&["check", "https://me:swordfish@a.nl/", "--json"], 3, "\"target\":\"https://…@a.nl/\""),
    ] {
        let (found, said, problems) = told(service.run(arguments).await);
        assert_eq!(found, Some(code), "{arguments:?}: {said}{problems}");
        assert!(format!("{said}{problems}").contains(says), "{arguments:?}: {said}{problems}");
        assert!(!format!("{said}{problems}").contains("swordfish"), "{arguments:?}");
    }
}
