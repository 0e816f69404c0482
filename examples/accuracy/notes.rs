//! The table of notes, and its goals.

use crate::{
    halves::{self, NoteScore},
    ours::{self, Policy},
    score::percentile,
    table::{in_parallel, with},
    world::TrueWorld,
    worlds::Size,
};

/// Prints table and goals; returns whether all goals are met.
pub(crate) fn print(size: Size) -> bool {
    println!(
        "\n| world | site-years | noted within 15 min | median | never noted | notes that came and \
         went | false notes a site-year | recorded as down | looks that failed | false down a \
         site-year | slow a site-year | turned away, changes a day |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    let mut all = Vec::new();
    for world in halves::all(size) {
        let noted = noted_in(&world);
        println!("{}", row(world.name, &noted));
        all.push((world.name, noted));
    }
    println!();
    let mut met = true;
    for (goal, is, ok) in goals(&all) {
        println!("{} {goal}: {is}", if ok { "met   " } else { "MISSED" });
        met &= ok;
    }
    met
}

/// Notes of our judge in a world, site by site, on all processors.
fn noted_in(world: &TrueWorld) -> NoteScore {
    let tracks = in_parallel(world.sites.len(), |n| {
        let alone = with(world, vec![world.sites[n].clone()]);
        let alone = TrueWorld { seed: world.seed ^ (n as u64) << 40, ..alone };
        ours::judge(&alone, &Policy::default()).pop().unwrap_or_default()
    });
    NoteScore::of(world, &tracks)
}

fn row(world: &str, n: &NoteScore) -> String {
    let rate = |count: usize| format!("{:.1}", count as f64 / n.years);
    let (noted, missed) = match n.stretches {
        0 => ("-".to_owned(), "-".to_owned()),
        all => (format!("{} of {all}", n.in_time), n.missed.to_string()),
    };
    let median = percentile(&n.took, 0.5)
        .map_or("-".to_owned(), |ms| format!("{:.1} min", ms as f64 / 60_000.0));
    format!(
        "| {world:37} | {:.1} | {noted} | {median} | {missed} | {} | {} | {:.3} % | {:.3} % | {} | {} | {:.2} |",
        n.years,
        n.notes,
        rate(n.false_notes),
        n.recorded * 100.0,
        n.failed * 100.0,
        rate(n.false_down),
        rate(n.false_slow),
        n.walls,
    )
}

/// The goals, what is, and whether it is enough.
fn goals(all: &[(&'static str, NoteScore)]) -> Vec<(String, String, bool)> {
    let mut goals = Vec::new();
    for (name, n) in all {
        let years = format!("in {:.1} site-years", n.years);
        if name.starts_with("half dead") {
            let share = n.in_time as f64 / n.stretches.max(1) as f64;
            let goal = format!("{name}: 95 of 100 noted within 15 minutes");
            goals.push((goal, format!("{:.1}", share * 100.0), share >= 0.95));
        }
        if n.stretches == 0 && !name.contains("dead, always") {
            let goal = format!("{name}: no false note");
            goals.push((goal, format!("{} {years}", n.false_notes), n.false_notes == 0));
        }
        if name.contains("always") {
            let goal = format!("{name}: recorded as down no more than was seen failing");
            let is = format!("{:.3} % of {:.3} %", n.recorded * 100.0, n.failed * 100.0);
            goals.push((goal, is, n.recorded <= n.failed));
        }
        if name.ends_with("every 5 s") {
            let goal = format!("{name}: no false down");
            goals.push((goal, format!("{} {years}", n.false_down), n.false_down == 0));
        }
        if name.starts_with("80 ms") {
            let goal = format!("{name}: never slow");
            goals.push((goal, format!("{} {years}", n.false_slow), n.false_slow == 0));
        }
        if name.starts_with("a wall") {
            let goal = format!("{name}: no flapping");
            goals.push((goal, format!("{:.2} changes a day", n.walls), n.walls < 0.1));
        }
    }
    goals
}
