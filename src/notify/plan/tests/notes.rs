//! Messages about notes.

use super::*;

fn channel_of_notes() -> Channel {
    let mut channel = channel();
    channel.rule.on = Topic::ALL.to_vec();
    channel
}

#[test]
fn notes_are_told_by_those_who_ask_for_them_and_gathered_apart_from_what_is_bad() {
    use NoteKind::{Intermittent, Ipv6Fails};
    let begin = || {
        vec![
            noted(1, "a1", &[Intermittent]),
            noted(2, "a2", &[Intermittent]),
            noted(3, "n0", &[Ipv6Fails]),
            news(4, "found", Down),
        ]
    };
    assert_eq!(PlanWorld::new(channel()).plan_news(30, begin(), false).len(), 1, "nobody asked");
    let mut world = PlanWorld::new(channel_of_notes());
    let told: Vec<String> = world.plan_news(30, begin(), false).iter().map(words).collect();
    assert_eq!(
        told,
        [
            "site.down: found is down (/found)",
            "site.noted: 2 sites at Amazon Web Services answer, but not as they should \
             (/providers/aws)",
            "site.noted: n0 fails over IPv6 (/n0)",
        ]
    );
    assert_eq!(world.plan(60, &[]), [""; 0], "each is told once");
    let over = world.plan_with(3_700, &[(3_603, "n0", Up)], false);
    let said = message(&over[0]);
    assert_eq!(words(&over[0]), "site.note_over: n0 works over IPv6 again (/n0)");
    assert_eq!(said.data.summary, "n0 works over IPv6 again, after 1 hour, from 20:00 UTC.");
    let note = &said.data.sites[0].notes[0];
    assert_eq!((note.kind, note.since, note.ended_at.is_some()), (Ipv6Fails, second(3), true));
}

#[test]
fn several_notes_on_one_site_are_one_message() {
    let mut world = PlanWorld::new(channel_of_notes());
    let kinds = [NoteKind::PageShrunk, NoteKind::PageIsError];
    let told = world.plan_news(30, vec![noted(1, "n0", &kinds)], false);
    let said = message(&told[0]);
    assert_eq!((told.len(), said.data.count, said.data.sites[0].notes.len()), (1, 1, 2));
    assert_eq!(
        said.data.title,
        "The page of n0 is nearly empty; The page of n0 looks like an error"
    );
}

#[test]
fn notes_on_sites_of_an_event_wait_for_its_end() {
    let mut world = PlanWorld::new(channel_of_notes());
    world.event(None, &AWS[..2]);
    assert_eq!(world.plan(30, &[(1, "a1", Down), (2, "a2", Down)]).len(), 1);
    let note = |at| vec![noted(at, "a1", &[NoteKind::Intermittent])];
    assert_eq!(world.plan_news(200, note(100), false).len(), 0);
    assert_eq!(world.plan(400, &[(300, "a2", Up)]), [""; 0]);
    world.event(Some(500), &AWS[..2]);
    let told = world.plan(900, &[]);
    assert_eq!(
        told,
        [
            "provider.recovered: Amazon Web Services seems to have recovered (/providers/aws)",
            "site.noted: a1 fails now and then (/a1)",
        ]
    );
}

#[test]
fn a_note_from_before_the_channel_asked_is_known_and_not_told() {
    let mut world = PlanWorld::new(channel_of_notes());
    let day = 25 * 3_600;
    let mut old = noted(day, "n0", &[NoteKind::OldTls]);
    old.news.verdict.notes[0].since = second(10);
    assert_eq!(world.plan_news(day + 60, vec![old], false).len(), 0);
    assert_eq!(world.plan(day + 200, &[(day + 100, "n0", Up)]), [""; 0]);
}
