//! Verdicts compared with the truth.

use model::verdict::Status;

use crate::{
    track::{Episode, Track},
    world::{MINUTE, Ms, TrueSpan, TrueWorld, WorldSite, YEAR},
};

/// An outage of this length has to be found.
const LONG: Ms = 3 * MINUTE;
/// A verdict that comes within this time after the end still belongs to it.
const LATE: Ms = 2 * MINUTE;

/// Results of a judge in a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    pub(crate) years: f64,
    pub(crate) false_down: usize,
    pub(crate) false_slow: usize,
    /// Outages of three minutes and more, brown-outs, slow stretches; and how many were missed.
    pub(crate) outages: usize,
    pub(crate) missed: usize,
    pub(crate) brownouts: usize,
    pub(crate) missed_brownouts: usize,
    pub(crate) slow: usize,
    pub(crate) missed_slow: usize,
    pub(crate) restarts_called: usize,
    /// All stretches that were called down.
    pub(crate) called: usize,
    pub(crate) detect: Vec<Ms>,
    pub(crate) recover: Vec<Ms>,
    pub(crate) start_off: Vec<Ms>,
    pub(crate) end_off: Vec<Ms>,
    pub(crate) unknown: f64,
}

impl Score {
    /// Holds tracks, one a site, against the world.
    pub(crate) fn of(world: &TrueWorld, tracks: &[Track]) -> Self {
        let mut score = Self::default();
        for (site, track) in world.sites.iter().zip(tracks) {
            score.add(site, track, world.length);
        }
        let all = world.length as f64 * world.sites.len() as f64;
        score.years = all / YEAR as f64;
        score.unknown /= all;
        for list in
            [&mut score.detect, &mut score.recover, &mut score.start_off, &mut score.end_off]
        {
            list.sort_unstable();
        }
        score
    }

    fn add(&mut self, site: &WorldSite, track: &Track, length: Ms) {
        self.unknown += track.unknown as f64;
        // What most regions cannot reach is down.
        let wide: Vec<TrueSpan> = site.transit.iter().filter(|s| s.kind > 1).copied().collect();
        let bad = [&site.outages, &site.brownouts, &site.restarts, &wide];
        let touches = |spans: &[TrueSpan], episode: &Episode| {
            let to = episode.ended.map_or(length, |(_, until)| until).max(episode.since + 1);
            spans.iter().any(|span| episode.since < span.to + LATE && to > span.from)
        };
        let of = |status: Status| track.episodes.iter().filter(move |e| e.status == status);
        self.called += of(Status::Down).count();
        self.false_down +=
            of(Status::Down).filter(|e| bad.iter().all(|spans| !touches(spans, e))).count();
        self.restarts_called += of(Status::Down).filter(|e| touches(&site.restarts, e)).count();
        let excused =
            |e: &&Episode| !touches(&site.slow, e) && bad.iter().all(|spans| !touches(spans, e));
        self.false_slow += of(Status::Slow).filter(excused).count();
        for span in site.slow.iter().filter(|span| span.to - span.from >= 10 * MINUTE) {
            self.slow += 1;
            self.missed_slow += usize::from(!of(Status::Slow).any(|e| found(span, e, length)));
        }
        for span in site.brownouts.iter().filter(|span| span.to + LATE < length) {
            self.brownouts += 1;
            // Half of the attempts fail: it is down, or it fails now and then.
            let noted = track.noted.iter().any(|(from, until)| {
                *from < span.to + MINUTE && until.unwrap_or(length) > span.from
            });
            let down = of(Status::Down).any(|e| found(span, e, length));
            self.missed_brownouts += usize::from(!noted && !down);
        }
        for span in site.outages.iter().filter(|s| s.to - s.from >= LONG && s.to + LONG < length) {
            self.outages += 1;
            let Some(first) = of(Status::Down).find(|e| found(span, e, length)) else {
                self.missed += 1;
                continue;
            };
            self.detect.push((first.said - span.from).max(0));
            self.start_off.push((first.since - span.from).abs());
            let last = of(Status::Down).rfind(|e| found(span, e, length));
            if let Some((said, until)) = last.and_then(|last| last.ended) {
                self.recover.push((said - span.to).max(0));
                self.end_off.push((until - span.to).abs());
            }
        }
    }
}

/// Returns whether an episode was reported while a span lasted, or hardly later.
fn found(span: &TrueSpan, episode: &Episode, length: Ms) -> bool {
    let until = episode.ended.map_or(length, |(said, _)| said);
    episode.said < span.to + MINUTE && until > span.from
}

/// The value that this share of a sorted list is at most.
pub(crate) fn percentile(sorted: &[Ms], share: f64) -> Option<Ms> {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied()
}
