//! One stream of events: its place in the board's ring, and the events waiting to be sent.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::response::sse::Event;
use serde::Serialize;
use tokio::{
    sync::watch,
    time::{self, sleep_until},
};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::seats::Seat;
use crate::web::{
    Shared,
    api::{notices::NoticeJson, text_formats::Instant},
};
use model::{moment::Moment, name::Slug, notice::Notice};

/// Longest duration of one stream.
const MAX_LIFE: Duration = Duration::from_hours(1);
/// Time that a reader should wait before it reconnects.
const RECONNECT_AFTER: Duration = Duration::from_secs(3);
/// Changes that are taken from the ring at once.
const MAX_BATCH: usize = 32;

/// The data of a `reset` event: changes were missed, fetch the sites anew.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Reset {
    /// Reason, in words.
    #[schema(example = "some changes were missed")]
    reason: &'static str,
    /// Moment of the reset.
    #[schema(value_type = Instant)]
    as_of: Moment,
}

/// A reader's place in the events of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ReadPosition {
    /// Number of the last change of a verdict that was read.
    number: u64,
    /// Moment of the newest update of a notice that was read.
    said_at: Moment,
}

impl ReadPosition {
    /// The id of the event after which a reader is here: `{run}-{number}-{said_at}`.
    fn id(self, shared: &Shared) -> String {
        format!("{}-{}-{}", shared.started.millis(), self.number, self.said_at.millis())
    }

    /// The place of this id; `None` for one of another run.
    fn read(shared: &Shared, id: &str) -> Option<Self> {
        let (number, said_at) =
            id.strip_prefix(&format!("{}-", shared.started.millis()))?.split_once('-')?;
        let said_at = Moment::from_millis(said_at.parse().ok()?);
        Some(Self { number: number.parse().ok()?, said_at })
    }
}

/// One stream of events.
#[derive(Debug)]
pub(in crate::web) struct EventStream {
    seat: Seat,
    site: Option<Slug>,
    place: ReadPosition,
    follow: watch::Receiver<u64>,
    notices: watch::Receiver<Arc<[Notice]>>,
    waiting: VecDeque<Event>,
    until: time::Instant,
    stopping: CancellationToken,
}

impl EventStream {
    pub(in crate::web) fn new(
        seat: Seat,
        site: Option<Slug>,
        last: Option<&str>,
        stopping: CancellationToken,
    ) -> Self {
        let shared = &seat.shared;
        let mut follow = shared.web.board.follow();
        let newest = *follow.borrow_and_update();
        let mut notices = shared.web.operator.follow_notices();
        let newest =
            ReadPosition { number: newest, said_at: newest_update(&notices.borrow_and_update()) };
        let known = last.map(|last| ReadPosition::read(shared, last));
        let place = known.flatten().unwrap_or(newest);
        let mut waiting = VecDeque::from([greeting(shared, place)]);
        if known.is_some_and(|known| known.is_none()) {
            waiting.push_back(reset(shared, newest, "the id is not of this run"));
        }
        let until = time::Instant::now() + MAX_LIFE;
        let mut reader = Self { seat, site, place, follow, notices, waiting, until, stopping };
        reader.take_notices();
        reader.take();
        reader
    }

    /// The next event, once there is one; `None` at the end.
    pub(in crate::web) async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if self.stopping.is_cancelled() || time::Instant::now() >= self.until {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            // There may be more than were taken at once.
            if self.place.number == *self.follow.borrow_and_update() {
                tokio::select! {
                    () = self.stopping.cancelled() => return None,
                    () = sleep_until(self.until) => return None,
                    changed = self.follow.changed() => if changed.is_err() { return None },
                    Ok(()) = self.notices.changed() => self.take_notices(),
                }
            }
            self.take();
        }
    }

    /// Takes the notices that have a new update, in the order of these.
    fn take_notices(&mut self) {
        let (shared, all) = (self.seat.shared.clone(), self.notices.borrow_and_update().clone());
        let site = self.site.as_ref().and_then(|slug| shared.web.board.site(slug.as_str()));
        let known = self.place.said_at;
        let mut news: Vec<&Notice> = all.iter().filter(|n| n.updated_at() > known).collect();
        news.sort_by_key(|notice| notice.updated_at());
        for notice in news {
            self.place.said_at = notice.updated_at();
            let is_about =
                site.as_ref().is_none_or(|of| notice.scope.is_about(&of.site, of.provider()));
            if is_about {
                let json = serde_json::to_string(&NoticeJson::of(&shared, notice));
                let event = Event::default().event("notice").id(self.place.id(&shared));
                self.waiting.push_back(event.data(json.unwrap_or_default()));
            }
        }
    }

    /// Takes what is new from the ring.
    fn take(&mut self) {
        let shared = self.seat.shared.clone();
        let Ok(changes) = shared.web.board.changes_after(self.place.number, MAX_BATCH) else {
            self.place.number = *self.follow.borrow_and_update();
            self.waiting.push_back(reset(&shared, self.place, "some changes were missed"));
            return;
        };
        for change in changes {
            self.place.number = change.number;
            if self.site.as_ref().is_none_or(|site| *site == change.live.site.slug) {
                let text = shared.readers.text(&change, shared.now());
                let event = Event::default().event("verdict").id(self.place.id(&shared));
                self.waiting.push_back(event.data(text));
            }
        }
    }
}

fn newest_update(notices: &[Notice]) -> Moment {
    notices.iter().map(Notice::updated_at).max().unwrap_or_default()
}

/// Tells the reader its place, without an event.
fn greeting(shared: &Shared, place: ReadPosition) -> Event {
    Event::default().id(place.id(shared)).retry(RECONNECT_AFTER)
}

fn reset(shared: &Shared, place: ReadPosition, reason: &'static str) -> Event {
    let text = serde_json::to_string(&Reset { reason, as_of: shared.now() }).unwrap_or_default();
    Event::default().event("reset").id(place.id(shared)).data(text)
}
