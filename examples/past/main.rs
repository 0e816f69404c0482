//! Makes a long past in a scratch database; `making` describes it.
//!
//! ```text
//! cargo run --release --example past -- DATABASE_URL --sites 1000 --days 365 [--seed 1]
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for measuring stops at the first thing that goes wrong"
)]

mod making;

use prober::clock::Clock;
use sqlx::postgres::PgConnectOptions;
use tokio::time::Instant;

use making::Past;

/// Arguments of the command.
fn asked() -> (PgConnectOptions, Past) {
    let all: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, or: u64| {
        let place = all.iter().position(|word| word == name);
        place.and_then(|place| all.get(place + 1)).map_or(or, |text| text.parse().unwrap())
    };
    let Some(url) = all.iter().find(|word| word.starts_with("postgres")) else {
        eprintln!("say which database: postgres://…");
        std::process::exit(2)
    };
    let past = Past {
        sites: number("--sites", 1_000),
        days: number("--days", 365),
        seed: number("--seed", 1),
    };
    (url.parse().unwrap(), past)
}

#[tokio::main]
async fn main() {
    let (options, past) = asked();
    let start = Instant::now();
    making::make(&options, past, Clock::system().now()).await;
    let Past { sites, days, .. } = past;
    let checks = sites * days * making::dice::MINUTES;
    println!("{sites} sites, {days} days, {checks} checks in {:?}", start.elapsed());
}
