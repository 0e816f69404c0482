//! What a judge said of a site over time: stretches of `down` and of `slow`.

use stillup::model::verdict::Status;

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
}

impl Default for Track {
    fn default() -> Self {
        Self { status: Status::Unknown, changed: 0, episodes: Vec::new(), unknown: 0 }
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

    /// The world has come to its end.
    pub(crate) fn end(&mut self, now: Ms) {
        if self.status == Status::Unknown {
            self.unknown += now - self.changed;
        }
    }
}
