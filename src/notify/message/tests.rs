//! Content of messages, in words and as the webhook's body.

use super::*;
use model::notification::channel_state::{Announcement, Subject};
use serde_json::json;

fn at(text: &str) -> Moment {
    Moment::parse(&format!("2026-01-10T{text}Z")).unwrap()
}

fn line(name: &str, topic: Topic, status: Status) -> MessageLine {
    MessageLine {
        slug: Slug::new(&name.to_lowercase()).unwrap(),
        name: name.into(),
        url: format!("https://{name}/").into(),
        page: format!("https://up.example/{name}"),
        status,
        since: Some(at("14:02:00")),
        was: None,
        began_at: at("14:02:00"),
        duration_seconds: 60,
        cause: None,
        provider: Some("aws".into()),
        unstable: false,
        tags: vec![],
        notes: vec![],
        withdrawn: false,
        regions: vec![],
        summary: format!("{name} is so."),
        topic,
        title: String::new(),
    }
}

fn said(lines: Vec<MessageLine>, as_of: &str) -> Message {
    let page = "https://up.example/".to_owned();
    Message::about(Lang::En, lines, Some("aws".into()), page, at(as_of), at("14:03:00")).unwrap()
}

#[test]
fn one_site_is_told_by_its_sentence_and_many_by_their_number_and_names() {
    let down = |name| line(name, Topic::Down, Status::Down);
    let back = |name, status| line(name, Topic::Recovered, status);
    let slow = |name| line(name, Topic::Slow, Status::Slow);
    for (lines, title, summary) in [
        (vec![down("A")], "A is down", "A is so."),
        (vec![back("A", Status::Up)], "A is up again", "A is so."),
        (vec![back("A", Status::Slow)], "A is better", "A is so."),
        (
            vec![down("B"), down("A")],
            "2 sites at Amazon Web Services are down",
            "2 sites at Amazon Web Services are down: A and B.",
        ),
        (
            vec![slow("B"), down("C"), slow("A")],
            "3 sites at Amazon Web Services are in trouble",
            "3 sites at Amazon Web Services are in trouble: C, A and B.",
        ),
        (
            "ABCDEFG".split("").filter(|name| !name.is_empty()).map(slow).collect(),
            "7 sites at Amazon Web Services are slow",
            "7 sites at Amazon Web Services are slow: A, B, C, D, E and 2 more.",
        ),
        (
            vec![back("A", Status::Up), back("B", Status::Up)],
            "2 sites at Amazon Web Services are up again",
            "2 sites at Amazon Web Services are up again: A and B.",
        ),
    ] {
        let message = said(lines, "14:02:30");
        assert_eq!((message.data.title.as_str(), message.data.summary.as_str()), (title, summary));
    }
    let late = said(vec![down("A")], "13:30:00");
    assert_eq!(late.data.summary, "At 13:30 UTC: A is so.");
    // One that was prompt when it was made, and could not be sent at once.
    let message = said(vec![down("A")], "14:02:30");
    let made_at = at("14:02:45");
    let sent_at = |now| message.clone().sent_at(at(now), made_at).data.summary;
    assert_eq!(sent_at("14:04:00"), "A is so.");
    assert_eq!(sent_at("14:20:00"), "At 14:02 UTC: A is so.");
    let again = late.clone().sent_at(at("14:20:00"), at("14:03:00"));
    assert_eq!(again, late, "it says so already");
}

#[test]
fn a_crowd_is_counted_and_its_first_hundred_are_named() {
    let lines = (0..250).map(|n| line(&format!("s{n:03}"), Topic::Down, Status::Down)).collect();
    let message = said(lines, "14:03:00");
    assert_eq!((message.data.count, message.data.sites.len()), (250, 100));
    let text = message.text(2);
    assert!(
        text.ends_with("\n- s000 is so.\n- s001 is so.\n- and 248 more\n\nhttps://up.example/"),
        "{text}"
    );
}

#[test]
fn how_long_it_was_is_said_when_it_is_over() {
    let mut announcement = Announcement {
        subject: Subject::Status,
        topic: Topic::Recovered,
        verdict: model::verdict::Verdict::none_yet(),
        at: at("14:39:10"),
        began: at("14:02:00"),
        was: Some(Topic::Partial),
        tellings: 1,
        as_of: at("14:40:00"),
        restless: false,
        withdrawn: false,
    };
    let was = it_was(Lang::En, &announcement, at("14:39:10"), at("14:40:00"));
    assert_eq!(was, "It was partly down for 37 minutes, from 14:02 UTC.");
    announcement.tellings = 2;
    let was = it_was(Lang::En, &announcement, at("14:39:10"), at("14:40:00"));
    assert_eq!(
        was, "It was in trouble for 37 minutes, from 14:02 UTC.",
        "partly down, and then down"
    );
    announcement.restless = true;
    let was = it_was(Lang::En, &announcement, at("14:39:10"), at("14:40:00"));
    assert_eq!(was, "It was unstable for 37 minutes, from 14:02 UTC.");
    assert_eq!(
        no_more(Lang::En),
        "It keeps changing; the next message comes when it has been well for 30 minutes or gets \
         worse."
    );
}

#[test]
fn the_body_of_the_webhook_keeps_its_shape_and_reads_back() {
    let message = said(vec![line("A", Topic::Down, Status::Down)], "14:03:00");
    let body = serde_json::to_value(&message).unwrap();
    let want = json!({
        "type": "site.down",
        "timestamp": "2026-01-10T14:03:00.000Z",
        "data": {
            "title": "A is down",
            "summary": "A is so.",
            "language": "en",
            "page": "https://up.example/",
            "provider": "aws",
            "event": null,
            "update": false,
            "count": 1,
            "sites": [{
                "slug": "a",
                "name": "A",
                "url": "https://A/",
                "page": "https://up.example/A",
                "status": "down",
                "since": "2026-01-10T14:02:00.000Z",
                "was": null,
                "began_at": "2026-01-10T14:02:00.000Z",
                "duration_seconds": 60,
                "cause": null,
                "provider": "aws",
                "unstable": false,
                "tags": [],
                "notes": [],
                "withdrawn": false,
                "regions": [],
                "summary": "A is so.",
            }],
        },
    });
    assert_eq!(body, want);
    let read: Message = serde_json::from_value(body).unwrap();
    assert_eq!(read.data.sites[0].slug, message.data.sites[0].slug);
}

#[test]
fn every_kind_of_note_has_its_words_in_both_languages() {
    for lang in Lang::ALL {
        for kind in NoteKind::ALL {
            let note = |ended_at| NoteLine { kind, since: at("14:02:00"), ended_at };
            for (unavailable, ended) in [(false, None), (true, None), (false, Some(at("14:40:00")))]
            {
                let unavailable = unavailable && kind == NoteKind::TurnedAway;
                let (title, text) = noted(lang, "Slack", &note(ended), unavailable, at("15:00:00"));
                for said in [&title, &text] {
                    assert!(said.contains("Slack") && !said.contains(['_', '{']), "{said}");
                }
                assert!(text.contains("14:02 UTC") && text.ends_with('.'), "{text}");
                assert!(title.chars().count() <= 50 && !title.ends_with('.'), "{title}");
            }
        }
    }
    let note = NoteLine { kind: NoteKind::Intermittent, since: at("14:02:00"), ended_at: None };
    assert_eq!(
        noted(Lang::En, "slack.com", &note, false, at("14:20:00")).1,
        "slack.com has been failing now and then since 14:02 UTC: many of our checks pass only \
         on the second try."
    );
}

#[test]
fn where_a_site_was_checked_from_is_said_when_there_are_several_places() {
    let seen = |kinds: &[(&str, Status)]| -> Vec<RegionStatus> {
        let of = |(name, status): &(&str, Status)| RegionStatus {
            region: Region::new(name).unwrap(),
            status: *status,
        };
        kinds.iter().map(of).collect()
    };
    let (up, down) = (Status::Up, Status::Down);
    let three =
        |kinds: [Status; 3]| seen(&[("ams", kinds[0]), ("nyc", kinds[1]), ("syd", kinds[2])]);
    let all = Some("Checked from ams, nyc and syd.".to_owned());
    let some = Some("Down from nyc and syd; it answers from ams.".to_owned());
    for (topic, seen, want) in [
        (Topic::Down, seen(&[("ams", down)]), None),
        (Topic::Down, three([down; 3]), all.clone()),
        (Topic::Down, three([up, down, down]), some),
        (Topic::Partial, three([up, up, down]), None),
        (Topic::Slow, three([up, Status::Slow, Status::Slow]), all.clone()),
        (Topic::Recovered, three([up; 3]), all),
    ] {
        assert_eq!(checked_from(Lang::En, topic, &seen), want);
        let dutch = checked_from(Lang::Nl, topic, &seen);
        assert!(dutch.is_none_or(|text| text.contains("vanuit")));
    }
}

#[test]
fn the_address_of_a_page_has_one_slash_and_no_bracket() {
    let root = |text: &str| Url::parse(text).unwrap();
    for (url, path, want) in [
        ("https://up.example/", "", "https://up.example/"),
        ("https://up.example/", "notices/1", "https://up.example/notices/1"),
        ("https://a.example/up/", "slack.com", "https://a.example/up/slack.com"),
        ("https://up.example/", "[2001:db8::1]:8443", "https://up.example/%5B2001:db8::1%5D:8443"),
    ] {
        assert_eq!(page(&root(url), path), want);
    }
}
