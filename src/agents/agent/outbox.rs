//! Lines that a node has not acknowledged yet: a journal on disk, one a node, so that one that is
//! away holds up no other. Bounded in bytes and in age: lines beyond that are dropped, oldest
//! first, and reported as a gap.

use std::{
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
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
/// The end of an outbox that lines are put into.
#[derive(Debug)]
pub(super) struct Inlet {
    writer: Writer,
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
    Ok((Inlet { writer }, Outlet { reader, folder, limit }))
}

impl Inlet {
    /// Puts lines in.
    ///
    /// # Errors
    /// Fails when the disk does not take them; then none of them is in.
    pub(super) fn put<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a Line>,
    ) -> Result<(), AppendError> {
        let mut text = Vec::new();
        for line in lines {
            write_line(line, &mut text);
        }
        if self.writer.wants_snapshot() {
            // Nothing is needed to understand a line, so that a segment begins with nothing.
            self.writer.begin_snapshot()?;
            self.writer.end_snapshot()?;
        }
        self.writer.append(&text)
    }
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
    /// Fails when the disk cannot be read.
    pub(super) fn next(&mut self, now: Moment) -> io::Result<(Vec<Line>, Option<Gap>)> {
        let mut gap = None;
        loop {
            let full = self.is_full();
            // No more are let go of than have to be.
            let mut lines = self.reader.read(if full { MAX_LINES / 10 } else { MAX_LINES })?;
            if lines.is_empty() {
                return Ok((lines, gap));
            }
            let too_old = |line: &Line| now.since(line.at()) > MAX_AGE;
            let is_over = |line: &Line| full || too_old(line);
            for line in lines.extract_if(.., |line| is_over(line)) {
                add(&mut gap, &line);
            }
            if gap.is_some() && lines.is_empty() {
                // Only now is their room free again.
                self.reader.done()?;
                continue;
            }
            return Ok((lines, gap));
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
        self.reader.behind().unwrap_or(0)
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
