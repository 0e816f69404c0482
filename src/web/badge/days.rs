//! The last 90 days of a site, from the record, cached for some minutes.
//!
//! Many visitors of one page make one query. With Postgres away the last answer is served, and
//! without any, only the outages on the board are drawn: days without data stay grey.

use std::{sync::Arc, time::Duration};

use super::shapes::{BadgeDay, DAYS};
use crate::{
    store::Store,
    web::{Shared, cache::query::QueryCache, views::site::SiteView},
};
use model::{
    moment::Moment,
    name::Slug,
    uptime::{Span, share},
    verdict::Status,
};

/// Time for which cached days count as new.
const FRESH_FOR: Duration = Duration::from_mins(5);
/// Bytes of the days of all sites.
const MAX_BYTES: u64 = 32 << 20;
const DAY: Duration = Duration::from_hours(24);

/// The last 90 days of every requested site.
#[derive(Debug)]
pub(in crate::web) struct Days(QueryCache<Slug, Arc<[BadgeDay]>>);

impl Default for Days {
    fn default() -> Self {
        Self(QueryCache::new(FRESH_FOR, MAX_BYTES, |days| size_of_val(&**days)))
    }
}

impl Days {
    /// The days of a site until now, the oldest first.
    pub(super) async fn of(&self, shared: &Shared, view: &SiteView) -> Arc<[BadgeDay]> {
        let slug = &view.live.site.slug;
        let ask = async |store: Store| {
            Ok(Arc::from(from_spans(&store.spans(slug, view.now).await?, view.now)))
        };
        let cached = self.0.get(shared, slug.clone(), ask).await;
        // The days of yesterday are each of another day by now.
        let day = |at: Moment| at.seconds().div_euclid(86_400);
        let cached = cached.filter(|days| days.fresh || day(days.read_at) == day(view.now));
        cached.map_or_else(|| from_board(view).into(), |days| days.value)
    }
}

/// The days (of UTC) until now, each with its end, the oldest first.
fn days(now: Moment) -> impl Iterator<Item = (Moment, Moment)> {
    let midnight = now - Duration::from_secs(now.seconds().rem_euclid(86_400) as u64);
    let back = (0..DAYS as u32).rev().map(move |days| midnight - DAY * days);
    back.map(move |from| (from, (from + DAY).min(now)))
}

fn from_spans(spans: &[Span], now: Moment) -> Vec<BadgeDay> {
    let judged =
        |(from, until)| share(spans, from, until).map_or(BadgeDay::Unknown, BadgeDay::Judged);
    days(now).map(judged).collect()
}

/// Days from the board alone: its outages, and today.
fn from_board(view: &SiteView) -> Vec<BadgeDay> {
    let live = &view.live;
    let down: Vec<Span> = live
        .outages
        .iter()
        .filter(|outage| outage.status == Status::Down)
        .map(|outage| Span {
            from: outage.started_at,
            until: outage.ended_at.unwrap_or(view.now),
            status: Status::Down,
        })
        .collect();
    let day = |(from, until): (Moment, Moment)| {
        let lost: Duration =
            down.iter().map(|span| span.until.min(until).since(span.from.max(from))).sum();
        let long = until.since(from);
        let looked = live.recent.iter().any(|glance| (from..until).contains(&glance.at));
        if lost.is_zero() && !looked {
            return BadgeDay::Unknown;
        }
        BadgeDay::Judged(1.0 - (lost.as_secs_f64() / long.as_secs_f64().max(1.0)).min(1.0))
    };
    days(view.now).map(day).collect()
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
        assert_eq!(drawn[87..], [BadgeDay::Unknown, BadgeDay::Judged(0.5), BadgeDay::Judged(0.0)]);
    }
}
