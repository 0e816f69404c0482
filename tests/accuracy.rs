//! A short run of the simulator of `examples/accuracy`: the same worlds, less of them.

#[path = "../examples/accuracy/chance.rs"]
mod chance;
#[path = "../examples/accuracy/ours.rs"]
mod ours;
#[path = "../examples/accuracy/score.rs"]
mod score;
#[path = "../examples/accuracy/track.rs"]
mod track;
#[path = "../examples/accuracy/world.rs"]
mod world;
#[path = "../examples/accuracy/worlds.rs"]
mod worlds;

use ours::Policy;
use score::{Score, percentile};
use world::{DAY, World};
use worlds::Size;

/// Few sites for so many days.
fn ours_in(world: &World, days: i64) -> Score {
    let mut world = World { length: (days * DAY).min(world.length), ..world.clone() };
    for site in &mut world.sites {
        for spans in [&mut site.outages, &mut site.brownouts, &mut site.slow, &mut site.bursts] {
            spans.retain(|span| span.to < world.length);
        }
    }
    Score::of(&world, &ours::judge(&world, &Policy::default()))
}

#[test]
fn noise_makes_nobody_down_and_outages_are_found_in_time() {
    let worlds = worlds::of_sites(Size(0.02));
    let find = |name: &str| worlds.iter().find(|world| world.name == name).unwrap();
    for name in ["1 % of attempts lost", "all lost 1 % of the time, 2 to 20 s each"] {
        assert_eq!(ours_in(find(name), 10).false_down, 0, "{name}");
    }
    let score = ours_in(find("outages of 1 min to 6 h"), 90);
    assert!(score.outages > 10 && score.missed == 0, "{score:?}");
    assert!(percentile(&score.detect, 0.5).unwrap() < 45_000, "{score:?}");
    assert!(percentile(&score.detect, 0.99).unwrap() < 90_000, "{score:?}");
    assert!(percentile(&score.start_off, 0.99).unwrap() <= 61_000, "{score:?}");
    for name in ["slow stretches, all answers", "slow stretches, half of the answers"] {
        let score = ours_in(find(name), 30);
        assert!(score.slow > 0 && score.missed_slow == 0 && score.false_slow == 0, "{score:?}");
    }
}

#[test]
fn our_own_trouble_makes_nobody_down() {
    for world in worlds::of_ourselves(Size(0.01)) {
        if world.name.starts_with("our ") && world.sites.len() < 50 {
            let score = ours_in(&world, 4);
            assert_eq!(score.false_down, 0, "{}: {score:?}", world.name);
        }
    }
}

#[test]
fn one_bad_region_of_three_makes_nobody_down() {
    for world in worlds::of_regions(Size(0.01)) {
        let score = ours_in(&world, 10);
        assert_eq!((score.false_down, score.missed), (0, 0), "{}: {score:?}", world.name);
    }
}
