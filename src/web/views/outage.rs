//! The name of an outage in addresses, in the API and on pages: its site, its start and its status, which
//! never change.

use std::{fmt, str::FromStr};

use model::{
    moment::Moment,
    name::Slug,
    verdict::{Outage, Status},
};

/// The name of an outage: `slack.com-1488290995000-down`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct OutageId {
    /// The site.
    pub(in crate::web) slug: Slug,
    /// The first bad check.
    pub(in crate::web) started_at: Moment,
    /// Status of the site.
    pub(in crate::web) status: Status,
}

impl OutageId {
    /// The name of an outage of this site.
    pub(in crate::web) fn of(slug: &Slug, outage: &Outage) -> Self {
        Self { slug: slug.clone(), started_at: outage.started_at, status: outage.status }
    }

    /// Returns whether it names this outage of its site.
    pub(in crate::web) fn names(&self, outage: &Outage) -> bool {
        (self.started_at, self.status) == (outage.started_at, outage.status)
    }
}

impl fmt::Display for OutageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.slug, self.started_at.millis(), self.status.word())
    }
}

impl FromStr for OutageId {
    type Err = ();

    /// Only the text that [`fmt::Display`] writes: an outage has one address.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.rsplitn(3, '-');
        let (status, start, slug) = (parts.next(), parts.next(), parts.next());
        let status: Status = status.ok_or(())?.parse()?;
        let start = start.and_then(|start| start.parse().ok()).ok_or(())?;
        let slug = slug.and_then(|slug| Slug::new(slug).ok()).ok_or(())?;
        let id = Self { slug, started_at: Moment::from_millis(start), status };
        (status.is_outage() && id.to_string() == text).then_some(id).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_has_one_name_and_nothing_else_is_one() {
        for text in [
            "slack.com-1488290995000-down",
            "my-site.example-1-slow",
            "[2001:db8::1]-1488290995000-partial",
        ] {
            assert_eq!(text.parse::<OutageId>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "slack.com",
            "slack.com-1488290995000-up",
            "slack.com-01488290995000-down",
            "slack.com-+1488290995000-down",
            "slack.com-99999999999999999999-down",
            "slack.com-999999999999999999-down",
            "Slack.com-1488290995000-down",
            "slack.com-1488290995000-DOWN",
            "-1488290995000-down",
        ] {
            assert!(text.parse::<OutageId>().is_err(), "{text}");
        }
    }
}
