//! Reading a site's history: from the sheets that fit, and what is younger than them from the next
//! finer ones, down to single checks of the last hour. The cost does not grow with history.

use super::{
    READ, Store, StoreError,
    rollups::{number, spans_of, tallies_of_one},
    within,
};
use crate::model::{
    history::{History, Range, Sums},
    moment::Moment,
    name::Slug,
    rollup::{Judged, Sheet, Step, held},
    verdict::Status,
};

/// How far back single checks are summed for a reader: sums that are later than that leave a gap.
const FURTHEST: std::time::Duration = std::time::Duration::from_hours(6);

impl Store {
    /// The history of a site as of `now`, all regions together; gaps where nothing is known of it.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn history(
        &self,
        slug: &Slug,
        range: Range,
        now: Moment,
    ) -> Result<History, StoreError> {
        let sums = within(READ, self.sums(slug, range, now)).await?;
        Ok(sums.history(slug.clone(), now))
    }

    async fn sums(&self, slug: &Slug, range: Range, now: Moment) -> Result<Sums, StoreError> {
        let mut sums = Sums::new(range);
        let known = sqlx::query!(
            "SELECT id, (SELECT until FROM rollup_progress WHERE name = '5m') AS hours,
                 (SELECT until FROM rollup_progress WHERE name = '1d') AS days
             FROM sites WHERE slug = $1",
            slug.as_str()
        );
        let Some(known) = known.fetch_optional(&self.readers).await? else { return Ok(sums) };
        let (site, hours, days) =
            (known.id, known.hours.map(Moment::from), known.days.map(Moment::from));
        let until = range.until.min(now);
        let mut from = range.from;
        if range.step != Step::FiveMinutes {
            let end = until.min(days.unwrap_or(from));
            self.sheets(site, range.step, from, end, &mut sums).await?;
            from = from.max(end);
        }
        let end = until.min(hours.unwrap_or(from));
        self.sheets(site, Step::FiveMinutes, from, end, &mut sums).await?;
        from = from.max(end);
        if from < until {
            self.checks(site, from.max(now - FURTHEST), until, &mut sums).await?;
        }
        Ok(sums)
    }

    /// Adds the sheets of `[from, until)`.
    async fn sheets(
        &self,
        site: i32,
        step: Step,
        from: Moment,
        until: Moment,
        to: &mut Sums,
    ) -> Result<(), StoreError> {
        if from >= until {
            return Ok(());
        }
        let rows = sqlx::query!(
            "SELECT at, sheet FROM rollups WHERE site_id = $1 AND step = $2 AND at > $3 AND at < $4",
            site,
            number(step),
            (from - step.sheet()).to_datetime(),
            until.to_datetime()
        );
        for row in rows.fetch_all(&self.readers).await? {
            let Some(sheet) = Sheet::unpack(&row.sheet) else {
                tracing::warn!(site, at = %row.at, "a sheet of history cannot be read");
                continue;
            };
            for (place, bucket) in sheet.into_buckets() {
                let at = Moment::from(row.at) + step.length() * u32::from(place);
                if at >= from
                    && at < until
                    && let Some(sum) = to.at(at)
                {
                    sum.take_in(bucket);
                }
            }
        }
        Ok(())
    }

    /// Adds the checks and the judged time of `[from, until)`.
    async fn checks(
        &self,
        site: i32,
        from: Moment,
        until: Moment,
        to: &mut Sums,
    ) -> Result<(), StoreError> {
        let mut connection = self.readers.acquire().await?;
        let spans = spans_of(&[site], from, until, &mut connection).await?;
        let spans = spans.get(&site).map_or(&[][..], Vec::as_slice);
        let step = Step::FiveMinutes;
        for tally in tallies_of_one(site, from, until, &mut connection).await? {
            let slow = held(spans, tally.at) == Some(Status::Slow);
            if let Some(sum) = to.at(tally.at) {
                sum.count(&tally, slow);
            }
        }
        let mut at = step.begin(from);
        while at < until {
            let end = until.min(at + step.length());
            if let Some(sum) = to.at(at) {
                sum.judged.add(&Judged::of(spans, at.max(from), end));
            }
            at = at + step.length();
        }
        Ok(())
    }
}
