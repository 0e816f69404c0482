//! Faults between the service and its Postgres: none of them costs a check or the service.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::{PgPool, raw_sql};
use stillup::private_postgres::throwaway::{self, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, UnixStream},
};

use crate::{
    server::{Mood, Server},
    service::{Service, until},
};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// A proxy to a Postgres that damages its answers this many times, so that the driver panics: the
/// header of a message has a length that is less than that of the header.
async fn damaged(socket: PathBuf, times: Arc<AtomicU32>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pass(stream, socket.clone(), times.clone()));
        }
    });
    at
}

async fn pass(stream: TcpStream, socket: PathBuf, times: Arc<AtomicU32>) {
    let Ok(server) = UnixStream::connect(socket).await else { return };
    let ((mut from, mut to), (mut answers, mut asks)) = (stream.into_split(), server.into_split());
    let there = copy(&mut from, &mut asks);
    let back = async {
        let mut piece = vec![0; 16 * 1024];
        while let Ok(length) = answers.read(&mut piece).await
            && length > 0
        {
            let damage =
                times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            let piece = if damage.is_ok() { &b"D\0\0\0\0"[..] } else { &piece[..length] };
            if to.write_all(piece).await.is_err() || damage.is_ok() {
                return;
            }
        }
    };
    tokio::select! { _ = there => {}, () = back => {} }
}

fn socket(database: &TestDatabase) -> PathBuf {
    database.options().get_socket().unwrap().join(".s.PGSQL.5432")
}

async fn recorded(service: &Service, more_than: u64) {
    let seen = async || {
        let (_, metrics) = service.get("/metrics").await;
        let line = metrics.lines().find_map(|l| l.strip_prefix("stillup_checks_recorded_total "));
        (line?.parse::<f64>().ok()? > more_than as f64).then_some(())
    };
    until("checks are recorded", PATIENCE, seen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_the_driver_of_postgres_costs_a_moment_of_the_record_and_not_the_service() {
    let well = Server::start(Mood::Well).await;
    let catalogue: String = (0..4).map(|n| well.entry(&format!("well-{n}.example"))).collect();
    let database = throwaway::database().await.unwrap();
    let times = Arc::new(AtomicU32::new(0));
    let way = damaged(socket(&database), times.clone()).await;
    let name = database.options().get_database().unwrap().to_owned();
    let url = format!("postgres://stillup@{way}/{name}?sslmode=disable");
    let mut service = Service::new(&catalogue, Some(url));
    service.start(&[]).await;
    recorded(&service, 3).await;
    times.store(6, Ordering::SeqCst);
    let panicked = async || service.log().contains("a part panicked").then_some(());
    until("a part panics", PATIENCE, panicked).await;
    for path in ["/healthz", "/", "/api/v1/sites"] {
        assert_eq!(service.get(path).await.0, 200, "{path}");
    }
    let damage = async || (times.load(Ordering::SeqCst) == 0).then_some(());
    until("the damage is over", PATIENCE, damage).await;
    let ready = async || (service.json("/readyz").await["status"] == "ready").then_some(());
    until("the record goes on", PATIENCE, ready).await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let count = "SELECT count(*) FROM checks";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
    let more = async || {
        let now: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
        (now > before + 8).then_some(())
    };
    until("checks are recorded again", PATIENCE, more).await;
    service.signal("INT");
    assert!(service.ended().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_refused_are_shown_and_can_be_tried_again_beside_the_service() {
    let (well, shy) = (Server::start(Mood::Well).await, Server::start(Mood::Shy).await);
    let database = throwaway::database().await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut service = Service::new(
        &(well.entry("well.example") + &shy.entry("shy.example")),
        Some(database.url()),
    );
    service.start(&[]).await;
    recorded(&service, 2).await;
    raw_sql("ALTER TABLE checks ADD CONSTRAINT no CHECK (http_status <> 403) NOT VALID")
        .execute(&pool)
        .await
        .unwrap();
    let aside = async || {
        let ready = service.json("/readyz").await;
        ready["reasons"].to_string().contains("stillup journal refused").then_some(ready)
    };
    let ready = until("a row is set aside", PATIENCE, aside).await;
    assert_eq!(ready["status"], "degraded");
    let shown = service.run(&["journal", "refused"]).await;
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && text.contains("23514 check of shy.example at"), "{text}");
    assert!(!text.contains("well.example"), "{text}");
    let still = service.run(&["journal", "refused", "--retry"]).await;
    assert_eq!(still.status.code(), Some(1), "{still:?}");

    raw_sql("ALTER TABLE checks DROP CONSTRAINT no").execute(&pool).await.unwrap();
    let taken = service.run(&["journal", "refused", "--retry"]).await;
    let text = String::from_utf8(taken.stdout).unwrap();
    assert!(taken.status.success() && text.contains("0 are still refused"), "{text}");
    assert!(service.run(&["journal", "refused"]).await.stdout.is_empty());
    let ready = async || (service.json("/readyz").await["status"] == "ready").then_some(());
    until("nothing is set aside", PATIENCE, ready).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_gone_is_told_and_begins_anew_once_there_is_a_place_for_it() {
    let well = Server::start(Mood::Well).await;
    let catalogue: String = (0..4).map(|n| well.entry(&format!("well-{n}.example"))).collect();
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue, Some(database.url()));
    service.start(&[]).await;
    recorded(&service, 3).await;
    let is = async |status: &str| {
        let status = status.to_owned();
        until("readiness", PATIENCE, async || {
            (service.json("/readyz").await["status"] == *status).then_some(())
        })
        .await;
    };
    is("ready").await;
    std::fs::remove_dir_all(service.data()).unwrap();
    is("degraded").await;
    let held = async || {
        let status = service.json("/api/v1/status").await;
        status["record"]["held_since"].is_string().then_some(())
    };
    until("checks wait in memory", PATIENCE, held).await;
    std::fs::create_dir(service.data()).unwrap();
    is("ready").await;
    let (_, metrics) = service.get("/metrics").await;
    let count = metrics.lines().find_map(|l| l.strip_prefix("stillup_checks_recorded_total "));
    recorded(&service, count.unwrap().parse::<f64>().unwrap() as u64 + 3).await;
}
