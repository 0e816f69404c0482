//! One plain sentence for each verdict, in English or Dutch, made in this one place for page, API
//! and badge.
//!
//! Pure: state and time are passed in. It may assume that the verdict is the one in force; it must
//! never judge, and never say more than was observed.

mod brief;
mod failure_detail;
mod headline;
mod notes;
mod words;

use crate::i18n::{Arg, Lang};
use model::{
    moment::Moment,
    name::Region,
    note::NoteKind,
    report::Places,
    restriction::Restriction,
    verdict::{SelfDoubt, Status, Verdict},
};

pub use brief::{doubt_line, heading_in, how_slow_in, joined, line_in, places_in};
pub use headline::{DayFacts, brief_headline_in, doubt_in, headline_in};
pub use notes::{is_as_ever, is_unavailable};
pub use words::{cause_words, clock_words, duration_words, failure_words, latency_words};

/// Facts about a site, for a sentence about it.
#[derive(Clone, Copy, Debug)]
pub struct SiteFacts<'a> {
    /// The site's name for people.
    pub name: &'a str,
    /// The verdict in force; `unknown` when the evidence has run out.
    pub verdict: &'a Verdict,
    /// Evidence that robots are turned away, if they are.
    pub restriction: Option<&'a Restriction>,
    /// The newest latency, in microseconds.
    pub latency: Option<u32>,
    /// The usual latency, in microseconds.
    pub usual: Option<u32>,
    /// Moment of the last check.
    pub checked_at: Option<Moment>,
    /// True if that look still is evidence.
    pub fresh: bool,
    /// The site as the regions see it.
    pub places: &'a Places,
}

/// The sentence in English.
pub fn sentence(known: &SiteFacts<'_>, now: Moment) -> String {
    sentence_in(Lang::En, known, now)
}

/// The sentence.
pub fn sentence_in(lang: Lang, known: &SiteFacts<'_>, now: Moment) -> String {
    let told = SentenceBuilder { lang, known, now };
    match known.verdict.status {
        Status::Up => told.up(),
        Status::Slow => told.slow(),
        Status::Partial => told.partial(),
        Status::Down => told.down(),
        Status::Unknown => told.unknown(),
    }
}

/// So many places are named; more are counted.
const NAMED: usize = 3;
/// A latency in microseconds that is slow for anybody.
const SLOW: u32 = 1_000_000;

/// Regions as a list: by name when they are few; `None` without any.
pub fn region_list(lang: Lang, regions: &[Region]) -> Option<String> {
    if regions.len() > NAMED {
        return Some(lang.one("places", "n", regions.len()));
    }
    let mut names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let last = names.pop()?;
    Some(match names.join(", ") {
        none if none.is_empty() => last.to_owned(),
        before => lang.two("list-and", ("before", before), ("last", last)),
    })
}

/// Builder of one sentence.
struct SentenceBuilder<'a> {
    lang: Lang,
    known: &'a SiteFacts<'a>,
    now: Moment,
}

impl SentenceBuilder<'_> {
    /// A message about the site, with these placeables beside its name.
    fn say<const N: usize>(&self, id: &str, args: [(&'static str, String); N]) -> String {
        let name = [("name", Arg::from(self.known.name))];
        self.lang.with(id, name.into_iter().chain(args.map(|(name, text)| (name, text.into()))))
    }

    fn up(&self) -> String {
        let new = self.known.verdict.notes.iter().find(|note| note.kind == NoteKind::TurnedAway);
        if let Some(new) = new {
            return self.turned_away(new.since);
        }
        if !self.known.verdict.restricted {
            return self.quick();
        }
        if self.known.places.all_turned_away() {
            return self.with_places(
                "sentence-up-kept-out",
                self.known.places.turned_away.len(),
                [],
            );
        }
        let how = self.known.restriction.map(|how| self.lang.restriction(how));
        match how.filter(|how| !how.is_empty()) {
            Some(how) if is_unavailable(self.known.restriction) => {
                self.say("sentence-up-unavailable", [("how", how)])
            }
            how if !is_as_ever(self.known.verdict, self.now) => {
                let how = how.map(|how| format!(" ({how})")).unwrap_or_default();
                self.say("sentence-up-away", [("how", how)])
            }
            Some(how) => self.say("sentence-up-restricted-how", [("how", how)]),
            None => self.say("sentence-up-restricted", []),
        }
    }

    /// It always let us in, and does not now.
    fn turned_away(&self, since: Moment) -> String {
        let how = self.known.restriction.map(|how| format!(" ({})", self.lang.restriction(how)));
        let id = if is_unavailable(self.known.restriction) {
            "sentence-up-unavailable-new"
        } else {
            "sentence-up-turned-away"
        };
        let long = self.lang.duration_so_far(self.now.since(since));
        self.say(id, [("long", long), ("how", how.unwrap_or_default())])
    }

    fn slow(&self) -> String {
        let lang = self.lang;
        let words = |micros| lang.latency(micros);
        let much = match self.slowness() {
            (Some(latency), Some(usual)) => {
                lang.two("sentence-slow-much", ("latency", words(latency)), ("usual", words(usual)))
            }
            (Some(latency), None) => lang.one("sentence-slow-latency", "latency", words(latency)),
            (None, _) => String::new(),
        };
        self.say("sentence-slow", [("much", much), ("long", self.long())])
    }

    /// Latency that shows that it is slow, and the usual one, if that is much less: what is as ever is
    /// slow against what is so for anybody. None where the last answer was quick, which alone does not
    /// end it.
    fn slowness(&self) -> (Option<u32>, Option<u32>) {
        let SiteFacts { latency, usual, .. } = *self.known;
        let most = usual.map(|usual| usual.saturating_add(usual / 2));
        let is_usual = latency.is_some() && latency <= most;
        (latency.filter(|latency| !is_usual || *latency >= SLOW), usual.filter(|_| !is_usual))
    }

    /// It answers, and quickly, unless some places see it slow or are turned away.
    fn quick(&self) -> String {
        let places = self.known.places;
        let away = self.list(&places.turned_away).filter(|_| places.let_in() > 0);
        if let Some(away) = away {
            return self.with_places("sentence-up-away-in", places.let_in(), [("places", away)]);
        }
        let from = self.list(&places.slow).filter(|_| self.known.verdict.status == Status::Up);
        match from.filter(|_| places.well > 0) {
            None => self.say("sentence-up", []),
            Some(from) => self.with_places("sentence-up-slow-in", places.well, [("places", from)]),
        }
    }

    fn partial(&self) -> String {
        let (long, why) = (("long", self.long()), ("why", self.why()));
        let Places { down, slow, well, .. } = self.known.places;
        let Some(places) = self.list(down).map(|places| ("places", places)) else {
            return self.say("sentence-partial-somewhere", [long, why]);
        };
        match well + slow.len() {
            0 => self.say("sentence-partial-alone", [places, long, why]),
            others => self.with_places("sentence-partial", others, [places, long, why]),
        }
    }

    fn list(&self, regions: &[Region]) -> Option<String> {
        region_list(self.lang, regions)
    }

    /// A message about the site that counts places.
    fn with_places<const N: usize>(
        &self,
        id: &str,
        n: usize,
        args: [(&'static str, String); N],
    ) -> String {
        let known = [("name", Arg::from(self.known.name)), ("n", Arg::from(n))];
        self.lang.with(id, known.into_iter().chain(args.map(|(name, text)| (name, text.into()))))
    }

    fn down(&self) -> String {
        if self.known.verdict.unstable {
            return self.unstable();
        }
        match self.lasting() {
            None => self.say("sentence-down", [("why", self.why())]),
            Some(long) => self.say("sentence-down-long", [("long", long), ("why", self.why())]),
        }
    }

    /// A site that keeps failing and coming back may answer just now.
    fn unstable(&self) -> String {
        let last = self.known.verdict.cause.as_ref().map_or_else(
            || ".".to_owned(),
            |cause| self.lang.one("sentence-unstable-why", "why", self.lang.last_cause(cause)),
        );
        match self.lasting() {
            None => self.say("sentence-unstable", [("why", last)]),
            Some(long) => self.say("sentence-unstable-long", [("long", long), ("why", last)]),
        }
    }

    fn unknown(&self) -> String {
        if let Some(doubt) = self.known.verdict.doubt {
            let id = match doubt {
                SelfDoubt::Line => "sentence-doubt-line",
                SelfDoubt::Names => "sentence-doubt-names",
                SelfDoubt::Alone => "sentence-doubt-alone",
                SelfDoubt::Intercepted => "sentence-doubt-intercepted",
                SelfDoubt::Congested => "sentence-doubt-congested",
            };
            return self.say(id, []);
        }
        match self.known.checked_at {
            None => self.say("sentence-never", []),
            Some(_) if self.known.fresh => self.say("sentence-unsure", []),
            Some(at) => self
                .say("sentence-stale", [("long", self.lang.duration_so_far(self.now.since(at)))]),
        }
    }

    /// Duration of the verdict so far, in words; `None` in its first minute, which is nothing to count.
    fn lasting(&self) -> Option<String> {
        let long = self.now.since(self.known.verdict.since?);
        (long.as_secs() >= 60).then(|| self.lang.duration(long))
    }

    /// Duration of the verdict so far, as a part of a sentence.
    fn long(&self) -> String {
        let long = self.lasting().map(|long| self.lang.one("sentence-long", "long", long));
        long.unwrap_or_default()
    }

    /// The cause as the end of a sentence.
    fn why(&self) -> String {
        match &self.known.verdict.cause {
            Some(cause) => self.lang.one("sentence-why", "why", self.lang.cause(cause)),
            None => ".".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
