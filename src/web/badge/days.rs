//! The last 90 days of a site, from the record, kept for some minutes.
//!
//! Many visitors of one page make one query. With Postgres away the last answer goes on, and
//! without any, the outages on the board are all that is drawn: days of which we know nothing stay
//! grey.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::shapes::{DAYS, Day};
use crate::{
    model::{
        moment::Moment,
        name::Slug,
        uptime::{Span, share},
        verdict::Status,
    },
    store::{Store, StoreError},
    web::{Shared, views::site::SiteView},
};

/// How long an answer of the record is good.
const KEEP: Duration = Duration::from_mins(5);
/// How long an image may wait for the record.
const WAIT: Duration = Duration::from_secs(2);
/// Sites that are remembered at most.
const MOST: usize = 20_000;
/// Queries at a time.
const QUERIES: usize = 2;
const DAY: Duration = Duration::from_hours(24);

type Known = (Moment, Arc<[Day]>);

/// What is known of the last 90 days of every site that was asked for.
#[derive(Debug)]
pub(in crate::web) struct Days {
    known: Mutex<HashMap<Slug, Known>>,
    queries: Semaphore,
}

impl Default for Days {
    fn default() -> Self {
        Self { known: Mutex::default(), queries: Semaphore::new(QUERIES) }
    }
}

impl Days {
    /// The days of a site until now, the oldest first.
    pub(super) async fn of(&self, shared: &Shared, look: &SiteView) -> Arc<[Day]> {
        let slug = &look.watched.site.slug;
        if let Some((_, days)) = self.fresh(slug, look.now) {
            return days;
        }
        if let Some(days) = shared.ask(WAIT, async |store| self.read(store, look).await).await {
            return days;
        }
        // The days of yesterday are each of another day by now.
        let day = |at: Moment| at.seconds().div_euclid(86_400);
        let old = self.known(slug).filter(|(at, _)| day(*at) == day(look.now));
        old.map_or_else(|| from_board(look).into(), |(_, days)| days)
    }

    async fn read(&self, store: Store, look: &SiteView) -> Result<Arc<[Day]>, StoreError> {
        // Nobody closes it.
        let _place = self.queries.acquire().await.ok();
        let slug = &look.watched.site.slug;
        // Somebody may have asked while this visitor waited for a place.
        if let Some((_, days)) = self.fresh(slug, look.now) {
            return Ok(days);
        }
        let spans = store.spans(slug, look.now).await?;
        let days: Arc<[Day]> = from_spans(&spans, look.now).into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(slug.clone(), (look.now, days.clone()));
        Ok(days)
    }

    fn known(&self, slug: &Slug) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    fn fresh(&self, slug: &Slug, now: Moment) -> Option<Known> {
        self.known(slug).filter(|(at, _)| now.since(*at) < KEEP)
    }
}

/// The days (of UTC) until now, each with its end, the oldest first.
fn days(now: Moment) -> impl Iterator<Item = (Moment, Moment)> {
    let midnight = now - Duration::from_secs(now.seconds().rem_euclid(86_400) as u64);
    let back = (0..DAYS as u32).rev().map(move |days| midnight - DAY * days);
    back.map(move |from| (from, (from + DAY).min(now)))
}

fn from_spans(spans: &[Span], now: Moment) -> Vec<Day> {
    let judged = |(from, until)| share(spans, from, until).map_or(Day::Unknown, Day::Judged);
    days(now).map(judged).collect()
}

/// What the board alone can tell: its outages, and today.
fn from_board(look: &SiteView) -> Vec<Day> {
    let watched = &look.watched;
    let down: Vec<Span> = watched
        .outages
        .iter()
        .filter(|outage| outage.status == Status::Down)
        .map(|outage| Span {
            from: outage.started_at,
            until: outage.ended_at.unwrap_or(look.now),
            status: Status::Down,
        })
        .collect();
    let day = |(from, until): (Moment, Moment)| {
        let lost: Duration =
            down.iter().map(|span| span.until.min(until).since(span.from.max(from))).sum();
        let long = until.since(from);
        let looked = watched.recent.iter().any(|glance| (from..until).contains(&glance.at));
        if lost.is_zero() && !looked {
            return Day::Unknown;
        }
        Day::Judged(1.0 - (lost.as_secs_f64() / long.as_secs_f64().max(1.0)).min(1.0))
    };
    days(look.now).map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_of_utc_and_the_last_is_today() {
        let now = Moment::parse("2017-02-28T14:10:00Z").unwrap();
        let all: Vec<_> = days(now).collect();
        assert_eq!(all.len(), 90);
        assert_eq!(all[89], (Moment::parse("2017-02-28T00:00:00Z").unwrap(), now));
        assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0));
        let from = Moment::parse("2017-02-27T12:00:00Z").unwrap();
        let hour = Duration::from_hours(1);
        let spans = [
            Span { from, until: from + hour * 6, status: Status::Up },
            Span { from: from + hour * 6, until: now, status: Status::Down },
        ];
        let drawn = from_spans(&spans, now);
        assert_eq!(drawn[87..], [Day::Unknown, Day::Judged(0.5), Day::Judged(0.0)]);
    }
}
