//! `Site` and its parts as the contract has them. The words over each field are its description in
//! `/openapi.json` and on `/api`.

use serde::Serialize;
use utoipa::ToSchema;

use super::text_formats::{
    FailureWord, Instant, NoteWord, RegionName, SlugText, StatusWord, WhyNotWord,
};
use crate::{
    board::RegionView,
    i18n::Lang,
    web::{
        links,
        views::{
            numbers::{WINDOWS, millis, uptimes},
            provider::provider,
            site::SiteView,
        },
    },
};
use model::{
    moment::Moment,
    name::Region,
    note::{self, NoteKind},
    outcome::{self, Failure, Phases},
    report::WhyNot,
    verdict::Status,
};

/// A site and our verdict on it now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub(in crate::web) struct SiteJson<'a> {
    /// Its name in addresses.
    #[schema(value_type = SlugText)]
    slug: &'a str,
    /// Its name for people.
    #[schema(example = "Slack")]
    name: &'a str,
    /// The address that we look at.
    #[schema(example = "https://slack.com/")]
    url: &'a str,
    /// Status of the site. Without fresh evidence it is `unknown`, whatever it was before.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// True if the server answers but turns robots away. Blocked is not down.
    #[schema(example = false)]
    restricted: bool,
    /// True if it fails now and then: half of the last checks passed only at a second attempt.
    #[schema(example = false)]
    intermittent: bool,
    /// Notes beside the status; none of them changes it.
    notes: Vec<NoteJson>,
    /// Since when the status holds; null when there has been no check yet.
    #[schema(value_type = Option<Instant>)]
    since: Option<Moment>,
    /// The verdict in a sentence, as the page says it.
    #[schema(example = "Slack is up.")]
    summary: String,
    /// Cause if it is `down` or `partial`; otherwise null.
    cause: Option<CauseJson>,
    /// Path of the checks behind the verdict, newest first; null when there has been none yet.
    #[schema(example = "/api/v1/sites/slack.com/checks?from=2017-02-28T17:37:00.000Z")]
    checks_path: Option<String>,
    /// Moment of the last check, from any region; null before the first one.
    #[schema(value_type = Option<Instant>)]
    checked_at: Option<Moment>,
    /// True if the last check is recent enough to be evidence.
    #[schema(example = true)]
    fresh: bool,
    /// Latency of the last good reply, in milliseconds; null when the last check failed.
    #[schema(example = 84.123, minimum = 0)]
    latency_ms: Option<f64>,
    /// Usual latency, in milliseconds; null while unknown.
    #[schema(example = 80.5, minimum = 0)]
    usual_latency_ms: Option<f64>,
    /// The HTTP status of the last look; null when there was no reply.
    #[schema(example = 200, minimum = 0, maximum = 65_535)]
    http_status: Option<u16>,
    /// End of the certificate's validity; null when unknown or without a certificate.
    #[schema(value_type = Option<Instant>)]
    certificate_expires_at: Option<Moment>,
    /// Cloud or CDN that serves it; null when unknown.
    provider: Option<ProviderName>,
    /// The page on which those who run the site tell of its troubles; null when unknown.
    #[schema(example = "https://slack-status.com/")]
    status_page: Option<&'a str>,
    /// The words that the operator groups sites by.
    #[schema(value_type = Vec<String>, example = json!(["chat"]))]
    tags: &'a [Box<str>],
    /// The share of the judged time that it was not down, by window.
    uptime: UptimeJson,
    /// Since when it has been watched, within the last 90 days; null when it never was.
    #[schema(value_type = Option<Instant>)]
    uptime_since: Option<Moment>,
    /// View of each region, in the order of their names.
    regions: Vec<SeenFrom<'a>>,
}

/// The names of the fields of [`SiteJson`].
pub(in crate::web) const FIELDS: &[&str] = &[
    "slug",
    "name",
    "url",
    "status",
    "restricted",
    "intermittent",
    "notes",
    "since",
    "summary",
    "cause",
    "checks_path",
    "checked_at",
    "fresh",
    "latency_ms",
    "usual_latency_ms",
    "http_status",
    "certificate_expires_at",
    "provider",
    "status_page",
    "tags",
    "uptime",
    "uptime_since",
    "regions",
];

/// A note on a site beside its status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Note)]
pub(in crate::web) struct NoteJson {
    /// Kind of note.
    #[schema(value_type = NoteWord)]
    kind: NoteKind,
    /// Since when.
    #[schema(value_type = Instant)]
    since: Moment,
    /// The same in a sentence, as the page says it.
    #[schema(example = "It has been failing over IPv6 for 8 minutes; over IPv4 it works.")]
    text: String,
}

/// Reason for having no good reply.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Cause)]
pub(in crate::web) struct CauseJson {
    /// Kind of failure, from a closed list.
    #[schema(value_type = FailureWord)]
    failure: Failure,
    /// Detail, in words; may be empty.
    #[schema(example = "connection refused by 192.0.2.7")]
    detail: Box<str>,
}

/// A cloud or a CDN.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ProviderName {
    /// Its name in addresses.
    #[schema(example = "aws")]
    pub(super) slug: Box<str>,
    /// Its name for people.
    #[schema(example = "Amazon Web Services")]
    name: Box<str>,
}

/// Uptime by window: shares from 0 to 1, rounded down; slow counts as up, and time without data as
/// neither. Null unless at least half of the window was watched.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uptime)]
struct UptimeJson {
    /// The last 24 hours.
    #[serde(rename = "24h")]
    #[schema(example = 0.99871, minimum = 0, maximum = 1)]
    day: Option<f64>,
    /// The last 7 days.
    #[serde(rename = "7d")]
    #[schema(example = 0.99981, minimum = 0, maximum = 1)]
    week: Option<f64>,
    /// The last 30 days.
    #[serde(rename = "30d")]
    #[schema(example = 0.99995, minimum = 0, maximum = 1)]
    month: Option<f64>,
    /// The last 90 days.
    #[serde(rename = "90d")]
    #[schema(example = 1.0, minimum = 0, maximum = 1)]
    quarter: Option<f64>,
}

const _: () = assert!(WINDOWS.len() == 4);

/// View of one region.
#[derive(Debug, Serialize, ToSchema)]
struct SeenFrom<'a> {
    /// The region.
    #[schema(value_type = RegionName)]
    region: &'a Region,
    /// Status of the site from there.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// Moment of its last check.
    #[schema(value_type = Instant)]
    checked_at: Moment,
    /// Latency of the reply, in milliseconds; null without a good one.
    #[schema(example = 84.123, minimum = 0)]
    latency_ms: Option<f64>,
    /// Duration of each phase.
    phases: PhasesMs,
    /// The HTTP status; null when there was no reply.
    #[schema(example = 200, minimum = 0, maximum = 65_535)]
    http_status: Option<u16>,
    /// Reason for having no good reply. While it is `down` from here, never null: when the last
    /// check was good, the cause for which it still counts as down. Otherwise null after a good
    /// reply.
    cause: Option<CauseJson>,
    /// Moment since which it is so from here; null before anything is confirmed.
    #[schema(value_type = Option<Instant>)]
    since: Option<Moment>,
    /// True if what is seen from here counts for the verdict.
    #[schema(example = true)]
    voting: bool,
    /// Reason why it does not; null while it does.
    #[schema(value_type = Option<WhyNotWord>)]
    why_not: Option<WhyNot>,
}

/// The phases of a check, in milliseconds; null for a phase that was not reached or not needed.
/// Over redirects each is the sum.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct PhasesMs {
    /// Looking the name up, in milliseconds.
    #[serde(rename = "dns_ms")]
    #[schema(example = 8.001, minimum = 0)]
    dns: Option<f64>,
    /// Opening the connection, in milliseconds.
    #[serde(rename = "connect_ms")]
    #[schema(example = 20.0, minimum = 0)]
    connect: Option<f64>,
    /// Making it safe, in milliseconds.
    #[serde(rename = "tls_ms")]
    #[schema(example = 30.0, minimum = 0)]
    tls: Option<f64>,
    /// From the request sent to the first byte of the reply, in milliseconds.
    #[serde(rename = "wait_ms")]
    #[schema(example = 24.122, minimum = 0)]
    wait: Option<f64>,
    /// From the first byte to the last that we read, in milliseconds.
    #[serde(rename = "transfer_ms")]
    #[schema(example = 2.0, minimum = 0)]
    transfer: Option<f64>,
}

impl<'a> SiteJson<'a> {
    /// The site of this look.
    pub(in crate::web) fn of(view: &'a SiteView) -> Self {
        let (live, verdict) = (&*view.live, view.verdict());
        let site = &*live.site;
        let [day, week, month, quarter] = uptimes(live, view.now);
        Self {
            slug: site.slug.as_str(),
            name: &site.name,
            url: site.url.as_str(),
            status: verdict.status,
            restricted: verdict.restricted,
            intermittent: verdict.notes(NoteKind::Intermittent),
            notes: view.notes_in(Lang::En).map(|(note, text)| NoteJson::of(note, text)).collect(),
            since: verdict.since,
            summary: view.summary(),
            cause: verdict.cause.as_ref().map(CauseJson::of),
            checks_path: links::verdict_json(view),
            checked_at: live.checked_at(),
            fresh: view.fresh,
            latency_ms: live.latency().map(millis),
            usual_latency_ms: live.usual.map(millis),
            http_status: live.last().and_then(|check| check.outcome.http_status),
            certificate_expires_at: live.certificate_expires_at(),
            provider: live.provider().map(ProviderName::of),
            status_page: site.status_page.as_deref(),
            tags: &site.tags,
            uptime: UptimeJson { day, week, month, quarter },
            uptime_since: live.uptime.since,
            regions: live.regions.iter().map(|seen| SeenFrom::of(view, seen)).collect(),
        }
    }
}

impl NoteJson {
    /// This note, in these words.
    pub(super) fn of(note: &note::Note, text: String) -> Self {
        Self { kind: note.kind, since: note.since, text }
    }
}

impl<'a> SeenFrom<'a> {
    fn of(view: &SiteView, seen: &'a RegionView) -> Self {
        let outcome = &seen.check.outcome;
        let (answered, status) = (outcome.cause().is_none(), view.seen_status(seen));
        let held = seen.cause.as_ref().filter(|_| status == Status::Down);
        Self {
            region: &seen.region,
            status,
            checked_at: seen.check.at,
            latency_ms: outcome.phases.latency().filter(|_| answered).map(millis),
            phases: PhasesMs::of(&outcome.phases),
            http_status: outcome.http_status,
            cause: outcome.cause().or(held).map(CauseJson::of),
            since: seen.since.filter(|_| status != Status::Unknown),
            voting: seen.votes(view.now),
            why_not: seen.why_not(view.now),
        }
    }
}

impl PhasesMs {
    /// These phases.
    pub(in crate::web) fn of(phases: &Phases) -> Self {
        let [dns, connect, tls, wait, transfer] = phases.parts().map(|part| part.map(millis));
        Self { dns, connect, tls, wait, transfer }
    }

    /// The five parts in their order in time.
    pub(super) fn parts(&self) -> [Option<f64>; 5] {
        [self.dns, self.connect, self.tls, self.wait, self.transfer]
    }
}

impl CauseJson {
    /// This cause.
    pub(in crate::web) fn of(cause: &outcome::Cause) -> Self {
        Self { failure: cause.failure, detail: Lang::En.detail(&cause.detail).into() }
    }

    /// Name of the failure.
    pub(super) fn failure(&self) -> &'static str {
        self.failure.word()
    }

    /// Detail of the failure.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }
}

impl ProviderName {
    /// The provider with this slug.
    pub(in crate::web) fn of(slug: &str) -> Self {
        Self { slug: slug.into(), name: provider(slug).name.into() }
    }
}
