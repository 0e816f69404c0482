//! Kinds of trouble: what a site depends on for each, and which falls show it. Pure.

use super::{
    dependency::{Role, SiteSignal},
    event::ProviderEvent,
    known::runs_its_own_names,
    symptom::{Alike, FailureSymptom},
};

/// A kind of trouble, which has its own dependencies and is compared with its own kind only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TroubleKind {
    Names,
    Certificate,
    /// The servers that serve the site fail.
    Servers,
    Slow,
    /// Servers that fail, or are slow.
    Mixed,
}

impl TroubleKind {
    pub(super) const ALL: [Self; 5] =
        [Self::Names, Self::Certificate, Self::Servers, Self::Slow, Self::Mixed];

    /// The kind of what sites have in common.
    pub(super) fn of(alike: Alike) -> Self {
        match alike {
            Alike::Names => Self::Names,
            Alike::Certificate => Self::Certificate,
            Alike::Slow => Self::Slow,
            Alike::Trouble => Self::Mixed,
            Alike::Status(_)
            | Alike::Failure(_)
            | Alike::Errors
            | Alike::Unreachable
            | Alike::Failing => Self::Servers,
        }
    }

    /// The kind of an event's trouble.
    pub(super) fn of_event(event: &ProviderEvent) -> Self {
        event.evidence.map_or(Self::Servers, |evidence| Self::of(evidence.alike))
    }

    /// Returns whether it is trouble of those that serve sites.
    pub(super) fn is_of_servers(self) -> bool {
        matches!(self, Self::Servers | Self::Slow | Self::Mixed)
    }

    /// Returns whether what a provider does for a site may show trouble of this kind.
    pub(super) fn is_shown_by(self, role: Role) -> bool {
        match self {
            Self::Names => matches!(role, Role::Names | Role::Declared),
            Self::Certificate => role == Role::Certificate,
            Self::Servers | Self::Slow | Self::Mixed => {
                matches!(role, Role::Serves | Role::Declared)
            }
        }
    }

    /// Returns whether a site that fell so shows trouble of this kind.
    pub(super) fn holds(self, symptom: FailureSymptom) -> bool {
        match self {
            Self::Names => symptom == FailureSymptom::Names,
            Self::Certificate => symptom == FailureSymptom::Certificate,
            Self::Servers => Alike::Failing.holds(symptom),
            Self::Slow => symptom == FailureSymptom::Slow,
            Self::Mixed => Alike::Trouble.holds(symptom),
        }
    }

    /// Role of this provider for a site in which trouble of this kind would show.
    pub(super) fn role(self, signal: &SiteSignal<'_>, provider: &str) -> Option<Role> {
        let is = |role| {
            let mut all = signal.dependencies.iter();
            all.any(|d| d.role == role && d.provider == provider).then_some(role)
        };
        match self {
            Self::Certificate => is(Role::Certificate),
            Self::Names if signal.on(Role::Names).is_some() => is(Role::Names),
            // Its DNS operator is unknown.
            Self::Names => {
                let own = runs_its_own_names(provider).then(|| is(Role::Serves)).flatten();
                is(Role::Declared).or(own.map(|_| Role::Names))
            }
            Self::Servers | Self::Slow | Self::Mixed => is(Role::Serves).or(is(Role::Declared)),
        }
    }

    /// Returns whether a fall of a site may be its provider's: what a CDN says of the servers
    /// behind it is not the CDN's, but may well be theirs.
    pub(super) fn shows(self, role: Role, symptom: FailureSymptom) -> bool {
        self.holds(symptom) && (symptom != FailureSymptom::Origin || role == Role::Declared)
    }
}
