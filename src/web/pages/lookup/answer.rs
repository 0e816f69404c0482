//! The answer within a lookup's page: the verdict, the row below it, and the figures of the look.

use askama::Template;

use super::{
    Visitor,
    justme::{self, ReportTarget},
};
use crate::{
    i18n::{Lang, sentence::is_unavailable},
    web::{
        links,
        pages::{
            components::{Html, Icon, Initials, Stamp, tied},
            missing::{Near, near_of},
        },
        views::lookup::LookupView,
    },
};
use model::{
    domain::readable,
    moment::Moment,
    outcome::{Failure, Outcome},
    target::Target,
    verdict::Status,
};

#[derive(Template)]
#[template(path = "lookup_answer.html")]
pub(super) struct AnswerSection {
    t: Lang,
    class: &'static str,
    /// The kind of failure, for the script of "Is it just me?".
    failure: &'static str,
    initials: Initials,
    icon: Icon,
    heading: String,
    line: String,
    summary: String,
    checked: Option<Html>,
    url: String,
    /// The address as people write it.
    shown: String,
    kept_away: bool,
    /// There is no site by that name: nothing to try, to report or to visit.
    nameless: bool,
    justme: String,
    notes: Vec<String>,
    note: Option<String>,
    facts: Vec<(String, String)>,
    near: Vec<Near>,
}

const PARTS: [&str; 5] =
    ["phase-dns", "phase-connect", "phase-tls", "phase-wait", "phase-transfer"];

impl AnswerSection {
    /// The answer for this visitor about this target.
    pub(super) fn of(visitor: Visitor<'_>, target: &Target, told: &LookupView) -> Self {
        let Visitor { shared, locale, client } = visitor;
        let (t, now, key) = (locale.lang, shared.second(), target.key());
        let outcome = told.check.as_ref().map(|check| &check.outcome);
        let restriction = outcome.and_then(|outcome| outcome.restriction());
        let mut facts = outcome.map(|outcome| facts(t, outcome, now)).unwrap_or_default();
        let attempts = told.check.as_ref().map_or(1, |check| check.attempts);
        if attempts > 1 {
            facts.push((t.say("fact-attempts").into_owned(), attempts.to_string()));
        }
        facts.extend(told.elsewhere.iter().map(|seen| {
            let outcome = &seen.outcome;
            let latency = || outcome.phases.latency().map(|ms| t.latency(ms)).unwrap_or_default();
            let words = outcome.cause().map_or_else(latency, |cause| t.cause(cause));
            (t.one("fact-elsewhere", "region", seen.region.as_str()), words)
        }));
        Self {
            t,
            class: told.verdict.status.word(),
            failure: told.verdict.cause.as_ref().map_or("", |cause| cause.failure.word()),
            initials: Initials::of(&told.name),
            icon: Icon(told.verdict.status),
            heading: told.heading_in(t, now),
            line: tied(&told.line_in(t, now)),
            summary: told.summary_in(t).to_owned(),
            checked: told.checked_at().map(|at| {
                let ago = Stamp::ago(t, at, now);
                Html::said(t, "site-checked-html", [("ago", ago.arg())])
            }),
            url: told.url.clone(),
            shown: readable(&key).into_owned(),
            kept_away: told.blocked.is_some_and(|away| !away.too_often),
            nameless: told.nameless,
            justme: if told.nameless || told.blocked.is_some() {
                String::new()
            } else {
                let (path, url) = (links::lookup(&key), &target.url);
                let about = ReportTarget {
                    key: &key,
                    path: &path,
                    url,
                    follows: false,
                    same_site_only: outcome.is_some_and(|outcome| outcome.observed.same_site_only),
                    restricted: told.verdict.restricted,
                };
                justme::html(shared, locale, client, &about)
            },
            notes: told.notes_in(t, now).map(|(_, text)| text).collect(),
            note: restriction.filter(|_| told.verdict.restricted).map(|restriction| {
                let unavailable = is_unavailable(Some(restriction));
                let id = if unavailable { "lookup-unavailable" } else { "lookup-restricted" };
                t.one(id, "how", t.restriction(restriction))
            }),
            facts,
            near: if unnamed(told) { near_of(shared, locale, &told.key) } else { Vec::new() },
        }
    }

    /// Its markup.
    pub(super) fn html(&self) -> String {
        self.render().unwrap_or_else(|error| {
            tracing::error!(%error, "a template could not be rendered");
            String::new()
        })
    }
}

/// Returns whether nothing was found by that name, so that another one may be meant.
fn unnamed(told: &LookupView) -> bool {
    told.nameless || told.verdict.cause.as_ref().is_some_and(|cause| cause.failure == Failure::Dns)
}

/// The part for a target without any answer.
pub(super) fn nothing(t: Lang, key: &str) -> String {
    let icon = Icon(Status::Unknown);
    // A key is a name, a number and a port: nothing with a meaning in HTML.
    let words = t.one("heading-unknown", "name", &*readable(key));
    format!(
        "<div class=\"answer hero unknown\" data-status=\"unknown\"><h1 class=\"verdict\">{icon}\
         <span>{words}</span></h1></div>"
    )
}

fn facts(t: Lang, outcome: &Outcome, now: Moment) -> Vec<(String, String)> {
    let traces = &outcome.traces;
    let mut facts = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.map(|value| (t.say(label).into_owned(), value)));
    };
    let answered = outcome.cause().is_none();
    add("fact-latency", outcome.phases.latency().filter(|_| answered).map(|ms| t.latency(ms)));
    for (label, part) in PARTS.into_iter().zip(outcome.phases.parts()) {
        add(label, part.map(|part| t.latency(part)));
    }
    add("fact-http", outcome.http_status.map(|status| status.to_string()));
    add("fact-protocol", traces.http_version.map(|version| format!("HTTP/{}", version.word())));
    add("fact-address", traces.address.map(|address| address.to_string()));
    add("fact-alias", traces.cnames.last().map(ToString::to_string));
    let redirected = traces.final_url.as_deref().map(|url| match traces.redirects {
        1 => url.to_owned(),
        times => t.two("fact-redirects", ("url", url), ("n", u64::from(times))),
    });
    add("fact-redirected", redirected);
    let ends = traces.certificate_expires_at.map(|ends| {
        let (date, left) = (t.date(ends), ends.since(now));
        if left.is_zero() {
            t.one("fact-certificate-over", "date", date)
        } else {
            t.two("fact-certificate-left", ("date", date), ("long", t.duration(left)))
        }
    });
    add("fact-certificate", ends);
    facts
}
