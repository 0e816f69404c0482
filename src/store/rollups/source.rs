//! What is summed: the checks and the verdicts of some sites in a stretch of time.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::{
    model::{
        moment::Moment,
        outcome::Answer,
        rollup::Tally,
        sealed::Kept,
        uptime::{Mark, Span, spans},
    },
    store::{StoreError, checks::Row, sealed::of_hour, verdicts::status},
};

/// Gives each check of these sites in `[from, until)` once, with site and region, in any order; and
/// whether that was all: what cannot be read is told of and left out.
pub(in crate::store) async fn tallies(
    sites: &[i32],
    from: Moment,
    until: Moment,
    to: &mut PgConnection,
    mut each: impl FnMut(i32, i16, &Tally),
) -> Result<bool, StoreError> {
    let mut sealed = HashSet::new();
    let there = of_hour(sites, from, until, to).await?;
    for (site, hour) in &there.unreadable {
        tracing::warn!(site, %hour, "the checks of an hour cannot be read");
    }
    for ((site, region), checks) in there.checks {
        for check in checks {
            if sealed.insert((site, region, check.at)) {
                each(site, region, &tally(&check));
            }
        }
    }
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT c.site_id, c.region_id, c.at, c.http_status, c.outcome, c.phases,
             c.attempts, c.detail
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
        let (site, region, kept) = (row.site_id, row.region_id, row.kept()?);
        if !sealed.contains(&(site, region, kept.at)) {
            each(site, region, &tally(&kept));
        }
    }
    Ok(there.unreadable.is_empty())
}

fn tally(kept: &Kept) -> Tally {
    let failure = match &kept.answer {
        Answer::Failed(cause) => Some(cause.failure),
        Answer::Ok | Answer::Restricted(_) => None,
    };
    Tally {
        at: kept.at,
        failure,
        restricted: matches!(kept.answer, Answer::Restricted(_)),
        latency: kept.phases.latency(),
    }
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
