//! Symptoms of a check that may be our own side's doing as well as the site's: an error, a page or
//! a pace, comparable between sites.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::judge::network_health::route::hashed;
use crate::{
    check::Check,
    domain::registered,
    outcome::{Failure, Outcome, Reached},
    verdict::SelfDoubt,
};

/// A symptom that many sites may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedSymptom {
    /// A name server answers that the name is not known.
    UnknownName,
    /// Names lead to this address, which is not the site's as it was known.
    Address(u64),
    /// This certificate, which is not the site's own.
    OneCertificate(u64),
    /// Nothing answers at the address.
    Silent,
    /// The connection is refused.
    Refused,
    /// There is a connection, and nothing comes over it.
    Hangs,
    /// The connection is cut.
    Reset,
    /// The certificate is not the site's own, or cannot be trusted.
    Certificate,
    /// The answer is not HTTP.
    Protocol,
    /// Redirects that lead nowhere.
    Redirect,
    /// This HTTP status, which is an error.
    Status(u16),
    /// This HTTP status, as a refusal of robots.
    TurnedAway(u16),
    /// A page without what belongs into it.
    Text,
    /// A redirect to this host, of another owner.
    LeadsTo(u64),
    /// This page.
    Page(u64),
    /// Any failure that something answered with.
    Failing,
    /// An answer that comes several times later than usual.
    Slow,
}

/// Question to a canary that shows whether a symptom is our own side's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CanaryLayer {
    /// A connection is accepted.
    Connection = 0,
    /// A whole answer comes, over a secure connection.
    Answer = 1,
    /// A name that always exists is known.
    Name = 2,
}

impl SharedSymptom {
    /// The failure, restriction or lateness that a check shows; silence of name servers shows
    /// nothing.
    pub(super) fn of(check: &Check, slow: bool) -> Option<Self> {
        let outcome = &check.outcome;
        let status = outcome.http_status.unwrap_or(0);
        let reached = |wanted| outcome.reached() == wanted;
        let Some(cause) = outcome.cause() else {
            let turned_away = outcome.restricted().then_some(Self::TurnedAway(status));
            return turned_away.or(slow.then_some(Self::Slow));
        };
        match cause.failure {
            Failure::Dns => reached(Reached::NameServer).then_some(Self::UnknownName),
            Failure::Connect if reached(Reached::Machine) => Some(Self::Refused),
            Failure::Timeout if reached(Reached::Machine) => Some(Self::Hangs),
            Failure::Connect | Failure::Timeout => Some(Self::Silent),
            Failure::Tls => Some(Self::Certificate),
            Failure::Reset => Some(Self::Reset),
            Failure::Protocol => Some(Self::Protocol),
            Failure::Redirect => Some(Self::Redirect),
            Failure::Http => Some(Self::Status(status)),
            Failure::Body => Some(Self::Text),
        }
    }

    /// Returns whether a check that shows it has failed.
    pub(super) fn fails(self) -> bool {
        let answers =
            matches!(self, Self::TurnedAway(_) | Self::LeadsTo(_) | Self::Page(_) | Self::Slow);
        !answers && !self.is_elsewhere()
    }

    /// Returns whether it shows something else in the place of the site.
    pub(super) fn is_elsewhere(self) -> bool {
        matches!(self, Self::Address(_) | Self::OneCertificate(_))
    }

    /// Returns whether a machine answers where it is shown.
    pub(super) fn is_answered(self) -> bool {
        !matches!(self, Self::UnknownName | Self::Silent)
    }

    /// Returns whether a site that shows it may be well, and have changed by itself.
    pub(super) fn may_be_new(self) -> bool {
        !self.fails() && self != Self::Slow
    }

    /// Returns whether the trouble behind it may look like this other one a moment later: names that lead to an
    /// address where nothing is make silence.
    pub(super) fn may_become(self, other: Self) -> bool {
        let lost = |symptom| matches!(symptom, Self::Address(_) | Self::Silent);
        self == other || lost(self) && lost(other)
    }

    /// Reason for self-doubt when most sites show it.
    pub(in crate::judge) fn doubt(self) -> SelfDoubt {
        match self {
            Self::UnknownName | Self::Address(_) => SelfDoubt::Names,
            Self::Slow => SelfDoubt::Congested,
            Self::Hangs | Self::Failing => SelfDoubt::Line,
            _ => SelfDoubt::Intercepted,
        }
    }

    /// Layer in which a canary must succeed to clear our own side; `None` where none can.
    ///
    /// Pace is no proof. A canary is the nearest of many machines with one address: it answers
    /// while our provider's lines to the rest of the world are cut, or while a firewall lets nothing
    /// else pass. Name servers that lead all sites to one address may spare the known name, and a
    /// box that shows one certificate for all names lets a canary pass, which is asked without one.
    pub(super) fn layer(self) -> Option<CanaryLayer> {
        match self {
            Self::UnknownName => Some(CanaryLayer::Name),
            Self::Refused => Some(CanaryLayer::Connection),
            Self::Slow | Self::Silent | Self::Address(_) | Self::OneCertificate(_) => None,
            _ => Some(CanaryLayer::Answer),
        }
    }

    /// Returns whether an outage with this failure (none: a slow stretch) is of it.
    pub(in crate::judge) fn covers(self, failure: Option<Failure>) -> bool {
        let own = match self {
            Self::Slow => return failure.is_none(),
            Self::LeadsTo(_)
            | Self::Page(_)
            | Self::TurnedAway(_)
            | Self::Address(_)
            | Self::OneCertificate(_)
            | Self::Failing => return failure.is_some(),
            Self::Silent => return matches!(failure, Some(Failure::Connect | Failure::Timeout)),
            Self::UnknownName => Failure::Dns,
            Self::Refused => Failure::Connect,
            Self::Hangs => Failure::Timeout,
            Self::Reset => Failure::Reset,
            Self::Certificate => Failure::Tls,
            Self::Protocol => Failure::Protocol,
            Self::Redirect => Failure::Redirect,
            Self::Status(_) => Failure::Http,
            Self::Text => Failure::Body,
        };
        failure == Some(own)
    }
}

/// Marks of an answer by which its sender can be recognised at other sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answerer {
    /// The host of its redirect, if that belongs to another owner; otherwise 0.
    pub leads_to: u64,
    /// Its page; 0 when it has none.
    pub page: u64,
    /// The address that the name leads to; 0 where it is not known.
    pub address: u64,
    /// Its certificate, where that is refused; otherwise 0.
    pub refused_certificate: u64,
    /// True if it has shown a certificate for the name: then it is the site itself, wherever that is.
    pub certified: bool,
}

impl Answerer {
    /// The answerer of a check of this URL. Names of a private network may well lead to one address.
    pub fn of(outcome: &Outcome, url: &Url, private: bool) -> Self {
        let final_url = outcome.traces.final_url.as_deref();
        let led = final_url.and_then(|led| Url::parse(led).ok());
        let host = led.as_ref().and_then(Url::host_str);
        let other = host
            .filter(|host| url.host_str().is_none_or(|own| registered(own) != registered(host)));
        let traces = &outcome.traces;
        let address = traces.address.or_else(|| traces.addresses.first().copied());
        let address = address.filter(|at| !private && !at.is_loopback()).map_or(0, hashed);
        let refused = outcome.cause().is_some_and(|cause| cause.failure == Failure::Tls);
        Self {
            leads_to: other.map_or(0, hashed),
            page: traces.answer_print,
            address,
            refused_certificate: if refused { traces.certificate_print } else { 0 },
            certified: outcome.phases.tls.is_some() && !refused,
        }
    }

    /// The marks that are not as before; 0 for those that are.
    #[must_use]
    pub fn unlike(self, before: &Self) -> Self {
        let new = |now: u64, before: u64| if now == before { 0 } else { now };
        Self {
            leads_to: new(self.leads_to, before.leads_to),
            page: new(self.page, before.page),
            // Where it was not known, it is not known to have changed.
            address: if before.address == 0 || self.certified {
                0
            } else {
                new(self.address, before.address)
            },
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Answer, Phases, Traces};

    #[test]
    fn an_address_is_new_unless_a_certificate_shows_that_the_site_has_moved_there() {
        let url: Url = "https://slack.com/".parse().unwrap();
        let at = |address: &str, tls: Option<u32>| {
            let traces = Traces { address: address.parse().ok(), ..Traces::default() };
            Outcome {
                answer: Answer::Ok,
                http_status: Some(200),
                phases: Phases { tls, ..Phases::default() },
                traces: Box::new(traces),
                observed: Box::default(),
            }
        };
        let known = Answerer::of(&at("192.0.2.7", Some(9)), &url, false);
        for (address, tls, is_new) in [
            ("192.0.2.7", None, false),
            ("198.51.100.1", None, true),
            ("198.51.100.1", Some(9), false),
        ] {
            let now = Answerer::of(&at(address, tls), &url, false);
            assert_eq!(now.unlike(&known).address != 0, is_new, "{address} {tls:?}");
        }
    }
}
