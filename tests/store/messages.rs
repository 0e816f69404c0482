//! News is there with its verdict, a plan is whole or not at all, and a message has one sender.

use std::time::Duration;

use model::{
    moment::Moment,
    name::Region,
    note::{Note, NoteKind},
    notification::{
        channel_state::{ChannelState, Subject, VerdictNews},
        rule::Topic,
    },
    provider::ProviderEvent,
    verdict::{Change, SelfDoubt, Status, Verdict, Withdrawn},
};
use sqlx::PgPool;
use stillup::{
    private_postgres::throwaway::TestDatabase,
    store::{Batch, ChannelKnowledge, MessageDraft, NotifiedEvent, PlanResult, Store, Unplanned},
};

use crate::support::{NOON, at, failed, judge, slug, store};

fn names() -> Vec<String> {
    vec!["team".to_owned()]
}

fn later(seconds: u64) -> Moment {
    at(NOON) + Duration::from_secs(seconds)
}

/// A site goes down: two failed checks and the change that they cause.
fn goes_down(name: &str) -> Batch {
    let checks = vec![failed(name, later(0), "refused"), failed(name, later(5), "refused")];
    let (changes, state) = judge(&checks);
    assert_eq!(changes.last().unwrap().1.verdict.status, Status::Down);
    Batch { checks, changes, states: vec![(slug(name), state)], ..Batch::default() }
}

/// Plans nothing, and returns the input of the plan.
async fn unplanned(store: &Store) -> Option<Unplanned> {
    let mut seen = None;
    let names = names();
    let planned = store.plan_messages(&names, later(60), |unplanned| {
        seen = Some(unplanned);
        PlanResult::default()
    });
    planned.await.unwrap()?;
    Some(seen.unwrap_or_default())
}

fn draft(text: &str) -> MessageDraft {
    let message = serde_json::json!({ "text": text, "nul": "\0" });
    MessageDraft { channel: "team".to_owned(), message, not_before: later(60) }
}

async fn pool(database: &TestDatabase) -> PgPool {
    PgPool::connect_with(database.options()).await.unwrap()
}

async fn has_drafts(store: &Store, texts: &[&str]) {
    store.record(&goes_down("draft.example")).await.unwrap();
    let drafts = texts.iter().map(|text| draft(text)).collect();
    let planned = PlanResult { drafts, ..PlanResult::default() };
    let made = store.plan_messages(&names(), later(60), |_| planned).await.unwrap();
    assert_eq!(made, Some(texts.len()));
}

#[tokio::test]
async fn news_is_there_with_the_verdict_once_however_often_it_is_recorded() {
    let (store, _database) = store().await;
    store.record(&goes_down("early.example")).await.unwrap();
    store.set_channels(&names(), later(0)).await.unwrap();
    assert!(unplanned(&store).await.unwrap().news.is_empty(), "nobody was there to be told");
    let batch = goes_down("a.example");
    for _ in 0..2 {
        store.record(&batch).await.unwrap();
    }
    let seen = unplanned(&store).await.unwrap();
    let news: Vec<_> = seen.news.iter().map(|n| (n.slug.as_str(), n.news.verdict.status)).collect();
    let change = &batch.changes.last().unwrap().1;
    assert_eq!(news.last(), Some(&("a.example", Status::Down)));
    assert_eq!(news.len(), batch.changes.len());
    assert_eq!(seen.news.last().unwrap().news.verdict, change.verdict);
    assert_eq!(seen.added, [("team".to_owned(), later(0))]);
    assert!(unplanned(&store).await.unwrap().news.is_empty(), "it was taken");
}

#[tokio::test]
async fn a_plan_that_is_cut_changes_nothing() {
    let (store, database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    store.record(&goes_down("a.example")).await.unwrap();
    let pool = pool(&database).await;
    let refuse = "ALTER TABLE messages ADD CONSTRAINT no CHECK (channel <> 'team')";
    sqlx::query(refuse).execute(&pool).await.unwrap();
    let planned = PlanResult { drafts: vec![draft("x")], ..PlanResult::default() };
    store.plan_messages(&names(), later(60), |_| planned).await.unwrap_err();
    sqlx::query("ALTER TABLE messages DROP CONSTRAINT no").execute(&pool).await.unwrap();
    assert!(!unplanned(&store).await.unwrap().news.is_empty(), "the news is still there");
    assert_eq!(store.count_messages(later(400)).await.unwrap(), []);
}

#[tokio::test]
async fn cases_read_back_and_wake_when_they_are_ready() {
    let (store, _database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    store.record(&goes_down("a.example")).await.unwrap();
    let mut kept: Option<ChannelKnowledge> = None;
    let plan = |unplanned: Unplanned| {
        let news = unplanned.news.last().unwrap().news.clone();
        let mut case = ChannelState::new(Subject::Status, news);
        (case.told, case.began) = (Some(Topic::Slow), Some(later(3)));
        (case.ready, case.over) = (Some(later(30)), Some(later(1)));
        (case.restless, case.tellings) = (true, 3);
        case.news.verdict.unstable = true;
        let known = ChannelKnowledge { channel: "team".to_owned(), slug: slug("a.example"), case };
        kept = Some(known.clone());
        PlanResult { cases: vec![known], ..PlanResult::default() }
    };
    store.plan_messages(&names(), later(10), plan).await.unwrap();
    let (mut asked, names) = (0, names());
    for (now, want) in [(29, 0), (30, 1)] {
        let seen = store.plan_messages(&names, later(now), |unplanned| {
            asked += 1;
            assert_eq!(unplanned.cases[0].case, kept.as_ref().unwrap().case);
            PlanResult::default()
        });
        seen.await.unwrap();
        assert_eq!(asked, want, "at {now}");
    }
}

#[tokio::test]
async fn a_case_on_a_note_stands_beside_the_one_on_the_status() {
    let (store, _database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    let mut batch = goes_down("a.example");
    let note = Note { kind: NoteKind::Intermittent, since: later(2) };
    batch.changes.last_mut().unwrap().1.verdict.notes = vec![note];
    let withdrawn = Withdrawn { since: later(1), region: Region::new("local").unwrap() };
    batch.changes.last_mut().unwrap().1.withdrawn = Some(withdrawn);
    store.record(&batch).await.unwrap();
    let mut kept = Vec::new();
    let plan = |unplanned: Unplanned| {
        let news = unplanned.news.last().unwrap().news.clone();
        assert_eq!((&*news.verdict.notes, news.withdrawn), (&[note][..], Some(later(1))));
        for subject in [Subject::Status, Subject::Note(NoteKind::Intermittent)] {
            let mut case =
                ChannelState::new(subject, VerdictNews { withdrawn: None, ..news.clone() });
            (case.told, case.ready) = (Some(Topic::Notes), Some(later(30)));
            kept.push(ChannelKnowledge {
                channel: "team".to_owned(),
                slug: slug("a.example"),
                case,
            });
        }
        PlanResult { cases: kept.clone(), ..PlanResult::default() }
    };
    store.plan_messages(&names(), later(10), plan).await.unwrap();
    let mut seen = Vec::new();
    let names = names();
    let read = store.plan_messages(&names, later(30), |unplanned| {
        seen = unplanned.cases;
        PlanResult::default()
    });
    read.await.unwrap();
    seen.sort_by_key(|known| known.case.subject);
    let case = |known: &ChannelKnowledge| known.case.clone();
    assert_eq!(
        seen.iter().map(case).collect::<Vec<_>>(),
        kept.iter().map(case).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn news_says_that_a_site_is_unstable_and_that_we_doubt_ourselves() {
    let (store, _database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    let mut batch = goes_down("a.example");
    let (name, mut change) = batch.changes.last().unwrap().clone();
    change.verdict.unstable = true;
    batch.changes = vec![(name.clone(), change.clone())];
    let (unstable, at) = (change.verdict.clone(), change.at + Duration::from_secs(1));
    let doubt = Verdict { doubt: Some(SelfDoubt::Names), ..Verdict::none_yet() };
    batch.changes.push((
        name,
        Change {
            at,
            from: at,
            verdict: doubt.clone(),
            outages: vec![],
            withdrawn: None,
            outages_only: false,
        },
    ));
    store.record(&batch).await.unwrap();
    let seen = unplanned(&store).await.unwrap().news;
    assert_eq!(seen[0].news.verdict, unstable);
    assert_eq!(seen[1].news.verdict, doubt);
}

#[tokio::test]
async fn what_a_channel_was_told_of_an_event_is_kept_until_its_end_was_told() {
    let (store, _database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    store.record(&goes_down("a.example")).await.unwrap();
    drop(unplanned(&store).await);
    let mut event = ProviderEvent {
        provider: "aws".into(),
        started_at: later(0),
        noticed_at: later(6),
        ended_at: None,
        sites: [slug("a.example")].into(),
        evidence: None,
        withdrawn_at: None,
    };
    store.record(&Batch { events: vec![event.clone()], ..Batch::default() }).await.unwrap();
    let told =
        NotifiedEvent { channel: "team".into(), provider: "aws".into(), started_at: later(0) };
    let seen = unplanned(&store).await.unwrap();
    assert_eq!((seen.events.as_slice(), seen.told), ([event.clone()].as_slice(), vec![]));
    let names = names();
    let opened = PlanResult { opened: vec![told.clone()], ..PlanResult::default() };
    store.plan_messages(&names, later(60), |_| opened).await.unwrap();
    event.ended_at = Some(later(50));
    store.record(&Batch { events: vec![event.clone()], ..Batch::default() }).await.unwrap();
    let seen = unplanned(&store).await.unwrap();
    assert_eq!((seen.events, seen.told), (vec![event], vec![told.clone()]));
    let closed = PlanResult { closed: vec![told], ..PlanResult::default() };
    store.plan_messages(&names, later(60), |_| closed).await.unwrap();
    let seen = unplanned(&store).await.unwrap();
    assert!(seen.events.is_empty() && seen.told.is_empty());
}

#[tokio::test]
async fn each_process_plans_for_its_own_channels_and_only_one_at_a_time() {
    let (store, database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    let other = Store::connect(database.options()).await.unwrap();
    let both = vec!["team".to_owned(), "new".to_owned()];
    other.set_channels(&both, later(100)).await.unwrap();
    other.set_channels(&[], later(101)).await.unwrap();
    store.record(&goes_down("a.example")).await.unwrap();
    let mine = unplanned(&store).await.unwrap();
    assert!(!mine.news.is_empty() && mine.news.iter().all(|news| news.channel == "team"));
    let pool = pool(&database).await;
    let mut planning = pool.begin().await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock(hashtext('stillup messages'))";
    sqlx::query(lock).execute(&mut *planning).await.unwrap();
    let nothing = |_| -> PlanResult { panic!("another plans") };
    assert_eq!(other.plan_messages(&both, later(100), nothing).await.unwrap(), None);
    planning.rollback().await.unwrap();
    let mut seen = Unplanned::default();
    let planned = other.plan_messages(&both, later(100), |unplanned| {
        seen = unplanned;
        PlanResult::default()
    });
    assert_eq!(planned.await.unwrap(), Some(0));
    seen.added.sort();
    assert_eq!(seen.added, [("new".to_owned(), later(100)), ("team".to_owned(), later(0))]);
    assert!(seen.news.len() == mine.news.len() && seen.news.iter().all(|n| n.channel == "new"));
}

#[tokio::test]
async fn a_message_has_one_sender_at_a_time_and_keeps_its_id() {
    let (store, database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    has_drafts(&store, &["one", "two"]).await;
    let other = Store::connect(database.options()).await.unwrap();
    assert!(store.lend_message("team", later(59), later(90)).await.unwrap().is_none(), "too early");
    let one = store.lend_message("team", later(60), later(90)).await.unwrap().unwrap();
    let two = other.lend_message("team", later(60), later(90)).await.unwrap().unwrap();
    assert_eq!((&one.message["text"], &two.message["text"]), (&"one".into(), &"two".into()));
    assert!(other.lend_message("team", later(89), later(120)).await.unwrap().is_none());
    assert!(other.lend_message("nobody", later(99), later(120)).await.unwrap().is_none());
    // The first sender has died.
    let again = other.lend_message("team", later(90), later(120)).await.unwrap().unwrap();
    assert_eq!((&again.id, again.number, again.tries), (&one.id, one.number, 2));
    other.end_message(again.number, true, "HTTP 200", later(91)).await.unwrap();
    store.return_message(two.number, "HTTP 500", later(300)).await.unwrap();
    assert!(store.lend_message("team", later(299), later(400)).await.unwrap().is_none());
    let two = store.lend_message("team", later(300), later(400)).await.unwrap().unwrap();
    store.end_message(two.number, false, "HTTP 500", later(301)).await.unwrap();
    let counts = store.count_messages(later(400)).await.unwrap();
    let [count] = counts.as_slice() else { panic!("{counts:?}") };
    assert_eq!((count.waiting, count.arrived, count.failed), (0, 1, 1));
}

#[tokio::test]
async fn a_channel_that_nobody_has_had_for_a_week_waits_for_nothing() {
    let (store, _database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    has_drafts(&store, &["one"]).await;
    let week = 7 * 86_400;
    store.set_channels(&[], later(week)).await.unwrap();
    assert!(store.lend_message("team", later(99), later(120)).await.unwrap().is_some());
    store.set_channels(&[], later(week + 1)).await.unwrap();
    assert!(store.lend_message("team", later(week), later(week + 9)).await.unwrap().is_none());
    assert_eq!(store.count_messages(later(week + 2)).await.unwrap()[0].failed, 1);
    store.record(&goes_down("b.example")).await.unwrap();
    store.set_channels(&names(), later(week + 3)).await.unwrap();
    assert!(unplanned(&store).await.unwrap().news.is_empty(), "it is a new channel");
}

#[tokio::test]
async fn too_many_are_given_up_the_oldest_first_and_what_is_past_is_forgotten() {
    let (store, database) = store().await;
    store.set_channels(&names(), later(0)).await.unwrap();
    let pool = pool(&database).await;
    let fill = "INSERT INTO messages (channel, made_at, message, next_at)
                SELECT 'team', $1, to_jsonb(n), $1 FROM generate_series(1, 1003) AS n";
    sqlx::query(fill).bind(later(0).to_datetime()).execute(&pool).await.unwrap();
    assert_eq!(store.tidy_messages(later(1)).await.unwrap(), 3);
    let oldest = store.lend_message("team", later(2), later(60)).await.unwrap().unwrap();
    assert_eq!(oldest.message, 4);
    assert_eq!(store.count_messages(later(400)).await.unwrap()[0].failed, 3);
    store.tidy_messages(later(31 * 86_400)).await.unwrap();
    assert_eq!(store.count_messages(later(400)).await.unwrap()[0].failed, 0);
}
