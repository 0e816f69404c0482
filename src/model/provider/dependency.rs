//! What a site depends on besides its own servers, and how a failure of each would show. Pure.

use serde::{Deserialize, Serialize};

/// What a provider does for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It serves the site: a cloud, a CDN, a platform.
    Serves,
    /// Its name servers answer for the site's name.
    Names,
    /// It issued the site's certificate.
    Certificate,
    /// The catalogue says that the site depends on it (`depends_on`).
    Declared,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Serves, Self::Names, Self::Certificate, Self::Declared];

    /// Its word in the API and in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Serves => "serves",
            Self::Names => "names",
            Self::Certificate => "certificate",
            Self::Declared => "declared",
        }
    }

    /// The role of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A provider that a site depends on, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency<'a> {
    /// The provider's slug.
    pub provider: &'a str,
    /// What it does for the site.
    pub role: Role,
}
