//! Out of one database and into another: exports and dumps.

use std::{path::Path, process::Command, time::Duration};

use model::{
    history::{History, HistoryRange},
    moment::Moment,
    name::Slug,
    note::{Note, NoteKind},
    rollup::BucketLength,
    verdict::{Change, SelfDoubt, Status, Verdict},
};
use sqlx::PgPool;
use stillup::{
    app::archive::{Export, Format, Import, export, import},
    config::{Config, Flags},
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
};

use crate::support::{at, check, failed, is_skipped_on_cluster, judge, slug, store, until_poll};

const SITE: &str = "a.example";
const DAY: &str = "2026-03-01T00:00:00Z";

/// A database with three days of two sites, judged.
async fn past() -> (Store, TestDatabase) {
    let (store, database) = store().await;
    for site in [SITE, "b.example"] {
        let one = |n: u64| {
            let moment = at(DAY) + Duration::from_mins(2 * n) + Duration::from_millis(n % 7);
            if (1000..1010).contains(&n) {
                failed(site, moment, "refused, \"again\"\u{1F980}")
            } else {
                check(site, moment)
            }
        };
        let checks: Vec<_> = (0..2160).map(one).collect();
        let (changes, state) = judge(&checks);
        let states = vec![(slug(site), state)];
        store.record(&Batch { checks, changes, states, ..Batch::default() }).await.unwrap();
    }
    while store.roll_up(end()).await.unwrap().more {}
    (store, database)
}

fn end() -> Moment {
    at(DAY) + Duration::from_hours(73)
}

fn config(database: &TestDatabase) -> Config {
    let database_url = Some(database.url().into());
    Config::load(&Flags { database_url, ..Flags::default() }).unwrap()
}

fn out(format: Format, path: &Path, resume: bool) -> Export {
    Export { format, output: Some(path.into()), resume, from: None, until: None }
}

async fn history(store: &Store) -> History {
    let range = HistoryRange::new(at(DAY), end(), BucketLength::Hour);
    store.history(&slug(SITE), range, end()).await.unwrap()
}

async fn checks(store: &Store) -> u64 {
    history(store).await.buckets.iter().map(|bucket| bucket.checks).sum()
}

#[tokio::test]
async fn what_is_exported_is_imported_with_the_same_sums_and_outages() {
    let (old, from) = past().await;
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    let (told, format) = (&mut |_| {}, Format::Jsonl);
    assert_eq!(export(&config(&from), &out(format, &first, false), told).await.unwrap(), 4320);
    let (new, to) = store().await;
    let read = Import { file: first.clone(), resume: false };
    assert_eq!(import(&config(&to), &read, told).await.unwrap().checks, 4320);
    assert_eq!(import(&config(&to), &read, told).await.unwrap().checks, 0);
    export(&config(&to), &out(format, &second, false), told).await.unwrap();
    assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    assert_eq!(history(&new).await, history(&old).await);
    let outages = |store: Store| async move {
        let rows = store.outages(&slug(SITE), 9).await.unwrap();
        rows.into_iter().map(|row| row.outage).collect::<Vec<_>>()
    };
    let outages = (outages(new).await, outages(old.clone()).await);
    assert_eq!(outages.0, outages.1);
    assert_eq!(outages.0[0].status, Status::Down);
}

#[tokio::test]
async fn csv_has_a_line_for_each_check_and_is_not_imported() {
    let (_old, from) = past().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("past.csv");
    let exported = out(Format::Csv, &file, false);
    assert_eq!(export(&config(&from), &exported, &mut |_| {}).await.unwrap(), 4320);
    let mut lines = csv::Reader::from_path(&file).unwrap();
    assert_eq!(lines.headers().unwrap().iter().next(), Some("slug"));
    assert_eq!(lines.records().filter(|line| line.as_ref().unwrap().len() == 13).count(), 4320);
    let (new, to) = store().await;
    let read = Import { file, resume: false };
    let error = import(&config(&to), &read, &mut |_| {}).await.unwrap_err();
    assert!(format!("{error:#}").contains("line 1: "), "{error:#}");
    assert_eq!(checks(&new).await, 0);
}

#[tokio::test]
async fn an_export_and_an_import_go_on_where_they_were_killed() {
    let (_old, from) = past().await;
    let dir = tempfile::tempdir().unwrap();
    let (whole, part) = (dir.path().join("whole"), dir.path().join("part"));
    let (config_from, format) = (config(&from), Format::Jsonl);
    export(&config_from, &out(format, &whole, false), &mut |_| {}).await.unwrap();
    let mut cuts = 0;
    for polls in 20..200 {
        let asked = out(format, &part, true);
        let mut told = |_| {};
        let work = export(&config_from, &asked, &mut told);
        if until_poll(polls, Box::pin(work)).await.is_some() {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 0);
    assert_eq!(std::fs::read(&whole).unwrap(), std::fs::read(&part).unwrap());

    let (new, to) = store().await;
    let text = std::fs::read_to_string(&whole).unwrap();
    let broken = format!("{text}{{\"slug\":\"a.example\"}}\n");
    std::fs::write(&part, broken).unwrap();
    let read = |resume| Import { file: part.clone(), resume };
    let wrong = import(&config(&to), &read(false), &mut |_| {}).await.unwrap_err();
    let line = text.lines().count() + 1;
    assert!(format!("{wrong:#}").contains(&format!("line {line}: missing field")), "{wrong:#}");
    std::fs::write(&part, &text).unwrap();
    let mut first = None;
    let mut told = |done: stillup::app::archive::Done| first = first.or(Some(done.done));
    import(&config(&to), &read(true), &mut told).await.unwrap();
    assert_eq!(checks(&new).await, 2160);
}

/// A database without anything in it.
async fn emptied() -> (PgPool, TestDatabase) {
    let database = throwaway::database().await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sqlx::raw_sql(empty).execute(&pool).await.unwrap();
    (pool, database)
}

#[tokio::test]
async fn a_dump_of_postgres_is_a_backup() {
    if is_skipped_on_cluster(
        "a dump of its coordinator begins with the extension, and spreads nothing",
    ) {
        return;
    }
    let (old, from) = past().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("stillup.dump");
    let dumped = Command::new("pg_dump")
        .arg("--format=custom")
        .arg("--file")
        .arg(&file)
        .arg(from.url())
        .status();
    if dumped.is_err() {
        println!("there is no pg_dump on this machine");
        return;
    }
    assert!(dumped.unwrap().success());
    let (_pool, to) = emptied().await;
    let restore = Command::new("pg_restore")
        .args(["--clean", "--if-exists", "--no-owner", "--dbname"])
        .arg(to.url())
        .arg(&file)
        .status();
    assert!(restore.unwrap().success());
    let new = Store::connect(to.options()).await.unwrap();
    assert_eq!(history(&new).await, history(&old).await);
    let checks = |store: Store| async move { store.recent_checks(&slug(SITE), 9_999, None).await };
    let (ours, theirs) = (checks(new.clone()).await.unwrap(), checks(old).await.unwrap());
    assert_eq!((ours.len(), ours), (2160, theirs));
    let next = check(SITE, end());
    assert_eq!(new.record(&crate::support::plain(vec![next])).await.unwrap().checks, 1);
}

/// A change of a site, an hour after the one before it.
fn change(n: u32, verdict: Verdict) -> (Slug, Change) {
    let moment = at(DAY) + Duration::from_hours(1) * n;
    let verdict = Verdict { since: Some(moment), ..verdict };
    (
        slug(SITE),
        Change {
            at: moment,
            from: moment,
            verdict,
            outages: vec![],
            withdrawn: None,
            outages_only: false,
        },
    )
}

#[tokio::test]
async fn verdicts_are_exported_for_as_long_as_they_are_kept_and_as_they_were() {
    let (old, from) = store().await;
    let up = Verdict { status: Status::Up, ..Verdict::none_yet() };
    let notes = vec![
        Note { kind: NoteKind::Intermittent, since: at(DAY) + Duration::from_mins(90) },
        Note { kind: NoteKind::LeadsElsewhere, since: at(DAY) },
    ];
    let changes = vec![
        change(0, Verdict { doubt: Some(SelfDoubt::Names), ..Verdict::none_yet() }),
        change(1, Verdict { unstable: true, ..up.clone() }),
        change(2, Verdict { notes, ..up.clone() }),
        change(3, up),
    ];
    // It has been up since; checks are there of the tenth day alone.
    let day = at(DAY) + Duration::from_hours(240);
    let checks = (0..24).map(|n| check(SITE, day + Duration::from_hours(n))).collect();
    old.record(&Batch { checks, changes, ..Batch::default() }).await.unwrap();
    let now = day + Duration::from_hours(24);
    while old.roll_up(now).await.unwrap().more {}
    let dir = tempfile::tempdir().unwrap();
    let (all, part) = (dir.path().join("all"), dir.path().join("part"));
    let config_from = config(&from);
    export(&config_from, &out(Format::Jsonl, &all, false), &mut |_| {}).await.unwrap();
    let asked = Export { from: Some(day), ..out(Format::Jsonl, &part, false) };
    export(&config_from, &asked, &mut |_| {}).await.unwrap();
    let lines = |path| std::fs::read_to_string(path).unwrap().lines().count();
    assert_eq!((lines(&all), lines(&part)), (28, 25), "with the verdict that held");
    for file in [all, part] {
        let (new, to) = store().await;
        let read = Import { file: file.clone(), resume: false };
        import(&config(&to), &read, &mut |_| {}).await.unwrap();
        let range = HistoryRange::new(day, now, BucketLength::Hour);
        let hours = async |store: &Store| store.history(&slug(SITE), range, now).await.unwrap();
        assert_eq!(hours(&new).await, hours(&old).await);
        let again = dir.path().join("again");
        export(&config(&to), &out(Format::Jsonl, &again, false), &mut |_| {}).await.unwrap();
        assert_eq!(sorted(&file), sorted(&again));
    }
}

fn sorted(file: &Path) -> Vec<String> {
    let mut lines: Vec<String> =
        std::fs::read_to_string(file).unwrap().lines().map(Into::into).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_line_that_is_wrong_is_named_and_what_came_before_it_is_in_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let json = |slug: &str, at: &str, outcome: &str| {
        format!(
            "{{\"slug\":\"{slug}\",\"region\":\"change\",\"at\":\"{at}\",\"outcome\":\"{outcome}\",\
             \"restricted\":false,\"http_status\":200,\"dns_ms\":null,\"connect_ms\":1.5,\
             \"tls_ms\":null,\"wait_ms\":2,\"transfer_ms\":null,\"attempts\":1,\"detail\":\"change\"}}\n"
        )
    };
    let good = json("change", DAY, "connect") + &json(SITE, "2026-03-01T00:01:00Z", "ok");
    let wrong = [
        (SITE, DAY, "okay", "outcome: \"okay\" is not an outcome"),
        (SITE, "0001-01-01T00:00:00Z", "ok", "at: 0001-01-01T00:00:00.000Z is not between"),
        (SITE, "9999-12-30T00:00:00Z", "ok", "is not between 2000-01-01T00:00:00.000Z and now"),
        ("not a slug", DAY, "ok", "slug"),
    ];
    for (site, moment, outcome, why) in wrong {
        let text = good.clone() + &json(site, moment, outcome);
        let (new, to) = store().await;
        let file = dir.path().join("lines");
        std::fs::write(&file, &text).unwrap();
        let read = |resume| Import { file: file.clone(), resume };
        let error = import(&config(&to), &read(false), &mut |_| {}).await.unwrap_err();
        let said = format!("{error:#}");
        assert!(said.contains("line 3: ") && said.contains(why), "{said}");
        let there = async || new.recent_checks(&slug("change"), 9, None).await.unwrap().len();
        assert_eq!(there().await, 1, "{said}");
        // After the repair it resumes from there; cut short, it cannot.
        let end = text.len() - text.lines().last().unwrap().len() - 1;
        std::fs::write(&file, &text[..end]).unwrap();
        assert_eq!(import(&config(&to), &read(false), &mut |_| {}).await.unwrap().checks, 0);
        std::fs::write(&file, &text).unwrap();
        import(&config(&to), &read(false), &mut |_| {}).await.unwrap_err();
        std::fs::write(&file, &text[..end / 2]).unwrap();
        let short = import(&config(&to), &read(true), &mut |_| {}).await.unwrap_err();
        assert!(format!("{short:#}").contains("shorter than what was read"), "{short:#}");
        std::fs::remove_file(dir.path().join("lines.bookmark")).unwrap();
    }
}
