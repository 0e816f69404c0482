//! The operator's files as the nodes of one Postgres share them: each as a text with the number of its edition.

use super::{READ_TIMEOUT, Store, StoreError, WRITE_TIMEOUT, within};

/// An edition of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileEdition {
    /// Larger than that of each edition before it; 0 is that of none.
    pub version: i64,
    /// All of the file.
    pub text: String,
}

impl Store {
    /// Names of the files that there are, and the version of each.
    ///
    /// # Errors
    /// Fails when Postgres is away.
    pub async fn shared_versions(&self) -> Result<Vec<(String, i64)>, StoreError> {
        within(READ_TIMEOUT, async {
            let rows = sqlx::query!("SELECT name, version FROM shared_files");
            let rows = rows.fetch_all(&self.pool).await?;
            Ok(rows.into_iter().map(|row| (row.name, row.version)).collect())
        })
        .await
    }

    /// The edition that there is of a file.
    ///
    /// # Errors
    /// Fails when Postgres is away.
    pub async fn shared_file(&self, name: &str) -> Result<FileEdition, StoreError> {
        within(READ_TIMEOUT, async {
            let row = sqlx::query_as!(
                FileEdition,
                "SELECT version, text FROM shared_files WHERE name = $1",
                name
            );
            Ok(row.fetch_optional(&self.pool).await?.unwrap_or_default())
        })
        .await
    }

    /// Keeps a text in place of the edition `before`, on behalf of a node that knew `known`; returns its version,
    /// or `None` when there is another edition by now.
    ///
    /// # Errors
    /// Fails when Postgres is away, or takes no writes.
    pub async fn replace_shared_file(
        &self,
        (name, node): (&str, &str),
        (before, known): (i64, i64),
        text: &str,
    ) -> Result<Option<i64>, StoreError> {
        within(WRITE_TIMEOUT, async {
            // A standby that was promoted may lack the newest editions: two that follow on the same one must not have
            // the same version.
            let row = sqlx::query_scalar!(
                "INSERT INTO shared_files AS files (name, version, text, node, changed_at)
                 VALUES ($1, GREATEST($2, $3, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) + 1, $4, $5,
                     now())
                 ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, text = EXCLUDED.text,
                     node = EXCLUDED.node, changed_at = EXCLUDED.changed_at
                 WHERE files.version = $2
                 RETURNING version",
                name,
                before,
                known,
                text,
                node,
            );
            Ok(row.fetch_optional(&self.pool).await?)
        })
        .await
    }
}
