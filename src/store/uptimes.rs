//! Reading uptime: one query for many sites; the arithmetic is the model's.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{READ, Store, StoreError, WRITE, verdicts::status, within};
use crate::model::{
    moment::Moment,
    name::Slug,
    uptime::{LONGEST, Mark, Span, Uptime, spans},
};

impl Store {
    /// The uptimes of these sites, of those that are watched and were ever judged.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn uptimes(
        &self,
        sites: &[Slug],
        now: Moment,
    ) -> Result<HashMap<Slug, Uptime>, StoreError> {
        let slugs: Vec<String> = sites.iter().map(|slug| slug.as_str().to_owned()).collect();
        // A site's changes within the longest window, and the one that held when it began.
        let rows = sqlx::query!(
            r#"SELECT s.slug, c.from_at AS "from!", c.at AS "at!", c.status AS "status!"
             FROM sites s CROSS JOIN LATERAL (
                 SELECT * FROM changes WHERE site_id = s.id AND at > $1
                 UNION ALL
                 (SELECT * FROM changes WHERE site_id = s.id AND at <= $1
                  ORDER BY at DESC, from_at DESC LIMIT 1)
             ) c
             WHERE s.removed_at IS NULL AND s.slug = ANY($2)
             ORDER BY s.id, c.at, c.from_at, c.status DESC"#,
            (now - LONGEST).to_datetime(),
            &slugs
        )
        .fetch_all(&self.pool);
        let rows = within(WRITE, async { Ok(rows.await?) }).await?;
        let mut uptimes = HashMap::new();
        for changes in rows.chunk_by(|a, b| a.slug == b.slug) {
            let Some(Ok(slug)) = changes.first().map(|c| Slug::new(&c.slug)) else { continue };
            let marks: Vec<Mark> = changes
                .iter()
                .filter_map(|c| {
                    let status = status(c.status)?;
                    Some(Mark { from: c.from.into(), at: c.at.into(), status })
                })
                .collect();
            uptimes.insert(slug, Uptime::of(&spans(&marks, now), now));
        }
        Ok(uptimes)
    }
    /// What held when at one site, over the longest window of uptime and until now; empty for a
    /// site that is not known.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn spans(&self, slug: &Slug, now: Moment) -> Result<Vec<Span>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT c.from_at AS "from!", c.at AS "at!", c.status AS "status!"
             FROM sites s CROSS JOIN LATERAL (
                 SELECT * FROM changes WHERE site_id = s.id AND at > $2
                 UNION ALL
                 (SELECT * FROM changes WHERE site_id = s.id AND at <= $2
                  ORDER BY at DESC, from_at DESC LIMIT 1)
             ) c
             WHERE s.slug = $1 ORDER BY c.at, c.from_at, c.status DESC"#,
            slug.as_str(),
            (now - LONGEST).to_datetime()
        )
        .fetch_all(&self.readers);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        let mark = |(from, at, number): (OffsetDateTime, OffsetDateTime, i16)| {
            Some(Mark { from: from.into(), at: at.into(), status: status(number)? })
        };
        let marks: Vec<Mark> =
            rows.into_iter().filter_map(|row| mark((row.from, row.at, row.status))).collect();
        Ok(spans(&marks, now))
    }
}
