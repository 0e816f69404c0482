//! Sources of rollups: the checks and the verdicts of some sites in a stretch of time.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::store::{
    StoreError,
    checks::unreadable,
    rows::{answer, phases, status},
};
use model::{
    moment::Moment,
    outcome::Answer,
    rollup::CheckSample,
    uptime::{Span, StatusChange, spans},
};

/// Gives each check of these sites and regions in `[from, until)`, with site and region, in any order.
pub(in crate::store) async fn tallies(
    (sites, regions): (&[i32], &[i16]),
    (from, until): (Moment, Moment),
    connection: &mut PgConnection,
    mut each: impl FnMut(i32, i16, &CheckSample),
) -> Result<(), StoreError> {
    let mut rows = sqlx::query!(
        "SELECT site_id, region_id, at, outcome, failure, dns_us, connect_us, tls_us, wait_us, transfer_us
         FROM checks
         WHERE site_id = ANY($1) AND region_id = ANY($2) AND at >= $3 AND at < $4",
        sites,
        regions,
        from.to_datetime(),
        until.to_datetime()
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let at = Moment::from(row.at);
        let answer = answer(row.outcome, row.failure, None);
        let answer = answer.ok_or_else(|| unreadable(row.site_id, at))?;
        let failure = match &answer {
            Answer::Failed(cause) => Some(cause.failure),
            Answer::Ok | Answer::Restricted(_) => None,
        };
        let restricted = matches!(answer, Answer::Restricted(_));
        let phases = phases([row.dns_us, row.connect_us, row.tls_us, row.wait_us, row.transfer_us]);
        each(
            row.site_id,
            row.region_id,
            &CheckSample { at, failure, restricted, latency: phases.latency() },
        );
    }
    Ok(())
}

/// Spans of verdicts in `[from, until)` at these sites, where anything was ever judged.
pub(in crate::store) async fn spans_of(
    sites: &[i32],
    from: Moment,
    until: Moment,
    connection: &mut PgConnection,
) -> Result<HashMap<i32, Vec<Span>>, StoreError> {
    let mut found = HashMap::new();
    for site in sites {
        let spans = spans_of_one(*site, (from, until), connection).await?;
        if !spans.is_empty() {
            found.insert(*site, spans);
        }
    }
    Ok(found)
}

/// Spans of verdicts in `[from, until)` at a site: from the changes that reach into it, and the one
/// in force when it began. A statement per site, since the last change before a moment is one step
/// along an index by site alone.
pub(in crate::store) async fn spans_of_one(
    site: i32,
    (from, until): (Moment, Moment),
    connection: &mut PgConnection,
) -> Result<Vec<Span>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT from_at AS "from!", at AS "at!", status AS "status!" FROM (
             (SELECT from_at, at, status FROM changes
              WHERE site_id = $1 AND at > $2 AND from_at < $3)
             UNION ALL
             (SELECT from_at, at, status FROM changes WHERE site_id = $1 AND at <= $2
              ORDER BY at DESC, from_at DESC, status LIMIT 1)
         ) c ORDER BY at, from_at, status DESC"#,
        site,
        from.to_datetime(),
        until.to_datetime()
    );
    let mark = |(from, at, number): (OffsetDateTime, OffsetDateTime, i16)| {
        Some(StatusChange { from: from.into(), at: at.into(), status: status(number)? })
    };
    let rows = rows.fetch_all(connection).await?.into_iter();
    let marks: Vec<StatusChange> =
        rows.filter_map(|row| mark((row.from, row.at, row.status))).collect();
    Ok(spans(&marks, until))
}
