//! The endpoints, in the order of the reference page. From this one table come the routes of the API,
//! its description and the page, so that none can be missing from one of them.

use std::sync::Arc;

use axum::routing::{MethodRouter, get};

use super::parameters::{
    AGAIN, AT, CHECKS_CURSOR, EVENTS_CURSOR, FIELDS, FORMAT, FROM, ID, LAST_EVENT, LAST_EVENT_ID,
    NOTICE_STATE, OUTAGES_CURSOR, PLANNED_STATE, PROVIDER, PROVIDER_SLUG, Parameter, Q, REGION,
    SINCE, SITE, SITES_CURSOR, SITES_FORMAT, SLUG, STATE, STATUS, STEP, TAG, TARGET, TO, UNTIL,
    WAIT_TIMEOUT, WAIT_UNTIL, WINDOW, limit,
};
use crate::web::{
    Shared,
    api::{
        checks, events, history, lookup, notices, outages, planned, provider_events, providers,
        regions, sites, status, wait,
    },
};

/// An endpoint of the API.
#[derive(Debug)]
pub(in crate::web) struct EndpointDoc {
    /// Its path, with `{slug}` in place of the site.
    pub(in crate::web) path: &'static str,
    /// The route of its handler, which the route table takes from here.
    pub(in crate::web) handler: fn() -> MethodRouter<Arc<Shared>>,
    /// Its name in clients that are made from the description.
    pub(in crate::web) id: &'static str,
    /// A few words.
    pub(in crate::web) title: &'static str,
    /// Description.
    pub(in crate::web) about: &'static str,
    /// Parameters.
    pub(in crate::web) parameters: &'static [Parameter],
    /// The shape of a good answer.
    pub(in crate::web) answer: Shape,
    /// The statuses that are errors, beside those of every endpoint.
    pub(in crate::web) errors: &'static [u16],
    /// Query of the example, behind the path.
    pub(in crate::web) example: &'static str,
    /// An answer, which a test has made and compares with a real one.
    pub(in crate::web) answer_example: &'static str,
}

/// The shape of a good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Shape {
    /// JSON of this schema.
    Json(&'static str),
    /// JSON of this schema, or its rows as CSV.
    JsonOrCsv(&'static str),
    /// JSON of this schema, or targets for Prometheus.
    JsonOrTargets(&'static str),
    /// JSON of this schema, or nothing when the time ran out.
    JsonInTime(&'static str),
    /// Server-sent events.
    Events,
}

impl Shape {
    /// Name of the schema of its JSON; `None` for a stream.
    pub(in crate::web) fn schema(self) -> Option<&'static str> {
        match self {
            Self::Json(name)
            | Self::JsonOrCsv(name)
            | Self::JsonOrTargets(name)
            | Self::JsonInTime(name) => Some(name),
            Self::Events => None,
        }
    }
}

/// Errors that every endpoint may answer with.
pub(in crate::web) const ALWAYS: &[u16] = &[414, 429, 500, 503];

/// All of them.
pub(in crate::web) const ENDPOINTS: &[EndpointDoc] = &[
    EndpointDoc {
        path: "/api/v1/sites/{slug}",
        handler: || get(sites::one),
        id: "getSite",
        title: "One site",
        about: "The status of a site now, since when and why. Anything after `?` is ignored.",
        parameters: &[SLUG],
        answer: Shape::Json("Site"),
        errors: &[404],
        example: "",
        answer_example: include_str!("examples/getSite.json"),
    },
    EndpointDoc {
        path: "/api/v1/sites",
        handler: || get(sites::list),
        id: "listSites",
        title: "All sites",
        about: "All sites ordered by slug, filtered, one page at a time.",
        parameters: &[
            STATUS,
            TAG,
            PROVIDER,
            Q,
            FIELDS,
            limit(sites::MAX_PAGE, sites::MAX_PAGE),
            SITES_CURSOR,
            SITES_FORMAT,
        ],
        answer: Shape::JsonOrTargets("SitesPage"),
        errors: &[400],
        example: "?status=down,slow&fields=slug,summary",
        answer_example: include_str!("examples/listSites.json"),
    },
    EndpointDoc {
        path: "/api/v1/sites/{slug}/wait",
        handler: || get(wait::wait),
        id: "waitForSite",
        title: "Wait for a site",
        about: "Answers with the site as soon as it is up (or slow), down (or partly), or its verdict changes; with 204 when the time runs out first. Waiting causes no check. One address may hold 32 such requests and event streams.",
        parameters: &[SLUG, WAIT_UNTIL, WAIT_TIMEOUT],
        answer: Shape::JsonInTime("Site"),
        errors: &[400, 404],
        example: "?until=down&timeout=50",
        answer_example: include_str!("examples/waitForSite.json"),
    },
    EndpointDoc {
        path: "/api/v1/status",
        handler: || get(status::status),
        id: "getStatus",
        title: "Summary",
        about: "How many sites have each status, the headline in a sentence, and how this service itself is doing. Anything after `?` is ignored.",
        parameters: &[],
        answer: Shape::Json("Counted"),
        errors: &[],
        example: "",
        answer_example: include_str!("examples/getStatus.json"),
    },
    EndpointDoc {
        path: "/api/v1/sites/{slug}/checks",
        handler: || get(checks::list),
        id: "listChecks",
        title: "Checks of a site",
        about: "Every single check, newest first, for as long as checks are kept.",
        parameters: &[
            SLUG,
            REGION,
            FROM,
            TO,
            limit(checks::MAX_PAGE, checks::DEFAULT_PAGE),
            CHECKS_CURSOR,
            FORMAT,
        ],
        answer: Shape::JsonOrCsv("ChecksPage"),
        errors: &[400, 404],
        example: "?limit=3",
        answer_example: include_str!("examples/listChecks.json"),
    },
    EndpointDoc {
        path: "/api/v1/sites/{slug}/outages",
        handler: || get(outages::of_site),
        id: "listOutagesOfSite",
        title: "Outages of a site",
        about: "When the site was down, partly down or slow; newest first.",
        parameters: &[
            SLUG,
            STATE,
            limit(outages::MAX_PAGE, outages::DEFAULT_PAGE),
            OUTAGES_CURSOR,
            FORMAT,
        ],
        answer: Shape::JsonOrCsv("OutagesPage"),
        errors: &[400, 404],
        example: "?limit=3",
        answer_example: include_str!("examples/listOutagesOfSite.json"),
    },
    EndpointDoc {
        path: "/api/v1/sites/{slug}/history",
        handler: || get(history::history),
        id: "getHistory",
        title: "History of a site",
        about: "Uptime and latency over a period in buckets, oldest first and without gaps. Percentiles come from merged histograms; a bucket without data has nulls, never zeros.",
        parameters: &[SLUG, REGION, WINDOW, SINCE, UNTIL, STEP, FORMAT],
        answer: Shape::JsonOrCsv("History"),
        errors: &[400, 404],
        example: "?window=7d&step=1h",
        answer_example: include_str!("examples/getHistory.json"),
    },
    EndpointDoc {
        path: "/api/v1/outages",
        handler: || get(outages::all),
        id: "listOutages",
        title: "Outages of all sites",
        about: "When any site was down, partly down or slow; newest first.",
        parameters: &[
            STATE,
            SITE,
            PROVIDER,
            limit(outages::MAX_PAGE, outages::DEFAULT_PAGE),
            OUTAGES_CURSOR,
            FORMAT,
        ],
        answer: Shape::JsonOrCsv("OutagesPage"),
        errors: &[400, 404],
        example: "?state=ongoing",
        answer_example: include_str!("examples/listOutages.json"),
    },
    EndpointDoc {
        path: "/api/v1/lookup",
        handler: || get(lookup::lookup),
        id: "lookUp",
        title: "Look up any site",
        about: "The verdict on any public address right now. One answer is shared by everyone who asks within a short time; the number of new lookups per visitor is limited, and a refusal carries the last known answer in `last`.",
        parameters: &[TARGET, AGAIN],
        answer: Shape::Json("Lookup"),
        errors: &[400, 403],
        example: "?target={slug}",
        answer_example: include_str!("examples/lookUp.json"),
    },
    EndpointDoc {
        path: "/api/v1/providers",
        handler: || get(providers::list),
        id: "listProviders",
        title: "Providers",
        about: "Every cloud and CDN that serves a site we watch, and whether its sites are failing together.",
        parameters: &[],
        answer: Shape::Json("ProvidersPage"),
        errors: &[],
        example: "",
        answer_example: include_str!("examples/listProviders.json"),
    },
    EndpointDoc {
        path: "/api/v1/providers/{slug}",
        handler: || get(providers::one_of),
        id: "getProvider",
        title: "One provider",
        about: "One cloud or CDN. A known provider that serves none of our sites has no sites.",
        parameters: &[PROVIDER_SLUG],
        answer: Shape::Json("Provider"),
        errors: &[404],
        example: "",
        answer_example: include_str!("examples/getProvider.json"),
    },
    EndpointDoc {
        path: "/api/v1/providers/{slug}/events",
        handler: || get(provider_events::list),
        id: "listProviderEvents",
        title: "Incidents of a provider",
        about: "Periods in which several sites of the provider failed within minutes of each other, and far fewer elsewhere; newest first, each with its evidence.",
        parameters: &[
            PROVIDER_SLUG,
            AT,
            limit(provider_events::MAX_PAGE, provider_events::DEFAULT_PAGE),
            EVENTS_CURSOR,
        ],
        answer: Shape::Json("ProviderEventsPage"),
        errors: &[400, 404],
        example: "",
        answer_example: include_str!("examples/listProviderEvents.json"),
    },
    EndpointDoc {
        path: "/api/v1/regions",
        handler: || get(regions::list),
        id: "listRegions",
        title: "Regions and agents",
        about: "The places that sites are checked from, and the agents there: since when they have been silent, and whether they vote. Anything after `?` is ignored.",
        parameters: &[],
        answer: Shape::Json("RegionsPage"),
        errors: &[],
        example: "",
        answer_example: include_str!("examples/listRegions.json"),
    },
    EndpointDoc {
        path: "/api/v1/notices",
        handler: || get(notices::list),
        id: "listNotices",
        title: "Notices",
        about: "What people say about trouble, the newest update first. A notice stands beside the verdicts and changes none.",
        parameters: &[NOTICE_STATE, limit(notices::MAX_PAGE, notices::DEFAULT_PAGE)],
        answer: Shape::Json("NoticesPage"),
        errors: &[400],
        example: "?state=open",
        answer_example: include_str!("examples/listNotices.json"),
    },
    EndpointDoc {
        path: "/api/v1/notices/{id}",
        handler: || get(notices::one),
        id: "getNotice",
        title: "One notice",
        about: "A notice with its updates. Anything after `?` is ignored.",
        parameters: &[ID],
        answer: Shape::Json("Notice"),
        errors: &[404],
        example: "",
        answer_example: include_str!("examples/getNotice.json"),
    },
    EndpointDoc {
        path: "/api/v1/planned",
        handler: || get(planned::list),
        id: "listPlanned",
        title: "Planned work",
        about: "Work that was announced: under way and to come. It changes no verdict. As a calendar: `/windows.ics`.",
        parameters: &[PLANNED_STATE],
        answer: Shape::Json("PlannedPage"),
        errors: &[400],
        example: "",
        answer_example: include_str!("examples/listPlanned.json"),
    },
    EndpointDoc {
        path: "/api/v1/planned/{id}",
        handler: || get(planned::one),
        id: "getPlanned",
        title: "One piece of planned work",
        about: "Planned work with its times. Anything after `?` is ignored.",
        parameters: &[ID],
        answer: Shape::Json("Planned"),
        errors: &[404],
        example: "",
        answer_example: include_str!("examples/getPlanned.json"),
    },
    EndpointDoc {
        path: "/api/v1/events",
        handler: || get(events::events),
        id: "followEvents",
        title: "Changes as they happen",
        about: "Server-sent events. A `verdict` event for every change of a verdict; its data is the site (`Site`) as it was then. A `notice` event for every update of a notice that is about the site or any; its data is the `Notice`. A `reset` event when changes were missed: fetch the sites again. The stream sends a keep-alive every 15 seconds and ends after an hour; browsers reconnect by themselves and miss nothing. Clients that read too slowly are reset, and one address may hold 32 streams.",
        parameters: &[SITE, LAST_EVENT, LAST_EVENT_ID],
        answer: Shape::Events,
        errors: &[400, 404],
        example: "",
        answer_example: include_str!("examples/followEvents.txt"),
    },
];
