//! Our own network in a story: the connection to all sites and canaries, and the name servers.

use std::{str::FromStr, time::Duration};

use super::behaviour::SiteBehaviour;
use testbed::{Behaviour, Certificate, DnsAnswers, NotUnderstood, Order};

/// Behaviour of our own connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum OwnConnection {
    /// Everything comes through.
    #[default]
    Well,
    /// No packet comes through.
    Cut,
    /// A box on it behaves like this in place of every site.
    Does(Behaviour),
    /// Every answer takes this much longer.
    Slow(Duration),
    /// This many of a hundred packets are lost.
    Loss(u8),
    /// Answers about every name.
    Names(DnsAnswers),
}

impl FromStr for OwnConnection {
    type Err = NotUnderstood;

    fn from_str(words: &str) -> Result<Self, NotUnderstood> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let text = words.join(" ");
        Ok(match words[..] {
            ["ok" | "usual"] => Self::Well,
            ["cut" | "silent" | "silence" | "blackhole"] => Self::Cut,
            ["refused"] => Self::Does(Behaviour::Refuse),
            ["one-certificate"] => Self::Does(Behaviour::Certificate(Certificate::OfABox)),
            ["nxdomain" | "servfail"] => Self::Names(text.parse()?),
            ["loss", share] => {
                let number = share.strip_suffix('%').and_then(|share| share.parse().ok());
                let share = number.filter(|share| (1..=99).contains(share));
                Self::Loss(share.ok_or_else(|| NotUnderstood::new(&text))?)
            }
            ["slow", pause] => match format!("after {pause}").parse()? {
                Behaviour::AnswerAfter(pause, _) => Self::Slow(pause),
                _ => return Err(NotUnderstood::new(&text)),
            },
            _ => match text.parse()? {
                Order::Dns(names) => Self::Names(names),
                Order::Behave(Behaviour::AnswerAfter(pause, answer)) if answer.status == 200 => {
                    Self::Slow(pause)
                }
                Order::Behave(behaviour) => Self::Does(behaviour),
            },
        })
    }
}

/// Behaviour of our own name servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum OwnNameServers {
    /// They answer.
    #[default]
    Well,
    /// They say this of every name.
    Say(DnsAnswers),
    /// They take this much longer.
    Slow(Duration),
}

impl FromStr for OwnNameServers {
    type Err = NotUnderstood;

    fn from_str(words: &str) -> Result<Self, NotUnderstood> {
        let words: Vec<&str> = words.split_whitespace().collect();
        Ok(match words[..] {
            ["ok" | "usual"] => Self::Well,
            ["silent"] => Self::Say(DnsAnswers::Silence),
            ["slow" | "after", pause] => match format!("after {pause}").parse()? {
                DnsAnswers::After(pause, _) => Self::Slow(pause),
                _ => return Err(NotUnderstood::new(&words.join(" "))),
            },
            _ => Self::Say(words.join(" ").parse()?),
        })
    }
}

/// Our own network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnNetwork {
    pub(super) connection: OwnConnection,
    pub(super) name_servers: OwnNameServers,
}

impl OwnNetwork {
    /// Behaviour of a site as seen over our connection.
    pub(super) fn over(&self, current: &SiteBehaviour) -> SiteBehaviour {
        let mut current = current.clone();
        match &self.name_servers {
            OwnNameServers::Well => {}
            OwnNameServers::Say(names) => current.names = names.clone(),
            OwnNameServers::Slow(pause) => {
                current.names = DnsAnswers::After(*pause, Box::new(current.names));
            }
        }
        match &self.connection {
            OwnConnection::Well | OwnConnection::Loss(_) => {}
            OwnConnection::Slow(pause) => {
                slow(&mut current.everywhere, *pause);
                current.there.iter_mut().for_each(|(_, there)| slow(there, *pause));
            }
            OwnConnection::Cut => {
                (current.everywhere, current.there) = (Behaviour::Blackhole, Vec::new());
                current.names = DnsAnswers::Silence;
            }
            OwnConnection::Does(behaviour) => {
                (current.everywhere, current.there) = (behaviour.clone(), Vec::new());
            }
            OwnConnection::Names(names) => current.names = names.clone(),
        }
        current
    }

    /// Lost packets in a hundred.
    pub(super) fn loss(&self) -> u8 {
        match self.connection {
            OwnConnection::Loss(share) => share,
            _ => 0,
        }
    }

    /// Returns whether a public canary answers now: a refusal is an answer.
    pub(super) fn canaries_answer(&self) -> bool {
        !matches!(self.connection, OwnConnection::Cut | OwnConnection::Does(Behaviour::Blackhole))
    }

    /// Returns whether our name servers give any answer to a question for the root now.
    pub(super) fn names_answer(&self) -> bool {
        let say = |names: &DnsAnswers| {
            !matches!(names, DnsAnswers::Silence | DnsAnswers::ServFail | DnsAnswers::Refused)
        };
        let ours = match &self.name_servers {
            OwnNameServers::Well | OwnNameServers::Slow(_) => true,
            OwnNameServers::Say(names) => say(names),
        };
        match &self.connection {
            OwnConnection::Cut => false,
            OwnConnection::Names(names) => say(names),
            _ => ours,
        }
    }

    /// Returns whether a public canary accepts a connection now.
    pub(super) fn canaries_connect(&self) -> bool {
        self.canaries_answer() && self.connection != OwnConnection::Does(Behaviour::Refuse)
    }

    /// Returns whether what a public canary answers is its own, and not that of a box.
    pub(super) fn answers_are_own(&self) -> bool {
        !matches!(self.connection, OwnConnection::Cut | OwnConnection::Does(_))
    }

    /// Returns whether our name servers know a name that always exists.
    pub(super) fn names_are_known(&self) -> bool {
        let said = match (&self.connection, &self.name_servers) {
            (OwnConnection::Names(names), _) | (_, OwnNameServers::Say(names)) => Some(names),
            _ => None,
        };
        // Addresses of a story are those of this machine, which are nobody's in life.
        let unknown = |said: &DnsAnswers| {
            matches!(said, DnsAnswers::NxDomain | DnsAnswers::Empty | DnsAnswers::Addresses(_))
        };
        self.names_answer() && !said.is_some_and(unknown)
    }
}

/// Delays every answer.
fn slow(behaviour: &mut Behaviour, by: Duration) {
    match behaviour {
        Behaviour::Answer(answer) => *behaviour = Behaviour::AnswerAfter(by, answer.clone()),
        Behaviour::AnswerAfter(pause, _) => *pause += by,
        Behaviour::Flaky { with, .. } => slow(with, by),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_connection_and_name_servers_have_their_words() {
        for (words, want) in [
            ("ok", OwnConnection::Well),
            ("cut", OwnConnection::Cut),
            ("refused", OwnConnection::Does(Behaviour::Refuse)),
            ("nxdomain", OwnConnection::Names(DnsAnswers::NxDomain)),
            ("dns servfail", OwnConnection::Names(DnsAnswers::ServFail)),
            ("status 503", OwnConnection::Does(Behaviour::status(503))),
            ("one-certificate", OwnConnection::Does(Behaviour::Certificate(Certificate::OfABox))),
            ("slow 2s", OwnConnection::Slow(Duration::from_secs(2))),
            ("after 2s", OwnConnection::Slow(Duration::from_secs(2))),
            ("loss 30%", OwnConnection::Loss(30)),
        ] {
            assert_eq!(words.parse(), Ok(want), "{words}");
        }
        for words in ["", "loss", "loss 30", "loss 100%", "slow", "slow 2", "explode"] {
            assert!(words.parse::<OwnConnection>().is_err(), "{words}");
        }
        assert_eq!("silent".parse(), Ok(OwnNameServers::Say(DnsAnswers::Silence)));
        assert_eq!("servfail".parse(), Ok(OwnNameServers::Say(DnsAnswers::ServFail)));
        assert_eq!("slow 2s".parse(), Ok(OwnNameServers::Slow(Duration::from_secs(2))));
    }

    #[test]
    fn canaries_fail_with_the_connection_and_a_refusal_is_an_answer() {
        let with = |words: &str| OwnNetwork {
            connection: words.parse().unwrap(),
            ..OwnNetwork::default()
        };
        for (words, answers, names, connects, clear, known) in [
            ("ok", true, true, true, true, true),
            ("cut", false, false, false, false, false),
            ("refused", true, true, false, false, true),
            ("nxdomain", true, true, true, true, false),
            ("dns empty", true, true, true, true, false),
            ("dns at 127.0.0.9", true, true, true, true, false),
            ("servfail", true, false, true, true, false),
            ("status 503", true, true, true, false, true),
            ("loss 30%", true, true, true, true, true),
        ] {
            let network = with(words);
            assert_eq!(
                (network.canaries_answer(), network.names_answer()),
                (answers, names),
                "{words}"
            );
            let more =
                (network.canaries_connect(), network.answers_are_own(), network.names_are_known());
            assert_eq!(more, (connects, clear, known), "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_words_break_the_readers_of_our_own_network_and_losses_are_shares(
            words in "\\PC{0,20}|(loss|slow|after|cut|dns|status|one-certificate) ?[0-9]{0,20}(%|s|ms)?\\PC{0,4}",
        ) {
            if let Ok(connection) = words.parse::<OwnConnection>() {
                let network = OwnNetwork { connection, ..OwnNetwork::default() };
                prop_assert!(network.loss() < 100);
                let _ = network.over(&SiteBehaviour::well());
            }
            let _ = words.parse::<OwnNameServers>();
        }
    }
}
