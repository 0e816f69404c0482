//! The newest outages for feeds and Statuspage, from the board and from older ones of the record.
//!
//! Pure. The text about an outage depends on the outage and its site, never on the time of the
//! request, so that an answer stays the same until there is something new.

use std::{fmt::Write, sync::Arc};

use crate::{
    board::LiveSite,
    i18n::sentence::{cause_words, duration_words},
    store::RecordedOutage,
};
use model::{
    moment::Moment,
    name::Region,
    verdict::{Outage, Status},
};

/// An outage with its site.
#[derive(Clone, Debug)]
pub(in crate::web) struct Incident {
    /// The site.
    pub(in crate::web) watched: Arc<LiveSite>,
    /// The outage.
    pub(in crate::web) outage: Outage,
}

/// The outages of these sites, in the order of their slugs, on the board or in the record, that
/// `wanted` wants: the newest change first, `most` at most.
pub(in crate::web) fn newest(
    sites: &[Arc<LiveSite>],
    recorded: &[RecordedOutage],
    most: usize,
    wanted: impl Fn(&Outage) -> bool,
) -> Vec<Incident> {
    let shown = sites.iter().flat_map(|watched| watched.outages.iter().map(move |o| (watched, o)));
    let older = recorded.iter().filter_map(|row| {
        let place = sites.binary_search_by(|watched| watched.site.slug.cmp(&row.slug)).ok()?;
        let same =
            |o: &Outage| (o.started_at, o.status) == (row.outage.started_at, row.outage.status);
        // What is on the board is newer.
        let shown = sites[place].outages.iter().any(same);
        (!shown).then_some((&sites[place], &row.outage))
    });
    let mut all: Vec<(&Arc<LiveSite>, &Outage)> =
        shown.chain(older).filter(|(_, o)| wanted(o)).collect();
    all.sort_by_key(|(watched, outage)| {
        (std::cmp::Reverse(changed_at(outage)), watched.site.slug.as_str())
    });
    all.truncate(most);
    let own = |(watched, outage): (&Arc<LiveSite>, &Outage)| Incident {
        watched: watched.clone(),
        outage: outage.clone(),
    };
    all.into_iter().map(own).collect()
}

/// The moment when there was last something new about an outage: its end, or else its start.
fn changed_at(outage: &Outage) -> Moment {
    outage.ended_at.unwrap_or(outage.started_at)
}

impl Incident {
    /// The moment when there was last something new about it.
    pub(in crate::web) fn changed_at(&self) -> Moment {
        changed_at(&self.outage)
    }

    /// Permanent id: site, start and kind never change.
    pub(in crate::web) fn key(&self) -> String {
        let start = self.outage.started_at.to_utc().strftime("%Y%m%dT%H%M%S%.3fZ");
        format!("{}/{start}/{}", self.watched.site.slug, self.outage.status.word())
    }

    /// Title in a few words, without a full stop.
    pub(in crate::web) fn title(&self) -> String {
        let name = &self.watched.site.name;
        let (is, was) = match self.outage.status {
            Status::Slow => ("is slow", "was slow"),
            Status::Partial => {
                ("cannot be reached from some places", "could not be reached from some places")
            }
            Status::Down | Status::Up | Status::Unknown => ("is down", "was down"),
        };
        match self.long() {
            None => plain(&format!("{name} {is}")),
            Some(long) => plain(&format!("{name} {was} for {long}")),
        }
    }

    /// Time, duration and cause, in sentences.
    pub(in crate::web) fn text(&self) -> String {
        let start = clock(self.outage.started_at);
        let when = match (self.outage.ended_at, self.long()) {
            (Some(end), Some(long)) => format!("From {start} to {}: {long}.", clock(end)),
            _ => format!("Since {start}."),
        };
        self.with_cause(when)
    }

    /// Start and cause, in sentences that stay as they are when it ends.
    pub(in crate::web) fn start_text(&self) -> String {
        self.with_cause(format!("Since {}.", clock(self.outage.started_at)))
    }

    fn with_cause(&self, mut text: String) -> String {
        if let Some(cause) = &self.outage.cause {
            let _ = write!(text, " As we saw it: {}.", cause_words(cause));
        }
        let regions: Vec<&str> = self.outage.regions.iter().map(Region::as_str).collect();
        if !regions.is_empty() {
            let _ = write!(text, " Seen from {}.", regions.join(", "));
        }
        plain(&text)
    }

    /// Duration; `None` while it is ongoing.
    fn long(&self) -> Option<String> {
        Some(duration_words(self.outage.ended_at?.since(self.outage.started_at)))
    }
}

fn clock(at: Moment) -> String {
    at.to_utc().strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// Text without characters that XML cannot contain.
pub(in crate::web) fn plain(text: &str) -> String {
    let fits = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}
