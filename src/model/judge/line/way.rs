//! How sites are reached, and by how many unrelated operators.

use std::hash::{DefaultHasher, Hash, Hasher};

use url::Host;

use crate::model::{domain::registered, site::Site};

/// How a site is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Over the private network.
    pub private: bool,
    /// By a name that has to be looked up.
    pub named: bool,
    /// Who runs it, as far as its name tells: sites of one operator may well fail together.
    pub operator: u64,
}

impl Way {
    /// The way to a site.
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
        Self { private: site.private, named, operator: hash.finish() }
    }
}

/// How many unrelated operators are reached over each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    pub(super) public: usize,
    pub(super) private: usize,
    pub(super) names: usize,
}

impl Operators {
    /// Those that are reached by these ways.
    pub fn of(ways: &[Way]) -> Self {
        let count = |of: fn(&Way) -> bool| {
            let mut all: Vec<u64> =
                ways.iter().copied().filter(of).map(|way| way.operator).collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let (public, private) = (count(|way| !way.private), count(|way| way.private));
        Self { public, private, names: count(|way| way.named) }
    }
}
