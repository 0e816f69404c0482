//! Reads a page of outages: with a time limit, so that memory answers while the record cannot. A
//! page costs the same however far back it is.

use std::{cmp::Reverse, time::Duration};

use super::filters::{OutageCursor, OutageFilters, PageTurn};
use crate::{
    store::{OutageMonth, OutagesWanted, RecordedOutage, Store, StoreError},
    web::{RECORD_TIMEOUT, Shared},
};
use model::{moment::Moment, name::Slug, provider::ProviderEvent, verdict::Outage};

/// Outages on a page.
const MAX_ROWS: usize = 100;
/// Provider events that outages on a page are gathered under, at most.
const MAX_EVENTS: u32 = 100;

/// One outage of a site.
#[derive(Clone, Debug)]
pub(super) struct OutageOfSite {
    pub(super) slug: Slug,
    pub(super) provider: Option<Box<str>>,
    pub(super) outage: Outage,
}

impl From<RecordedOutage> for OutageOfSite {
    fn from(row: RecordedOutage) -> Self {
        Self { slug: row.slug, provider: row.provider, outage: row.outage }
    }
}

impl OutageOfSite {
    fn place(&self) -> OutageCursor {
        (self.outage.started_at, self.slug.clone(), self.outage.status)
    }
}

/// A page of outages, newest first.
#[derive(Debug, Default)]
pub(super) struct FoundOutages {
    pub(super) rows: Vec<OutageOfSite>,
    /// The page of newer ones.
    pub(super) newer: Option<PageTurn>,
    /// The page of older ones.
    pub(super) older: Option<PageTurn>,
    /// True if it comes from the record.
    pub(super) fresh: bool,
    /// The sums of the months that are on the page, as far as the record told them.
    pub(super) months: Vec<OutageMonth>,
    /// The provider events that some of these outages are attributed to.
    pub(super) events: Vec<ProviderEvent>,
}

/// Reads the wanted page.
pub(super) async fn read(shared: &Shared, wanted: &OutageFilters) -> FoundOutages {
    if wanted.is_nonsense() {
        return FoundOutages { fresh: true, ..FoundOutages::default() };
    }
    let ask = async |store: Store| turned(&store, wanted, &wanted.turn).await;
    let Some(rows) = shared.ask(RECORD_TIMEOUT, ask).await else {
        let all = remembered(shared, wanted);
        return found(all_turned(&all, &wanted.turn), &wanted.turn, false);
    };
    let page = found(rows, &wanted.turn, true);
    let starts = || page.rows.iter().map(|row| row.outage.started_at);
    let Some((first, last)) = starts().min().zip(starts().max()) else { return page };
    let now = shared.now();
    let of = wanted.wanted(0);
    let stretch = (month_begin(first), month_end(last));
    let months =
        shared.ask(RECORD_TIMEOUT, async |store| store.outage_months(&of, stretch, now).await);
    // Those of one site are told one by one.
    let put_down = of.site.is_none() && page.rows.iter().any(|row| row.provider.is_some());
    let events = async {
        let ask = async |store: Store| store.events_between((first, last), MAX_EVENTS).await;
        if put_down { shared.ask(RECORD_TIMEOUT, ask).await } else { None }
    };
    let (months, events) = tokio::join!(months, events);
    FoundOutages {
        // Of one day no month is summed.
        months: months.filter(|_| of.lasting_at.is_none()).unwrap_or_default(),
        events: events.unwrap_or_default(),
        ..page
    }
}

/// The moment when the month of UTC begins that this moment is in.
fn month_begin(at: Moment) -> Moment {
    let utc = at.to_utc();
    let into = u64::from(utc.day().unsigned_abs() - 1) * 86_400_000;
    let midnight = at.millis() - at.millis().rem_euclid(86_400_000);
    Moment::from_millis(midnight) - Duration::from_millis(into)
}

/// The moment when it ends.
fn month_end(at: Moment) -> Moment {
    let days = u64::from(at.to_utc().date().days_in_month().unsigned_abs());
    month_begin(at) + Duration::from_hours(24 * days)
}

/// The rows of a page, and one more beyond it if there is one.
async fn turned(
    store: &Store,
    wanted: &OutageFilters,
    turn: &PageTurn,
) -> Result<Vec<OutageOfSite>, StoreError> {
    const MOST: u32 = MAX_ROWS as u32 + 1;
    let (after, back) = match turn {
        PageTurn::Newest => (None, false),
        PageTurn::After(place) => (Some(place.clone()), false),
        PageTurn::Before(place) => (Some(place.clone()), true),
    };
    // The nearest first: going back, what began long before comes before the others.
    let mut parts = [Some(wanted.wanted(MOST)), wanted.wanted_before(MOST)];
    if back {
        parts.reverse();
    }
    let mut rows: Vec<RecordedOutage> = Vec::new();
    for part in parts.into_iter().flatten() {
        let limit = MOST - rows.len() as u32;
        if limit == 0 {
            break;
        }
        let part = OutagesWanted { limit, after: after.clone(), ..part };
        if back {
            rows.splice(0..0, store.outages_before(&part).await?);
        } else {
            rows.extend(store.outages_page(&part).await?);
        }
    }
    Ok(rows.into_iter().map(OutageOfSite::from).collect())
}

/// The order of a page: newest first, then by slug, the worst first.
fn order((at, slug, status): OutageCursor) -> (Reverse<Moment>, Slug, Reverse<u8>) {
    (Reverse(at), slug, Reverse(status as u8))
}

/// The same of rows in memory.
fn all_turned(all: &[OutageOfSite], turn: &PageTurn) -> Vec<OutageOfSite> {
    let place = |place: &OutageCursor| {
        let place = order(place.clone());
        all.partition_point(|row| order(row.place()) < place)
    };
    let rows = match turn {
        PageTurn::Newest => all,
        PageTurn::After(after) => {
            let from = place(after);
            let same = all.get(from).is_some_and(|row| row.place() == *after);
            &all[from + usize::from(same)..]
        }
        PageTurn::Before(before) => {
            let until = place(before);
            return all[until.saturating_sub(MAX_ROWS + 1)..until].to_vec();
        }
    };
    rows.iter().take(MAX_ROWS + 1).cloned().collect()
}

/// The page of these rows, of which one may be beyond it.
fn found(mut rows: Vec<OutageOfSite>, turn: &PageTurn, fresh: bool) -> FoundOutages {
    let more = rows.len() > MAX_ROWS;
    let back = matches!(turn, PageTurn::Before(_));
    if more && back {
        rows.remove(0);
    }
    rows.truncate(MAX_ROWS);
    let first = rows.first().map(OutageOfSite::place).or_else(|| match turn {
        PageTurn::After(place) => Some(place.clone()),
        PageTurn::Newest | PageTurn::Before(_) => None,
    });
    let last = rows.last().map(OutageOfSite::place);
    let newer = match turn {
        PageTurn::Newest => None,
        PageTurn::After(_) => first.map(PageTurn::Before),
        // The first page is the one without a place.
        PageTurn::Before(_) if more => first.map(PageTurn::Before),
        PageTurn::Before(_) => Some(PageTurn::Newest),
    };
    let older = last.filter(|_| more || back).map(PageTurn::After);
    FoundOutages { rows, newer, older, fresh, ..FoundOutages::default() }
}

/// Matching outages on the board, newest first.
fn remembered(shared: &Shared, wanted: &OutageFilters) -> Vec<OutageOfSite> {
    let of = wanted.wanted(0);
    // What is in memory is looked through whole.
    let from = of.from.filter(|_| of.lasting_at.is_none());
    let fits = |row: &OutageOfSite| {
        let Outage { status, started_at, ended_at, .. } = row.outage;
        of.site.as_ref().is_none_or(|slug| *slug == row.slug)
            && of.provider.as_deref().is_none_or(|slug| row.provider.as_deref() == Some(slug))
            && of.status.is_none_or(|wanted| wanted == status)
            && !(of.noticeable && row.outage.is_momentary())
            && from.is_none_or(|from| started_at >= from)
            && of.until.is_none_or(|until| started_at < until)
            && of.lasting_at.is_none_or(|at| ended_at.is_none_or(|end| end > at))
    };
    let mut rows = Vec::new();
    for live in shared.web.board.sites() {
        let site = &live.site;
        let all = live.outages.iter().map(|outage| OutageOfSite {
            slug: site.slug.clone(),
            provider: live.provider().map(Into::into),
            outage: outage.clone(),
        });
        rows.extend(all.filter(fits));
    }
    rows.sort_by_cached_key(|row| order(row.place()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::verdict::Status;

    fn rows() -> Vec<OutageOfSite> {
        let row = |n: u32| OutageOfSite {
            slug: Slug::new(if n.is_multiple_of(2) { "a.example" } else { "b.example" }).unwrap(),
            provider: None,
            outage: Outage {
                status: Status::Down,
                // Two begin at once.
                started_at: Moment::from_millis(1_000_000 - i64::from(n / 2) * 1_000),
                ended_at: None,
                cause: None,
                regions: vec![],
            },
        };
        (0..250).map(row).collect()
    }

    #[test]
    fn months_are_those_of_utc() {
        for (at, begin, end) in [
            ("2016-02-29T23:59:59.999Z", "2016-02-01T00:00:00Z", "2016-03-01T00:00:00Z"),
            ("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            let [at, begin, end] = [at, begin, end].map(|text| Moment::parse(text).unwrap());
            assert_eq!((month_begin(at), month_end(at)), (begin, end));
        }
    }

    #[test]
    fn turning_on_and_back_leads_over_every_outage_once() {
        let all = rows();
        let page = |turn: &PageTurn| found(all_turned(&all, turn), turn, false);
        let places =
            |found: &FoundOutages| found.rows.iter().map(OutageOfSite::place).collect::<Vec<_>>();
        let (mut turn, mut seen, mut pages) = (Some(PageTurn::Newest), Vec::new(), Vec::new());
        while let Some(now) = turn {
            let found = page(&now);
            seen.extend(places(&found));
            pages.push(places(&found));
            turn = found.older;
        }
        assert_eq!(seen, all.iter().map(OutageOfSite::place).collect::<Vec<_>>());
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
        // And back.
        let last = page(&PageTurn::After(pages[1][99].clone()));
        assert_eq!((last.rows.len(), last.older.is_none()), (50, true));
        let middle = page(last.newer.as_ref().unwrap());
        assert_eq!(places(&middle), pages[1]);
        assert_eq!(middle.older, Some(PageTurn::After(pages[1][99].clone())));
        let first = page(middle.newer.as_ref().unwrap());
        assert_eq!((places(&first), &first.newer), (pages[0].clone(), &Some(PageTurn::Newest)));
        assert_eq!(page(&PageTurn::Newest).newer, None);
    }
}
