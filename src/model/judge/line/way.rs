//! How sites are reached, and by how many unrelated operators.

use std::hash::{DefaultHasher, Hash, Hasher};

use url::Host;

use crate::model::site::Site;

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
            registrable(name).hash(&mut hash);
            !(name == "localhost" || name.ends_with(".localhost"))
        } else {
            // Many machines may be behind one address.
            (site.url.host_str(), site.url.port_or_known_default()).hash(&mut hash);
            false
        };
        Self { private: site.private, named, operator: hash.finish() }
    }
}

/// The part of a name that somebody has registered, nearly: three labels where the last two are
/// short (`example.co.uk`), else two.
fn registrable(name: &str) -> &str {
    let dots: Vec<usize> =
        name.trim_end_matches('.').match_indices('.').map(|(at, _)| at).collect();
    let [.., third, second, last] = dots[..] else {
        return match dots[..] {
            [first, last] if last - first > 4 => &name[first + 1..],
            _ => name,
        };
    };
    if last - second <= 4 && name.len() - last <= 4 {
        &name[third + 1..]
    } else {
        &name[second + 1..]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_known_by_what_it_registered() {
        for (name, want) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("www.example.com", "example.com"),
            ("example.co.uk", "example.co.uk"),
            ("www.example.co.uk", "example.co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registrable(name), want, "{name}");
        }
    }
}
