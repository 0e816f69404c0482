//! The journal keeps what it was given, whatever happens in between.

use std::fs;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// About as long as a check is.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TestEntry {
    at: i64,
    text: String,
}

fn entry(at: i64) -> TestEntry {
    TestEntry { at, text: "no such name".repeat(20) }
}

fn lines(range: std::ops::Range<i64>) -> Vec<u8> {
    let mut buffer = Vec::new();
    range.for_each(|n| write_line(&entry(n), &mut buffer));
    buffer
}

fn moments(entries: &[TestEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.at).collect()
}

fn begin(writer: &mut Writer, snapshot: &[u8]) {
    writer.begin_snapshot().unwrap();
    writer.add_to_snapshot(snapshot).unwrap();
    writer.end_snapshot().unwrap();
}

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path().join("journal")).unwrap();
    (dir, folder)
}

#[test]
fn what_is_appended_is_read_once_over_segments_and_restarts() {
    let (_dir, folder) = folder();
    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(0..2));
    writer.append(&lines(2..5)).unwrap();
    let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
    assert_eq!(moments(&reader.read(3).unwrap()), [0, 1, 2]);
    reader.done().unwrap();

    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(5..6));
    let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
    assert_eq!(moments(&reader.read(99).unwrap()), [3, 4, 5]);
    writer.append(&lines(6..7)).unwrap();
    assert_eq!(moments(&reader.read(99).unwrap()), [6]);
    assert_eq!(reader.behind().unwrap(), 0);
    reader.done().unwrap();
    assert_eq!(folder.segments().unwrap(), [2], "the first segment was let go of");
}

#[test]
fn what_was_not_said_to_be_done_is_read_again() {
    let (_dir, folder) = folder();
    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(0..3));
    assert_eq!(Reader::<TestEntry>::resume(folder.clone()).unwrap().read(9).unwrap().len(), 3);
    assert_eq!(Reader::<TestEntry>::resume(folder).unwrap().read(9).unwrap().len(), 3);
}

#[test]
fn a_place_past_all_segments_is_that_of_another_journal() {
    let (_dir, folder) = folder();
    fs::write(folder.path().join("recorded.json"), "{\"segment\":7,\"offset\":12}").unwrap();
    let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
    begin(&mut Writer::new(folder.clone(), 1 << 20).unwrap(), &lines(0..2));
    assert_eq!(moments(&reader.read(9).unwrap()), [0, 1], "its segments were removed");
    let mut reader = Reader::<TestEntry>::resume(folder).unwrap();
    assert_eq!(moments(&reader.read(9).unwrap()), [0, 1], "nothing was noted since");
}

#[test]
fn a_torn_last_line_is_dropped_and_a_senseless_one_passed_over() {
    let (_dir, folder) = folder();
    let mut torn = lines(0..2);
    torn.extend(b"{\"nonsense\":1}\n");
    torn.extend(lines(2..3));
    torn.extend(b"{\"at\":{\"text\"");
    begin(&mut Writer::new(folder.clone(), 1 << 20).unwrap(), &torn);
    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(3..4));
    let mut reader = Reader::<TestEntry>::resume(folder).unwrap();
    assert_eq!(moments(&reader.read(99).unwrap()), [0, 1, 2, 3]);
}

#[test]
fn a_line_that_never_ends_is_passed_over_in_pieces_that_fit_in_memory() {
    let (_dir, folder) = folder();
    let mut damaged = lines(0..2);
    // Longer than any line may be: what is left of it after that is not a line of its own.
    damaged.extend(vec![b' '; 16 << 20]);
    damaged.extend(lines(2..3));
    damaged.extend(lines(3..4));
    begin(&mut Writer::new(folder.clone(), 1 << 30).unwrap(), &damaged);
    let mut reader = Reader::<TestEntry>::resume(folder).unwrap();
    assert_eq!(moments(&reader.read(99).unwrap()), [0, 1, 3]);
    assert_eq!(reader.behind().unwrap(), 0);
}

#[test]
fn past_its_limit_it_refuses_until_the_recorder_lets_go() {
    let (_dir, folder) = folder();
    let some = lines(0..10);
    let limit = some.len() as u64 * 2;
    let mut writer = Writer::new(folder.clone(), limit).unwrap();
    begin(&mut writer, &some);
    writer.append(&some).unwrap();
    writer.append(&some).unwrap();
    assert!(matches!(writer.append(&some), Err(AppendError::Full(_))));
    assert_eq!(folder.bytes().unwrap(), limit + some.len() as u64, "its snapshot is beside it");

    let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
    assert_eq!(reader.read(99).unwrap().len(), 30);
    let mut writer = Writer::new(folder.clone(), limit * 2).unwrap();
    begin(&mut writer, &some);
    assert_eq!(reader.read(99).unwrap().len(), 10);
    reader.done().unwrap();
    assert_eq!(folder.bytes().unwrap(), some.len() as u64);
}

#[test]
fn a_snapshot_of_whatever_size_never_keeps_the_recorder_from_letting_go() {
    let entries = lines(0..10);
    for times in [0, 1, 2, 5, 20] {
        let (_dir, folder) = folder();
        let (snapshot, limit) = (entries.repeat(times), entries.len() as u64 * 8);
        let mut writer = Writer::new(folder.clone(), limit).unwrap();
        let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
        for _ in 0..100 {
            if writer.wants_snapshot() {
                begin(&mut writer, &snapshot);
            }
            writer.append(&entries).unwrap();
            while !reader.read(99).unwrap().is_empty() {}
            reader.done().unwrap();
        }
        assert!(folder.bytes().unwrap() <= limit + 2 * snapshot.len() as u64, "{times}");
    }
}

#[test]
fn a_snapshot_larger_than_a_segment_does_not_make_each_append_begin_another() {
    let (_dir, folder) = folder();
    let mut writer = Writer::new(folder, 1 << 40).unwrap();
    assert!(writer.wants_snapshot());
    let line = vec![b'x'; 33 << 20];
    begin(&mut writer, &line);
    assert!(!writer.wants_snapshot());
    writer.append(b"a\n").unwrap();
    for _ in 0..4 {
        assert!(!writer.wants_snapshot());
        writer.append(&line).unwrap();
    }
    assert!(writer.wants_snapshot());
}

#[test]
fn however_little_it_may_take_it_is_not_full_of_what_postgres_has() {
    let (_dir, folder) = folder();
    let (sites, some) = (lines(0..10), lines(10..11));
    let mut writer = Writer::new(folder.clone(), sites.len() as u64 * 10).unwrap();
    let mut reader = Reader::<TestEntry>::resume(folder).unwrap();
    for _ in 0..1_000 {
        if writer.wants_snapshot() {
            begin(&mut writer, &sites);
        }
        writer.append(&some).unwrap();
        while !reader.read(99).unwrap().is_empty() {}
        reader.done().unwrap();
    }
}

#[test]
fn a_snapshot_that_fails_does_not_take_the_appends_with_it() {
    let (_dir, folder) = folder();
    let some = lines(0..10);
    let mut writer = Writer::new(folder.clone(), some.len() as u64 * 3).unwrap();
    // There is no segment yet: nothing could be appended.
    writer.begin_snapshot().unwrap();
    assert!(writer.give_up_snapshot(AppendError::Full(1)).is_err());
    assert!(writer.wants_snapshot());

    begin(&mut writer, &some);
    begin(&mut writer, &lines(10..11));
    writer.begin_snapshot().unwrap();
    writer.add_to_snapshot(&lines(0..30)).unwrap();
    let full = writer.end_snapshot().unwrap_err();
    assert!(matches!(full, AppendError::Full(_)));
    writer.give_up_snapshot(full).unwrap();
    assert!(!folder.path().join("next.draft").exists(), "its room is free again");
    writer.append(&lines(11..12)).unwrap();

    // And when the disk refuses it.
    fs::create_dir(folder.path().join("next.draft")).unwrap();
    let refused = writer.begin_snapshot().unwrap_err();
    assert!(matches!(refused, AppendError::Disk(_)));
    writer.give_up_snapshot(refused).unwrap();
    writer.append(&lines(12..13)).unwrap();
    let read = Reader::<TestEntry>::resume(folder.clone()).unwrap().read(99).unwrap();
    assert_eq!(moments(&read), (0..13).collect::<Vec<_>>());

    fs::remove_dir(folder.path().join("next.draft")).unwrap();
    begin(&mut writer, &lines(0..1));
    assert_eq!(folder.segments().unwrap(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_failed_is_tried_again_a_while_later() {
    let (_dir, folder) = folder();
    let mut writer = Writer::new(folder, 1 << 30).unwrap();
    begin(&mut writer, &lines(0..1));
    tokio::time::advance(std::time::Duration::from_secs(601)).await;
    assert!(writer.wants_snapshot());
    writer.begin_snapshot().unwrap();
    writer.give_up_snapshot(AppendError::Full(1)).unwrap();
    assert!(!writer.wants_snapshot());
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    assert!(writer.wants_snapshot());
}

#[test]
fn a_draft_is_not_a_segment() {
    let (_dir, folder) = folder();
    fs::write(folder.path().join("next.draft"), lines(0..1)).unwrap();
    assert!(Reader::<TestEntry>::resume(folder).unwrap().read(9).unwrap().is_empty());
}

#[test]
fn replay_gives_everything_that_is_there() {
    let (_dir, folder) = folder();
    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(0..2));
    begin(&mut writer, &lines(2..3));
    let mut seen = Vec::new();
    folder.replay(|entry| seen.push(entry)).unwrap();
    assert_eq!(moments(&seen), [0, 1, 2]);
}

#[test]
fn it_knows_how_many_entries_of_a_kind_wait_also_after_a_restart() {
    let (_dir, folder) = folder();
    let counted = |entry: &TestEntry| entry.at % 2 == 0;
    assert_eq!(folder.waiting(counted).unwrap(), 0);
    begin(&mut Writer::new(folder.clone(), 1 << 20).unwrap(), &lines(0..2_500));
    let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
    reader.read(300).unwrap();
    assert_eq!(folder.waiting(counted).unwrap(), 1_250, "Postgres did not say that it has them");
    reader.done().unwrap();
    assert_eq!(folder.waiting(counted).unwrap(), 1_100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_between_lines_costs_no_line_and_breaks_no_reader(
        damage in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..8),
        position in "\\PC{0,20}|[{}\":a-z0-9]{0,30}",
    ) {
        let (_dir, folder) = folder();
        let mut text = Vec::new();
        for (at, damage) in damage.iter().enumerate() {
            text.extend(damage);
            text.push(b'\n');
            text.extend(lines(at as i64..at as i64 + 1));
        }
        begin(&mut Writer::new(folder.clone(), 1 << 20).unwrap(), &text);
        fs::write(folder.path().join("recorded.json"), position).unwrap();
        let mut reader = Reader::<TestEntry>::resume(folder.clone()).unwrap();
        reader.read(99).unwrap();
        let mut all = Vec::new();
        folder.replay(|entry: TestEntry| all.push(entry.at)).unwrap();
        prop_assert_eq!(all, (0..damage.len() as i64).collect::<Vec<_>>());
    }
}

#[test]
fn a_journal_that_is_removed_begins_anew_and_what_is_appended_then_is_read() {
    let (dir, folder) = folder();
    let mut writer = Writer::new(folder.clone(), 1 << 20).unwrap();
    begin(&mut writer, &lines(0..2));
    fs::remove_dir_all(folder.path()).unwrap();
    assert!(writer.wants_snapshot());
    begin(&mut writer, &lines(2..4));
    writer.append(&lines(4..5)).unwrap();
    let read = || Reader::<TestEntry>::resume(folder.clone()).unwrap().read(99).unwrap();
    assert_eq!(moments(&read()), [2, 3, 4]);

    // Where there is no place for it either, nothing is taken until there is.
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(writer.wants_snapshot());
    let error = writer.begin_snapshot().unwrap_err();
    writer.give_up_snapshot(error).unwrap_err();
    writer.append(&lines(5..6)).unwrap_err();
    fs::create_dir(dir.path()).unwrap();
    assert!(writer.wants_snapshot());
    begin(&mut writer, &lines(6..7));
    assert_eq!(moments(&read()), [6]);
}
