//! Stories of several sites, and the messages about them.

mod events;
mod notes;
mod planned;

use super::{super::message::Weight, *};
use crate::{board::Board, store::NotifiedEvent};
use Status::{Down, Slow, Unknown, Up};
use model::{
    note::Note,
    notification::{Destination, channel_state::VerdictNews, quiet::Quiet},
    site::Site,
    site_request::Secret,
    verdict::{SelfDoubt, Status, Verdict},
};

fn second(n: u64) -> Moment {
    Moment::parse("2026-01-10T20:00:00Z").unwrap() + Duration::from_secs(n)
}

fn site(name: &str, provider: Option<&str>) -> Arc<Site> {
    let url = format!("https://{name}.example/").parse().unwrap();
    Arc::new(Site {
        provider: provider.map(Into::into),
        tags: vec!["chat".into()],
        ..Site::new(Slug::new(name).unwrap(), url)
    })
}

/// Sites at two providers, and seven at none; of one the catalogue does not say that it is at aws.
fn board() -> Board {
    let board = Board::new();
    let mut sites = vec![site("a1", Some("aws")), site("a2", Some("aws")), site("b1", Some("bee"))];
    sites.push(site("found", None));
    sites.extend((0..7).map(|n| site(&format!("n{n}"), None)));
    board.set_catalogue(&sites);
    board.set_found(&Slug::new("found").unwrap(), "aws");
    board
}

fn channel() -> Channel {
    Channel {
        name: "team".into(),
        target: Destination::Slack { url: Secret::from("http://x.example/".to_owned()) },
        rule: Rule {
            sites: vec![],
            tags: vec![],
            providers: vec![],
            on: Topic::DEFAULT.to_vec(),
            lasting: Duration::ZERO,
            gather: Duration::from_secs(15),
            quiet: None,
            certificate_days: vec![],
        },
        language: "en",
        timeout: Duration::from_secs(1),
        per_minute: 20,
        retry_for: Duration::from_hours(1),
        ca_file: None,
    }
}

/// A channel, and its states of the sites.
struct PlanWorld {
    board: Board,
    channel: Channel,
    cases: Vec<ChannelKnowledge>,
    events: Vec<ProviderEvent>,
    told: Vec<NotifiedEvent>,
    works: Vec<PlannedWork>,
}

impl PlanWorld {
    fn new(channel: Channel) -> Self {
        let (cases, events, told) = (Vec::new(), Vec::new(), Vec::new());
        Self { board: board(), channel, cases, events, told, works: Vec::new() }
    }

    /// Plans at this second with these changes; the messages, as `type: title (page)`.
    fn plan(&mut self, now: u64, changes: &[(u64, &str, Status)]) -> Vec<String> {
        self.plan_with(now, changes, false).iter().map(words).collect()
    }

    fn plan_with(
        &mut self,
        now: u64,
        changes: &[(u64, &str, Status)],
        more: bool,
    ) -> Vec<MessageDraft> {
        let news = changes.iter().map(|(at, name, status)| news(*at, name, *status)).collect();
        self.plan_news(now, news, more)
    }

    fn plan_news(&mut self, now: u64, news: Vec<Published>, more: bool) -> Vec<MessageDraft> {
        let added = vec![("team".to_owned(), second(0))];
        let (cases, events, told) = (self.cases.clone(), self.events.clone(), self.told.clone());
        let unplanned = Unplanned { added, news, cases, events, told, more };
        let site = |slug: &Slug| self.board.site(slug.as_str());
        let public_url = Url::parse("https://up.example/").unwrap();
        let names: Vec<Slug> = ["a", "b", "c", "d"].map(|name| Slug::new(name).unwrap()).into();
        let standing = |event: &ProviderEvent| {
            let statuses = names.iter().zip([Down, Down, Down, Up]);
            let members = statuses.map(|(slug, status)| (slug, status, None));
            ProviderStatus {
                with_it: [Down; 3].into_iter().collect(),
                ..ProviderStatus::of("aws", members, Some(event.clone()))
            }
        };
        let (standing, now) = (&standing, second(now));
        let works = &self.works;
        let plan = MessagePlan { site: &site, standing, public_url: &public_url, works, now };
        let planned = plan.decide(std::slice::from_ref(&self.channel), unplanned);
        for known in planned.cases {
            let is_same = |old: &ChannelKnowledge| {
                (&old.slug, old.case.subject) == (&known.slug, known.case.subject)
            };
            self.cases.retain(|old| !is_same(old));
            self.cases.push(known);
        }
        self.told.extend(planned.opened);
        self.told.retain(|told| !planned.closed.contains(told));
        planned.drafts
    }

    /// Sets the provider event in force.
    fn event(&mut self, ended: Option<u64>, sites: &[&str]) {
        self.events = vec![ProviderEvent {
            provider: "aws".into(),
            started_at: second(0),
            noticed_at: second(20),
            ended_at: ended.map(second),
            sites: sites.iter().map(|name| Slug::new(name).unwrap()).collect(),
            evidence: None,
            withdrawn_at: None,
        }];
    }
}

/// A site's verdict since a second.
fn news(at: u64, name: &str, status: Status) -> Published {
    Published {
        channel: "team".to_owned(),
        slug: Slug::new(name).unwrap(),
        news: VerdictNews {
            at: second(at),
            verdict: Verdict { status, since: Some(second(at)), ..Verdict::none_yet() },
            withdrawn: None,
        },
    }
}

/// A site that answers, with these notes since then.
fn noted(at: u64, name: &str, kinds: &[NoteKind]) -> Published {
    let mut published = news(at, name, Up);
    let notes = kinds.iter().map(|kind| Note { kind: *kind, since: second(at) });
    published.news.verdict.notes = notes.collect();
    published
}

/// Self-doubt since then: the verdicts are withdrawn.
fn ours(at: u64, name: &str, since: u64) -> Published {
    let mut published = news(at, name, Unknown);
    published.news.verdict.since = Some(second(since));
    published.news.verdict.doubt = Some(SelfDoubt::Intercepted);
    published.news.withdrawn = Some(second(since));
    published
}

fn message(draft: &MessageDraft) -> Message {
    serde_json::from_value(draft.message.clone()).unwrap()
}

fn words(draft: &MessageDraft) -> String {
    let message = message(draft);
    let page = message.data.page.replace("https://up.example", "");
    format!("{}: {} ({page})", message.kind, message.data.title)
}

#[test]
fn what_shares_a_provider_within_the_window_is_one_message() {
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan(10, &[(9, "a1", Down), (10, "b1", Down)]), [""; 0]);
    assert_eq!(world.plan(20, &[(20, "a2", Slow)]), [""; 0]);
    assert_eq!(
        world.plan(24, &[]),
        ["site.down: 2 sites at Amazon Web Services are in trouble (/providers/aws)"],
        "the window is that of the first"
    );
    assert_eq!(world.plan(25, &[]), ["site.down: b1 is down (/b1)"]);
    assert_eq!(world.plan(26, &[]), [""; 0], "each is told once");
    assert_eq!(
        world.plan(90, &[(60, "a1", Up), (61, "a2", Up)]),
        ["site.recovered: 2 sites at Amazon Web Services are up again (/providers/aws)"]
    );
}

#[test]
fn a_flap_is_told_in_its_order() {
    let mut world = PlanWorld::new(channel());
    let flap = [(1, "a1", Down), (2, "a2", Down), (3, "a1", Up), (4, "a1", Down)];
    assert_eq!(
        world.plan(60, &flap),
        [
            "site.down: 2 sites at Amazon Web Services are down (/providers/aws)",
            "site.recovered: a1 is up again (/a1)",
            "site.down: a1 is unstable (/a1)",
        ]
    );
}

#[test]
fn more_causes_at_once_than_anybody_would_read_are_one_message() {
    let mut world = PlanWorld::new(channel());
    let names: Vec<String> = (0..7).map(|n| format!("n{n}")).collect();
    let all: Vec<_> = names.iter().map(|name| (1, name.as_str(), Down)).collect();
    assert_eq!(world.plan(30, &all[..5]).len(), 5);
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan(30, &all), ["site.down: 7 sites are down (/)"]);
}

#[test]
fn what_is_old_is_known_and_not_told() {
    let mut world = PlanWorld::new(channel());
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
        PlanWorld::new(channel).plan(30, &all)
    };
    assert_eq!(
        with(&|rule| rule.sites = vec![Slug::new("n0").unwrap()]),
        ["site.down: n0 is down (/n0)"]
    );
    assert_eq!(with(&|rule| rule.providers = vec!["bee".into()]), ["site.down: b1 is down (/b1)"]);
    assert_eq!(with(&|rule| rule.tags = vec!["music".into()]), [""; 0]);
    let mut aws = channel();
    aws.rule.providers = vec!["aws".into()];
    let found = PlanWorld::new(aws).plan(30, &[(1, "found", Down)]);
    assert_eq!(found, ["site.down: found is down (/found)"], "what was found out counts");
    assert_eq!(with(&|rule| rule.tags = vec!["chat".into(), "music".into()]).len(), 3);
    assert_eq!(with(&|rule| rule.on = vec![Topic::Slow]), [""; 0]);
}

#[test]
fn quiet_hours_hold_back_also_what_was_ready_before_them() {
    let mut channel = channel();
    // Postgres was away from 21:59 to 22:30.
    channel.rule.quiet = Some(Quiet::new("22:00-07:00", "UTC", vec![]).unwrap());
    let mut world = PlanWorld::new(channel);
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
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan_with(60, &[(1, "a1", Down)], true).len(), 0);
    assert_eq!(
        world.plan(60, &[(2, "a1", Unknown), (3, "b1", Down)]),
        ["site.down: a1 is down (/a1)", "site.down: b1 is down (/b1)"]
    );
}

#[test]
fn a_site_that_left_the_catalogue_is_no_news() {
    let mut world = PlanWorld::new(channel());
    assert_eq!(world.plan(2, &[(1, "a1", Down), (1, "gone", Down)]), [""; 0]);
    world.board.set_catalogue(&[site("b1", Some("bee"))]);
    assert_eq!(world.plan(60, &[]), [""; 0]);
    assert_eq!(world.cases.iter().filter(|known| known.case.ready.is_some()).count(), 0);
}

const AWS: [&str; 3] = ["a1", "a2", "found"];

#[test]
fn what_was_told_and_was_our_own_trouble_is_taken_back_in_one_message() {
    let mut world = PlanWorld::new(channel());
    let told = world.plan(30, &[(1, "a1", Down), (2, "a2", Down), (3, "n0", Down)]);
    assert_eq!(told.len(), 2);
    // One more is about to be announced.
    assert_eq!(world.plan(41, &[(40, "n1", Down)]), [""; 0]);
    let all = ["a1", "a2", "n0", "n1"].map(|name| ours(45, name, 0)).to_vec();
    let back = world.plan_news(46, all, false);
    assert_eq!(
        back.iter().map(words).collect::<Vec<_>>(),
        [
            "site.recovered: 2 sites at Amazon Web Services were not in trouble: we were \
             (/providers/aws)",
            "site.recovered: n0 was not in trouble: we were (/n0)",
        ]
    );
    let said = message(&back[1]);
    assert!(
        said.data.summary.ends_with(" We take back that it was down from 20:00 UTC."),
        "{}",
        said.data.summary
    );
    assert!(said.data.sites[0].withdrawn);
    let well = ["a1", "a2", "n0", "n1"].map(|name| (100, name, Up));
    assert_eq!(world.plan(200, &well), [""; 0], "nobody was told that they are down");
}

#[test]
fn a_slow_stretch_that_turns_to_down_is_told_and_not_taken_back_for_our_own_slowness() {
    let mut slow_too = channel();
    slow_too.rule.on = Topic::ALL.to_vec();
    let mut world = PlanWorld::new(slow_too);
    assert_eq!(world.plan(30, &[(1, "n0", Slow)]), ["site.slow: n0 is slow (/n0)"]);
    assert_eq!(world.plan(100, &[(60, "n0", Down)]), ["site.down: n0 is down (/n0)"]);
    // A doubt that began after both leaves what was told as it is.
    let mut doubt = ours(150, "n0", 140);
    doubt.news.withdrawn = None;
    assert!(world.plan_news(170, vec![doubt], false).is_empty());
    assert_eq!(world.plan(300, &[(200, "n0", Up)]), ["site.recovered: n0 is up again (/n0)"]);
}

#[test]
fn a_dutch_channel_is_told_in_dutch() {
    let mut world = PlanWorld::new(Channel { language: "nl", ..channel() });
    let told = world.plan_with(30, &[(1, "n0", Down)], false);
    assert_eq!(message(&told[0]).data.title, "n0 ligt eruit");
    let back = message(&world.plan_news(46, vec![ours(45, "n0", 0)], false)[0]);
    assert_eq!(back.data.title, "Het lag aan ons, niet aan n0");
    let end = " We zeiden dat de site er vanaf 20:00 UTC uit lag; dat nemen we terug.";
    assert!(back.data.summary.ends_with(end), "{}", back.data.summary);
}

#[test]
fn a_flapping_site_sends_two_messages_in_half_an_hour_at_most() {
    let mut world = PlanWorld::new(channel());
    let mut sent = 0;
    for n in 0..720 {
        let at = n * 60;
        let status = if n % 3 == 0 { Down } else { Up };
        sent += world.plan(at + 20, &[(at, "n0", status)]).len();
    }
    assert_eq!(sent, 3, "down, up again, unstable; it has not been calm since");
}
