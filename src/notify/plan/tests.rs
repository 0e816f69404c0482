//! Stories of several sites, and the messages that come of them.

use super::*;
use crate::{
    board::Board,
    model::{
        notice::{Target, case::News, quiet::Quiet},
        secret::Secret,
        site::Expect,
        verdict::Verdict,
    },
};
use Status::{Down, Slow, Unknown, Up};

fn second(n: u64) -> Moment {
    Moment::parse("2026-01-10T20:00:00Z").unwrap() + Duration::from_secs(n)
}

fn site(name: &str, provider: Option<&str>) -> Arc<Site> {
    Arc::new(Site {
        slug: Slug::new(name).unwrap(),
        url: format!("https://{name}.example/").parse().unwrap(),
        name: name.into(),
        provider: provider.map(Into::into),
        interval: Duration::from_mins(1),
        timeout: Duration::from_secs(10),
        slow_after: None,
        expect: Expect::default(),
        private: false,
        tags: vec!["chat".into()],
        aliases: Vec::new(),
    })
}

/// Sites at two providers, and seven at none.
fn board() -> Board {
    let board = Board::new();
    let mut sites = vec![site("a1", Some("aws")), site("a2", Some("aws")), site("b1", Some("bee"))];
    sites.extend((0..7).map(|n| site(&format!("n{n}"), None)));
    board.set_catalogue(&sites);
    board
}

fn channel() -> Channel {
    Channel {
        name: "team".into(),
        target: Target::Slack { url: Secret::from("http://x.example/".to_owned()) },
        rule: Rule {
            sites: vec![],
            tags: vec![],
            providers: vec![],
            on: Topic::ALL.to_vec(),
            lasting: Duration::ZERO,
            gather: Duration::from_secs(15),
            quiet: None,
        },
        timeout: Duration::from_secs(1),
        per_minute: 20,
        retry_for: Duration::from_hours(1),
        ca_file: None,
    }
}

/// A channel, and what it was told of each site.
struct World {
    board: Board,
    channel: Channel,
    cases: Vec<Known>,
}

impl World {
    fn new(channel: Channel) -> Self {
        Self { board: board(), channel, cases: Vec::new() }
    }

    /// Plans at this second with these changes; the messages, as `type: title (page)`.
    fn plan(&mut self, now: u64, changes: &[(u64, &str, Status)]) -> Vec<String> {
        self.plan_with(now, changes, false).iter().map(words).collect()
    }

    fn plan_with(&mut self, now: u64, changes: &[(u64, &str, Status)], more: bool) -> Vec<Draft> {
        let news = changes.iter().map(|(at, name, status)| Published {
            channel: "team".to_owned(),
            slug: Slug::new(name).unwrap(),
            news: News {
                at: second(*at),
                verdict: Verdict {
                    status: *status,
                    since: Some(second(*at)),
                    ..Verdict::none_yet()
                },
            },
        });
        let added = vec![("team".to_owned(), second(0))];
        let unplanned = Unplanned { added, news: news.collect(), cases: self.cases.clone(), more };
        let site = |slug: &Slug| self.board.site(slug.as_str());
        let public_url = Url::parse("https://up.example/").unwrap();
        let plan = Plan { site: &site, public_url: &public_url, now: second(now) };
        let planned = plan.decide(std::slice::from_ref(&self.channel), unplanned);
        for known in planned.cases {
            self.cases.retain(|old| old.slug != known.slug);
            self.cases.push(known);
        }
        planned.drafts
    }
}

fn words(draft: &Draft) -> String {
    let message: Message = serde_json::from_value(draft.message.clone()).unwrap();
    let page = message.data.page.replace("https://up.example", "");
    format!("{}: {} ({page})", message.kind, message.data.title)
}

#[test]
fn what_shares_a_provider_within_the_window_is_one_message() {
    let mut world = World::new(channel());
    assert_eq!(world.plan(10, &[(9, "a1", Down), (10, "b1", Down)]), [""; 0]);
    assert_eq!(world.plan(20, &[(20, "a2", Slow)]), [""; 0]);
    assert_eq!(
        world.plan(24, &[]),
        ["site.down: 2 sites at aws are in trouble (/providers/aws)"],
        "the window is that of the first"
    );
    assert_eq!(world.plan(25, &[]), ["site.down: b1 is down (/b1)"]);
    assert_eq!(world.plan(26, &[]), [""; 0], "each is told once");
    assert_eq!(
        world.plan(90, &[(60, "a1", Up), (61, "a2", Up)]),
        ["site.recovered: 2 sites at aws are up again (/providers/aws)"]
    );
}

#[test]
fn a_flap_is_told_in_its_order() {
    let mut world = World::new(channel());
    let flap = [(1, "a1", Down), (2, "a2", Down), (3, "a1", Up), (4, "a1", Down)];
    assert_eq!(
        world.plan(60, &flap),
        [
            "site.down: 2 sites at aws are down (/providers/aws)",
            "site.recovered: a1 is up again (/a1)",
            "site.down: a1 is down (/a1)",
        ]
    );
}

#[test]
fn more_causes_at_once_than_anybody_would_read_are_one_message() {
    let mut world = World::new(channel());
    let names: Vec<String> = (0..7).map(|n| format!("n{n}")).collect();
    let all: Vec<_> = names.iter().map(|name| (1, name.as_str(), Down)).collect();
    assert_eq!(world.plan(30, &all[..5]).len(), 5);
    let mut world = World::new(channel());
    assert_eq!(world.plan(30, &all), ["site.down: 7 sites are down (/)"]);
}

#[test]
fn what_is_old_is_known_and_not_told() {
    let mut world = World::new(channel());
    let day = 25 * 3_600;
    assert_eq!(world.plan(day, &[(10, "a1", Down)]), [""; 0], "it is a day old");
    assert_eq!(
        world.plan(day + 100, &[(day + 10, "a1", Up), (day + 20, "a1", Down)]),
        ["site.down: a1 is down (/a1)"]
    );
}

#[test]
fn rules_choose_by_site_tag_and_provider() {
    let all = [(1, "a1", Down), (1, "b1", Down), (1, "n0", Down)];
    let with = |change: &dyn Fn(&mut Rule)| {
        let mut channel = channel();
        change(&mut channel.rule);
        World::new(channel).plan(30, &all)
    };
    assert_eq!(
        with(&|rule| rule.sites = vec![Slug::new("n0").unwrap()]),
        ["site.down: n0 is down (/n0)"]
    );
    assert_eq!(with(&|rule| rule.providers = vec!["bee".into()]), ["site.down: b1 is down (/b1)"]);
    assert_eq!(with(&|rule| rule.tags = vec!["music".into()]), [""; 0]);
    assert_eq!(with(&|rule| rule.tags = vec!["chat".into(), "music".into()]).len(), 3);
    assert_eq!(with(&|rule| rule.on = vec![Topic::Slow]), [""; 0]);
}

#[test]
fn quiet_hours_hold_back_also_what_was_ready_before_them() {
    let mut channel = channel();
    // Postgres was away from 21:59 to 22:30.
    channel.rule.quiet = Some(Quiet::new("22:00-07:00", "UTC", vec![]).unwrap());
    let mut world = World::new(channel);
    let before = 2 * 3_600 - 60;
    assert_eq!(world.plan(before + 1_800, &[(before, "a1", Down)]), [""; 0]);
    let over = world.plan_with(
        before + 1_860,
        &[(before + 30, "b1", Down), (before + 50, "b1", Up)],
        false,
    );
    let when: Vec<String> = over.iter().map(|draft| draft.not_before.to_string()).collect();
    assert_eq!(when, ["2026-01-11T07:00:00.000Z"], "it was true, and waits for the morning");
    assert_eq!(
        world.plan(11 * 3_600 + 20, &[]),
        ["site.down: a1 is down (/a1)", "site.recovered: b1 is up again (/b1)"]
    );
}

#[test]
fn time_stands_still_while_there_is_more_news() {
    let mut world = World::new(channel());
    assert_eq!(world.plan_with(60, &[(1, "a1", Down)], true).len(), 0);
    assert_eq!(
        world.plan(60, &[(2, "a1", Unknown), (3, "b1", Down)]),
        ["site.down: a1 is down (/a1)", "site.down: b1 is down (/b1)"]
    );
}

#[test]
fn a_site_that_left_the_catalogue_is_no_news() {
    let mut world = World::new(channel());
    assert_eq!(world.plan(2, &[(1, "a1", Down), (1, "gone", Down)]), [""; 0]);
    world.board.set_catalogue(&[site("b1", Some("bee"))]);
    assert_eq!(world.plan(60, &[]), [""; 0]);
    assert_eq!(world.cases.iter().filter(|known| known.case.ready.is_some()).count(), 0);
}
