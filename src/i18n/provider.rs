//! Sentences about providers: one place for page, API and front page. Pure.

use std::time::Duration;

use crate::i18n::{Arg, Lang};
use model::{
    moment::Moment,
    provider::{Alike, Condition, ProviderEvent, ProviderEvidence, ProviderStatus, Role, name},
    verdict::{Status, StatusCounts},
};

/// Time after the last of several that turned bad together during which a common cause is sought: a
/// site that turns bad later did not turn bad with them.
const LOOKING: Duration = Duration::from_mins(10);

const BAD: [Status; 3] = [Status::Down, Status::Partial, Status::Slow];

/// Status of a provider in one sentence, in English for programs.
pub fn summary(standing: &ProviderStatus, now: Moment) -> String {
    summary_in(Lang::En, standing, now)
}

/// Status of a provider in one sentence.
pub fn summary_in(t: Lang, standing: &ProviderStatus, now: Moment) -> String {
    let name = name(&standing.provider);
    if let Some(event) = &standing.event {
        let goes_on = standing.condition() == Condition::Failing && standing.affected() > 0;
        let (does, long) = (failing(t, standing), now.since(event.started_at));
        let id = match long.as_secs() {
            0..60 if goes_on => return t.two("provider-fails", ("name", name), ("does", does)),
            _ if goes_on => "provider-since",
            _ => "provider-began",
        };
        let args = [
            ("name", name.into()),
            ("does", does.into()),
            ("long", t.duration_so_far(long).into()),
        ];
        return t.with(id, args);
    }
    if let Some(left) = standing.left.as_ref().filter(|_| standing.with_it.bad() > 0) {
        return left_in(t, standing, left, now);
    }
    let (total, unknown) = (standing.counts.total(), standing.counts.of(Status::Unknown));
    match (total, standing.affected()) {
        (0, _) => t.one("provider-empty", "name", name),
        (_, 0) if unknown == total => t.one("provider-unknown", "name", name),
        (_, 0) if standing.intermittent > 0 => {
            let args = [
                ("name", name.into()),
                ("count", Arg::from(standing.intermittent)),
                ("total", Arg::from(total)),
            ];
            t.with("provider-intermittent", args)
        }
        (_, 0) if unknown > 0 => {
            let args = [
                ("name", name.into()),
                ("known", Arg::from(total - unknown)),
                ("total", Arg::from(total)),
            ];
            t.with("provider-well-known", args)
        }
        (_, 0) => t.two("provider-well", ("name", name), ("total", total)),
        (_, affected) => own_in(t, standing, affected, now),
    }
}

/// Heading with a provider's name and its status in a word or two.
pub fn heading_in(t: Lang, standing: &ProviderStatus) -> String {
    let (total, unknown) = (standing.counts.total(), standing.counts.of(Status::Unknown));
    let (together, ..) = standing.together();
    let unclear =
        standing.affected() * 2 > total - unknown || together > 2 || standing.is_unsteady();
    let id = match standing.condition() {
        Condition::Failing if !standing.is_known() => "heading-provider-unclear",
        Condition::Failing => "heading-provider-failing",
        Condition::Recovering => "heading-provider-recovering",
        Condition::Unknown if total == 0 => "heading-provider-empty",
        Condition::Unknown => "heading-provider-unclear",
        Condition::Ok if unclear => "heading-provider-unclear",
        Condition::Ok => "heading-provider-fine",
    };
    t.one(id, "name", name(&standing.provider))
}

/// Sentence about a provider whose bad sites have no known common cause.
fn own_in(t: Lang, standing: &ProviderStatus, affected: usize, now: Moment) -> String {
    let parts = parts(t, &standing.counts, standing.counts.total(), "of-its");
    let (with, through) = standing.through.as_ref().map_or(("", 0), |(with, n)| (&**with, *n));
    if through == affected {
        let args = [
            ("name", name(&standing.provider).into()),
            ("parts", parts.into()),
            ("other", name(with).into()),
        ];
        return t.with("provider-through", args);
    }
    let (together, first, last) = standing.together();
    let (own, known) =
        (affected - through, standing.counts.total() - standing.counts.of(Status::Unknown));
    let id = match together {
        3.. => return together_in(t, standing, (together, first, last), now),
        _ if own * 2 > known || standing.is_unsteady() => "provider-unclear",
        _ if through > 0 => "provider-own-some",
        _ if own == 1 => "provider-own-one",
        // They may have one cause, or not: neither is known.
        _ if together > 1 || standing.fell.len() < own => "provider-own-some",
        _ => "provider-own",
    };
    t.two(id, ("name", name(&standing.provider)), ("parts", parts))
}

/// Sentence about sites left over from an event that is over.
fn left_in(t: Lang, standing: &ProviderStatus, left: &ProviderEvent, now: Moment) -> String {
    let (all, mine) = (standing.affected(), standing.with_it.bad());
    let (id, counts) = if mine == all {
        ("provider-left", &standing.with_it)
    } else {
        ("provider-left-some", &standing.counts)
    };
    let args = [
        ("name", name(&standing.provider).into()),
        ("parts", parts(t, counts, standing.counts.total(), "of-its").into()),
        ("long", t.duration_so_far(now.since(left.started_at)).into()),
        ("count", Arg::from(mine)),
    ];
    t.with(id, args)
}

/// Sentence about several sites that turned bad together without a known cause.
fn together_in(
    t: Lang,
    standing: &ProviderStatus,
    (count, first, last): (usize, Moment, Moment),
    now: Moment,
) -> String {
    let looking = now.since(last) <= LOOKING;
    let args = [
        ("name", name(&standing.provider).into()),
        ("count", Arg::from(count)),
        ("total", Arg::from(standing.counts.total())),
        ("minutes", minutes(last.since(first))),
    ];
    t.with(if looking { "provider-together" } else { "provider-together-still" }, args)
}

/// Duration in whole minutes, rounded up.
fn minutes(long: Duration) -> Arg<'static> {
    Arg::from(long.as_secs().div_ceil(60).max(1))
}

/// Sentence that blames the provider, after the sentence about the site; `role` is the provider's
/// role for it.
pub fn blame_in(t: Lang, standing: &ProviderStatus, role: Role) -> String {
    let name = name(&standing.provider);
    if standing.event.is_none() {
        return t.one("provider-blame-left", "name", name);
    }
    let id = match role {
        Role::Serves => "provider-blame",
        Role::Names => "provider-blame-names",
        Role::Certificate => "provider-blame-certificate",
        Role::Declared => "provider-blame-declared",
    };
    t.two(id, ("name", name), ("does", phase(t, standing)))
}

/// Sentence with the evidence for an event, as of when it was noticed; `affected` is the number of
/// sites that were bad with it at some time.
pub fn evidence_in(t: Lang, event: &ProviderEvent, affected: usize) -> String {
    let name = name(&event.provider);
    let Some(evidence) = event.evidence else {
        return t.two("provider-evidence", ("n", affected), ("name", name));
    };
    let ProviderEvidence { role, alike, seconds, affected, of, elsewhere, elsewhere_of } = evidence;
    let number = |count: u32| Arg::from(u64::from(count));
    let id = match role {
        Role::Serves => "evidence-serves",
        Role::Names => "evidence-names",
        Role::Certificate => "evidence-certificate",
        Role::Declared => "evidence-declared",
    };
    let group = [("name", name.into()), ("affected", number(affected)), ("of", number(of))];
    let args = [
        ("name", name.into()),
        ("group", t.with(id, group).into()),
        ("minutes", minutes(Duration::from_secs(seconds.into()))),
        ("alike", alike_in(t, alike).into()),
        ("elsewhere", number(elsewhere)),
        ("others", number(elsewhere_of)),
    ];
    t.with("evidence", args)
}

/// Name of the symptom that sites share.
fn alike_in(t: Lang, alike: Alike) -> String {
    let id = match alike {
        Alike::Status(status) => return format!("HTTP {status}"),
        Alike::Failure(failure) => return t.failure(failure).into_owned(),
        Alike::Names => "failure-dns",
        Alike::Certificate => "alike-certificate",
        Alike::Errors => "alike-errors",
        Alike::Unreachable => "alike-unreachable",
        Alike::Failing => "alike-failing",
        Alike::Slow => "alike-slow",
        Alike::Trouble => "alike-trouble",
    };
    t.say(id).into_owned()
}

/// The sentence of the day while providers are failing; `others` are the sites elsewhere.
pub fn day_in(t: Lang, failing_now: &[&ProviderStatus], others: &StatusCounts) -> String {
    let fails = |standing: &&ProviderStatus| {
        let (name, does) = (name(&standing.provider), failing(t, standing));
        t.two("provider-fails", ("name", name), ("does", does))
    };
    let mut sentences: Vec<String> = failing_now.iter().map(fails).collect();
    let (total, unknown, bad) = (others.total(), others.of(Status::Unknown), others.bad());
    sentences.extend(match (total, bad) {
        (0, _) => None,
        _ if bad > 0 => Some(t.one("provider-elsewhere", "parts", parts(t, others, total, "of"))),
        _ if unknown > 0 => None,
        _ => Some(t.one("provider-others", "total", total)),
    });
    sentences.join(" ")
}

/// Predicate for a provider with an ongoing event, with its sites.
fn failing(t: Lang, standing: &ProviderStatus) -> String {
    let (counts, phase) = (&standing.counts, phase(t, standing));
    let total = counts.total();
    let parts = || parts(t, counts, total, "of-its");
    match (standing.affected(), standing.with_it.bad()) {
        _ if !standing.is_known() => t.one("provider-does-not-know", "does", phase),
        (0, _) if counts.of(Status::Unknown) > 0 => {
            t.one("provider-does-well-known", "does", phase)
        }
        (0, _) => t.two("provider-does-well", ("does", phase), ("total", total)),
        (_, 0) => t.two("provider-does-well-but", ("does", phase), ("parts", parts())),
        _ => t.two("provider-does-fail", ("does", phase), ("parts", parts())),
    }
}

/// Phase of an ongoing event as a predicate.
pub fn phase_in(t: Lang, standing: &ProviderStatus) -> String {
    phase(t, standing).into_owned()
}

/// Number of a provider's bad sites, in words; that they are fine again when none is.
pub fn parts_in(t: Lang, standing: &ProviderStatus) -> String {
    match standing.affected() {
        0 => t.one("provider-fine-again", "total", standing.counts.total()),
        _ => parts(t, &standing.counts, standing.counts.total(), "of-its"),
    }
}

fn phase(t: Lang, standing: &ProviderStatus) -> std::borrow::Cow<'static, str> {
    t.say(match standing.condition() {
        _ if !standing.is_known() => "phase-failed",
        Condition::Recovering => "phase-recovering",
        Condition::Failing | Condition::Ok | Condition::Unknown => "phase-failing",
    })
}

/// `5 of its 8 sites are down, 1 is partly down and 2 are slow`.
fn parts(t: Lang, counts: &StatusCounts, total: usize, of: &str) -> String {
    let part = |(place, (count, status)): (usize, (usize, Status))| {
        let does = t.one(&format!("does-{}", status.word()), "count", count);
        if place > 0 {
            let args = [("count", Arg::from(count)), ("does", does.into())];
            return t.with("part-next", args);
        }
        let args =
            [("count", Arg::from(count)), ("total", Arg::from(total)), ("does", does.into())];
        t.with(if of == "of" { "part-of" } else { "part-of-its" }, args)
    };
    let bad = BAD.into_iter().map(|status| (counts.of(status), status)).filter(|(n, _)| *n > 0);
    let mut parts: Vec<String> = bad.enumerate().map(part).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    t.two("list-and", ("before", parts.join(", ")), ("last", last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Down, Partial, Slow, Unknown, Up};
    use model::{name::Slug, provider::Member};

    fn standing(statuses: &[Status], once: Option<usize>) -> ProviderStatus {
        let at = Moment::parse("2017-02-28T17:37:00Z").unwrap();
        let slug = |n| Slug::new(&format!("site-{n}")).unwrap();
        let event = once.map(|once| ProviderEvent {
            provider: "aws".into(),
            started_at: at,
            noticed_at: at,
            ended_at: None,
            sites: (0..once).map(slug).collect(),
            evidence: None,
            withdrawn_at: None,
        });
        // Each of them an hour after the other.
        let slugs: Vec<Slug> = (0..statuses.len()).map(slug).collect();
        let since = |n: usize| Some(at + Duration::from_hours(n as u64));
        let members = statuses.iter().enumerate().map(|(n, status)| (&slugs[n], *status, since(n)));
        ProviderStatus::of("aws", members, event)
    }

    #[test]
    fn one_sentence_says_how_a_provider_is() {
        let now = Moment::parse("2017-02-28T18:00:00Z").unwrap();
        let cases: [(&[Status], Option<usize>, &str); 14] = [
            (&[], None, "We watch no sites at Amazon Web Services."),
            (&[Unknown], None, "We cannot tell how the sites at Amazon Web Services are doing."),
            (
                &[Up],
                None,
                "Amazon Web Services looks fine: so does the only site there that we watch.",
            ),
            (
                &[Up, Up],
                None,
                "Amazon Web Services looks fine: so do all 2 sites there that we watch.",
            ),
            (
                &[Up, Up, Unknown],
                None,
                "Amazon Web Services looks fine: so do 2 of its 3 sites, and we cannot tell about the rest.",
            ),
            (
                &[Up, Down],
                None,
                "Amazon Web Services looks fine: 1 of its 2 sites is down, but that looks like the \
                 site’s own problem.",
            ),
            (
                &[Up, Down, Slow, Down],
                None,
                "We cannot tell whether Amazon Web Services is failing: 2 of its 4 sites are down \
                 and 1 is slow.",
            ),
            (
                &[Down, Unknown],
                None,
                "We cannot tell whether Amazon Web Services is failing: 1 of its 2 sites is down.",
            ),
            (
                &[Down],
                None,
                "We cannot tell whether Amazon Web Services is failing: its one site is down.",
            ),
            (
                &[Up, Down, Slow, Up, Up, Up],
                None,
                "Amazon Web Services looks fine: 1 of its 6 sites is down and 1 is slow, but \
                 apparently not for the same reason.",
            ),
            (
                &[Down, Down, Partial, Slow, Slow, Up],
                Some(5),
                "Amazon Web Services seems to be failing: 2 of its 6 sites are down, 1 is partly \
                 down and 2 are slow, for 23 minutes.",
            ),
            (
                &[Up, Up, Up, Slow, Slow, Up],
                Some(5),
                "Amazon Web Services seems to be recovering: 2 of its 6 sites are slow. It began \
                 23 minutes ago.",
            ),
            (
                &[Up, Up, Up],
                Some(3),
                "Amazon Web Services seems to be recovering: its 3 sites are fine again. It \
                 began 23 minutes ago.",
            ),
            (
                &[Unknown, Unknown, Unknown],
                Some(3),
                "Amazon Web Services seemed to be failing; we cannot tell how its sites are now. \
                 It began 23 minutes ago.",
            ),
        ];
        for (statuses, once, want) in cases {
            assert_eq!(summary(&standing(statuses, once), now), want);
        }
    }

    #[test]
    fn a_provider_whose_sites_fail_now_and_then_does_not_look_fine() {
        let now = Moment::parse("2017-02-28T18:00:00Z").unwrap();
        let unclear = "We cannot tell whether Amazon Web Services is failing: ";
        for (statuses, intermittent, fine, want) in [
            (&[Up][..], 1, false, "the only site there that we watch fails now and then."),
            (&[Up, Up, Up], 2, false, "2 of the 3 sites there fail now and then."),
            (&[Up, Up, Up, Down], 2, false, "1 of its 4 sites is down."),
            (&[Up, Up, Up], 1, true, ", but 1 of its 3 sites fails now and then."),
        ] {
            let standing = ProviderStatus { intermittent, ..standing(statuses, None) };
            let looks = if fine { "Amazon Web Services looks fine" } else { unclear };
            assert_eq!(summary(&standing, now), format!("{looks}{want}"));
            assert_eq!(heading_in(Lang::En, &standing).ends_with("looks fine"), fine, "{want}");
        }
    }

    #[test]
    fn the_front_page_names_the_cause_and_then_the_rest() {
        let aws = standing(&[Down, Down, Down, Down, Slow, Slow, Slow, Up], Some(7));
        let said = "Amazon Web Services seems to be failing: 4 of its 8 sites are down and 3 are \
                    slow.";
        for (others, want) in [
            (&[][..], String::new()),
            (&[Up], " The other site is fine.".to_owned()),
            (&[Up, Up], " The other 2 sites are fine.".to_owned()),
            (&[Up, Unknown], String::new()),
            (&[Up, Down], " Elsewhere 1 of 2 sites is down.".to_owned()),
        ] {
            let others: StatusCounts = others.iter().copied().collect();
            assert_eq!(day_in(Lang::En, &[&aws], &others), format!("{said}{want}"));
        }
        let blamed = "Amazon Web Services, which serves it, seems to be failing.";
        assert_eq!(blame_in(Lang::En, &aws, Role::Serves), blamed);
        let slug = Slug::new("site-1").unwrap();
        let explains = |status| aws.explains(&Member::from((&slug, status, None)));
        assert!(explains(Down) && !explains(Up));
    }
}
