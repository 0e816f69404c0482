//! The answer within a lookup's page: the verdict and the figures of the look.

use askama::Template;

use super::super::{
    ago,
    bits::{Icon, Stamp},
};
use crate::{
    model::{
        moment::Moment,
        outcome::Outcome,
        sentence::{duration_words, latency_words},
        verdict::Status,
    },
    web::told::Told,
};

#[derive(Template)]
#[template(path = "lookup_answer.html")]
pub(super) struct Answer {
    word: &'static str,
    icon: Icon,
    summary: String,
    checked: Option<(Stamp, String)>,
    url: String,
    kept_away: bool,
    note: Option<String>,
    facts: Vec<(&'static str, String)>,
}

const PARTS: [&str; 5] = ["Name look-up", "Connection", "Encryption", "Waiting", "Transfer"];

impl Answer {
    /// What is told.
    pub(super) fn of(told: &Told, now: Moment) -> Self {
        let outcome = told.check.as_ref().map(|check| &check.outcome);
        let note = outcome.and_then(|outcome| outcome.note()).filter(|_| told.verdict.restricted);
        let mut facts = outcome.map(|outcome| facts(outcome, now)).unwrap_or_default();
        let attempts = told.check.as_ref().map_or(1, |check| check.attempts);
        if attempts > 1 {
            facts.push(("Attempts", attempts.to_string()));
        }
        Self {
            word: told.verdict.status.word(),
            icon: Icon(told.verdict.status),
            summary: told.summary.clone(),
            checked: told.checked_at().map(|at| ago(at, now)),
            url: told.url.clone(),
            kept_away: told.kept_away.is_some(),
            note: note.map(|note| {
                format!(
                    "The server answers, but turns robots like ours away ({note}). People with a \
                     browser will most likely get in."
                )
            }),
            facts,
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

/// Where there is no answer at all.
pub(super) fn nothing(key: &str) -> String {
    let icon = Icon(Status::Unknown);
    // A key is a name, a number and a port: nothing that HTML could take for its own.
    format!(
        "<div class=\"answer\" data-status=\"unknown\"><h1 class=\"verdict\">{icon}<span>We do \
         not know about {key}.</span></h1></div>"
    )
}

fn facts(outcome: &Outcome, now: Moment) -> Vec<(&'static str, String)> {
    let traces = &outcome.traces;
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
    let answered = outcome.cause().is_none();
    add("Latency", outcome.phases.latency().filter(|_| answered).map(latency_words));
    for (label, part) in PARTS.into_iter().zip(outcome.phases.parts()) {
        add(label, part.map(latency_words));
    }
    add("HTTP status", outcome.http_status.map(|status| status.to_string()));
    add("Protocol", traces.http_version.map(|version| format!("HTTP/{}", version.word())));
    add("Address", traces.address.map(|address| address.to_string()));
    add("Alias of", traces.cnames.last().map(ToString::to_string));
    let redirected = traces.final_url.as_deref().map(|url| match traces.redirects {
        1 => url.to_owned(),
        times => format!("{url} ({times} redirects)"),
    });
    add("Redirected to", redirected);
    let ends = traces.certificate_expires_at.map(|ends| {
        let day = ends.to_datetime().date();
        let left = ends.since(now);
        if left.is_zero() {
            format!("{day}: it has expired")
        } else {
            format!("{day} ({} left)", duration_words(left))
        }
    });
    add("Certificate until", ends);
    facts
}
