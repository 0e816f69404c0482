//! The answer within a lookup's page: the verdict and the figures of the look.

use askama::Template;

use crate::{
    i18n::{Lang, sentence::is_unavailable},
    web::{
        Shared,
        extractors::locale::Locale,
        pages::{
            ago,
            components::{Html, Icon},
            missing::{Near, near_of},
        },
        views::lookup::LookupView,
    },
};
use model::{
    idn::readable,
    moment::Moment,
    outcome::{Failure, Outcome},
    verdict::Status,
};

#[derive(Template)]
#[template(path = "lookup_answer.html")]
pub(super) struct AnswerSection {
    t: Lang,
    class: &'static str,
    word: String,
    icon: Icon,
    summary: String,
    checked: Option<Html>,
    url: String,
    kept_away: bool,
    notes: Vec<String>,
    note: Option<String>,
    facts: Vec<(String, String)>,
    near: Vec<Near>,
}

const PARTS: [&str; 5] =
    ["phase-dns", "phase-connect", "phase-tls", "phase-wait", "phase-transfer"];

impl AnswerSection {
    /// What is told.
    pub(super) fn of(shared: &Shared, locale: &Locale, told: &LookupView) -> Self {
        let (t, now) = (locale.lang, shared.second());
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
            word: t.status(told.verdict.status).into_owned(),
            icon: Icon(told.verdict.status),
            summary: told.summary_in(t).to_owned(),
            checked: told.checked_at().map(|at| {
                let (at, age) = ago(t, at, now);
                Html::said(t, "lookup-checked-html", [("ago", age.into()), ("time", at.arg())])
            }),
            url: told.url.clone(),
            kept_away: told.kept_away.is_some_and(|away| !away.too_often),
            notes: told.notes_in(t, now).map(|(_, text)| text).collect(),
            note: restriction.filter(|_| told.verdict.restricted).map(|restriction| {
                let unavailable = is_unavailable(Some(restriction));
                let id = if unavailable { "lookup-unavailable" } else { "lookup-restricted" };
                t.one(id, "how", t.restriction(restriction))
            }),
            facts,
            near: if nameless(told) { near_of(shared, locale, &told.key) } else { Vec::new() },
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

/// Returns whether there is nothing by that name, so that another one may be meant.
fn nameless(told: &LookupView) -> bool {
    told.verdict.cause.as_ref().is_some_and(|cause| cause.failure == Failure::Dns)
}

/// Where there is no answer at all.
pub(super) fn nothing(t: Lang, key: &str) -> String {
    let icon = Icon(Status::Unknown);
    // A key is a name, a number and a port: nothing that HTML could take for its own.
    let words = t.one("lookup-nothing", "name", &*readable(key));
    format!(
        "<div class=\"answer\" data-status=\"unknown\"><h1 class=\"verdict\">{icon}\
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
