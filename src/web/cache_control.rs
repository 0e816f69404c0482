//! Time for which an answer may be cached: until something new is possible.
//!
//! The state of a site changes with its next check, so an answer about it may be cached until its
//! next check in any region, scheduled or requested by the judge, and until its evidence runs out;
//! an answer about several sites until the first of these of any of them. Changes at other times (a
//! reload of the catalogue, news of a provider) are seen [`MAX_SECONDS`] late at most.
//!
//! Cached responses are served until their second is over: `max-age` counts from its end, so that
//! no answer is too old when it runs out, and no `Age` is needed.

use std::{convert::Infallible, time::Duration};

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderValue, header};
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use super::{Shared, views::site::SiteView};
use crate::board::LiveSite;
use model::{judge::Limits, moment::Moment, schedule};

/// The longest, in seconds.
const MAX_SECONDS: i64 = 30;

/// Time for which an answer may be cached: its `Cache-Control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CacheControl(u8);

impl CacheControl {
    /// For answers that are true for their second alone: pages, whose sentences count time.
    pub(super) const ITS_SECOND: Self = Self(1);
    /// For what nothing of ours changes.
    pub(super) const LONGEST: Self = Self(MAX_SECONDS as u8);

    /// An answer about this site.
    pub(super) fn of_site(shared: &Shared, live: &LiveSite) -> Self {
        Self::of_sites(shared, [live])
    }

    /// An answer about this site, or about none that we watch.
    pub(super) fn about(shared: &Shared, view: Option<&SiteView>) -> Self {
        Self::of_sites(shared, view.map(|view| &*view.live))
    }

    /// An answer about these sites.
    pub(super) fn of_sites<'a>(
        shared: &Shared,
        sites: impl IntoIterator<Item = &'a LiveSite>,
    ) -> Self {
        let (mut keep, now) = (Self::LONGEST, shared.now());
        for live in sites {
            keep = keep.min(Self::until(news(shared, live, now), now));
            if keep == Self::ITS_SECOND {
                break;
            }
        }
        keep
    }

    /// An answer of the record about these sites: there is news as long as checks wait for it.
    pub(super) fn of_record<'a>(
        shared: &Shared,
        sites: impl IntoIterator<Item = &'a LiveSite>,
    ) -> Self {
        let waits = shared.web.board.store_health().waiting() > 0;
        if waits { Self::ITS_SECOND } else { Self::of_sites(shared, sites) }
    }

    /// An answer that is given again until this moment.
    pub(super) fn until(news: Moment, now: Moment) -> Self {
        let left = news.seconds() - now.seconds() - 1;
        Self(left.clamp(1, MAX_SECONDS) as u8)
    }

    pub(super) fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

/// Earliest moment of news about a site; now, while a check that is due has not arrived yet.
fn news(shared: &Shared, live: &LiveSite, now: Moment) -> Moment {
    let Some(last) = live.checked_at() else { return now };
    let (site, here) = (&live.site, &shared.web.region);
    if !live.regions.iter().any(|seen| seen.region == *here) {
        return now;
    }
    let turns = live.regions.iter().map(|seen| {
        let next = schedule::next(
            now,
            schedule::offset(&site.slug, &seen.region, site.interval),
            site.interval,
        );
        let told = seen.check.at >= next - site.interval;
        // A region that has been silent for long makes no more checks.
        let silent = now > seen.check.at + Limits::of(site).fresh_for;
        if told || silent { next } else { now }
    });
    let evidence = live.fresh_until.filter(|until| *until >= now);
    let wished = live.recheck_at.filter(|at| last < *at);
    turns.chain(evidence).chain(wished).min().unwrap_or(now)
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7), to its second.
pub(super) fn http_date(at: Moment) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at.to_timestamp()).unwrap_or_default()
}

/// The moment in a header; `None` when it holds none.
pub(super) fn read_http_date(value: &HeaderValue) -> Option<Moment> {
    DateTimeParser::new().parse_timestamp(value.to_str().ok()?.trim()).ok().map(Moment::from)
}

impl IntoResponseParts for CacheControl {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let value = HeaderValue::try_from(format!("public, max-age={}", self.0));
        let value = value.unwrap_or(HeaderValue::from_static("no-cache"));
        parts.headers_mut().insert(header::CACHE_CONTROL, value);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_date_of_http_reads_back_and_no_header_breaks_its_reader(
            seconds in 0_i64..253_402_300_799,
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            like in "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [A-Z]{0,3}",
        ) {
            let at = Moment::from_millis(seconds * 1_000);
            let header = HeaderValue::try_from(http_date(at)).unwrap();
            prop_assert_eq!(read_http_date(&header), Some(at));
            for value in [bytes.as_slice(), like.as_bytes()] {
                let _ = HeaderValue::from_bytes(value).ok().as_ref().and_then(read_http_date);
            }
        }
    }
}
