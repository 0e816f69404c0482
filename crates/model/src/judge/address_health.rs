//! Routes to a site that fail while others work: an address family, or one address.
//!
//! The attempts of a check go to different addresses, so those that failed before one that was
//! answered show which route is broken. A single failure proves nothing; a route that fails every
//! time it is tried, while the others hardly do, is broken.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::judge::network_health::Family;
use crate::{
    moment::Moment,
    note::{NoteKind, Observations},
};

/// Failures in a row of a broken route; each failure of another route takes two back.
const BROKEN_AFTER: u8 = 6;
/// Checks without an attempt after which a route counts as gone.
const GONE_AFTER: u8 = 60;

/// State of the routes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AddressHealth {
    #[serde(skip_serializing_if = "PathHealth::is_new")]
    ipv4: PathHealth,
    #[serde(skip_serializing_if = "PathHealth::is_new")]
    ipv6: PathHealth,
    /// The address that failed last while another one of its family was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspect: Option<Box<(IpAddr, PathHealth)>>,
}

/// State of one route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct PathHealth {
    /// Checks in which it failed since it was last answered.
    failed: u8,
    /// The first of those.
    first: Moment,
    /// Checks in which it was not tried since.
    idle: u8,
    /// True if it was found to be broken, and was not answered since.
    broken: bool,
}

impl PathHealth {
    fn is_new(&self) -> bool {
        *self == Self::default()
    }

    fn fails(&mut self, at: Moment) {
        if self.failed == 0 {
            self.first = at;
        }
        self.failed = self.failed.saturating_add(1);
        self.idle = 0;
        self.broken |= self.failed >= BROKEN_AFTER;
    }

    /// Another route failed: this one's failures prove less.
    fn relieve(&mut self) {
        if !self.broken {
            self.failed = self.failed.saturating_sub(2);
        }
    }

    fn rest(&mut self) {
        self.idle = self.idle.saturating_add(1);
        if self.idle >= GONE_AFTER {
            *self = Self::default();
        }
    }
}

impl AddressHealth {
    /// Takes an answer, and the observations on the way to it; `lost` is the family that does not
    /// work from here, and since when it may not have.
    pub(super) fn take(&mut self, seen: &Observations, at: Moment, lost: Option<(Family, Moment)>) {
        let Some(answered) = seen.answered_by else { return };
        let failed = || seen.failed_attempts.iter().filter_map(|attempt| attempt.address);
        let (here, there) = match answered {
            IpAddr::V4(_) => (&mut self.ipv4, &mut self.ipv6),
            IpAddr::V6(_) => (&mut self.ipv6, &mut self.ipv4),
        };
        *here = PathHealth::default();
        if failed().any(|address| address.is_ipv4() == answered.is_ipv4()) {
            there.relieve();
        }
        if let Some((_, since)) = lost.filter(|(family, _)| *family != Family::of(answered)) {
            // What seemed to be the site's when it began was ours already.
            if there.first >= since {
                *there = PathHealth::default();
            }
        } else if failed().any(|address| address.is_ipv4() != answered.is_ipv4()) {
            there.fails(at);
        } else {
            there.rest();
        }
        let related =
            |address: &IpAddr| address.is_ipv4() == answered.is_ipv4() && *address != answered;
        self.suspect(answered, failed().find(related), at);
    }

    /// One address of those of a family: whether it failed, and was not answered.
    fn suspect(&mut self, answered: IpAddr, failed: Option<IpAddr>, at: Moment) {
        if self.suspect.as_ref().is_some_and(|suspect| suspect.0 == answered) {
            self.suspect = None;
        }
        match (&mut self.suspect, failed) {
            (None, None) => {}
            (Some(suspect), Some(failed)) if suspect.0 == failed => suspect.1.fails(at),
            (Some(suspect), other) => {
                if other.is_some() {
                    suspect.1.relieve();
                }
                suspect.1.rest();
                if suspect.1.failed == 0 {
                    self.suspect = None;
                }
            }
            (suspect @ None, Some(failed)) => {
                let mut route = PathHealth::default();
                route.fails(at);
                *suspect = Some(Box::new((failed, route)));
            }
        }
    }

    /// The routes that are broken, and since when.
    pub(super) fn broken(&self) -> impl Iterator<Item = (NoteKind, Moment)> {
        let address = self.suspect.as_ref().map(|suspect| suspect.1).unwrap_or_default();
        let all = [
            (NoteKind::Ipv4Fails, self.ipv4),
            (NoteKind::Ipv6Fails, self.ipv6),
            (NoteKind::AddressFails, address),
        ];
        all.into_iter().filter(|(_, route)| route.broken).map(|(kind, route)| (kind, route.first))
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        let suspect = self.suspect.as_mut().map(|suspect| &mut suspect.1);
        for route in [&mut self.ipv4, &mut self.ipv6].into_iter().chain(suspect) {
            route.first = route.first.min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{note::FailedAttempt, outcome::Failure};

    fn address(kind: char) -> IpAddr {
        match kind {
            'a' => "192.0.2.1",
            'b' => "192.0.2.2",
            'A' => "2001:db8::1",
            _ => "2001:db8::2",
        }
        .parse()
        .unwrap()
    }

    /// Looks, a minute each: the attempts in their order, of which only the last was answered.
    fn broken(looks: &str) -> Vec<(NoteKind, i64)> {
        let mut routes = AddressHealth::default();
        for (n, look) in looks.split_whitespace().enumerate() {
            let mut attempts: Vec<IpAddr> = look.chars().map(address).collect();
            let answered_by = attempts.pop();
            let failed = |address| FailedAttempt { address: Some(address), failure: Failure::Http };
            let failed_attempts = attempts.into_iter().map(failed).collect();
            let seen = Observations { failed_attempts, answered_by, ..Observations::default() };
            routes.take(&seen, Moment::from_millis(n as i64), None);
        }
        let kept = serde_json::to_string(&routes).unwrap();
        assert_eq!(serde_json::from_str::<AddressHealth>(&kept).unwrap(), routes);
        routes.broken().map(|(kind, since)| (kind, since.millis())).collect()
    }

    #[test]
    fn a_family_that_fails_whenever_it_is_tried_while_the_other_works_is_told() {
        use NoteKind::{AddressFails, Ipv4Fails, Ipv6Fails};
        assert_eq!(broken(&"Aa a ".repeat(5)), []);
        assert_eq!(broken(&"Aa a ".repeat(6)), [(Ipv6Fails, 0)]);
        assert_eq!(broken(&"aA A ".repeat(6)), [(Ipv4Fails, 0)]);
        assert_eq!(broken(&("Aa a ".repeat(6) + "A")), [], "answered again");
        assert_eq!(broken(&("Aa a ".repeat(4) + "A " + &"Aa a ".repeat(4))), []);
        assert_eq!(broken(&("Aa a ".repeat(6) + &"a ".repeat(60))), [], "not there any more");
        assert_eq!(broken(&"ab b ".repeat(6)), [(AddressFails, 0)]);
        assert_eq!(broken(&("ab b ".repeat(6) + "a")), []);
        assert_eq!(broken(&"ab ba ".repeat(20)), [], "both fail now and then");
        assert_eq!(broken(&"Aa aA ".repeat(20)), []);
    }
}
