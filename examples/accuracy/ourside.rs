//! Failures of our own side other than silence, as checks see them, with worlds of them; and worlds
//! that look the same, in which the sites of others fail.

use model::{
    judge::network_health::CanaryKind,
    outcome::{Failure, Reached},
};

use crate::{
    chance::Chance,
    world::{Attempt, DAY, HOUR, MINUTE, Ms, SECOND, TrueSpan, TrueWorld, WorldSite, spans},
};

/// The ways in which our own side fails, and their names.
const KINDS: [&str; 12] = [
    "our name servers know no name",
    "a firewall refuses everything",
    "a box resets everything",
    "one certificate for all",
    "a proxy says 503 to all",
    "a captive portal: one page for all",
    "everything hangs once connected",
    "our line is full: 2.5 s more",
    "our line loses 30 % of the packets",
    "nothing but the controls can be reached",
    "all names lead to one dead address",
    "nothing but the controls and one site can be reached",
];
const NAMES: u8 = 0;
const REFUSED: u8 = 1;
const RESET: u8 = 2;
const CERTIFICATE: u8 = 3;
const PROXY: u8 = 4;
const PORTAL: u8 = 5;
const HANGS: u8 = 6;
const FULL: u8 = 7;
const LOSS: u8 = 8;
const SILENCE: u8 = 9;
const ASTRAY: u8 = 10;
const ONE_ANSWERS: u8 = 11;

/// Outcome of an attempt at a site when our own side answers in its place.
pub(crate) fn attempt(kind: u8, site: usize) -> Option<Attempt> {
    let fails = |failure, took| Some(Attempt::fails(failure, Reached::Machine, took));
    match kind {
        NAMES if TrueWorld::named(site) => {
            Some(Attempt::fails(Failure::Dns, Reached::NameServer, 20))
        }
        REFUSED => fails(Failure::Connect, 20),
        RESET => fails(Failure::Reset, 40),
        CERTIFICATE => fails(Failure::Tls, 60),
        PROXY => fails(Failure::Http, 60).map(|error| Attempt { status: Some(503), ..error }),
        PORTAL => Some(Attempt::is_answered(80, 99_999)),
        HANGS => fails(Failure::Timeout, 10 * SECOND),
        SILENCE => Some(silent()),
        ONE_ANSWERS if site > 0 => Some(silent()),
        ASTRAY if TrueWorld::named(site) => Some(Attempt { astray: true, ..silent() }),
        _ => None,
    }
}

fn silent() -> Attempt {
    Attempt::fails(Failure::Timeout, Reached::Nothing, 10 * SECOND)
}

/// Delay of an answer.
pub(crate) fn delay(kind: u8, dice: impl Fn(u64) -> f64) -> Ms {
    match kind {
        FULL => 2_500,
        LOSS => {
            // A connection in 1, 3 or 7 s more; then ten packets, each sent again after 300 ms.
            let again = |n: u64| dice(20 + n) < 0.3;
            let connection = (0..4).take_while(|n| again(*n)).map(|n| SECOND << n).sum::<Ms>();
            connection + (10..20).filter(|n| again(*n)).count() as Ms * 300
        }
        _ => 0,
    }
}

/// Returns whether it keeps the canaries of this kind from succeeding.
pub(crate) fn keeps(kind: u8, line: CanaryKind) -> bool {
    match line {
        CanaryKind::KnownNames => matches!(kind, NAMES | ASTRAY),
        CanaryKind::Connections => matches!(kind, REFUSED | ASTRAY),
        CanaryKind::Answers => (REFUSED..=HANGS).contains(&kind) || kind == ASTRAY,
        CanaryKind::Public | CanaryKind::Private | CanaryKind::Names => false,
    }
}

/// The worlds: our own side fails in each way, and others fail in ways that look like it.
pub(crate) fn worlds(size: f64) -> Vec<TrueWorld> {
    let mut all = Vec::new();
    for (kind, name) in (0..).zip(KINDS) {
        for (sites, days) in [(2, 20.0), (4, 20.0), (16, 8.0), (100, 2.0)] {
            for controls in [true, false] {
                // With two sites, only a canary can decide, and not where it alone is spared.
                let can_tell = match kind {
                    SILENCE => sites > 2,
                    ONE_ANSWERS => sites > 4,
                    _ => sites > 2 || controls,
                };
                if can_tell {
                    all.push(own(name, kind, sites, days * size, controls));
                }
            }
        }
    }
    for (name, sites, failing, served, kind) in [
        ("a CDN fails with 500, 10 of 23 sites", 23, 10, 10, 1),
        ("a provider of half of the sites refuses", 40, 20, 20, 0),
        ("half of the sites refuse, of no known provider", 40, 20, 0, 0),
        ("names of an operator are gone, 5 of 20 sites", 20, 5, 5, 3),
        ("10 of 100 sites fail with 500, of no known provider", 100, 10, 0, 1),
        ("all three sites, at one provider", 3, 3, 3, 1),
        ("a site alone", 1, 1, 0, 1),
    ] {
        all.push(of_others(name, (sites, failing, served), kind, (4.0 * size).max(0.5)));
    }
    for (name, sites, slow, served, kind) in [
        ("one of two sites is slow", 2, 1, 0, 0),
        ("half of the answers of one of two sites are slow", 2, 1, 0, 1),
        ("half of the answers of one of four sites are slow", 4, 1, 0, 1),
        ("two of four sites are slow, of one provider", 4, 2, 2, 0),
        ("3 of 16 sites are slow, of no known provider", 16, 3, 0, 0),
        ("a CDN is slow, 10 of 23 sites", 23, 10, 10, 0),
        ("20 of 100 sites are slow, of no known provider", 100, 20, 0, 0),
    ] {
        all.push(of_slow_others(name, (sites, slow, served), kind, size));
    }
    all
}

fn empty(name: &'static str, sites: usize, days: f64, controls: bool) -> TrueWorld {
    let seed = name.bytes().fold(sites as u64, |seed, b| seed.wrapping_mul(131) + u64::from(b));
    let sites = vec![WorldSite::default(); sites];
    let length = (days.max(0.5) * DAY as f64) as Ms;
    TrueWorld {
        name,
        seed,
        length,
        regions: 1,
        sites,
        controls,
        loss: 0.001,
        ..TrueWorld::default()
    }
}

fn trouble(world: &TrueWorld, kind: u8, least: Ms, most: Ms) -> Vec<TrueSpan> {
    let mut chance = Chance::new(world.seed ^ 0x77);
    let all = spans(&mut chance, world.length, 2.0 * HOUR as f64, |chance| {
        let long = (least as f64) * (most as f64 / least as f64).powf(chance.next());
        (long, kind)
    });
    // Before it, the judge has seen the sites; after it, it sees them again.
    all.into_iter().filter(|s| s.from > HOUR + 10 * MINUTE && s.to + HOUR < world.length).collect()
}

fn own(name: &'static str, kind: u8, sites: usize, days: f64, controls: bool) -> TrueWorld {
    let world = empty(name, sites, days, controls);
    TrueWorld { ourside: trouble(&world, kind, 5 * SECOND, HOUR), ..world }
}

fn of_others(
    name: &'static str,
    (sites, failing, served): (usize, usize, usize),
    kind: u8,
    days: f64,
) -> TrueWorld {
    let world = empty(name, sites, days, false);
    let outages = trouble(&world, kind, 5 * MINUTE, HOUR);
    let mut sites = world.sites.clone();
    for site in sites.iter_mut().take(failing) {
        site.outages.clone_from(&outages);
    }
    TrueWorld { sites, served, ..world }
}

fn of_slow_others(
    name: &'static str,
    (sites, slow, served): (usize, usize, usize),
    kind: u8,
    size: f64,
) -> TrueWorld {
    // Seldom, as what is slow often is usual.
    let days = if sites < 10 { 200.0 } else { 20.0 };
    let world = empty(name, sites, (days * size).max(4.0), false);
    let mut chance = Chance::new(world.seed);
    let stretches = spans(&mut chance, world.length, 2.0 * DAY as f64, |chance| {
        (chance.between(0.5, 3.0) * HOUR as f64, kind)
    });
    let mut sites = world.sites.clone();
    for site in sites.iter_mut().take(slow) {
        site.slow = stretches.iter().copied().filter(|span| span.from > 2 * HOUR).collect();
    }
    TrueWorld { sites, served, ..world }
}
