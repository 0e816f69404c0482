//! Secrets in the lists of other tools, and how they are kept out of a catalogue. Pure.
//!
//! Anybody can see a catalogue and its addresses here, so that a secret is never written: a header gets a
//! variable of the environment, and a site with a secret in its body or its address is left out.

use std::hash::{DefaultHasher, Hash, Hasher};

use model::target::without_login;

/// Headers whose values are no secrets.
const OPEN_HEADERS: [&str; 8] = [
    "accept",
    "accept-language",
    "cache-control",
    "content-type",
    "origin",
    "pragma",
    "user-agent",
    "x-requested-with",
];
/// Words in a body by which it may hold a secret.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "credential"];
/// Names of parts of a query whose values are likely secrets.
const SECRET_PARTS: [&str; 15] = [
    "token",
    "access_token",
    "auth_token",
    "secret",
    "client_secret",
    "password",
    "passwd",
    "pwd",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "auth",
    "authorization",
    "signature",
];

/// Value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderSource {
    /// No secret.
    Open(String),
    /// A secret, which gets a variable; its hash tells it from others.
    Secret(u64),
    /// It stands in this variable already.
    Env(String),
}

impl HeaderSource {
    /// The place of a header's value.
    pub(super) fn of(name: &str, value: &str) -> Self {
        match variable(value) {
            Some(variable) => Self::Env(variable.to_owned()),
            None if OPEN_HEADERS.iter().any(|open| name.eq_ignore_ascii_case(open)) => {
                Self::Open(value.to_owned())
            }
            None => Self::secret(value),
        }
    }

    /// A value that is a secret.
    pub(super) fn secret(value: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Self::Secret(hasher.finish())
    }
}

/// The word by which a body may hold a secret.
pub(super) fn secret_word(body: &str) -> Option<&'static str> {
    let body = body.to_ascii_lowercase();
    SECRET_WORDS.into_iter().find(|word| body.contains(word))
}

/// The name of the part of an address's query that may hold a secret, which anybody could see.
pub(super) fn secret_part(url: &str) -> Option<&'static str> {
    let (_, query) = url.split_once('?')?;
    let mut names = query
        .split('&')
        .filter_map(|part| part.split_once('='))
        .filter(|(_, value)| !value.is_empty());
    names.find_map(|(name, _)| {
        let name = name.to_ascii_lowercase();
        SECRET_PARTS.into_iter().find(|secret| *secret == name)
    })
}

/// A text that may be an address, without a login and a query with a secret.
pub(super) fn without_secrets(text: &str) -> String {
    let text = without_login(text);
    match text.split_once('?') {
        Some((before, _)) if secret_part(&text).is_some() => before.to_owned(),
        _ => text.into_owned(),
    }
}

/// The variable that a value is, if it is one: `${NAME}` or `$NAME`.
fn variable(value: &str) -> Option<&str> {
    let name = value.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}
