//! Stories of a site and the messages of a channel about it: minutes and statuses in, minutes and
//! topics out.

use super::*;
use crate::{note::Note, notification::quiet::Quiet, verdict::SelfDoubt};
use Status::{Down, Partial, Slow, Unknown, Up};

fn minute(n: u64) -> Moment {
    Moment::parse("2026-01-10T20:00:00Z").unwrap() + Duration::from_mins(n)
}

fn rule(on: &[Topic], lasting: u64) -> Rule {
    Rule {
        sites: vec![],
        tags: vec![],
        providers: vec![],
        on: on.to_vec(),
        lasting: Duration::from_mins(lasting),
        gather: Duration::ZERO,
        quiet: None,
        certificate_days: vec![],
    }
}

fn news(at: u64, status: Status) -> VerdictNews {
    let since = Some(minute(at));
    VerdictNews {
        at: minute(at),
        verdict: Verdict { status, since, ..Verdict::none_yet() },
        withdrawn: None,
    }
}

/// Plays verdicts, planning every minute up to the last one; messages come out as `10 down`.
fn played(
    rule: &Rule,
    subject: Subject,
    verdicts: &[(u64, VerdictNews)],
    last: u64,
) -> Vec<String> {
    let mut case: Option<ChannelState> = None;
    let mut told = Vec::new();
    for now in 0..=last {
        for (_, news) in verdicts.iter().filter(|(at, _)| *at == now) {
            let (after, telling) = rule.take(subject, case.take(), news.clone(), true);
            told.extend(telling);
            case = Some(after);
        }
        if let Some(case) = case.as_mut().filter(|case| rule.is_due(case, minute(now))) {
            told.extend(rule.tell(case, minute(now)));
        }
    }
    let minutes = |at: Moment| at.since(minute(0)).as_secs() / 60;
    let restless = |t: &Announcement| if t.restless { ", unstable" } else { "" };
    let word = |t: &Announcement| format!("{} {}{}", minutes(t.as_of), t.topic.word(), restless(t));
    told.iter().map(word).collect()
}

/// Messages after these changes of a site's status.
fn told(rule: &Rule, changes: &[(u64, Status)]) -> Vec<String> {
    let verdicts: Vec<_> = changes.iter().map(|(at, status)| (*at, news(*at, *status))).collect();
    played(rule, Subject::Status, &verdicts, 800)
}

/// Topics of the channel, minutes that they must last, changes, and the messages expected.
type RuleStory<'a> = (&'a [Topic], u64, &'a [(u64, Status)], &'a [&'a str]);

const ALL: &[Topic] = &Topic::DEFAULT;

#[test]
fn each_change_is_told_once_and_unknown_is_no_news() {
    let bad_only = &[Topic::Down, Topic::Recovered];
    let cases: &[RuleStory<'_>] = &[
        (ALL, 0, &[(0, Up), (1, Slow), (2, Up)], &["1 slow", "2 recovered"]),
        (ALL, 0, &[(0, Down), (5, Down), (9, Up)], &["0 down", "9 recovered"]),
        (ALL, 0, &[(0, Partial), (5, Down), (9, Up)], &["0 partial", "5 down", "9 recovered"]),
        // One region sees it first, and the other one sees last that it is over.
        (
            ALL,
            0,
            &[(0, Partial), (1, Down), (8, Partial), (9, Up)],
            &["0 partial", "1 down", "9 recovered"],
        ),
        (ALL, 0, &[(0, Down), (5, Unknown), (9, Down)], &["0 down"]),
        (ALL, 0, &[(0, Down), (5, Unknown), (9, Up)], &["0 down", "9 recovered"]),
        (ALL, 0, &[(0, Unknown), (9, Up)], &[]),
        // Two that come at the same moment are both reported.
        (ALL, 0, &[(3, Down), (3, Up)], &["3 down", "3 recovered"]),
        // What is not asked for is as good as up.
        (bad_only, 0, &[(0, Slow), (5, Down), (9, Slow), (12, Up)], &["5 down", "9 recovered"]),
        (&[Topic::Down], 0, &[(0, Down), (5, Up), (40, Down)], &["0 down", "40 down"]),
        // Only when it lasts.
        (ALL, 5, &[(0, Down), (4, Up)], &[]),
        (ALL, 5, &[(0, Down), (6, Up)], &["5 down", "6 recovered"]),
        (ALL, 5, &[(0, Down), (4, Unknown), (20, Up)], &[]),
        // A bad stretch that changes its face still lasts.
        (ALL, 5, &[(0, Down), (3, Partial), (6, Down)], &["5 partial", "6 down"]),
    ];
    for (on, lasting, changes, want) in cases {
        assert_eq!(told(&rule(on, *lasting), changes), *want, "{changes:?}");
    }
}

#[test]
fn a_step_on_the_way_is_not_told_and_what_is_worse_always_is() {
    let gathering = Rule { gather: Duration::from_mins(2), ..rule(ALL, 0) };
    for (changes, want) in [
        // Over before it was gathered; the wait does not begin anew.
        (&[(0, Partial), (1, Down), (9, Up)][..], &["2 down", "11 recovered"][..]),
        (&[(0, Slow), (1, Partial), (2, Down), (3, Partial)], &["2 down", "6 partial"]),
        // What is worse is told, however soon something milder came.
        (&[(0, Down), (1, Partial), (20, Up)], &["1 down", "4 partial", "22 recovered"]),
        (
            &[(0, Slow), (9, Down), (10, Slow), (20, Up)],
            &["2 slow", "10 down", "13 slow", "22 recovered"],
        ),
        (&[(0, Partial), (1, Down), (2, Partial), (3, Up)], &["2 down", "5 recovered"]),
        (&[(0, Partial), (5, Down), (9, Up)], &["2 partial", "7 down", "11 recovered"]),
        (&[(0, Down), (1, Up)], &["1 down", "3 recovered"]),
        // Less bad for a while, and back.
        (&[(0, Down), (9, Slow), (10, Down), (20, Up)], &["2 down", "22 recovered"]),
        (&[(0, Down), (9, Partial), (10, Up)], &["2 down", "12 recovered"]),
        (&[(0, Down), (9, Slow), (20, Up)], &["2 down", "12 slow", "22 recovered"]),
    ] {
        assert_eq!(told(&gathering, changes), want, "{changes:?}");
    }
    let changes = &[(0, Slow), (3, Up), (6, Slow), (9, Down), (12, Up), (15, Down), (60, Up)];
    let want =
        ["0 slow", "3 recovered", "6 slow, unstable", "9 down, unstable", "90 recovered, unstable"];
    assert_eq!(told(&rule(ALL, 0), changes), want, "unstable is no word for down");
}

#[test]
fn a_gap_in_our_knowledge_does_not_begin_the_half_hour_of_a_calm_site_anew() {
    let rule = rule(ALL, 0);
    let changes = [(0, Down), (3, Up), (6, Down), (9, Up), (20, Unknown)];
    let mut verdicts: Vec<_> = changes.map(|(at, status)| (at, news(at, status))).to_vec();
    let told = |since: u64, verdicts: &[(u64, VerdictNews)]| {
        let mut back = news(22, Up);
        back.verdict.since = Some(minute(since));
        let verdicts = [verdicts, &[(22, back)]].concat();
        played(&rule, Subject::Status, &verdicts, 800).pop().unwrap()
    };
    assert_eq!(told(9, &verdicts), "39 recovered, unstable");
    assert_eq!(told(22, &verdicts), "52 recovered, unstable");
    verdicts.truncate(4);
    assert_eq!(told(9, &verdicts), "39 recovered, unstable");
}

#[test]
fn quiet_hours_hold_back_what_is_still_true_after_them_and_drop_the_rest() {
    // From minute 120 to minute 660.
    let quiet = |even: &[Topic]| Rule {
        quiet: Some(Quiet::new("22:00-07:00", "UTC", even.to_vec()).unwrap()),
        ..rule(ALL, 0)
    };
    for (even, changes, want) in [
        (&[][..], &[(200, Down)][..], &["660 down"][..]),
        (&[], &[(200, Down), (300, Up)], &[]),
        (&[], &[(100, Down), (300, Up)], &["100 down", "660 recovered"]),
        (&[], &[(100, Down), (300, Up), (400, Down)], &["100 down"]),
        (&[], &[(200, Slow), (300, Down)], &["660 down"]),
        (&[Topic::Down], &[(200, Down), (300, Up)], &["200 down", "660 recovered"]),
    ] {
        assert_eq!(told(&quiet(even), changes), want, "{changes:?} {even:?}");
    }
}

#[test]
fn what_was_over_before_we_heard_of_it_is_told_and_what_is_older_changes_nothing() {
    let rule = rule(ALL, 5);
    let (case, none) = rule.take(Subject::Status, None, news(0, Down), true);
    assert_eq!(none, None);
    let (case, late) = rule.take(Subject::Status, Some(case), news(30, Up), true);
    let late = late.unwrap();
    assert_eq!((late.topic, late.as_of, late.began), (Topic::Down, minute(30), minute(0)));
    let (mut case, none) = rule.take(Subject::Status, Some(case), news(10, Down), true);
    assert_eq!(none, None);
    let over = rule.tell(&mut case, minute(31)).unwrap();
    assert_eq!(
        (over.topic, over.was, over.began),
        (Topic::Recovered, Some(Topic::Down), minute(0))
    );
    assert_eq!(rule.tell(&mut case, minute(32)), None);
}

#[test]
fn what_was_before_the_channel_is_known_and_not_told() {
    let rule = rule(ALL, 0);
    let (mut case, _) = rule.take(Subject::Status, None, news(0, Down), false);
    assert_eq!(rule.tell(&mut case, minute(1)), None);
    let (mut over, telling) = rule.take(Subject::Status, Some(case), news(9, Up), true);
    assert_eq!((telling, rule.tell(&mut over, minute(9))), (None, None));
    let (mut again, _) = rule.take(Subject::Status, Some(over), news(12, Down), true);
    assert_eq!(rule.tell(&mut again, minute(12)).map(|t| t.topic), Some(Topic::Down));
}

#[test]
fn a_site_that_keeps_failing_is_told_once_and_again_when_it_is_calm() {
    let often = |every: u64, to: u64| -> Vec<(u64, Status)> {
        (0..to / every).flat_map(|n| [(n * every, Down), (n * every + 1, Up)]).collect()
    };
    let flaps = often(5, 300);
    let want = ["0 down", "1 recovered", "5 down, unstable", "326 recovered, unstable"];
    assert_eq!(told(&rule(ALL, 0), &flaps), want);
    let quiet_of_the_end = told(&rule(&[Topic::Down], 0), &flaps);
    assert_eq!(quiet_of_the_end, ["0 down", "5 down, unstable"]);
    // Half an hour and more up each time: each failure is reported, and each recovery late.
    let slow_flaps = told(&rule(ALL, 0), &often(45, 180));
    assert_eq!(slow_flaps.len(), 8);
    for on in [ALL, &[Topic::Down][..], &[Topic::Down, Topic::Recovered]] {
        for every in 2..60 {
            let count = told(&rule(on, 0), &often(every, 720)).len();
            assert!(count <= 2 * 720 / 30, "{count} of a flap every {every} minutes");
        }
    }
}

#[test]
fn a_stretch_that_changes_its_face_too_often_is_unstable() {
    let faces = [(0, Down), (3, Slow), (6, Down), (9, Slow), (12, Partial), (15, Up), (20, Slow)];
    let all = told(&rule(ALL, 0), &faces);
    assert_eq!(all, ["0 down", "4 slow", "6 down, unstable"]);
    let calm = [&faces[..], &[(21, Up), (30, Unknown), (40, Up)]].concat();
    let all = told(&rule(ALL, 0), &calm);
    assert_eq!(all.last().unwrap(), "70 recovered, unstable");
}

#[test]
fn an_outage_that_becomes_unstable_says_so_once() {
    let rule = rule(ALL, 0);
    let unstable = |at, unstable| {
        let plain = news(at, Down);
        VerdictNews { verdict: Verdict { unstable, ..plain.verdict }, ..plain }
    };
    let mut case = None;
    let mut all = Vec::new();
    for (at, keeps) in [(0, false), (3, true), (5, false), (7, true)] {
        let (mut after, telling) =
            rule.take(Subject::Status, case.take(), unstable(at, keeps), true);
        all.extend(telling.or_else(|| rule.tell(&mut after, minute(at))));
        case = Some(after);
    }
    let said: Vec<_> = all.iter().map(|t| (t.topic, t.restless)).collect();
    assert_eq!(said, [(Topic::Down, false), (Topic::Down, true)]);
}

#[test]
fn what_was_about_to_be_told_when_we_doubt_ourselves_is_not_told() {
    let rule = Rule { gather: Duration::from_secs(15), ..rule(ALL, 0) };
    for (doubt, after, want) in [
        (Some(SelfDoubt::Line), 10, None),
        (Some(SelfDoubt::Names), 14, None),
        (Some(SelfDoubt::Line), 15, Some(Topic::Down)),
        (None, 10, Some(Topic::Down)),
    ] {
        let (case, _) = rule.take(Subject::Status, None, news(0, Down), true);
        let verdict = Verdict { doubt, ..Verdict::none_yet() };
        let at = minute(0) + Duration::from_secs(after);
        let (case, telling) = rule.take(
            Subject::Status,
            Some(case),
            VerdictNews { at, verdict, withdrawn: None },
            true,
        );
        assert_eq!(telling.map(|t| t.topic), want, "{doubt:?} after {after} s");
        assert_eq!(case.ready, None);
        let (case, _) = rule.take(Subject::Status, Some(case), news(2, Up), true);
        assert_eq!(case.ready.is_some(), want.is_some(), "only what was told is over");
    }
}

#[test]
fn what_was_told_and_was_our_own_trouble_is_taken_back() {
    for (on, since, want) in [
        (ALL, 10, Some(Topic::Recovered)),
        (ALL, 5, Some(Topic::Recovered)),
        (ALL, 11, None),
        (&[Topic::Down][..], 10, None),
    ] {
        let rule = rule(on, 0);
        let (mut case, _) = rule.take(Subject::Status, None, news(10, Down), true);
        assert!(rule.tell(&mut case, minute(11)).is_some());
        let since = Some(minute(since));
        let verdict = Verdict { doubt: Some(SelfDoubt::Intercepted), since, ..Verdict::none_yet() };
        let ours = VerdictNews { at: minute(12), verdict, withdrawn: None };
        let (case, telling) = rule.take(Subject::Status, Some(case), ours.clone(), true);
        assert_eq!(telling.as_ref().map(|telling| telling.topic), want, "{since:?}");
        // After the blind stretch nothing is left to report, unless the site had been bad before
        // it.
        let (case, more) =
            rule.take(Subject::Status, Some(case), VerdictNews { at: minute(12), ..ours }, true);
        assert_eq!(more, None, "told once");
        let (case, _) = rule.take(Subject::Status, Some(case), news(19, Up), true);
        assert_eq!(case.ready.is_some(), since > Some(minute(10)), "{since:?}");
    }
}

/// Messages after these changes of a note: minute, status, and whether the note is there.
fn notes_told(rule: &Rule, changes: &[(u64, Status, bool)]) -> Vec<String> {
    let noted = |(at, status, noted): &(u64, Status, bool)| {
        let mut news = news(*at, *status);
        if *noted {
            let note = Note { kind: NoteKind::Intermittent, since: minute(*at) };
            news.verdict.notes.push(note);
        }
        (*at, news)
    };
    let verdicts: Vec<_> = changes.iter().map(noted).collect();
    played(rule, Subject::Note(NoteKind::Intermittent), &verdicts, 400)
}

#[test]
fn a_note_is_told_when_it_begins_and_when_it_is_over_and_only_if_asked_for() {
    type RuleStory<'a> = (&'a [Topic], u64, &'a [(u64, Status, bool)], &'a [&'a str]);
    let asked = &[Topic::Notes, Topic::Recovered][..];
    let cases: &[RuleStory<'_>] = &[
        (asked, 0, &[(0, Up, false), (1, Up, true), (9, Up, false)], &["1 notes", "9 recovered"]),
        (&Topic::DEFAULT, 0, &[(1, Up, true), (9, Up, false)], &[]),
        (&[Topic::Notes], 0, &[(1, Up, true), (9, Up, false)], &["1 notes"]),
        // The status may change beside it.
        (
            asked,
            0,
            &[(1, Up, true), (5, Slow, true), (9, Slow, false)],
            &["1 notes", "9 recovered"],
        ),
        // A site that is down, or of which we know nothing, makes no notes and ends none.
        (asked, 0, &[(1, Up, true), (5, Down, false), (9, Up, true)], &["1 notes"]),
        (asked, 0, &[(1, Up, true), (5, Unknown, false), (9, Up, true)], &["1 notes"]),
        (asked, 0, &[(1, Up, true), (5, Down, false), (9, Up, false)], &["1 notes", "9 recovered"]),
        (asked, 0, &[(1, Down, true), (5, Up, true)], &["5 notes"]),
        (asked, 0, &[(1, Partial, true), (5, Up, false)], &[]),
        // Only when it lasts.
        (asked, 5, &[(0, Up, true), (4, Up, false)], &[]),
        (asked, 5, &[(0, Up, true), (2, Slow, true), (9, Up, false)], &["5 notes", "9 recovered"]),
        // It comes and goes.
        (
            asked,
            0,
            &[(0, Up, true), (5, Up, false), (9, Up, true), (12, Up, false), (20, Up, true)],
            &["0 notes", "5 recovered", "9 notes, unstable"],
        ),
    ];
    for (on, lasting, changes, want) in cases {
        assert_eq!(notes_told(&rule(on, *lasting), changes), *want, "{changes:?}");
    }
}

#[test]
fn a_note_that_was_about_to_be_told_when_the_site_went_down_is_not_told() {
    let rule = Rule { gather: Duration::from_secs(90), ..rule(&Topic::ALL, 0) };
    assert_eq!(notes_told(&rule, &[(0, Up, true), (1, Down, false), (9, Up, false)]), [""; 0]);
    assert_eq!(notes_told(&rule, &[(0, Up, true), (2, Down, false)]), ["2 notes"]);
}

#[test]
fn news_that_says_the_same_does_not_put_off_what_is_to_be_told() {
    let rule = Rule { gather: Duration::from_mins(1), ..rule(ALL, 0) };
    let mut case = None;
    for at in [0, 30, 59] {
        let at = minute(0) + Duration::from_secs(at);
        let (after, telling) =
            rule.take(Subject::Status, case.take(), VerdictNews { at, ..news(0, Down) }, true);
        assert_eq!(telling, None);
        case = Some(after);
    }
    assert!(rule.is_due(&case.unwrap(), minute(1)));
}

#[test]
fn what_is_taken_back_is_told_whatever_the_verdict_is_by_then() {
    let rule = rule(ALL, 0);
    let (mut case, _) = rule.take(Subject::Status, None, news(10, Partial), true);
    assert!(rule.tell(&mut case, minute(11)).is_some());
    // The other regions see it well: the verdict is up, and there is no doubt.
    let ours = VerdictNews { withdrawn: Some(minute(9)), ..news(12, Up) };
    let (case, telling) = rule.take(Subject::Status, Some(case), ours, true);
    let telling = telling.unwrap();
    assert_eq!((telling.topic, telling.withdrawn), (Topic::Recovered, true));
    assert_eq!((telling.was, telling.began), (Some(Topic::Partial), minute(10)));
    let (case, more) = rule.take(Subject::Status, Some(case), news(20, Up), true);
    assert_eq!((more, case.ready), (None, None), "once");
    // A channel that was not notified gets no withdrawal.
    let (case, _) = rule.take(Subject::Status, None, news(10, Partial), true);
    let ours = VerdictNews { withdrawn: Some(minute(9)), ..news(10, Up) };
    let (case, telling) = rule.take(Subject::Status, Some(case), ours, true);
    assert_eq!((telling, case.ready, case.began), (None, None, None));
}

#[test]
fn subjects_keep_their_numbers() {
    let all = NoteKind::ALL.map(Subject::Note).into_iter().chain([Subject::Status]);
    for subject in all {
        assert_eq!(Subject::from_number(subject.number()), Some(subject));
    }
    assert_eq!(Subject::from_number(200), None);
}
