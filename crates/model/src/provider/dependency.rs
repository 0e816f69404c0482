//! Dependencies of a site beside its own servers, and the current signal of a site. Pure.

use serde::{Deserialize, Serialize};

use crate::{moment::Moment, name::Slug, outcome::Cause, verdict::Status};

/// Role of a provider for a site.
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

    /// Name in the API and in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Serves => "serves",
            Self::Names => "names",
            Self::Certificate => "certificate",
            Self::Declared => "declared",
        }
    }

    /// The role with this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A provider that a site depends on, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency<'a> {
    /// The provider's slug.
    pub provider: &'a str,
    /// Role of the provider for the site.
    pub role: Role,
}

/// Current state of one site, as the search for a cause needs it.
#[derive(Clone, Debug)]
pub struct SiteSignal<'a> {
    /// The site.
    pub slug: &'a Slug,
    /// Registered part of its name: sites below one name have one owner, who may fail at all of them.
    pub owner: &'a str,
    /// Known dependencies of the site.
    pub dependencies: Vec<Dependency<'a>>,
    /// The status of the verdict in force.
    pub status: Status,
    /// Since when.
    pub since: Option<Moment>,
    /// Moment of the last check, from anywhere.
    pub checked_at: Option<Moment>,
    /// Cause, for `down` and `partial`.
    pub cause: Option<&'a Cause>,
    /// True if it is unknown because we doubt our own side.
    pub doubted: bool,
}

impl<'a> SiteSignal<'a> {
    /// Provider that has this role for the site.
    pub(super) fn on(&self, role: Role) -> Option<&'a str> {
        self.dependencies.iter().find(|d| d.role == role).map(|d| d.provider)
    }
}
