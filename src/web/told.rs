//! What is told of a target, be it a site of the catalogue or a visitor's lookup: one view for page,
//! API, text and the shapes of others.

use std::{sync::Arc, time::Duration};

use crate::{
    i18n::Lang,
    lookup::{Answered, Confirmed, Seen},
    model::{
        check::Check,
        moment::Moment,
        note::Note,
        readable::readable,
        verdict::{Status, Verdict},
    },
    probe::KeptAway,
    web::look::Look,
};

/// What is told of a target.
#[derive(Debug)]
pub(super) struct Told {
    /// Its short name: slug, or what a lookup is known by.
    pub(super) key: String,
    /// Its name for people.
    pub(super) name: String,
    /// What was looked at.
    pub(super) url: String,
    /// The verdict to show.
    pub(super) verdict: Verdict,
    /// One plain sentence that programs read.
    pub(super) summary: String,
    /// The same in Dutch.
    pub(super) dutch: String,
    /// The last check, if there was one.
    pub(super) check: Option<Arc<Check>>,
    /// Usual latency in microseconds.
    pub(super) usual: Option<u32>,
    /// Whether the verdict rests on evidence.
    pub(super) fresh: bool,
    /// Whether the catalogue has it.
    pub(super) watched: bool,
    /// The guard kept a lookup away.
    pub(super) kept_away: Option<KeptAway>,
}

impl Told {
    /// Of a site of the catalogue.
    pub(super) fn of_site(look: &Look) -> Self {
        let watched = &*look.watched;
        let newest = watched.regions.iter().max_by_key(|seen| seen.check.at);
        Self {
            key: watched.site.slug.to_string(),
            name: watched.site.name.to_string(),
            url: watched.site.url.to_string(),
            verdict: look.verdict().clone(),
            summary: look.summary(),
            dutch: look.summary_in(Lang::Nl),
            check: newest.map(|seen| seen.check.clone()),
            usual: watched.usual,
            fresh: look.fresh,
            watched: true,
            kept_away: None,
        }
    }

    /// Of a lookup that was answered.
    pub(super) fn of_lookup(answered: &Answered, serves: Duration, now: Moment) -> Self {
        let kept_away = match &answered.seen {
            Seen::KeptAway(kept_away) => Some(*kept_away),
            Seen::Verdict(_) | Seen::Doubt(_) => None,
        };
        let (key, summary) = (answered.target.key(), answered.summary());
        let dutch = answered.summary_in(Lang::Nl);
        let verdict = answered.verdict().unwrap_or_else(Verdict::none_yet);
        let fresh = verdict.status != Status::Unknown && answered.age(now) < serves;
        match answered.confirmed() {
            Some(confirmed) => {
                Self { key, verdict, summary, dutch, fresh, ..Self::of_confirmed(confirmed) }
            }
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
                kept_away,
            },
        }
    }

    /// Of a look that is over just now.
    pub(super) fn of_confirmed(confirmed: &Confirmed) -> Self {
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
            kept_away: None,
        }
    }

    /// Of a target that was not looked at, and why.
    pub(super) fn of_nothing(why: &str) -> Self {
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
            kept_away: None,
        }
    }

    /// The sentence in a language.
    pub(super) fn summary_in(&self, t: Lang) -> &str {
        match t {
            Lang::En => &self.summary,
            Lang::Nl => &self.dutch,
        }
    }

    /// The notes in sentences.
    pub(super) fn notes_in(&self, t: Lang, now: Moment) -> impl Iterator<Item = (&Note, String)> {
        let how = self.check.as_ref().and_then(|check| check.outcome.note());
        self.verdict.notes.iter().map(move |note| (note, t.note(note, how, now)))
    }

    /// When it was looked at.
    pub(super) fn checked_at(&self) -> Option<Moment> {
        self.check.as_ref().map(|check| check.at)
    }

    /// The latency of a check that was answered, in microseconds.
    pub(super) fn latency(&self) -> Option<u32> {
        let outcome = &self.check.as_ref()?.outcome;
        outcome.phases.latency().filter(|_| outcome.cause().is_none())
    }
}
