//! `stillup report`: a month of sites, as a page, CSV or JSON.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{EXIT_FAILED, complain, fail_with, say};
use crate::{
    app,
    config::{Config, Flags},
    i18n::Lang,
    web::ReportFormat,
};
use model::{monthly::Month, planned, site::Site};
use prober::clock::Clock;

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The month, such as 2026-11
    #[arg(long)]
    month: String,
    /// Only sites with this tag
    #[arg(long, conflicts_with = "site")]
    tag: Option<String>,
    /// Only the site with this slug
    #[arg(long, value_name = "SLUG")]
    site: Option<String>,
    /// Time zone of the month, such as Europe/Amsterdam
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// html, csv or json
    #[arg(long, default_value = "html", value_parser = ReportFormat::parse)]
    format: ReportFormat,
    /// Language of the page: en or nl
    #[arg(long, default_value = "en")]
    language: String,
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(arguments: ReportArguments) -> ExitCode {
    let config = match Config::load(&arguments.flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    match write(&config, &arguments).await {
        Ok(text) => {
            say(text.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(format_args!("{error:#}"));
            ExitCode::from(EXIT_FAILED)
        }
    }
}

async fn write(config: &Config, arguments: &ReportArguments) -> anyhow::Result<String> {
    let ReportArguments { month, tag, site, time_zone, format, language, .. } = arguments;
    let zone = planned::time_zone(time_zone).ok_or_else(|| {
        anyhow::anyhow!("--time-zone {time_zone:?} is no time zone; use such as Europe/Amsterdam")
    })?;
    let month = Month::parse(month, &zone).map_err(|why| anyhow::anyhow!("--month {why}"))?;
    if month.from > Clock::system().now() {
        anyhow::bail!("--month {} has not begun yet", month.text);
    }
    let lang = Lang::of_tag(language).ok_or_else(|| {
        anyhow::anyhow!("--language {language:?} is not a language here; use en or nl")
    })?;
    let wanted = |known: &Arc<Site>| {
        site.as_ref().is_none_or(|slug| known.slug.as_str() == slug)
            && tag.as_ref().is_none_or(|tag| known.tags.iter().any(|known| **known == **tag))
    };
    let report = app::month_report(config, wanted, month, time_zone).await?;
    Ok(match format {
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
        ReportFormat::Html => {
            let subject = site.as_deref().or(tag.as_deref());
            report.html(lang, subject.unwrap_or(&config.web.title))?
        }
    })
}
