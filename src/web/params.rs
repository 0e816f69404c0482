//! Query parameters and path segments as visitors send them: bounded, decoded, never trusted.
//!
//! Unknown parameters are ignored (people add them to get round caches); of a repeated one the
//! first counts.

use std::{borrow::Cow, convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path},
    response::Response,
};
use http::{StatusCode, Uri, request::Parts};

use super::{
    Shared,
    asked::Asked,
    pages::trouble,
    problem::{Problem, Wrong},
};

/// Bytes that a query may have.
const LONGEST: usize = 4096;

/// The query's parameters, and what was wrong with those read so far.
#[derive(Debug, Default)]
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    wrong: Vec<Wrong>,
    uri: Uri,
}

impl Params {
    /// The value of a parameter; an empty one is as good as none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A parameter read by `read`, which says what would be right when it cannot.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match read(self.text(name)?) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.wrong.push(Wrong { parameter: name, detail });
                None
            }
        }
    }

    /// Says that a parameter is wrong.
    pub(super) fn wrong(&mut self, parameter: &'static str, detail: &str) {
        self.wrong.push(Wrong { parameter, detail: detail.to_owned() });
    }

    /// Ends the reading: an error that names everything that was wrong, if anything was.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Problem::parameters(self.wrong, self.uri.path()))
    }
}

impl FromRequestParts<Arc<Shared>> for Params {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > LONGEST {
            return Err({
                let asked = Asked::of(&parts.uri, &parts.headers);
                trouble::respond(shared, &asked, StatusCode::URI_TOO_LONG)
            });
        }
        let owned =
            |(key, value): (Cow<'_, str>, Cow<'_, str>)| (key.into_owned(), value.into_owned());
        let pairs = url::form_urlencoded::parse(query.as_bytes()).map(owned).collect();
        Ok(Self { pairs, wrong: Vec::new(), uri: parts.uri.clone() })
    }
}

/// The one named segment of the path, decoded; `None` when it is not text.
#[derive(Debug)]
pub(super) struct Segment(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.ok().map(|Path(text)| text)))
    }
}
