//! Details of failures and of restrictions in words, in this one place. Pure.
//!
//! Without a full stop, as they stand in brackets behind the failure.

use crate::i18n::{Arg, Lang};
use model::{
    failure_detail::{FailureDetail as Detail, ForeignText, Phase},
    moment::Moment,
    restriction::Restriction,
};

impl Lang {
    /// A detail in words; empty where nothing more is known than the failure.
    pub fn detail(self, detail: &Detail) -> String {
        match detail {
            Detail::Unspecified => String::new(),
            Detail::Text { text } => self.one("detail-words-of-others", "text", text.as_str()),
            Detail::Elsewhere { host, detail } => {
                let (host, detail) = (("host", host.as_str()), ("detail", self.detail(detail)));
                self.two("detail-elsewhere", host, detail)
            }
            Detail::TimedOut { phase, after_ms } => self.timed_out(*phase, *after_ms),
            Detail::HttpStatus { status, reason } => self.http_status(*status, reason),
            Detail::CloudflareOrigin { status } => {
                let (number, status) = (("status", status.to_string()), u64::from(*status));
                self.two("detail-cloudflare-origin", number, ("kind", Arg::Count(status)))
            }
            _ => self
                .fixed(detail)
                .or_else(|| self.of_certificate(detail))
                .or_else(|| self.of_redirect(detail))
                .unwrap_or_else(|| self.with_a_value(detail)),
        }
    }

    /// Evidence of a restriction in words; empty where there is none.
    pub fn restriction(self, restriction: &Restriction) -> String {
        match restriction {
            Restriction::Status { status: 999 } => self.say("restriction-999").into_owned(),
            Restriction::Status { status } => format!("HTTP {status}"),
            Restriction::Challenge { owner } => {
                self.one("restriction-challenge", "owner", owner.as_str())
            }
            Restriction::LegalReasons => self.say("restriction-legal").into_owned(),
            Restriction::Text { text } => self.one("detail-words-of-others", "text", text.as_str()),
            Restriction::Unspecified => String::new(),
        }
    }

    /// Those that have nothing to fill in.
    fn fixed(self, detail: &Detail) -> Option<String> {
        let id = match detail {
            Detail::NoSuchName => "detail-no-such-name",
            Detail::NoAddress => "detail-no-address",
            Detail::NameServerAnswerCut => "detail-names-cut",
            Detail::NameServerDoesNotKnow => "detail-names-lame",
            Detail::NameServersUnreachable => "detail-names-unreachable",
            Detail::NotAName => "detail-names-bad",
            Detail::NameLookupFailed => "detail-names-unknown",
            Detail::ConnectionRefused => "detail-refused",
            Detail::NetworkUnreachable => "detail-network",
            Detail::HostUnreachable => "detail-host",
            Detail::ConnectionForbidden => "detail-forbidden",
            Detail::ConnectionUnanswered => "detail-connect-silent",
            Detail::ConnectionClosed { phase: Phase::Connect | Phase::Between | Phase::Dns } => {
                "detail-connect-closed"
            }
            Detail::ConnectionClosed { phase: Phase::Tls } => "detail-closed-tls",
            Detail::ConnectionClosed { phase: Phase::Wait } => "detail-closed-wait",
            Detail::ConnectionClosed { phase: Phase::Transfer } => "detail-closed-transfer",
            Detail::ConnectionSilent => "detail-silent",
            Detail::ConnectionFailed => "detail-connect-failed",
            Detail::NoFileLeft => "detail-no-file",
            Detail::NotTls => "detail-tls-none",
            Detail::NoCommonTls => "detail-tls-incompatible",
            Detail::ClientCertificateWanted => "detail-tls-wants-certificate",
            Detail::HeadersTooLarge => "detail-headers-large",
            Detail::NotHttp => "detail-not-http",
            Detail::MalformedHttp => "detail-bad-http",
            Detail::ReplyIncomplete => "detail-not-whole",
            Detail::PageUndecodable => "detail-not-decoded",
            Detail::NotJson => "detail-not-json",
            Detail::Maintenance => "detail-maintenance",
            Detail::RetryLater => "detail-retry-after",
            Detail::NetworkLoginRequired => "detail-network-login",
            Detail::NoCertificate => "detail-certificate-none",
            Detail::CertificateExpired { at: None, .. } => "detail-certificate-expired",
            Detail::CertificateNotYetValid { from: None, .. } => "detail-certificate-early",
            Detail::CertificateIssuerNotSent => "detail-certificate-issuer-left-out",
            Detail::CertificateChainIncomplete => "detail-certificate-incomplete",
            Detail::CertificateSelfSigned => "detail-certificate-self-signed",
            Detail::CertificateBadSignature => "detail-certificate-signature",
            Detail::CertificateNotForServers => "detail-certificate-kind",
            Detail::CertificateRevoked => "detail-certificate-revoked",
            _ => return None,
        };
        Some(self.say(id).into_owned())
    }

    fn of_certificate(self, detail: &Detail) -> Option<String> {
        Some(match detail {
            Detail::CertificateExpired { at: Some(at), within_a_day } => {
                let date = self.certificate_date(*at, *within_a_day);
                self.one("detail-certificate-expired-on", "date", date)
            }
            Detail::CertificateChainExpired { at, within_a_day } => {
                let date = self.certificate_date(*at, *within_a_day);
                self.one("detail-certificate-chain-expired", "date", date)
            }
            Detail::CertificateWeakKey { bits } => {
                self.one("detail-certificate-key", "bits", bits.to_string())
            }
            Detail::CertificateNotYetValid { from: Some(from), within_a_day } => {
                let date = self.certificate_date(*from, *within_a_day);
                self.one("detail-certificate-early-until", "date", date)
            }
            Detail::CertificateWrongName { names, more } => self.wrong_name(names, *more),
            Detail::CertificateUnknownAuthority { authority } => self.with_words(
                "detail-certificate-issuer",
                "detail-certificate-issuer-named",
                authority,
            ),
            Detail::CertificateWeakSignature { algorithm } => {
                self.one("detail-certificate-weak", "text", algorithm.as_str())
            }
            Detail::CertificateUnsupportedSignature { algorithm } => self.with_words(
                "detail-certificate-unsupported",
                "detail-certificate-unsupported-named",
                algorithm,
            ),
            Detail::CertificateInvalid { message } => {
                self.with_words("detail-certificate-bad", "detail-certificate-bad-said", message)
            }
            _ => return None,
        })
    }

    fn of_redirect(self, detail: &Detail) -> Option<String> {
        let (id, to) = match detail {
            Detail::RedirectLoop { url } => ("detail-loop", url),
            Detail::RedirectToNonUrl { target } => ("detail-redirect-bad", target),
            Detail::RedirectToOtherScheme { target } => ("detail-redirect-scheme", target),
            _ => return None,
        };
        Some(self.one(id, "text", to.as_str()))
    }

    fn with_a_value(self, detail: &Detail) -> String {
        match detail {
            Detail::CloudflareSetting { status, code } => {
                let (code, kind) = (u64::from(*code), ("status", status.to_string().into()));
                self.with("detail-cloudflare-setting", [kind, ("code", code.into())])
            }
            Detail::SiteStopped { status, host } => self.two(
                "detail-site-stopped",
                ("status", status.to_string()),
                ("host", host.as_str()),
            ),
            Detail::NoSuchAliasTarget { target } => {
                self.one("detail-no-such-alias-target", "name", target.as_str())
            }
            Detail::NameServerError { code } => {
                self.one("detail-names-failed", "code", u64::from(*code))
            }
            Detail::TlsAlert { alert } => self.one("detail-tls-alert", "alert", u64::from(*alert)),
            Detail::TlsFailed { message } => {
                self.with_words("detail-tls-failed", "detail-tls-failed-said", message)
            }
            Detail::OsError { message } => self.one("detail-os-error", "text", message.as_str()),
            Detail::ResolvesToSpecialAddress { address } => {
                self.one("detail-names-special", "address", address.to_string())
            }
            Detail::SpecialAddress { address } => {
                self.one("detail-special", "address", address.to_string())
            }
            Detail::PortNotAllowed { port } => self.one("detail-port", "port", port.to_string()),
            Detail::TooManyRedirects { limit: 0 } => self.say("detail-redirect-none").into_owned(),
            Detail::TooManyRedirects { limit } => {
                self.one("detail-redirects", "most", u64::from(*limit))
            }
            Detail::TooManyInterimAnswers { limit } => {
                self.one("detail-informational", "most", u64::from(*limit))
            }
            Detail::TextNotFound { text, within_kib: None } => {
                self.one("detail-text", "text", text.as_str())
            }
            Detail::TextNotFound { text, within_kib: Some(kib) } => {
                let (text, kib) = (("text", text.as_str()), ("kib", u64::from(*kib)));
                self.two("detail-text-first", text, kib)
            }
            Detail::TextForbidden { text } => {
                self.one("detail-text-forbidden", "text", text.as_str())
            }
            Detail::JsonTooLong { limit_kib } => {
                self.one("detail-json-long", "kib", u64::from(*limit_kib))
            }
            Detail::JsonDiffers { pointer, expected, found } => {
                self.json_differs(pointer, expected, found.as_ref())
            }
            _ => String::new(),
        }
    }

    fn json_differs(
        self,
        pointer: &ForeignText,
        expected: &ForeignText,
        found: Option<&ForeignText>,
    ) -> String {
        let place = if pointer.as_str().is_empty() { "/" } else { pointer.as_str() };
        let place = ("place", place.into());
        let expected = ("expected", expected.as_str().into());
        match found {
            Some(found) => {
                self.with("detail-json", [place, expected, ("found", found.as_str().into())])
            }
            None => self.with("detail-json-missing", [place, expected]),
        }
    }

    /// A message, or another one that quotes this text, if there is any.
    fn with_words(self, bare: &str, with: &str, words: &ForeignText) -> String {
        if words.is_blank() {
            return self.say(bare).into_owned();
        }
        self.one(with, "text", words.as_str())
    }

    fn timed_out(self, phase: Phase, after_ms: u32) -> String {
        let id = match phase {
            Phase::Dns => "detail-late-dns",
            Phase::Connect => "detail-late-connect",
            Phase::Tls => "detail-late-tls",
            Phase::Wait => "detail-late-wait",
            Phase::Transfer => "detail-late-transfer",
            Phase::Between => "detail-late-end",
        };
        let decimals = match after_ms {
            _ if after_ms.is_multiple_of(1_000) => 0,
            _ if after_ms.is_multiple_of(100) => 1,
            _ if after_ms.is_multiple_of(10) => 2,
            _ => 3,
        };
        self.one(id, "seconds", self.number(f64::from(after_ms) / 1e3, decimals))
    }

    /// A status with its usual words, which are English everywhere, and the server's own, if any.
    fn http_status(self, status: u16, reason: &ForeignText) -> String {
        let code = http::StatusCode::from_u16(status).ok();
        let status = match code.and_then(|code| code.canonical_reason()) {
            Some(usual) => format!("HTTP {status} {usual}"),
            None => format!("HTTP {status}"),
        };
        if reason.is_blank() {
            return status;
        }
        self.two("detail-status", ("status", status), ("text", reason.as_str()))
    }

    /// A day in a certificate, which programs read in English, with the time where it matters.
    fn certificate_date(self, at: Moment, with_time: bool) -> String {
        let date = match self {
            Self::En => at.to_utc().date().to_string(),
            Self::Nl => self.date(at),
        };
        if with_time {
            self.two("date-time", ("date", date), ("time", self.hour(at)))
        } else {
            date
        }
    }

    fn wrong_name(self, names: &[ForeignText], more: u32) -> String {
        let all: Vec<&str> = names.iter().map(ForeignText::as_str).collect();
        let Some((last, before)) = all.split_last() else {
            return self.say("detail-certificate-name").into_owned();
        };
        let shown = match more {
            0 if before.is_empty() => (*last).to_owned(),
            0 => self.two("list-and", ("before", before.join(", ")), ("last", *last)),
            _ => self.two("list-more", ("before", all.join(", ")), ("n", u64::from(more))),
        };
        self.one("detail-certificate-names", "names", shown)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fmt::Write};

    use super::*;
    use model::outcome::{Cause, Failure};

    /// Every kind of detail, with a value in every field.
    fn all() -> Vec<Detail> {
        use Detail::*;
        let at = Moment::parse("2026-11-01T12:00:00Z").unwrap();
        let text = || ForeignText::new("which \"is\" { $text } (odd)");
        let phases =
            [Phase::Between, Phase::Dns, Phase::Connect, Phase::Tls, Phase::Wait, Phase::Transfer];
        let mut all: Vec<Detail> = phases
            .into_iter()
            .flat_map(|phase| [TimedOut { phase, after_ms: 2_500 }, ConnectionClosed { phase }])
            .collect();
        all.extend((0..24).map(|code| NameServerError { code }));
        all.extend((0..=255).map(|alert| TlsAlert { alert }));
        all.extend((520..=530).map(|status| CloudflareOrigin { status }));
        all.extend([1_000, 1_014, 1_027].map(|code| CloudflareSetting { status: 403, code }));
        for (at, within_a_day) in [(None, false), (Some(at), false), (Some(at), true)] {
            all.push(CertificateExpired { at, within_a_day });
            all.push(CertificateNotYetValid { from: at, within_a_day });
        }
        all.extend([false, true].map(|within_a_day| CertificateChainExpired { at, within_a_day }));
        for words in [ForeignText::default(), text()] {
            all.push(TlsFailed { message: words.clone() });
            all.push(CertificateUnknownAuthority { authority: words.clone() });
            all.push(CertificateUnsupportedSignature { algorithm: words.clone() });
            all.push(CertificateInvalid { message: words });
        }
        for (count, more) in [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 1_200)] {
            let names = (0..count).map(|n| format!("{n}.example").into()).collect();
            all.push(CertificateWrongName { names, more });
        }
        all.extend([
            NoSuchName,
            NoSuchAliasTarget { target: "shop.hosting.example".into() },
            NoAddress,
            NameServerAnswerCut,
            NameServerDoesNotKnow,
            NameServersUnreachable,
            ResolvesToSpecialAddress { address: [127, 0, 0, 1].into() },
            NotAName,
            NameLookupFailed,
            ConnectionRefused,
            NetworkUnreachable,
            HostUnreachable,
            ConnectionForbidden,
            ConnectionUnanswered,
            ConnectionSilent,
            ConnectionFailed,
            NoFileLeft,
            OsError { message: text() },
            NotTls,
            NoCommonTls,
            ClientCertificateWanted,
            NoCertificate,
            CertificateIssuerNotSent,
            CertificateChainIncomplete,
            CertificateSelfSigned,
            CertificateBadSignature,
            CertificateWeakKey { bits: 1_024 },
            CertificateWeakSignature { algorithm: "SHA-1".into() },
            CertificateNotForServers,
            CertificateRevoked,
            HeadersTooLarge,
            TooManyInterimAnswers { limit: 64 },
            NotHttp,
            MalformedHttp,
            ReplyIncomplete,
            PageUndecodable,
            TextNotFound { text: text(), within_kib: None },
            TextNotFound { text: text(), within_kib: Some(256) },
            TextForbidden { text: text() },
            NotJson,
            JsonTooLong { limit_kib: 256 },
            JsonDiffers { pointer: "/a/b".into(), expected: "true".into(), found: Some(text()) },
            JsonDiffers { pointer: "".into(), expected: "1".into(), found: None },
            TooManyRedirects { limit: 0 },
            PortNotAllowed { port: 65_535 },
            SpecialAddress { address: [10, 0, 0, 1].into() },
            TooManyRedirects { limit: 10 },
            RedirectLoop { url: text() },
            RedirectToNonUrl { target: text() },
            RedirectToOtherScheme { target: text() },
            HttpStatus { status: 503, reason: "Backend fetch failed".into() },
            SiteStopped { status: 403, host: "Azure".into() },
            Maintenance,
            RetryLater,
            NetworkLoginRequired,
        ]);
        all
    }

    #[test]
    fn every_detail_has_words_of_its_own_in_both_languages_and_no_brackets() {
        for detail in all() {
            let [english, dutch] = Lang::ALL.map(|lang| lang.detail(&detail));
            assert_ne!(english, dutch, "{detail:?}");
            for said in [&english, &dutch] {
                let ours = said.replace("(odd)", "");
                assert!(!said.is_empty() && !ours.contains(['(', ')']), "{detail:?}: {said}");
                assert!(!said.ends_with('.'), "{detail:?}: {said}");
            }
            let at = Detail::Elsewhere { host: "b.example".into(), detail: detail.into() };
            assert_eq!(
                Lang::Nl.detail(&at),
                format!("bij b.example, waarheen de site doorstuurt: {dutch}")
            );
        }
    }

    #[test]
    fn details_are_said_as_a_native_would() {
        let (mut said, mut shapes) = (String::new(), BTreeSet::new());
        let named = ["connection refused by x".into(), Detail::http_status(599)];
        for detail in named.into_iter().chain(all()) {
            let [english, dutch] = Lang::ALL.map(|lang| lang.detail(&detail));
            // Codes without a name of their own differ by their number alone.
            if shapes.insert(english.replace(|c: char| c.is_ascii_digit(), "")) {
                writeln!(said, "{english}\n  {dutch}").unwrap();
            }
        }
        insta::assert_snapshot!(said);
    }

    #[test]
    fn lists_and_headings_say_in_words_that_visitors_know_why_a_site_fails() {
        let jargon = [
            "TLS",
            "handshake",
            "JSON",
            "HTTP:",
            "HTTP.",
            "NXDOMAIN",
            "TCP",
            "SERVFAIL",
            "FORMERR",
            "NOTIMP",
            "REFUSED",
            "NOTAUTH",
            "NOTZONE",
            "alert",
            "cipher",
            "chain",
            "keten",
            "self-signed",
            "zelfonder",
            "signature",
            "handtekening",
            "headers",
            "interim",
            "operating system",
            "besturingssysteem",
            "redirect loop",
            "no route to it",
            "geen route naartoe",
        ];
        for detail in all() {
            let host = "b.example".into();
            let there = Detail::Elsewhere { host, detail: detail.clone().into() };
            for cause in [detail, there].map(|detail| Cause::new(Failure::Protocol, detail)) {
                for said in Lang::ALL.map(|lang| lang.plain_cause(&cause)) {
                    let known = !jargon.iter().any(|word| said.contains(word));
                    assert!(known && !said.is_empty(), "{cause:?}: {said}");
                }
            }
        }
        let refused = Cause::new(Failure::Connect, Detail::ConnectionRefused);
        let nameless = Cause::new(Failure::Dns, Detail::NoSuchName);
        let alert = Cause::new(Failure::Tls, Detail::TlsAlert { alert: 40 });
        let unsigned = Cause::new(Failure::Tls, Detail::CertificateSelfSigned);
        for (cause, english, dutch) in [
            (refused, "connection refused", "de verbinding werd geweigerd"),
            (nameless, "its name cannot be found", "de naam is niet te vinden"),
            (
                alert,
                "no secure connection could be made",
                "er kwam geen beveiligde verbinding tot stand",
            ),
            (unsigned, "the certificate is not valid", "het certificaat is niet geldig"),
        ] {
            assert_eq!(Lang::ALL.map(|lang| lang.plain_cause(&cause)), [english, dutch]);
        }
    }

    #[test]
    fn restrictions_are_said_in_both_languages() {
        for (restriction, english, dutch) in [
            (Restriction::of_status(403), "HTTP 403", "HTTP 403"),
            (
                Restriction::of_status(451),
                "unavailable for legal reasons, HTTP 451",
                "om juridische redenen niet beschikbaar, HTTP 451",
            ),
            (
                Restriction::of_status(999),
                "HTTP 999, which some servers answer robots with",
                "HTTP 999, waarmee sommige servers robots afwijzen",
            ),
            (
                Restriction::Challenge { owner: "Cloudflare".into() },
                "a challenge page of Cloudflare",
                "een controlepagina van Cloudflare",
            ),
            (Restriction::of_record(Some(403), "HTTP 403"), "HTTP 403", "HTTP 403"),
            (Restriction::of_record(None, "a wall"), "a wall", "“a wall”"),
            (Restriction::of_record(None, ""), "", ""),
        ] {
            let said = Lang::ALL.map(|lang| lang.restriction(&restriction));
            assert_eq!(said, [english, dutch], "{restriction:?}");
        }
    }

    #[test]
    fn a_status_that_is_no_error_is_told_as_one_that_is_not_expected() {
        let of = |status| Cause::new(Failure::Http, Detail::http_status(status));
        assert_eq!(Lang::En.cause(&of(404)), "it answers with an error (HTTP 404 Not Found)");
        assert_eq!(
            Lang::ALL.map(|lang| lang.cause(&of(200))),
            [
                "it answers with a status that is not expected (HTTP 200 OK)",
                "de site antwoordt met een andere status dan verwacht (HTTP 200 OK)",
            ]
        );
        let detail = Detail::http_status(200).into();
        let there = Detail::Elsewhere { host: "b.example".into(), detail };
        assert_eq!(
            Lang::En.cause(&Cause::new(Failure::Http, there)),
            "it redirects to b.example, which answers with a status that is not expected (HTTP 200 OK)"
        );
    }

    #[test]
    fn a_cause_is_dutch_to_its_end_and_says_nothing_twice() {
        let cause = Cause::new(Failure::Connect, Detail::ConnectionRefused);
        assert_eq!(Lang::En.cause(&cause), "no connection could be made (connection refused)");
        assert_eq!(
            Lang::Nl.cause(&cause),
            "er kwam geen verbinding tot stand (de verbinding werd geweigerd)"
        );
        for detail in
            [Detail::ConnectionFailed, Detail::Unspecified, "no connection could be made".into()]
        {
            let cause = Cause::new(Failure::Connect, detail);
            assert_eq!(Lang::En.cause(&cause), "no connection could be made");
        }
        let cause = Cause::new(Failure::Connect, Detail::ConnectionFailed);
        assert_eq!(Lang::Nl.cause(&cause), "er kwam geen verbinding tot stand");
    }
}
