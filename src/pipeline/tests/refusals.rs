//! Every kind of refusal by Postgres: none of them loses a check.

use sqlx::{PgPool, raw_sql};

use super::*;
use crate::{
    pipeline::{RefusedRow, RefusedRows},
    private_postgres::throwaway::TestDatabase,
};

/// A pipeline whose Postgres has taken one check, and a connection to change that Postgres.
async fn settled(dir: &Path) -> (TestPipeline, Store, PgPool, TestDatabase) {
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let pipeline = build(dir, 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send([check("a.example", 0, None)]).await;
    pipeline.until(|board| board.store_health().recorded == 1).await;
    (pipeline, store, pool, database)
}

/// A trigger that raises this for every check whose HTTP status is one of these.
fn raising(sqlstate: &str, statuses: &str) -> String {
    format!(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF NEW.http_status IN ({statuses}) THEN
                 RAISE 'not this one' USING ERRCODE = '{sqlstate}';
             END IF; RETURN NEW; END $$;
         CREATE TRIGGER no BEFORE INSERT ON checks FOR EACH ROW EXECUTE FUNCTION no()"
    )
}

const CALM: &str = "DROP TRIGGER no ON checks; DROP FUNCTION no";

#[tokio::test]
async fn whatever_is_wrong_beside_data_checks_wait_for_it_and_the_board_says_why() {
    let raise = |code: &str| (raising(code, "200, 0"), CALM.to_owned(), code.to_owned());
    let own = |wrong: &str, right: &str, code: &str| {
        (wrong.to_owned(), right.to_owned(), code.to_owned())
    };
    let part = "checks_20260921";
    let back = format!(
        "ALTER TABLE checks ATTACH PARTITION {part}
         FOR VALUES FROM ('2026-09-21 00:00:00+00') TO ('2026-09-22 00:00:00+00')"
    );
    let cases = [
        own("ALTER TABLE checks RENAME TO x", "ALTER TABLE x RENAME TO checks", "42P01"),
        own(
            "ALTER TABLE checks RENAME COLUMN failure_detail TO x",
            "ALTER TABLE checks RENAME COLUMN x TO failure_detail",
            "42703",
        ),
        own(
            "CREATE SCHEMA AUTHORIZATION CURRENT_USER CREATE TABLE checks (n integer)",
            "DO $$ BEGIN EXECUTE format('DROP SCHEMA %I CASCADE', CURRENT_USER); END $$",
            "42703",
        ),
        own(&format!("ALTER TABLE checks DETACH PARTITION {part}"), &back, "23514"),
        own(
            "ALTER TABLE rollup_marks RENAME TO x",
            "ALTER TABLE x RENAME TO rollup_marks",
            "42P01",
        ),
        raise("P0001"),
        // A pooler in transaction mode.
        raise("42P05"),
        raise("26000"),
        // A disk that is full, a right, a statement, a limit, a breakage.
        raise("53100"),
        raise("42501"),
        raise("0A000"),
        raise("54000"),
        raise("XX001"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (pipeline, store, pool, _database) = settled(dir.path()).await;
    let mut second = 1;
    for (wrong, right, code) in cases {
        raw_sql(sqlx::AssertSqlSafe(wrong.clone())).execute(&pool).await.unwrap();
        pipeline.send((second..second + 5).map(|second| check("a.example", second, None))).await;
        second += 5;
        pipeline.until(|board| board.store_health().why.is_some()).await;
        let record = pipeline.board.store_health();
        assert_eq!(record.why.unwrap().sqlstate.as_deref(), Some(&*code), "{wrong}");
        assert!(record.away_since.is_some() && record.refused_rows == 0, "{wrong}");
        raw_sql(sqlx::AssertSqlSafe(right)).execute(&pool).await.unwrap();
        pipeline.until(|board| board.store_health().waiting() == 0).await;
        let record = pipeline.board.store_health();
        assert_eq!(
            (record.why, record.away_since, record.refused_rows),
            (None, None, 0),
            "{wrong}"
        );
    }
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..second).collect::<Vec<_>>());
}

/// Makes a user who owns all our tables, and connects as that user.
async fn owner(database: &TestDatabase, pool: &PgPool) -> (Store, String) {
    let options = database.options();
    let name = format!("owner_of_{}", options.get_database().unwrap());
    let make = format!(
        "CREATE ROLE {name} LOGIN; ALTER SCHEMA public OWNER TO {name};
         DO $$ DECLARE part regclass; BEGIN
             FOR part IN SELECT oid FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
             LOOP EXECUTE format('ALTER TABLE %s OWNER TO {name}', part); END LOOP;
         END $$"
    );
    raw_sql(sqlx::AssertSqlSafe(make)).execute(pool).await.unwrap();
    (Store::connect(options.username(&name)).await.unwrap(), name)
}

#[tokio::test]
async fn a_right_that_is_taken_and_a_database_that_is_read_only_are_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (pipeline, store, pool, database) = settled(dir.path()).await;
    let (owned, name) = owner(&database, &pool).await;
    pipeline.link.send_replace(Some(owned));
    let base = database.options().get_database().unwrap().to_owned();
    // A session keeps its first settings.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'stillup'";
    let read_only = format!("ALTER DATABASE {base} SET default_transaction_read_only = on; {end}");
    let cases = [
        (
            format!("REVOKE INSERT ON checks FROM {name}"),
            format!("GRANT INSERT ON checks TO {name}"),
            "42501",
        ),
        (read_only, format!("ALTER DATABASE {base} RESET default_transaction_read_only"), "25006"),
    ];
    let mut second = 1;
    for (wrong, right, code) in cases {
        raw_sql(sqlx::AssertSqlSafe(wrong)).execute(&pool).await.unwrap();
        pipeline.send((second..second + 5).map(|second| check("a.example", second, None))).await;
        second += 5;
        let why = |board: &Board| board.store_health().why.and_then(|why| why.sqlstate);
        pipeline.until(|board| why(board).as_deref() == Some(code)).await;
        raw_sql(sqlx::AssertSqlSafe(right)).execute(&pool).await.unwrap();
        pipeline.until(|board| board.store_health().waiting() == 0).await;
        assert_eq!(pipeline.board.store_health().refused_rows, 0, "{code}");
    }
    pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..second).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_that_is_refused_for_what_is_in_it_is_set_aside_and_the_others_are_recorded() {
    for (wrong, code) in [
        ("ALTER TABLE checks ADD CONSTRAINT no CHECK (http_status <> 418)".to_owned(), "23514"),
        (raising("22003", "418"), "22003"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (pipeline, store, pool, _database) = settled(dir.path()).await;
        raw_sql(sqlx::AssertSqlSafe(wrong)).execute(&pool).await.unwrap();
        let checks = (1..100).map(|second| {
            let mut check = check("a.example", second, None);
            if second % 20 == 7 {
                check.outcome.http_status = Some(418);
            }
            check
        });
        pipeline.send(checks).await;
        pipeline.until(|board| board.store_health().refused_rows == 5).await;
        pipeline.until(|board| board.store_health().waiting() == 0).await;
        assert_eq!(pipeline.board.store_health().recorded, 95);
        let board = pipeline.end().await;
        assert_eq!(board.store_health().away_since, None);
        let good: Vec<i64> = (0..100).filter(|second| second % 20 != 7).collect();
        assert_eq!(moments(&store, "a.example").await, good);

        let refused = RefusedRows::of(&Folder::open(dir.path().join("journal")).unwrap());
        let rows = refused.rows().unwrap();
        let seconds = rows.iter().map(|RefusedRow { entry, sqlstate, .. }| {
            assert_eq!(&**sqlstate, code);
            let Entry::Check(check) = entry else { panic!("{entry:?}") };
            (check.at.millis() - START) / 1_000
        });
        assert_eq!(seconds.collect::<Vec<_>>(), [7, 27, 47, 67, 87]);
        // A later run knows of them, and sees when they are gone.
        let pipeline = build(dir.path(), 1 << 30, HashMap::new());
        pipeline.until(|board| board.store_health().refused_rows == 5).await;
        refused.take().unwrap();
        refused.put_back(&[]).unwrap();
        pipeline.until(|board| board.store_health().refused_rows == 0).await;
    }
}

#[tokio::test]
async fn a_stop_while_the_disk_takes_nothing_writes_to_postgres_what_waits_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let store = store().await;
    // Where a segment is begun, nothing can be.
    std::fs::create_dir_all(dir.path().join("journal/next.draft")).unwrap();
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.send((0..147).map(|second| check("a.example", second, Some(Failure::Dns)))).await;
    pipeline.until(|board| board.store_health().waiting() == 147).await;
    let board = pipeline.end().await;
    assert_eq!(moments(&store, "a.example").await, (0..147).collect::<Vec<_>>());
    assert_eq!(store.outages(&Slug::new("a.example").unwrap(), 9).await.unwrap().len(), 1);
    assert_eq!(board.store_health().waiting(), 0);
}
