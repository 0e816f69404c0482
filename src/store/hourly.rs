//! The latencies of the last day by the hour, of many sites at once, for sparklines. From hourly
//! rollups, and from single checks of the hours that have none yet.

use std::collections::{BTreeMap, HashMap};

use super::{
    Store, StoreError, WRITE_TIMEOUT,
    ids::{ALL_REGIONS, region_ids},
    rollups, within,
};
use model::{
    histogram::Histogram,
    moment::Moment,
    name::Slug,
    rollup::{Bucket, BucketLength, begin},
};

const HOUR: std::time::Duration = std::time::Duration::from_hours(1);
/// Single checks are read so far back; hours that are summed later than that stay gaps.
const MAX_UNSUMMED: std::time::Duration = std::time::Duration::from_hours(3);

/// The latencies of one hour, all regions together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourLatency {
    /// The moment when the hour began.
    pub at: Moment,
    /// The mean, in microseconds, within 1.6 %.
    pub mean: u32,
    /// Checks that were answered.
    pub count: u64,
}

/// Histograms by site and hour.
type Hours = HashMap<i32, BTreeMap<Moment, Histogram>>;

impl Store {
    /// The last 24 hours and the current one of each of these sites, oldest first. Meant for some
    /// hundred sites a call.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn day_of(
        &self,
        sites: &[Slug],
        now: Moment,
    ) -> Result<HashMap<Slug, Vec<HourLatency>>, StoreError> {
        let slugs: Vec<String> = sites.iter().map(|slug| slug.as_str().to_owned()).collect();
        let read = async {
            let ids = sqlx::query!("SELECT id, slug FROM sites WHERE slug = ANY($1)", &slugs);
            let ids = ids.fetch_all(&self.pool).await?;
            let numbers: Vec<i32> = ids.iter().map(|site| site.id).collect();
            let mut hours = self.hours_of(&numbers, now).await?;
            let mut found = HashMap::new();
            for site in ids {
                let Some(day) = hours.remove(&site.id) else { continue };
                let Ok(slug) = Slug::new(&site.slug) else { continue };
                found.insert(slug, day.into_iter().filter_map(hour_latency).collect());
            }
            Ok(found)
        };
        within(WRITE_TIMEOUT, read).await
    }

    async fn hours_of(&self, sites: &[i32], now: Moment) -> Result<Hours, StoreError> {
        let mut hours = Hours::new();
        let from = begin(now, HOUR) - HOUR * 24;
        let mut connection = self.pool.acquire().await?;
        let of = (sites, &[ALL_REGIONS][..]);
        let mut bucket = Bucket::default();
        for row in
            rollups::read(BucketLength::FiveMinutes, of, (from, now), &mut *connection).await?
        {
            bucket.clear();
            row.add_to(&mut bucket);
            let hour = begin(row.at.into(), HOUR);
            hours.entry(row.site_id).or_default().entry(hour).or_default().merge(&bucket.latency);
        }
        let summed = rollups::progress(&mut connection).await?.hours.unwrap_or(from);
        let single = summed.max(begin(now, HOUR) - MAX_UNSUMMED);
        let regions = region_ids(&mut connection).await?;
        rollups::tallies((sites, &regions), (single, now), &mut connection, |site, _, tally| {
            let Some(micros) = tally.latency.filter(|_| tally.failure.is_none()) else { return };
            let hour = begin(tally.at, HOUR);
            hours.entry(site).or_default().entry(hour).or_default().add(micros);
        })
        .await?;
        Ok(hours)
    }
}

fn hour_latency((at, latencies): (Moment, Histogram)) -> Option<HourLatency> {
    Some(HourLatency { at, mean: latencies.mean()?, count: latencies.count() })
}
