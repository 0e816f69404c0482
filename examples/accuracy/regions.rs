//! Several regions: one with a bad transit, clocks that are off, an agent that comes and goes.

use crate::{
    chance::Chance,
    ours::{self, Policy},
    score::{Score, percentile},
    track::Track,
    world::{DAY, HOUR, MINUTE, Ms, SECOND, TrueSpan, TrueWorld, WorldSite, YEAR, spans},
    worlds::{Size, log_between, outages_every, world},
};

/// From one look to the next, in all of these worlds.
const INTERVAL: Ms = MINUTE;
/// Sites of a world; the first ones are those with trouble.
const SITES: usize = 12;
/// The clocks of agents are so far off.
const SKEW: Ms = 3 * SECOND;
/// Worlds in which one place alone would tell of outages that are none.
const NOISY: [&str; 2] = ["noisy transit at every place", "noisy transit at the first place"];

/// A world of these regions with its tracks, and what became of it.
pub(crate) struct RegionScore {
    pub(crate) name: String,
    pub(crate) regions: usize,
    pub(crate) score: Score,
    /// Stretches that one region alone saw as an outage.
    pub(crate) alone: usize,
    /// Time from the beginning of each of them until it was called `partial`.
    pub(crate) to_partial: Vec<Ms>,
    /// Changes of a status, in all.
    pub(crate) changes: usize,
}

impl RegionScore {
    fn of(name: &str, world: &TrueWorld) -> Self {
        let tracks = ours::judge(world, &Policy::default());
        let mut to_partial = Vec::new();
        let mut alone = 0;
        for (site, track) in world.sites.iter().zip(&tracks) {
            for span in site.transit.iter().filter(|span| span.kind == 1 && is_long(span)) {
                alone += 1;
                to_partial.extend(partial_within(track, span));
            }
        }
        to_partial.sort_unstable();
        Self {
            name: name.to_owned(),
            regions: world.regions,
            score: Score::of(world, &tracks),
            alone,
            to_partial,
            changes: tracks.iter().map(|track| track.changes).sum(),
        }
    }

    /// Number of stretches that were called `partial` within two intervals.
    pub(crate) fn in_time(&self) -> usize {
        self.to_partial.iter().filter(|after| **after <= 2 * INTERVAL).count()
    }
}

fn is_long(span: &TrueSpan) -> bool {
    span.to - span.from >= 3 * MINUTE
}

/// Time from the beginning of a stretch until it was called `partial`.
fn partial_within(track: &Track, span: &TrueSpan) -> Option<Ms> {
    let said = track.partial.iter().find(|said| **said >= span.from && **said < span.to + MINUTE);
    said.map(|said| said - span.from)
}

/// Sites of which the first four are cut off by a transit now and then.
fn transit(chance: &mut Chance, length: Ms) -> Vec<TrueSpan> {
    spans(chance, length, DAY as f64, |chance| (log_between(chance, 4 * MINUTE, 2 * HOUR), 1))
}

/// Sites that cannot be reached for up to five minutes, twice a day each: from every place at other
/// times, or from the first one alone.
fn noisy(length: Ms) -> Vec<RegionScore> {
    let mut all = Vec::new();
    for name in NOISY {
        let noise = |chance: &mut Chance| {
            spans(chance, length, 0.5 * DAY as f64, |chance| {
                (log_between(chance, 20 * SECOND, 5 * MINUTE), 1)
            })
        };
        let world = world(name, length, SITES, |chance| {
            let noise = noise(chance);
            if name == NOISY[0] {
                WorldSite { bursts: noise, ..WorldSite::default() }
            } else {
                WorldSite { transit: noise, ..WorldSite::default() }
            }
        });
        for regions in [1, 3, 5] {
            all.push(RegionScore::of(name, &TrueWorld { regions, skew: SKEW, ..world.clone() }));
        }
    }
    all
}

/// The worlds: each with a name and with so many regions.
pub(crate) fn seen(size: Size) -> Vec<RegionScore> {
    let days = |n: f64| ((n * size.0).max(2.0) * DAY as f64) as Ms;
    let quiet = |name, length| world(name, length, SITES, |_: &mut Chance| WorldSite::default());
    let mut all = Vec::new();
    let burst = |chance: &mut Chance| (chance.between(2.0, 20.0) * SECOND as f64, 0);
    for regions in [1, 3, 5] {
        let length = days(180.0).min(YEAR);
        let bursts = world("bursts wherever they fall", length, SITES, |chance| WorldSite {
            bursts: spans(chance, length, 1_089.0 * SECOND as f64, burst),
            ..WorldSite::default()
        });
        let skew = SKEW;
        all.push(RegionScore::of(
            "bursts wherever they fall",
            &TrueWorld { regions, skew, ..bursts },
        ));
        let length = days(60.0);
        let real = world("outages, clocks off by 3 s", length, SITES, |chance| WorldSite {
            outages: outages_every(DAY as f64 / 3.0, chance, length),
            ..WorldSite::default()
        });
        all.push(RegionScore::of(
            "outages, clocks off by 3 s",
            &TrueWorld { regions, skew, ..real },
        ));
    }
    all.extend(noisy(days(60.0)));
    for regions in [3, 5] {
        let mut world = quiet("one bad transit, clocks off by 3 s", days(60.0));
        let mut chance = Chance::new(world.seed);
        let length = world.length;
        for site in world.sites.iter_mut().take(4) {
            site.transit = transit(&mut chance, length);
        }
        let world = TrueWorld { regions, skew: SKEW, loss: 0.002, ..world };
        all.push(RegionScore::of("one bad transit, clocks off by 3 s", &world));
    }
    for regions in [3, 5] {
        for flaps in [false, true] {
            let name = if flaps { "an agent that flaps" } else { "the same with the agent there" };
            let mut world = quiet("an agent that flaps", days(20.0));
            let for_good = |kind| vec![TrueSpan { from: DAY, to: world.length + DAY, kind }];
            // One sees it down, most of them, all of them; the others are well.
            let most = regions as u8 / 2 + 1;
            let kinds = [1, most, regions as u8].map(for_good);
            for (site, transit) in world.sites.iter_mut().zip(kinds) {
                site.transit = transit;
            }
            let mut chance = Chance::new(world.seed);
            let away = spans(&mut chance, world.length, 20.0 * MINUTE as f64, |chance| {
                (log_between(chance, MINUTE, 20 * MINUTE), 0)
            });
            let away = if flaps { away } else { Vec::new() };
            all.push(RegionScore::of(name, &TrueWorld { regions, away, skew: SKEW, ..world }));
        }
    }
    all
}

/// The goals: what is wanted, what is, and whether it is enough.
pub(crate) fn goals(all: &[RegionScore]) -> Vec<(String, String, bool)> {
    let mut goals = Vec::new();
    let rate = |seen: &RegionScore| seen.score.false_down as f64 / seen.score.years;
    let of = |name: &str, regions| {
        all.iter().find(move |seen| seen.name == name && seen.regions == regions)
    };
    let detect = |regions| {
        let seen = of("outages, clocks off by 3 s", regions)?;
        percentile(&seen.score.detect, 0.5)
    };
    for regions in [3, 5] {
        for name in NOISY {
            let (Some(one), Some(many)) = (of(name, 1).map(rate), of(name, regions).map(rate))
            else {
                continue;
            };
            goals.push((
                format!("{regions} regions, {name}: a tenth of the false downs of one"),
                format!("{many:.3} for {one:.3} a site-year"),
                one > 0.0 && many * 10.0 <= one,
            ));
        }
        if let (Some(one), Some(many)) = (detect(1), detect(regions)) {
            let seconds = |ms: Ms| ms as f64 / 1_000.0;
            goals.push((
                format!("{regions} regions: as quick as one, to the median, within 10 s"),
                format!("{:.1} s for {:.1} s", seconds(many), seconds(one)),
                many <= one + 10 * SECOND,
            ));
        }
        if let Some(seen) = of("one bad transit, clocks off by 3 s", regions) {
            goals.push((
                format!("{regions} regions: what one sees alone is partial within two intervals"),
                format!("{} of {}", seen.in_time(), seen.alone),
                seen.alone > 0 && seen.in_time() == seen.alone,
            ));
            let down = seen.score.false_down;
            goals.push((format!("{regions} regions: and never down"), down.to_string(), down == 0));
        }
        if let (Some(flaps), Some(there)) =
            (of("an agent that flaps", regions), of("the same with the agent there", regions))
        {
            goals.push((
                format!("{regions} regions: no verdict changes because an agent comes or goes"),
                format!("{} changes for {}", flaps.changes, there.changes),
                flaps.changes == there.changes,
            ));
        }
    }
    goals
}
