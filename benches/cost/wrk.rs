//! wrk, and what it says.

use std::{fs, net::SocketAddr, path::Path, process::Stdio};

use tokio::process::Command;

/// Measurements of wrk.
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Answers that were not good, and broken connections; empty when there were none.
    pub(crate) trouble: String,
}

/// Every request has a query of its own.
const RANDOM: &str = r#"
local n = 0
request = function()
    n = n + 1
    return wrk.format("GET", wrk.path .. "?_=" .. n .. "x" .. math.random(1, 1000000000))
end
"#;

/// Requests for one address.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// Just so.
    Plain,
    /// With another query each time; the script is written to this directory.
    WithQuery(&'a Path),
    /// In a way that the response cache passes on to the router, for the same bytes.
    PastCache,
}

/// Loads one address with 64 connections from one thread.
pub(crate) async fn load(to: SocketAddr, path: &str, seconds: u64, ask: Ask<'_>) -> Load {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c64", "--latency", &format!("-d{seconds}s")]);
    match ask {
        Ask::Plain => {}
        Ask::WithQuery(dir) => {
            let script = dir.join("random.lua");
            fs::write(&script, RANDOM).unwrap();
            command.arg("-s").arg(script);
        }
        Ask::PastCache => drop(command.args(["-H", "Accept-Encoding: identity"])),
    }
    let asked = command.arg(format!("http://{to}{path}")).stdin(Stdio::null()).kill_on_drop(true);
    let said = asked.output().await.expect("wrk is installed");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    read(&text).unwrap_or_else(|| panic!("wrk said: {text}"))
}

fn read(text: &str) -> Option<Load> {
    let line = |word: &str| text.lines().map(str::trim).find(|line| line.starts_with(word));
    let last = |word: &str| line(word)?.split_whitespace().last();
    let trouble = ["Non-2xx", "Socket errors"].map(|word| line(word).unwrap_or_default());
    Some(Load {
        rate: last("Requests/sec:")?.parse().ok()?,
        p50: millis(last("50%")?)?,
        p99: millis(last("99%")?)?,
        trouble: trouble.join(" ").trim().to_owned(),
    })
}

/// `1.23ms`, `845.00us` or `1.02s` in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let factor = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}
