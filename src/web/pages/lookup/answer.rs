//! The answer within a lookup's page: the verdict and the figures of the look.

use askama::Template;

use super::super::{
    ago,
    bits::{Html, Icon},
};
use crate::{
    model::{
        language::{Arg, Lang},
        moment::Moment,
        outcome::Outcome,
        verdict::Status,
    },
    web::told::Told,
};

#[derive(Template)]
#[template(path = "lookup_answer.html")]
pub(super) struct Answer {
    t: Lang,
    word: &'static str,
    status: String,
    icon: Icon,
    summary: String,
    checked: Option<Html>,
    url: Option<String>,
    kept_away: bool,
    note: Option<String>,
    facts: Vec<(String, String)>,
}

const PHASES: [&str; 5] =
    ["phase-dns", "phase-connect", "phase-tls", "phase-wait", "phase-transfer"];

impl Answer {
    /// What is told.
    pub(super) fn of(t: Lang, told: &Told, now: Moment) -> Self {
        let outcome = told.check.as_ref().map(|check| &check.outcome);
        let note = outcome.and_then(|outcome| outcome.note()).filter(|_| told.verdict.restricted);
        let mut facts = outcome.map(|outcome| facts(t, outcome, now)).unwrap_or_default();
        let attempts = told.check.as_ref().map_or(1, |check| check.attempts);
        if attempts > 1 {
            facts.push((t.say("lookup-attempts").into_owned(), attempts.to_string()));
        }
        let checked = told.checked_at().map(|at| {
            let (stamp, age) = ago(t, at, now);
            Html::said(t, "lookup-checked-html", [("ago", age.into()), ("time", stamp.arg())])
        });
        Self {
            word: told.verdict.status.word(),
            status: t.status(told.verdict.status).into_owned(),
            icon: Icon(told.verdict.status),
            summary: told.summary.clone(),
            url: Some(told.url.clone()),
            kept_away: told.kept_away.is_some(),
            note: note.map(|note| t.one("site-restricted-how", "how", note)),
            t,
            checked,
            facts,
        }
    }

    /// Where there is no answer at all.
    pub(super) fn nothing(t: Lang, key: &str) -> Self {
        let status = Status::Unknown;
        Self {
            t,
            word: status.word(),
            status: t.status(status).into_owned(),
            icon: Icon(status),
            summary: t.one("lookup-nothing", "name", key),
            checked: None,
            url: None,
            kept_away: false,
            note: None,
            facts: Vec::new(),
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

fn facts(t: Lang, outcome: &Outcome, now: Moment) -> Vec<(String, String)> {
    let traces = &outcome.traces;
    let mut facts = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.map(|value| (t.say(label).into_owned(), value)));
    };
    let answered = outcome.cause().is_none();
    let latency = outcome.phases.latency().filter(|_| answered);
    add("fact-latency", latency.map(|latency| t.latency(latency)));
    for (label, part) in PHASES.into_iter().zip(outcome.phases.parts()) {
        add(label, part.map(|part| t.latency(part)));
    }
    add("fact-http", outcome.http_status.map(|status| status.to_string()));
    let version = traces.http_version.map(|version| format!("HTTP/{}", version.word()));
    add("fact-protocol", version);
    add("fact-address", traces.address.map(|address| address.to_string()));
    add("lookup-alias", traces.cnames.last().map(ToString::to_string));
    let redirected = traces.final_url.as_deref().map(|url| match traces.redirects {
        1 => url.to_owned(),
        times => t.two("lookup-redirects", ("url", url), ("n", Arg::Count(times.into()))),
    });
    add("fact-redirected", redirected);
    let ends = traces.certificate_expires_at.map(|ends| {
        let (date, left) = (t.date(ends), ends.since(now));
        if left.is_zero() {
            return t.one("lookup-certificate-expired", "date", date);
        }
        t.two("lookup-certificate", ("date", date), ("long", t.duration(left)))
    });
    add("fact-certificate", ends);
    facts
}
