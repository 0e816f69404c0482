//! The sentences, as snapshots, and the words that they are made of.

use std::{fmt::Write, time::Duration};

use super::*;
use model::{
    failure_detail::FailureDetail,
    outcome::{Cause, Failure},
    report::NOWHERE,
};

fn now() -> Moment {
    Moment::parse("2017-02-28T14:39:30Z").unwrap()
}

fn ago(minutes: u64) -> Moment {
    now() - Duration::from_mins(minutes)
}

fn verdict(status: Status, since: Option<Moment>, cause: Option<Cause>) -> Verdict {
    Verdict { status, since, cause, ..Verdict::none_yet() }
}

fn places(names: &[&str], well: usize) -> Places {
    let down = names.iter().map(|name| Region::new(name).unwrap()).collect();
    Places { down, well, ..Places::default() }
}

fn known<'a>(name: &'a str, verdict: &'a Verdict) -> SiteFacts<'a> {
    SiteFacts {
        name,
        verdict,
        restriction: None,
        latency: Some(84_000),
        usual: Some(300_000),
        checked_at: Some(ago(0)),
        fresh: true,
        places: &NOWHERE,
    }
}

/// Sentences in both languages, each below the facts that it tells.
fn said(cases: &[(&str, SiteFacts<'_>)]) -> String {
    let mut all = String::new();
    for (facts, known) in cases {
        let [english, dutch] = Lang::ALL.map(|lang| sentence_in(lang, known, now()));
        writeln!(all, "{facts}\n  {english}\n  {dutch}\n").unwrap();
    }
    all
}

#[test]
fn up_says_so_and_that_robots_are_turned_away() {
    let up = verdict(Status::Up, Some(ago(9)), None);
    let new = Verdict { restricted: true, ..up.clone() };
    let old = Verdict { since: Some(ago(24 * 60)), ..new.clone() };
    let [by, legal] = [403, 451].map(Restriction::of_status);
    let walled = |verdict, restriction| SiteFacts { restriction, ..known("Medium", verdict) };
    insta::assert_snapshot!(said(&[
        ("up", known("Slack", &up)),
        ("turned away since a while", walled(&new, Some(&by))),
        ("turned away, nobody knows how", walled(&new, None)),
        ("turned away as ever", walled(&old, Some(&by))),
        ("turned away as ever, nobody knows how", walled(&old, None)),
        ("not available here for legal reasons", walled(&old, Some(&legal))),
    ]));
}

#[test]
fn slow_says_how_slow_and_what_is_usual() {
    let slow = verdict(Status::Slow, Some(ago(12)), None);
    let since_when = verdict(Status::Slow, None, None);
    let known = SiteFacts { latency: Some(4_210_000), ..known("BuzzFeed", &slow) };
    let as_ever = SiteFacts { latency: Some(3_002_000), usual: Some(3_001_000), ..known };
    insta::assert_snapshot!(said(&[
        ("slower than usual", known),
        ("nothing is usual yet", SiteFacts { usual: None, ..known }),
        ("as slow as ever", as_ever),
        ("the last answer was quick", SiteFacts { latency: Some(240_000), ..known }),
        ("no more is known", SiteFacts { latency: None, verdict: &since_when, ..known }),
    ]));
}

#[test]
fn down_and_partial_say_for_how_long_and_why() {
    let cause = Some(Cause::new(Failure::Dns, FailureDetail::NoSuchName));
    let down = verdict(Status::Down, Some(ago(37)), cause.clone());
    let elsewhere = FailureDetail::Elsewhere {
        host: "127.0.0.2".into(),
        detail: FailureDetail::ConnectionRefused.into(),
    };
    let elsewhere = Some(Cause::new(Failure::Connect, elsewhere));
    let elsewhere = Verdict { cause: elsewhere, ..down.clone() };
    let unstable = Verdict { unstable: true, ..down.clone() };
    let ill = Some(Cause::http_status(503));
    let ill = Verdict { cause: ill, since: Some(ago(4)), ..unstable.clone() };
    let bare = Verdict { cause: None, since: None, ..unstable.clone() };
    let partial = verdict(Status::Partial, Some(ago(2)), cause);
    let [one, two, alone, many] = [
        places(&["syd"], 3),
        places(&["syd", "tyo"], 1),
        places(&["syd"], 0),
        places(&["a", "b", "c", "d"], 5),
    ];
    let from = |places| SiteFacts { places, ..known("Slack", &partial) };
    insta::assert_snapshot!(said(&[
        ("down", known("Slack", &down)),
        ("down where it redirects to", known("Slack", &elsewhere)),
        ("unstable", known("Slack", &unstable)),
        ("unstable, with an answer", known("Good", &ill)),
        ("unstable, no more is known", known("Good", &bare)),
        ("down in one region", from(&one)),
        ("down in two regions", from(&two)),
        ("down in the only region that looks", from(&alone)),
        ("down in many regions", from(&many)),
        ("down in regions that nobody names", from(&NOWHERE)),
    ]));
}

#[test]
fn unknown_says_why_we_do_not_know() {
    use model::verdict::SelfDoubt::{Alone, Congested, Intercepted, Line, Names};
    let none = Verdict::none_yet();
    let doubting = [Line, Names, Alone, Intercepted, Congested]
        .map(|doubt| Verdict { doubt: Some(doubt), ..Verdict::none_yet() });
    let never = SiteFacts { checked_at: None, fresh: false, ..known("Slack", &none) };
    let stale = SiteFacts { checked_at: Some(ago(37)), fresh: false, ..never };
    let unsure = SiteFacts { checked_at: Some(ago(0)), fresh: true, ..never };
    let mut cases =
        vec![("never checked", never), ("not checked of late", stale), ("not sure yet", unsure)];
    cases.extend(
        doubting.iter().map(|verdict| ("we doubt ourselves", SiteFacts { verdict, ..unsure })),
    );
    insta::assert_snapshot!(said(&cases));
}

#[test]
fn every_failure_has_words_of_its_own() {
    let all: std::collections::BTreeSet<_> = Failure::ALL.map(failure_words).into();
    assert_eq!(all.len(), Failure::ALL.len());
    assert!(all.iter().all(|words| !words.ends_with('.')));
    assert_eq!(cause_words(&Cause::new(Failure::Http, "")), "it answers with an error");
}

#[test]
fn durations_times_and_latencies_in_words() {
    for (secs, want) in [
        (59, "less than a minute"),
        (60, "1 minute"),
        (5_999, "1 h 39 min"),
        (7_199, "1 h 59 min"),
        (7_200, "2 hours"),
        (172_799, "47 hours"),
        (172_800, "2 days"),
    ] {
        assert_eq!(duration_words(Duration::from_secs(secs)), want);
    }
    for (micros, want) in [
        (999, "less than 1 ms"),
        (84_499, "84 ms"),
        (949_999, "950 ms"),
        (950_000, "0.9 s"),
        (4_210_000, "4.2 s"),
    ] {
        assert_eq!(latency_words(micros), want);
    }
    for (at, want) in [
        ("2017-02-28T00:00:00Z", "00:00 UTC"),
        ("2017-02-03T23:59:59Z", "3 February, 23:59 UTC"),
        ("2016-12-31T23:59:59Z", "31 December 2016, 23:59 UTC"),
    ] {
        assert_eq!(clock_words(Moment::parse(at).unwrap(), now()), want);
    }
    for (lang, share, want) in [
        (Lang::En, 1.0, "100%"),
        (Lang::En, 0.999_99, "99.999%"),
        (Lang::Nl, 0.999_999_9, "99,999%"),
        (Lang::Nl, 0.29, "29,000%"),
    ] {
        assert_eq!(lang.percent(share), want);
    }
    assert_eq!(Lang::Nl.ago(Duration::from_secs(1)), "1 seconde geleden");
    assert_eq!(Lang::En.ago(Duration::from_hours(1)), "1 hour ago");
    let date = Moment::parse("2017-03-05T00:00:00Z").unwrap();
    assert_eq!(Lang::Nl.date(date), "5 maart 2017");
}

#[test]
fn up_says_from_where_it_is_slow_and_that_all_places_are_turned_away() {
    let up = verdict(Status::Up, Some(ago(9)), None);
    let slow = Places { slow: places(&["syd"], 0).down, well: 2, ..Places::default() };
    let said = |places: &Places, verdict| {
        let facts = SiteFacts { places, ..known("Slack", verdict) };
        [Lang::En, Lang::Nl].map(|lang| sentence_in(lang, &facts, now()))
    };
    assert_eq!(
        said(&slow, &up),
        [
            "Slack is up, but slow from syd; it is quick from 2 other places.",
            "Slack werkt, maar is traag vanuit syd; vanuit 2 andere plaatsen niet.",
        ]
    );
    let alone = Places { well: 0, ..slow };
    assert_eq!(said(&alone, &up)[0], "Slack is up.");
    let restricted = Verdict { restricted: true, ..up.clone() };
    let away = |names: &[&str]| places(names, 0).down;
    let some = Places { well: 3, turned_away: away(&["syd"]), ..Places::default() };
    assert_eq!(
        said(&some, &up),
        [
            "Slack is up, but turns us away when we check from syd; it lets us in from 2 other places.",
            "Slack werkt, maar weert ons als we controleren vanuit syd; vanuit 2 andere plaatsen niet.",
        ]
    );
    let all = away(&["ams", "nyc", "syd"]);
    let walls = Places { well: 3, turned_away: all, ..Places::default() };
    assert_eq!(
        said(&walls, &restricted)[0],
        "Slack answers, but turns us away at all 3 places that we check from; perhaps it does so \
         only with robots like ours."
    );
    let both = Places { well: 2, turned_away: away(&["ams", "syd"]), ..Places::default() };
    assert!(said(&both, &restricted)[0].contains("turns us away at both places that we check"));
    assert!(said(&both, &restricted)[1].contains("weert ons op beide plaatsen waar we"));
    let one = Places { well: 1, turned_away: away(&["syd"]), ..Places::default() };
    assert_eq!(said(&one, &restricted)[0], said(&NOWHERE, &restricted)[0]);
}
