//! The parameters of endpoints: their names, descriptions, bounds and examples.

use utoipa::openapi::{
    Required,
    path::{ParameterBuilder, ParameterIn, ParameterStyle},
    schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
};

use crate::web::{
    api::{cursor, notices, outages, planned, shape, wait},
    extractors::params::{MAX_TEXT, WORDLIKE},
};
use model::verdict::Status;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Parameter {
    /// Its name.
    pub(in crate::web) name: &'static str,
    /// Description.
    pub(in crate::web) about: &'static str,
    kind: ParameterKind,
    /// A value that works.
    pub(in crate::web) example: &'static str,
    required: bool,
}

/// Type of a parameter.
#[derive(Clone, Copy, Debug)]
enum ParameterKind {
    /// The slug in the path.
    Path,
    /// The header that browsers send.
    Header,
    /// Any text that is not too long.
    Text,
    /// A target as people type it.
    Target,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// One of these, or several with commas between them.
    Several(&'static [&'static str]),
    /// A whole number up to the first; the second is the default.
    Whole(u32, u32),
    /// A moment.
    Moment,
    /// A text of this pattern.
    Like(&'static str),
}

const fn new(
    name: &'static str,
    kind: ParameterKind,
    example: &'static str,
    about: &'static str,
) -> Parameter {
    Parameter { name, about, kind, example, required: matches!(kind, ParameterKind::Path) }
}

const STATUSES: &[&str] = &[
    Status::Up.word(),
    Status::Slow.word(),
    Status::Partial.word(),
    Status::Down.word(),
    Status::Unknown.word(),
];

/// The site in the path.
pub(in crate::web) const SLUG: Parameter =
    new("slug", ParameterKind::Path, "slack.com", "The site's slug: most often its host name.");
pub(in crate::web) const STATUS: Parameter = new(
    "status",
    ParameterKind::Several(STATUSES),
    "down,slow",
    "Only sites with this status, or with one of several.",
);
pub(in crate::web) const TAG: Parameter =
    new("tag", ParameterKind::Text, "chat", "Only sites with this tag.");
pub(in crate::web) const PROVIDER: Parameter =
    new("provider", ParameterKind::Text, "aws", "Only at this provider (its slug).");
pub(in crate::web) const Q: Parameter = new(
    "q",
    ParameterKind::Text,
    "slack",
    "Only with this text in name, slug or address; case does not matter.",
);
pub(in crate::web) const FIELDS: Parameter = new(
    "fields",
    ParameterKind::Several(shape::FIELDS),
    "slug,status,since",
    "Only these fields of each site; all by default.",
);
pub(in crate::web) const SITE: Parameter =
    new("site", ParameterKind::Like(SLUGS), "slack.com", "Only of the site with this slug.");
pub(in crate::web) const STATE: Parameter = new(
    "state",
    ParameterKind::OneOf(outages::STATES),
    "ongoing",
    "Only ongoing or only ended outages.",
);
pub(in crate::web) const FROM: Parameter = new(
    "from",
    ParameterKind::Moment,
    "2026-11-01T00:00:00Z",
    "Only checks made at this moment or later (RFC 3339).",
);
pub(in crate::web) const TO: Parameter = new(
    "to",
    ParameterKind::Moment,
    "2030-01-01T00:00:00Z",
    "Only checks made before this moment (RFC 3339); must be later than `from`.",
);
pub(in crate::web) const REGION: Parameter = new(
    "region",
    ParameterKind::Like(REGIONS),
    "local",
    "Only checks made from this region; all regions together by default.",
);
pub(in crate::web) const FORMAT: Parameter = new(
    "format",
    ParameterKind::OneOf(&["json", "csv"]),
    "csv",
    "`csv` gives the same rows as CSV with a header row (RFC 4180); the next cursor is then in the header `X-Next-Cursor`, and `as_of` and `fresh` are in `X-As-Of` and `X-Fresh`. A text that a spreadsheet would take for a formula has a `'` before it.",
);
pub(in crate::web) const SITES_FORMAT: Parameter = new(
    "format",
    ParameterKind::OneOf(&["json", "http_sd"]),
    "http_sd",
    "`http_sd` gives all of these sites at once as Prometheus' HTTP service discovery reads them, without pages: `[{\"targets\":[\"https://slack.com/\"],\"labels\":{\"site\":\"slack.com\"}}]`.",
);
pub(in crate::web) const WAIT_UNTIL: Parameter = new(
    "until",
    ParameterKind::OneOf(wait::STATES),
    "up",
    "The state to wait for; `change`, the default, is another status or another beginning of it.",
);
pub(in crate::web) const WAIT_TIMEOUT: Parameter = new(
    "timeout",
    ParameterKind::Whole(wait::MAX_WAIT, wait::DEFAULT_WAIT),
    "50",
    "Longest wait, in seconds.",
);
/// The place in the events, as browsers send it.
pub(in crate::web) const LAST_EVENT: Parameter = new(
    "Last-Event-ID",
    ParameterKind::Header,
    "1764000000000-1-0",
    "Continue after the event with this id. Browsers send it themselves when they reconnect.",
);
pub(in crate::web) const LAST_EVENT_ID: Parameter = new(
    "last_event_id",
    ParameterKind::Like("^[ -~]{1,60}$"),
    "1764000000000-1-0",
    "The same for clients that cannot send a header; the header takes precedence.",
);
const CURSOR: &str = "Where to continue: the `next_cursor` of the previous answer, with the same filters; empty for the first page. Items added in the meantime do not shift the pages.";
pub(in crate::web) const SITES_CURSOR: Parameter =
    new("cursor", ParameterKind::Like(cursor::NAME), "736c61636b2e636f6d", CURSOR);
pub(in crate::web) const CHECKS_CURSOR: Parameter =
    new("cursor", ParameterKind::Like(cursor::CHECK), "1488290995000-6c6f63616c", CURSOR);
pub(in crate::web) const OUTAGES_CURSOR: Parameter = new(
    "cursor",
    ParameterKind::Like(cursor::OUTAGE),
    "1488290995000-4-736c61636b2e636f6d",
    CURSOR,
);

pub(in crate::web) const EVENTS_CURSOR: Parameter =
    new("cursor", ParameterKind::Like(cursor::MOMENT), "1488290995000", CURSOR);
pub(in crate::web) const AT: Parameter = new(
    "at",
    ParameterKind::Moment,
    "2017-02-28T17:37:00Z",
    "Only the event that explains an outage which began at this moment (RFC 3339).",
);

const REGIONS: &str = "^[a-z0-9-]{0,63}$";
const SLUGS: &str = r"^[a-z0-9\[][a-z0-9.\-_:\[\]]{0,252}$";

pub(in crate::web) const WINDOW: Parameter = new(
    "window",
    ParameterKind::OneOf(&["24h", "7d", "30d", "90d"]),
    "7d",
    "The last hours or days; 24h by default. Cannot be combined with `from`.",
);
pub(in crate::web) const STEP: Parameter = new(
    "step",
    ParameterKind::OneOf(&["5m", "1h", "1d"]),
    "1h",
    "Length of a bucket; chosen to fit the period by default.",
);
pub(in crate::web) const SINCE: Parameter = new(
    "from",
    ParameterKind::Moment,
    "2026-11-01T00:00:00Z",
    "Start of the period (RFC 3339); must be in the past.",
);
pub(in crate::web) const UNTIL: Parameter = new(
    "to",
    ParameterKind::Moment,
    "2030-01-01T00:00:00Z",
    "End of the period (RFC 3339); must be later than `from`. Now by default.",
);
pub(in crate::web) const TARGET: Parameter = Parameter {
    required: true,
    ..new("target", ParameterKind::Target, "slack.com", "A domain or a URL, as people type it.")
};
pub(in crate::web) const AGAIN: Parameter = new(
    "again",
    ParameterKind::OneOf(&["1", "0", "true", "false"]),
    "1",
    "With 1, check again even if there is a recent answer.",
);
pub(in crate::web) const PROVIDER_SLUG: Parameter =
    new("slug", ParameterKind::Path, "aws", "The provider's slug.");

/// The id in the path.
pub(in crate::web) const ID: Parameter = new(
    "id",
    ParameterKind::Path,
    "n-3f9a2c41d07b",
    "The id of the notice or of the planned work.",
);
pub(in crate::web) const IF_MATCH: Parameter = new(
    "If-Match",
    ParameterKind::Header,
    "\"0123456789abcdef\"",
    "Only if it is in the state that has this tag (`ETag`); else 412.",
);
pub(in crate::web) const IDEMPOTENCY_KEY: Parameter = new(
    "Idempotency-Key",
    ParameterKind::Header,
    "deploy-4711",
    "Any text of your own: the same request sent again with it changes nothing more and gets the same answer, for a day. With another request it is refused with 422, and with 409 while the first is carried out.",
);
pub(in crate::web) const CONFIRM_REMOVALS: Parameter = new(
    "confirm_removals",
    ParameterKind::Like("^[0-9]{1,6}$"),
    "3",
    "Confirms this number of removals within an hour, this one included.",
);
pub(in crate::web) const NOTICE_STATE: Parameter = new(
    "state",
    ParameterKind::OneOf(notices::STATES),
    "open",
    "Only open or only resolved notices.",
);
pub(in crate::web) const PLANNED_STATE: Parameter = new(
    "state",
    ParameterKind::OneOf(planned::STATES),
    "active",
    "Only what is under way, what is to come, or what is over; the first two by default.",
);

/// `limit`, with its bounds.
pub(in crate::web) const fn limit(most: u32, usual: u32) -> Parameter {
    new("limit", ParameterKind::Whole(most, usual), "10", "Maximum number of items on a page.")
}

impl Parameter {
    /// Returns whether it is a query parameter.
    pub(in crate::web) fn in_query(&self) -> bool {
        !matches!(self.kind, ParameterKind::Path | ParameterKind::Header)
    }

    /// Its bounds, in words.
    pub(in crate::web) fn bounds(&self) -> String {
        match self.kind {
            ParameterKind::Path
            | ParameterKind::Header
            | ParameterKind::Like(_)
            | ParameterKind::Target => "string".to_owned(),
            ParameterKind::Text => format!("string, at most {MAX_TEXT} characters"),
            ParameterKind::OneOf(words) => words.join(" or "),
            ParameterKind::Several(words) => {
                format!("{}; several separated by commas", words.join(", "))
            }
            ParameterKind::Whole(most, usual) => {
                format!("integer, 1 to {most}; {usual} by default")
            }
            ParameterKind::Moment => "date-time".to_owned(),
        }
    }

    /// As OpenAPI has it.
    pub(in crate::web) fn describe(&self) -> ParameterBuilder {
        let place = match self.kind {
            ParameterKind::Path => ParameterIn::Path,
            ParameterKind::Header => ParameterIn::Header,
            _ => ParameterIn::Query,
        };
        let required = if self.required { Required::True } else { Required::False };
        let built = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(place)
            .required(required)
            .description(Some(self.about))
            .schema(Some(self.schema()));
        match self.kind {
            ParameterKind::Several(_) => {
                let example: Vec<&str> = self.example.split(',').collect();
                built
                    .style(Some(ParameterStyle::Form))
                    .explode(Some(false))
                    .example(Some(example.into()))
            }
            ParameterKind::Whole(..) => {
                built.example(self.example.parse::<u32>().ok().map(Into::into))
            }
            _ => built.example(Some(self.example.into())),
        }
    }

    fn schema(&self) -> Schema {
        let text = ObjectBuilder::new().schema_type(Type::String);
        match self.kind {
            ParameterKind::Path | ParameterKind::Like(SLUGS) => text.pattern(Some(SLUGS)).into(),
            ParameterKind::Header => text.min_length(Some(1)).max_length(Some(255)).into(),
            ParameterKind::Target => text.min_length(Some(1)).max_length(Some(2048)).into(),
            ParameterKind::Text => text.max_length(Some(MAX_TEXT)).pattern(Some(WORDLIKE)).into(),
            ParameterKind::OneOf(words) => text.enum_values(Some(words.iter().copied())).into(),
            ParameterKind::Several(words) => {
                let word = text.enum_values(Some(words.iter().copied()));
                ArrayBuilder::new().items(word).min_items(Some(1)).into()
            }
            ParameterKind::Whole(most, usual) => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(most))
                .default(Some(usual.into()))
                .into(),
            ParameterKind::Moment => {
                text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
            }
            ParameterKind::Like(pattern) => text.pattern(Some(pattern)).into(),
        }
    }
}
