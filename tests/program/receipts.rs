//! Every outage leads to the very checks that made it, and these checks make the same outages
//! again: while it runs, after a kill, judged anew from an export, and in another service.

use std::{collections::BTreeMap, fs, process::Command, time::Duration};

use model::{
    moment::Moment,
    outcome::{Cause, Failure},
};
use serde_json::Value;
use stillup::{i18n::sentence::cause_words, private_postgres::throwaway};

use crate::{
    server::{Mood, SLOW, Server},
    service::{Service, until},
};

/// Far more than a change of verdict takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Failure of each of these sites.
const FAILING: [(&str, Mood, &str); 4] = [
    ("refusing.example", Mood::Refusing, "down"),
    ("broken.example", Mood::Broken, "down"),
    ("silent.example", Mood::Silent, "down"),
    ("late.example", SLOW, "slow"),
];

/// The check that an outage begins with, or another of it: its moment and outcome.
type SeenReceipt = (Moment, String);

/// An outage as visitors see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ShownOutage {
    slug: String,
    status: String,
    started_at: Moment,
    ended_at: Option<Moment>,
    cause: Option<String>,
}

/// All outages of the API, each with the checks that its link leads to, oldest first.
async fn told(service: &Service) -> Vec<(ShownOutage, Vec<SeenReceipt>)> {
    let page = service.json("/api/v1/outages").await;
    assert_eq!((&page["fresh"], &page["next_cursor"]), (&true.into(), &Value::Null));
    let mut all = Vec::new();
    for outage in page["outages"].as_array().unwrap() {
        let text = |key: &str| outage[key].as_str().map(str::to_owned);
        let moment = |key: &str| text(key).map(|at| Moment::parse(&at).unwrap());
        let cause = outage["cause"].as_object().map(|cause| {
            let failure = Failure::ALL.into_iter().find(|f| cause["failure"] == f.word());
            cause_words(&Cause::new(failure.unwrap(), cause["detail"].as_str().unwrap_or_default()))
        });
        let link = text("checks_url").unwrap();
        let (_, path) = link.split_once("/api/v1/").unwrap();
        let checks = service.json(&format!("/api/v1/{path}&limit=1000")).await;
        assert_eq!(checks["next_cursor"], Value::Null, "more than a page");
        let mut checks: Vec<SeenReceipt> = checks["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| {
                let at = Moment::parse(check["at"].as_str().unwrap()).unwrap();
                (at, check["outcome"].as_str().unwrap().to_owned())
            })
            .collect();
        checks.sort();
        let told = ShownOutage {
            slug: text("slug").unwrap(),
            status: text("status").unwrap(),
            started_at: moment("started_at").unwrap(),
            ended_at: moment("ended_at"),
            cause,
        };
        // The page of the site leads to the page of the outage, and that one to the same checks.
        let (_, page) = service.get(&format!("/{}", told.slug)).await;
        let link = format!("href=\"/api/v1/{}\"", path.replace('&', "&#38;"));
        let mut linked = false;
        for rest in page.split("href=\"/outages/").skip(1) {
            let (id, _) = rest.split_once('"').unwrap();
            linked |= service.get(&format!("/outages/{id}")).await.1.contains(&link);
        }
        assert!(linked, "nothing on {page} leads to {link}");
        all.push((told, checks));
    }
    all.sort();
    all
}

/// The link leads to the first bad check, to the first good one after it, and to those between.
fn made_by_its_checks(outages: &[(ShownOutage, Vec<SeenReceipt>)]) {
    for (outage, checks) in outages {
        let (first, last) = (&checks[0], &checks[checks.len() - 1]);
        assert_eq!(first.0, outage.started_at, "{outage:?}: {checks:?}");
        assert_eq!(Some(last.0), outage.ended_at, "{outage:?}: {checks:?}");
        assert!(checks.len() > 2, "{outage:?}: {checks:?}");
        let bad = &checks[..checks.len() - 1];
        let fits = |(_, outcome): &SeenReceipt| (outcome == "ok") == (outage.status == "slow");
        assert!(bad.iter().all(fits) && last.1 == "ok", "{outage:?}: {checks:?}");
    }
}

async fn status(service: &Service, slug: &str, want: &str) {
    let seen = async || {
        let site = service.json(&format!("/api/v1/sites/{slug}")).await;
        (site["status"] == want).then_some(())
    };
    until(&format!("{slug} is {want}"), PATIENCE, seen).await;
}

/// Waits until API and pages have what the record holds: a page is ready a moment later.
async fn read_back(service: &Service) {
    let read = async || {
        let (code, outages) = service.get("/api/v1/outages").await;
        (code == 200 && outages.contains("\"fresh\":true")).then_some(())
    };
    until("the record is read back", PATIENCE, read).await;
    for (slug, ..) in FAILING {
        let shown = async || {
            let (_, page) = service.get(&format!("/{slug}")).await;
            (page.contains("/outages/") && !page.contains("<b>ongoing</b>")).then_some(())
        };
        until(&format!("the outage of {slug} is read back"), PATIENCE, shown).await;
    }
}

/// Outages by `stillup replay` of these checks, oldest first.
fn judged_anew(service: &Service, file: &str) -> Vec<ShownOutage> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
    command.arg("replay").arg(service.path(file)).arg("--sites").arg(service.path("sites.toml"));
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut open: BTreeMap<String, ShownOutage> = BTreeMap::new();
    let mut all = Vec::new();
    for line in text.lines() {
        // `AT SLUG: WAS → IS, since SINCE: WHY`
        let Some((head, change)) = line.split_once(": ").filter(|(_, to)| to.contains(" → "))
        else {
            continue;
        };
        let slug = head.split_once(' ').unwrap().1.to_owned();
        let (_, is) = change.split_once(" → ").unwrap();
        let (is, since) = is.split_once(", since ").unwrap();
        let (since, cause) = match since.split_once(": ") {
            Some((since, cause)) => (since, Some(cause.to_owned())),
            None => (since, None),
        };
        let since = Moment::parse(since).unwrap();
        if is == "unknown" {
            continue;
        }
        if let Some(mut before) = open.remove(&slug) {
            if before.status == is {
                open.insert(slug, ShownOutage { cause, ..before });
                continue;
            }
            before.ended_at = Some(since);
            all.push(before);
        }
        if is != "up" {
            let (slug, status) = (slug, is.to_owned());
            let told = ShownOutage {
                slug: slug.clone(),
                status,
                started_at: since,
                ended_at: None,
                cause,
            };
            open.insert(slug, told);
        }
    }
    all.extend(open.into_values());
    all.sort();
    all
}

async fn run(service: &Service, arguments: &[&str]) {
    let output = service.run(arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The same line, with all of its moments this much earlier.
fn earlier(line: &str, by: Duration) -> String {
    let mut parts = line.split('"').map(str::to_owned).collect::<Vec<_>>();
    for part in &mut parts {
        if part.len() == "2017-02-28T17:37:00.000Z".len()
            && let Ok(at) = Moment::parse(part)
        {
            *part = (at - by).to_string();
        }
    }
    parts.join("\"")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checks_behind_an_outage_stay_and_make_it_again() {
    let well = Server::start(Mood::Well).await;
    // Most sites are well, or it would be our own line that is broken.
    let mut catalogue: String = (0..5).map(|n| well.entry(&format!("well-{n}.example"))).collect();
    let mut servers = Vec::new();
    for (slug, ..) in FAILING {
        let server = Server::start(Mood::Well).await;
        catalogue += &server.entry(slug);
        servers.push(server);
    }
    let mut service = Service::new(&catalogue, None);
    service.start(&[]).await;
    for (slug, ..) in FAILING {
        status(&service, slug, "up").await;
    }
    for (server, (_, mood, _)) in servers.iter().zip(FAILING) {
        server.turn(mood);
    }
    for (slug, _, want) in FAILING {
        status(&service, slug, want).await;
    }
    for server in &servers {
        server.turn(Mood::Well);
    }
    for (slug, ..) in FAILING {
        status(&service, slug, "up").await;
    }
    let recorded = async || {
        let page = service.json("/api/v1/outages?state=ended").await;
        (page["outages"].as_array().unwrap().len() == FAILING.len()).then_some(())
    };
    until("the outages are recorded", PATIENCE, recorded).await;
    let before = told(&service).await;
    made_by_its_checks(&before);

    service.signal("KILL");
    service.ended().await;
    service.start(&[]).await;
    read_back(&service).await;
    assert_eq!(told(&service).await, before);
    service.signal("INT");
    assert!(service.ended().await.success());

    run(&service, &["export", "--output", "checks.jsonl"]).await;
    let outages: Vec<ShownOutage> = before.iter().map(|(outage, _)| outage.clone()).collect();
    assert_eq!(judged_anew(&service, "checks.jsonl"), outages);

    imported(&service, &catalogue, &before).await;
}

/// The same checks of two days ago, in another service.
async fn imported(from: &Service, catalogue: &str, before: &[(ShownOutage, Vec<SeenReceipt>)]) {
    let by = Duration::from_hours(48);
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(catalogue, Some(database.url()));
    let text = fs::read_to_string(from.path("checks.jsonl")).unwrap();
    let past: Vec<String> = text.lines().map(|line| earlier(line, by)).collect();
    fs::write(service.path("past.jsonl"), past.join("\n") + "\n").unwrap();
    run(&service, &["import", service.path("past.jsonl").to_str().unwrap()]).await;
    service.start(&[]).await;
    read_back(&service).await;
    let want: Vec<(ShownOutage, Vec<SeenReceipt>)> = before
        .iter()
        .map(|(outage, checks)| {
            let (started_at, ended_at) =
                (outage.started_at - by, outage.ended_at.map(|at| at - by));
            let outage = ShownOutage { started_at, ended_at, ..outage.clone() };
            (outage, checks.iter().map(|(at, saw)| (*at - by, saw.clone())).collect())
        })
        .collect();
    assert_eq!(told(&service).await, want);
}
