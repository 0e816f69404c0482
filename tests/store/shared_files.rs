//! Files that several nodes share: one edition at a time, each with a larger version than any before it.

use sqlx::PgPool;
use stillup::store::FileEdition;

use crate::support::store;

const FILE: (&str, &str) = ("notices.toml", "ams-1");

#[tokio::test]
async fn of_two_nodes_that_change_one_edition_the_second_is_told_to_look_again() {
    let (store, database) = store().await;
    assert_eq!(store.shared_versions().await.unwrap(), []);
    assert_eq!(store.shared_file(FILE.0).await.unwrap(), FileEdition::default());
    let first = store.replace_shared_file(FILE, (0, 0), "a").await.unwrap().unwrap();
    assert_eq!(store.replace_shared_file(FILE, (0, 0), "b").await.unwrap(), None);
    let second = store.replace_shared_file(FILE, (first, first), "b").await.unwrap().unwrap();
    assert!(second > first);
    assert_eq!(store.shared_versions().await.unwrap(), [(FILE.0.to_owned(), second)]);
    let edition = FileEdition { version: second, text: "b".to_owned() };
    assert_eq!(store.shared_file(FILE.0).await.unwrap(), edition);

    // A standby that was promoted lacks the newest, and its clock is behind.
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    sqlx::query("UPDATE shared_files SET version = 7").execute(&pool).await.unwrap();
    let known = second + 1_000_000_000_000;
    let third = store.replace_shared_file(FILE, (7, known), "c").await.unwrap().unwrap();
    assert!(third > known);
}
