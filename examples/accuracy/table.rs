//! The table, the goals, and the trade-off.

use std::{sync::Mutex, thread};

use model::verdict::Status;

use crate::{
    ours::{self, Policy},
    ourside,
    peers::Peer,
    regions,
    score::{Score, percentile},
    track::Track,
    world::{Ms, TrueWorld, WorldSite},
    worlds::{self, Size},
};

/// Prints table and goals; returns whether all goals are met.
pub(crate) fn print(size: Size) -> bool {
    let mut all = worlds::of_sites(size);
    all.extend(worlds::of_regions(size));
    all.extend(worlds::of_ourselves(size));
    println!("{}", head());
    let mut ours = Vec::new();
    for world in &all {
        let score = ours_in(world, &Policy::default());
        println!("{}", row(world.name, "stillup", &score));
        for peer in Peer::ALL {
            println!("{}", row("", peer.name(), &peer_in(world, peer)));
        }
        ours.push((world.name, score));
    }
    println!();
    let mut met = true;
    for (goal, is, ok) in goals(&ours) {
        println!("{} {goal}: {is}", if ok { "met   " } else { "MISSED" });
        met &= ok;
    }
    met
}

/// Prints the results of our judge while our own side fails in each way, and in worlds that only
/// look like it; returns whether the goals are met.
pub(crate) fn print_ourside(size: Size) -> bool {
    println!(
        "\n| our own side | sites | controls | stretches | false down, said | in the record | false slow, in the record | real outages missed | real slow stretches missed | unknown |\n|---|---|---|---|---|---|---|---|---|---|"
    );
    let (mut down, mut slow, mut missed) = (0, 0, 0);
    let (mut slow_missed, mut slow_all) = (0, 0);
    for world in ourside::worlds(size.0) {
        let tracks = ours::judge(&world, &Policy::default());
        let score = Score::of(&world, &tracks);
        let taken_back = |status| {
            let all = tracks.iter().flat_map(|track| &track.withdrawn);
            all.filter(|episode| episode.status == status).count()
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} of {} | {} of {} | {:.2} % |",
            world.name,
            world.sites.len(),
            if world.controls { "yes" } else { "no" },
            world.ourside.len(),
            score.false_down + taken_back(Status::Down),
            score.false_down,
            score.false_slow,
            score.missed,
            score.outages,
            score.missed_slow,
            score.slow,
            score.unknown * 100.0,
        );
        down += score.false_down;
        slow += score.false_slow;
        missed += score.missed;
        slow_missed += score.missed_slow;
        slow_all += score.slow;
    }
    println!();
    let mut met = true;
    for (goal, count) in [
        ("no false down in the record, however our own side fails", down),
        ("no false slow stretch in the record of it", slow),
        ("no outage of others that is taken for ours and missed", missed),
    ] {
        println!("{} {goal}: {count}", if count == 0 { "met   " } else { "MISSED" });
        met &= count == 0;
    }
    let found = slow_missed * 100 <= slow_all;
    let word = if found { "met   " } else { "MISSED" };
    println!("{word} 99 of 100 slow stretches of others found: {slow_missed} of {slow_all} missed");
    met & found
}

/// Score of our judge in a world. Worlds without trouble of our own are judged site by site, on all
/// processors.
pub(crate) fn ours_in(world: &TrueWorld, policy: &Policy) -> Score {
    let together = world.length < crate::world::YEAR;
    if together {
        return Score::of(world, &ours::judge(world, policy));
    }
    let tracks = in_parallel(world.sites.len(), |n| {
        let sites = vec![world.sites[n].clone()];
        let alone = TrueWorld { seed: world.seed ^ (n as u64) << 40, ..with(world, sites) };
        ours::judge(&alone, policy).pop().unwrap_or_default()
    });
    Score::of(world, &tracks)
}

/// Score of another product's rule. Its rates are high, so a few sites are enough.
fn peer_in(world: &TrueWorld, peer: Peer) -> Score {
    let some = with(world, world.sites.iter().take(5).cloned().collect());
    let tracks = in_parallel(some.sites.len(), |n| peer.judge(&some, n));
    Score::of(&some, &tracks)
}

/// The same world with these sites.
pub(crate) fn with(world: &TrueWorld, sites: Vec<WorldSite>) -> TrueWorld {
    let (cuts, nameless) = (world.cuts.clone(), world.nameless.clone());
    let ourside = world.ourside.clone();
    let (jumps, away) = (world.jumps.clone(), world.away.clone());
    TrueWorld { sites, cuts, nameless, ourside, jumps, away, ..*world }
}

pub(crate) fn in_parallel(count: usize, work: impl Fn(usize) -> Track + Sync) -> Vec<Track> {
    let next = Mutex::new(0..count);
    let done = Mutex::new(vec![Track::default(); count]);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(n) = next.lock().ok().and_then(|mut next| next.next()) {
                    let track = work(n);
                    if let Ok(mut done) = done.lock() {
                        done[n] = track;
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default()
}

fn head() -> String {
    let world = "world";
    let judge = "judge";
    format!(
        "| {world:41} | {judge:22} | site-years | false down a site-year | false slow a site-year | missed | to detect, median | p99 | to see recovery | start off | end off | unknown |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|"
    )
}

fn seconds(sorted: &[Ms], share: f64) -> String {
    percentile(sorted, share).map_or("-".into(), |ms| format!("{:.0} s", ms as f64 / 1_000.0))
}

fn row(world: &str, judge: &str, s: &Score) -> String {
    let rate = |count: usize| {
        let rate = count as f64 / s.years;
        match rate {
            _ if count == 0 => "0".to_owned(),
            rate if rate < 1.0 => format!("{rate:.3}"),
            rate => format!("{rate:.1}"),
        }
    };
    let missed = match (s.outages + s.brownouts, s.slow) {
        (0, 0) => "-".to_owned(),
        (0, slow) => format!("{} of {slow}", s.missed_slow),
        (outages, _) => format!("{} of {outages}", s.missed + s.missed_brownouts),
    };
    format!(
        "| {world:41} | {judge:22} | {:.1} | {} | {} | {missed} | {} | {} | {} | {} | {} | {:.3} % |",
        s.years,
        rate(s.false_down),
        rate(s.false_slow),
        seconds(&s.detect, 0.5),
        seconds(&s.detect, 0.99),
        seconds(&s.recover, 0.5),
        seconds(&s.start_off, 0.5),
        seconds(&s.end_off, 0.5),
        s.unknown * 100.0,
    )
}

type Goal = (&'static str, String, bool);

/// The goals, what is, and whether it is enough.
pub(crate) fn goals(scores: &[(&'static str, Score)]) -> Vec<Goal> {
    let of = |name: &str| scores.iter().find(|(n, _)| *n == name).map(|(_, score)| score);
    let mut goals = Vec::new();
    let mut most = |goal, name: &str, limit: f64| {
        if let Some(score) = of(name) {
            let rate = score.false_down as f64 / score.years;
            goals.push((goal, format!("{rate:.4} in {:.0} site-years", score.years), rate < limit));
        }
    };
    most("1 % lost: fewer than 0.01 false downs a site-year", "1 % of attempts lost", 0.01);
    most(
        "bursts: fewer than 0.1 false downs a site-year",
        "all lost 1 % of the time, 2 to 20 s each",
        0.1,
    );
    most("three regions: a tenth of the false downs", "three regions, 1 % lost", 0.001);
    for name in ["outages of 1 min to 6 h", "three regions, outages"] {
        let Some(s) = of(name) else { continue };
        let at = |list: &[Ms], share| percentile(list, share).unwrap_or(Ms::MAX);
        let found = format!("{name}: {} of {} missed", s.missed, s.outages);
        goals.push(("every outage of 3 minutes or more found", found, s.missed == 0));
        let is = |ms: Ms| format!("{name}: {:.1} s", ms as f64 / 1_000.0);
        let (median, late) = (at(&s.detect, 0.5), at(&s.detect, 0.99));
        goals.push(("median time to detect under 45 s", is(median), median < 45_000));
        goals.push(("p99 of it under 90 s", is(late), late < 90_000));
        let off = at(&s.start_off, 0.99);
        goals.push(("start within one interval of the truth (p99)", is(off), off <= 61_000));
    }
    let ours: usize = scores
        .iter()
        .filter(|(name, _)| name.starts_with("our "))
        .map(|(_, score)| score.false_down)
        .sum();
    goals.push(("no false down while our line or resolver is cut", ours.to_string(), ours == 0));
    goals
}

/// Costs of a quicker or a surer judge.
pub(crate) fn curve(size: Size) {
    println!(
        "\n| down after | again after | bursts: false down a site-year | 1 % lost | to detect, median | p99 |\n|---|---|---|---|---|---|"
    );
    let smaller = Size((size.0 / 4.0).max(0.02));
    let all = worlds::of_sites(smaller);
    let pick = |name: &str| all.iter().find(|world| world.name == name);
    let (Some(lost), Some(bursts), Some(real)) = (
        pick("1 % of attempts lost"),
        pick("all lost 1 % of the time, 2 to 20 s each"),
        pick("outages of 1 min to 6 h"),
    ) else {
        return;
    };
    for (down_after, come_back) in
        [(1, 5), (2, 2), (2, 5), (2, 10), (2, 20), (3, 5), (3, 10), (4, 5)]
    {
        let usual = Policy::default();
        let rules = model::judge::Rules { down_after, ..usual.rules };
        let policy = Policy { rules, come_back: come_back * 1_000 };
        let rate = |world: &TrueWorld| {
            let score = ours_in(world, &policy);
            format!("{:.3}", score.false_down as f64 / score.years)
        };
        let score = ours_in(real, &policy);
        println!(
            "| {down_after} | {come_back} s | {} | {} | {} | {} |",
            rate(bursts),
            rate(lost),
            seconds(&score.detect, 0.5),
            seconds(&score.detect, 0.99),
        );
    }
}

/// Prints the table and the goals of several regions; returns whether all are met.
pub(crate) fn print_regions(size: Size) -> bool {
    println!(
        "\n| regions | world | site-years | false down a site-year | outages missed | to detect, median | p99 | seen by one alone | partial within 2 min | to partial, p99 | changes |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    let all = regions::seen(size);
    let seconds = |list: &[Ms], share| {
        percentile(list, share).map_or("-".into(), |ms| format!("{:.0} s", ms as f64 / 1_000.0))
    };
    for seen in &all {
        let regions::RegionScore { name, regions, score, alone, to_partial, changes } = seen;
        let in_time = seen.in_time();
        println!(
            "| {regions} | {name} | {:.1} | {:.3} | {} of {} | {} | {} | {alone} | {in_time} | {} | {changes} |",
            score.years,
            score.false_down as f64 / score.years,
            score.missed,
            score.outages,
            seconds(&score.detect, 0.5),
            seconds(&score.detect, 0.99),
            seconds(to_partial, 0.99),
        );
    }
    println!();
    let mut met = true;
    for (goal, is, ok) in regions::goals(&all) {
        println!("{} {goal}: {is}", if ok { "met   " } else { "MISSED" });
        met &= ok;
    }
    met
}
