//! Connections to Postgres: the meaning of `sslmode=prefer`, and the renewal of connections.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    Connection, Error,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::time::Instant;

use super::{ACQUIRE_TIMEOUT, StoreError, migrate};

/// After such a rest a connection is tried before it is used.
const TEST_AFTER: Duration = Duration::from_secs(1);

/// The same options with the encryption that works; the tables are brought up to date over it.
///
/// `sslmode=prefer`, the default, means for libpq: encrypted if that works, otherwise not. The
/// driver falls back only for a server without TLS; but a certificate that rustls cannot read
/// (X.509 v1, an old signature), or a version of TLS that it does not speak, is no reason to do
/// without the record either. The stricter modes (`require`, `verify-ca`, `verify-full`) never fall
/// back.
pub(super) async fn reach(options: PgConnectOptions) -> Result<PgConnectOptions, StoreError> {
    let error = match migrate(&options).await {
        Ok(()) => return Ok(options),
        Err(error) => error,
    };
    let prefers = matches!(options.get_ssl_mode(), PgSslMode::Prefer);
    if !prefers || options.get_socket().is_some() || !is_of_tls(&error) {
        return Err(error);
    }
    let plain = options.ssl_mode(PgSslMode::Disable);
    match migrate(&plain).await {
        Ok(()) => {
            let text = "Postgres cannot be reached over TLS; it is reached without, as sslmode=prefer \
                        allows: write sslmode=require to be strict";
            tracing::warn!(%error, "{text}");
            Ok(plain)
        }
        Err(StoreError::Away(_) | StoreError::Silent(_)) => Err(error),
        Err(said) => Err(said),
    }
}

/// Returns whether TLS may be what failed. Only Postgres itself says the last one: a rule of its
/// `pg_hba.conf` may be for connections without TLS alone.
pub(super) fn is_of_tls(error: &StoreError) -> bool {
    match error {
        StoreError::Refused(Error::Tls(_)) => true,
        StoreError::Away(Error::Io(error)) => matches!(
            error.kind(),
            ErrorKind::InvalidData
                | ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::Other
        ),
        error => error.sqlstate().is_some_and(|code| code == "28000"),
    }
}

/// Request to replace all connections: one that has lost its prepared statements never finds them
/// again, and one that began while the database was read-only stays so.
#[derive(Clone, Debug, Default)]
pub(super) struct Renewal(Arc<Mutex<Option<Instant>>>);

impl Renewal {
    /// All connections that there are now are not used again.
    pub(super) fn ask(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Returns whether a connection of this age is one of them.
    fn is_for(&self, age: Duration) -> bool {
        let asked = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| age > asked.elapsed())
    }
}

/// A pool of at most `most` connections, each of which begins with these settings: as a statement,
/// since poolers refuse them at connection time.
pub(super) fn pool(most: u32, settings: &'static str, renewal: &Renewal) -> PgPoolOptions {
    let renewal = renewal.clone();
    PgPoolOptions::new()
        .after_connect(move |connection, _| {
            Box::pin(async move { sqlx::raw_sql(settings).execute(connection).await.map(drop) })
        })
        .max_connections(most)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A ping before every batch would be a second round trip; but an idle connection may be to
        // a Postgres that was restarted meanwhile.
        .test_before_acquire(false)
        .before_acquire(move |connection, rest| {
            let old = renewal.is_for(rest.age);
            Box::pin(async move {
                if old {
                    return Ok(false);
                }
                if rest.idle_for > TEST_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        // A batch leaves room for megabytes behind, in each connection that ever wrote one.
        .after_release(|connection, _| {
            connection.shrink_buffers();
            Box::pin(async { Ok(true) })
        })
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
        net::{TcpListener, TcpStream, UnixStream},
    };

    use super::*;
    use crate::{
        private_postgres::throwaway::{self, TestDatabase},
        store::Store,
    };

    /// Beginning of a request for TLS: its length, and its code.
    const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

    /// A Postgres that says yes to TLS, and then sends this, which rustls cannot read.
    async fn unreadable(database: &TestDatabase, says: &'static [u8]) -> PgConnectOptions {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let socket = database.options().get_socket().unwrap().join(".s.PGSQL.5432");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, socket.clone(), says));
            }
        });
        let name = database.options().get_database().unwrap().to_owned();
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
        options.username("stillup").database(&name)
    }

    async fn talk(mut stream: TcpStream, socket: std::path::PathBuf, says: &'static [u8]) {
        let mut first = [0; 8];
        if stream.read_exact(&mut first).await.is_err() {
            return;
        }
        if first == TLS_REQUEST {
            let _ = stream.write_all(b"S").await;
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(says).await;
            return;
        }
        let mut server = UnixStream::connect(socket).await.unwrap();
        server.write_all(&first).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut server).await;
    }

    #[tokio::test]
    async fn a_tls_that_we_cannot_read_is_done_without_where_it_was_only_preferred() {
        let database = throwaway::database().await.unwrap();
        // Nothing, no TLS at all, an alert that the handshake failed, and that the version is wrong.
        for says in
            [&b""[..], b"what?\r\n", b"\x15\x03\x03\0\x02\x02\x28", b"\x15\x03\x01\0\x02\x02\x46"]
        {
            let options = unreadable(&database, says).await;
            let prefers = options.clone().ssl_mode(PgSslMode::Prefer);
            let store = Store::connect(prefers).await.unwrap();
            store.ping().await.unwrap();
            for strict in [PgSslMode::Require, PgSslMode::VerifyCa, PgSslMode::VerifyFull] {
                let refused = Store::connect(options.clone().ssl_mode(strict)).await;
                assert!(refused.is_err(), "{strict:?} {says:?}");
            }
        }
    }

    #[tokio::test]
    async fn nobody_asks_again_without_tls_where_nobody_answers() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(nobody.port());
        let error = reach(options.ssl_mode(PgSslMode::Prefer)).await.unwrap_err();
        assert!(matches!(error, StoreError::Away(_)), "{error}");
    }

    #[test]
    fn a_renewal_is_for_the_connections_of_before() {
        let renewal = Renewal::default();
        assert!(!renewal.is_for(Duration::from_secs(9)));
        renewal.ask();
        assert!(renewal.is_for(Duration::from_secs(9)));
        assert!(!renewal.is_for(Duration::ZERO));
    }
}
