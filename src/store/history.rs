//! Reading a site's history: from the sheets that fit, and what is younger than them from the next
//! finer ones, down to single checks of the last hour. The cost does not grow with history.

use std::{collections::BTreeSet, time::Duration};

use sqlx::PgConnection;

use super::{
    READ, READERS, Store, StoreError, WRITE,
    rollups::{WHOLE, number, spans_of, tallies_of_one},
    within,
};
use crate::model::{
    history::{History, Point, Range, Sums, Whole},
    moment::Moment,
    name::Slug,
    rollup::{self, Bucket, Judged, Step, begin, held},
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
    let older = Stretch { site, step: range.step, from: range.from, until: days };
    let younger = Stretch { site, step: Step::FiveMinutes, from: days, until: hours };
    older.add_to(&mut sums, older.step.length() == range.length, connection).await?;
    younger.add_to(&mut sums, false, connection).await?;
    add_checks(site, (hours.max(now - FURTHEST), until), &mut sums, connection).await?;
    Ok(sums)
}

/// A stretch of time in the sheets of a site.
#[derive(Clone, Copy)]
struct Stretch {
    site: i32,
    step: Step,
    from: Moment,
    until: Moment,
}

/// A sheet, with the begin of its time.
type Packed = (Moment, Vec<u8>);

impl Stretch {
    /// Adds all of it. What there is of the site as a whole is taken as it is, if nothing else comes to
    /// these buckets.
    async fn add_to(
        self,
        sums: &mut Sums,
        as_it_is: bool,
        connection: &mut PgConnection,
    ) -> Result<(), StoreError> {
        if self.from >= self.until {
            return Ok(());
        }
        let as_it_is = as_it_is && self.step == Step::Hour;
        let mut sheets = if as_it_is {
            self.wholes(connection).await?
        } else {
            self.read(WHOLE, i16::MAX, connection).await?
        };
        sheets.sort_unstable_by_key(|(begin, _)| *begin);
        for (begin, sheet) in &sheets {
            sums.close_until(*begin);
            let added = if Whole::is(sheet) {
                self.add_whole(*begin, sheet, as_it_is, sums)
            } else {
                self.add_sheet(*begin, sheet, sums)
            };
            if added.is_none() {
                tracing::warn!(site = self.site, at = %begin, "a sheet of history cannot be read");
            }
        }
        Ok(())
    }

    /// The days of the site as a whole; of days without it, which may be older than this is written,
    /// those of its regions.
    async fn wholes(self, connection: &mut PgConnection) -> Result<Vec<Packed>, StoreError> {
        let mut sheets = self.read(WHOLE, WHOLE, connection).await?;
        let wholes = sheets.iter().filter(|(_, sheet)| Whole::is(sheet));
        let wholes: BTreeSet<Moment> = wholes.map(|(begin, _)| *begin).collect();
        let length = self.step.sheet();
        let mut day = begin(self.from, length);
        while wholes.contains(&day) {
            day = day + length;
        }
        if day < self.until {
            let rest = Self { from: day.max(self.from), ..self };
            let regions = rest.read(WHOLE + 1, i16::MAX, connection).await?;
            sheets.extend(regions.into_iter().filter(|(begin, _)| !wholes.contains(begin)));
        }
        Ok(sheets)
    }

    /// The sheets of these regions, in no order.
    async fn read(
        self,
        first: i16,
        last: i16,
        connection: &mut PgConnection,
    ) -> Result<Vec<Packed>, StoreError> {
        let rows = sqlx::query!(
            "SELECT at, sheet FROM rollups
             WHERE site_id = $1 AND step = $2 AND at > $3 AND at < $4
                 AND region_id BETWEEN $5 AND $6",
            self.site,
            number(self.step),
            (self.from - self.step.sheet()).to_datetime(),
            self.until.to_datetime(),
            first,
            last
        );
        let rows = rows.fetch_all(connection).await?;
        Ok(rows.into_iter().map(|row| (row.at.into(), row.sheet)).collect())
    }

    /// Adds a sheet; `None` when it cannot be read, or not to its end.
    fn add_sheet(self, begin: Moment, sheet: &[u8], to: &mut Sums) -> Option<()> {
        let (mut packed, mut outside) = (rollup::Packed::new(sheet)?, Bucket::default());
        while !packed.is_empty() {
            let at = begin + self.step.length() * u32::from(packed.place()?);
            let sum = if self.has(at) { to.at(at) } else { None };
            packed.add_to(sum.unwrap_or(&mut outside))?;
        }
        Some(())
    }

    /// Adds a day of the site as a whole; or of it what is not in the sheets of its regions.
    fn add_whole(self, begin: Moment, sheet: &[u8], as_it_is: bool, to: &mut Sums) -> Option<()> {
        Whole::read(sheet, |place, point| {
            let at = begin + self.step.length() * u32::from(place);
            if !self.has(at) {
                return;
            }
            if as_it_is {
                to.put(Point { at, ..point });
            } else if let Some(sum) = to.at(at) {
                sum.judged.add(&point.judged);
            }
        })
    }

    fn has(self, at: Moment) -> bool {
        at >= self.from && at < self.until
    }
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
