//! How often one visitor may read: so many a minute, all at once if it likes, and then one by one as
//! time goes by. Off unless the operator sets `[web] reads_per_minute`.
//!
//! Counted are the addresses under `/api/`, but for the badges of those who moved here: an image stays
//! an image, and behind the proxies of images many are one visitor. Its memory is bounded: visitors whose minute has passed
//! are forgotten, and when too many are known at once, all are.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{OriginalUri, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{lookup, model::moment::Moment, web::error::Problem};

/// Visitors that are known at most.
const VISITORS: usize = 65_536;
/// What a budget is for.
const WINDOW: Duration = Duration::from_mins(1);

/// What visitors have left.
#[derive(Debug)]
pub(in crate::web) struct Budget {
    /// 0: no limit.
    per_minute: u32,
    /// When each visitor's budget is whole again.
    whole: Mutex<HashMap<IpAddr, Moment>>,
}

/// What a visitor has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Left {
    per_minute: u32,
    /// How many more it may ask now.
    more: u32,
    /// Until there is one more than that.
    next: Duration,
    /// Whether this one is too many.
    pub(in crate::web) refused: bool,
}

/// Set on a request that is one too many.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct TooMany(Left);

/// Whether a request for this path is counted.
pub(in crate::web) fn counts(path: &str) -> bool {
    let image = path.starts_with("/api/badge/")
        || path.starts_with("/api/v1/endpoints/")
            && [".svg", ".shields"].iter().any(|ending| path.ends_with(ending));
    path.starts_with("/api/") && !image
}

impl Budget {
    /// So many a minute; 0 is no limit.
    pub(in crate::web) fn new(per_minute: u32) -> Self {
        Self { per_minute, whole: Mutex::default() }
    }

    /// Whether there is no limit.
    pub(in crate::web) fn is_off(&self) -> bool {
        self.per_minute == 0
    }

    /// Takes one from a visitor's budget.
    pub(in crate::web) fn take(&self, client: IpAddr, now: Moment) -> Left {
        let each = WINDOW / self.per_minute.max(1);
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if whole.len() >= VISITORS && !whole.contains_key(&client) {
            whole.retain(|_, at| *at > now);
            if whole.len() >= VISITORS {
                whole.clear();
            }
        }
        // A clock that was set back must not lock anybody out.
        let owed = whole.get(&client).map_or(Duration::ZERO, |at| at.since(now)).min(WINDOW);
        let refused = owed + each > WINDOW;
        let debt = if refused { owed } else { owed + each };
        whole.insert(client, now + debt);
        let more = (WINDOW.saturating_sub(debt).as_nanos() / each.as_nanos().max(1)) as u32;
        let next = (debt + each * (more + 1)).saturating_sub(WINDOW);
        Left { per_minute: self.per_minute, more, next, refused }
    }
}

impl Left {
    /// Marks a request as one too many.
    pub(in crate::web) fn mark(self, request: &mut Request) {
        request.extensions_mut().insert(TooMany(self));
    }

    /// Says it in the fields of the IETF draft.
    pub(in crate::web) fn tell(self, headers: &mut HeaderMap) {
        tell(headers, "reads", (self.per_minute, self.more, self.next));
    }
}

/// Says what is left of the lookups, beside what may be said of the reads.
pub(in crate::web) fn tell_lookups(headers: &mut HeaderMap, left: lookup::Left) {
    tell(headers, "lookups", (left.per_minute, left.more, left.next));
}

fn tell(headers: &mut HeaderMap, name: &str, (most, more, next): (u32, u32, Duration)) {
    let policy = format!("\"{name}\";q={most};w={}", WINDOW.as_secs());
    let limit = format!("\"{name}\";r={more};t={}", seconds(next));
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000) as u64
}

/// Refuses a request that is one too many.
pub(in crate::web) async fn refuse(
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let Some(TooMany(left)) = request.extensions().get::<TooMany>().copied() else {
        return next.run(request).await;
    };
    let wait = seconds(left.next).max(1);
    let detail = format!("{} requests a minute are allowed; wait {wait} s.", left.per_minute);
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, detail, uri.path());
    ([(header::RETRY_AFTER, wait.to_string())], problem).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn a_visitor_has_so_many_a_minute_and_then_one_by_one() {
        let budget = Budget::new(3);
        let one: IpAddr = [192, 0, 2, 1].into();
        let take = |millis| {
            let Left { more, next, refused, .. } = budget.take(one, at(millis));
            (more, next.as_secs(), refused)
        };
        assert_eq!(take(0), (2, 20, false));
        assert_eq!(take(0), (1, 20, false));
        assert_eq!(take(0), (0, 20, false));
        assert_eq!(take(1_000), (0, 19, true));
        assert_eq!(take(20_000), (0, 20, false));
        assert_eq!(budget.take([192, 0, 2, 2].into(), at(20_000)).more, 2, "another has its own");
        assert_eq!(take(900_000), (2, 20, false));
        assert_eq!(take(905_000), (1, 15, false));
        assert_eq!(take(0), (0, 20, true), "a clock that was set back");
        assert_eq!(take(20_000), (0, 20, false), "locks nobody out for longer than a minute");
    }

    #[test]
    fn visitors_are_never_too_many() {
        let budget = Budget::new(60);
        for number in 0..VISITORS as u32 + 10 {
            budget.take(std::net::Ipv4Addr::from_bits(number).into(), at(0));
        }
        assert!(budget.whole.lock().unwrap().len() <= VISITORS);
    }
}
