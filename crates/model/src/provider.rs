//! Providers: the clouds and networks that serve sites, detection of a site's provider, and the
//! search for the one cause of many failing sites.
//!
//! - [`find`] finds the provider of a site from the traces of a probe; [`of_name_servers`] the DNS
//!   operator of its name; [`authority`] the issuer of its certificate.
//! - [`ProviderEventDetector`] watches all sites and reports when a provider seems to be failing.
//! - [`ProviderStatus`] is the status of the sites of one provider.
//!
//! Pure. It may assume that statuses are those of the verdicts in force; it must never judge a
//! site, and never blame a provider while the rest of the sites fail as well.

mod builtin;
mod cause;
mod counts;
mod dependency;
mod event;
mod events;
mod detect;
mod kind;
mod known;
mod operator;
mod ranges;
mod status;
mod symptom;

pub use crate::provider::detect::find;
pub use dependency::{Dependency, Role, SiteSignal};
pub use event::{ProviderEvent, ProviderEvidence};
pub use events::{ProviderEventDetector, ProviderRules};
pub use known::{is_known, known_slugs, name};
pub use operator::{authority, of_name_servers};
pub use ranges::{BadRange, Ranges};
pub use status::{Condition, Member, ProviderStatus};
pub use symptom::{Alike, FailureSymptom};

/// The longest slug of a provider, in bytes.
pub const MAX_SLUG_LENGTH: usize = 40;

/// Returns whether a text may be the slug of a provider: 1 to [`MAX_SLUG_LENGTH`] of a-z, 0-9 and `-`.
pub fn is_slug(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=MAX_SLUG_LENGTH).contains(&text.len()) && text.chars().all(fits)
}
