//! Symptoms that have lasted so long that they count as the sites' own.

use std::{collections::VecDeque, time::Duration};

use super::{last_check::LastCheck, symptom::SharedSymptom};
use crate::moment::Moment;

/// Time for which most sites have to show something else before an accepted symptom is doubted anew.
const GONE_FOR: Duration = Duration::from_mins(10);

/// Symptoms that are the sites' own, each with the last moment when not most sites showed something else.
#[derive(Clone, Debug, Default)]
pub(super) struct AcceptedSymptoms(Vec<(SharedSymptom, Moment)>);

impl AcceptedSymptoms {
    pub(super) fn accept(&mut self, symptom: SharedSymptom, now: Moment) {
        if !self.contains(symptom) {
            self.0.push((symptom, now));
        }
    }

    pub(super) fn contains(&self, symptom: SharedSymptom) -> bool {
        self.0.iter().any(|(accepted, _)| *accepted == symptom)
    }

    /// Forgets those that are gone: one site that is well for a moment is no end of them.
    pub(super) fn review(&mut self, checks: &VecDeque<LastCheck>, now: Moment) {
        self.0.retain_mut(|(symptom, shown_at)| {
            let shown = checks.iter().filter(|last| last.still_shows(*symptom)).count();
            let well = checks.iter().filter(|last| last.is_well(*symptom)).count();
            if shown > 0 && well <= shown {
                *shown_at = now;
            }
            now <= *shown_at + GONE_FOR
        });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
