//! What a judge said of a site over time: stretches of `down` and of `slow`, and of failing now and
//! then.

use model::{
    note::NoteKind,
    verdict::{Status, Verdict},
};

use crate::world::Ms;

/// A stretch of one bad status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Episode {
    pub(crate) status: Status,
    /// When it was said.
    pub(crate) said: Ms,
    /// When it is said to have begun.
    pub(crate) since: Ms,
    /// When it was taken back, and when it is said to have ended.
    pub(crate) ended: Option<(Ms, Ms)>,
}

/// All that was said of a site.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    status: Status,
    changed: Ms,
    pub(crate) episodes: Vec<Episode>,
    pub(crate) unknown: Ms,
    /// When it was said that it fails now and then, and when that was taken back.
    pub(crate) noted: Vec<(Ms, Option<Ms>)>,
    /// How often it was said that it turns us away, or no more.
    pub(crate) walls: u64,
    restricted: bool,
    /// Looks, and those that failed.
    pub(crate) looks: u64,
    pub(crate) failed: u64,
    /// What was taken back.
    pub(crate) withdrawn: Vec<Episode>,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            status: Status::Unknown,
            changed: 0,
            episodes: Vec::new(),
            unknown: 0,
            withdrawn: Vec::new(),
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
        if matches!(status, Status::Down | Status::Slow) {
            self.episodes.push(Episode { status, said: now, since, ended: None });
        }
        (self.status, self.changed) = (status, now);
    }

    /// What is said beside the status. Where nothing is said beside it, as of a site that is down,
    /// that takes nothing back.
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

    /// What is said to have begun since this moment is taken back.
    pub(crate) fn withdraw(&mut self, since: Ms) {
        let ours = self.episodes.iter().filter(|episode| episode.since >= since);
        self.withdrawn.extend(ours.copied());
        self.episodes.retain(|episode| episode.since < since);
    }

    /// The world has come to its end.
    pub(crate) fn end(&mut self, now: Ms) {
        if self.status == Status::Unknown {
            self.unknown += now - self.changed;
        }
    }
}
