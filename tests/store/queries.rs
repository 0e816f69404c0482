//! `.sqlx`, by which queries are checked as they are compiled, is what Postgres says of them.

use std::{fs, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr};

use crate::support::store;

#[tokio::test]
async fn what_is_committed_of_every_query_is_what_postgres_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (_store, database) = store().await;
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let mut wrong = Vec::new();
    for file in fs::read_dir(root.join(".sqlx")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let committed: Value = serde_json::from_str(&text).unwrap();
        let query = committed["query"].as_str().unwrap().to_owned();
        let sql = AssertSqlSafe(query.clone()).into_sql_str();
        let said = connection.describe(sql).await.map(serde_json::to_value);
        if !matches!(&said, Ok(Ok(said)) if *said == committed["describe"]) {
            wrong.push((query, said));
        }
    }
    connection.close().await.unwrap();
    assert!(wrong.is_empty(), "run `make sqlx`: {wrong:#?}");
}
