//! The details of failures: said in English where they are made, and said again in a visitor's
//! language from that English, which is what is kept and what programs read.
//!
//! Both ways go by the same messages, so they cannot drift apart: a detail is found again by the
//! English message that made it. Whatever no message of ours has made stays as it is. Pure.

use std::{borrow::Cow, sync::LazyLock};

use crate::{
    i18n::{Arg, Lang},
    model::moment::Moment,
};

/// Every message that makes a detail, with its places in the order of the English message.
pub(super) const DETAILS: &[(&str, &[&str])] = &[
    ("detail-late-dns", &["seconds"]),
    ("detail-late-connect", &["seconds"]),
    ("detail-late-tls", &["seconds"]),
    ("detail-late-wait", &["seconds"]),
    ("detail-late-transfer", &["seconds"]),
    ("detail-late-end", &["seconds"]),
    ("detail-no-such-name", &[]),
    ("detail-no-address", &[]),
    ("detail-names-failed", &["code"]),
    ("detail-names-silent", &[]),
    ("detail-names-unreachable", &[]),
    ("detail-names-special", &["address"]),
    ("detail-names-bad", &[]),
    ("detail-names-unknown", &[]),
    ("detail-refused", &[]),
    ("detail-network", &[]),
    ("detail-connect-silent", &[]),
    ("detail-connect-closed", &[]),
    ("detail-connect-failed", &[]),
    ("detail-silent", &[]),
    ("detail-closed-tls", &[]),
    ("detail-closed-wait", &[]),
    ("detail-closed-transfer", &[]),
    ("detail-not-whole", &[]),
    ("detail-tls-none", &[]),
    ("detail-tls-alert", &["alert"]),
    ("detail-tls-incompatible", &[]),
    ("detail-tls-failed", &[]),
    ("detail-certificate-none", &[]),
    ("detail-certificate-expired", &[]),
    ("detail-certificate-expired-on", &["date"]),
    ("detail-certificate-early", &[]),
    ("detail-certificate-early-until", &["date"]),
    ("detail-certificate-name", &[]),
    ("detail-certificate-issuer", &[]),
    ("detail-certificate-issuer-left-out", &[]),
    ("detail-certificate-incomplete", &[]),
    ("detail-certificate-signature", &[]),
    ("detail-certificate-kind", &[]),
    ("detail-certificate-revoked", &[]),
    ("detail-certificate-bad", &[]),
    ("detail-headers-large", &[]),
    ("detail-not-http", &[]),
    ("detail-informational", &[]),
    ("detail-bad-http", &[]),
    ("detail-not-decoded", &[]),
    ("detail-text", &["text"]),
    ("detail-text-first", &["text", "kib"]),
    ("detail-port", &["port"]),
    ("detail-special", &["address"]),
    ("detail-redirects", &["most"]),
    ("detail-loop", &["url"]),
    ("detail-redirect-bad", &["text"]),
    ("detail-redirect-scheme", &["text"]),
    ("detail-redirect-credentials", &["text"]),
    ("detail-wall", &["owner"]),
    ("detail-legal", &[]),
    ("detail-edge-answer", &["status"]),
    ("detail-edge-refused", &["status"]),
    ("detail-edge-unreachable", &["status"]),
    ("detail-edge-late", &["status"]),
    ("detail-edge-tls", &["status"]),
    ("detail-edge-certificate", &["status"]),
    ("detail-maintenance", &[]),
    ("detail-retry-after", &[]),
    ("detail-at", &["host", "detail"]),
];

/// A detail, in the English that is kept and that programs read.
pub fn detail<const N: usize>(id: &str, args: [(&'static str, String); N]) -> String {
    debug_assert!(DETAILS.iter().any(|(known, _)| *known == id), "{id} is not in the table");
    Lang::En.with(id, args.map(|(name, text)| (name, text.into())))
}

/// The host that a site redirects to and what is wrong there, where a detail is about that.
pub(super) fn elsewhere(english: &str) -> Option<(&str, &str)> {
    let form = FORMS.iter().find(|form| form.id == "detail-at")?;
    match form.read(english)?[..] {
        [(_, host), (_, detail)] => Some((host, detail)),
        _ => None,
    }
}

impl Lang {
    /// A detail, which is kept in English, in this language as far as it is one of ours.
    pub fn detail(self, english: &str) -> Cow<'_, str> {
        match self {
            Self::En => english.into(),
            Self::Nl => self.detail_within(english, true),
        }
    }

    /// `outer`: whether it may have another one inside of it.
    fn detail_within(self, english: &str, outer: bool) -> Cow<'_, str> {
        let read = |form: &Form| Some((form.id, form.read(english)?));
        let Some((id, found)) = FORMS.iter().find_map(read) else {
            return english.to_owned().into();
        };
        let said = found.into_iter().map(|(name, text)| {
            let said = match name {
                "detail" if outer => self.detail_within(text, false),
                "date" => self.written_date(text),
                "seconds" => text.parse().map_or(text.into(), |seconds: f64| {
                    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                    self.number(seconds, decimals).into()
                }),
                _ => text.into(),
            };
            (name, Arg::Text(said))
        });
        self.with(id, said).into()
    }

    /// A day that is written `2026-11-01`.
    fn written_date(self, text: &str) -> Cow<'_, str> {
        Moment::parse(&format!("{text}T00:00:00Z"))
            .map_or_else(|_| text.to_owned().into(), |at| self.date(at).into())
    }
}

/// How the English of a message looks: the text around its places.
struct Form {
    id: &'static str,
    places: &'static [&'static str],
    around: Vec<String>,
}

/// What no text of ours has in it; it stands for a place.
const PLACE: char = '\u{0}';

/// The longest first: a short one may be a part of it.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let mut forms: Vec<Form> = DETAILS.iter().map(|(id, places)| Form::of(id, places)).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.around.iter().map(String::len).sum::<usize>()));
    forms
});

impl Form {
    fn of(id: &'static str, places: &'static [&'static str]) -> Self {
        let mark = PLACE.to_string();
        let text = Lang::En.with(id, places.iter().map(|name| (*name, Arg::from(&mark))));
        Self { id, places, around: text.split(PLACE).map(ToOwned::to_owned).collect() }
    }

    /// What stands at its places, if a text has this form.
    fn read<'a>(&self, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let (first, rest) = self.around.split_first()?;
        let Some((last, between)) = rest.split_last() else {
            return (text == first).then(Vec::new);
        };
        let mut text = text.strip_prefix(first.as_str())?;
        let mut found = Vec::with_capacity(rest.len());
        for gap in between {
            let (here, after) = text.split_once(gap.as_str())?;
            found.push(here);
            text = after;
        }
        found.push(text.strip_suffix(last.as_str())?);
        Some(self.places.iter().copied().zip(found).collect())
    }
}

#[cfg(test)]
mod tests;
