//! Division of a region's sites among its agents: a site goes to the agent with the highest hash of
//! both (rendezvous hashing), so that an agent that comes or goes moves its own sites alone.

use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use model::{
    moment::Moment,
    name::{AgentName, Slug},
};

/// Time without a result after which an agent loses its share: others of its region take over.
pub(super) const SILENT: Duration = Duration::from_secs(90);
/// Time without such a silence after which an agent that returns has its share again.
pub(super) const CALM: Duration = Duration::from_mins(5);

/// Presence of an agent, which decides on its share of the sites. Results count, not a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Presence {
    /// Beginning of the results without a long silence.
    since: Option<Moment>,
    /// Moment of the last one.
    last: Option<Moment>,
    /// True while it has a share.
    shares: bool,
}

impl Presence {
    /// Takes in that results came.
    pub(super) fn heard(&mut self, now: Moment) {
        if self.is_silent(now) {
            (self.since, self.shares) = (Some(now), false);
        }
        self.last = Some(now);
    }

    /// Returns whether nothing came for too long.
    pub(super) fn is_silent(&self, now: Moment) -> bool {
        self.last.is_none_or(|last| now.since(last) > SILENT)
    }

    /// Moment of its last result.
    pub(super) fn last(&self) -> Option<Moment> {
        self.last
    }

    /// Returns whether it has a share now, `alone` or beside others that have one.
    pub(super) fn settle(&mut self, now: Moment, alone: bool) -> bool {
        let calm = self.since.is_some_and(|since| now.since(since) >= CALM);
        // A single agent takes all; otherwise it returns after a calm stretch.
        self.shares = alone || (!self.is_silent(now) && (self.shares || calm));
        self.shares
    }
}

/// The agent of these that checks a site; `None` without any.
pub(super) fn who<'a>(
    slug: &Slug,
    agents: impl Iterator<Item = &'a AgentName>,
) -> Option<&'a AgentName> {
    agents.max_by_key(|name| {
        let mut text = name.as_str().as_bytes().to_vec();
        text.push(b'/');
        text.extend(slug.as_str().as_bytes());
        (xxh3_64(&text), *name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Moment {
        Moment::from_millis(1_790_000_000_000) + Duration::from_secs(second)
    }

    #[test]
    fn an_agent_that_goes_moves_its_own_sites_alone_and_all_have_some() {
        let names: Vec<AgentName> =
            ["a", "b", "c"].into_iter().map(|name| AgentName::new(name).unwrap()).collect();
        let mut counts = [0; 3];
        for n in 0..3_000 {
            let slug = Slug::new(&format!("site-{n}.example")).unwrap();
            let all = who(&slug, names.iter()).unwrap();
            counts[names.iter().position(|name| name == all).unwrap()] += 1;
            let rest = who(&slug, names[1..].iter()).unwrap();
            assert!(all == rest || *all == names[0]);
        }
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
        assert_eq!(who(&Slug::new("a.example").unwrap(), [].iter()), None);
    }

    #[test]
    fn an_agent_that_flaps_has_no_share_until_it_was_calm() {
        let mut agent = Presence::default();
        assert!(agent.is_silent(at(0)) && !agent.settle(at(0), false));
        let mut beat = |from: u64, until: u64| {
            let mut shared_from = None;
            for second in (from..until).step_by(10) {
                agent.heard(at(second));
                if agent.settle(at(second), false) {
                    shared_from.get_or_insert(second);
                }
            }
            shared_from
        };
        assert_eq!(beat(0, 400), Some(300));
        assert_eq!(beat(400, 460), Some(400));
        // A short pause costs it nothing, a long one its share for a while.
        assert_eq!(beat(530, 540), Some(530));
        assert_eq!(beat(700, 990), None);
        assert_eq!(beat(990, 1_100), Some(1_000));
        assert!(!agent.settle(at(1_200), false));
    }

    #[test]
    fn whoever_is_alone_looks_at_all() {
        let mut agent = Presence::default();
        assert!(agent.settle(at(0), true));
        assert!(!agent.settle(at(0), false));
    }
}
