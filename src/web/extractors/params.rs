//! Query parameters and path segments as visitors send them: bounded, decoded, never trusted.
//!
//! Of a repeated parameter the first counts. A handler that ends the reading with
//! [`Params::finish`] refuses repeated parameters and reports unread ones as unknown, so that a
//! mistyped filter does not pass for an answer; one that begins with `_` is accepted, since people
//! add such to bypass caches. Pages read the parameters they know and do not end the reading.

use std::{
    borrow::Cow,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use axum::extract::{FromRequestParts, Path};
use http::{StatusCode, Uri, request::Parts};

use crate::web::{
    Shared,
    error::{ErrorStatus, HttpProblem, Wrong},
};
use model::{
    moment::Moment,
    name::{Region, Slug},
};

/// Bytes that a query may have.
const MAX_QUERY: usize = 4096;
/// Characters that a filter may have.
pub(in crate::web) const MAX_TEXT: usize = 200;
/// Pattern of a filter.
pub(in crate::web) const WORDLIKE: &str = "^[^\\x00]*$";
/// Bytes of a day and of the mark between it and the time, as in `2017-02-28T`.
const DAY_AND_MARK: usize = 11;
/// Unknown parameters that are named.
const MAX_NAMED: usize = 20;

/// Reads any text that is not too long.
fn word(text: &str) -> Result<String, String> {
    if text.chars().count() > MAX_TEXT {
        return Err(format!("must have at most {MAX_TEXT} characters"));
    }
    // Postgres accepts none in a text.
    if text.contains('\0') {
        return Err("must not have a NUL in it".to_owned());
    }
    Ok(text.to_owned())
}

/// One parameter as it was sent.
#[derive(Debug)]
struct SentParameter {
    name: String,
    value: String,
    /// True if a handler has read it.
    read: AtomicBool,
}

/// The query's parameters, and what was wrong with those read so far.
#[derive(Debug, Default)]
pub(in crate::web) struct Params {
    pairs: Vec<SentParameter>,
    wrong: Vec<Wrong>,
    uri: Uri,
}

impl Params {
    /// The value of a parameter; an empty one is as good as none.
    pub(in crate::web) fn text(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// The value of a parameter, even if it is empty.
    pub(in crate::web) fn sent(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|pair| pair.name == name);
        let first = found.next()?;
        first.read.store(true, Relaxed);
        found.for_each(|again| again.read.store(true, Relaxed));
        Some(first.value.as_str())
    }

    /// A parameter read by `read`, whose error says what would be right; it is called for an empty
    /// one as well.
    pub(in crate::web) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match read(self.sent(name)?) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.wrong.push(Wrong { parameter: name.into(), detail });
                None
            }
        }
    }

    /// A filter: any text that is not too long; an empty one filters nothing.
    pub(in crate::web) fn word(&mut self, name: &'static str) -> Option<String> {
        self.read(name, word).filter(|text| !text.is_empty())
    }

    /// A site by its slug.
    pub(in crate::web) fn slug(&mut self, name: &'static str) -> Option<Slug> {
        self.read(name, |text| {
            Slug::new(&text.to_ascii_lowercase())
                .map_err(|_| "must be the slug of a site, such as slack.com".to_owned())
        })
    }

    /// `region`; an empty one filters nothing.
    pub(in crate::web) fn region(&mut self) -> Option<Region> {
        let read = |text: &str| match text {
            "" => Ok(None),
            text => Region::new(text)
                .map(Some)
                .map_err(|_| "must be the name of a region, such as sydney".to_owned()),
        };
        self.read("region", read).flatten()
    }

    /// `cursor`; an empty one is the first page.
    pub(in crate::web) fn cursor<T>(
        &mut self,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read("cursor", |text| if text.is_empty() { Ok(None) } else { read(text).map(Some) })
            .flatten()
    }

    /// `limit`: how many at most.
    pub(in crate::web) fn limit(&mut self, most: u32) -> Option<u32> {
        self.whole("limit", most)
    }

    /// A whole number from 1 to `most`.
    pub(in crate::web) fn whole(&mut self, name: &'static str, most: u32) -> Option<u32> {
        self.read(name, |text| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse().ok().filter(|n| digits && (1..=most).contains(n));
            number.ok_or_else(|| format!("must be a whole number from 1 to {most}"))
        })
    }

    /// `from` and `to`: a stretch of time, `to` not within it.
    pub(in crate::web) fn span(&mut self) -> (Option<Moment>, Option<Moment>) {
        let (from, to) = (self.read("from", moment), self.read("to", moment));
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            let detail = "must be later than from".to_owned();
            self.wrong.push(Wrong { parameter: "to".into(), detail });
        }
        (from, to)
    }

    /// Reports a wrong parameter; the first report about it stays.
    pub(in crate::web) fn wrong(&mut self, parameter: &'static str, detail: &str) {
        if self.wrong.iter().all(|wrong| wrong.parameter != parameter) {
            self.wrong.push(Wrong { parameter: parameter.into(), detail: detail.to_owned() });
        }
    }

    /// Ends the reading: an error that names everything that was wrong, if anything was.
    pub(in crate::web) fn finish(mut self) -> Result<(), HttpProblem> {
        let mut read: Vec<&str> = Vec::new();
        for pair in self.pairs.iter().filter(|pair| pair.read.load(Relaxed)) {
            let named = self.wrong.iter().any(|wrong| wrong.parameter == pair.name);
            if read.contains(&pair.name.as_str()) && !named {
                let detail = "must be given once; a list has commas".to_owned();
                self.wrong.push(Wrong { parameter: pair.name.clone().into(), detail });
            }
            read.push(&pair.name);
        }
        let unknown =
            |pair: &&SentParameter| !pair.read.load(Relaxed) && !pair.name.starts_with('_');
        for pair in self.pairs.iter().filter(unknown).take(MAX_NAMED) {
            let parameter = pair.name.chars().take(MAX_TEXT).collect::<String>().into();
            let detail = "is not a parameter of this address".to_owned();
            self.wrong.push(Wrong { parameter, detail });
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(HttpProblem::parameters(self.wrong, self.uri.path()))
    }
}

impl FromRequestParts<Arc<Shared>> for Params {
    type Rejection = ErrorStatus;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > MAX_QUERY {
            return Err(ErrorStatus(StatusCode::URI_TOO_LONG));
        }
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| SentParameter {
            name: name.into_owned(),
            value: value.into_owned(),
            read: AtomicBool::new(false),
        };
        let pairs = url::form_urlencoded::parse(query.as_bytes()).map(owned).collect();
        Ok(Self { pairs, wrong: Vec::new(), uri: parts.uri.clone() })
    }
}

/// Reads a moment of RFC 3339, of the years that we can have.
pub(in crate::web) fn moment(text: &str) -> Result<Moment, String> {
    // In a query a `+` is a space: `+02:00` arrives as ` 02:00` from those who did not escape it. The
    // space between day and time is one.
    let (day, time) = text.split_at_checked(DAY_AND_MARK).unwrap_or((text, ""));
    // What programs write for ever; no moment is that late.
    let day = day.replace("9999-12-31", "9999-12-29");
    Moment::parse(&format!("{day}{}", time.replace(' ', "+")))
        .map_err(|_| "must be a moment of RFC 3339, such as 2017-02-28T17:37:00Z".to_owned())
}

/// The one named segment of the path, decoded; `None` when it is not text.
#[derive(Debug)]
pub(in crate::web) struct PathSegment(pub(in crate::web) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for PathSegment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.ok().map(|Path(text)| text)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_read_in_every_writing_of_rfc_3339() {
        let at = Moment::from_millis(1_488_303_420_000);
        for text in [
            "2017-02-28T17:37:00Z",
            "2017-02-28t17:37:00z",
            "2017-02-28 17:37:00Z",
            "2017-02-28T17:37:00.000Z",
            "2017-02-28T18:37:00+01:00",
            // A plus that was not escaped.
            "2017-02-28T18:37:00 01:00",
            "2017-02-28 18:37:00 01:00",
            "2017-02-28T12:37:00-05:00",
        ] {
            assert_eq!(moment(text), Ok(at), "{text}");
        }
        assert!(moment("9999-12-31T23:59:59Z").is_ok(), "for ever");
        for text in ["", "2017-02-28", "2017-02-28T17:37:00", "17:37", "1488303420", "é017-02-28Té"]
        {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_its_readers_and_what_is_wrong_with_it_is_bounded(
            query in "([a-z_%&=+]{0,8}=[ -~]{0,20}&?){0,40}|[ -~]{0,80}",
        ) {
            let pairs = url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| SentParameter {
                name: name.into_owned(),
                value: value.into_owned(),
                read: AtomicBool::new(false),
            });
            let mut params =
                Params { pairs: pairs.collect(), wrong: Vec::new(), uri: Uri::default() };
            let _ = (params.word("q"), params.slug("site"), params.limit(100), params.span());
            let _ = params.cursor(|text| if text == "a" { Ok(()) } else { Err(String::new()) });
            prop_assert!(params.wrong.len() <= 6);
            let _ = params.finish();
            let _ = moment(&query);
        }
    }
}
