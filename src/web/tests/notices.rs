//! What people say, beside the verdicts: pages, feeds, Statuspage, calendar, and the operator's page.

use std::time::Duration;

use axum::{body::Body, http::Request};

use super::{
    Got, ask, get, send, words,
    world::*,
    writes::{token, with_files},
};
use crate::{board::RecordingNode, web::WebService};
use model::{
    outcome::{Answer, Failure, Outcome},
    permission::Permission,
};
use serde_json::Value;
use toml::Table;

fn keys(text: &str) -> Table {
    text.parse().unwrap()
}

/// The world with an open notice on Slack and Netflix, which is up, and work on Netflix until 14:40.
fn saying() -> (World, tempfile::TempDir, String) {
    let (world, dir) = with_files();
    let operator = &world.web.operator;
    let notice = "title = \"Logins <b>fail</b>\"\ntext = \"See https://a.example/x?a=1&b=2\"\n\
                  sites = [\"slack.com\", \"netflix.com\"]\nimpact = \"major\"";
    let notice = operator.open_notice(keys(notice), "ci", now()).unwrap();
    let work = "lasts = \"30m\"\nname = \"Upgrade\"\nsites = [\"netflix.com\"]";
    operator.announce(keys(work), "ci", now()).unwrap();
    (world, dir, notice.id.to_string())
}

#[tokio::test(start_paused = true)]
async fn notices_and_planned_work_stand_beside_the_verdict_in_both_languages() {
    let (world, _dir, id) = saying();
    for (lang, planned) in [("en", "Planned until"), ("nl", "Gepland tot")] {
        for path in ["/", "/netflix.com"] {
            let page = get(&world.router, &format!("{path}?lang={lang}")).await;
            assert!(page.text().contains("Logins &#60;b&#62;fail"), "{path} {lang}");
            assert!(!page.text().contains("<b>fail"), "{path} {lang}");
            assert!(words(page.text()).contains(planned), "{path} {lang}");
            assert!(page.text().contains("14:40"), "{path} {lang}");
        }
    }
    let front = get(&world.router, "/").await;
    let place = |part: &str| front.text().find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(place("id=\"said\"") < place("id=\"wrong\""), "trouble that people tell of is first");
    assert!(place("id=\"wrong\"") < place("id=\"planned\""), "what is down comes before plans");
    let slack = get(&world.router, "/slack.com").await;
    assert!(slack.text().contains("Logins") && !slack.text().contains("Planned until"));
    let other = get(&world.router, "/medium.com").await;
    assert!(!other.text().contains("Logins"));
    let page = get(&world.router, &format!("/notices/{id}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("href=\"https://a.example/x?a=1&amp;b=2\""));
    assert_eq!(get(&world.router, "/notices/n-0").await.status, 404);
    // The measured verdicts are as they were.
    let site = get(&world.router, "/api/v1/sites/netflix.com").await.json();
    assert_eq!(site["status"], "up");
    let site = get(&world.router, "/api/v1/sites/slack.com").await.json();
    assert_eq!(site["status"], "down");
}

#[tokio::test(start_paused = true)]
async fn statuspage_has_notices_as_incidents_and_planned_work_as_maintenance() {
    let (world, _dir, id) = saying();
    let json = async |path: &str| get(&world.router, path).await.json();
    let summary = json("/sites/netflix.com/api/v2/summary.json").await;
    assert_eq!(summary["status"]["indicator"], "none", "a person's words change nothing measured");
    assert_eq!(summary["status"]["description"], "All Systems Operational; 1 notice");
    assert_eq!(summary["components"][0]["status"], "under_maintenance");
    assert_eq!(summary["incidents"][0]["impact"], "major");
    assert_eq!(summary["incidents"][0]["incident_updates"][0]["status"], "investigating");
    assert_eq!(summary["scheduled_maintenances"][0]["status"], "in_progress");
    let active = json("/api/v2/scheduled-maintenances/active.json").await;
    let work = &active["scheduled_maintenances"][0];
    assert_eq!(work["scheduled_until"], "2017-02-28T14:40:00.000Z");
    assert_eq!(
        json("/api/v2/scheduled-maintenances/upcoming.json").await["scheduled_maintenances"],
        Value::Array(vec![])
    );
    // Of many occurrences, those about now are told.
    for name in ["One", "Two"] {
        let often = format!(
            "name = \"{name}\"\nlasts = \"1h\"\nstarts = \"2017-01-01 14:00\"\ntime_zone = \"UTC\"\n\
             rrule = \"FREQ=DAILY\"\nsites = [\"medium.com\"]"
        );
        world.web.operator.announce(keys(&often), "ci", now()).unwrap();
    }
    let all = json("/sites/medium.com/api/v2/scheduled-maintenances.json").await;
    let works = all["scheduled_maintenances"].as_array().unwrap();
    assert_eq!(works.len(), 50);
    for status in ["completed", "in_progress", "scheduled"] {
        assert!(works.iter().any(|work| work["status"] == status), "{status}");
    }
    // An outage leads over what was planned.
    let operator = &world.web.operator;
    operator.announce(keys("lasts = \"30m\"\nsites = [\"slack.com\"]"), "ci", now()).unwrap();
    let slack = json("/sites/slack.com/api/v2/components.json").await;
    assert_eq!(slack["components"][0]["status"], "major_outage");
    for (text, state) in
        [("Found.", "identified"), ("Over.", "resolved"), ("It was DNS.", "postmortem")]
    {
        let update = keys(&format!("text = \"{text}\"\nstate = \"{state}\""));
        operator.update_notice(&id, update, "ci", now(), |_| Ok(())).unwrap();
    }
    let all = json("/api/v2/incidents.json").await;
    let notices: Vec<_> = all["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["name"] == "Logins <b>fail</b>")
        .collect();
    assert_eq!(notices.len(), 1, "one incident, whatever its updates");
    assert_eq!(notices[0]["status"], "postmortem");
    assert_eq!(notices[0]["incident_updates"].as_array().unwrap().len(), 4);
    let open = json("/api/v2/incidents/unresolved.json").await;
    assert!(open["incidents"].as_array().unwrap().iter().all(|i| i["status"] != "postmortem"));
}

#[tokio::test(start_paused = true)]
async fn feeds_have_one_entry_a_notice_and_the_calendar_every_occurrence() {
    let (world, _dir, id) = saying();
    let feed = get(&world.router, "/feed.json").await.json();
    let mine = |feed: &Value| {
        let items = feed["items"].as_array().unwrap().clone();
        items.into_iter().filter(|item| item["tags"][0] == "notice").collect::<Vec<_>>()
    };
    let before = mine(&feed);
    let update = keys("text = \"Found.\"\nstate = \"identified\"");
    let later = now() + MINUTE;
    world.web.operator.update_notice(&id, update, "ci", later, |_| Ok(())).unwrap();
    let after = mine(&get(&world.router, "/feed.json").await.json());
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!(before[0]["id"], after[0]["id"]);
    assert_ne!(before[0]["date_modified"], after[0]["date_modified"]);
    assert!(mine(&get(&world.router, "/sites/medium.com/feed.json").await.json()).is_empty());
    assert!(get(&world.router, "/feed.atom").await.text().contains("Logins"));
    let rule = "lasts = \"1h\"\nstarts = \"2017-03-05 02:00\"\ntime_zone = \"Europe/Amsterdam\"\n\
                rrule = \"FREQ=WEEKLY;COUNT=3\"\nname = \"Week; ly\"";
    world.web.operator.announce(keys(rule), "ci", now()).unwrap();
    let got = get(&world.router, "/sites/netflix.com/windows.ics").await;
    assert_eq!(got.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(got.text().matches("BEGIN:VEVENT").count(), 4);
    assert!(
        got.text().contains("DTSTART:20170305T010000Z\r\n")
            && got.text().contains("SUMMARY:Week\\; ly")
    );
    assert_eq!(get(&world.router, "/windows.ics").await.text().matches("BEGIN:VEVENT").count(), 4);
    assert_eq!(get(&world.router, "/sites/none/windows.ics").await.status, 404);
}

async fn post(world: &World, action: &str, form: &str, cookie: &str, from: &[(&str, &str)]) -> Got {
    let mut request = Request::post(format!("/operate/{action}"));
    for (name, value) in from {
        request = request.header(*name, *value);
    }
    let request = request.header("cookie", cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    send(&world.router, request.body(Body::from(form.to_owned())).unwrap()).await
}

const SAME: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

/// The cookie of a session of this token.
async fn sign_in(world: &World, token: &str) -> String {
    let got = post(world, "in", &format!("token={token}"), "", SAME).await;
    got.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn operate(world: &World, cookie: &str) -> Got {
    let request = Request::get("/operate").header("cookie", cookie);
    send(&world.router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn the_operators_page_is_not_found_until_there_is_a_token_and_signs_in_with_one() {
    let (world, _dir) = with_files();
    assert_eq!(get(&world.router, "/operate").await.status, 404);
    assert_eq!(post(&world, "in", "token=x", "", SAME).await.status, 404);
    let read = token(&world, &[Permission::Read, Permission::Notices, Permission::Planned]);
    let blind = token(&world, &[Permission::Notices]);
    let page = get(&world.router, "/operate").await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    assert!(page.text().contains("type=\"password\"") && !page.text().contains("audit"));
    for (text, status) in [("sut_00000000_0000000000000000", 401), ("", 401), (&*blind, 403)] {
        let got = post(&world, "in", &format!("token={text}"), "", SAME).await;
        assert_eq!((got.status.as_u16(), got.header("set-cookie")), (status, ""), "{text}");
    }
    let got = post(&world, "in", &format!("token={read}"), "", SAME).await;
    assert_eq!((got.status.as_u16(), got.header("location")), (303, "/operate"));
    let set = got.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/operate"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains(read.rsplit('_').next().unwrap()), "the token itself is not in it");
    let cookie = set.split(';').next().unwrap().to_owned();
    let page = operate(&world, &cookie).await;
    assert!(page.text().contains("Signed in as read") && page.text().contains("token.add"));
    assert!(!page.text().contains("writes the record"), "there is one node");
    for (here, told) in [
        (true, "This node, ams-1, writes the record."),
        (false, "ams-1 writes the record; this node follows it."),
    ] {
        let recorder = Some(RecordingNode { name: "ams-1".into(), here });
        world.board.update_store_health(|record| record.recorder = recorder);
        let page = operate(&world, &cookie).await;
        assert!(page.text().contains(told), "{told}");
    }
    let forged = cookie.replace(".1", ".9");
    assert!(!operate(&world, &forged).await.text().contains("Signed in"));
    world.web.operator.remove_token("read", None, now()).unwrap();
    assert!(!operate(&world, &cookie).await.text().contains("Signed in"));
}

#[tokio::test(start_paused = true)]
async fn only_forms_of_the_page_itself_change_something() {
    let (world, _dir) = with_files();
    let read = token(&world, &[Permission::Read, Permission::Planned]);
    let cookie = sign_in(&world, &read).await;
    for from in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
    ] {
        let got = post(&world, "plan", "lasts=30m", &cookie, from).await;
        assert_eq!(got.status, 403, "{from:?}");
    }
    assert!(world.web.operator.planned().is_empty());
    let own = &[("origin", "https://stillup.example")];
    let got =
        post(&world, "plan", "lasts=30m&name=&sites=slack.com, medium.com", &cookie, own).await;
    assert_eq!(got.status, 303, "{}", got.text());
    let work = world.web.operator.planned()[0].clone();
    assert_eq!((work.scope.sites.len(), &*work.by), (2, "read"));
    let got = post(&world, "notice", "title=a&text=b", &cookie, SAME).await;
    assert_eq!(got.status, 403, "the token may not write notices");
    let got = post(&world, "plan", "lasts=1s", &cookie, SAME).await;
    assert_eq!(got.status, 400);
    assert!(
        got.text().contains("Nothing was changed. Choose one of the options."),
        "{}",
        got.text()
    );
    // What was typed is still there, as text.
    let form = "lasts=1s&name=%22%3Cb%3E&sites=slack.com";
    let got = post(&world, "plan", form, &cookie, SAME).await;
    assert!(
        got.text().contains("value=\"&#34;&#60;b&#62;\"")
            && got.text().contains("value=\"slack.com\"")
    );
    let got = post(&world, "cancel", &format!("id={}", work.id), &cookie, SAME).await;
    assert_eq!(got.status, 303);
    assert!(world.web.operator.planned()[0].cancelled_at.is_some());
    assert_eq!(post(&world, "plan", "lasts=30m", "", SAME).await.status, 401);
    assert_eq!(post(&world, "nothing", "", &cookie, SAME).await.status, 404);
    for lang in ["en", "nl"] {
        let request = Request::get(format!("/operate?lang={lang}")).header("cookie", &cookie);
        let page = send(&world.router, request.body(Body::empty()).unwrap()).await;
        assert!(page.text().contains("planned.cancel"), "{lang}");
        assert!(!page.text().contains("operate-") && !page.text().contains("notice-"), "{lang}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_form_is_answered_in_the_language_of_the_page_and_says_each_thing_once() {
    let (world, _dir) = with_files();
    let all = token(&world, &[Permission::Read, Permission::Notices, Permission::Planned]);
    let cookie = sign_in(&world, &all).await;
    let long = format!("title={}&text=x", "a".repeat(201));
    for (action, form, english, dutch) in [
        (
            "plan",
            "lasts=30m&sites=Not+A+Slug!",
            "“Not”, “A”, “Slug!” are not slugs. A slug looks like slack.com.",
            "“Not”, “A”, “Slug!” zijn geen slugs. Een slug ziet eruit als slack.com.",
        ),
        (
            "plan",
            "lasts=30m&sites=slack.com,Slack",
            "“Slack” is not a slug. A slug looks like slack.com.",
            "“Slack” is geen slug. Een slug ziet eruit als slack.com.",
        ),
        ("notice", "text=x", "Fill in “Title”.", "Vul “Titel” in."),
        ("notice", "title=x&text=+", "Fill in “What is known”.", "Vul “Wat er bekend is” in."),
        (
            "notice",
            &long,
            "“Title” can be at most 200 characters long.",
            "“Titel” mag hooguit 200 tekens lang zijn.",
        ),
        (
            "notice",
            "title=a%E2%80%8Bb&text=x",
            "“Title” contains an invisible character; clear the field and type it again.",
            "In “Titel” staat een onzichtbaar teken; maak het veld leeg en typ de tekst opnieuw.",
        ),
    ] {
        for (lang, told) in [
            ("en", format!("Nothing was changed. {english}</p>")),
            ("nl", format!("Er is niets gewijzigd. {dutch}</p>")),
        ] {
            let got = post(&world, &format!("{action}?lang={lang}"), form, &cookie, SAME).await;
            assert_eq!(got.status, 400, "{form}");
            assert!(got.text().contains(&told), "{form} {lang}: {}", got.text());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_form_marks_the_fields_that_are_wrong_and_keeps_what_was_typed() {
    let (world, _dir) = with_files();
    let all = token(&world, &[Permission::Read, Permission::Notices, Permission::Planned]);
    let cookie = sign_in(&world, &all).await;
    assert_eq!(post(&world, "notice", "title=a&text=b", &cookie, SAME).await.status, 303);
    let id = world.web.operator.notices()[0].id.clone();
    let (text, state) = (format!("text-{id}"), format!("state-{id}"));
    for (action, form, fields, kept) in [
        ("plan", "lasts=30m&name=Backup&sites=Not!", &["plan-sites"][..], "value=\"Not!\""),
        ("notice", "title=+&text=Why&sites=Not!", &["title", "sites"], ">Why</textarea>"),
        ("notice", "title=a&text=b&impact=huge", &["impact"], "value=\"a\""),
        ("update", &format!("id={id}&text=+&state=resolved"), &[&text], "\"resolved\" selected"),
        ("update", &format!("id={id}&text=b&state=odd"), &[&state], ">b</textarea>"),
        ("plan", "lasts=1s&name=Backup", &[], "value=\"Backup\""),
    ] {
        for lang in ["en", "nl"] {
            let got = post(&world, &format!("{action}?lang={lang}"), form, &cookie, SAME).await;
            assert_eq!(got.status, 400, "{form}");
            assert!(got.text().contains(kept), "{form}: {}", got.text());
            let marked: Vec<_> =
                got.text().split('<').filter(|tag| tag.contains(" aria-invalid")).collect();
            assert_eq!(marked.len(), fields.len(), "{form}: {marked:?}");
            for (place, (tag, field)) in marked.iter().zip(fields).enumerate() {
                let by = format!(" aria-describedby=\"{field}-wrong\"");
                assert!(tag.contains(&format!(" id=\"{field}\"")) && tag.contains(&by), "{tag}");
                assert_eq!(tag.contains(" autofocus"), place == 0, "{tag}");
                let why = format!("<span id=\"{field}-wrong\" class=\"wrong\">");
                assert_eq!(got.text().matches(&why).count(), 1, "{form}");
            }
        }
    }
    assert!(!operate(&world, &cookie).await.text().contains("aria-invalid"));
}

#[tokio::test(start_paused = true)]
async fn the_operator_sees_which_sites_notices_and_planned_work_are_about() {
    let (world, _dir, _) = saying();
    world.web.operator.announce(keys("lasts = \"45m\""), "ci", now()).unwrap();
    let all = token(&world, &[Permission::Read]);
    let cookie = sign_in(&world, &all).await;
    let page = operate(&world, &cookie).await;
    let text = words(page.text()).replace(['\n', '\u{a0}'], " ");
    assert!(text.contains("just now · Slack , Netflix"), "{text}");
    assert!(text.contains("14:40 UTC · Netflix · Upgrade"), "{text}");
    assert!(text.contains("· all sites"), "{text}");
    // So does a page for visitors that is not of one site.
    let front = get(&world.router, "/").await;
    assert!(words(front.text()).contains("· all sites"), "{}", front.text());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_site_has_is_told_beside_what_names_it() {
    let (world, _dir) = with_files();
    let all = token(&world, &[Permission::Read, Permission::Planned]);
    let cookie = sign_in(&world, &all).await;
    assert_eq!(post(&world, "plan", "lasts=30m&sites=slack.com", &cookie, SAME).await.status, 303);
    assert!(!words(operate(&world, &cookie).await.text()).contains("No site has"));
    assert_eq!(post(&world, "plan", "lasts=30m&tags=chta", &cookie, SAME).await.status, 303);
    let page = operate(&world, &cookie).await;
    assert!(words(page.text()).contains("No site has: chta."), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn work_to_come_is_shown_days_before_it_begins_and_nothing_measured_ends_it() {
    let (world, _dir) = with_files();
    let rule = "lasts = \"1h\"\nstarts = \"2017-03-02 15:00\"\ntime_zone = \"Europe/Amsterdam\"\nname = \"Move\"\n\
                sites = [\"netflix.com\"]";
    world.web.operator.announce(keys(rule), "ci", now()).unwrap();
    for (lang, words_of_it) in [("en", "From"), ("nl", "Van")] {
        for path in ["/", "/netflix.com"] {
            let page = get(&world.router, &format!("{path}?lang={lang}")).await;
            let text = words(page.text());
            assert!(text.contains("Move") && text.contains(words_of_it), "{path} {lang}");
            // By the clocks of its zone it is 15:00; the page says the moment, and which clock it means.
            assert!(page.text().contains("datetime=\"2017-03-02T14:00"), "{path} {lang}");
        }
    }
    assert!(!words(get(&world.router, "/slack.com").await.text()).contains("Move"));
    let upcoming = "/api/v2/scheduled-maintenances/upcoming.json";
    let upcoming = get(&world.router, upcoming).await.json();
    let work = &upcoming["scheduled_maintenances"][0];
    assert_eq!((&work["name"], &work["status"]), (&"Move".into(), &"scheduled".into()));
    assert_eq!(work["scheduled_for"], "2017-03-02T14:00:00.000Z");
    // Neither an outage nor a recovery changes what people said, and what they said changes no verdict.
    let dead = Outcome::failed(Failure::Dns, "no such name");
    let well = answered(Answer::Ok, 200, 9);
    let notice = keys("title = \"Netflix\"\ntext = \"We look.\"\nsites = [\"netflix.com\"]");
    world.web.operator.open_notice(notice, "ci", now()).unwrap();
    world.web.operator.announce(keys("lasts = \"30m\""), "ci", now()).unwrap();
    for (outcomes, status) in [(vec![dead.clone(), dead], "down"), (vec![well.clone(), well], "up")]
    {
        world.show_from("local", "netflix.com", &outcomes);
        assert_eq!(get(&world.router, "/api/v1/sites/netflix.com").await.json()["status"], status);
        let open = get(&world.router, "/api/v1/notices?state=open").await.json();
        assert_eq!(open["notices"].as_array().unwrap().len(), 1, "{status}");
        let active = get(&world.router, "/api/v1/planned?state=active").await.json();
        assert_eq!(active["planned"].as_array().unwrap().len(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_notice_is_on_the_front_page_within_a_second_for_who_had_the_page_too() {
    let (world, _dir) = with_files();
    let service = WebService::new(world.web.clone());
    let before = ask(&service, "/", &[]).await;
    let tag = before.header("etag").to_owned();
    let notice = world
        .web
        .operator
        .open_notice(keys("title = \"Trouble\"\ntext = \"We look.\""), "ci", now())
        .unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    for headers in [&[][..], &[("if-none-match", &*tag)]] {
        let page = ask(&service, "/", headers).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Trouble"), "{headers:?}");
    }
    let over = keys("text = \"Over.\"\nstate = \"resolved\"");
    world.web.operator.update_notice(&notice.id, over, "ci", now(), |_| Ok(())).unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!words(ask(&service, "/", &[]).await.text()).contains("Trouble"));
}
