//! Routes to sites, and the number of unrelated operators on them.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
};

use url::Host;

use crate::{address::is_public, domain::registered, site::Site};

/// The route to a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Over the private network.
    pub private: bool,
    /// By a name that must be resolved.
    pub named: bool,
    /// Operator, as far as the name shows: sites of one operator may well fail together.
    pub operator: u64,
    /// The site.
    pub site: u64,
    /// Known relations (0: unknown): the provider, the address, and the network around it. Sites
    /// that share one may well fail together too.
    ///
    /// The DNS operator is not among these, though all of its sites may lose their names together: it
    /// has no part in their connections and answers, and one DNS operator for a whole catalogue, which
    /// is common, would leave no site to show whether a refusal, a page or a pace is our own doing. For
    /// names that are gone, canaries decide.
    pub relations: [u64; 3],
}

impl Route {
    /// The route to a site.
    pub fn of(site: &Site) -> Self {
        let mut hash = DefaultHasher::new();
        let named = if let Some(Host::Domain(name)) = site.url.host() {
            registered(name).hash(&mut hash);
            !(name == "localhost" || name.ends_with(".localhost"))
        } else {
            // Many machines may be behind one address.
            (site.url.host_str(), site.url.port_or_known_default()).hash(&mut hash);
            false
        };
        let mut route = Self {
            private: site.private,
            named,
            operator: hash.finish(),
            site: hashed(site.slug.as_str()),
            relations: [0; 3],
        };
        if let Some(provider) = &site.provider {
            route.served_by(provider);
        }
        route
    }

    /// Knows the provider that serves the site.
    pub fn served_by(&mut self, provider: &str) {
        self.relations[0] = hashed(("provider", provider));
    }

    /// Knows where the site is.
    pub fn is_at(&mut self, address: IpAddr) {
        self.relations[1] = hashed(("address", address));
        // About what a small provider has, of those that we do not know. A private network is ours, and
        // one site in it shows what befalls another.
        self.relations[2] = match address {
            _ if !is_public(address) => 0,
            IpAddr::V4(address) => hashed(("network", &address.octets()[..2])),
            IpAddr::V6(address) => hashed(("network", &address.segments()[..2])),
        };
    }

    /// Keeps the relations that were found for the same site.
    pub fn keep_relations(&mut self, known: &Self) {
        for (mine, known) in self.relations.iter_mut().zip(known.relations) {
            *mine = if *mine == 0 { known } else { *mine };
        }
    }

    /// Returns whether a site on this route can be evidence for whether another one fails because
    /// of us.
    pub fn can_be_evidence_for(&self, other: &Self) -> bool {
        self.private == other.private && !self.is_related(other)
    }

    /// Returns whether one trouble may well be behind both.
    pub(super) fn is_related(&self, other: &Self) -> bool {
        self.operator == other.operator
            || self.relations.iter().zip(&other.relations).any(|(one, two)| *one != 0 && one == two)
    }
}

/// Hash of an observation, such as the host of a redirect.
pub(super) fn hashed(what: impl Hash) -> u64 {
    let mut hash = DefaultHasher::new();
    what.hash(&mut hash);
    hash.finish()
}

/// Number of unrelated ones: sites of one operator, provider, address or network count once.
pub(super) fn unrelated<'w>(routes: impl Iterator<Item = &'w Route>) -> usize {
    let mut groups: Vec<usize> = Vec::new();
    let mut known: HashMap<u64, usize> = HashMap::new();
    for route in routes {
        let mut mine = groups.len();
        groups.push(mine);
        for key in route.relations.into_iter().chain([route.operator]).filter(|key| *key != 0) {
            let theirs = root(&mut groups, *known.entry(key).or_insert(mine));
            let (low, high) = (mine.min(theirs), mine.max(theirs));
            groups[high] = low;
            mine = low;
        }
    }
    groups.iter().enumerate().filter(|(place, group)| place == *group).count()
}

/// The first of a group.
fn root(groups: &mut [usize], mut place: usize) -> usize {
    while groups[place] != place {
        groups[place] = groups[groups[place]];
        place = groups[place];
    }
    place
}

/// Number of unrelated operators on each route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatorCounts {
    pub(super) public: usize,
    pub(super) private: usize,
    pub(super) names: usize,
    /// Those for which one trouble behind two is unlikely, of sites that can be evidence about our
    /// own side. Public first, then private.
    pub(super) unrelated: [usize; 2],
    /// Those of them whose sites have a name.
    pub(super) unrelated_names: [usize; 2],
    /// Those of the first whose sites may tell whether our line is slow.
    pub(super) pacing: [usize; 2],
}

impl OperatorCounts {
    /// Those that are reached by these ways.
    pub fn of(routes: &[Route]) -> Self {
        let count = |of: fn(&Route) -> bool| {
            let mut all: Vec<u64> =
                routes.iter().copied().filter(of).map(|route| route.operator).collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let (public, private) = (count(|route| !route.private), count(|route| route.private));
        let operators =
            Self { public, private, names: count(|route| route.named), ..Self::default() };
        operators.counting(routes).pacing(routes)
    }

    /// The same, of which only these sites may tell of our line's pace: not those that are slow.
    #[must_use]
    pub fn pacing(self, routes: &[Route]) -> Self {
        let of = |private| unrelated(routes.iter().filter(|route| route.private == private));
        Self { pacing: [of(false), of(true)], ..self }
    }

    /// The same, counting only these sites as evidence about our own side: not those that are down.
    #[must_use]
    pub fn counting(self, routes: &[Route]) -> Self {
        let of = |is: fn(&Route) -> bool| unrelated(routes.iter().filter(move |route| is(route)));
        Self {
            unrelated: [of(|route| !route.private), of(|route| route.private)],
            unrelated_names: [
                of(|route| !route.private && route.named),
                of(|route| route.private && route.named),
            ],
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Slug;

    #[test]
    fn a_common_operator_of_names_leaves_sites_unrelated_and_a_common_provider_does_not() {
        let routes = |provider: Option<&str>| -> Vec<Route> {
            let site = |n: u32| {
                let url = format!("https://www.operator-{n}.example/").parse().unwrap();
                let slug = Slug::new(&format!("operator-{n}.example")).unwrap();
                Site {
                    provider: provider.map(Into::into),
                    depends_on: vec!["dyn".into()],
                    ..Site::new(slug, url)
                }
            };
            (0..4).map(|n| Route::of(&site(n))).collect()
        };
        let at = |network: &str| -> Vec<Route> {
            let mut all = routes(None);
            for (n, route) in all.iter_mut().enumerate() {
                route.is_at(format!("{network}.{n}.7").parse().unwrap());
            }
            all
        };
        assert_eq!(OperatorCounts::of(&routes(None)).unrelated, [4, 0]);
        // One network is that of one provider, and a private one is ours.
        assert_eq!(OperatorCounts::of(&at("9.9")).unrelated, [1, 0]);
        assert_eq!(OperatorCounts::of(&at("10.1")).unrelated, [4, 0]);
        assert_eq!(OperatorCounts::of(&routes(Some("aws"))).unrelated, [1, 0]);
    }
}
