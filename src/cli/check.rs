//! `stillup check`: looks at sites once, now, with the service's own prober and judge.

use std::process::ExitCode;

use clap::Args;

use super::tell;
use crate::{
    app,
    clock::Clock,
    config::{Config, Flags},
    lookup::{Confirmed, confirm, site_of},
    model::{name::Region, target::Target, verdict::Status},
    probe::Prober,
    web::lookup_json,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Names, addresses or URLs; a bare name is looked at over https
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(arguments: Arguments) -> ExitCode {
    let config = match Config::load(&arguments.flags) {
        Ok(config) => config,
        Err(problems) => return tell(&problems),
    };
    let prober = match Prober::new(&app::settings(&config)) {
        Ok(prober) => prober,
        Err(error) => {
            eprintln!("stillup: {error}");
            return ExitCode::from(3);
        }
    };
    let mut worst = 0;
    for target in &arguments.targets {
        worst = worst.max(one(target, arguments.json, &config, &prober).await);
    }
    ExitCode::from(worst)
}

/// Looks at one target, prints, and gives its exit code.
async fn one(target: &str, as_json: bool, config: &Config, prober: &Prober) -> u8 {
    let read = match Target::read(target) {
        Ok(read) => read,
        Err(why) => {
            eprintln!("stillup: {target:?}: {why}");
            return 3;
        }
    };
    // Whoever asks on the machine's own command line may ask about the machine's own network.
    let site = site_of(&read, config.probe.timeout, true);
    let (rules, region, clock) = (&config.judge.rules, Region::default(), Clock::system());
    let seen = confirm(prober, &read, site, (rules, &region, &clock), |_| {}).await;
    let seen = match seen {
        Ok(seen) => seen,
        Err(kept_away) => {
            eprintln!("stillup: {target:?}: {kept_away}");
            return 3;
        }
    };
    if as_json {
        println!("{}", lookup_json(target, &seen));
    } else {
        print(&seen);
    }
    exit_code(seen.verdict.status)
}

fn exit_code(status: Status) -> u8 {
    match status {
        Status::Up => 0,
        Status::Slow => 1,
        Status::Partial | Status::Down => 2,
        Status::Unknown => 3,
    }
}

fn millis(micros: Option<u32>) -> Option<f64> {
    micros.map(|micros| f64::from(micros) / 1_000.0)
}

fn print(seen: &Confirmed) {
    println!("{}", seen.summary());
    let (outcome, traces) = (&seen.check.outcome, &seen.check.outcome.traces);
    let mut facts = vec![seen.site.url.to_string()];
    facts.extend(outcome.http_status.map(|status| format!("HTTP {status}")));
    facts.extend(traces.http_version.map(|version| format!("over HTTP/{}", version.word())));
    facts.extend(traces.address.map(|address| format!("from {address}")));
    println!("  {}", facts.join(" "));
    if let Some(url) = &traces.final_url {
        println!("  redirected to {url}");
    }
    let names = ["dns", "connect", "tls", "wait", "transfer"];
    let parts = names.into_iter().zip(outcome.phases.parts());
    let parts: Vec<_> =
        parts.filter_map(|(name, part)| Some(format!("{name} {:.1}", millis(part)?))).collect();
    if let Some(latency) = millis(outcome.phases.latency()) {
        println!("  {latency:.1} ms: {}", parts.join(" + "));
    }
    if let Some(ends) = traces.certificate_expires_at {
        println!("  certificate until {ends}");
    }
    if seen.check.attempts > 1 {
        println!("  after {} attempts", seen.check.attempts);
    }
}
