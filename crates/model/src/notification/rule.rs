//! Rules for the changes that a channel is notified of. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quiet::Quiet;
use crate::{name::Slug, site::Site, verdict::Status};

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
    /// The trouble is over.
    Recovered,
}

impl Topic {
    /// Every topic, worst first.
    pub const ALL: [Self; 6] =
        [Self::Down, Self::Partial, Self::Slow, Self::Notes, Self::Notice, Self::Recovered];
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
            Self::Notes | Self::Notice | Self::Recovered => None,
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
}
