//! Providers: the clouds and networks that serve sites, how a site's provider is found out, and
//! when many sites that fail together have one cause.
//!
//! - [`find`] tells the provider of a site by what a probe met on its way; [`of_name_servers`] who
//!   answers for its name; [`authority`] who issued its certificate.
//! - [`ProviderEventDetector`] watches all sites and says when a provider seems to be failing.
//! - [`ProviderStatus`] is how the sites of one provider are.
//!
//! Pure. It may assume that statuses are those of the verdicts in force; it must never judge a
//! site, and never blame a provider while the rest of the sites fail as well.

mod builtin;
mod cause;
mod dependency;
mod event;
mod events;
mod detect;
mod kind;
mod known;
mod operator;
mod ranges;
mod standing;
mod symptom;

pub use crate::provider::detect::find;
pub use dependency::{Dependency, Role, SiteSignal};
pub use event::{ProviderEvent, ProviderEvidence};
pub use events::{ProviderEventDetector, ProviderRules};
pub use known::{is_known, known_slugs, name};
pub use operator::{authority, of_name_servers};
pub use ranges::{BadRange, Ranges};
pub use standing::{Condition, Member, ProviderStatus};
pub use symptom::{Alike, FailureSymptom};

/// The longest slug of a provider, in bytes.
pub const LONGEST: usize = 40;

/// Returns whether a text may be the slug of a provider: 1 to [`LONGEST`] of a-z, 0-9 and `-`.
pub fn is_slug(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST).contains(&text.len()) && text.chars().all(fits)
}
