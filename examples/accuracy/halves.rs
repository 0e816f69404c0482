//! Worlds of sites that are neither up nor down, and of sites that are checked every few seconds;
//! and a comparison of their notes with the truth.

use model::verdict::Status;

use crate::{
    chance::Chance,
    track::Track,
    world::{DAY, HOUR, MINUTE, Ms, SECOND, TrueSpan, TrueWorld, WorldSite, YEAR, spans},
    worlds::{Size, log_between, outages, world},
};

/// A stretch has to be noted within this time.
const SOON: Ms = 15 * MINUTE;
/// A note that ends within this time after the trouble still belongs to it.
const LATE: Ms = 30 * MINUTE;
/// Time before the usual behaviour of a mixed site is known.
const KNOWN: Ms = HOUR;

/// The worlds.
pub(crate) fn all(size: Size) -> Vec<TrueWorld> {
    let quiet = |_: &mut Chance| WorldSite::default();
    let year = |name, sites: usize, make: &dyn Fn(&mut Chance) -> WorldSite| {
        let sites = ((sites as f64 * size.0) as usize).max(1);
        world(name, YEAR, sites, make)
    };
    let half = |kind: u8| {
        move |chance: &mut Chance| {
            let each = |_: &mut Chance| (2.0 * HOUR as f64, kind);
            WorldSite {
                halves: spans(chance, YEAR, 2.0 * DAY as f64, each),
                ..WorldSite::default()
            }
        }
    };
    let always = |kind: u8| {
        move |_: &mut Chance| WorldSite {
            halves: vec![TrueSpan { from: 0, to: YEAR, kind }],
            ..WorldSite::default()
        }
    };
    let bursts = |chance: &mut Chance| {
        let each = |chance: &mut Chance| (chance.between(2.0, 20.0) * SECOND as f64, 0);
        WorldSite {
            bursts: spans(chance, YEAR, 1_089.0 * SECOND as f64, each),
            ..WorldSite::default()
        }
    };
    let restarts = |chance: &mut Chance| {
        let each = |_: &mut Chance| (8.0 * SECOND as f64, 0);
        WorldSite { restarts: spans(chance, YEAR, 6.0 * HOUR as f64, each), ..WorldSite::default() }
    };
    let real =
        |chance: &mut Chance| WorldSite { outages: outages(chance, YEAR), ..WorldSite::default() };
    let mix = |share, miss| TrueWorld { mix: Some((share, miss)), ..TrueWorld::default() };
    let mixed = |world: TrueWorld, TrueWorld { mix, .. }: TrueWorld| TrueWorld { mix, ..world };
    let dense = |world: TrueWorld| TrueWorld { interval: 5 * SECOND, ..world };
    vec![
        year("half dead for 2 h, in turns", 2, &half(0)),
        year("half dead for 2 h, the first address", 2, &half(1)),
        year("half dead for 2 h, at random", 2, &half(2)),
        year("one of three dead for 2 h", 2, &half(3)),
        year("one of five dead, always", 1, &always(5)),
        year("one of three dead, always", 1, &always(3)),
        year("one of two dead, always", 1, &always(2)),
        TrueWorld { loss: 0.01, ..year("1 % of attempts lost, for notes", 10, &quiet) },
        TrueWorld { loss: 0.05, ..year("5 % of attempts lost, for notes", 10, &quiet) },
        year("bursts, for notes", 10, &bursts),
        TrueWorld { loss: 0.01, ..year("congestion every evening", 10, &congestion) },
        dense(year("bursts, looked at every 5 s", 1, &bursts)),
        dense(year("restarts of 8 s, looked at every 5 s", 1, &restarts)),
        dense(year("outages, looked at every 5 s", 1, &real)),
        mixed(year("80 ms, or 900 ms for 30 %", 2, &quiet), mix(0.3, 900.0)),
        mixed(year("80 ms, or 1.4 s for 10 %", 2, &quiet), mix(0.1, 1_400.0)),
        mixed(year("80 ms, or 1.4 s for 30 %", 2, &quiet), mix(0.3, 1_400.0)),
        mixed(year("80 ms, or 1.4 s for half", 2, &quiet), mix(0.5, 1_400.0)),
        mixed(year("80 ms, or 4 s for 15 %", 2, &quiet), mix(0.15, 4_000.0)),
        TrueWorld { wall: Some(3), ..year("a wall on every third request", 1, &quiet) },
    ]
}

/// From 18 to 23 h no packet comes through for 3 to 8 % of the time, 0.5 to 8 s each.
fn congestion(chance: &mut Chance) -> WorldSite {
    let mut bursts = Vec::new();
    for day in 0..YEAR / DAY {
        let share = chance.between(0.03, 0.08);
        let evening = day * DAY + 18 * HOUR;
        let each = |chance: &mut Chance| (log_between(chance, SECOND / 2, 8 * SECOND), 0);
        let mean = 2.7 * SECOND as f64 * (1.0 - share) / share;
        bursts.extend(spans(chance, 5 * HOUR, mean, each).into_iter().map(|burst| TrueSpan {
            from: evening + burst.from,
            to: evening + burst.to,
            kind: 0,
        }));
    }
    WorldSite { bursts, ..WorldSite::default() }
}

/// Results of the notes in a world, and the other figures of its table.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoteScore {
    pub(crate) years: f64,
    pub(crate) stretches: usize,
    pub(crate) in_time: usize,
    /// Delay of those that were noted at all.
    pub(crate) took: Vec<Ms>,
    /// Stretches without any note.
    pub(crate) missed: usize,
    pub(crate) false_notes: usize,
    /// Notes that were made and ended.
    pub(crate) notes: usize,
    /// Stretches called slow in a world where nothing is, once it is known for an hour.
    pub(crate) false_slow: usize,
    /// Stretches called down that touch nothing bad, or only a restart.
    pub(crate) false_down: usize,
    /// Shares: of the time recorded as down, of the checks that failed.
    pub(crate) recorded: f64,
    pub(crate) failed: f64,
    /// Changes of "restricted" per site and day.
    pub(crate) walls: f64,
}

impl NoteScore {
    /// Holds tracks, one a site, against the world.
    pub(crate) fn of(world: &TrueWorld, tracks: &[Track]) -> Self {
        let mut noted = Self::default();
        let (mut looks, mut failed, mut walls) = (0, 0, 0);
        for (site, track) in world.sites.iter().zip(tracks) {
            noted.add(site, track, world.length);
            looks += track.looks;
            failed += track.failed;
            walls += track.walls;
        }
        let all = world.length as f64 * world.sites.len() as f64;
        noted.years = all / YEAR as f64;
        noted.recorded /= all;
        noted.failed = failed as f64 / (looks as f64).max(1.0);
        noted.walls = walls as f64 / (all / DAY as f64);
        noted.took.sort_unstable();
        noted
    }

    fn add(&mut self, site: &WorldSite, track: &Track, length: Ms) {
        let over = |until: Option<Ms>| until.unwrap_or(length);
        for span in site.halves.iter().filter(|span| span.to < length) {
            self.stretches += 1;
            let found = track
                .noted
                .iter()
                .find(|(from, until)| *from < span.to && over(*until) > span.from);
            let Some((from, _)) = found else {
                self.missed += 1;
                continue;
            };
            let took = (from - span.from).max(0);
            self.in_time += usize::from(took <= SOON);
            self.took.push(took);
        }
        let bad = [&site.halves, &site.outages];
        let touches = |from: Ms, until: Ms| {
            let near = |span: &TrueSpan| from < span.to + LATE && until > span.from;
            bad.iter().any(|spans| spans.iter().any(near))
        };
        self.notes += track.noted.len();
        self.false_notes +=
            track.noted.iter().filter(|(from, until)| !touches(*from, over(*until))).count();
        for episode in &track.episodes {
            let until = episode.ended.map_or(length, |(_, until)| until);
            match episode.status {
                Status::Down => {
                    self.recorded += (until - episode.since).max(0) as f64;
                    self.false_down += usize::from(!touches(episode.since, until));
                }
                Status::Slow => self.false_slow += usize::from(episode.said > KNOWN),
                _ => {}
            }
        }
    }
}
