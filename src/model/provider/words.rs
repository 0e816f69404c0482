//! Providers in words: one place for page, API and front page. Pure.

use super::{Event, name};
use crate::model::moment::Moment;
use crate::model::{
    name::Slug,
    sentence::{Counts, clock_words},
    verdict::Status,
};

/// How the sites of one provider are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The provider's slug.
    pub provider: Box<str>,
    /// How many of its sites have which status.
    pub counts: Counts,
    /// The event that has not ended, if there is one.
    pub event: Option<Event>,
}

impl Standing {
    /// How many of its sites are bad.
    pub fn affected(&self) -> usize {
        BAD.into_iter().map(|status| self.counts.of(status)).sum()
    }

    /// Whether a site that is bad now is bad with its provider.
    pub fn explains(&self, slug: &Slug, status: Status) -> bool {
        status.is_outage() && self.holds(slug)
    }

    /// Whether the site is among those that were bad with it.
    pub fn holds(&self, slug: &Slug) -> bool {
        self.event.as_ref().is_some_and(|event| event.sites.contains(slug))
    }
}

const BAD: [Status; 3] = [Status::Down, Status::Partial, Status::Slow];

/// How a provider is, in one sentence.
pub fn summary(standing: &Standing, now: Moment) -> String {
    let (name, total) = (name(&standing.provider), standing.counts.total());
    let unknown = standing.counts.of(Status::Unknown);
    if let Some(event) = &standing.event {
        let since = clock_words(event.started_at, now);
        return format!("{name} {}, since {since}.", failing(standing));
    }
    match (total, standing.affected()) {
        (0, _) => format!("We watch no site at {name}."),
        (_, 0) if unknown == total => format!("We do not know how the sites at {name} are."),
        (1, 0) => format!("{name} seems well: the one site there that we watch is fine."),
        (_, 0) if unknown > 0 => {
            let known = total - unknown;
            format!("{name} seems well: the {known} of its {total} sites that we know are fine.")
        }
        (_, 0) => format!("{name} seems well: all of its {total} sites that we watch are fine."),
        (_, 1) => {
            let parts = parts(&standing.counts, "its ");
            format!("{name} seems well: {parts}, which looks like its own trouble.")
        }
        _ => {
            let parts = parts(&standing.counts, "its ");
            format!("{name} seems well: {parts}, which do not look like one cause.")
        }
    }
}

/// What is said of a site that is bad with its provider, after the sentence about the site.
pub fn blame(standing: &Standing) -> String {
    format!("{}, which serves it, {}.", name(&standing.provider), failing(standing))
}

/// The sentence of the day while providers are failing; `others` are the sites elsewhere.
pub fn day(failing_now: &[&Standing], others: &Counts) -> String {
    let mut sentences: Vec<String> = failing_now
        .iter()
        .map(|standing| format!("{} {}.", name(&standing.provider), failing(standing)))
        .collect();
    let (total, unknown) = (others.total(), others.of(Status::Unknown));
    let bad: usize = BAD.into_iter().map(|status| others.of(status)).sum();
    sentences.extend(match (total, bad) {
        (0, _) => None,
        _ if bad > 0 => Some(format!("Elsewhere {}.", parts(others, ""))),
        _ if unknown > 0 => None,
        (1, _) => Some("The other site is fine.".to_owned()),
        _ => Some(format!("The other {total} sites are fine.")),
    });
    sentences.join(" ")
}

/// What a failing provider does, after its name.
fn failing(standing: &Standing) -> String {
    let counts = &standing.counts;
    let bad = standing.affected();
    let once = standing.event.as_ref().map_or(0, |event| event.sites.len());
    match bad {
        0 if counts.of(Status::Unknown) > 0 => {
            "seemed to be failing; we cannot tell how its sites are now".to_owned()
        }
        0 => format!("seems to have recovered: {}", fine(counts.total())),
        _ if bad * 2 <= once => format!("seems to be recovering: {}", parts(counts, "its ")),
        _ => format!("seems to be failing: {}", parts(counts, "its ")),
    }
}

fn fine(total: usize) -> String {
    match total {
        1 => "its one site is fine again".to_owned(),
        _ => format!("its {total} sites are fine again"),
    }
}

/// `5 of its 8 sites are down, 1 is down in places and 2 are slow`.
fn parts(counts: &Counts, whose: &str) -> String {
    let total = counts.total();
    let part = |(place, (count, status)): (usize, (usize, Status))| {
        let verb = if count == 1 { "is" } else { "are" };
        let word = if status == Status::Partial { "down in places" } else { status.word() };
        match place {
            0 => format!("{count} of {whose}{total} sites {verb} {word}"),
            _ => format!("{count} {verb} {word}"),
        }
    };
    let bad = BAD.into_iter().map(|status| (counts.of(status), status)).filter(|(n, _)| *n > 0);
    let parts: Vec<String> = bad.enumerate().map(part).collect();
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Down, Partial, Slow, Unknown, Up};

    fn standing(statuses: &[Status], once: Option<usize>) -> Standing {
        let at = Moment::parse("2017-02-28T17:37:00Z").unwrap();
        let slug = |n| Slug::new(&format!("site-{n}")).unwrap();
        Standing {
            provider: "aws".into(),
            counts: statuses.iter().copied().collect(),
            event: once.map(|once| Event {
                provider: "aws".into(),
                started_at: at,
                noticed_at: at,
                ended_at: None,
                sites: (0..once).map(slug).collect(),
            }),
        }
    }

    #[test]
    fn one_sentence_says_how_a_provider_is() {
        let now = Moment::parse("2017-02-28T18:00:00Z").unwrap();
        let cases: [(&[Status], Option<usize>, &str); 11] = [
            (&[], None, "We watch no site at Amazon Web Services."),
            (&[Unknown], None, "We do not know how the sites at Amazon Web Services are."),
            (
                &[Up],
                None,
                "Amazon Web Services seems well: the one site there that we watch is fine.",
            ),
            (
                &[Up, Up],
                None,
                "Amazon Web Services seems well: all of its 2 sites that we watch are fine.",
            ),
            (
                &[Up, Up, Unknown],
                None,
                "Amazon Web Services seems well: the 2 of its 3 sites that we know are fine.",
            ),
            (
                &[Up, Down],
                None,
                "Amazon Web Services seems well: 1 of its 2 sites is down, which looks like its \
                 own trouble.",
            ),
            (
                &[Up, Down, Slow, Up, Up, Up],
                None,
                "Amazon Web Services seems well: 1 of its 6 sites is down and 1 is slow, which do \
                 not look like one cause.",
            ),
            (
                &[Down, Down, Partial, Slow, Slow, Up],
                Some(5),
                "Amazon Web Services seems to be failing: 2 of its 6 sites are down, 1 is down in \
                 places and 2 are slow, since 17:37 UTC.",
            ),
            (
                &[Up, Up, Up, Slow, Slow, Up],
                Some(5),
                "Amazon Web Services seems to be recovering: 2 of its 6 sites are slow, since \
                 17:37 UTC.",
            ),
            (
                &[Up, Up, Up],
                Some(3),
                "Amazon Web Services seems to have recovered: its 3 sites are fine again, since \
                 17:37 UTC.",
            ),
            (
                &[Unknown, Unknown, Unknown],
                Some(3),
                "Amazon Web Services seemed to be failing; we cannot tell how its sites are now, \
                 since 17:37 UTC.",
            ),
        ];
        for (statuses, once, want) in cases {
            assert_eq!(summary(&standing(statuses, once), now), want);
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
            let others: Counts = others.iter().copied().collect();
            assert_eq!(day(&[&aws], &others), format!("{said}{want}"));
        }
        assert_eq!(
            blame(&aws),
            "Amazon Web Services, which serves it, seems to be failing: 4 of its 8 sites are down \
             and 3 are slow."
        );
        let slug = Slug::new("site-1").unwrap();
        assert!(aws.explains(&slug, Down) && !aws.explains(&slug, Up));
    }
}
