//! The sentences, as a table.

use std::time::Duration;

use super::*;
use model::{
    failure_detail::FailureDetail,
    outcome::{Cause, Failure},
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

fn known<'a>(name: &'a str, verdict: &'a Verdict) -> SiteFacts<'a> {
    SiteFacts {
        name,
        verdict,
        restriction: None,
        latency: Some(84_000),
        usual: Some(300_000),
        checked_at: Some(ago(0)),
        fresh: true,
        down_in: &[],
    }
}

#[test]
fn up_says_so_and_that_robots_are_turned_away() {
    let mut up = verdict(Status::Up, Some(ago(9)), None);
    assert_eq!(sentence(&known("Slack", &up), now()), "Slack is up.");
    up.restricted = true;
    let by = Restriction::of_status(403);
    let walled = SiteFacts { restriction: Some(&by), ..known("Medium", &up) };
    assert_eq!(
        sentence(&walled, now()),
        "Medium answers, but turns us away (HTTP 403); we cannot see whether it lets people in."
    );
    let always = verdict(Status::Up, Some(ago(24 * 60)), None);
    let always = Verdict { restricted: true, ..always };
    let walled = SiteFacts { verdict: &always, ..walled };
    assert_eq!(
        sentence(&walled, now()),
        "Medium is up; it turns robots like ours away (HTTP 403)."
    );
    let bare = SiteFacts { restriction: None, ..walled };
    assert_eq!(sentence(&bare, now()), "Medium is up; it turns robots like ours away.");
}

#[test]
fn slow_says_how_slow_and_what_is_usual() {
    let slow = verdict(Status::Slow, Some(ago(12)), None);
    let known = SiteFacts { latency: Some(4_210_000), ..known("BuzzFeed", &slow) };
    assert_eq!(
        sentence(&known, now()),
        "BuzzFeed answers, but slowly: 4.2 s instead of the usual 300 ms, for 12 minutes."
    );
    let unlearned = SiteFacts { usual: None, ..known };
    assert_eq!(sentence(&unlearned, now()), "BuzzFeed answers, but slowly: 4.2 s, for 12 minutes.");
    let as_ever = SiteFacts { latency: Some(3_002_000), usual: Some(3_001_000), ..known };
    assert_eq!(sentence(&as_ever, now()), "BuzzFeed answers, but slowly: 3.0 s, for 12 minutes.");
    let bare = verdict(Status::Slow, None, None);
    let bare = SiteFacts { latency: None, verdict: &bare, ..known };
    assert_eq!(sentence(&bare, now()), "BuzzFeed answers, but slowly.");
}

#[test]
fn down_and_partial_say_for_how_long_and_why() {
    let cause = Some(Cause::new(Failure::Dns, FailureDetail::NoSuchName));
    let down = verdict(Status::Down, Some(ago(37)), cause.clone());
    assert_eq!(
        sentence(&known("Slack", &down), now()),
        "Slack is down, and has been for 37 minutes: its address could not be looked up (no such name: NXDOMAIN)."
    );
    let unstable = Verdict { unstable: true, ..down };
    assert_eq!(
        sentence(&known("Slack", &unstable), now()),
        "Slack is unstable: it has been failing and coming back for 37 minutes. The last time, its address could not be looked up (no such name: NXDOMAIN)."
    );
    let ill = Some(Cause::http_status(503));
    let unstable = Verdict { cause: ill, since: Some(ago(4)), ..unstable };
    assert_eq!(
        sentence(&known("Good", &unstable), now()),
        "Good is unstable: it has been failing and coming back for 4 minutes. The last time, it answered with an error (HTTP 503 Service Unavailable)."
    );
    assert_eq!(
        sentence_in(Lang::Nl, &known("Good", &unstable), now()),
        "Good is onstabiel: de site valt al 4 minuten telkens uit en komt weer terug. De laatste keer: de site antwoordde met een fout (HTTP 503 Service Unavailable)."
    );
    let bare = Verdict { cause: None, since: None, ..unstable };
    let bare = sentence(&known("Good", &bare), now());
    assert_eq!(bare, "Good is unstable: it keeps failing and coming back.");
    let partial = verdict(Status::Partial, Some(ago(2)), cause);
    let places = [Region::new("syd").unwrap(), Region::new("tyo").unwrap()];
    let from = |down_in| sentence(&SiteFacts { down_in, ..known("Slack", &partial) }, now());
    let why = "for 2 minutes: its address could not be looked up (no such name: NXDOMAIN).";
    assert_eq!(from(&places[..1]), format!("Slack cannot be reached from syd only, {why}"));
    assert_eq!(from(&places), format!("Slack cannot be reached from syd and tyo only, {why}"));
    assert_eq!(from(&[]), format!("Slack cannot be reached from some places, {why}"));
}

#[test]
fn unknown_says_why_we_do_not_know() {
    let none = Verdict::none_yet();
    let never = SiteFacts { checked_at: None, fresh: false, ..known("Slack", &none) };
    let stale = SiteFacts { checked_at: Some(ago(37)), fresh: false, ..never };
    let unsure = SiteFacts { checked_at: Some(ago(0)), fresh: true, ..never };
    for (known, want) in [
        (never, "We have not checked Slack yet."),
        (stale, "We cannot tell about Slack: there has been no check for 37 minutes."),
        (unsure, "We cannot tell about Slack yet: we are checking again to be sure."),
    ] {
        assert_eq!(sentence(&known, now()), want);
    }
    let line = Verdict { doubt: Some(model::verdict::SelfDoubt::Line), ..Verdict::none_yet() };
    assert_eq!(
        sentence(&SiteFacts { verdict: &line, ..unsure }, now()),
        "We cannot tell about Slack: our own connection is down."
    );
}

#[test]
fn dutch_says_the_same() {
    let dutch = |known: &SiteFacts<'_>| sentence_in(Lang::Nl, known, now());
    let cause = Some(Cause::new(Failure::Dns, FailureDetail::NoSuchName));
    let [down, partial] =
        [Status::Down, Status::Partial].map(|status| verdict(status, Some(ago(37)), cause.clone()));
    let slow = verdict(Status::Slow, Some(ago(12)), None);
    let up = verdict(Status::Up, Some(ago(12)), None);
    let none = Verdict::none_yet();
    let places = [Region::new("syd").unwrap(), Region::new("tyo").unwrap()];
    let fast = SiteFacts { latency: Some(4_210_000), ..known("BuzzFeed", &slow) };
    let stale = SiteFacts { checked_at: Some(ago(37)), fresh: false, ..known("Slack", &none) };
    let why = "het adres was niet op te zoeken (die naam bestaat niet: NXDOMAIN).";
    for (known, want) in [
        (known("Slack", &up), "Slack werkt.".to_owned()),
        (known("Slack", &down), format!("Slack ligt eruit, al 37 minuten: {why}")),
        (
            SiteFacts { down_in: &places, ..known("Slack", &partial) },
            format!("Slack is alleen vanuit syd en tyo niet te bereiken, al 37 minuten: {why}"),
        ),
        (
            fast,
            "BuzzFeed antwoordt, maar traag: 4,2 s in plaats van de gebruikelijke 300 ms, al 12 minuten."
                .to_owned(),
        ),
        (stale, "We weten niet hoe het met Slack is: de laatste controle is 37 minuten geleden.".to_owned()),
    ] {
        assert_eq!(dutch(&known), want);
    }
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
