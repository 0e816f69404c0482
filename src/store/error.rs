//! What can go wrong with Postgres, by what the caller should do about it.

use std::time::Duration;

use sqlx::Error;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres does not answer, is starting or ending, or is out of room: the same call may work
    /// later.
    #[error("Postgres is away: {0}")]
    Away(#[source] Error),
    /// Postgres did not answer in time.
    #[error("Postgres did not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// Postgres answers, and does not let us in: somebody has to put that right, then the same call
    /// works.
    #[error("Postgres refuses us: {0}")]
    Refused(#[source] Error),
    /// The tables were made by a later release: that release works with them.
    #[error("its tables were made by a later stillup (their version is {0}): run that one")]
    Later(i64),
    /// Another process does the same work now.
    #[error("another process is at it")]
    Busy,
    /// The same call will never work: what we sent or what is stored is wrong.
    #[error("Postgres cannot do this: {0}")]
    Broken(#[source] Error),
}

impl StoreError {
    /// Whether to try the same again later. If not, this batch can never be written.
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Broken(_))
    }

    /// Whether a check's day has no partition, because it was dropped since we last looked.
    pub(super) fn is_missing_partition(&self) -> bool {
        let Self::Broken(Error::Database(error)) = self else { return false };
        // A check violation that names no constraint: only routing to a partition reports so.
        error.code().as_deref() == Some("23514") && error.constraint().is_none()
    }

    /// Whether a row is there already that was thought to be new.
    pub(super) fn is_there_already(&self) -> bool {
        let Self::Broken(Error::Database(error)) = self else { return false };
        error.is_unique_violation()
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
                Self::Away(error)
            }
            Error::Tls(_) | Error::Configuration(_) => Self::Refused(error),
            Error::Database(said) => match said.code().unwrap_or_default().into_owned().as_str() {
                // No such database, no right to it, wrong user or password.
                code if code.starts_with("28") || matches!(code, "3D000" | "42501") => {
                    Self::Refused(error)
                }
                code if is_passing(code) => Self::Away(error),
                _ => Self::Broken(error),
            },
            // A connection that ends in the middle of a message.
            Error::Protocol(_) => Self::Away(error),
            _ => Self::Broken(error),
        }
    }
}

/// Whether this SQLSTATE is about the state that Postgres is in: connection, resources, rollbacks,
/// locks, cancelled statements, an operator's doing, read-only, and its own input and output.
fn is_passing(code: &str) -> bool {
    const CLASSES: [&str; 6] = ["08", "40", "53", "57", "58", "55"];
    CLASSES.iter().any(|class| code.starts_with(class)) || code == "25006"
}

/// Runs a call with a deadline of our own: a Postgres that hangs keeps no deadline of its own.
pub(super) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, call).await.unwrap_or(Err(StoreError::Silent(limit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pool_is_worth_another_try_and_a_bad_row_is_not() {
        assert!(StoreError::from(Error::PoolTimedOut).is_temporary());
        assert!(!StoreError::from(Error::RowNotFound).is_temporary());
        assert!(is_passing("57P03") && is_passing("53100") && !is_passing("22021"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_ends() {
        let hung = within(READ_FOR_TEST, std::future::pending::<Result<(), StoreError>>()).await;
        assert!(matches!(hung, Err(StoreError::Silent(READ_FOR_TEST))));
    }

    const READ_FOR_TEST: Duration = Duration::from_secs(5);
}
