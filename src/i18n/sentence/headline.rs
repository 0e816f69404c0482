//! The sentence of the day: how all sites together are. Pure.

use crate::i18n::{Arg, Lang};
use model::{
    moment::Moment,
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
        return match unknown {
            0 => worst,
            _ => format!("{worst} {}", more(lang, unknown, doubt)),
        };
    }
    match last {
        _ if total == 0 => lang.say("headline-none").into_owned(),
        _ if unknown == total && doubt.is_some() => {
            lang.say(doubt.map_or("headline-never", all_unknown)).into_owned()
        }
        None if unknown == total => lang.say("headline-never").into_owned(),
        Some(at) if unknown == total => {
            lang.one("headline-stale", "long", lang.duration(now.since(at)))
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
/// providers that seem to be failing. Our own trouble comes first, then theirs, then that of sites.
pub fn brief_headline_in(lang: Lang, day: &DayFacts<'_>, failing: &[&str]) -> String {
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
        ([name], _) => lang.one("heading-provider-failing", "name", *name),
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
    use super::*;
    use Status::{Down, Partial, Slow, Unknown, Up};

    #[test]
    fn the_heading_of_the_day_is_five_words_and_doubts_us_first() {
        let now = Some(Moment::parse("2017-02-28T14:39:30Z").unwrap());
        let line = Some(SelfDoubt::Line);
        let aws = &["Amazon Web Services"][..];
        type Case<'a> = (&'a [Status], Option<SelfDoubt>, &'a [&'a str], [&'a str; 2]);
        let cases: [Case<'_>; 10] = [
            (&[], None, &[], ["No sites are watched yet", "Nog geen site gevolgd"]),
            (&[Up, Up], None, &[], ["All 2 sites are fine", "Alle 2 sites werken"]),
            (&[Up], None, &[], ["The only site is fine", "De enige site werkt"]),
            (&[Down, Slow, Up], None, &[], ["1 site is down", "1 site ligt eruit"]),
            (
                &[Partial, Partial],
                None,
                &[],
                ["2 sites are partly down", "2 sites liggen deels plat"],
            ),
            (&[Slow, Up], None, &[], ["1 site is slow", "1 site is traag"]),
            (
                &[Down, Up],
                None,
                aws,
                ["Trouble at Amazon Web Services", "Problemen bij Amazon Web Services"],
            ),
            (&[Down, Unknown], line, aws, ["We cannot be sure now", "We weten het niet zeker"]),
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
        let now = Moment::parse("2017-02-28T14:39:30Z").unwrap();
        let last = Moment::parse("2017-02-28T14:02:30Z").unwrap();
        let said = |lang, counts: &StatusCounts, doubt| {
            headline_in(lang, &DayFacts { counts, last: Some(last), doubt, unusual: 0 }, now)
        };
        let cases: [(&[Status], &str); 11] = [
            (&[], "No site is being watched yet."),
            (&[Up, Up], "All 2 sites are fine."),
            (&[Up], "The only site is fine."),
            (&[Down], "The only site is down."),
            (&[Down, Up, Up], "1 of 3 sites is down."),
            (&[Down, Down, Slow, Up], "2 of 4 sites are down and 1 is slow."),
            (&[Down, Partial, Slow], "1 of 3 sites is down, 1 is partly down and 1 is slow."),
            (&[Slow, Slow, Unknown], "2 of 3 sites are slow. We cannot tell about one more."),
            (&[Up, Up, Unknown], "The 2 of 3 sites that we can tell about are fine."),
            (&[Up, Unknown], "The only one of 2 sites that we can tell about is fine."),
            (&[Unknown], "We cannot tell: there has been no check for 37 minutes."),
        ];
        for (statuses, want) in cases {
            let counts = statuses.iter().copied().collect();
            assert_eq!(said(Lang::En, &counts, None), want);
        }
        let dutch = |statuses: &[Status]| said(Lang::Nl, &statuses.iter().copied().collect(), None);
        assert_eq!(dutch(&[Down, Up]), "1 van 2 sites ligt eruit.");
        assert_eq!(
            dutch(&[Down, Down, Partial, Slow]),
            "2 van 4 sites liggen eruit, 1 ligt er deels uit en 1 is traag."
        );
        assert_eq!(dutch(&[Up, Up]), "Alle 2 sites zijn in orde.");
        let counts = [Unknown, Unknown].into_iter().collect();
        let never = DayFacts { counts: &counts, last: None, doubt: None, unusual: 0 };
        assert_eq!(headline_in(Lang::En, &never, now), "We have not checked any site yet.");
        let unusual = |lang, statuses: &[Status], unusual| {
            let counts = statuses.iter().copied().collect();
            headline_in(lang, &DayFacts { counts: &counts, last: None, doubt: None, unusual }, now)
        };
        assert_eq!(
            unusual(Lang::En, &[Up, Up, Up], 1),
            "All 3 sites answer, but one of them not as usual."
        );
        assert_eq!(
            unusual(Lang::En, &[Up, Up, Up], 2),
            "All 3 sites answer, but 2 of them not as usual."
        );
        assert_eq!(unusual(Lang::En, &[Up], 1), "The only site answers, but not as usual.");
        assert_eq!(
            unusual(Lang::En, &[Up, Up, Unknown], 1),
            "The 2 of 3 sites that we can tell about answer, but one of them not as usual."
        );
        assert_eq!(
            unusual(Lang::Nl, &[Up, Up], 1),
            "Alle 2 sites antwoorden, maar één daarvan niet zoals anders."
        );
        assert_eq!(unusual(Lang::En, &[Up, Down], 1), "1 of 2 sites is down.");
        let doubts = [
            (
                vec![Unknown, Unknown],
                "We cannot tell how any site is doing: our own connection is down.",
            ),
            (
                vec![Down, Unknown, Unknown],
                "1 of 3 sites is down. We cannot tell about 2 more: our own connection is down.",
            ),
            (
                vec![Up, Unknown],
                "The only one of 2 sites that we can tell about is fine. We cannot tell about one more: our \
                 own connection is down.",
            ),
        ];
        for (statuses, want) in doubts {
            let counts = statuses.into_iter().collect();
            assert_eq!(said(Lang::En, &counts, Some(SelfDoubt::Line)), want);
        }
    }
}
