//! A verdict, and the outage that a stretch of bad verdicts makes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    moment::Moment,
    name::Region,
    note::{Note, NoteKind},
    outcome::{Cause, Failure},
};

/// Status of a site. The words are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Status {
    /// It answers well.
    Up = 1,
    /// It answers, much later than it should.
    Slow = 2,
    /// Confirmed down in some regions, fewer than the quorum.
    Partial = 3,
    /// Confirmed down.
    Down = 4,
    /// No fresh evidence, or we doubt ourselves.
    Unknown = 5,
}

impl Status {
    /// Every status, best first; `unknown` last.
    pub const ALL: [Self; 5] = [Self::Up, Self::Slow, Self::Partial, Self::Down, Self::Unknown];

    /// Name in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Slow => "slow",
            Self::Partial => "partial",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }

    /// The status with this number, as Postgres keeps it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| *s as u8 == number)
    }

    /// Returns whether a stretch of it is an outage.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::Slow | Self::Partial | Self::Down)
    }
}

impl std::str::FromStr for Status {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or(())
    }
}

/// Reason why a region does not trust its own observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum SelfDoubt {
    /// Nothing answers, not even what answers always: our own connection is down.
    Line = 1,
    /// Our own name servers do not answer, or know no name.
    Names = 2,
    /// The site is silent, and no other site on the same route has answered that could show whether
    /// the site or our own connection is at fault.
    Alone = 3,
    /// Most unrelated sites answer in the same wrong way: something on our own side answers in
    /// their place, or keeps us from them.
    Intercepted = 4,
    /// Most unrelated sites are slow at once: our own connection is.
    Congested = 5,
}

impl SelfDoubt {
    /// Every doubt.
    pub const ALL: [Self; 5] =
        [Self::Line, Self::Names, Self::Alone, Self::Intercepted, Self::Congested];

    /// The doubt with this number, as Postgres keeps it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|doubt| *doubt as u8 == number)
    }
}

/// Status of a site, since when and why. Judged once; every page and badge shows this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// A note on `up` or `slow`: the server answers, but turns robots away.
    pub restricted: bool,
    /// Since when: the first check of this kind, or the end of the last evidence for `unknown`;
    /// `None` when there has been none yet.
    pub since: Option<Moment>,
    /// Cause, for `down` and `partial`.
    pub cause: Option<Cause>,
    /// It keeps failing and coming back: it counts as up again only after staying up for long.
    #[serde(default)]
    pub unstable: bool,
    /// For `unknown`: that it is not the site that we doubt, but ourselves.
    #[serde(default)]
    pub doubt: Option<SelfDoubt>,
    /// Notes on the site, in the order of their kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

impl Verdict {
    /// Returns whether there is a note of this kind.
    pub fn notes(&self, kind: NoteKind) -> bool {
        self.notes.iter().any(|note| note.kind == kind)
    }

    /// The kind of its cause.
    pub fn cause_kind(&self) -> Option<(Failure, Option<u16>)> {
        self.cause.as_ref().map(Cause::kind)
    }

    /// The verdict before any evidence.
    pub fn none_yet() -> Self {
        Self {
            status: Status::Unknown,
            restricted: false,
            since: None,
            cause: None,
            unstable: false,
            doubt: None,
            notes: Vec::new(),
        }
    }
}

/// A machine-made stretch of `down`, `partial` or `slow`. A site has at most one outage with a
/// given start, and at most one that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Status that lasted.
    pub status: Status,
    /// The first bad check.
    pub started_at: Moment,
    /// The first good one; `None` while it lasts.
    pub ended_at: Option<Moment>,
    /// Cause, for `down` and `partial`.
    pub cause: Option<Cause>,
    /// The regions that saw it.
    pub regions: Vec<Region>,
}

/// Time by which two nodes may differ on the start of an outage: each goes by the checks that came to it first.
const NODES_DIFFER: Duration = Duration::from_mins(2);

/// A stretch of `partial` that was shorter was noticed by nobody.
const NOTICEABLE: Duration = Duration::from_mins(1);

impl Outage {
    /// Shortest duration of an ended outage that somebody can have noticed. What is shorter ended at the check that
    /// it began with, or only some regions saw it and it was over within a minute. Most of these are the first or the
    /// last step of a longer outage.
    pub fn noticeable_after(status: Status) -> Duration {
        match status {
            Status::Partial => NOTICEABLE,
            _ => Duration::from_millis(1),
        }
    }

    /// Returns whether nobody can have noticed it.
    pub fn is_momentary(&self) -> bool {
        let least = Self::noticeable_after(self.status);
        self.ended_at.is_some_and(|end| end.since(self.started_at) < least)
    }

    /// Returns whether an outage of the same site with this status and start may be this one, as another node
    /// saw it.
    pub fn may_be(&self, status: Status, started_at: Moment) -> bool {
        let apart = self.started_at.since(started_at).max(started_at.since(self.started_at));
        self.status == status && apart <= NODES_DIFFER
    }
}

/// A new verdict on a site, with the outages that it opened, changed or ended.
///
/// The recorder writes it in one transaction with the checks that caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The moment of the evidence that settled it (for `unknown`: when evidence ran out).
    pub at: Moment,
    /// From when the verdict holds in the record: its `since`, but never within an earlier silence.
    pub from: Moment,
    /// The new verdict.
    pub verdict: Verdict,
    /// Outages that are not as they were, each whole; known by their start.
    pub outages: Vec<Outage>,
    /// Verdict of ours that was withdrawn, as our own network caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
    /// True if the verdict is as it was: another region sees the outage that goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outages_only: bool,
}

/// A verdict of a region on a site since a moment that it takes back: its own network caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Moment since which its verdicts are void.
    pub since: Moment,
    /// Region that takes it back.
    pub region: Region,
}

impl Withdrawn {
    /// Returns whether this outage never was.
    pub fn covers(&self, outage: &Outage) -> bool {
        outage.started_at >= self.since && outage.regions.iter().all(|seen| *seen == self.region)
    }
}

/// Number of sites by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts([usize; 5]);

impl StatusCounts {
    /// Number with this status.
    pub fn of(&self, status: Status) -> usize {
        self.0[status as usize - 1]
    }

    /// Number that are down, partial or slow.
    pub fn bad(&self) -> usize {
        [Status::Down, Status::Partial, Status::Slow].map(|status| self.of(status)).iter().sum()
    }

    /// Number of all sites.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

impl FromIterator<Status> for StatusCounts {
    fn from_iter<T: IntoIterator<Item = Status>>(statuses: T) -> Self {
        let mut counts = Self::default();
        for status in statuses {
            counts.0[status as usize - 1] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_keep_their_numbers_and_words() {
        let words = ["line", "names", "alone", "intercepted", "congested"];
        for (number, (doubt, word)) in (1..).zip(SelfDoubt::ALL.into_iter().zip(words)) {
            assert_eq!(SelfDoubt::from_number(number), Some(doubt));
            assert_eq!(serde_json::to_string(&doubt).unwrap(), format!("\"{word}\""));
        }
        assert_eq!(SelfDoubt::from_number(0), None);
    }

    #[test]
    fn an_outage_is_momentary_that_nobody_can_have_noticed() {
        let started_at = Moment::from_millis(1_000);
        let lasting = |status, long: Option<u64>| Outage {
            status,
            started_at,
            ended_at: long.map(|seconds| started_at + Duration::from_secs(seconds)),
            cause: None,
            regions: vec![],
        };
        for (status, long, momentary) in [
            (Status::Partial, Some(0), true),
            (Status::Partial, Some(59), true),
            (Status::Partial, Some(60), false),
            (Status::Partial, None, false),
            (Status::Down, Some(0), true),
            (Status::Down, Some(1), false),
            (Status::Slow, Some(59), false),
        ] {
            assert_eq!(lasting(status, long).is_momentary(), momentary, "{status:?} {long:?}");
        }
    }

    #[test]
    fn statuses_keep_their_numbers_and_words() {
        for status in Status::ALL {
            assert_eq!(Status::from_number(status as u8), Some(status));
            assert_eq!(status.word().parse(), Ok(status));
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{}\"", status.word()));
        }
        assert_eq!(Status::from_number(0), None);
        assert_eq!("UP".parse::<Status>(), Err(()));
    }
}
