//! A site at a moment: the board's verdict, or `unknown` once the evidence has run out.
//!
//! Page, API and badge all go through here, so that none of them can show a stale state as up.

use std::{sync::Arc, time::Duration};

use crate::{
    board::{LiveSite, RegionView},
    i18n::{
        Lang, provider,
        sentence::{SiteFacts, heading_in, how_slow_in, line_in, places_in, sentence_in},
    },
};
use model::{
    judge::Limits,
    moment::Moment,
    note::Note,
    outcome::Answer,
    provider::ProviderStatus,
    report::{NOWHERE, Places},
    restriction::Restriction,
    verdict::{Outage, Status, Verdict},
};

/// For so long after an outage it is told that the site is back.
const LATELY: Duration = Duration::from_hours(3);

/// A site at a moment.
#[derive(Debug)]
pub(in crate::web) struct SiteView {
    /// The site on the board.
    pub(in crate::web) live: Arc<LiveSite>,
    /// The moment.
    pub(in crate::web) now: Moment,
    /// True if the verdict rests on evidence.
    pub(in crate::web) fresh: bool,
    /// The verdict once that ran out; in a box, since it is rare and views are made of all sites.
    stale: Option<Box<Verdict>>,
}

impl SiteView {
    /// The site at this moment.
    pub(in crate::web) fn new(live: Arc<LiveSite>, now: Moment) -> Self {
        let fresh = live.is_fresh(now);
        let ran_out = live.verdict.status != Status::Unknown && !fresh;
        let stale =
            ran_out.then(|| Box::new(Verdict { since: live.fresh_until, ..Verdict::none_yet() }));
        Self { live, now, fresh, stale }
    }

    /// The verdict to show.
    pub(in crate::web) fn verdict(&self) -> &Verdict {
        self.stale.as_deref().unwrap_or(&self.live.verdict)
    }

    /// The status to show.
    pub(in crate::web) fn status(&self) -> Status {
        self.verdict().status
    }

    /// The sentence that programs read.
    pub(in crate::web) fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// The sentence to show.
    pub(in crate::web) fn summary_in(&self, lang: Lang) -> String {
        let places = self.live.places(self.now);
        let about = sentence_in(lang, &self.facts(&places), self.now);
        match self.failing() {
            Some(standing) => {
                let role = standing.role_for(self.live.dependencies());
                format!("{about} {}", provider::blame_in(lang, standing, role))
            }
            None => about,
        }
    }

    /// The heading of its page: the name and a few words.
    pub(in crate::web) fn heading_in(&self, lang: Lang) -> String {
        heading_in(lang, &self.facts(&NOWHERE), self.now, self.recovery().is_some())
    }

    /// Text below the heading.
    pub(in crate::web) fn line_in(&self, lang: Lang) -> String {
        let places = self.live.places(self.now);
        line_in(lang, &self.facts(&places), self.now)
    }

    /// The places from which it fails or is slow, when others see it well.
    pub(in crate::web) fn places_in(&self, lang: Lang) -> Option<String> {
        let places = self.live.places(self.now);
        places_in(lang, &self.facts(&places), self.now)
    }

    /// Cause of the trouble, in as few words as possible.
    pub(in crate::web) fn why_in(&self, lang: Lang) -> String {
        let verdict = self.verdict();
        match (&verdict.cause, verdict.status) {
            (Some(cause), _) => lang.plain_cause(cause),
            (None, Status::Slow) => {
                how_slow_in(lang, &self.facts(&NOWHERE), self.now).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The outage that it has come back from lately: where it was down in some places before or after it was
    /// down in all of them, or slow after it was down, the longest stretch of being down.
    pub(in crate::web) fn recovery(&self) -> Option<&Outage> {
        let last = self.live.outages.first().filter(|_| self.status() == Status::Up)?;
        let mut begin = last.ended_at.filter(|end| self.now.since(*end) < LATELY)?;
        let stretches = self.live.outages.iter().take_while(|outage| {
            let goes_on = outage.ended_at >= Some(begin);
            begin = outage.started_at;
            goes_on
        });
        let down = stretches.filter(|outage| outage.status != Status::Slow);
        let longest = down.max_by_key(|it| it.ended_at.map(|end| end.since(it.started_at)));
        longest.filter(|outage| !outage.is_momentary())
    }

    fn facts<'a>(&'a self, places: &'a Places) -> SiteFacts<'a> {
        SiteFacts {
            name: &self.live.site.name,
            verdict: self.verdict(),
            restriction: self.restriction(),
            latency: self.live.latency(),
            usual: self.live.usual,
            checked_at: self.live.checked_at(),
            fresh: self.fresh,
            places,
        }
    }

    /// The provider that is failing, when that explains why this site is bad now.
    pub(in crate::web) fn failing(&self) -> Option<&ProviderStatus> {
        let standing = self.live.failing.as_deref()?;
        let explains = standing.explains(&self.live.member(self.status()));
        let away = self.fresh && self.live.is_turned_away_by(standing);
        (explains || away).then_some(standing)
    }

    /// Evidence that robots are turned away, if the verdict says so.
    pub(in crate::web) fn restriction(&self) -> Option<&Restriction> {
        if !self.verdict().restricted {
            return None;
        }
        let mut newest: Vec<&RegionView> = self.live.regions.iter().collect();
        newest.sort_by_key(|seen| std::cmp::Reverse(seen.check.at));
        newest.into_iter().find_map(|seen| match &seen.check.outcome.answer {
            Answer::Restricted(restriction) => Some(restriction),
            Answer::Ok | Answer::Failed(_) => None,
        })
    }

    /// Returns whether it is up, with an unusual note.
    pub(in crate::web) fn is_unusual(&self) -> bool {
        let verdict = self.verdict();
        verdict.status == Status::Up && verdict.notes.iter().any(|note| note.kind.is_unusual())
    }

    /// The notes in sentences.
    pub(in crate::web) fn notes_in(&self, lang: Lang) -> impl Iterator<Item = (&Note, String)> {
        let how = self.restriction();
        self.verdict().notes.iter().map(move |note| (note, lang.note(note, how, self.now)))
    }

    /// The notes in a few words, for a list or a badge.
    pub(in crate::web) fn marks_in(&self, lang: Lang) -> Vec<String> {
        let marks = self.verdict().notes.iter().map(|note| lang.mark(note.kind));
        let mut marks: Vec<String> = marks.map(std::borrow::Cow::into_owned).collect();
        marks.dedup();
        marks
    }

    /// Status in a region: `unknown` once its own evidence has run out.
    pub(in crate::web) fn seen_status(&self, seen: &RegionView) -> Status {
        if self.is_evidence(seen) { seen.status } else { Status::Unknown }
    }

    /// Returns whether a region's last check is evidence still.
    pub(in crate::web) fn is_evidence(&self, seen: &RegionView) -> bool {
        let heard_at = seen.heard_at.unwrap_or(seen.check.at);
        self.now <= heard_at + Limits::of(&self.live.site).fresh_for
    }
}
