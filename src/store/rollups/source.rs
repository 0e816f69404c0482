//! What is summed: the checks and the verdicts of some sites in a stretch of time.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    model::{
        moment::Moment,
        outcome::{Failure, Phases},
        rollup::Tally,
        uptime::{Mark, Span, spans},
    },
    store::{StoreError, verdicts::status},
};

/// A check as it is summed.
struct Row {
    site_id: i32,
    region_id: i16,
    at: OffsetDateTime,
    dns: Option<i32>,
    connect: Option<i32>,
    tls: Option<i32>,
    wait: Option<i32>,
    transfer: Option<i32>,
    failure: Option<i16>,
    restricted: bool,
}

impl Row {
    fn tally(&self) -> Tally {
        let micros = |part: Option<i32>| part.and_then(|p| u32::try_from(p).ok());
        let phases = Phases {
            dns: micros(self.dns),
            connect: micros(self.connect),
            tls: micros(self.tls),
            wait: micros(self.wait),
            transfer: micros(self.transfer),
        };
        let failure = self.failure.and_then(|f| Failure::from_number(u8::try_from(f).ok()?));
        let at = self.at.into();
        Tally { at, failure, restricted: self.restricted, latency: phases.latency() }
    }
}

/// Gives each check of these sites in `[from, until)`, with site and region, in any order.
pub(super) async fn tallies(
    sites: &[i32],
    from: Moment,
    until: Moment,
    to: &mut PgConnection,
    mut each: impl FnMut(i32, i16, &Tally),
) -> Result<(), StoreError> {
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT s AS "site_id!", r.id AS region_id, c.at, c.dns, c.connect, c.tls, c.wait,
             c.transfer, c.failure, c.restricted
         FROM unnest($1::int[]) AS s CROSS JOIN regions r CROSS JOIN LATERAL (
             SELECT * FROM checks WHERE site_id = s AND region_id = r.id AND at >= $2 AND at < $3
             ORDER BY at
         ) c"#,
        sites,
        from.to_datetime(),
        until.to_datetime()
    )
    .fetch(to);
    while let Some(row) = rows.try_next().await? {
        each(row.site_id, row.region_id, &row.tally());
    }
    Ok(())
}

/// The checks of one site in `[from, until)`.
pub(in crate::store) async fn tallies_of_one(
    site: i32,
    from: Moment,
    until: Moment,
    to: &mut PgConnection,
) -> Result<Vec<Tally>, StoreError> {
    let mut found = Vec::new();
    tallies(&[site], from, until, to, |_, _, tally| found.push(*tally)).await?;
    Ok(found)
}

/// What held in `[from, until)` at these sites, where anything was ever judged.
pub(in crate::store) async fn spans_of(
    sites: &[i32],
    from: Moment,
    until: Moment,
    to: &mut PgConnection,
) -> Result<HashMap<i32, Vec<Span>>, StoreError> {
    // The changes that reach into the stretch, and the one that held when it began.
    let rows = sqlx::query!(
        r#"SELECT s AS "site!", c.from_at AS "from!", c.at AS "at!", c.status AS "status!"
         FROM unnest($1::int[]) AS s CROSS JOIN LATERAL (
             SELECT * FROM changes WHERE site_id = s AND at > $2 AND from_at < $3
             UNION ALL
             (SELECT * FROM changes WHERE site_id = s AND at <= $2
              ORDER BY at DESC, from_at DESC, status LIMIT 1)
         ) c
         ORDER BY s, c.at, c.from_at, c.status DESC"#,
        sites,
        from.to_datetime(),
        until.to_datetime()
    )
    .fetch_all(to)
    .await?;
    let mut found = HashMap::new();
    for changes in rows.chunk_by(|a, b| a.site == b.site) {
        let marks: Vec<Mark> = changes
            .iter()
            .filter_map(|c| {
                let status = status(c.status)?;
                Some(Mark { from: c.from.into(), at: c.at.into(), status })
            })
            .collect();
        if let Some(first) = changes.first() {
            found.insert(first.site, spans(&marks, until));
        }
    }
    Ok(found)
}
