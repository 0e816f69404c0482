//! The sentence of the day: how all sites together are. Pure.

use crate::i18n::{Arg, Lang};
use model::{
    moment::Moment,
    provider::Condition,
    verdict::{SelfDoubt, Status, StatusCounts},
};

/// Facts about all sites together, for the headline.
#[derive(Clone, Copy, Debug)]
pub struct DayFacts<'a> {
    /// Number of sites by status.
    pub counts: &'a StatusCounts,
    /// Moment of the last check of any site.
    pub last: Option<Moment>,
    /// Reason for self-doubt, if there is one.
    pub doubt: Option<SelfDoubt>,
    /// Number of sites that are up with an unusual note.
    pub unusual: usize,
}

/// The sentence of the day.
pub fn headline_in(lang: Lang, day: &DayFacts<'_>, now: Moment) -> String {
    let DayFacts { counts, last, doubt, unusual } = *day;
    let (total, unknown) = (counts.total(), counts.of(Status::Unknown));
    let bad: Vec<(Status, usize)> = [Status::Down, Status::Partial, Status::Slow]
        .into_iter()
        .map(|status| (status, counts.of(status)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if !bad.is_empty() {
        let worst = lang.one("headline-bad", "parts", parts(lang, &bad, total));
        let also = || lang.one("headline-also-unusual", "n", unusual);
        let rest = [(unusual > 0).then(also), (unknown > 0).then(|| more(lang, unknown, doubt))];
        let all = std::iter::once(worst).chain(rest.into_iter().flatten());
        return all.collect::<Vec<_>>().join(" ");
    }
    match last {
        _ if total == 0 => lang.say("headline-none").into_owned(),
        _ if unknown == total && doubt.is_some() => {
            lang.say(doubt.map_or("headline-never", all_unknown)).into_owned()
        }
        None if unknown == total => lang.say("headline-never").into_owned(),
        Some(at) if unknown == total => {
            lang.one("headline-stale", "long", lang.duration_so_far(now.since(at)))
        }
        _ if unknown > 0 => {
            let known = known(lang, total - unknown, total, unusual);
            match doubt {
                None => known,
                Some(_) => format!("{known} {}", more(lang, unknown, doubt)),
            }
        }
        _ if unusual > 0 => lang.two("headline-unusual", ("n", unusual), ("total", total)),
        _ => lang.one("headline-fine", "total", total),
    }
}

/// The heading of the day: how all sites together are, in five words at most; `failing` are the names of
/// providers that seem to be failing or recovering. Our own trouble comes first, then theirs, then that of sites.
pub fn brief_headline_in(lang: Lang, day: &DayFacts<'_>, failing: &[(&str, Condition)]) -> String {
    let DayFacts { counts, last, doubt, unusual } = *day;
    let (total, unknown) = (counts.total(), counts.of(Status::Unknown));
    let bad = [Status::Down, Status::Partial, Status::Slow];
    let worst = bad.into_iter().find(|status| counts.of(*status) > 0);
    match (failing, worst) {
        _ if total == 0 => lang.say("brief-none").into_owned(),
        _ if unknown == total && doubt.is_none() && last.is_none() => {
            lang.say("brief-never").into_owned()
        }
        _ if unknown == total => lang.say("brief-unknown").into_owned(),
        _ if doubt.is_some() => lang.say("brief-doubt").into_owned(),
        ([(name, Condition::Recovering)], _) => {
            lang.one("heading-provider-recovering", "name", *name)
        }
        ([(name, _)], _) => lang.one("heading-provider-failing", "name", *name),
        ([_, _, ..], _) if failing.iter().all(|(_, how)| *how == Condition::Recovering) => {
            lang.one("brief-providers-recovering", "n", failing.len())
        }
        ([_, _, ..], _) => lang.one("brief-providers", "n", failing.len()),
        ([], Some(worst)) => lang.one(&format!("brief-{}", worst.word()), "n", counts.of(worst)),
        _ if unknown > 0 => lang.one("brief-known", "n", total - unknown),
        _ if unusual > 0 => lang.one("brief-unusual", "n", total),
        _ => lang.one("brief-fine", "n", total),
    }
}

/// Sentence about the sites with a known status.
fn known(lang: Lang, known: usize, total: usize, unusual: usize) -> String {
    if unusual == 0 {
        return lang.two("headline-known", ("known", known), ("total", total));
    }
    let args = [("known", known), ("total", total), ("n", unusual)];
    lang.with("headline-known-unusual", args.map(|(name, count)| (name, Arg::from(count))))
}

/// Message for when no site's status is known.
fn all_unknown(doubt: SelfDoubt) -> &'static str {
    match doubt {
        SelfDoubt::Line => "headline-doubt-line",
        SelfDoubt::Names => "headline-doubt-names",
        SelfDoubt::Alone => "headline-doubt-alone",
        SelfDoubt::Intercepted => "headline-doubt-intercepted",
        SelfDoubt::Congested => "headline-doubt-congested",
    }
}

/// Message with the reason why the status of some is unknown.
fn why_unknown(doubt: SelfDoubt) -> &'static str {
    match doubt {
        SelfDoubt::Line => "headline-why-line",
        SelfDoubt::Names => "headline-why-names",
        SelfDoubt::Alone => "headline-why-alone",
        SelfDoubt::Intercepted => "headline-why-intercepted",
        SelfDoubt::Congested => "headline-why-congested",
    }
}

/// Sentence about self-doubt over some of all sites, which comes before any other.
pub fn doubt_in(lang: Lang, unknown: usize, total: usize, doubt: SelfDoubt) -> String {
    let why = lang.say(why_unknown(doubt)).into_owned();
    let args = [("n", Arg::from(unknown)), ("total", Arg::from(total)), ("why", why.into())];
    lang.with("headline-doubt-some", args)
}

/// Sentence about the unknown ones, with the reason.
fn more(lang: Lang, unknown: usize, doubt: Option<SelfDoubt>) -> String {
    let why = match doubt {
        None => String::new(),
        Some(doubt) => lang.say(why_unknown(doubt)).into_owned(),
    };
    lang.with("headline-more", [("n", Arg::from(unknown)), ("why", Arg::from(why))])
}

/// The bad statuses with their counts, as a list in words.
fn parts(lang: Lang, bad: &[(Status, usize)], total: usize) -> String {
    let mut words: Vec<String> = bad
        .iter()
        .enumerate()
        .map(|(place, (status, count))| part(lang, *status, *count, (place == 0).then_some(total)))
        .collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        return last;
    }
    lang.two("list-and", ("before", words.join(", ")), ("last", last))
}

/// One bad status with its count.
fn part(lang: Lang, status: Status, count: usize, total: Option<usize>) -> String {
    let word = status.word();
    match total {
        Some(1) => lang.say(&format!("headline-only-{word}")).into_owned(),
        Some(total) => {
            let args = [("count", Arg::from(count)), ("total", Arg::from(total))];
            lang.with(&format!("headline-first-{word}"), args)
        }
        None => lang.one(&format!("headline-next-{word}"), "count", count),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use Status::{Down, Partial, Slow, Unknown, Up};

    #[test]
    fn the_heading_of_the_day_is_five_words_and_doubts_us_first() {
        type Failing<'a> = &'a [(&'a str, Condition)];
        type Case<'a> = (&'a [Status], Option<SelfDoubt>, Failing<'a>, [&'a str; 2]);
        let now = Some(Moment::parse("2017-02-28T14:39:30Z").unwrap());
        let line = Some(SelfDoubt::Line);
        let aws = &[("Amazon Web Services", Condition::Failing)][..];
        let back = &[("Amazon Web Services", Condition::Recovering)][..];
        let all_back = &[("AWS", Condition::Recovering), ("GCP", Condition::Recovering)][..];
        let one_back = &[("AWS", Condition::Recovering), ("GCP", Condition::Failing)][..];
        let cases: [Case<'_>; 13] = [
            (&[], None, &[], ["No sites are watched yet", "Nog geen site gevolgd"]),
            (&[Up, Up], None, &[], ["All 2 sites are fine", "Alle 2 sites werken"]),
            (&[Up], None, &[], ["The only site is fine", "De enige site werkt"]),
            (&[Down, Slow, Up], None, &[], ["1 site is down", "1 site ligt eruit"]),
            (
                &[Partial, Partial],
                None,
                &[],
                ["2 sites are partly down", "2 sites deels onbereikbaar"],
            ),
            (&[Slow, Up], None, &[], ["1 site is slow", "1 site is traag"]),
            (
                &[Down, Up],
                None,
                aws,
                ["Trouble at Amazon Web Services", "Problemen bij Amazon Web Services"],
            ),
            (
                &[Up, Up],
                None,
                back,
                ["Recovery at Amazon Web Services", "Herstel bij Amazon Web Services"],
            ),
            (&[Up], None, all_back, ["Recovery at 2 providers", "Herstel bij 2 aanbieders"]),
            (&[Up], None, one_back, ["Trouble at 2 providers", "Problemen bij 2 aanbieders"]),
            (
                &[Down, Unknown],
                line,
                aws,
                ["The problem may be ours", "Misschien ligt het aan ons"],
            ),
            (&[Unknown], line, aws, ["We cannot tell right now", "We weten het even niet"]),
            (&[Up, Unknown], None, &[], ["1 site is fine", "1 site werkt"]),
        ];
        for (statuses, doubt, failing, want) in cases {
            let counts = statuses.iter().copied().collect();
            let day = DayFacts { counts: &counts, last: now, doubt, unusual: 0 };
            for (lang, want) in Lang::ALL.into_iter().zip(want) {
                assert_eq!(brief_headline_in(lang, &day, failing), want);
                assert!(want.split(' ').count() <= 5, "{want}");
            }
        }
    }

    #[test]
    fn the_headline_tells_the_worst_first_and_never_calls_the_unknown_fine() {
        type Case<'a> = (&'a [Status], Option<Moment>, Option<SelfDoubt>, usize);
        let now = Moment::parse("2017-02-28T14:39:30Z").unwrap();
        let last = Moment::parse("2017-02-28T14:02:30Z").ok();
        let line = Some(SelfDoubt::Line);
        let cases: [Case<'_>; 23] = [
            (&[], last, None, 0),
            (&[Up, Up], last, None, 0),
            (&[Up], last, None, 0),
            (&[Down], last, None, 0),
            (&[Down, Up], last, None, 0),
            (&[Down, Up, Up], last, None, 0),
            (&[Down, Down, Slow, Up], last, None, 0),
            (&[Down, Partial, Slow], last, None, 0),
            (&[Down, Down, Partial, Slow], last, None, 0),
            (&[Slow, Slow, Unknown], last, None, 0),
            (&[Up, Up, Unknown], last, None, 0),
            (&[Up, Unknown], last, None, 0),
            (&[Unknown], last, None, 0),
            (&[Unknown, Unknown], None, None, 0),
            (&[Up], last, None, 1),
            (&[Up, Up, Up], last, None, 1),
            (&[Up, Up, Up], last, None, 2),
            (&[Up, Up, Unknown], last, None, 1),
            (&[Unknown, Unknown], last, line, 0),
            (&[Down, Unknown, Unknown], last, line, 0),
            (&[Up, Unknown], last, line, 0),
            (&[Slow, Up, Up], last, None, 1),
            (&[Down, Up, Up, Up, Unknown], last, None, 2),
        ];
        let mut said = String::new();
        for (statuses, last, doubt, unusual) in cases {
            let counts = statuses.iter().copied().collect();
            let known = DayFacts { counts: &counts, last, doubt, unusual };
            let [english, dutch] = Lang::ALL.map(|lang| headline_in(lang, &known, now));
            writeln!(said, "{statuses:?}, {unusual} unusual\n  {english}\n  {dutch}\n").unwrap();
        }
        insta::assert_snapshot!(said);
    }
}
