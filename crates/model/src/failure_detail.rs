//! The details of a failure as data, rendered late, in the reader's language.
//!
//! It is kept as JSON with its kind first, `{"kind":"tls_alert","alert":40}`. Whatever comes from
//! outside (a host, a URL, a message of the operating system) is [`ForeignText`].

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::moment::Moment;

/// The part of an attempt that was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// None of the others.
    Between,
    /// Looking the name up.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Waiting for the first byte of the reply.
    Wait,
    /// Reading the reply.
    Transfer,
}

/// Text from outside: on one line, without invisible characters, and short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ForeignText(Box<str>);

impl ForeignText {
    /// Characters of it; what is longer ends in `…`.
    pub const MAX_CHARS: usize = 120;

    /// The text, cleaned and cut.
    pub fn new(text: &str) -> Self {
        let clean = |c: char| if c.is_control() || is_line_end(c) { ' ' } else { c };
        let mut rest = text.chars().filter(|c| !is_invisible(*c)).map(clean);
        let mut kept: String = rest.by_ref().take(Self::MAX_CHARS).collect();
        if rest.next().is_some() {
            kept.pop();
            kept.push('…');
        }
        Self(kept.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether there is nothing to read in it.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters of no width, and those that change the direction of the text around them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

impl From<String> for ForeignText {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<&str> for ForeignText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<ForeignText> for String {
    fn from(text: ForeignText) -> Self {
        text.0.into()
    }
}

impl fmt::Display for ForeignText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The exact reason for a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FailureDetail {
    /// A part of the attempt did not end within this time.
    TimedOut {
        /// The part.
        phase: Phase,
        /// The limit.
        after_ms: u32,
    },

    /// The name servers say that there is no such name.
    NoSuchName,
    /// The name is an alias of another one, which does not exist.
    NoSuchAliasTarget {
        /// The other name.
        target: ForeignText,
    },
    /// The name exists and has no address.
    NoAddress,
    /// The name server answered with an error.
    NameServerError {
        /// The response code of DNS (RFC 6895, section 2.3).
        code: u16,
    },
    /// The name server's answer was cut short, and could not be fetched whole over TCP.
    NameServerAnswerCut,
    /// The name server neither knows the name nor asks others.
    NameServerDoesNotKnow,
    /// No name server can be reached.
    NameServersUnreachable,
    /// The name leads to an address that is not public.
    ResolvesToSpecialAddress {
        /// The address.
        address: IpAddr,
    },
    /// It is no name that name servers can be asked for.
    NotAName,
    /// The name could not be looked up.
    NameLookupFailed,

    /// The machine refused the connection.
    ConnectionRefused,
    /// There is no way to the network.
    NetworkUnreachable,
    /// There is no way to the machine.
    HostUnreachable,
    /// Our own machine does not allow the connection.
    ConnectionForbidden,
    /// Nothing answered the attempt to connect.
    ConnectionUnanswered,
    /// The connection was ended from the other side.
    ConnectionClosed {
        /// Phase that was under way.
        phase: Phase,
    },
    /// The established connection went silent.
    ConnectionSilent,
    /// No connection could be made.
    ConnectionFailed,
    /// The machine that we check from has as many files open as it may: nobody else's fault.
    NoFileLeft,
    /// An error of the operating system that has no words of its own here.
    OsError {
        /// Message of the operating system.
        message: ForeignText,
    },

    /// The other side does not speak TLS.
    NotTls,
    /// The server ended the handshake.
    TlsAlert {
        /// The number of its alert (RFC 8446, section 6).
        alert: u8,
    },
    /// The server ended the handshake after it had asked for a certificate of ours.
    ClientCertificateWanted,
    /// The server has no version or cipher of TLS in common with us.
    NoCommonTls,
    /// The handshake failed.
    TlsFailed {
        /// Message of our TLS library; may be blank.
        #[serde(default, skip_serializing_if = "ForeignText::is_blank")]
        message: ForeignText,
    },

    /// The server shows no certificate.
    NoCertificate,
    /// The certificate has expired.
    CertificateExpired {
        /// Expiry, if known.
        at: Option<Moment>,
        /// True if that is less than a day away from the look: the date alone says too little then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        within_a_day: bool,
    },
    /// The server's own certificate is valid, but one above it in its chain has expired.
    CertificateChainExpired {
        /// Expiry.
        at: Moment,
        /// True if that is less than a day away from the look: the date alone says too little then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        within_a_day: bool,
    },
    /// The certificate is not valid yet.
    CertificateNotYetValid {
        /// From when it is, if it is known.
        from: Option<Moment>,
        /// True if that is less than a day away from the look: the date alone says too little then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        within_a_day: bool,
    },
    /// The certificate is for other names.
    CertificateWrongName {
        /// Some of them, at most [`FailureDetail::MAX_NAMES`].
        names: Box<[ForeignText]>,
        /// Number of names beyond those listed.
        more: u32,
    },
    /// The certificate is from an authority that we do not know.
    CertificateUnknownAuthority {
        /// The name of the authority; may be blank.
        #[serde(default, skip_serializing_if = "ForeignText::is_blank")]
        authority: ForeignText,
    },
    /// The server leaves a certificate out of its chain, and nothing says where to find it.
    CertificateIssuerNotSent,
    /// The server leaves a certificate out of its chain.
    CertificateChainIncomplete,
    /// The server has signed its certificate itself.
    CertificateSelfSigned,
    /// The certificate is not signed by the issuer that it names.
    CertificateBadSignature,
    /// The key of the certificate is too short to be safe.
    CertificateWeakKey {
        /// Its length.
        bits: u32,
    },
    /// The certificate is signed with an algorithm that has been broken.
    CertificateWeakSignature {
        /// Its name.
        algorithm: ForeignText,
    },
    /// The certificate is signed with an algorithm that we do not know.
    CertificateUnsupportedSignature {
        /// Its name or object identifier; may be blank.
        #[serde(default, skip_serializing_if = "ForeignText::is_blank")]
        algorithm: ForeignText,
    },
    /// The certificate is for something else than servers.
    CertificateNotForServers,
    /// The certificate has been revoked.
    CertificateRevoked,
    /// The certificate is not valid for another reason.
    CertificateInvalid {
        /// Message of our TLS library; may be blank.
        #[serde(default, skip_serializing_if = "ForeignText::is_blank")]
        message: ForeignText,
    },

    /// The headers are too large.
    HeadersTooLarge,
    /// Too many interim answers (1xx) came before a reply.
    TooManyInterimAnswers {
        /// Largest number allowed.
        limit: u32,
    },
    /// The answer is not HTTP.
    NotHttp,
    /// The answer breaks the rules of HTTP.
    MalformedHttp,
    /// The connection ended before the reply was whole.
    ReplyIncomplete,
    /// The page cannot be decoded.
    PageUndecodable,
    /// The page does not have the text that it should.
    TextNotFound {
        /// The text.
        text: ForeignText,
        /// The part of the page that was searched, where it was not all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within_kib: Option<u32>,
    },

    /// The page has a text that it must not have.
    TextForbidden {
        /// The text.
        text: ForeignText,
    },
    /// The answer is not the JSON that it should be.
    NotJson,
    /// The JSON is longer than what is read of a page.
    JsonTooLong {
        /// The part that is read.
        limit_kib: u32,
    },
    /// A value of the JSON is not the expected one.
    JsonDiffers {
        /// Its place (RFC 6901).
        pointer: ForeignText,
        /// The value that should be there.
        expected: ForeignText,
        /// The value that is there, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<ForeignText>,
    },

    /// A visitor's lookup may not go to this port.
    PortNotAllowed {
        /// The port.
        port: u16,
    },
    /// The address is not public.
    SpecialAddress {
        /// The address.
        address: IpAddr,
    },
    /// There were more redirects than are followed.
    TooManyRedirects {
        /// Largest number allowed.
        limit: u32,
    },
    /// The redirects lead back to where they began.
    RedirectLoop {
        /// One URL of the loop.
        url: ForeignText,
    },
    /// A redirect leads to what is no URL.
    RedirectToNonUrl {
        /// Target of the redirect.
        target: ForeignText,
    },
    /// A redirect leads to something else than HTTP.
    RedirectToOtherScheme {
        /// Target of the redirect.
        target: ForeignText,
    },

    /// A status that is not good.
    HttpStatus {
        /// The status.
        status: u16,
        /// The server's own words for it, where they are not the usual ones.
        #[serde(default, skip_serializing_if = "ForeignText::is_blank")]
        reason: ForeignText,
    },
    /// Cloudflare says that the servers behind it have failed.
    CloudflareOrigin {
        /// Its status for that, 520 to 530.
        status: u16,
    },
    /// Cloudflare says that a setting or a limit of the site's owner keeps it from answering.
    CloudflareSetting {
        /// The status of the reply.
        status: u16,
        /// Its number for that, such as 1014.
        code: u16,
    },
    /// The site's host says that the site has been stopped.
    SiteStopped {
        /// The status of the reply.
        status: u16,
        /// Name of the host.
        host: ForeignText,
    },
    /// HTTP 503 with a page about maintenance.
    Maintenance,
    /// HTTP 511 over plain HTTP: a network on our way wants a login. Never the site's failure (RFC 6585, section 6).
    NetworkLoginRequired,
    /// HTTP 503 with the request to come back later.
    RetryLater,

    /// It went wrong at another host, to which the site redirects.
    Elsewhere {
        /// The host.
        host: ForeignText,
        /// Failure at that host.
        detail: Box<Self>,
    },
    /// Text from another source: an imported record or a story.
    Text {
        /// The words.
        text: ForeignText,
    },
    /// Nothing more is known; also what only a newer version knows.
    #[default]
    #[serde(other)]
    Unspecified,
}

impl FailureDetail {
    /// Names of a certificate for other names that are kept.
    pub const MAX_NAMES: usize = 3;

    /// A status without words of the server's own.
    pub fn http_status(status: u16) -> Self {
        Self::HttpStatus { status, reason: ForeignText::default() }
    }

    /// The failure where it happened, with its host if a redirect of the site led there.
    pub fn place(&self) -> (&Self, Option<&ForeignText>) {
        match self {
            Self::Elsewhere { host, detail } => (detail, Some(host)),
            here => (here, None),
        }
    }

    /// The HTTP status that it is about, if it is about one.
    pub fn status(&self) -> Option<u16> {
        match self.place().0 {
            Self::HttpStatus { status, .. }
            | Self::CloudflareOrigin { status }
            | Self::CloudflareSetting { status, .. }
            | Self::SiteStopped { status, .. } => Some(*status),
            Self::Maintenance | Self::RetryLater => Some(503),
            Self::NetworkLoginRequired => Some(511),
            _ => None,
        }
    }

    /// Returns whether a certificate is not trusted for a reason that its authority may have
    /// caused.
    pub fn is_of_authority(&self) -> bool {
        matches!(
            self,
            Self::CertificateExpired { .. }
                | Self::CertificateChainExpired { .. }
                | Self::CertificateNotYetValid { .. }
                | Self::CertificateUnknownAuthority { .. }
                | Self::CertificateRevoked
                | Self::CertificateInvalid { .. }
        )
    }
}

/// Words from elsewhere.
impl From<&str> for FailureDetail {
    fn from(text: &str) -> Self {
        let text = ForeignText::new(text);
        if text.is_blank() { Self::Unspecified } else { Self::Text { text } }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_has_the_kind_first_and_plain_fields() {
        let at = Moment::parse("2026-11-01T00:00:00Z").unwrap();
        let wrong =
            FailureDetail::CertificateWrongName { names: ["a.example".into()].into(), more: 2 };
        for (detail, json) in [
            (FailureDetail::NoSuchName, r#"{"kind":"no_such_name"}"#),
            (FailureDetail::TlsAlert { alert: 40 }, r#"{"kind":"tls_alert","alert":40}"#),
            (FailureDetail::http_status(503), r#"{"kind":"http_status","status":503}"#),
            (
                FailureDetail::TimedOut { phase: Phase::Tls, after_ms: 2_500 },
                r#"{"kind":"timed_out","phase":"tls","after_ms":2500}"#,
            ),
            (
                FailureDetail::CertificateExpired { at: Some(at), within_a_day: false },
                r#"{"kind":"certificate_expired","at":"2026-11-01T00:00:00.000Z"}"#,
            ),
            (wrong, r#"{"kind":"certificate_wrong_name","names":["a.example"],"more":2}"#),
            (
                FailureDetail::Elsewhere {
                    host: "b.example".into(),
                    detail: FailureDetail::SpecialAddress { address: [10, 0, 0, 1].into() }.into(),
                },
                r#"{"kind":"elsewhere","host":"b.example","detail":{"kind":"special_address","address":"10.0.0.1"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&detail).unwrap(), json);
            assert_eq!(serde_json::from_str::<FailureDetail>(json).unwrap(), detail);
            // `jsonb` keeps the fields in an order of its own.
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::from_value::<FailureDetail>(value).unwrap(), detail);
        }
    }

    #[test]
    fn what_a_newer_version_knows_is_unspecified() {
        let newer = r#"{"kind":"quic_version_mismatch","version":9}"#;
        assert_eq!(
            serde_json::from_str::<FailureDetail>(newer).unwrap(),
            FailureDetail::Unspecified
        );
    }

    #[test]
    fn blank_words_are_no_detail() {
        assert_eq!(FailureDetail::from(" \n"), FailureDetail::Unspecified);
    }

    proptest! {
        #[test]
        fn foreign_text_is_one_short_line_and_stays_so(text in ".{0,300}|\\PC{100,150}") {
            let clean = ForeignText::new(&text);
            prop_assert!(clean.as_str().chars().count() <= ForeignText::MAX_CHARS);
            prop_assert!(!clean.as_str().contains(|c: char| c.is_control() || is_invisible(c)));
            prop_assert_eq!(&ForeignText::new(clean.as_str()), &clean);
            let json = serde_json::to_string(&FailureDetail::Text { text: clean.clone() }).unwrap();
            prop_assert!(!json.contains("\\u0000"));
            let read: FailureDetail = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read, FailureDetail::Text { text: clean });
        }

        #[test]
        fn json_from_outside_is_cleaned_as_it_is_read(text in ".{0,300}") {
            let json = serde_json::json!({"kind": "redirect_loop", "url": text});
            let read: FailureDetail = serde_json::from_value(json).unwrap();
            let url = ForeignText::new(&text);
            prop_assert_eq!(read, FailureDetail::RedirectLoop { url });
        }
    }
}
