//! The closed lists and the text formats of the API, as its description shows them. The lists are
//! those of the model, so that the description cannot miss a value.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
    },
};

use model::{
    note::NoteKind,
    notice::{Impact, NoticeState},
    outcome::Failure,
    report::WhyNot,
    verdict::Status,
};

/// Makes a type that only serves as a schema of this name.
macro_rules! word {
    ($(#[doc = $doc:literal])* $name:ident, $schema:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub(in crate::web) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object: ObjectBuilder = $schema;
                let about = concat!($($doc, "\n"),*).trim();
                RefOr::T(Schema::Object(object.description(Some(about)).build()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    };
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

word! {
    /// A moment: RFC 3339 in UTC, always with milliseconds.
    Instant, text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"))
        .examples(["2017-02-28T17:37:00.000Z"])
}

word! {
    /// Status of a site: `up`, it answers well; `slow`, much later than it should; `partial`,
    /// confirmed down in some regions; `down`; `unknown`, no fresh evidence, or we doubt ourselves.
    StatusWord, text().enum_values(Some(Status::ALL.map(Status::word))).examples(["up"])
}

word! {
    /// Kind of note: `intermittent`, many checks pass only at a second attempt; `turned_away`, it
    /// turns robots away and until lately did not; `ipv4_fails`, `ipv6_fails`, `address_fails`, one
    /// route to it fails while others work; `old_tls`, it offers only encryption that we do not
    /// support; `incomplete_chain`, it leaves out a certificate; `page_shrunk`, `page_is_error`,
    /// `leads_elsewhere`, it answers, but not as usual.
    NoteWord, text().enum_values(Some(NoteKind::ALL.map(NoteKind::word))).examples(["intermittent"])
}

word! {
    /// Reason why a region has no vote: `clock`, its clock is wrong; `rules`, it probes by other rules;
    /// `overload`, it cannot keep up; `network`, it does not trust its own network; `silent`, nothing
    /// was heard of it lately; `settling`, it has only begun to look at the site, or is back, and is not
    /// sure yet.
    WhyNotWord, text().enum_values(Some(WhyNot::ALL.map(WhyNot::word))).examples(["silent"])
}

word! {
    /// State of a notice: `investigating`, `identified`, `monitoring`, `resolved`, or `postmortem`, the text
    /// that explains it afterwards.
    NoticeStateWord, text()
        .enum_values(Some(NoticeState::ALL.iter().map(|state| state.word())))
        .examples(["investigating"])
}

word! {
    /// Impact of a notice: `none`, `minor`, `major` or `critical`.
    ImpactWord, text()
        .enum_values(Some(Impact::ALL.iter().map(|impact| impact.word())))
        .examples(["minor"])
}

word! {
    /// Status of an outage: `slow`, `partial` or `down`.
    OutageStatus, text()
        .enum_values(Some(Status::ALL.into_iter().filter(|s| s.is_outage()).map(Status::word)))
        .examples(["down"])
}

word! {
    /// Reason for having no good reply: `dns`, the name has no address; `connect`, no connection;
    /// `tls`, no secure connection; `timeout`; `reset`, cut off; `protocol`, not HTTP; `redirect`,
    /// too many or a loop; `http`, a status that the site should not have; `body`, not the expected
    /// page.
    FailureWord, text().enum_values(Some(Failure::ALL.map(Failure::word))).examples(["connect"])
}

word! {
    /// `ok` for a reply, a restricted one included; else the failure.
    OutcomeWord, text()
        .enum_values(Some(std::iter::once("ok").chain(Failure::ALL.map(Failure::word))))
        .examples(["ok"])
}

word! {
    /// A site's name in addresses: its host name unless the operator says otherwise.
    SlugText, text()
        .pattern(Some(r"^[a-z0-9\[][a-z0-9.\-_:\[\]]{0,252}$"))
        .examples(["slack.com"])
}

word! {
    /// Region that probes are made from.
    RegionName, text().pattern(Some("^[a-z0-9-]{1,63}$")).examples(["local"])
}
