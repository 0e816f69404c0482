//! Worlds: the truth about some sites, and what a check at a moment sees. Pure: the same check
//! always sees the same, whichever judge makes it.
//!
//! A lost packet is sent again after 1, 3 and 7 s, as the kernel does; an attempt that has had no
//! answer after 10 s is given up.

use model::{
    judge::network_health::CanaryKind,
    outcome::{Failure, Reached},
};

use crate::{
    chance::{Chance, share},
    ourside,
};

/// Milliseconds.
pub(crate) type Ms = i64;
pub(crate) const SECOND: Ms = 1_000;
pub(crate) const MINUTE: Ms = 60 * SECOND;
pub(crate) const HOUR: Ms = 60 * MINUTE;
pub(crate) const DAY: Ms = 24 * HOUR;
pub(crate) const YEAR: Ms = 365 * DAY;
const TIMEOUT: Ms = 10 * SECOND;
/// Bursts of one region are those of the one before it, so much earlier.
const ELSEWHERE: Ms = 31 * HOUR;

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TrueSpan {
    pub(crate) from: Ms,
    pub(crate) to: Ms,
    /// Of what kind, as the list that it is in wants it.
    pub(crate) kind: u8,
}

/// The span that a moment is in; they are in order and apart.
pub(crate) fn within(spans: &[TrueSpan], at: Ms) -> Option<&TrueSpan> {
    let next = spans.partition_point(|span| span.from <= at);
    spans[..next].last().filter(|span| at < span.to)
}

/// Spans with waiting times of this mean between them.
pub(crate) fn spans(
    chance: &mut Chance,
    length: Ms,
    mean: f64,
    mut make: impl FnMut(&mut Chance) -> (f64, u8),
) -> Vec<TrueSpan> {
    let (mut all, mut at) = (Vec::new(), 0.0);
    loop {
        at += chance.wait(mean).max(1.0);
        if at as Ms >= length {
            return all;
        }
        let (long, kind) = make(chance);
        let from = at as Ms;
        at += long;
        all.push(TrueSpan { from, to: at as Ms, kind });
    }
}

/// Truth about a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldSite {
    /// Really down. Kinds: 0 refuses, 1 error pages, 2 silence, 3 no such name.
    pub(crate) outages: Vec<TrueSpan>,
    /// Half of the attempts fail.
    pub(crate) brownouts: Vec<TrueSpan>,
    /// Answers take ten times as long. Kind 0: all of them; 1: half.
    pub(crate) slow: Vec<TrueSpan>,
    /// Restarts of 20 s.
    pub(crate) restarts: Vec<TrueSpan>,
    /// The route there loses everything: of each region at other times.
    pub(crate) bursts: Vec<TrueSpan>,
    /// A transit on the way there loses everything, for as many of the first regions as the kind.
    pub(crate) transit: Vec<TrueSpan>,
    /// One of several machines behind it is dead: as [`dead`] says by the kind.
    pub(crate) halves: Vec<TrueSpan>,
}

/// Returns whether an attempt meets the dead machine. Kind 0: requests go to two alternately; 1: it
/// is the first of two addresses; 2: one of two at random; 3 and 5: one of so many at random.
fn dead(kind: u8, number: u8, nth: u32, dice: f64) -> bool {
    match kind {
        0 => nth % 2 == 1,
        1 => number % 2 == 1,
        of => dice < 1.0 / f64::from(of),
    }
}

/// A world.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrueWorld {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    pub(crate) length: Ms,
    pub(crate) regions: usize,
    pub(crate) sites: Vec<WorldSite>,
    /// Share of attempts that fail, each for itself.
    pub(crate) loss: f64,
    /// The first region loses this share besides.
    pub(crate) bad_region: f64,
    /// Our own line is cut.
    pub(crate) cuts: Vec<TrueSpan>,
    /// Our own name servers fail. Kind 0: silence; 1: they answer that they failed.
    pub(crate) nameless: Vec<TrueSpan>,
    /// Something of our own side answers, delays or loses; the kinds are those of [`ourside`].
    pub(crate) ourside: Vec<TrueSpan>,
    /// Number of the sites, the first ones, that one known provider serves.
    pub(crate) served: usize,
    /// True if the controls can be reached at all.
    pub(crate) controls: bool,
    /// Every site turns robots away.
    pub(crate) restricted: bool,
    /// Factor by which latency goes up and down in a day's course.
    pub(crate) rhythm: f64,
    /// Weight of the tail of the latencies: 0 none, 1 one in fifty three times as long and more.
    pub(crate) tail: f64,
    /// Factor by which latency grows in a year.
    pub(crate) drift: f64,
    /// Moments from which our clock is off by that much.
    pub(crate) jumps: Vec<(Ms, Ms)>,
    /// Clocks of all regions but the first are off by that much, ahead and behind in turns.
    pub(crate) skew: Ms,
    /// The agent of the last region is not there.
    pub(crate) away: Vec<TrueSpan>,
    /// From one look to the next; 0 for a minute.
    pub(crate) interval: Ms,
    /// A cache: 80 ms, but this share of the answers takes that many milliseconds.
    pub(crate) mix: Option<(f64, f64)>,
    /// Every so manieth request is turned away.
    pub(crate) wall: Option<u32>,
}

/// Outcome of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) failure: Option<Failure>,
    pub(crate) reached: Reached,
    pub(crate) took: Ms,
    pub(crate) turned_away: bool,
    /// The HTTP status of an error, and a fingerprint of the page.
    pub(crate) status: Option<u16>,
    pub(crate) page: u64,
    /// The name led elsewhere, to where all others do.
    pub(crate) astray: bool,
}

impl Attempt {
    pub(crate) fn fails(failure: Failure, reached: Reached, took: Ms) -> Self {
        let failure = Some(failure);
        Self { failure, reached, took, turned_away: false, status: None, page: 0, astray: false }
    }

    pub(crate) fn is_answered(took: Ms, page: u64) -> Self {
        let (reached, status) = (Reached::Machine, Some(200));
        Self { failure: None, reached, took, turned_away: false, status, page, astray: false }
    }
}

impl TrueWorld {
    /// Every second site has a name; the others are known by their address.
    pub(crate) fn named(site: usize) -> bool {
        site.is_multiple_of(2)
    }

    /// From one look to the next.
    pub(crate) fn interval(&self) -> Ms {
        if self.interval == 0 { MINUTE } else { self.interval }
    }

    /// One attempt at a site: this one of the check, and the `nth` of all so far.
    pub(crate) fn attempt(
        &self,
        site: usize,
        region: usize,
        at: Ms,
        (number, nth): (u8, u32),
    ) -> Attempt {
        let here = &self.sites[site];
        let dice = |n: u64| {
            let who = (site as u64) << 24 | (region as u64) << 16 | u64::from(number) << 8 | n;
            share([self.seed, who, at as u64, 1])
        };
        if Self::named(site) {
            if region == 0 && within(&self.cuts, at).is_some() {
                return Attempt::fails(Failure::Dns, Reached::Nothing, 3 * SECOND);
            }
            if let Some(span) = within(&self.nameless, at).filter(|_| region == 0) {
                let took = if span.kind == 0 { 3 * SECOND } else { 20 };
                return Attempt::fails(Failure::Dns, Reached::Nothing, took);
            }
        }
        let ours = within(&self.ourside, at).filter(|_| region == 0);
        if let Some(seen) = ours.and_then(|span| ourside::attempt(span.kind, site)) {
            return seen;
        }
        let lost = |at: Ms| {
            let elsewhere = (at + region as Ms * ELSEWHERE) % self.length.max(1);
            (region == 0 && within(&self.cuts, at).is_some())
                || within(&here.bursts, elsewhere).is_some()
                || within(&here.transit, at).is_some_and(|span| region < span.kind.into())
        };
        let outage = within(&here.outages, at);
        let silent =
            |at: Ms| lost(at) || outage.is_some_and(|outage| outage.kind == 2 && at < outage.to);
        let Some(begin) = [0, 1, 3, 7].map(|n| n * SECOND).into_iter().find(|n| !silent(at + n))
        else {
            return Attempt::fails(Failure::Timeout, Reached::Nothing, TIMEOUT);
        };
        match outage.map(|outage| outage.kind) {
            Some(0) => return Attempt::fails(Failure::Connect, Reached::Machine, begin + 50),
            Some(1) => {
                let error = Attempt::fails(Failure::Http, Reached::Machine, begin + 100);
                return Attempt { status: Some(500), ..error };
            }
            Some(3) => return Attempt::fails(Failure::Dns, Reached::NameServer, 20),
            _ => {}
        }
        if within(&here.restarts, at).is_some() {
            return Attempt::fails(Failure::Connect, Reached::Machine, begin + 50);
        }
        if let Some(half) = within(&here.halves, at)
            && dead(half.kind, number, nth, dice(7))
        {
            return Attempt::fails(Failure::Http, Reached::Machine, begin + 100);
        }
        let bad = self.loss + if region == 0 { self.bad_region } else { 0.0 };
        let brown = if within(&here.brownouts, at).is_some() { 0.5 } else { 0.0 };
        if dice(1) < bad.max(brown) {
            return match dice(2) {
                x if x < 0.5 => Attempt::fails(Failure::Timeout, Reached::Nothing, TIMEOUT),
                _ => Attempt::fails(Failure::Reset, Reached::Machine, begin + 100),
            };
        }
        let more = ours.map_or(0, |span| ourside::delay(span.kind, dice));
        let latency = begin + self.latency(here, at, dice) + more;
        if latency >= TIMEOUT {
            return Attempt::fails(Failure::Timeout, Reached::Machine, TIMEOUT);
        }
        let turned_away = self.restricted || self.wall.is_some_and(|every| nth % every == 0);
        let status = Some(if turned_away { 403 } else { 200 });
        Attempt { turned_away, status, ..Attempt::is_answered(latency, 1 + site as u64) }
    }

    fn latency(&self, site: &WorldSite, at: Ms, dice: impl Fn(u64) -> f64) -> Ms {
        if let Some((share, miss)) = self.mix {
            let mean = if dice(8) < share { miss } else { 80.0 };
            return (mean * (0.8 + 0.4 * dice(5))) as Ms;
        }
        let day = (at % DAY) as f64 / DAY as f64;
        let rhythm = 1.0 + self.rhythm * (0.5 - 0.5 * (day * std::f64::consts::TAU).cos());
        let drift = self.drift.max(1.0).powf(at as f64 / YEAR as f64);
        let tail = if self.tail > 0.0 && dice(3) < 0.02 * self.tail {
            3.0 * (1.0 - dice(4)).powf(-0.7)
        } else {
            0.8 + 0.4 * dice(5)
        };
        let slow = within(&site.slow, at)
            .map_or(1.0, |span| if span.kind == 0 || dice(6) < 0.5 { 10.0 } else { 1.0 });
        (250.0 * rhythm * drift * tail * slow) as Ms
    }

    /// Returns whether the controls of a line answer.
    pub(crate) fn control(&self, line: CanaryKind, at: Ms) -> bool {
        let names = matches!(line, CanaryKind::Names | CanaryKind::KnownNames);
        let nameless = names && within(&self.nameless, at).is_some();
        let ours = within(&self.ourside, at).is_some_and(|span| ourside::keeps(span.kind, line));
        (names || self.controls) && within(&self.cuts, at).is_none() && !nameless && !ours
    }

    /// Returns whether a region looks.
    pub(crate) fn looks(&self, region: usize, at: Ms) -> bool {
        region + 1 < self.regions || within(&self.away, at).is_none()
    }

    /// Time on the clock of a region.
    pub(crate) fn clock_of(&self, region: usize, at: Ms) -> Ms {
        let off = match region {
            0 => 0,
            n if n % 2 == 1 => self.skew,
            _ => -self.skew,
        };
        self.clock(at) + off
    }

    /// Time on our clock.
    pub(crate) fn clock(&self, at: Ms) -> Ms {
        let jumps = self.jumps.iter().filter(|(from, _)| *from <= at);
        at + jumps.map(|(_, by)| by).sum::<Ms>()
    }
}
