//! Messages about provider events, and the sites that are part of them.

use super::*;

#[test]
fn a_provider_that_was_found_out_is_a_cause_as_well() {
    let mut world = PlanWorld::new(channel());
    assert_eq!(
        world.plan(20, &[(1, "a1", Down), (2, "found", Down)]),
        ["site.down: 2 sites at Amazon Web Services are down (/providers/aws)"]
    );
}

#[test]
fn the_sites_of_an_event_are_one_message_with_the_evidence_and_one_when_it_ends() {
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan(20, &[(0, "a1", Down)]), ["site.down: a1 is down (/a1)"]);
    world.event(None, &AWS[..2]);
    let opened = world.plan_with(40, &[(21, "a2", Down)], false);
    assert_eq!(opened.len(), 1);
    let said = message(&opened[0]);
    assert_eq!(
        words(&opened[0]),
        "provider.failing: Amazon Web Services seems to be failing (/providers/aws)"
    );
    assert_eq!(
        said.data.summary,
        "Amazon Web Services seems to be failing: 3 of its 4 sites are down. Of the \
         sites that you follow: a1 and a2."
    );
    assert_eq!((said.data.count, said.data.event.unwrap().affected), (2, 2));
    // Sites that join it, come back or flap are noted, and announced at the end.
    world.event(None, &AWS);
    let all = [(60, "found", Slow), (61, "a1", Up), (62, "a1", Down), (63, "n0", Down)];
    assert_eq!(world.plan(90, &all), ["site.down: n0 is down (/n0)"]);
    assert_eq!(world.plan(1_000, &[(900, "a1", Up), (910, "a2", Up)]), [""; 0]);
    world.event(Some(905), &AWS);
    let closed = world.plan_with(1_300, &[], false);
    assert_eq!(closed.len(), 1);
    let said = message(&closed[0]);
    assert_eq!((&*said.kind, said.data.count), ("provider.recovered", 3));
    assert_eq!(
        said.data.summary,
        "Amazon Web Services seems to have recovered, after 15 minutes, from 20:00 UTC. Up again: \
         a1 and a2. Still in trouble: found."
    );
    // The site left over has an end of its own.
    assert_eq!(
        world.plan(1_500, &[(1_400, "found", Up)]),
        ["site.recovered: found is up again (/found)"]
    );
    assert_eq!(world.plan(9_000, &[]), [""; 0]);
}

#[test]
fn sites_that_were_told_one_by_one_are_told_to_have_one_cause() {
    let mut world = PlanWorld::new(channel());
    let each = [(1, "a1"), (30, "a2"), (60, "found")];
    for (at, name) in each {
        assert_eq!(world.plan(at + 20, &[(at, name, Down)]).len(), 1);
    }
    world.event(None, &AWS);
    let update = world.plan_with(90, &[], false);
    let said = message(&update[0]);
    assert_eq!(
        (update.len(), said.data.title.as_str(), said.data.update, said.weight()),
        (1, "One cause: Amazon Web Services seems to be failing", true, Weight::Middling)
    );
    assert!(
        said.data.summary.ends_with(
            " That seems to be the common cause of what we told you about a1, a2 and found."
        ),
        "{}",
        said.data.summary
    );
    assert_eq!(world.plan(91, &[]), [""; 0], "once");
}

#[test]
fn a_cause_that_brings_a_site_that_was_not_told_is_no_mere_update() {
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan(21, &[(1, "a1", Down), (2, "a2", Down)]).len(), 1);
    world.event(None, &AWS);
    let opened = world.plan_with(60, &[(40, "found", Down)], false);
    let said = message(&opened[0]);
    assert_eq!((opened.len(), said.data.update, said.weight()), (1, false, Weight::Bad));
    assert_eq!(said.data.title, "Amazon Web Services seems to be failing");
}

#[test]
fn what_was_told_of_a_provider_and_was_our_own_trouble_is_taken_back() {
    let mut world = PlanWorld::new(channel());
    world.event(None, &AWS[..2]);
    assert_eq!(world.plan(30, &[(1, "a1", Down), (2, "a2", Down)]).len(), 1);
    world.events[0].withdrawn_at = Some(second(45));
    let all = ["a1", "a2"].map(|name| ours(45, name, 0)).to_vec();
    let back: Vec<String> = world.plan_news(46, all, false).iter().map(words).collect();
    assert_eq!(
        back,
        ["site.recovered: 2 sites at Amazon Web Services were not in trouble: we were \
          (/providers/aws)"]
    );
    assert_eq!(world.plan(200, &[(100, "a1", Up), (100, "a2", Up)]), [""; 0]);
}

#[test]
fn who_hears_of_none_of_its_sites_hears_of_no_event_and_calm_is_told_before_the_end() {
    let mut other = channel();
    other.rule.tags = vec!["music".into()];
    let mut world = PlanWorld::new(other);
    world.event(None, &AWS);
    assert_eq!(world.plan(40, &[(1, "a1", Down), (2, "a2", Down)]), [""; 0]);
    world.event(Some(100), &AWS);
    assert_eq!(world.plan(200, &[]), [""; 0]);

    let mut one = channel();
    one.rule.sites = vec![Slug::new("a1").unwrap()];
    let mut world = PlanWorld::new(one);
    world.event(None, &AWS);
    assert_eq!(world.plan(40, &[(1, "a1", Down), (2, "a2", Down)]).len(), 1);
    assert_eq!(world.plan(399, &[(100, "a1", Up)]), [""; 0]);
    assert_eq!(
        world.plan(400, &[]),
        ["provider.recovered: Your sites at Amazon Web Services are up again (/providers/aws)"]
    );
    world.event(Some(900), &AWS);
    assert_eq!(world.plan(1_300, &[]), [""; 0], "it was told already");
}

#[test]
fn quiet_hours_hold_back_events_and_their_end() {
    let mut channel = channel();
    channel.rule.quiet = Some(Quiet::new("20:01-07:00", "UTC", vec![]).unwrap());
    let mut world = PlanWorld::new(channel);
    world.event(None, &AWS);
    let opened = world.plan(30, &[(1, "a1", Down), (2, "a2", Down)]);
    assert_eq!(opened.len(), 1, "before they begin");
    world.event(Some(500), &AWS);
    assert_eq!(world.plan(900, &[(400, "a1", Up), (401, "a2", Up)]), [""; 0]);
    let morning = world.plan(11 * 3_600, &[]);
    assert_eq!(
        morning,
        ["provider.recovered: Amazon Web Services seems to have recovered (/providers/aws)"]
    );
}
