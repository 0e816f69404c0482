//! Every site's newest check of every region, under the names of `blackbox_exporter`. What is too old
//! to be evidence is left out: a gap, not a lie.

use std::fmt;

use crate::{
    prometheus::{CheckLabels, MetricFamilies, encode_checks},
    web::views::{overview::Overview, site::SiteView},
};
use model::{check::Check, verdict::Status};

/// The figures of all sites.
pub(super) fn encode(families: &mut MetricFamilies<'_>, overview: &Overview) -> fmt::Result {
    let seen: Vec<(CheckLabels<'_>, &Check)> = overview.looks.iter().flat_map(fresh).collect();
    encode_checks(families, &seen)?;
    let known = overview.looks.iter().filter(|look| look.status() != Status::Unknown);
    let is = |status| {
        known.clone().map(move |look| {
            let site = [("site", look.watched.site.slug.as_str())];
            (site, f64::from(u8::from(look.status() == status)))
        })
    };
    let help = "Whether a site is down by verdict; left out when unknown.";
    families.gauges("stillup_site_down", help, is(Status::Down))?;
    let help = "Whether a site is slow by verdict; left out when unknown.";
    families.gauges("stillup_site_slow", help, is(Status::Slow))
}

/// Checks that are still evidence.
fn fresh(look: &SiteView) -> impl Iterator<Item = (CheckLabels<'_>, &Check)> {
    let site = ("site", look.watched.site.slug.as_str());
    let regions = look.watched.regions.iter().filter(|seen| look.is_evidence(seen));
    regions.map(move |seen| ([site, ("region", seen.region.as_str())], &*seen.check))
}
