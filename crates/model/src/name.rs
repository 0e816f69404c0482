//! Short names: the slug of a site, the name of a region and that of an agent.
//!
//! They stand in URLs, in Postgres and in badges, so their letters are few. Cheap to clone.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, de};

/// The name of a site in URLs: its host unless the catalogue says otherwise (`slack.com`).
///
/// One to 253 lower-case letters, digits, `.`, `-`, `_` and `:`, beginning with a letter or digit
/// (or `[` for an IPv6 host, then also `]`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(Arc<str>);

/// A region: the place that a prober works in (`local` unless set).
///
/// One to 63 lower-case letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Region(Arc<str>);

/// The name of an agent, which probes from a region.
///
/// One to 63 lower-case letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AgentName(Arc<str>);

/// Reason why a text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: {rule}")]
pub struct BadName {
    text: String,
    what: &'static str,
    rule: &'static str,
}

impl Slug {
    /// Makes a slug of the text.
    ///
    /// # Errors
    /// Fails when a letter is not allowed or the length is not 1 to 253.
    pub fn new(text: &str) -> Result<Self, BadName> {
        let fits = |c: char| {
            c.is_ascii_lowercase()
                || c.is_ascii_digit()
                || matches!(c, '.' | '-' | '_' | ':' | '[' | ']')
        };
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        if begins && text.len() <= 253 && text.chars().all(fits) {
            return Ok(Self(text.into()));
        }
        Err(BadName {
            text: text.chars().take(80).collect(),
            what: "slug",
            rule: "use 1 to 253 of a-z, 0-9, '.', '-', '_' and ':', beginning with a letter or digit",
        })
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Region {
    /// Makes a region of the text.
    ///
    /// # Errors
    /// Fails when a letter is not allowed or the length is not 1 to 63.
    pub fn new(text: &str) -> Result<Self, BadName> {
        short_word(text, "region").map(Self)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AgentName {
    /// The agent with this name.
    ///
    /// # Errors
    /// Fails when a letter is not allowed or the length is not 1 to 63.
    pub fn new(text: &str) -> Result<Self, BadName> {
        short_word(text, "name of an agent or of a token's holder").map(Self)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text of 1 to 63 lower-case letters, digits and `-`.
fn short_word(text: &str, what: &'static str) -> Result<Arc<str>, BadName> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=63).contains(&text.len()) && text.chars().all(fits) {
        return Ok(text.into());
    }
    let rule = "use 1 to 63 of a-z, 0-9 and '-'";
    Err(BadName { text: text.chars().take(80).collect(), what, rule })
}

impl Default for Region {
    fn default() -> Self {
        Self("local".into())
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AgentName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_hosts_and_the_like() {
        for good in ["slack.com", "xn--caf-dma.nl", "localhost:8443", "[::1]", "4chan.org", "a_b"] {
            assert!(Slug::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Slack.com", "a/b", "a b", "<b>", ".com", "-x", "é.nl", &"a".repeat(254)] {
            assert!(Slug::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_are_short_words() {
        assert!(Region::new("eu-west-1").is_ok());
        assert_eq!(Region::new("local").unwrap(), Region::default());
        for bad in ["", "EU", "a.b", &"a".repeat(64)] {
            assert!(Region::new(bad).is_err(), "{bad}");
        }
    }
}
