//! Errors of Postgres, by what the caller should do about them.

use std::time::Duration;

use sqlx::Error;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres does not answer, is starting or stopping, or is out of room: the same call may work
    /// later.
    #[error("Postgres is away: {0}")]
    Away(#[source] Error),
    /// Postgres did not answer in time.
    #[error("Postgres did not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// Postgres answers, and refuses access: once an operator has put that right, the same call
    /// works.
    #[error("Postgres refuses us: {0}")]
    Refused(#[source] Error),
    /// The tables were made by another stillup: a later release, one before the first, or a changed one.
    #[error(
        "its tables were made by another stillup (their version is {0}): run a later one, or, if they are \
         from before the first release, begin with an empty database"
    )]
    Foreign(i64),
    /// No host can be written to, and some answer.
    #[error("no host of Postgres can be written to; those that answer are standbys or read-only")]
    ReadOnly,
    /// Another node records now: what this one writes as the recording one is refused.
    #[error("another node records now")]
    Fenced,
    /// Another process does the same work now.
    #[error("another process is at it")]
    Busy,
    /// The same call will never work: what we sent or what is stored is wrong.
    #[error("Postgres cannot do this: {0}")]
    Broken(#[source] Error),
}

impl StoreError {
    /// Returns whether the same call may work later without an operator. A caller that must lose
    /// nothing asks [`Self::refuses_data`] instead.
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Broken(_))
    }

    /// Returns whether a check's day has no partition, because it was dropped since it was last
    /// seen.
    pub(super) fn is_missing_partition(&self) -> bool {
        let Self::Broken(Error::Database(error)) = self else { return false };
        // A check violation that names no constraint: only routing to a partition reports so.
        error.code().as_deref() == Some("23514") && error.constraint().is_none()
    }

    /// Returns whether Postgres refuses a row for its contents, so that neither time nor an
    /// operator's work elsewhere will make it accept the row. Everything else (a missing table,
    /// column, right or partition, a trigger that raises, a pooler in between) passes or is put
    /// right, and then the same row is taken.
    pub fn refuses_data(&self) -> bool {
        match self {
            Self::Broken(Error::Encode(_)) => true,
            Self::Broken(Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                is_about_data(&code) && !self.is_missing_partition()
            }
            _ => false,
        }
    }

    /// The SQLSTATE, where Postgres said one.
    pub fn sqlstate(&self) -> Option<String> {
        let (Self::Away(error) | Self::Refused(error) | Self::Broken(error)) = self else {
            return None;
        };
        Some(error.as_database_error()?.code()?.into_owned())
    }

    /// The error in a few words of our own: Postgres' own text may name users, hosts and rows,
    /// which are not for everybody.
    pub fn short(&self) -> &'static str {
        match self {
            Self::Away(Error::Tls(_)) | Self::Refused(Error::Tls(_)) => "TLS with Postgres fails",
            Self::Silent(_) => "Postgres does not answer in time",
            Self::Foreign(_) => "the tables were made by another stillup",
            Self::Busy => "another process is at it",
            Self::ReadOnly => "no host of Postgres can be written to",
            Self::Fenced => "another node records now",
            error => error.sqlstate().map_or("Postgres cannot be reached", |code| short(&code)),
        }
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

/// Returns whether this SQLSTATE is about the state that Postgres is in: connection, resources,
/// rollbacks, locks, cancelled statements, an operator's doing, read-only, and its own input and
/// output.
fn is_passing(code: &str) -> bool {
    const CLASSES: [&str; 6] = ["08", "40", "53", "57", "58", "55"];
    CLASSES.iter().any(|class| code.starts_with(class)) || code == "25006"
}

/// Returns whether this SQLSTATE says that the data of a row is wrong (classes 22 and 23), but for
/// a row that is there already, and for a setting that is wrong.
fn is_about_data(code: &str) -> bool {
    (code.starts_with("22") || code.starts_with("23")) && !matches!(code, "23505" | "22023")
}

/// A SQLSTATE in a few words.
fn short(code: &str) -> &'static str {
    match code {
        "42P01" | "3F000" => "a table is missing",
        "42703" => "a column is missing",
        "42883" => "a function is missing",
        "42704" => "something of the schema is missing",
        "42501" => "a right is missing",
        "23514" => "a partition is missing, or a row breaks a rule of its table",
        "23505" => "a row is there already",
        "42P05" | "26000" => {
            "prepared statements are lost on the way: a pooler in transaction mode is between us \
             and Postgres; use its session mode"
        }
        "0A000" => "Postgres does not support a statement",
        "P0001" => "a trigger or function of the database raises an error",
        "25006" => "the database is read-only",
        "53100" => "the disk of Postgres is full",
        "53200" => "Postgres is out of memory",
        "53300" => "Postgres has too many connections",
        "3D000" => "there is no such database",
        "57P03" => "Postgres is starting",
        "28P01" | "28000" => "Postgres does not let us in",
        code => match code.get(..2).unwrap_or_default() {
            "08" => "the connection to Postgres fails",
            "22" => "a value is refused",
            "23" => "a row breaks a rule of its table",
            "40" => "Postgres rolled the transaction back",
            "42" => "Postgres refuses a statement",
            "53" => "Postgres is out of room",
            "55" => "something is locked or not ready",
            "57" => "Postgres is stopping, or cancelled the statement",
            "58" => "Postgres has trouble with its own files",
            "XX" => "Postgres has an internal error",
            _ => "Postgres cannot do this",
        },
    }
}

/// Runs a call with a deadline of our own: a hanging Postgres keeps none.
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

    #[test]
    fn only_the_data_of_a_row_is_never_tried_again() {
        for code in ["22001", "22003", "22021", "22P05", "23502", "23503", "23514", "23P01"] {
            assert!(is_about_data(code), "{code}");
        }
        for code in [
            "0A000", "08P01", "21000", "22023", "23505", "25006", "25P02", "26000", "28P01",
            "3D000", "3F000", "40001", "42501", "42601", "42703", "42704", "42804", "42883",
            "42P01", "42P05", "42P10", "53100", "54000", "55P03", "57014", "58030", "P0001",
            "P0002", "XX000", "XX001", "",
        ] {
            assert!(!is_about_data(code), "{code}");
            assert!(!short(code).is_empty());
        }
        assert!(!StoreError::from(Error::RowNotFound).refuses_data());
        assert!(!StoreError::from(Error::PoolTimedOut).refuses_data());
        assert!(StoreError::from(Error::Encode("too long".into())).refuses_data());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_ends() {
        let hung = within(READ_FOR_TEST, std::future::pending::<Result<(), StoreError>>()).await;
        assert!(matches!(hung, Err(StoreError::Silent(READ_FOR_TEST))));
    }

    const READ_FOR_TEST: Duration = Duration::from_secs(5);
}
