//! The worlds that the judges are held against.

use crate::{
    chance::Chance,
    world::{DAY, HOUR, MINUTE, Ms, SECOND, TrueSpan, TrueWorld, WorldSite, YEAR, spans},
};

/// Share of the full size: 1 for the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size(pub f64);

impl Size {
    fn sites(self, full: usize) -> usize {
        ((full as f64 * self.0) as usize).max(1)
    }
}

pub(crate) fn world(
    name: &'static str,
    length: Ms,
    sites: usize,
    make: impl Fn(&mut Chance) -> WorldSite,
) -> TrueWorld {
    let seed = name.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(131) + u64::from(byte));
    let sites = (0..sites).map(|n| make(&mut Chance::new(seed ^ (n as u64) << 32))).collect();
    TrueWorld { name, seed, length, regions: 1, sites, controls: true, ..TrueWorld::default() }
}

/// Evenly on the scale of its logarithm.
pub(crate) fn log_between(chance: &mut Chance, low: Ms, high: Ms) -> f64 {
    (low as f64) * (high as f64 / low as f64).powf(chance.next())
}

pub(crate) fn outages(chance: &mut Chance, length: Ms) -> Vec<TrueSpan> {
    outages_every(3.0 * DAY as f64, chance, length)
}

/// Outages of each kind, with this time between two on average.
pub(crate) fn outages_every(gap: f64, chance: &mut Chance, length: Ms) -> Vec<TrueSpan> {
    spans(chance, length, gap, |chance| {
        let kind = match chance.next() {
            x if x < 0.3 => 0,
            x if x < 0.7 => 1,
            x if x < 0.9 => 2,
            _ => 3,
        };
        (log_between(chance, MINUTE, 6 * HOUR), kind)
    })
}

/// One site each, from one region, and no trouble of our own.
pub(crate) fn of_sites(size: Size) -> Vec<TrueWorld> {
    let quiet = |_: &mut Chance| WorldSite::default();
    let year = |name, sites, make: &dyn Fn(&mut Chance) -> WorldSite| {
        world(name, YEAR, size.sites(sites), make)
    };
    let burst = |chance: &mut Chance| (chance.between(2.0, 20.0) * SECOND as f64, 0);
    let anywhere = |chance: &mut Chance| {
        let bursts = spans(chance, YEAR, 1_089.0 * SECOND as f64, burst);
        WorldSite { bursts, ..WorldSite::default() }
    };
    // Two with a moment between them would be one of more than 20 s.
    let apart = |chance: &mut Chance| {
        let mut bursts = spans(chance, YEAR, 1_029.0 * SECOND as f64, burst);
        for (n, burst) in bursts.iter_mut().enumerate() {
            let by = n as Ms * MINUTE;
            (burst.from, burst.to) = (burst.from + by, burst.to + by);
        }
        WorldSite { bursts, ..WorldSite::default() }
    };
    let real =
        |chance: &mut Chance| WorldSite { outages: outages(chance, YEAR), ..WorldSite::default() };
    let restarts = |chance: &mut Chance| {
        let each = |_: &mut Chance| (20.0 * SECOND as f64, 0);
        WorldSite { restarts: spans(chance, YEAR, DAY as f64, each), ..WorldSite::default() }
    };
    let brown = |chance: &mut Chance| {
        let each = |chance: &mut Chance| (log_between(chance, 20 * MINUTE, 3 * HOUR), 0);
        WorldSite { brownouts: spans(chance, YEAR, 7.0 * DAY as f64, each), ..WorldSite::default() }
    };
    let slow = |kind: u8| {
        move |chance: &mut Chance| {
            let each = |chance: &mut Chance| (log_between(chance, 20 * MINUTE, 6 * HOUR), kind);
            WorldSite { slow: spans(chance, YEAR, 5.0 * DAY as f64, each), ..WorldSite::default() }
        }
    };
    vec![
        TrueWorld { loss: 0.001, ..year("0.1 % of attempts lost", 20, &quiet) },
        TrueWorld { loss: 0.01, ..year("1 % of attempts lost", 200, &quiet) },
        TrueWorld { loss: 0.05, ..year("5 % of attempts lost", 10, &quiet) },
        year("all lost 1 % of the time, 2 to 20 s each", 40, &apart),
        year("the same, bursts wherever they fall", 20, &anywhere),
        TrueWorld { rhythm: 3.0, ..year("latency four times by day", 10, &quiet) },
        TrueWorld {
            tail: 1.0,
            rhythm: 1.0,
            ..year("heavy tails: 2 % three times and more", 20, &quiet)
        },
        TrueWorld { drift: 5.0, ..year("five times slower in a year", 10, &quiet) },
        TrueWorld { loss: 0.002, ..year("outages of 1 min to 6 h", 30, &real) },
        TrueWorld { tail: 0.2, ..year("slow stretches, all answers", 10, &slow(0)) },
        TrueWorld { tail: 0.2, ..year("slow stretches, half of the answers", 10, &slow(1)) },
        year("restarts of 20 s, one a day", 20, &restarts),
        year("brown-outs: half of the attempts fail", 20, &brown),
        year("flapping: down 2 min, up 3 min, for 2 h", 10, &flapping),
        TrueWorld { restricted: true, loss: 0.002, ..year("turns robots away", 5, &quiet) },
    ]
}

fn flapping(chance: &mut Chance) -> WorldSite {
    let spells = spans(chance, YEAR, 10.0 * DAY as f64, |_| (2.0 * HOUR as f64, 0));
    let each = |spell: &TrueSpan| {
        let from = spell.from;
        (0..24).map(move |n| from + n * 5 * MINUTE).map(|from| TrueSpan {
            from,
            to: from + 2 * MINUTE,
            kind: 0,
        })
    };
    WorldSite { outages: spells.iter().flat_map(each).collect(), ..WorldSite::default() }
}

/// Three regions: the first one bad, and outages with loss.
pub(crate) fn of_regions(size: Size) -> Vec<TrueWorld> {
    let quiet = |_: &mut Chance| WorldSite::default();
    let real =
        |chance: &mut Chance| WorldSite { outages: outages(chance, YEAR), ..WorldSite::default() };
    let three = |world: TrueWorld| TrueWorld { regions: 3, ..world };
    vec![
        three(TrueWorld {
            loss: 0.01,
            ..world("three regions, 1 % lost", YEAR, size.sites(20), quiet)
        }),
        three(TrueWorld {
            loss: 0.002,
            bad_region: 0.3,
            ..world("three regions, one loses 30 %", YEAR, size.sites(10), quiet)
        }),
        three(TrueWorld {
            loss: 0.002,
            ..world("three regions, outages", YEAR, size.sites(10), real)
        }),
    ]
}

/// Many sites, and trouble of our own.
pub(crate) fn of_ourselves(size: Size) -> Vec<TrueWorld> {
    let quiet = |_: &mut Chance| WorldSite::default();
    let days = |n: f64| ((n * size.0).max(2.0) * DAY as f64) as Ms;
    let trouble = |world: &TrueWorld, kinds: f64| {
        let mut chance = Chance::new(world.seed ^ 0x99);
        spans(&mut chance, world.length, 3.0 * HOUR as f64, |chance| {
            let kind = u8::from(chance.next() < kinds);
            (log_between(chance, 5 * SECOND, HOUR), kind)
        })
    };
    let mut all = Vec::new();
    for (name, sites, controls) in [
        ("our line cut, 100 sites", 100, true),
        ("our line cut, 100 sites, no controls", 100, false),
        ("our line cut, 10 sites", 10, true),
        ("our line cut, 10 sites, no controls", 10, false),
        ("our line cut, 2 sites", 2, true),
        ("our line cut, 2 sites, no controls", 2, false),
    ] {
        let length = days(if sites == 100 { 60.0 } else { 600.0 });
        let world = world(name, length, sites, quiet);
        all.push(TrueWorld { cuts: trouble(&world, 0.0), controls, loss: 0.001, ..world });
    }
    for (name, sites) in
        [("our name servers fail, 100 sites", 100), ("our name servers fail, 4 sites", 4)]
    {
        let world = world(name, days(if sites == 100 { 60.0 } else { 600.0 }), sites, quiet);
        all.push(TrueWorld { nameless: trouble(&world, 0.5), loss: 0.001, ..world });
    }
    let clock = world("our clock set an hour on and back", days(40.0), 20, quiet);
    let jumps = (1..40).map(|n| (n * DAY, if n % 2 == 0 { -HOUR } else { HOUR })).collect();
    all.push(TrueWorld { jumps, loss: 0.001, ..clock });
    let gone =
        world("a provider of half of the sites gone", days(60.0), 40, |_| WorldSite::default());
    let mut chance = Chance::new(gone.seed);
    let events = spans(&mut chance, gone.length, 2.0 * DAY as f64, |chance| {
        (log_between(chance, 10 * MINUTE, 4 * HOUR), u8::from(chance.next() < 0.5) * 2)
    });
    let of = |n: usize| WorldSite {
        outages: if n < 20 { events.clone() } else { Vec::new() },
        ..WorldSite::default()
    };
    all.push(TrueWorld { sites: (0..40).map(of).collect(), loss: 0.001, ..gone.clone() });
    let alone = world("a site alone, outages", YEAR, size.sites(10), |chance| WorldSite {
        outages: outages(chance, YEAR),
        ..WorldSite::default()
    });
    all.extend(
        alone
            .sites
            .iter()
            .enumerate()
            .map(|(n, site)| TrueWorld {
                sites: vec![site.clone()],
                seed: n as u64,
                ..alone.clone()
            })
            .take(1),
    );
    all
}
