//! Reading uptime; the arithmetic is the model's.

use std::collections::HashMap;

use super::{READ_TIMEOUT, Store, StoreError, WRITE_TIMEOUT, rollups::spans_of_one, within};
use model::{
    moment::Moment,
    name::Slug,
    uptime::{LONGEST_WINDOW, Span, Uptime},
};

impl Store {
    /// Uptime of these sites, of those that are watched and were ever judged.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn uptimes(
        &self,
        sites: &[Slug],
        now: Moment,
    ) -> Result<HashMap<Slug, Uptime>, StoreError> {
        let read = async {
            let sites = self.watched_ids(sites).await?;
            let (mut connection, mut uptimes) = (self.pool.acquire().await?, HashMap::new());
            for (site, slug) in sites {
                let spans =
                    spans_of_one(site, (now - LONGEST_WINDOW, now), &mut connection).await?;
                if !spans.is_empty() {
                    uptimes.insert(slug, Uptime::of(&spans, now));
                }
            }
            Ok(uptimes)
        };
        within(WRITE_TIMEOUT, Box::pin(read)).await
    }

    /// Spans of verdicts at one site, over the longest window of uptime and until now; empty for an
    /// unknown site.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn spans(&self, slug: &Slug, now: Moment) -> Result<Vec<Span>, StoreError> {
        self.spans_between(slug, (now - LONGEST_WINDOW, now)).await
    }

    /// The same between two moments.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn spans_between(
        &self,
        slug: &Slug,
        span: (Moment, Moment),
    ) -> Result<Vec<Span>, StoreError> {
        let read = async {
            let Some(site) = self.site_id(slug).await? else { return Ok(Vec::new()) };
            let mut connection = self.readers.acquire().await?;
            spans_of_one(site, span, &mut connection).await
        };
        within(READ_TIMEOUT, Box::pin(read)).await
    }
}
