//! Rules for the changes that a channel is notified of. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quiet::Quiet;
use crate::{moment::Moment, name::Slug, site::Site, validity::Validity, verdict::Status};

const DAY: Duration = Duration::from_hours(24);

/// Subject of a message. The words are those of `on` and of the webhook's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Confirmed down.
    Down,
    /// Down in some regions.
    Partial,
    /// It answers, much later than it should.
    Slow,
    /// It answers, and there is a note on it: it fails now and then, it turns robots away, its page
    /// is unusual.
    Notes,
    /// A person opens, updates or closes a notice.
    Notice,
    /// A certificate ends soon.
    Certificate,
    /// The trouble is over.
    Recovered,
}

impl Topic {
    /// Every topic, worst first.
    pub const ALL: [Self; 7] = [
        Self::Down,
        Self::Partial,
        Self::Slow,
        Self::Notes,
        Self::Notice,
        Self::Certificate,
        Self::Recovered,
    ];
    /// Topics of a channel that names none.
    pub const DEFAULT: [Self; 4] = [Self::Down, Self::Partial, Self::Slow, Self::Recovered];

    /// Name in `on` and in the webhook.
    pub fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Partial => "partial",
            Self::Slow => "slow",
            Self::Notes => "notes",
            Self::Notice => "notice",
            Self::Certificate => "certificate",
            Self::Recovered => "recovered",
        }
    }

    /// The topic of a bad status.
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Down => Some(Self::Down),
            Status::Partial => Some(Self::Partial),
            Status::Slow => Some(Self::Slow),
            Status::Up | Status::Unknown => None,
        }
    }

    /// The bad status that it is about, if it is about one.
    pub fn status(self) -> Option<Status> {
        match self {
            Self::Down => Some(Status::Down),
            Self::Partial => Some(Status::Partial),
            Self::Slow => Some(Status::Slow),
            Self::Notes | Self::Notice | Self::Certificate | Self::Recovered => None,
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|topic| topic.word() == word).ok_or(())
    }
}

/// Rule for the changes, sites and times that a channel is notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Only these sites; none: every site. A site must fit each of the three lists.
    pub sites: Vec<Slug>,
    /// Only sites with any of these tags; none: every site.
    pub tags: Vec<Box<str>>,
    /// Only sites of any of these providers; none: every site.
    pub providers: Vec<Box<str>>,
    /// Topics that are sent; at least one of the bad ones.
    pub on: Vec<Topic>,
    /// Time that a status must have lasted before it is reported.
    pub lasting: Duration,
    /// The time that a message waits for others of the same cause.
    pub gather: Duration,
    /// Hours without messages.
    pub quiet: Option<Quiet>,
    /// Days before the end of a certificate on which the channel is told of it.
    pub certificate_days: Vec<u32>,
}

impl Rule {
    /// Returns whether it is about this site, which this provider serves, as far as is known.
    pub fn is_about(&self, site: &Site, provider: Option<&str>) -> bool {
        let serves = |p: &str| self.providers.iter().any(|wanted| **wanted == *p);
        (self.sites.is_empty() || self.sites.contains(&site.slug))
            && (self.tags.is_empty() || site.tags.iter().any(|tag| self.tags.contains(tag)))
            && (self.providers.is_empty() || provider.is_some_and(serves))
    }

    /// Returns whether the channel is notified of this topic.
    pub fn tells(&self, topic: Topic) -> bool {
        self.on.contains(&topic)
    }

    /// The days before its end on which the channel is to be told of a certificate now: the fewest that
    /// have been reached. `None` while it is too early, and after the end, when the site is down.
    pub fn reached_days(&self, certificate: &Validity, now: Moment) -> Option<u32> {
        let is_reached = |days: &u32| certificate.ends_within(DAY * *days, now);
        let reached = self.certificate_days.iter().copied().filter(is_reached).min();
        reached.filter(|_| now < certificate.ends_at && self.tells(Topic::Certificate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_by_the_fewest_days_that_are_reached_and_not_after_its_end() {
        let ends = Moment::parse("2026-12-22T12:00:00Z").unwrap();
        let rule = |on: &[Topic]| Rule {
            sites: vec![],
            tags: vec![],
            providers: vec![],
            on: on.to_vec(),
            lasting: Duration::ZERO,
            gather: Duration::ZERO,
            quiet: None,
            certificate_days: vec![21, 1, 7],
        };
        let wants = rule(&[Topic::Certificate]);
        for (now, want) in [
            ("2026-12-01T11:59:59Z", None),
            ("2026-12-01T12:00:00Z", Some(21)),
            ("2026-12-15T11:59:59Z", Some(21)),
            ("2026-12-15T12:00:00Z", Some(7)),
            ("2026-12-21T12:00:00Z", Some(1)),
            ("2026-12-22T11:59:59Z", Some(1)),
            ("2026-12-22T12:00:00Z", None),
            ("2027-01-22T12:00:00Z", None),
        ] {
            let now = Moment::parse(now).unwrap();
            let certificate = Validity { begins_at: None, ends_at: ends };
            assert_eq!(wants.reached_days(&certificate, now), want, "{now}");
            assert_eq!(rule(&[Topic::Down]).reached_days(&certificate, now), None);
        }
    }
}
