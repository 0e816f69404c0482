//! The figures of the last check, and the notes that explain them.

use std::time::Duration;

use crate::{
    i18n::{
        Lang,
        sentence::{is_as_ever, is_unavailable},
    },
    web::{
        extractors::locale::Locale,
        links,
        pages::components::Stamp,
        views::{provider::provider, site::SiteView},
    },
};
use model::{
    moment::Moment,
    note::{Note, NoteKind},
    outcome::{HttpVersion, Traces},
    provider::Role,
    validity::Validity,
    verdict::Status,
};

/// One figure with its name.
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) stamp: Option<Stamp>,
    pub(super) href: Option<String>,
}

/// Remaining validity below which a certificate is mentioned.
const EXPIRES_SOON: Duration = Duration::from_hours(14 * 24);

/// The figures.
pub(super) fn facts(locale: &Locale, view: &SiteView) -> Vec<Fact> {
    let t = locale.lang;
    let live = &*view.live;
    let plain = |label: &str, value: Option<String>| {
        let label = t.say(label).into_owned();
        Some(Fact { label, value: value?, stamp: None, href: None })
    };
    let last = live.last();
    let status = last.and_then(|check| check.outcome.http_status);
    let traces = live.traces();
    let depends = live.dependencies().map(|on| {
        let label = t.say(match on.role {
            Role::Serves => "fact-provider",
            Role::Declared => "fact-depends",
            Role::Names => "fact-names",
            Role::Certificate => "fact-authority",
        });
        Some(Fact {
            label: label.into_owned(),
            value: provider(on.provider).name.to_owned(),
            stamp: None,
            href: Some(locale.href(&links::provider(on.provider))),
        })
    });
    let saw = last.and_then(|check| check.outcome.cause()).map(|cause| t.cause(cause));
    let known = [
        plain("th-saw", saw),
        plain("fact-latency", live.latency().map(|micros| t.latency(micros))),
        plain("fact-usual", live.usual.map(|micros| t.latency(micros))),
        plain("fact-http", status.map(|status| status.to_string())),
        plain("fact-protocol", traces.and_then(|t| t.http_version).map(version)),
        plain("fact-address", traces.and_then(|t| t.address).map(|a| a.to_string())),
        plain("fact-redirected", traces.and_then(redirected)),
        live.certificate().map(|it| certificate(t, &it, view.now)),
    ];
    let interval = plain("fact-interval", Some(every(t, live.site.interval)));
    known.into_iter().chain(depends).chain([interval]).flatten().collect()
}

/// The notes in sentences; a new restriction is left out, as the verdict says so itself, unless the
/// site is slow as well.
pub(super) fn notes(t: Lang, view: &SiteView) -> Vec<String> {
    let said = |note: &Note| note.kind == NoteKind::TurnedAway && view.status() == Status::Up;
    view.notes_in(t).filter(|(note, _)| !said(note)).map(|(_, text)| text).collect()
}

/// Explanation why the note "restricted" is no bad news, if it is there.
pub(super) fn restricted(t: Lang, view: &SiteView) -> Option<String> {
    let verdict = view.verdict();
    // A new restriction is mentioned already, and "no bad news" would be wrong then.
    if !verdict.restricted || verdict.notes(NoteKind::TurnedAway) {
        return None;
    }
    let how = view.restriction().map(|how| t.restriction(how)).filter(|how| !how.is_empty());
    Some(match how {
        Some(how) if is_unavailable(view.restriction()) => t.one("site-unavailable", "how", how),
        _ if !is_as_ever(verdict, view.now) => t.say("site-away").into_owned(),
        Some(how) => t.one("site-restricted-how", "how", how),
        None => t.say("site-restricted").into_owned(),
    })
}

fn version(version: HttpVersion) -> String {
    format!("HTTP/{}", version.word())
}

fn redirected(traces: &Traces) -> Option<String> {
    traces.final_url.as_deref().map(str::to_owned)
}

fn certificate(t: Lang, certificate: &Validity, now: Moment) -> Fact {
    let ends = certificate.ends_at;
    let left = ends.since(now);
    let value = match left {
        Duration::ZERO => t.say("fact-certificate-expired").into_owned(),
        left if certificate.ends_within(EXPIRES_SOON, now) => {
            t.one("fact-certificate-soon", "long", t.duration(left))
        }
        _ => String::new(),
    };
    let label = t.say("fact-certificate").into_owned();
    Fact { label, value, stamp: Some(Stamp::day(t, ends)), href: None }
}

/// An interval, in words.
pub(in crate::web::pages) fn every(t: Lang, interval: Duration) -> String {
    match interval.as_secs() {
        60 => t.say("every-minute").into_owned(),
        seconds if seconds.is_multiple_of(60) && seconds > 0 => t.duration(interval),
        seconds => t.one("seconds", "n", seconds),
    }
}
