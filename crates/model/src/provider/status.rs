//! Status of a provider and of its sites at a moment. Pure.

use std::time::Duration;

use super::{
    Dependency, ProviderEvent, Role,
    kind::TroubleKind,
    symptom::{Alike, FailureSymptom},
};
use crate::{
    moment::Moment,
    name::Slug,
    outcome::Cause,
    verdict::{Status, StatusCounts},
};

/// Time within which sites that turn bad may well have one cause.
const COMMON_CAUSE_WITHIN: Duration = Duration::from_mins(10);

/// Condition of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing says that it fails.
    Ok,
    /// Nothing is known of any site of it.
    Unknown,
    /// It failed, and most of what failed with it is well, or no more than slow.
    Recovering,
    /// It fails.
    Failing,
}

impl Condition {
    /// Name in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Recovering => "recovering",
            Self::Failing => "failing",
        }
    }
}

/// A site of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The site.
    pub slug: &'a Slug,
    /// Status of the site.
    pub status: Status,
    /// Since when.
    pub since: Option<Moment>,
    /// Cause, for `down` and `partial`.
    pub cause: Option<&'a Cause>,
    /// The other provider that it is bad with, if that is known.
    pub bad_with: Option<&'a str>,
    /// True if it fails now and then.
    pub intermittent: bool,
}

impl<'a> From<(&'a Slug, Status, Option<Moment>)> for Member<'a> {
    fn from((slug, status, since): (&'a Slug, Status, Option<Moment>)) -> Self {
        Self { slug, status, since, cause: None, bad_with: None, intermittent: false }
    }
}

/// Status of the sites of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderStatus {
    /// The provider's slug.
    pub provider: Box<str>,
    /// Number of its sites by status.
    pub counts: StatusCounts,
    /// The event that has not ended, if there is one.
    pub event: Option<ProviderEvent>,
    /// The event that is over and of which sites are bad still, with those sites alone.
    pub left: Option<ProviderEvent>,
    /// Number of the event's sites by status.
    pub with_it: StatusCounts,
    /// Another provider, and how many of the bad sites are bad with that one.
    pub through: Option<(Box<str>, usize)>,
    /// Moments since which its sites without a known common cause are bad, in order.
    pub fell: Vec<Moment>,
    /// Number of its sites that are not bad, but fail now and then.
    pub intermittent: usize,
}

impl ProviderStatus {
    /// Status of a provider from these sites, with the event that goes on or whose sites are left
    /// over.
    pub fn of<'a>(
        provider: &str,
        sites: impl IntoIterator<Item = impl Into<Member<'a>>>,
        event: Option<ProviderEvent>,
    ) -> Self {
        let sites: Vec<Member<'a>> = sites.into_iter().map(Into::into).collect();
        let is_part =
            |site: &&Member<'_>| event.as_ref().is_some_and(|event| is_part_of(event, site));
        let with_it = sites.iter().filter(is_part).map(|site| site.status).collect();
        let counts = sites.iter().map(|site| site.status).collect();
        let bad = || sites.iter().filter(|site| site.status.is_outage());
        let alone = bad().filter(|site| site.bad_with.is_none());
        let mut fell: Vec<Moment> = alone.filter_map(|site| site.since).collect();
        fell.sort_unstable();
        let other = bad().find_map(|site| site.bad_with);
        let count = |other: &str| bad().filter(|site| site.bad_with == Some(other)).count();
        let through = other.map(|other| (other.into(), count(other)));
        let shaky = sites.iter().filter(|site| site.intermittent && !site.status.is_outage());
        let intermittent = shaky.count();
        let (event, left) = match event {
            Some(event) if event.ended_at.is_some() => (None, Some(event)),
            event => (event, None),
        };
        Self {
            provider: provider.into(),
            counts,
            event,
            left,
            with_it,
            through,
            fell,
            intermittent,
        }
    }

    /// Number of its sites that are bad.
    pub fn affected(&self) -> usize {
        self.counts.bad()
    }

    /// Returns whether several of its sites fail now and then, or all that there are.
    pub fn is_unsteady(&self) -> bool {
        self.intermittent > usize::from(self.counts.total() > 1)
    }

    /// Returns whether enough is known of the sites of its event to say how it is.
    pub fn is_known(&self) -> bool {
        let (unknown, all) = (self.with_it.of(Status::Unknown), self.with_it.total());
        self.with_it.bad() > 0 || all > 0 && unknown * 2 <= all
    }

    /// Condition of the provider. While nothing is known of its sites, it is unchanged.
    pub fn condition(&self) -> Condition {
        let Some(event) = &self.event else {
            let known = self.counts.total() > self.counts.of(Status::Unknown);
            return if known { Condition::Ok } else { Condition::Unknown };
        };
        let down = self.with_it.of(Status::Down) + self.with_it.of(Status::Partial);
        let was_down = event.evidence.is_some_and(|evidence| evidence.alike != Alike::Slow);
        let few = self.with_it.bad() * 2 <= event.sites.len();
        if self.is_known() && (few || down == 0 && was_down) {
            Condition::Recovering
        } else {
            Condition::Failing
        }
    }

    /// Returns whether a site that is bad now is bad with its provider.
    pub fn explains(&self, member: &Member<'_>) -> bool {
        member.status.is_outage() && self.holds(member)
    }

    /// Returns whether the site is among those that were bad with it, and is not bad by itself since.
    pub fn holds(&self, member: &Member<'_>) -> bool {
        self.event.as_ref().or(self.left.as_ref()).is_some_and(|event| is_part_of(event, member))
    }

    /// Returns whether a site with this dependency may turn robots away because of the event, since
    /// this moment: a failing server may do that, a DNS operator cannot.
    pub fn may_turn_away<'d>(
        &self,
        mut dependencies: impl Iterator<Item = Dependency<'d>>,
        since: Moment,
    ) -> bool {
        let of_servers = |event: &&ProviderEvent| {
            !matches!(TroubleKind::of_event(event), TroubleKind::Names | TroubleKind::Certificate)
        };
        let event = self.event.as_ref().filter(of_servers).filter(|event| since >= event.from());
        event.is_some()
            && dependencies.any(|d| {
                *d.provider == *self.provider && matches!(d.role, Role::Serves | Role::Declared)
            })
    }

    /// Role of the provider for a site with these dependencies in which its event shows.
    pub fn role_for<'d>(&self, dependencies: impl Iterator<Item = Dependency<'d>>) -> Role {
        let Some(event) = self.event.as_ref().or(self.left.as_ref()) else { return Role::Serves };
        let kind = TroubleKind::of_event(event);
        let mine = dependencies.filter(|d| *d.provider == *self.provider).map(|d| d.role);
        let shown = mine.filter(|role| kind.is_shown_by(*role)).min();
        shown.unwrap_or_else(|| event.evidence.map_or(Role::Serves, |evidence| evidence.role))
    }

    /// The most of its bad sites that turned bad within [`COMMON_CAUSE_WITHIN`]: how many, the first, the last.
    pub fn together(&self) -> (usize, Moment, Moment) {
        let from = |n: usize| {
            let first = self.fell[n];
            let with =
                self.fell[n..].iter().take_while(|at| at.since(first) <= COMMON_CAUSE_WITHIN);
            (with.clone().count(), first, with.last().copied().unwrap_or(first))
        };
        let all = (0..self.fell.len()).map(from);
        all.rev().max_by_key(|(count, ..)| *count).unwrap_or_default()
    }
}

fn is_part_of(event: &ProviderEvent, member: &Member<'_>) -> bool {
    let symptom = FailureSymptom::of(member.status, member.cause);
    let is_its = |since| !member.status.is_outage() || event.may_bring(since, symptom);
    event.sites.contains(member.slug) && member.since.is_none_or(is_its)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_of_which_no_site_is_known_is_unknown() {
        let slug = Slug::new("a.example").unwrap();
        for (statuses, want) in [
            (&[][..], Condition::Unknown),
            (&[Status::Unknown, Status::Unknown][..], Condition::Unknown),
            (&[Status::Unknown, Status::Up][..], Condition::Ok),
            (&[Status::Down, Status::Unknown][..], Condition::Ok),
        ] {
            let sites = statuses.iter().map(|status| (&slug, *status, None));
            assert_eq!(ProviderStatus::of("aws", sites, None).condition(), want, "{statuses:?}");
        }
    }
}
