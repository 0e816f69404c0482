//! Verdicts of a judge on a site over time: stretches of `down` and of `slow`, and of failing now
//! and then.

use model::{
    note::NoteKind,
    verdict::{Status, Verdict},
};

use crate::world::Ms;

/// A stretch of one bad status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Episode {
    pub(crate) status: Status,
    /// Moment of the report.
    pub(crate) said: Ms,
    /// Reported beginning.
    pub(crate) since: Ms,
    /// Moment of the report of its end, and its reported end.
    pub(crate) ended: Option<(Ms, Ms)>,
}

/// All verdicts on a site.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    status: Status,
    changed: Ms,
    pub(crate) episodes: Vec<Episode>,
    pub(crate) unknown: Ms,
    /// Moments at which "fails now and then" was noted, and at which the note ended.
    pub(crate) noted: Vec<(Ms, Option<Ms>)>,
    /// Number of changes between restricted and not.
    pub(crate) walls: u64,
    restricted: bool,
    /// Looks, and those that failed.
    pub(crate) looks: u64,
    pub(crate) failed: u64,
    /// Withdrawn episodes.
    pub(crate) withdrawn: Vec<Episode>,
    /// Moments at which it was called down in places.
    pub(crate) partial: Vec<Ms>,
    /// Number of changes of the status.
    pub(crate) changes: usize,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            status: Status::Unknown,
            changed: 0,
            episodes: Vec::new(),
            unknown: 0,
            withdrawn: Vec::new(),
            partial: Vec::new(),
            changes: 0,
            noted: Vec::new(),
            walls: 0,
            restricted: false,
            looks: 0,
            failed: 0,
        }
    }
}

impl Track {
    /// The judge says this now, and that it holds since then. `partial` and `unknown` are neither
    /// bad nor good.
    pub(crate) fn say(&mut self, now: Ms, status: Status, since: Ms) {
        if status == self.status {
            return;
        }
        if self.status == Status::Unknown {
            self.unknown += now - self.changed;
        } else if self.status != Status::Partial
            && let Some(last) = self.episodes.last_mut().filter(|last| last.ended.is_none())
        {
            last.ended = Some((now, since));
        }
        self.changes += 1;
        if status == Status::Partial {
            self.partial.push(now);
        }
        if matches!(status, Status::Down | Status::Slow) {
            self.episodes.push(Episode { status, said: now, since, ended: None });
        }
        (self.status, self.changed) = (status, now);
    }

    /// Takes the notes beside the status. A status without notes, such as down, ends none of them.
    pub(crate) fn note(&mut self, now: Ms, verdict: &Verdict) {
        let noted = verdict.notes.iter().any(|note| note.kind == NoteKind::Intermittent);
        if !noted && !matches!(verdict.status, Status::Up | Status::Slow) {
            return;
        }
        match self.noted.last_mut().filter(|(_, until)| until.is_none()) {
            Some((_, until)) if !noted => *until = Some(now),
            None if noted => self.noted.push((now, None)),
            _ => {}
        }
        if !matches!(verdict.status, Status::Up | Status::Slow) {
            return;
        }
        self.walls += u64::from(self.restricted != verdict.restricted);
        self.restricted = verdict.restricted;
    }

    /// Withdraws what is reported to have begun since this moment.
    pub(crate) fn withdraw(&mut self, since: Ms) {
        let ours = self.episodes.iter().filter(|episode| episode.since >= since);
        self.withdrawn.extend(ours.copied());
        self.episodes.retain(|episode| episode.since < since);
    }

    /// Ends the world.
    pub(crate) fn end(&mut self, now: Ms) {
        if self.status == Status::Unknown {
            self.unknown += now - self.changed;
        }
    }
}
