//! Messages while work is planned: they wait, and go out afterwards if it is still so.

use super::*;
use model::{
    planned::{Recurrence, WorkTimes, time_zone},
    scope::Scope,
};

/// Work on the sites of a tag, from a second on, for so many minutes.
fn work(from: u64, minutes: u64) -> PlannedWork {
    let zone = time_zone("UTC").unwrap();
    let lasts = Duration::from_mins(minutes);
    PlannedWork {
        id: "p-1".into(),
        name: "".into(),
        text: "".into(),
        scope: Scope { tags: vec!["chat".into()], ..Scope::default() },
        times: WorkTimes::new(second(from).to_utc(), zone, lasts, None, Vec::new()).unwrap(),
        announced_at: None,
        cancelled_at: None,
        by: "".into(),
    }
}

const MINUTE: u64 = 60;

/// Plans every ten seconds until a second, without news; the messages.
fn wait(world: &mut PlanWorld, from: u64, until: u64) -> Vec<String> {
    (from..=until).step_by(10).flat_map(|now| world.plan(now, &[])).collect()
}

#[test]
fn what_goes_down_in_planned_work_is_told_after_it_if_it_is_still_down() {
    let mut world = PlanWorld::new(channel());
    world.works = vec![work(0, 30)];
    assert!(world.plan(100, &[(100, "n0", Down)]).is_empty());
    assert!(wait(&mut world, 110, 30 * MINUTE - 1).is_empty());
    let told = wait(&mut world, 30 * MINUTE, 32 * MINUTE);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("site.down"), "{told:?}");
}

#[test]
fn what_is_well_again_before_it_ends_is_never_told() {
    let mut world = PlanWorld::new(channel());
    world.works = vec![work(0, 30)];
    assert!(world.plan(100, &[(100, "n0", Down)]).is_empty());
    assert!(wait(&mut world, 110, 600).is_empty());
    assert!(world.plan(610, &[(610, "n0", Up)]).is_empty());
    assert!(wait(&mut world, 620, 40 * MINUTE).is_empty());
    // Both at once, as after a time without Postgres.
    let mut late = PlanWorld::new(channel());
    late.works = vec![work(0, 30)];
    assert!(late.plan(40 * MINUTE, &[(100, "n0", Down), (600, "n0", Up)]).is_empty());
    assert!(wait(&mut late, 40 * MINUTE + 10, 50 * MINUTE).is_empty());
}

#[test]
fn what_was_told_before_it_began_is_told_to_be_over_after_it() {
    let mut world = PlanWorld::new(channel());
    world.works = vec![work(5 * MINUTE, 30)];
    let told = [world.plan(0, &[(0, "n0", Down)]), wait(&mut world, 10, 60)].concat();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(world.plan(600, &[(600, "n0", Up)]).is_empty());
    assert!(wait(&mut world, 610, 35 * MINUTE - 1).is_empty());
    let told = wait(&mut world, 35 * MINUTE, 37 * MINUTE);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("site.recovered"), "{told:?}");
}

#[test]
fn what_waits_goes_out_soon_after_the_work_is_cancelled() {
    let mut world = PlanWorld::new(channel());
    world.works = vec![work(0, 120)];
    assert!(world.plan(100, &[(100, "n0", Down)]).is_empty());
    assert!(wait(&mut world, 110, 600).is_empty());
    world.works[0].cancelled_at = Some(second(605));
    assert_eq!(wait(&mut world, 610, 670).len(), 1);
}

#[test]
fn recurring_work_by_the_clocks_of_the_far_side_is_silent_as_any_other() {
    let mut world = PlanWorld::new(channel());
    let zone = time_zone("Pacific/Auckland").unwrap();
    let first = second(0).to_timestamp() - Duration::from_hours(48);
    let starts = first.to_zoned_datetime(zone.clone()).datetime();
    let daily = Recurrence::parse("FREQ=DAILY").unwrap();
    let lasts = Duration::from_mins(30);
    let times = WorkTimes::new(starts, zone, lasts, Some(daily), Vec::new()).unwrap();
    world.works = vec![PlannedWork { times, ..work(0, 30) }];
    assert!(world.plan(100, &[(100, "n0", Down)]).is_empty());
    assert!(wait(&mut world, 110, 30 * MINUTE - 1).is_empty());
    assert_eq!(wait(&mut world, 30 * MINUTE, 32 * MINUTE).len(), 1);
}

#[test]
fn other_sites_are_told_of_as_always() {
    let mut world = PlanWorld::new(channel());
    let mut other = work(0, 120);
    other.scope = Scope { sites: vec![Slug::new("n1").unwrap()], ..Scope::default() };
    world.works = vec![other];
    let told =
        [world.plan(100, &[(100, "n0", Down), (100, "n1", Down)]), wait(&mut world, 110, 200)];
    let told = told.concat();
    assert!(told.len() == 1 && told[0].contains("n0"), "{told:?}");
}
