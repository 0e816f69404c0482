//! Rows on their way into Postgres. A partition is made, filled and frozen in one transaction, so that
//! nothing is written twice (no write-ahead log, no vacuum afterwards).

use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgConnection as Connection, PgCopyIn},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// A piece on its way.
#[derive(Debug)]
pub(crate) struct Piece {
    /// `COPY …`, without its end.
    pub(crate) copy: String,
    /// The statement that makes the partition for it, if it may be missing.
    pub(crate) make: Option<String>,
    pub(crate) rows: Vec<u8>,
}

/// A connection that copies pieces one after the other, all in one transaction. There is one only: to make
/// a partition takes a lock that the transaction keeps, for which a second copier would wait for ever.
pub(crate) struct Copier {
    pieces: mpsc::Sender<Piece>,
    task: JoinHandle<()>,
}

impl Copier {
    pub(crate) async fn start(options: &PgConnectOptions) -> Self {
        let mut connection = Connection::connect_with(options).await.unwrap();
        let (pieces, mut incoming) = mpsc::channel::<Piece>(4);
        let task = tokio::spawn(async move {
            sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
            let mut made = Vec::new();
            while let Some(piece) = incoming.recv().await {
                if let Some(make) = piece.make.filter(|make| !made.contains(make)) {
                    sqlx::query(sqlx::AssertSqlSafe(make.clone()))
                        .execute(&mut connection)
                        .await
                        .unwrap();
                    made.push(make);
                }
                write(&mut connection, &piece.copy, piece.rows).await;
            }
            sqlx::query("COMMIT").execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
        Self { pieces, task }
    }

    /// Channel for pieces; it waits while four are under way.
    pub(crate) fn sender(&self) -> mpsc::Sender<Piece> {
        self.pieces.clone()
    }

    /// Ends when all pieces that were sent are in; the other senders have to be gone.
    pub(crate) async fn finish(self) {
        drop(self.pieces);
        self.task.await.unwrap();
    }
}

async fn write(connection: &mut PgConnection, statement: &str, rows: Vec<u8>) {
    let mut copy: PgCopyIn<_> = connection.copy_in_raw(statement).await.unwrap();
    copy.send(rows).await.unwrap();
    copy.finish().await.unwrap();
}
