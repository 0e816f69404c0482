//! Several hosts of one Postgres: the one that can be written to is found, and of two the one that was
//! promoted last.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use stillup::store::{Store, StoreError};
use tokio::time::timeout;

use crate::{
    pair::Pair,
    until::{SOON, until},
};

#[tokio::test]
async fn the_host_that_can_be_written_to_is_found_and_found_again() {
    let pair = Pair::start().await;
    let nobody = PgConnectOptions::new_without_pgpass().socket("/nonexistent");
    let hosts = [nobody, pair.options(1), pair.options(0)];
    let first = Store::connect_to(&hosts).await.unwrap();
    first.ping().await.unwrap();
    let names = async |number: usize| -> i64 {
        let read = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'stillup'";
        sqlx::query_scalar(read).fetch_one(&pair.pool(number)).await.unwrap()
    };
    assert!(names(0).await > 0);
    let standby = Store::connect_to(&hosts[..2]).await;
    assert!(matches!(standby, Err(StoreError::ReadOnly)), "{standby:?}");

    // An operator makes it read-only: there is none then.
    pair.set_read_only(true).await;
    let read_only = Store::connect_to(&hosts).await;
    assert!(matches!(read_only, Err(StoreError::ReadOnly)), "{read_only:?}");
    pair.set_read_only(false).await;
    // As long as nothing is promoted, it stays.
    let same = timeout(Duration::from_secs(3), first.failed_over(&hosts)).await;
    assert!(same.is_err(), "nothing failed over");

    // The old primary was cut off from its standby, and goes on: both can be written to.
    pair.promote(1);
    timeout(SOON, first.failed_over(&hosts)).await.unwrap();
    first.close().await;
    for order in [[0, 1], [1, 0]] {
        let hosts = order.map(|number| pair.options(number));
        let second = Store::connect_to(&hosts).await.unwrap();
        second.ping().await.unwrap();
        assert!(names(1).await > 0, "{order:?}");
        until("nobody is at the other", SOON, async || (names(0).await == 0).then_some(())).await;
        second.close().await;
    }
}
