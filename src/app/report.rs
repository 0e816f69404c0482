//! `stillup report`: the month of some sites, from the record.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use url::Url;

use super::{archive::OpenRecord, operator};
use crate::{
    config::{Config, problem_lines},
    web::{MonthReport, ReportWanted},
};
use model::{monthly::Month, site::Site};
use prober::clock::Clock;

/// Reads the month of the wanted sites, beside a service that runs or without one.
///
/// # Errors
/// Fails when no site is wanted, or the catalogue or the record cannot be read.
pub async fn month_report(
    config: &Config,
    wanted: impl Fn(&Arc<Site>) -> bool,
    month: Month,
    zone: &str,
) -> Result<MonthReport> {
    let operator = operator(config, &config.data_dir);
    let catalogue = config.catalogue().and_then(|own| operator.added_sites().joined(own));
    let catalogue = catalogue.map_err(|problems| anyhow::anyhow!(problem_lines(&problems)))?;
    let sites: Vec<Arc<Site>> =
        catalogue.sites().iter().filter(|site| wanted(site)).cloned().collect();
    if sites.is_empty() {
        bail!("no site of the catalogue is wanted; look at --site and --tag");
    }
    let public_url = Url::parse(&config.public_url).context("public_url is not a URL")?;
    let (works, now) = (operator.planned(), Clock::system().now());
    let asked =
        ReportWanted { sites: &sites, works: &works, month, zone, now, public_url: &public_url };
    let open = OpenRecord::new(config).await?;
    let report = MonthReport::read(&open.store, &asked).await;
    let closed = open.close().await;
    let report = report?;
    closed?;
    Ok(report)
}
