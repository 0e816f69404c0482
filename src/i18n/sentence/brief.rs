//! A verdict in a heading and a line, for people who have one second. Pure.
//!
//! The heading is the site's name and at most four words; the line says for how long and why, without a
//! full stop and without a time of day: what is said for a while must hold in every time zone.

use super::{SentenceBuilder, SiteFacts, is_as_ever, is_unavailable, words::id_elsewhere};
use crate::i18n::Lang;
use model::{
    failure_detail::{FailureDetail as Detail, Phase},
    moment::Moment,
    note::NoteKind,
    outcome::{Cause, Failure},
    verdict::{SelfDoubt, Status},
};

/// The heading; `back` says that the site was down until lately.
pub fn heading_in(lang: Lang, known: &SiteFacts<'_>, now: Moment, back: bool) -> String {
    let verdict = known.verdict;
    let away = verdict.restricted && !is_as_ever(verdict, now);
    let id = match verdict.status {
        Status::Up if verdict.restricted && is_unavailable(known.restriction) => {
            "heading-unavailable"
        }
        Status::Up if away || verdict.notes(NoteKind::TurnedAway) => "heading-away",
        Status::Up if back => "heading-back",
        Status::Up => "heading-up",
        Status::Slow => "heading-slow",
        Status::Partial => "heading-partial",
        Status::Down if verdict.unstable => "heading-unstable",
        Status::Down => "heading-down",
        Status::Unknown => match known.checked_at {
            _ if verdict.doubt.is_some() => "heading-unknown",
            None => "heading-never",
            Some(_) if known.fresh => "heading-unsure",
            Some(_) => "heading-unknown",
        },
    };
    lang.one(id, "name", known.name)
}

/// Text below the heading; empty when there is nothing to add.
pub fn line_in(lang: Lang, known: &SiteFacts<'_>, now: Moment) -> String {
    let told = SentenceBuilder { lang, known, now };
    match known.verdict.status {
        Status::Up => told.line_up(),
        Status::Slow => told.line_slow(),
        Status::Partial | Status::Down => told.line_bad(),
        Status::Unknown => told.line_unknown(),
    }
}

/// The places from which it fails or is slow while others see it well, for a list; `None` when all agree.
pub fn places_in(lang: Lang, known: &SiteFacts<'_>, now: Moment) -> Option<String> {
    let told = SentenceBuilder { lang, known, now };
    match known.verdict.status {
        Status::Partial => told.line_places(),
        Status::Up => told.line_slow_places(),
        Status::Slow | Status::Down | Status::Unknown => None,
    }
}

/// Latency of a slow site, beside the usual one where that differs; `None` when its last answer was quick.
pub fn how_slow_in(lang: Lang, known: &SiteFacts<'_>, now: Moment) -> Option<String> {
    SentenceBuilder { lang, known, now }.how_slow()
}

/// Parts with a dot between them, the first with a capital.
pub fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let text = parts.join(" · ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

impl SentenceBuilder<'_> {
    fn line_up(&self) -> String {
        let (lang, verdict) = (self.lang, self.known.verdict);
        let how = self.known.restriction.map(|how| lang.restriction(how));
        let how = how.filter(|how| !how.is_empty());
        let new = verdict.notes.iter().find(|note| note.kind == NoteKind::TurnedAway);
        let said = match new {
            Some(new) => Some(lang.one(
                "line-away-new",
                "long",
                lang.duration_so_far(self.now.since(new.since)),
            )),
            None if !verdict.restricted => {
                let latency = self.known.latency.map(|micros| lang.latency(micros));
                let latency = latency.map(|said| lang.one("line-up", "latency", said));
                return joined([latency, self.line_slow_places()]);
            }
            None if is_unavailable(self.known.restriction) => None,
            None if is_as_ever(verdict, self.now) => Some(lang.say("line-restricted").into_owned()),
            None => Some(lang.say("line-away").into_owned()),
        };
        joined([said, how])
    }

    fn line_slow(&self) -> String {
        joined([self.line_long(), self.how_slow()])
    }

    fn how_slow(&self) -> Option<String> {
        let lang = self.lang;
        match self.slowness() {
            (Some(latency), Some(usual)) => {
                let (latency, usual) = (lang.latency(latency), lang.latency(usual));
                Some(lang.two("line-slow", ("latency", latency), ("usual", usual)))
            }
            (Some(latency), None) => Some(lang.latency(latency)),
            (None, _) => None,
        }
    }

    fn line_bad(&self) -> String {
        let (lang, verdict) = (self.lang, self.known.verdict);
        let partial = verdict.status == Status::Partial;
        let from = self.line_places().filter(|_| partial);
        let others = self.known.places.well + self.known.places.slow.len();
        let elsewhere =
            (from.is_some() && others > 0).then(|| lang.one("line-elsewhere", "n", others));
        let why = verdict.cause.as_ref().map(|cause| lang.plain_cause(cause));
        if verdict.status == Status::Down && verdict.unstable {
            let last = why.map(|why| lang.one("line-unstable-why", "why", why));
            let unstable = match self.lasting() {
                Some(duration) => lang.one("line-unstable-long", "long", duration),
                None => lang.say("line-unstable").into_owned(),
            };
            return joined([Some(unstable), last]);
        }
        joined([self.line_long(), from, elsewhere, why])
    }

    /// The places from which it is down.
    fn line_places(&self) -> Option<String> {
        let places = self.list(&self.known.places.down)?;
        Some(self.lang.one("line-partial", "places", places))
    }

    /// The places from which it is slow, when others see it answer quickly.
    fn line_slow_places(&self) -> Option<String> {
        let places = self.list(&self.known.places.slow).filter(|_| self.known.places.well > 0)?;
        Some(self.lang.one("line-slow-places", "places", places))
    }

    fn line_unknown(&self) -> String {
        let lang = self.lang;
        if let Some(doubt) = self.known.verdict.doubt {
            return lang.say(doubt_line(doubt)).into_owned();
        }
        match self.known.checked_at {
            None => lang.say("line-never").into_owned(),
            Some(_) if self.known.fresh => lang.say("line-unsure").into_owned(),
            Some(at) => lang.one("line-stale", "long", lang.duration_so_far(self.now.since(at))),
        }
    }

    /// For how long it has been so.
    fn line_long(&self) -> Option<String> {
        let since = self.known.verdict.since?;
        Some(self.lang.for_so_long(self.now.since(since)))
    }
}

/// Reason for self-doubt, as a line.
pub fn doubt_line(doubt: SelfDoubt) -> &'static str {
    match doubt {
        SelfDoubt::Line => "line-doubt-line",
        SelfDoubt::Names => "line-doubt-names",
        SelfDoubt::Alone => "line-doubt-alone",
        SelfDoubt::Intercepted => "line-doubt-intercepted",
        SelfDoubt::Congested => "line-doubt-congested",
    }
}

impl Lang {
    /// A cause in a few words that every visitor knows, for lists and headings; the words of engineers are in
    /// [`Self::brief_cause`].
    pub fn plain_cause(self, cause: &Cause) -> String {
        let (detail, host) = cause.detail.place();
        match (host, id_elsewhere(cause)) {
            _ if !is_of_engineers(detail) => self.brief_cause(cause),
            (Some(host), Some(id)) => self.one(id, "host", host.as_str()),
            _ if matches!(detail, Detail::NoSuchName) => {
                self.say("plain-no-such-name").into_owned()
            }
            _ if cause.failure == Failure::Tls && is_of_certificate(detail) => {
                self.say("detail-certificate-bad").into_owned()
            }
            _ => self.failure(cause.failure).into_owned(),
        }
    }

    /// A cause in as few words as there are: its detail, or else the kind of failure.
    pub fn brief_cause(self, cause: &Cause) -> String {
        let bare = matches!(cause.detail, Detail::ConnectionFailed | Detail::NameLookupFailed);
        let said = if bare { String::new() } else { self.detail(&cause.detail) };
        match said.trim_end_matches('.') {
            "" => self.failure(cause.failure).into_owned(),
            said => said.to_owned(),
        }
    }
}

/// Returns whether a detail is told in words that few visitors know.
fn is_of_engineers(detail: &Detail) -> bool {
    is_of_certificate(detail)
        || matches!(
            detail,
            Detail::NoSuchName
                | Detail::NameServerError { .. }
                | Detail::NameServerAnswerCut
                | Detail::HostUnreachable
                | Detail::OsError { .. }
                | Detail::TimedOut { phase: Phase::Tls, .. }
                | Detail::ConnectionClosed { phase: Phase::Tls }
                | Detail::NotTls
                | Detail::TlsAlert { .. }
                | Detail::ClientCertificateWanted
                | Detail::NoCommonTls
                | Detail::TlsFailed { .. }
                | Detail::HeadersTooLarge
                | Detail::TooManyInterimAnswers { .. }
                | Detail::NotHttp
                | Detail::MalformedHttp
                | Detail::PageUndecodable
                | Detail::NotJson
                | Detail::JsonTooLong { .. }
                | Detail::JsonDiffers { .. }
                | Detail::RedirectLoop { .. }
                | Detail::RedirectToNonUrl { .. }
                | Detail::RedirectToOtherScheme { .. }
        )
}

/// The same of details of certificates.
fn is_of_certificate(detail: &Detail) -> bool {
    matches!(
        detail,
        Detail::CertificateChainExpired { .. }
            | Detail::CertificateIssuerNotSent
            | Detail::CertificateChainIncomplete
            | Detail::CertificateSelfSigned
            | Detail::CertificateBadSignature
            | Detail::CertificateWeakKey { .. }
            | Detail::CertificateWeakSignature { .. }
            | Detail::CertificateUnsupportedSignature { .. }
            | Detail::CertificateNotForServers
            | Detail::CertificateInvalid { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use model::{report::NOWHERE, verdict::Verdict};

    fn now() -> Moment {
        Moment::parse("2017-02-28T14:39:30Z").unwrap()
    }

    fn both(lang: Lang, verdict: &Verdict, checked_at: Option<Moment>) -> [String; 2] {
        let known = SiteFacts {
            name: "Slack",
            verdict,
            restriction: None,
            latency: Some(3_000_000),
            usual: Some(238_000),
            checked_at,
            fresh: checked_at == Some(now()),
            places: &NOWHERE,
        };
        [heading_in(lang, &known, now(), false), line_in(lang, &known, now())]
    }

    #[test]
    fn a_heading_is_the_name_and_four_words_and_the_line_says_for_how_long_and_why() {
        let since = Some(now() - Duration::from_mins(8));
        let down = Verdict {
            status: Status::Down,
            since,
            cause: Some(Cause::http_status(503)),
            ..Verdict::none_yet()
        };
        let unstable = Verdict { unstable: true, ..down.clone() };
        let refused = Some(Cause::new(Failure::Connect, Detail::ConnectionFailed));
        let new = Verdict { since: Some(now()), cause: refused, ..down.clone() };
        let slow = Verdict { status: Status::Slow, cause: None, ..down.clone() };
        let up = Verdict { status: Status::Up, ..slow.clone() };
        let doubt = Verdict { doubt: Some(SelfDoubt::Names), ..Verdict::none_yet() };
        let none = Verdict::none_yet();
        let (fresh, old) = (Some(now()), Some(now() - Duration::from_mins(100)));
        for (verdict, at, english, dutch) in [
            (
                &down,
                fresh,
                ["Slack is down", "For 8 minutes · HTTP 503 Service Unavailable"],
                ["Slack ligt eruit", "Al 8 minuten · HTTP 503 Service Unavailable"],
            ),
            (
                &unstable,
                fresh,
                [
                    "Slack is unstable",
                    "Failing and coming back for 8 minutes · last: HTTP 503 Service Unavailable",
                ],
                [
                    "Slack is onstabiel",
                    "Valt al 8 minuten telkens uit · laatst: HTTP 503 Service Unavailable",
                ],
            ),
            (
                &new,
                fresh,
                ["Slack is down", "Just now · no connection could be made"],
                ["Slack ligt eruit", "Zojuist · er kwam geen verbinding tot stand"],
            ),
            (
                &slow,
                fresh,
                ["Slack is slow", "For 8 minutes · 3.0 s instead of the usual 238 ms"],
                ["Slack is traag", "Al 8 minuten · 3,0 s in plaats van de gebruikelijke 238 ms"],
            ),
            (
                &up,
                fresh,
                ["Slack is up", "Answers in 3.0 s"],
                ["Slack werkt", "Antwoordt in 3,0 s"],
            ),
            (
                &doubt,
                fresh,
                ["Slack: we can’t tell", "Our own name servers are not working"],
                ["Slack: we weten het niet", "Onze eigen naamservers werken niet"],
            ),
            (
                &none,
                None,
                ["Slack: not checked yet", "The first check is on its way"],
                ["Slack: nog niet gecontroleerd", "De eerste controle is onderweg"],
            ),
            (
                &none,
                fresh,
                ["Slack: checking again", "We are checking again to be sure"],
                ["Slack: we kijken opnieuw", "We controleren het nog eens voor de zekerheid"],
            ),
            (
                &none,
                old,
                ["Slack: we can’t tell", "No check for 1 h 40 min"],
                ["Slack: we weten het niet", "Al 1 u 40 min geen controle"],
            ),
        ] {
            assert_eq!(both(Lang::En, verdict, at), english);
            assert_eq!(both(Lang::Nl, verdict, at), dutch);
            for heading in [english[0], dutch[0]] {
                assert!(heading.split_whitespace().count() <= 5, "{heading}");
            }
        }
    }
}
