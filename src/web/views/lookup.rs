//! The view of a target, a site of the catalogue or a visitor's lookup: one for page, API, text and
//! the shapes of other products.

use std::{sync::Arc, time::Duration};

use super::site::SiteView;
use crate::{
    i18n::{
        Lang,
        sentence::{SiteFacts, heading_in, line_in},
    },
    lookup::{Confirmed, LookupAnswer, LookupOutcome, SeenElsewhere},
};
use model::{
    check::Check,
    domain::readable,
    moment::Moment,
    note::Note,
    report::Places,
    verdict::{Status, Verdict},
};
use prober::probe::Blocked;

/// View of a target.
#[derive(Debug)]
pub(in crate::web) struct LookupView {
    /// Its short name: slug, or what a lookup is known by.
    pub(in crate::web) key: String,
    /// Its name for people.
    pub(in crate::web) name: String,
    /// URL that was probed.
    pub(in crate::web) url: String,
    /// The verdict to show.
    pub(in crate::web) verdict: Verdict,
    /// One plain sentence that programs read.
    pub(in crate::web) summary: String,
    /// The same in Dutch.
    pub(in crate::web) dutch: String,
    /// The last check, if there was one.
    pub(in crate::web) check: Option<Arc<Check>>,
    /// Usual latency in microseconds.
    pub(in crate::web) usual: Option<u32>,
    /// True if the verdict rests on evidence.
    pub(in crate::web) fresh: bool,
    /// True if the catalogue has it.
    pub(in crate::web) watched: bool,
    /// The guard blocked the lookup.
    pub(in crate::web) blocked: Option<Blocked>,
    /// Outcomes from other regions.
    pub(in crate::web) elsewhere: Vec<SeenElsewhere>,
    /// The target as all places see it, ours among them.
    places: Places,
    /// True if the name does not exist.
    pub(in crate::web) nameless: bool,
}

impl LookupView {
    /// Of a site of the catalogue.
    pub(in crate::web) fn of_site(view: &SiteView) -> Self {
        let live = &*view.live;
        let newest = live.regions.iter().max_by_key(|seen| seen.check.at);
        Self {
            key: live.site.slug.to_string(),
            name: live.site.name.to_string(),
            url: live.site.url.to_string(),
            verdict: view.verdict().clone(),
            summary: view.summary(),
            dutch: view.summary_in(Lang::Nl),
            check: newest.map(|seen| seen.check.clone()),
            usual: live.usual,
            fresh: view.fresh,
            watched: true,
            blocked: None,
            elsewhere: Vec::new(),
            places: live.places(view.now),
            nameless: false,
        }
    }

    /// Of a lookup that was answered.
    pub(in crate::web) fn of_lookup(
        answered: &LookupAnswer,
        serves: Duration,
        now: Moment,
    ) -> Self {
        let blocked = match &answered.seen {
            LookupOutcome::Blocked(blocked) => Some(*blocked),
            LookupOutcome::Verdict(_) | LookupOutcome::Doubt(_) => None,
        };
        let (key, summary) = (answered.target.key(), answered.summary());
        let dutch = answered.summary_in(Lang::Nl);
        let verdict = answered.verdict().unwrap_or_else(Verdict::none_yet);
        let nameless = answered.is_nameless();
        let fresh = (verdict.status != Status::Unknown || nameless) && answered.age(now) < serves;
        match answered.confirmed() {
            Some(confirmed) => Self {
                key,
                verdict,
                summary,
                dutch,
                fresh,
                nameless,
                elsewhere: answered.elsewhere.clone(),
                places: answered.places(),
                ..Self::of_confirmed(confirmed)
            },
            None => Self {
                name: readable(&key).into_owned(),
                url: answered.target.url.to_string(),
                check: None,
                usual: None,
                watched: false,
                key,
                summary,
                dutch,
                verdict,
                fresh,
                blocked,
                elsewhere: Vec::new(),
                places: Places::default(),
                nameless,
            },
        }
    }

    /// The view of a lookup that has just ended.
    pub(in crate::web) fn of_confirmed(confirmed: &Confirmed) -> Self {
        let site = &confirmed.site;
        Self {
            key: site.slug.to_string(),
            name: site.name.to_string(),
            url: site.url.to_string(),
            verdict: confirmed.verdict.clone(),
            summary: confirmed.summary(),
            dutch: confirmed.summary_in(Lang::Nl),
            check: Some(Arc::new(confirmed.check.clone())),
            usual: None,
            fresh: confirmed.verdict.status != Status::Unknown,
            watched: false,
            blocked: None,
            elsewhere: Vec::new(),
            places: Places::default(),
            nameless: false,
        }
    }

    /// The view of a target that was not probed, with the reason.
    pub(in crate::web) fn of_nothing(why: &str) -> Self {
        Self {
            key: String::new(),
            name: String::new(),
            url: String::new(),
            verdict: Verdict::none_yet(),
            summary: why.to_owned(),
            dutch: why.to_owned(),
            check: None,
            usual: None,
            fresh: false,
            watched: false,
            blocked: None,
            elsewhere: Vec::new(),
            places: Places::default(),
            nameless: false,
        }
    }

    /// The sentence in a language.
    pub(in crate::web) fn summary_in(&self, t: Lang) -> &str {
        match t {
            Lang::En => &self.summary,
            Lang::Nl => &self.dutch,
        }
    }

    /// The heading of its page: the name and a few words.
    pub(in crate::web) fn heading_in(&self, t: Lang, now: Moment) -> String {
        match (self.nameless, self.blocked) {
            (true, _) => t.one("heading-no-name", "name", &self.name),
            (false, Some(_)) => t.one("heading-kept-away", "name", &self.name),
            (false, None) => heading_in(t, &self.facts(), now, false),
        }
    }

    /// Text below the heading.
    pub(in crate::web) fn line_in(&self, t: Lang, now: Moment) -> String {
        let doubted = self.verdict.status == Status::Unknown && !self.watched;
        match self.nameless {
            true => t.say("line-no-name").into_owned(),
            false if doubted => self.summary_in(t).to_owned(),
            false => line_in(t, &self.facts(), now),
        }
    }

    fn facts(&self) -> SiteFacts<'_> {
        SiteFacts {
            name: &self.name,
            verdict: &self.verdict,
            restriction: self.check.as_ref().and_then(|check| check.outcome.restriction()),
            latency: self.latency(),
            usual: self.usual,
            checked_at: self.checked_at(),
            fresh: self.fresh,
            places: &self.places,
        }
    }

    /// The notes in sentences.
    pub(in crate::web) fn notes_in(
        &self,
        t: Lang,
        now: Moment,
    ) -> impl Iterator<Item = (&Note, String)> {
        let how = self.check.as_ref().and_then(|check| check.outcome.restriction());
        self.verdict.notes.iter().map(move |note| (note, t.note(note, how, now)))
    }

    /// Moment of the check.
    pub(in crate::web) fn checked_at(&self) -> Option<Moment> {
        self.check.as_ref().map(|check| check.at)
    }

    /// The latency of a check that was answered, in microseconds.
    pub(in crate::web) fn latency(&self) -> Option<u32> {
        let outcome = &self.check.as_ref()?.outcome;
        outcome.phases.latency().filter(|_| outcome.cause().is_none())
    }
}
