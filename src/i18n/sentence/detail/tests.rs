//! Details: what is said in English is found again in Dutch, whatever stands in it.

use std::collections::BTreeSet;

use super::*;
use crate::model::outcome::{Cause, Failure};

/// What the prober puts in a place.
fn sample(place: &str) -> String {
    match place {
        "seconds" => "2.5".to_owned(),
        "date" => "2026-11-01".to_owned(),
        "address" => "192.168.0.1".to_owned(),
        "host" => "www.slack.example".to_owned(),
        "detail" => detail("detail-refused", []),
        "text" => format!("{:?}", "which \"is\" not, a URL, { $text }"),
        "url" => "https://slack.example/x?y=which is not".to_owned(),
        other => format!("the {other}"),
    }
}

/// The same, as Dutch says it.
fn dutch_sample(place: &str) -> String {
    match place {
        "seconds" => "2,5".to_owned(),
        "date" => "1 november 2026".to_owned(),
        "detail" => "de verbinding werd geweigerd".to_owned(),
        other => sample(other),
    }
}

#[test]
fn every_detail_is_said_in_dutch_and_kept_in_english() {
    for (id, places) in DETAILS {
        let fill = |how: fn(&str) -> String| {
            let filled: Vec<_> =
                places.iter().map(move |place| (*place, Arg::from(how(place)))).collect();
            filled
        };
        let english = Lang::En.with(id, fill(sample));
        let dutch = Lang::Nl.with(id, fill(dutch_sample));
        assert_ne!(english, dutch, "{id}");
        assert_eq!(Lang::Nl.detail(&english), dutch, "{id}");
        assert_eq!(Lang::En.detail(&english), english, "{id}");
        let at = detail("detail-at", [("host", "b.example".into()), ("detail", english)]);
        if *id != "detail-at" {
            let want = format!("bij b.example, waarheen de site doorstuurt: {dutch}");
            assert_eq!(Lang::Nl.detail(&at), want, "{id}");
        }
    }
}

#[test]
fn the_table_has_every_detail_of_the_catalogue_with_its_places() {
    let english = include_str!("../../../../locales/en/sentences.ftl");
    let messages = english.lines().filter(|line| line.starts_with("detail-"));
    let written: BTreeSet<(String, Vec<String>)> = messages
        .map(|line| {
            let (id, text) = line.split_once(" = ").unwrap();
            let places = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap());
            (id.to_owned(), places.map(ToOwned::to_owned).collect())
        })
        .collect();
    let known = DETAILS.iter().map(|(id, places)| {
        ((*id).to_owned(), places.iter().map(|place| (*place).to_owned()).collect())
    });
    assert_eq!(known.collect::<BTreeSet<_>>(), written);
}

#[test]
fn what_is_not_one_of_ours_stays_as_it_is() {
    for text in [
        "",
        "HTTP 500 Internal Server Error",
        "no reply within 10 seconds",
        "Connection refused",
        "connection refused by 192.0.2.7",
        "redirect to \"https://a",
        "\u{0}",
        "at , where",
    ] {
        assert_eq!(Lang::Nl.detail(text), text);
    }
    let nested = "at a, where it redirects to: at b, where it redirects to: connection refused";
    assert_eq!(
        Lang::Nl.detail(nested),
        "bij a, waarheen de site doorstuurt: bij b, waarheen de site doorstuurt: connection refused"
    );
    let odd = "no reply within many s";
    assert_eq!(Lang::Nl.detail(odd), "geen antwoord binnen many s");
    let odd = "the certificate expired on Monday";
    assert_eq!(Lang::Nl.detail(odd), "het certificaat verliep op Monday");
}

#[test]
fn a_cause_is_dutch_to_its_end_and_says_nothing_twice() {
    let cause = Cause::new(Failure::Connect, detail("detail-refused", []));
    assert_eq!(Lang::En.cause(&cause), "no connection could be made (connection refused)");
    assert_eq!(
        Lang::Nl.cause(&cause),
        "er kwam geen verbinding tot stand (de verbinding werd geweigerd)"
    );
    let same = Cause::new(Failure::Connect, detail("detail-connect-failed", []));
    assert_eq!(Lang::En.cause(&same), "no connection could be made");
    assert_eq!(Lang::Nl.cause(&same), "er kwam geen verbinding tot stand");
}
