//! Notes in words: a sentence each, and a few words for lists and badges. Pure.

use std::{borrow::Cow, time::Duration};

use crate::i18n::Lang;
use model::{
    moment::Moment,
    note::{Note, NoteKind},
    restriction::Restriction,
    verdict::Verdict,
};

/// Returns whether a site refuses us because of our country, and not as a robot.
pub fn is_unavailable(how: Option<&Restriction>) -> bool {
    how == Some(&Restriction::LegalReasons)
}

/// Time for which a site must be known before it may be called restricted as always.
const AS_EVER: Duration = Duration::from_hours(24);

/// Returns whether a restricted site has been known for long enough to say that it has always been
/// so, and that this is no sign of trouble.
pub fn is_as_ever(verdict: &Verdict, now: Moment) -> bool {
    verdict.since.is_some_and(|since| now.since(since) >= AS_EVER)
}

impl Lang {
    /// A note in a sentence; `how` is the evidence of a restriction.
    pub fn note(self, note: &Note, how: Option<&Restriction>, now: Moment) -> String {
        let id = match note.kind {
            NoteKind::Intermittent => "note-intermittent",
            NoteKind::TurnedAway if is_unavailable(how) => "note-unavailable",
            NoteKind::TurnedAway => "note-turned-away",
            NoteKind::Ipv4Fails => "note-ipv4",
            NoteKind::Ipv6Fails => "note-ipv6",
            NoteKind::AddressFails => "note-address",
            NoteKind::OldTls => "note-old-tls",
            NoteKind::IncompleteChain => "note-chain",
            NoteKind::PageShrunk => "note-page-shrunk",
            NoteKind::PageIsError => "note-page-error",
            NoteKind::LeadsElsewhere => "note-elsewhere",
        };
        self.one(id, "long", self.duration(now.since(note.since)))
    }

    /// A note in a few words, for lists and badges.
    pub fn mark(self, kind: NoteKind) -> Cow<'static, str> {
        self.say(match kind {
            NoteKind::Intermittent => "mark-intermittent",
            NoteKind::TurnedAway => "mark-turned-away",
            NoteKind::Ipv4Fails => "mark-ipv4",
            NoteKind::Ipv6Fails => "mark-ipv6",
            NoteKind::AddressFails => "mark-address",
            NoteKind::OldTls => "mark-old-tls",
            NoteKind::IncompleteChain => "mark-chain",
            NoteKind::PageShrunk | NoteKind::PageIsError | NoteKind::LeadsElsewhere => "mark-page",
        })
    }
}
