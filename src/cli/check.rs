//! `stillup check`: looks at sites once, now, with the service's own prober and judge.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use serde_json::json;
use tokio::time::sleep;
use url::Url;

use super::tell;
use crate::{
    app,
    checker::attempt,
    clock::Clock,
    config::{Config, Flags},
    model::{
        check::Check,
        judge::{Limits, Rules, SiteState},
        name::{Region, Slug},
        outcome::HttpVersion,
        sentence::{Known, sentence},
        site::{Expect, Site},
        verdict::{Status, Verdict},
    },
    probe::Prober,
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

/// Looks that a verdict takes at most: enough to confirm, and no more.
const LOOKS: usize = 3;
/// Time between two of them.
const BETWEEN: Duration = Duration::from_secs(1);

/// One target and what came of it.
struct Looked {
    site: Site,
    check: Check,
    verdict: Verdict,
    summary: String,
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
    let site = match to_site(target, config.probe.timeout) {
        Ok(site) => site,
        Err(why) => {
            eprintln!("stillup: {target:?} {why}");
            return 3;
        }
    };
    let looked = look(site, prober, &config.judge.rules).await;
    if as_json {
        println!("{}", to_json(target, &looked));
    } else {
        print(&looked);
    }
    exit_code(looked.verdict.status)
}

async fn look(site: Site, prober: &Prober, rules: &Rules) -> Looked {
    let (clock, limits) = (Clock::system(), Limits::of(&site));
    let mut state = SiteState::default();
    let mut looks = 1;
    let check = loop {
        let at = clock.now();
        let (outcome, attempts) = attempt(prober, &site).await;
        let region = Region::default();
        let check = Check { slug: site.slug.clone(), region, at, outcome, attempts };
        let step = state.check(&check, &limits, rules);
        if !step.recheck || looks == LOOKS {
            break check;
        }
        looks += 1;
        sleep(BETWEEN).await;
    };
    let known = Known {
        name: &site.name,
        verdict: &state.verdict,
        note: check.outcome.note(),
        latency: check.outcome.phases.latency(),
        usual: None,
        checked_at: Some(check.at),
        fresh: true,
        down_in: &[],
    };
    let summary = sentence(&known, clock.now());
    Looked { verdict: state.verdict, site, check, summary }
}

/// A target as a site: a bare name over https, a name with a port over http unless it is 443.
fn to_site(target: &str, timeout: Duration) -> Result<Site, String> {
    let target = target.trim();
    let guess = |scheme: &str| format!("{scheme}://{target}");
    let url = if target.contains("://") {
        Url::parse(target)
    } else {
        let plain = Url::parse(&guess("http")).ok();
        let port = plain.and_then(|url| url.port()).filter(|port| *port != 443);
        Url::parse(&guess(if port.is_some() { "http" } else { "https" }))
    };
    let url = url.map_err(|error| format!("is not a name or a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme {}: use http or https", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or a password: leave them out".to_owned());
    }
    let host = url.host_str().ok_or("has no host")?.to_owned();
    let slug = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    Ok(Site {
        slug: Slug::new(&slug).map_err(|error| error.to_string())?,
        name: slug.into(),
        url,
        provider: None,
        interval: Duration::from_mins(1),
        timeout,
        slow_after: None,
        expect: Expect::default(),
        // Whoever asks on the machine's own command line may ask about the machine's own network.
        private: true,
        tags: Vec::new(),
        aliases: Vec::new(),
    })
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

fn print(looked: &Looked) {
    println!("{}", looked.summary);
    let (outcome, traces) = (&looked.check.outcome, &looked.check.outcome.traces);
    let mut facts = vec![looked.site.url.to_string()];
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
    if looked.check.attempts > 1 {
        println!("  after {} attempts", looked.check.attempts);
    }
}

fn to_json(target: &str, looked: &Looked) -> serde_json::Value {
    let Looked { site, check, verdict, summary } = looked;
    let (outcome, traces) = (&check.outcome, &check.outcome.traces);
    let phases = outcome.phases;
    json!({
        "target": target,
        "slug": site.slug,
        "url": site.url.as_str(),
        "status": verdict.status,
        "restricted": verdict.restricted,
        "since": verdict.since,
        "summary": summary,
        "cause": verdict.cause.as_ref().map(|c| json!({"failure": c.failure, "detail": c.detail})),
        "checked_at": check.at,
        "latency_ms": millis(phases.latency()),
        "phases": {
            "dns_ms": millis(phases.dns),
            "connect_ms": millis(phases.connect),
            "tls_ms": millis(phases.tls),
            "wait_ms": millis(phases.wait),
            "transfer_ms": millis(phases.transfer),
        },
        "http_status": outcome.http_status,
        "http_version": traces.http_version.map(HttpVersion::word),
        "address": traces.address,
        "addresses": traces.addresses,
        "cnames": traces.cnames,
        "final_url": traces.final_url,
        "redirects": traces.redirects,
        "certificate_expires_at": traces.certificate_expires_at,
        "attempts": check.attempts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_people_mean_them() {
        for (target, url, slug) in [
            ("slack.com", "https://slack.com/", "slack.com"),
            (" SLACK.com/a?b ", "https://slack.com/a?b", "slack.com"),
            ("localhost:8080", "http://localhost:8080/", "localhost:8080"),
            ("127.0.0.1:8080/x", "http://127.0.0.1:8080/x", "127.0.0.1:8080"),
            ("example.org:443", "https://example.org/", "example.org"),
            ("http://example.org", "http://example.org/", "example.org"),
            ("[::1]:81", "http://[::1]:81/", "[::1]:81"),
            ("café.nl", "https://xn--caf-dma.nl/", "xn--caf-dma.nl"),
        ] {
            let site = to_site(target, Duration::from_secs(1)).unwrap();
            assert_eq!((site.url.as_str(), site.slug.as_str()), (url, slug), "{target}");
        }
        for target in ["", "ftp://a.example", "https://me@a.example", "a b", "https://"] {
            assert!(to_site(target, Duration::from_secs(1)).is_err(), "{target}");
        }
    }
}
