//! Lines that a node has not acknowledged yet: a journal on disk, one a node, so that one that is
//! away holds up no other. Bounded in bytes and in age: lines beyond that are dropped, oldest
//! first, and reported as a gap. What a disk does not take is held in memory: the node may be there.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::agents::protocol::{Gap, Line, MAX_AGE, MAX_LINES};
use model::moment::Moment;
use prober::journal::{AppendError, Folder, Reader, Writer, write_line};

/// Bytes that lines may take on disk.
pub(super) const MAX_BYTES: u64 = 256 << 20;
/// Size of an unacknowledged outbox at which lines are refused, in bytes.
const HARD_LIMIT: u64 = MAX_BYTES + MAX_BYTES / 4;
/// Bytes of lines in memory while the disk takes none, as they would be on disk.
const MAX_HELD: usize = 1 << 20;

/// Lines that the disk did not take, oldest first: newer than all that is on it.
type UnwrittenLines = Arc<Mutex<Vec<Line>>>;

/// The end of an outbox that lines are put into.
#[derive(Debug)]
pub(super) struct Inlet {
    writer: Writer,
    held: UnwrittenLines,
    /// True while the disk takes nothing.
    is_refused: bool,
}

/// Signal that there is something in an outbox.
#[derive(Debug, Default)]
pub(super) struct Signal {
    news: Notify,
    /// The time at which it is to be sent.
    due: Mutex<Option<Instant>>,
}

/// The end of an outbox that lines are taken out of.
#[derive(Debug)]
pub(super) struct Outlet {
    reader: Reader<Line>,
    folder: Folder,
    limit: u64,
    held: UnwrittenLines,
    /// Lines that were let go of since this was last told.
    lost: Option<Gap>,
}

/// Opens the outbox in a folder, which is made if it is missing.
///
/// # Errors
/// Fails when the disk refuses.
pub(super) fn open(path: &Path) -> io::Result<(Inlet, Outlet)> {
    open_with(path, MAX_BYTES, HARD_LIMIT)
}

pub(super) fn open_with(path: &Path, limit: u64, hard_limit: u64) -> io::Result<(Inlet, Outlet)> {
    let folder = Folder::open(path)?;
    let writer = Writer::new(folder.clone(), hard_limit)?;
    let reader = Reader::resume(folder.clone())?;
    let held = UnwrittenLines::default();
    let inlet = Inlet { writer, held: held.clone(), is_refused: false };
    Ok((inlet, Outlet { reader, folder, limit, held, lost: None }))
}

impl Inlet {
    /// Puts lines in.
    ///
    /// # Errors
    /// Fails when neither the disk nor memory takes them; then none of them is in.
    pub(super) fn put<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a Line> + Clone,
    ) -> Result<(), AppendError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = Vec::new();
        held.iter().for_each(|line| write_line(line, &mut text));
        lines.clone().for_each(|line| write_line(line, &mut text));
        let put = append(&mut self.writer, &text);
        let was_refused = std::mem::replace(&mut self.is_refused, put.is_err());
        match put {
            Ok(()) => held.clear(),
            // A node that is away for so long is no reason to fill the memory too.
            Err(AppendError::Disk(error)) if text.len() <= MAX_HELD => {
                if !was_refused {
                    tracing::error!(%error, "the disk takes nothing; what is seen is sent from memory");
                }
                held.extend(lines.cloned());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn append(writer: &mut Writer, text: &[u8]) -> Result<(), AppendError> {
    if writer.wants_snapshot() {
        // Nothing is needed to understand a line, so that a segment begins with nothing.
        writer.begin_snapshot()?;
        writer.end_snapshot()?;
    }
    writer.append(text)
}

impl Signal {
    /// Says that there is something new, which is to be sent within this time.
    pub(super) fn tell(&self, within: Duration) {
        let at = Instant::now() + within;
        {
            let mut due = self.due();
            *due = Some(due.map_or(at, |due| due.min(at)));
        }
        self.news.notify_one();
    }

    /// Waits until something is to be sent, never longer than `patience`.
    pub(super) async fn wait(&self, patience: Duration) {
        let longest = Instant::now() + patience;
        loop {
            let due = self.due().map_or(longest, |due| due.min(longest));
            if timeout_at(due, self.news.notified()).await.is_err() {
                break;
            }
        }
        *self.due() = None;
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet {
    /// The next lines, oldest first, and those that are let go of since they are too old or too many.
    ///
    /// # Errors
    /// Fails when the disk cannot be read, or refuses; then none of them is passed over.
    pub(super) fn next(&mut self, now: Moment) -> io::Result<(Vec<Line>, Option<Gap>)> {
        loop {
            let full = self.is_full();
            // No more are let go of than have to be.
            let most = if full { MAX_LINES / 10 } else { MAX_LINES };
            let from = self.reader.position();
            let mut lines = self.reader.read(most).inspect_err(|_| self.reader.go_to(from))?;
            if lines.is_empty() {
                let mut held = self.held();
                let count = held.len().min(MAX_LINES);
                lines = held.drain(..count).collect();
                drop(held);
                return Ok((lines, self.lost.take()));
            }
            let too_old = |line: &Line| now.since(line.at()) > MAX_AGE;
            let is_over = |line: &Line| full || too_old(line);
            for line in lines.extract_if(.., |line| is_over(line)) {
                add(&mut self.lost, &line);
            }
            if self.lost.is_some() && lines.is_empty() {
                // Only now is their room free again.
                self.reader.done()?;
                continue;
            }
            return Ok((lines, self.lost.take()));
        }
    }

    /// Lets go of the lines that were taken out.
    ///
    /// # Errors
    /// Fails when the disk refuses; they are sent again after a restart then.
    pub(super) fn done(&mut self) -> io::Result<()> {
        self.reader.done()
    }

    /// Returns whether it is so large that the lines being sent are to be given up.
    pub(super) fn is_full(&self) -> bool {
        self.folder.bytes().is_ok_and(|bytes| bytes > self.limit)
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> u64 {
        let held = u64::from(!self.held().is_empty());
        self.reader.behind().unwrap_or(0).max(held)
    }

    fn held(&self) -> MutexGuard<'_, Vec<Line>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a line as lost; for a gap, the lines that it reports.
pub(super) fn add(gap: &mut Option<Gap>, line: &Line) {
    match line {
        Line::Gap(lost) => lost.add_to(gap),
        // A lookup whose visitor has left is no loss.
        Line::Lookup(_) => {}
        line => Gap { from: line.at(), until: line.at(), lost: 1 }.add_to(gap),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use tokio::time::sleep;

    use model::judge::network_health::{CanaryKind, CanaryResult};

    fn line(second: u64) -> Line {
        let at = Moment::from_millis(1_790_000_000_000) + Duration::from_secs(second);
        Line::Canary(CanaryResult { kind: CanaryKind::Public, at, answered: true })
    }

    #[test]
    fn what_was_not_acknowledged_is_there_again_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let now = line(100).at();
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        inlet.put([line(1), line(2)].iter()).unwrap();
        assert_eq!(outlet.next(now).unwrap(), (vec![line(1), line(2)], None));
        outlet.done().unwrap();
        inlet.put([line(3)].iter()).unwrap();
        assert_eq!(outlet.next(now).unwrap().0, [line(3)]);
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        inlet.put([line(4)].iter()).unwrap();
        assert_eq!(outlet.next(now).unwrap(), (vec![line(3), line(4)], None));
    }

    #[test]
    fn what_is_too_old_is_a_gap_that_names_its_ends() {
        let dir = tempfile::tempdir().unwrap();
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        let lines: Vec<Line> = (0..2_500).map(line).collect();
        inlet.put(lines.iter()).unwrap();
        let now = line(2_100).at() + MAX_AGE;
        let (rest, gap) = outlet.next(now).unwrap();
        assert_eq!(rest, lines[2_100..]);
        assert_eq!(gap, Some(Gap { from: line(0).at(), until: line(2_099).at(), lost: 2_100 }));
    }

    #[test]
    fn a_disk_that_fails_for_a_while_costs_no_line_and_hides_no_loss() {
        let dir = tempfile::tempdir().unwrap();
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        let lines: Vec<Line> = (0..3).map(line).collect();
        inlet.put(lines.iter()).unwrap();
        // What follows the first segment cannot be read…
        let second = dir.path().join("000000000002.jsonl");
        fs::create_dir(&second).unwrap();
        assert!(outlet.next(line(3).at()).is_err());
        fs::remove_dir(&second).unwrap();
        assert_eq!(outlet.next(line(3).at()).unwrap(), (lines, None));
        // …and that lines were let go of cannot be noted.
        inlet.put([line(4), line(5)].iter()).unwrap();
        let draft = dir.path().join("recorded.draft");
        fs::create_dir(&draft).unwrap();
        let now = line(6).at() + MAX_AGE;
        assert!(outlet.next(now).is_err());
        fs::remove_dir(&draft).unwrap();
        let gap = Gap { from: line(4).at(), until: line(5).at(), lost: 2 };
        assert_eq!(outlet.next(now).unwrap(), (Vec::new(), Some(gap)));
    }

    #[test]
    fn what_the_disk_does_not_take_is_sent_from_memory_and_goes_there_once_it_does() {
        let dir = tempfile::tempdir().unwrap();
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        let (draft, now) = (dir.path().join("next.draft"), line(100).at());
        fs::create_dir(&draft).unwrap();
        inlet.put([line(1), line(2)].iter()).unwrap();
        assert!(outlet.waiting() > 0);
        assert_eq!(outlet.next(now).unwrap(), (vec![line(1), line(2)], None));
        outlet.done().unwrap();
        assert_eq!(outlet.waiting(), 0);
        inlet.put([line(3)].iter()).unwrap();
        fs::remove_dir(&draft).unwrap();
        inlet.put([line(4)].iter()).unwrap();
        let (_, mut again) = open(dir.path()).unwrap();
        for outlet in [&mut outlet, &mut again] {
            assert_eq!(outlet.next(now).unwrap(), (vec![line(3), line(4)], None));
            assert_eq!(outlet.next(now).unwrap(), (Vec::new(), None));
        }

        // Memory is bounded, and what is in it is sent in batches of the usual size.
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("next.draft")).unwrap();
        let (mut inlet, mut outlet) = open(dir.path()).unwrap();
        let many: Vec<Line> = (0..1_500).map(line).collect();
        let mut put = 0;
        while inlet.put(many.iter()).is_ok() {
            put += many.len();
        }
        assert!((1_500..20_000).contains(&put), "{put}");
        let mut taken = 0;
        while let (lines, None) = outlet.next(now).unwrap()
            && !lines.is_empty()
        {
            assert!(lines.len() <= MAX_LINES);
            taken += lines.len();
        }
        assert_eq!(taken, put);
    }

    /// Lines of an outbox, whatever stands in its files.
    fn all(dir: &Path) -> Vec<Line> {
        let (mut inlet, mut outlet) = open(dir).unwrap();
        inlet.put([line(9)].iter()).unwrap();
        let mut all = Vec::new();
        while let (lines, _) = outlet.next(line(9).at()).unwrap()
            && !lines.is_empty()
        {
            outlet.done().unwrap();
            all.extend(lines);
        }
        all
    }

    #[test]
    fn an_outbox_that_is_damaged_at_any_byte_loses_no_more_than_that_line() {
        let whole = tempfile::tempdir().unwrap();
        let (mut inlet, mut outlet) = open(whole.path()).unwrap();
        inlet.put((0..3).map(line).collect::<Vec<_>>().iter()).unwrap();
        outlet.done().unwrap();
        let (segment, place) = ("000000000001.jsonl", "recorded.json");
        let read = |name: &str| fs::read(whole.path().join(name)).unwrap();
        let (text, position) = (read(segment), read(place));
        let with = |text: &[u8], position: &[u8]| {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(segment), text).unwrap();
            fs::write(dir.path().join(place), position).unwrap();
            all(dir.path())
        };
        for end in 0..=text.len() {
            let kept = text[..end].split(|byte| *byte == b'\n').count() as u64 - 1;
            let want: Vec<Line> = (0..kept).chain([9]).map(line).collect();
            assert_eq!(with(&text[..end], &position), want, "{end} bytes are left");
        }
        for at in 0..text.len() {
            let mut damaged = text.clone();
            damaged[at] = 0xff;
            let left = with(&damaged, &position);
            // A line whose end is damaged takes the next one with it.
            assert!(left.len() >= 2 && left.last() == Some(&line(9)), "byte {at}: {left:?}");
        }
        for end in 0..=position.len() {
            assert_eq!(with(&text, &position[..end]).len(), 4, "{end} bytes of the place are left");
        }
        for place in
            ["{\"segment\":7,\"offset\":0}", "{\"segment\":18446744073709551615,\"offset\":1}"]
        {
            assert_eq!(with(&text, place.as_bytes()).len(), 4, "{place}");
        }
        assert_eq!(with(&text, b"{\"segment\":1,\"offset\":99999}"), [line(9)], "as it says");
    }

    #[test]
    fn past_its_bytes_the_oldest_go_first_and_the_disk_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let (limit, hard) = (64 << 10, 80 << 10);
        let (mut inlet, mut outlet) = open_with(dir.path(), limit, hard).unwrap();
        let mut put = 0;
        while inlet.put([line(put)].iter()).is_ok() {
            put += 1;
        }
        assert!(outlet.is_full() && outlet.waiting() <= hard);
        let (rest, gap) = outlet.next(line(put).at()).unwrap();
        let lost = gap.unwrap().lost;
        assert!(lost > 0 && rest.last().is_some_and(|last| *last != line(0)), "{lost}");
        assert!(!outlet.is_full());
        inlet.put([line(put)].iter()).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_time_waits_for_others_and_what_is_urgent_takes_them_along() {
        let (signal, second) = (Signal::default(), Duration::from_secs(1));
        let waited = async || {
            let begun = Instant::now();
            signal.wait(60 * second).await;
            begun.elapsed()
        };
        assert_eq!(waited().await, 60 * second);
        signal.tell(4 * second);
        signal.tell(9 * second);
        assert_eq!(waited().await, 4 * second);
        signal.tell(4 * second);
        let (waited_for, ()) = tokio::join!(waited(), async {
            sleep(second).await;
            signal.tell(Duration::ZERO);
        });
        assert_eq!(waited_for, second);
        assert_eq!(waited().await, 60 * second);
    }
}
