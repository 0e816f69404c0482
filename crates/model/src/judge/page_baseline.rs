//! Usual look of a site's good answers, and deviations of the last ones: an empty page, an error
//! page, another site. Such an answer has a good status, so the site is up; visitors may see it
//! differently.

use serde::{Deserialize, Serialize};

use super::anomaly::{Anomaly, AnomalyChange, AnomalyThresholds};
use crate::{
    moment::Moment,
    note::{Note, NoteKind, Observations, ObservedPage, Peculiarity},
};

/// Pages that have to be known before one is unusual, and pages in a row that have to be so.
const UNUSUAL: AnomalyThresholds = AnomalyThresholds { begin: 3, calm: 30, end: 2 };
/// The last answer decides; but servers that alternate do not make it flap.
const AT_ONCE: AnomalyThresholds = AnomalyThresholds { begin: 1, calm: 0, end: 5 };
/// Parts of a doubling of a length.
const PARTS: f64 = 256.0;
/// A tenth, in such parts.
const TENTH: u16 = 850;
/// Pages that were shorter than this, in parts (512 bytes), may become shorter still.
const SMALL_PAGE: u16 = 9 * 256;
/// Parts that the usual length creeps up by with each longer page.
const STEP: u16 = 4;
/// Places that a site may usually lead to.
const MAX_TARGETS: usize = 4;

/// Usual look of a site's good answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PageBaseline {
    /// The shortest of the usual lengths, in parts of a doubling; creeps up.
    least: u16,
    /// The shortest page of the short ones that are not confirmed yet.
    short: u16,
    shrunk: Anomaly,
    error: Anomaly,
    /// Usual targets of its redirects, as hashes; 0 for the site's own name. The newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<u32>,
    /// Recent target of its redirects.
    place: u32,
    elsewhere: Anomaly,
    old_tls: Anomaly,
    incomplete: Anomaly,
}

impl PageBaseline {
    /// Takes a good answer in.
    pub(super) fn take(&mut self, seen: &Observations, at: Moment) {
        let has = |wanted| seen.peculiarity == Some(wanted);
        self.old_tls.take(has(Peculiarity::OldTls), at, AT_ONCE);
        self.incomplete.take(has(Peculiarity::IncompleteChain), at, AT_ONCE);
        let Some(page) = &seen.page else { return };
        self.error.take(page.error_title, at, UNUSUAL);
        self.take_length(page, at);
        self.take_place(page, at);
    }

    fn take_length(&mut self, page: &ObservedPage, at: Moment) {
        let length = (f64::from(page.bytes.saturating_add(1)).log2() * PARTS) as u16;
        let shrunk = self.shrunk.is_ready(UNUSUAL)
            && self.least >= SMALL_PAGE
            && length + TENTH <= self.least;
        if shrunk && self.shrunk.is_idle() {
            self.short = length;
        } else if shrunk {
            self.short = self.short.min(length);
        }
        match self.shrunk.take(shrunk, at, UNUSUAL) {
            AnomalyChange::Shown => return,
            // It has such pages now and then, or always now.
            AnomalyChange::Stray | AnomalyChange::Usual => self.least = self.short,
            AnomalyChange::Absent => {}
        }
        self.least = match self.least {
            0 => length,
            least if length < least => length,
            least => least + STEP.min(length - least),
        };
    }

    fn take_place(&mut self, page: &ObservedPage, at: Moment) {
        let place = page.led_to.as_deref().map_or(0, hash);
        if !self.elsewhere.is_ready(UNUSUAL) {
            self.settle_in(place);
        }
        let known = self.places.contains(&place);
        let took = self.elsewhere.take(!known, at, UNUSUAL);
        if matches!(took, AnomalyChange::Stray | AnomalyChange::Usual) {
            self.settle_in(self.place);
        }
        if !known {
            self.place = place;
        }
    }

    fn settle_in(&mut self, place: u32) {
        if !self.places.contains(&place) {
            self.places.push(place);
            let surplus = self.places.len().saturating_sub(MAX_TARGETS);
            self.places.drain(..surplus);
        }
    }

    /// Notes on the last answers.
    pub(super) fn notes(&self) -> impl Iterator<Item = Note> {
        let all = [
            (NoteKind::OldTls, self.old_tls),
            (NoteKind::IncompleteChain, self.incomplete),
            (NoteKind::PageShrunk, self.shrunk),
            (NoteKind::PageIsError, self.error),
            (NoteKind::LeadsElsewhere, self.elsewhere),
        ];
        all.into_iter().filter_map(|(kind, anomaly)| Some(Note { kind, since: anomaly.since()? }))
    }

    /// Takes back what began at this moment or later: those were not the site's pages.
    pub(super) fn withdraw(&mut self, since: Moment) {
        for anomaly in [&mut self.shrunk, &mut self.error, &mut self.elsewhere] {
            anomaly.withdraw(since);
        }
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        for anomaly in [
            &mut self.shrunk,
            &mut self.error,
            &mut self.elsewhere,
            &mut self.old_tls,
            &mut self.incomplete,
        ] {
            anomaly.set_back(now);
        }
    }
}

/// FNV-1a, 32 bits; never 0, which stands for the site's own name.
fn hash(name: &str) -> u32 {
    let bytes = name.as_bytes().iter();
    bytes
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: u32) -> ObservedPage {
        ObservedPage { bytes, ..ObservedPage::default() }
    }

    /// Notes after these pages, a minute each, and since which one.
    fn notes(pages: impl IntoIterator<Item = ObservedPage>) -> Vec<(NoteKind, i64)> {
        let mut state = PageBaseline::default();
        for (n, page) in pages.into_iter().enumerate() {
            let seen = Observations { page: Some(page), ..Observations::default() };
            state.take(&seen, Moment::from_millis(n as i64 * 60_000));
        }
        let kept = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<PageBaseline>(&kept).unwrap(), state);
        state.notes().map(|note| (note.kind, note.since.millis() / 60_000)).collect()
    }

    fn usual(bytes: u32, count: usize) -> Vec<ObservedPage> {
        (0..count).map(|n| page(bytes + bytes / 100 * (n as u32 % 7))).collect()
    }

    #[test]
    fn a_page_that_lost_nine_tenths_of_its_usual_length_is_told_after_three() {
        let after = |mut pages: Vec<ObservedPage>, then: &[u32]| {
            pages.extend(then.iter().map(|bytes| page(*bytes)));
            notes(pages)
        };
        let shrunk = |n| vec![(NoteKind::PageShrunk, n)];
        assert_eq!(after(usual(40_000, 31), &[0, 0]), []);
        assert_eq!(after(usual(40_000, 31), &[0, 0, 0]), shrunk(31));
        assert_eq!(after(usual(40_000, 31), &[3_900, 3_900, 3_900]), shrunk(31));
        assert_eq!(after(usual(40_000, 31), &[4_500, 4_500, 4_500]), []);
        assert_eq!(after(usual(40_000, 20), &[0, 0, 0]), [], "hardly known");
        assert_eq!(after(usual(300, 50), &[0, 0, 0]), [], "it was small before");
        assert_eq!(after(usual(40_000, 31), &[0, 0, 0, 40_000]), shrunk(31));
        assert_eq!(after(usual(40_000, 31), &[0, 0, 0, 40_000, 40_000]), []);
        // A site that has short pages now and then may have three in a row.
        assert_eq!(after(usual(40_000, 31), &[0, 40_000, 0, 0, 0]), []);
        let week = 7 * 1_440;
        assert_eq!(after(usual(40_000, 31), &vec![0; week - 1]), shrunk(31));
        assert_eq!(after(usual(40_000, 31), &vec![0; week + 1]), [], "that is its page now");
    }

    #[test]
    fn pages_of_our_own_side_are_taken_back_and_the_next_is_as_new() {
        let mut state = PageBaseline::default();
        let take = |state: &mut PageBaseline, from: i64, pages: &[ObservedPage]| {
            for (n, page) in pages.iter().enumerate() {
                let seen = Observations { page: Some(page.clone()), ..Observations::default() };
                state.take(&seen, Moment::from_millis((from + n as i64) * 60_000));
            }
        };
        let portal =
            ObservedPage { led_to: Some("portal.example".into()), error_title: true, ..page(200) };
        take(&mut state, 0, &usual(40_000, 31));
        for looks in [1, 3] {
            let before = state.clone();
            take(&mut state, 31, &vec![portal.clone(); looks]);
            assert_eq!(state.notes().count(), if looks == 3 { 3 } else { 0 });
            state.withdraw(Moment::from_millis(31 * 60_000));
            assert_eq!(state.notes().count(), 0);
            assert_eq!(state.least, before.least);
            take(&mut state, 40, &usual(40_000, 2));
        }
        take(&mut state, 50, &[page(0), page(0), page(0)]);
        assert_eq!(state.notes().count(), 1, "the site's own fault is told as ever");
    }

    #[test]
    fn a_title_of_an_error_is_told_where_there_was_none() {
        let pages = |titles: &str| {
            let one = |kind| ObservedPage { error_title: kind == 'e', ..page(9_000) };
            notes(titles.chars().map(one).collect::<Vec<_>>())
        };
        let before = ".".repeat(30);
        assert_eq!(pages(&(before.clone() + "ee")), []);
        assert_eq!(pages(&(before.clone() + "eee")), [(NoteKind::PageIsError, 30)]);
        assert_eq!(pages(&(before.clone() + "eee..")), []);
        assert_eq!(pages(&(before + "e.eee")), [], "it has such titles now and then");
        assert_eq!(pages(&"e".repeat(50)), [], "it always had");
    }

    #[test]
    fn a_site_that_leads_to_another_name_than_before_is_told() {
        let pages = |places: &str| {
            let one = |kind: char| {
                let led_to = (kind != '.').then(|| format!("{kind}.example").into());
                ObservedPage { led_to, ..page(9_000) }
            };
            notes(places.chars().map(one).collect::<Vec<_>>())
        };
        let before = "a".repeat(31);
        assert_eq!(pages(&(before.clone() + "bbb")), [(NoteKind::LeadsElsewhere, 31)]);
        assert_eq!(pages(&(before.clone() + "...")), [(NoteKind::LeadsElsewhere, 31)]);
        assert_eq!(pages(&(before.clone() + "bbbaa")), []);
        assert_eq!(pages(&(before.clone() + "babbbb")), [], "it leads there now and then");
        assert_eq!(pages(&(before + "abc".repeat(20).as_str())), []);
        assert_eq!(pages(&".".repeat(50)), []);
    }

    #[test]
    fn what_the_last_answer_shows_of_the_server_is_told_at_once_and_does_not_flap() {
        let (mut state, mut changes, mut was) = (PageBaseline::default(), 0, false);
        for n in 0..100 {
            let peculiarity = (n % 2 == 0).then_some(Peculiarity::IncompleteChain);
            let seen = Observations { peculiarity, ..Observations::default() };
            state.take(&seen, Moment::from_millis(n));
            let is = state.notes().any(|note| note.kind == NoteKind::IncompleteChain);
            changes += u32::from(is != was);
            was = is;
        }
        assert_eq!(changes, 1);
        for n in 100..105 {
            state.take(&Observations::default(), Moment::from_millis(n));
        }
        assert_eq!(state.notes().count(), 0);
    }
}
