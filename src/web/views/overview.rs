//! All sites at a moment, counted. One read of the board.

use std::{sync::Arc, time::Duration};

use super::site::SiteView;
use crate::{
    board::{Board, StoreHealth},
    i18n::{
        Lang, provider,
        sentence::{DayFacts, brief_headline_in, doubt_in, headline_in},
    },
    web::{Shared, cache_control::CacheControl},
};
use model::{
    moment::Moment,
    name::Slug,
    provider::ProviderStatus,
    report::Overload,
    verdict::{SelfDoubt, Status, StatusCounts},
};

/// The statuses, the worst first.
pub(in crate::web) const WORST_FIRST: [Status; 5] =
    [Status::Down, Status::Partial, Status::Slow, Status::Unknown, Status::Up];

/// All sites at a moment.
#[derive(Debug)]
pub(in crate::web) struct Overview {
    /// The sites, in the order of their slugs.
    pub(in crate::web) views: Vec<SiteView>,
    /// Number of sites by status.
    pub(in crate::web) counts: StatusCounts,
    /// Moment of the last check of any site.
    pub(in crate::web) last: Option<Moment>,
    /// The providers that seem to be failing.
    pub(in crate::web) failing: Vec<Arc<ProviderStatus>>,
    /// Providers whose event is over while some of their sites are still bad.
    pub(in crate::web) left_over: Vec<Arc<ProviderStatus>>,
    /// Health of the record.
    pub(in crate::web) record: StoreHealth,
    /// The moment.
    pub(in crate::web) now: Moment,
}

impl Overview {
    /// All sites now.
    pub(in crate::web) fn now(shared: &Shared) -> Self {
        Self::of(&shared.web.board, shared.second())
    }

    fn of(board: &Board, now: Moment) -> Self {
        let views: Vec<SiteView> =
            board.sites().into_iter().map(|live| SiteView::new(live, now)).collect();
        let counts = views.iter().map(SiteView::status).collect();
        let last = views.iter().filter_map(|view| view.live.checked_at()).max();
        let (failing, left_over, record) =
            (board.failing(), board.left_over(), board.store_health());
        Self { views, counts, last, failing, left_over, record, now }
    }

    /// Time for which an answer about all of them may be cached.
    pub(in crate::web) fn keep(&self, shared: &Shared) -> CacheControl {
        CacheControl::of_sites(shared, self.views.iter().map(|view| &*view.live))
    }

    /// The sentence of the day that programs read.
    pub(in crate::web) fn headline(&self) -> String {
        self.headline_in(Lang::En)
    }

    /// The sentence about all sites.
    pub(in crate::web) fn headline_in(&self, lang: Lang) -> String {
        let (doubt, unknown) = (self.doubt(), self.counts.of(Status::Unknown));
        // With nothing known, nobody is blamed.
        if self.failing.is_empty() || unknown == self.counts.total() {
            return headline_in(lang, &self.facts(), self.now);
        }
        let failing: Vec<ProviderStatus> =
            self.failing.iter().map(|known| self.standing(known)).collect();
        let elsewhere = self.views.iter().filter(|view| {
            let at = |standing: &ProviderStatus| {
                view.live.is_at(&standing.provider, standing.event.as_ref())
            };
            !failing.iter().any(at)
        });
        let others = elsewhere.map(SiteView::status).collect();
        let blame = provider::day_in(lang, &failing.iter().collect::<Vec<_>>(), &others);
        match doubt {
            // We doubt ourselves first.
            Some(doubt) => {
                let told = doubt_in(lang, unknown, self.counts.total(), doubt);
                format!("{told} {blame}")
            }
            None => blame,
        }
    }

    /// The heading of the day, in five words at most.
    pub(in crate::web) fn heading_in(&self, lang: Lang) -> String {
        // Nobody is blamed for what we do not see.
        let known = self.failing.iter().map(|standing| (standing, self.standing(standing)));
        let known = known.filter(|(_, standing)| standing.is_known());
        let failing: Vec<_> = known
            .map(|(known, standing)| (model::provider::name(&known.provider), standing.condition()))
            .collect();
        brief_headline_in(lang, &self.facts(), &failing)
    }

    /// Number of sites by status in words, the worst first: `2 down · 250 up`.
    pub(in crate::web) fn counts_in(&self, lang: Lang) -> String {
        let known = WORST_FIRST.into_iter().filter(|status| self.counts.of(*status) > 0);
        let count = |status| lang.number(self.counts.of(status) as f64, 0);
        let parts: Vec<String> =
            known.map(|status| format!("{}\u{a0}{}", count(status), lang.status(status))).collect();
        parts.join(" · ")
    }

    /// The status for the icon of all of them: our own doubt before all others.
    pub(in crate::web) fn worst(&self) -> Status {
        let bad = WORST_FIRST.into_iter().filter(|status| status.is_outage());
        let worst = bad.into_iter().find(|status| self.counts.of(*status) > 0);
        let known = self.counts.total() > self.counts.of(Status::Unknown);
        match worst {
            _ if self.doubt().is_some() => Status::Unknown,
            Some(worst) => worst,
            None if known => Status::Up,
            None => Status::Unknown,
        }
    }

    /// Number of sites that are up with an unusual note.
    pub(in crate::web) fn unusual(&self) -> usize {
        self.views.iter().filter(|view| view.is_unusual()).count()
    }

    fn facts(&self) -> DayFacts<'_> {
        let (doubt, unusual) = (self.doubt(), self.unusual());
        DayFacts { counts: &self.counts, last: self.last, doubt, unusual }
    }

    /// Reason for self-doubt, if there is one.
    pub(in crate::web) fn doubt(&self) -> Option<SelfDoubt> {
        let doubts = || self.views.iter().filter_map(|view| view.verdict().doubt);
        // Without a line there are no name servers either.
        doubts().find(|doubt| *doubt == SelfDoubt::Line).or_else(|| doubts().next())
    }

    /// Status of a provider's sites at this moment: stale evidence counts as unknown.
    pub(in crate::web) fn standing(&self, known: &ProviderStatus) -> ProviderStatus {
        let event = known.event.as_ref();
        let mine = self.views.iter().filter(|view| view.live.is_at(&known.provider, event));
        let sites = mine.map(|view| view.live.member(view.status()));
        ProviderStatus::of(&known.provider, sites, event.cloned())
    }
}

/// Sentences of the pages at a moment, for programs that compare them with a story.
#[derive(Debug)]
pub struct ShownSentences {
    /// The sentence about all sites.
    pub headline: String,
    /// The sentence of each site, in the order of their slugs.
    sites: Vec<(Slug, String)>,
}

impl ShownSentences {
    /// The sentence of a site.
    pub fn of(&self, slug: &Slug) -> &str {
        let found = self.sites.iter().find(|(other, _)| other == slug);
        found.map_or("", |(_, said)| said)
    }
}

/// Sentences of the pages about the board at this moment.
pub fn shown_sentences(board: &Board, now: Moment) -> ShownSentences {
    let overview = Overview::of(board, now);
    let said = |view: &SiteView| (view.live.site.slug.clone(), view.summary());
    ShownSentences {
        headline: overview.headline(),
        sites: overview.views.iter().map(said).collect(),
    }
}

/// Warnings for visitors about this service itself: the record, and whether the prober keeps up.
pub(in crate::web) fn service_warnings(lang: Lang, board: &Board, now: Moment) -> Option<String> {
    let record = record_warning(lang, &board.store_health(), now);
    let warnings = [record, overload_warning(lang, board.overload(), now)];
    warnings.into_iter().flatten().reduce(|one, other| format!("{one} {other}"))
}

/// Warning for visitors that our own prober cannot keep up.
fn overload_warning(lang: Lang, overload: Option<Overload>, now: Moment) -> Option<String> {
    Some(lasting(lang, "notice-overload", now.since(overload?.since)))
}

/// A message about what has been so for this long.
fn lasting(lang: Lang, id: &str, duration: Duration) -> String {
    lang.two(id, ("minutes", duration.as_secs() / 60), ("long", lang.duration(duration)))
}

/// Warning for visitors about the record, if there is one.
pub(in crate::web) fn record_warning(
    lang: Lang,
    record: &StoreHealth,
    now: Moment,
) -> Option<String> {
    if let Some(since) = record.refusing {
        return Some(lasting(lang, "notice-refusing", now.since(since)));
    }
    if let Some(since) = record.held_since {
        return Some(lasting(lang, "notice-held", now.since(since)));
    }
    Some(lasting(lang, "notice-away", now.since(record.away_since?)))
}

/// Severity of a status, worst first: the order of "what is wrong now".
pub(in crate::web) fn badness(status: Status) -> u8 {
    let place = WORST_FIRST.iter().position(|other| *other == status);
    place.unwrap_or(WORST_FIRST.len()) as u8
}
