//! A short run of the simulator of `examples/accuracy`: the same worlds, less of them.

#[path = "../examples/accuracy/chance.rs"]
mod chance;
#[path = "../examples/accuracy/halves.rs"]
mod halves;
#[path = "../examples/accuracy/ours.rs"]
mod ours;
#[path = "../examples/accuracy/ourside.rs"]
mod ourside;
#[path = "../examples/accuracy/regions.rs"]
mod regions;
#[path = "../examples/accuracy/score.rs"]
mod score;
#[path = "../examples/accuracy/track.rs"]
mod track;
#[path = "../examples/accuracy/world.rs"]
mod world;
#[path = "../examples/accuracy/worlds.rs"]
mod worlds;

use halves::NoteScore;
use ours::Policy;
use score::{Score, percentile};
use world::{DAY, TrueWorld};
use worlds::Size;

/// The same world, for this many days.
fn shorter(world: &TrueWorld, days: i64) -> TrueWorld {
    let mut world = TrueWorld { length: (days * DAY).min(world.length), ..world.clone() };
    for site in &mut world.sites {
        for spans in [&mut site.outages, &mut site.brownouts, &mut site.slow, &mut site.bursts] {
            spans.retain(|span| span.to < world.length);
        }
    }
    world
}

/// Few sites for this many days.
fn ours_in(world: &TrueWorld, days: i64) -> Score {
    let world = shorter(world, days);
    Score::of(&world, &ours::judge(&world, &Policy::default()))
}

/// Notes in this many days.
fn noted_in(name: &str, days: i64) -> NoteScore {
    let worlds = halves::all(Size(0.02));
    let world = worlds.iter().find(|world| world.name == name);
    let world = world.map_or_else(|| unreachable!("{name}"), |world| shorter(world, days));
    NoteScore::of(&world, &ours::judge(&world, &Policy::default()))
}

#[test]
fn half_dead_sites_are_noted_in_time_and_noise_is_not() {
    for way in ["in turns", "the first address", "at random"] {
        let noted = noted_in(&format!("half dead for 2 h, {way}"), 60);
        assert!(noted.stretches > 10, "{way}: {noted:?}");
        assert!(noted.in_time * 20 >= noted.stretches * 19, "{way}: {noted:?}");
    }
    for name in ["5 % of attempts lost, for notes", "bursts, for notes", "congestion every evening"]
    {
        let noted = noted_in(name, 60);
        assert_eq!(noted.notes, 0, "{name}: {noted:?}");
        assert_eq!((noted.false_notes, noted.false_down), (0, 0), "{name}: {noted:?}");
    }
}

#[test]
fn no_more_is_recorded_as_down_than_was_seen_failing() {
    for of in ["five", "three", "two"] {
        let noted = noted_in(&format!("one of {of} dead, always"), 60);
        assert!(noted.recorded <= noted.failed, "{of}: {noted:?}");
    }
}

#[test]
fn a_look_every_five_seconds_makes_no_outage_of_bursts_and_restarts() {
    for name in ["bursts, looked at every 5 s", "restarts of 8 s, looked at every 5 s"] {
        let noted = noted_in(name, 20);
        assert_eq!(noted.false_down, 0, "{name}: {noted:?}");
    }
    let worlds = halves::all(Size(0.02));
    let real = worlds.iter().find(|world| world.name == "outages, looked at every 5 s").unwrap();
    let score = ours_in(real, 60);
    assert!(score.outages > 5 && score.missed == 0, "{score:?}");
    // Silence is a timeout of ten seconds, a wait of five or more, and another timeout.
    assert!(percentile(&score.detect, 0.5).unwrap() < 20_000, "{score:?}");
    assert!(percentile(&score.detect, 0.99).unwrap() < 40_000, "{score:?}");
}

#[test]
fn a_usual_mixture_of_quick_and_slow_is_not_slow_and_a_wall_now_and_then_does_not_flap() {
    for name in ["80 ms, or 900 ms for 30 %", "80 ms, or 1.4 s for 30 %", "80 ms, or 4 s for 15 %"]
    {
        let noted = noted_in(name, 60);
        assert_eq!(noted.false_slow, 0, "{name}: {noted:?}");
    }
    assert!(noted_in("a wall on every third request", 20).walls < 0.1);
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
fn our_own_side_makes_nobody_down_however_it_fails_and_hides_no_outage_of_others() {
    let mut wrong = Vec::new();
    // `make accuracy` plays those of a hundred sites as well, which take minutes.
    for world in ourside::worlds(0.02).into_iter().filter(|world| world.sites.len() < 50) {
        let score = Score::of(&world, &ours::judge(&world, &Policy::default()));
        if (score.false_down, score.missed) != (0, 0) {
            wrong.push((world.name, world.sites.len(), world.controls, score));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_bad_region_of_three_makes_nobody_down() {
    for world in worlds::of_regions(Size(0.01)) {
        let score = ours_in(&world, 10);
        assert_eq!((score.false_down, score.missed), (0, 0), "{}: {score:?}", world.name);
    }
}

#[test]
fn several_regions_say_less_that_is_false_and_an_agent_that_comes_or_goes_changes_nothing() {
    let all = regions::seen(Size(0.02));
    let missed: Vec<_> = regions::goals(&all).into_iter().filter(|(.., met)| !met).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
