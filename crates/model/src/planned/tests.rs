//! Planned work by tables: recurrence against another implementation, clocks that change, cancelling.

use super::*;

/// Rules with their moments over two years, made by `scripts/recurrence.py` with `python-dateutil`.
const RULES: &str = include_str!("tests/recurrence.txt");

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn work(starts: &str, zone: &str, lasts: Duration, rule: Option<&str>) -> PlannedWork {
    let rule = rule.map(|rule| Recurrence::parse(rule).unwrap());
    let zone = time_zone(zone).unwrap();
    PlannedWork {
        id: "p-1".into(),
        name: "Upgrade".into(),
        text: "".into(),
        scope: Scope::default(),
        times: WorkTimes::new(starts.parse().unwrap(), zone, lasts, rule, Vec::new()).unwrap(),
        announced_at: Some(moment("2026-01-01T00:00:00Z")),
        cancelled_at: None,
        by: "cli".into(),
    }
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn forty_rules_begin_when_python_dateutil_says_over_two_years_and_both_changes_of_the_clock() {
    let (mut rules, mut moments) = (0, 0);
    for block in RULES.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let mut lines = block.lines().filter(|line| !line.starts_with('#'));
        let mut head = lines.next().unwrap().split(' ');
        let mut part = || head.next().unwrap();
        let (zone, starts, rule) = (part(), part(), part());
        let want: Vec<Moment> = lines.flat_map(|line| line.split(' ')).map(moment).collect();
        let planned = work(starts, zone, SHORTEST, Some(rule));
        let (from, until) = (moment("2026-01-01T00:00:00Z"), moment("2028-01-01T00:00:00Z"));
        let got = planned.times.occurrences(from, until).map(|stretch| stretch.from);
        assert_eq!(got.collect::<Vec<_>>(), want, "{zone} {starts} {rule}");
        // From any moment within, the same ones follow.
        for pair in want.windows(2) {
            let next = planned.next(pair[0]).map(|stretch| stretch.from);
            assert_eq!(next, Some(pair[1]), "{zone} {starts} {rule}");
            assert!(planned.at(pair[0]).is_some() && planned.at(pair[1] - SHORTEST).is_none());
        }
        (rules, moments) = (rules + 1, moments + want.len());
    }
    assert!(rules >= 40 && moments > 3_000, "{rules} rules, {moments} moments");
}

#[test]
fn a_weekly_window_keeps_its_local_time_where_clocks_change() {
    let weekly =
        work("2026-01-04T02:00", "Europe/Amsterdam", HOUR * 2, Some("FREQ=WEEKLY;BYDAY=SU"));
    for (at, want) in [
        ("2026-10-25T00:30:00Z", Some("2026-10-25T02:00:00.000Z")),
        ("2026-10-25T01:30:00Z", Some("2026-10-25T02:00:00.000Z")),
        ("2026-10-25T02:00:00Z", None),
        ("2026-10-26T00:30:00Z", None),
        // 02:00 is skipped on that day: it begins at 03:00 summer time.
        ("2026-03-29T00:30:00Z", None),
        ("2026-03-29T01:30:00Z", Some("2026-03-29T03:00:00.000Z")),
        ("2026-03-28T01:30:00Z", None),
        ("2026-01-03T23:59:00Z", None),
    ] {
        let end = weekly.at(moment(at)).map(|stretch| stretch.until.to_string());
        assert_eq!(end.as_deref(), want, "{at}");
    }
}

#[test]
fn cancelling_ends_what_is_under_way_and_all_that_was_to_come_but_not_what_was() {
    let mut daily = work("2026-03-01T02:00", "UTC", HOUR, Some("FREQ=DAILY"));
    daily.cancelled_at = Some(moment("2026-03-03T02:20:00Z"));
    let all = daily.occurrences(moment("2026-01-01T00:00:00Z"), moment("2027-01-01T00:00:00Z"));
    assert_eq!(all.len(), 3);
    assert_eq!(all[2].until, moment("2026-03-03T02:20:00Z"));
    assert_eq!(daily.at(moment("2026-03-03T02:30:00Z")), None);
    assert_eq!(daily.next(moment("2026-03-02T00:00:00Z")), None);
    daily.cancelled_at = Some(moment("2026-02-01T00:00:00Z"));
    assert!(
        daily
            .occurrences(moment("2026-01-01T00:00:00Z"), moment("2027-01-01T00:00:00Z"))
            .is_empty()
    );
}

#[test]
fn only_what_was_announced_before_it_began_was_announced() {
    let mut now = work("2026-03-01T02:00", "UTC", HOUR, None);
    let stretch = now.at(moment("2026-03-01T02:30:00Z")).unwrap();
    for (announced, want) in [
        (None, false),
        (Some("2026-03-01T02:00:00Z"), false),
        (Some("2026-03-01T02:10:00Z"), false),
        (Some("2026-03-01T01:59:59Z"), true),
    ] {
        now.announced_at = announced.map(moment);
        assert_eq!(now.was_announced_before(&stretch), want, "{announced:?}");
    }
}

#[test]
fn a_rule_that_never_comes_or_runs_into_itself_is_refused() {
    let refused = |rule: &str, lasts| {
        let rule = Recurrence::parse(rule).unwrap();
        let starts = "2026-02-01T02:00".parse().unwrap();
        WorkTimes::new(starts, TimeZone::UTC, lasts, Some(rule), Vec::new()).unwrap_err()
    };
    assert_eq!(refused("FREQ=DAILY;UNTIL=20250101", HOUR), BadTimes::Never);
    assert_eq!(refused("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", HOUR), BadTimes::Never);
    assert_eq!(refused("FREQ=DAILY", HOUR * 25), BadTimes::Overlapping);
}

#[test]
fn planned_time_goes_on_over_stretches_that_touch() {
    let at = |minutes: u64| moment("2026-03-01T00:00:00Z") + Duration::from_mins(minutes);
    let stretch = |from, until| Stretch { from: at(from), until: at(until) };
    let all = [stretch(0, 30), stretch(30, 60), stretch(90, 120), stretch(50, 70)];
    assert_eq!(planned_until(&all, at(10)), Some(at(70)));
    assert_eq!(planned_until(&all, at(70)), None);
    assert_eq!(joined(all.to_vec()), [stretch(0, 70), stretch(90, 120)]);
}
