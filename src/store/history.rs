//! Reading a site's history: from the sheets that fit, and what is younger than them from the next
//! finer ones, down to single checks of the last hour. The cost does not grow with history.

use std::time::Duration;

use sqlx::PgConnection;

use super::{
    READ, READERS, Store, StoreError, WRITE,
    rollups::{number, spans_of, tallies_of_one},
    within,
};
use crate::model::{
    history::{History, Range, Sums},
    moment::Moment,
    name::Slug,
    rollup::{Bucket, Judged, Packed, Step, held},
    verdict::Status,
};

/// How far back single checks are summed for a reader: sums that are later than that leave a gap.
const FURTHEST: Duration = Duration::from_hours(6);

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
        let read = async { sums(slug, range, now, &mut *self.readers.acquire().await?).await };
        Ok(within(READ, read).await?.history(slug.clone(), now))
    }

    /// Reads the last day of a site once with each connection that readers have, so that no visitor
    /// waits while Postgres plans: the first history of a connection takes 20 ms with a year of days.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn warm_up(&self, slug: &Slug, now: Moment) -> Result<(), StoreError> {
        let day = Range::last(Duration::from_hours(24), now);
        let read = async {
            let mut warm = Vec::new();
            for _ in 0..READERS {
                let mut connection = self.readers.acquire().await?;
                sums(slug, day, now, &mut connection).await?;
                warm.push(connection);
            }
            Ok(())
        };
        within(WRITE, read).await
    }
}

async fn sums(
    slug: &Slug,
    range: Range,
    now: Moment,
    connection: &mut PgConnection,
) -> Result<Sums, StoreError> {
    let mut sums = Sums::new(range);
    let known = sqlx::query!(
        "SELECT id, (SELECT until FROM rollup_progress WHERE name = '5m') AS hours,
             (SELECT until FROM rollup_progress WHERE name = '1d') AS days
         FROM sites WHERE slug = $1",
        slug.as_str()
    );
    let Some(known) = known.fetch_optional(&mut *connection).await? else { return Ok(sums) };
    let (site, hours, days) =
        (known.id, known.hours.map(Moment::from), known.days.map(Moment::from));
    let until = range.until.min(now);
    let days = match range.step {
        Step::FiveMinutes => range.from,
        Step::Hour | Step::Day => until.min(days.unwrap_or(range.from)).max(range.from),
    };
    let hours = until.min(hours.unwrap_or(days)).max(days);
    add_sheets((site, range.step), (range.from, days), &mut sums, connection).await?;
    add_sheets((site, Step::FiveMinutes), (days, hours), &mut sums, connection).await?;
    add_checks(site, (hours.max(now - FURTHEST), until), &mut sums, connection).await?;
    Ok(sums)
}

/// Adds the sheets of `[from, until)`.
async fn add_sheets(
    (site, step): (i32, Step),
    (from, until): (Moment, Moment),
    to: &mut Sums,
    connection: &mut PgConnection,
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
    let rows = rows.fetch_all(connection).await?;
    let mut sheets: Vec<(Moment, Vec<u8>)> =
        rows.into_iter().map(|row| (row.at.into(), row.sheet)).collect();
    sheets.sort_unstable_by_key(|(begin, _)| *begin);
    for (begin, sheet) in sheets {
        to.close_until(begin);
        if add_sheet(&sheet, (begin, step), (from, until), to).is_none() {
            tracing::warn!(site, at = %begin, "a sheet of history cannot be read");
        }
    }
    Ok(())
}

/// Adds what is in `[from, until)` of a sheet; `None` when it cannot be read, or not to its end.
fn add_sheet(
    sheet: &[u8],
    (begin, step): (Moment, Step),
    (from, until): (Moment, Moment),
    to: &mut Sums,
) -> Option<()> {
    let (mut packed, mut outside) = (Packed::new(sheet)?, Bucket::default());
    while !packed.is_empty() {
        let at = begin + step.length() * u32::from(packed.place()?);
        let sum = if at >= from && at < until { to.at(at) } else { None };
        packed.add_to(sum.unwrap_or(&mut outside))?;
    }
    Some(())
}

/// Adds the checks and the judged time of `[from, until)`.
async fn add_checks(
    site: i32,
    (from, until): (Moment, Moment),
    to: &mut Sums,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    if from >= until {
        return Ok(());
    }
    let spans = spans_of(&[site], from, until, connection).await?;
    let spans = spans.get(&site).map_or(&[][..], Vec::as_slice);
    let step = Step::FiveMinutes;
    for tally in tallies_of_one(site, from, until, connection).await? {
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
