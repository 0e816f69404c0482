//! Answers of the nameserver about a name, as plain values.
//!
//! Values may be nested: a slow alias of a name that does not exist. Must never do anything itself.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// The answers to the questions about one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DnsAnswers {
    /// The addresses at which the host listens.
    #[default]
    Own,
    /// These addresses, IPv4 to A questions and IPv6 to AAAA questions, in this order.
    Addresses(Vec<IpAddr>),
    /// These addresses first, and then the host's own.
    Ahead(Vec<IpAddr>),
    /// A chain of other names, and what the last of them is.
    Alias(Vec<String>, Box<DnsAnswers>),
    /// The name does not exist.
    NxDomain,
    /// The nameserver says that it failed.
    ServFail,
    /// The nameserver does not want to say.
    Refused,
    /// The nameserver cannot do that.
    NotImp,
    /// The nameserver does not understand the question.
    FormErr,
    /// The name exists and has no addresses.
    Empty,
    /// No answer ever.
    Silence,
    /// The first question of each type gets the first answer, later ones the second.
    Rebind(Box<DnsAnswers>, Box<DnsAnswers>),
    /// The answer comes after this time.
    After(Duration, Box<DnsAnswers>),
    /// A resolver with a cache: the first question of each type is answered after a while, and by
    /// then all others are.
    Cached(Duration, Box<DnsAnswers>),
    /// The first is the answer to A questions, the second to AAAA questions.
    ByFamily(Box<DnsAnswers>, Box<DnsAnswers>),
    /// The addresses in an answer are rotated by one each time.
    Rotated(Box<DnsAnswers>),
    /// The addresses of an answer come in any order.
    Shuffled(Box<DnsAnswers>),
}

/// Behaviour of a nameserver towards every question, whatever it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NameserverBehaviour {
    /// It says what there is to say.
    #[default]
    Good,
    /// It says this of every name.
    Says(DnsAnswers),
    /// It says this of every name to questions that carry EDNS; others it treats well.
    Edns(DnsAnswers),
    /// It answers after a while.
    After(Duration, Box<NameserverBehaviour>),
    /// Every so-manieth question is lost.
    Loses(NonZeroU32),
}

impl DnsAnswers {
    /// The host's own addresses at the end of a chain of aliases.
    pub fn alias<S: Into<String>>(through: impl IntoIterator<Item = S>) -> Self {
        Self::Alias(
            through.into_iter().map(|name| name.into().to_ascii_lowercase()).collect(),
            Box::new(Self::Own),
        )
    }

    /// Returns whether `name` is on one of the chains.
    pub(super) fn mention(&self, name: &str) -> bool {
        match self {
            Self::Alias(through, then) => {
                through.iter().any(|alias| alias == name) || then.mention(name)
            }
            Self::Rebind(first, then) | Self::ByFamily(first, then) => {
                first.mention(name) || then.mention(name)
            }
            Self::After(_, then)
            | Self::Cached(_, then)
            | Self::Rotated(then)
            | Self::Shuffled(then) => then.mention(name),
            _ => false,
        }
    }
}
