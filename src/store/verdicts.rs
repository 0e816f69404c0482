//! Reading back what the judge remembers.

use std::collections::HashMap;

use super::{Store, StoreError, WRITE_TIMEOUT, within};
use model::{judge::SiteState, name::Slug, verdict::Status};

/// The status with this number.
pub(super) fn status(number: i16) -> Option<Status> {
    Status::from_number(u8::try_from(number).ok()?)
}

impl Store {
    /// State of the judge for every watched site. A state that this version cannot read is left
    /// out, and its site is judged anew.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn states(&self) -> Result<HashMap<Slug, SiteState>, StoreError> {
        let rows = sqlx::query!(
            "SELECT s.slug, t.state FROM site_states t JOIN sites s ON s.id = t.site_id
             WHERE s.removed_at IS NULL"
        )
        .fetch_all(&self.pool);
        let rows = within(WRITE_TIMEOUT, async { Ok(rows.await?) }).await?;
        let read = rows.into_iter().filter_map(|row| {
            let state = serde_json::from_value(row.state).inspect_err(|error| {
                tracing::warn!(site = row.slug, %error, "what we knew of a site cannot be read");
            });
            Some((Slug::new(&row.slug).ok()?, state.ok()?))
        });
        Ok(read.collect())
    }
}
