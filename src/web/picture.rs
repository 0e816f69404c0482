//! All sites at a moment, counted. One read of the board.

use super::{Shared, look::Look};
use crate::{
    board::Record,
    model::{
        language::Lang,
        moment::Moment,
        sentence::{Counts, headline_in},
        verdict::Status,
    },
};

/// All sites at a moment.
#[derive(Debug)]
pub(super) struct Picture {
    /// The sites, in the order of their slugs.
    pub(super) looks: Vec<Look>,
    /// How many have which status.
    pub(super) counts: Counts,
    /// When we looked last at any of them.
    pub(super) last: Option<Moment>,
    /// How the record is doing.
    pub(super) record: Record,
    /// The moment.
    pub(super) now: Moment,
}

impl Picture {
    /// All sites now.
    pub(super) fn now(shared: &Shared) -> Self {
        let now = shared.now();
        let looks: Vec<Look> =
            shared.web.board.sites().into_iter().map(|watched| Look::new(watched, now)).collect();
        let counts = looks.iter().map(Look::status).collect();
        let last = looks.iter().filter_map(|look| look.watched.checked_at()).max();
        Self { looks, counts, last, record: shared.web.board.record(), now }
    }

    /// The sentence of the day that programs read.
    pub(super) fn headline(&self) -> String {
        self.headline_in(Lang::En)
    }

    /// The sentence of the day.
    pub(super) fn headline_in(&self, lang: Lang) -> String {
        headline_in(lang, &self.counts, self.last, self.now)
    }
}

/// What visitors should know about the record, if anything.
pub(super) fn notice(lang: Lang, record: &Record, now: Moment) -> Option<String> {
    if let Some((since, why)) = &record.refusing {
        let since = lang.clock(*since, now);
        return Some(lang.two("notice-refusing", ("since", since), ("why", &**why)));
    }
    Some(lang.one("notice-away", "since", lang.clock(record.away_since?, now)))
}

/// How bad a status is, worst first: the order of "what is wrong now".
pub(super) fn badness(status: Status) -> u8 {
    match status {
        Status::Down => 0,
        Status::Partial => 1,
        Status::Slow => 2,
        Status::Unknown => 3,
        Status::Up => 4,
    }
}
