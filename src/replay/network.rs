//! Our own side in a story: our line to all sites and controls, and our own name servers.

use std::{str::FromStr, time::Duration};

use super::behaviour::SiteBehaviour;
use crate::config::show_duration;
use testbed::{Behaviour, Certificate, DnsAnswers, NotUnderstood, Order};

/// Behaviour of our own connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum NetworkBehaviour {
    /// Nothing.
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

impl FromStr for NetworkBehaviour {
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
pub(super) enum NameServerBehaviour {
    /// They answer.
    #[default]
    Well,
    /// They say this of every name.
    Say(DnsAnswers),
    /// They take this much longer.
    Slow(Duration),
}

impl FromStr for NameServerBehaviour {
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

/// Our own side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OurSide {
    pub(super) line: NetworkBehaviour,
    pub(super) name_servers: NameServerBehaviour,
}

impl OurSide {
    /// Behaviour of a site as seen over our connection.
    pub(super) fn over(&self, current: &SiteBehaviour) -> SiteBehaviour {
        let mut current = current.clone();
        match &self.name_servers {
            NameServerBehaviour::Well => {}
            NameServerBehaviour::Say(names) => current.names = names.clone(),
            NameServerBehaviour::Slow(pause) => {
                current.names = DnsAnswers::After(*pause, Box::new(current.names));
            }
        }
        match &self.line {
            NetworkBehaviour::Well | NetworkBehaviour::Loss(_) => {}
            NetworkBehaviour::Slow(pause) => {
                slow(&mut current.everywhere, *pause);
                current.there.iter_mut().for_each(|(_, there)| slow(there, *pause));
            }
            NetworkBehaviour::Cut => {
                (current.everywhere, current.there) = (Behaviour::Blackhole, Vec::new());
                current.names = DnsAnswers::Silence;
            }
            NetworkBehaviour::Does(behaviour) => {
                (current.everywhere, current.there) = (behaviour.clone(), Vec::new());
            }
            NetworkBehaviour::Names(names) => current.names = names.clone(),
        }
        current
    }

    /// Lost packets in a hundred.
    pub(super) fn loss(&self) -> u8 {
        match self.line {
            NetworkBehaviour::Loss(share) => share,
            _ => 0,
        }
    }

    /// Returns whether a public canary answers now: a refusal is an answer.
    pub(super) fn line_answers(&self) -> bool {
        !matches!(self.line, NetworkBehaviour::Cut | NetworkBehaviour::Does(Behaviour::Blackhole))
    }

    /// Returns whether our name servers give any answer to a question for the root now.
    pub(super) fn names_answer(&self) -> bool {
        let say = |names: &DnsAnswers| {
            !matches!(names, DnsAnswers::Silence | DnsAnswers::ServFail | DnsAnswers::Refused)
        };
        let ours = match &self.name_servers {
            NameServerBehaviour::Well | NameServerBehaviour::Slow(_) => true,
            NameServerBehaviour::Say(names) => say(names),
        };
        match &self.line {
            NetworkBehaviour::Cut => false,
            NetworkBehaviour::Names(names) => say(names),
            _ => ours,
        }
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

impl OurSide {
    /// Returns whether a public canary accepts a connection now.
    pub(super) fn line_connects(&self) -> bool {
        self.line_answers() && self.line != NetworkBehaviour::Does(Behaviour::Refuse)
    }

    /// Returns whether what a public control answers is its own.
    pub(super) fn line_is_clear(&self) -> bool {
        !matches!(self.line, NetworkBehaviour::Cut | NetworkBehaviour::Does(_))
    }

    /// Returns whether our name servers know a name that always exists.
    pub(super) fn names_are_known(&self) -> bool {
        let said = match (&self.line, &self.name_servers) {
            (NetworkBehaviour::Names(names), _) | (_, NameServerBehaviour::Say(names)) => {
                Some(names)
            }
            _ => None,
        };
        // Addresses of a story are those of this machine, which are nobody's in life.
        let unknown = |said: &DnsAnswers| {
            matches!(said, DnsAnswers::NxDomain | DnsAnswers::Empty | DnsAnswers::Addresses(_))
        };
        self.names_answer() && !said.is_some_and(unknown)
    }
}

/// The words of our line, for those who write others.
pub(super) fn line_words() -> String {
    let slow = show_duration(Duration::from_secs(2));
    format!(
        "\"ok\", \"cut\", \"refused\", \"nxdomain\", \"servfail\", \"one-certificate\", \"status \
         503\", \"slow {slow}\" or \"loss 30%\""
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_line_and_name_servers_have_their_words() {
        for (words, want) in [
            ("ok", NetworkBehaviour::Well),
            ("cut", NetworkBehaviour::Cut),
            ("refused", NetworkBehaviour::Does(Behaviour::Refuse)),
            ("nxdomain", NetworkBehaviour::Names(DnsAnswers::NxDomain)),
            ("dns servfail", NetworkBehaviour::Names(DnsAnswers::ServFail)),
            ("status 503", NetworkBehaviour::Does(Behaviour::status(503))),
            (
                "one-certificate",
                NetworkBehaviour::Does(Behaviour::Certificate(Certificate::OfABox)),
            ),
            ("slow 2s", NetworkBehaviour::Slow(Duration::from_secs(2))),
            ("after 2s", NetworkBehaviour::Slow(Duration::from_secs(2))),
            ("loss 30%", NetworkBehaviour::Loss(30)),
        ] {
            assert_eq!(words.parse(), Ok(want), "{words}");
        }
        for words in ["", "loss", "loss 30", "loss 100%", "slow", "slow 2", "explode"] {
            assert!(words.parse::<NetworkBehaviour>().is_err(), "{words}");
        }
        assert_eq!("silent".parse(), Ok(NameServerBehaviour::Say(DnsAnswers::Silence)));
        assert_eq!("servfail".parse(), Ok(NameServerBehaviour::Say(DnsAnswers::ServFail)));
        assert_eq!("slow 2s".parse(), Ok(NameServerBehaviour::Slow(Duration::from_secs(2))));
    }

    #[test]
    fn controls_fail_with_the_line_and_a_refusal_is_an_answer() {
        let ours = |line: &str| OurSide { line: line.parse().unwrap(), ..OurSide::default() };
        for (line, answers, names, connects, clear, known) in [
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
            let ours = ours(line);
            assert_eq!((ours.line_answers(), ours.names_answer()), (answers, names), "{line}");
            let more = (ours.line_connects(), ours.line_is_clear(), ours.names_are_known());
            assert_eq!(more, (connects, clear, known), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_words_break_the_readers_of_our_own_side_and_losses_are_shares(
            words in "\\PC{0,20}|(loss|slow|after|cut|dns|status|one-certificate) ?[0-9]{0,20}(%|s|ms)?\\PC{0,4}",
        ) {
            if let Ok(line) = words.parse::<NetworkBehaviour>() {
                let ours = OurSide { line, ..OurSide::default() };
                prop_assert!(ours.loss() < 100);
                let _ = ours.over(&SiteBehaviour::well());
            }
            let _ = words.parse::<NameServerBehaviour>();
        }
    }
}
