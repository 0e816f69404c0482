//! Notices: what a person says about trouble, with updates. Pure.
//!
//! A notice stands beside the verdict and never changes it: it counts in no uptime, ends no outage, and
//! no measured recovery ends it.

use crate::{moment::Moment, scope::Scope};

/// Letters of a title, a first text and an update at most.
pub const MAX_TITLE: usize = 200;
/// Letters of the first text and of a post-mortem at most.
pub const MAX_TEXT: usize = 5_000;
/// Letters of an update at most.
pub const MAX_UPDATE: usize = 2_000;
/// Updates of one notice at most.
pub const MAX_UPDATES: usize = 200;

/// A person's notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its name in addresses, for ever.
    pub id: Box<str>,
    /// A few words.
    pub title: Box<str>,
    /// Impact, as the person sees it.
    pub impact: Impact,
    /// The sites that it is about.
    pub scope: Scope,
    /// Begin of the trouble, which may lie before the notice.
    pub started_at: Moment,
    /// True if channels that want notices are told of its updates.
    pub tell: bool,
    /// The updates, oldest first; there is one at least.
    pub updates: Vec<NoticeUpdate>,
}

/// One update of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeUpdate {
    /// Its name, for ever: nothing is told twice.
    pub id: Box<str>,
    /// Moment when it was written.
    pub at: Moment,
    /// State of the trouble, as the person sees it.
    pub state: NoticeState,
    /// The words.
    pub text: Box<str>,
    /// The one who wrote it.
    pub by: Box<str>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its word in files and for programs.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one with this word.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

words! {
    /// State of the trouble.
    NoticeState {
        /// The cause is looked for.
        Investigating = "investigating",
        /// The cause is known.
        Identified = "identified",
        /// It seems to be over.
        Monitoring = "monitoring",
        /// It is over.
        Resolved = "resolved",
        /// The text that explains it afterwards.
        Postmortem = "postmortem",
    }
}

words! {
    /// Impact of the trouble.
    Impact {
        /// No impact on visitors.
        None = "none",
        /// Some are hindered.
        Minor = "minor",
        /// Many are hindered.
        Major = "major",
        /// Nothing works.
        Critical = "critical",
    }
}

impl Notice {
    /// State after its last update.
    pub fn state(&self) -> NoticeState {
        self.updates.last().map_or(NoticeState::Investigating, |update| update.state)
    }

    /// True until it is resolved.
    pub fn is_open(&self) -> bool {
        self.state() < NoticeState::Resolved
    }

    /// Moment of its first update.
    pub fn opened_at(&self) -> Moment {
        self.updates.first().map_or(self.started_at, |update| update.at)
    }

    /// Moment of its last update.
    pub fn updated_at(&self) -> Moment {
        self.updates.last().map_or(self.started_at, |update| update.at)
    }

    /// Moment when it was resolved, if it is.
    pub fn resolved_at(&self) -> Option<Moment> {
        if self.is_open() {
            return None;
        }
        let open = |update: &NoticeUpdate| update.state < NoticeState::Resolved;
        let first = self.updates.iter().rposition(open).map_or(0, |last| last + 1);
        self.updates.get(first).map(|update| update.at)
    }

    /// Moment of the first update with this state.
    pub fn first_at(&self, state: NoticeState) -> Option<Moment> {
        self.updates.iter().find(|update| update.state == state).map(|update| update.at)
    }

    /// Checks that an update may follow.
    ///
    /// # Errors
    /// The sentence that says why not.
    pub fn allows(&self, state: NoticeState) -> Result<(), String> {
        if self.updates.len() >= MAX_UPDATES {
            return Err(format!("this notice has {MAX_UPDATES} updates; open another one"));
        }
        if state == NoticeState::Postmortem && self.is_open() {
            return Err(
                "a post-mortem comes after the notice is resolved; resolve it first".to_owned()
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn notice(states: &[NoticeState]) -> Notice {
        let at = |n: usize| Moment::from_millis(1_790_000_000_000) + Duration::from_mins(n as u64);
        let updates = states.iter().enumerate().map(|(n, state)| NoticeUpdate {
            id: n.to_string().into(),
            at: at(n),
            state: *state,
            text: "x".into(),
            by: "cli".into(),
        });
        Notice {
            id: "n-1".into(),
            title: "Trouble".into(),
            impact: Impact::Major,
            scope: Scope::default(),
            started_at: at(0),
            tell: true,
            updates: updates.collect(),
        }
    }

    #[test]
    fn it_is_open_until_it_is_resolved_and_again_when_it_is_taken_up_again() {
        use NoticeState::{Identified, Investigating, Monitoring, Postmortem, Resolved};
        for (states, open, resolved) in [
            (&[Investigating][..], true, None),
            (&[Investigating, Identified, Monitoring], true, None),
            (&[Investigating, Resolved], false, Some(1)),
            (&[Investigating, Resolved, Postmortem, Postmortem], false, Some(1)),
            (&[Investigating, Resolved, Investigating], true, None),
            (&[Investigating, Resolved, Monitoring, Resolved], false, Some(3)),
        ] {
            let notice = notice(states);
            let want = resolved.map(|n: usize| notice.updates[n].at);
            assert_eq!((notice.is_open(), notice.resolved_at()), (open, want), "{states:?}");
            assert_eq!(notice.allows(Postmortem).is_ok(), !open);
        }
        assert!(notice(&[Monitoring; MAX_UPDATES]).allows(Resolved).is_err());
    }
}
