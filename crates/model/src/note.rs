//! Notes on a site beside its status, and the observations of a probe that give rise to them.
//!
//! A probe brings [`Observations`]; the judge makes [`Note`]s of them. A note never changes a
//! status.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{moment::Moment, outcome::Failure};

/// Subject of a note. The words are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum NoteKind {
    /// Many probes pass only at a second attempt.
    Intermittent = 1,
    /// It turns robots away, and did not do so before.
    TurnedAway = 2,
    /// Over IPv4 it fails, over IPv6 it works.
    Ipv4Fails = 3,
    /// Over IPv6 it fails, over IPv4 it works.
    Ipv6Fails = 4,
    /// One of its addresses fails, the others work.
    AddressFails = 5,
    /// It speaks only TLS that is too old for us: it answers, and what it says we cannot read.
    OldTls = 6,
    /// It leaves out a certificate of its chain, which browsers find themselves.
    IncompleteChain = 7,
    /// Its page has lost nearly all of its usual length.
    PageShrunk = 8,
    /// The title of its page is that of an error.
    PageIsError = 9,
    /// It leads to another registered name than before.
    LeadsElsewhere = 10,
}

impl NoteKind {
    /// Every kind, in the order in which notes are shown.
    pub const ALL: [Self; 10] = [
        Self::Intermittent,
        Self::TurnedAway,
        Self::Ipv4Fails,
        Self::Ipv6Fails,
        Self::AddressFails,
        Self::OldTls,
        Self::IncompleteChain,
        Self::PageShrunk,
        Self::PageIsError,
        Self::LeadsElsewhere,
    ];

    /// Name in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intermittent => "intermittent",
            Self::TurnedAway => "turned_away",
            Self::Ipv4Fails => "ipv4_fails",
            Self::Ipv6Fails => "ipv6_fails",
            Self::AddressFails => "address_fails",
            Self::OldTls => "old_tls",
            Self::IncompleteChain => "incomplete_chain",
            Self::PageShrunk => "page_shrunk",
            Self::PageIsError => "page_is_error",
            Self::LeadsElsewhere => "leads_elsewhere",
        }
    }
}

impl NoteKind {
    /// Returns whether it reports a change that a visitor may meet now, so that the site is not
    /// fine. The other kinds describe a lasting state, or concern few visitors.
    pub fn is_unusual(self) -> bool {
        match self {
            Self::Intermittent
            | Self::TurnedAway
            | Self::PageShrunk
            | Self::PageIsError
            | Self::LeadsElsewhere => true,
            Self::Ipv4Fails
            | Self::Ipv6Fails
            | Self::AddressFails
            | Self::OldTls
            | Self::IncompleteChain => false,
        }
    }
}

/// A note on a verdict: what it is about, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Subject of the note.
    pub kind: NoteKind,
    /// Since when.
    pub since: Moment,
}

/// Observations of a probe beside its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observations {
    /// Peculiarity of an otherwise good answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peculiarity: Option<Peculiarity>,
    /// Failed attempts of the same probe, in the order in which they ended; and the addresses that
    /// refused a connection while another address of the same name took it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_attempts: Vec<FailedAttempt>,
    /// Address that answered a good final attempt: set when other attempts failed, and whenever the
    /// name has several addresses. Probes start with the addresses in rotation, alternating between
    /// the families.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<IpAddr>,
    /// The page of a good answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<ObservedPage>,
    /// True if a reply may be used by the site's own pages alone (`Cross-Origin-Resource-Policy`): a browser that
    /// gets it keeps that from pages of others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub same_site_only: bool,
}

impl Observations {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Peculiarity of an otherwise good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peculiarity {
    /// The server speaks only TLS that is too old for us; nothing of a page was read.
    OldTls,
    /// The chain lacks a certificate, which was found where the last one says.
    IncompleteChain,
}

/// An attempt that failed beside another one of the same probe, or an address that refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// Address that was connected to or refused; `None` if no address could be tried.
    pub address: Option<IpAddr>,
    /// Kind of failure.
    pub failure: Failure,
}

/// Parts of a page that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedPage {
    /// Bytes of it, decoded, as far as it was read.
    pub bytes: u32,
    /// True if its title is that of an error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub error_title: bool,
    /// The registered name that redirects led to, if it is another than the site's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub led_to: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_notes_have_their_words_in_json_too() {
        for kind in NoteKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.word()));
        }
    }

    #[test]
    fn what_observed_nothing_writes_nothing() {
        let nothing = serde_json::to_string(&Observations::default()).unwrap();
        assert_eq!(nothing, "{}");
        assert_eq!(serde_json::from_str::<Observations>("{}").unwrap(), Observations::default());
    }
}
