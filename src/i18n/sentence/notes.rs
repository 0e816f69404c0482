//! Notes in words: a sentence each, and a few words for lists and badges. Pure.

use std::borrow::Cow;

use crate::{
    i18n::Lang,
    model::{
        moment::Moment,
        note::{Note, NoteKind},
        restriction::Restriction,
    },
};

/// Whether a site turns us away for where we are, and not for what we are.
pub fn is_unavailable(how: Option<&Restriction>) -> bool {
    how == Some(&Restriction::LegalReasons)
}

impl Lang {
    /// A note in a sentence; `how` tells how we know that we are turned away.
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
        self.one(id, "since", self.clock(note.since, now))
    }

    /// A note in a few words; none for what a list need not tell.
    pub fn mark(self, kind: NoteKind) -> Option<Cow<'static, str>> {
        Some(self.say(match kind {
            NoteKind::Intermittent => "mark-intermittent",
            NoteKind::TurnedAway => "mark-turned-away",
            NoteKind::Ipv4Fails => "mark-ipv4",
            NoteKind::Ipv6Fails => "mark-ipv6",
            NoteKind::AddressFails => "mark-address",
            NoteKind::PageShrunk | NoteKind::PageIsError | NoteKind::LeadsElsewhere => "mark-page",
            NoteKind::OldTls | NoteKind::IncompleteChain => return None,
        }))
    }
}
