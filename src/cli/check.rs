//! `stillup check`: probes sites once, now, with the service's own prober and judge.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{complain, fail_with, say};
use crate::{
    app,
    config::{Config, ConfigProblem, Flags},
    lookup::{Confirmed, confirm, site_of},
    web::{lookup_json, refused_json},
};
use model::{
    name::Region,
    site::Site,
    site_lookup,
    target::{Refused, Target, without_login},
    verdict::Status,
};
use prober::{clock::Clock, probe::Prober};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Sites of the catalogue, names, addresses or URLs; a bare name is probed over https
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Exit code without a verdict, also for a wrong target or configuration.
pub(super) const EXIT_UNKNOWN: u8 = 3;

/// Configuration and prober shared by all targets.
pub(super) struct CheckContext {
    config: Config,
    sites: Vec<Arc<Site>>,
    prober: Prober,
}

impl CheckContext {
    pub(super) fn new(flags: &Flags) -> Result<Self, ExitCode> {
        let told = |problems: Vec<ConfigProblem>| {
            fail_with(&problems);
            ExitCode::from(EXIT_UNKNOWN)
        };
        let config = Config::load(flags).map_err(told)?;
        let sites = config.sites_if_any(flags).map_err(told)?;
        let prober = Prober::new(&app::settings(&config)).map_err(|error| {
            complain(error);
            ExitCode::from(EXIT_UNKNOWN)
        })?;
        Ok(Self { config, sites, prober })
    }

    /// Target and site for a text: a site of the catalogue with its own limits, or any other.
    fn read(&self, text: &str) -> Result<(Target, Site), Refused> {
        let sites = || self.sites.iter().map(|site| &**site);
        let known =
            site_lookup::named(sites(), text).or_else(|| site_lookup::called(sites(), text));
        if let Some(site) = known {
            // Its name may be one that no visitor could look up.
            let (url, slug) = (site.url.clone(), site.slug.clone());
            return Ok((Target { url, scheme_written: true, slug }, site.clone()));
        }
        let target = Target::read(text)?;
        // A user of the machine's own command line may probe the machine's own network.
        let site = site_of(&target, self.config.probe.timeout.get(), true);
        Ok((target, site))
    }

    pub(super) async fn check(&self, text: &str) -> Result<Confirmed, String> {
        let (target, site) = self.read(text).map_err(|why| why.to_string())?;
        let (rules, region) = (&self.config.judge.rules, Region::default());
        let with = (rules, &region, &Clock::system());
        Ok(confirm(&self.prober, &target, site, with, |_| {}).await)
    }
}

pub(super) async fn run(arguments: CheckArguments) -> ExitCode {
    let context = match CheckContext::new(&arguments.flags) {
        Ok(context) => context,
        Err(code) => return code,
    };
    let mut worst = 0;
    for target in &arguments.targets {
        worst = worst.max(check_one(target, arguments.json, &context).await);
    }
    ExitCode::from(worst)
}

/// Probes one target, prints, and returns its exit code.
async fn check_one(target: &str, as_json: bool, context: &CheckContext) -> u8 {
    let shown = without_login(target);
    let seen = match context.check(target).await {
        Ok(seen) => seen,
        Err(why) => {
            complain(format_args!("{shown:?}: {why}"));
            if as_json {
                say(refused_json(&shown, &why));
            }
            return EXIT_UNKNOWN;
        }
    };
    if as_json {
        say(lookup_json(&shown, &seen));
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
        Status::Unknown => EXIT_UNKNOWN,
    }
}

fn millis(micros: Option<u32>) -> Option<f64> {
    micros.map(|micros| f64::from(micros) / 1_000.0)
}

fn print(seen: &Confirmed) {
    say(seen.summary());
    let (outcome, traces) = (&seen.check.outcome, &seen.check.outcome.traces);
    let mut facts = vec![seen.site.url.to_string()];
    facts.extend(outcome.http_status.map(|status| format!("HTTP {status}")));
    facts.extend(traces.http_version.map(|version| format!("over HTTP/{}", version.word())));
    facts.extend(traces.address.map(|address| format!("from {address}")));
    say(format_args!("  {}", facts.join(" ")));
    if let Some(url) = &traces.final_url {
        say(format_args!("  redirected to {url}"));
    }
    let names = ["dns", "connect", "tls", "wait", "transfer"];
    let parts = names.into_iter().zip(outcome.phases.parts());
    let parts: Vec<_> =
        parts.filter_map(|(name, part)| Some(format!("{name} {:.1}", millis(part)?))).collect();
    if let Some(latency) = millis(outcome.phases.latency()) {
        say(format_args!("  {latency:.1} ms: {}", parts.join(" + ")));
    }
    if let Some(ends) = traces.certificate_expires_at {
        say(format_args!("  certificate until {ends}"));
    }
    if seen.check.attempts > 1 {
        say(format_args!("  after {} attempts", seen.check.attempts));
    }
}
