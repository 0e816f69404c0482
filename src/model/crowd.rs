//! What the crowd does, in numbers: visitors who look a site up or report a problem. Pure; it never
//! judges.

use std::time::Duration;

use super::moment::Moment;

/// How long counts are kept: as long as they are shown.
pub const COUNTS_KEPT: Duration = Duration::from_hours(24);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum What {
    /// Lookups.
    Lookup = 1,
    /// Reports of a problem.
    Report = 2,
}

impl What {
    /// Its number, which never changes.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// What has this number.
    pub fn of(number: u8) -> Option<Self> {
        [Self::Lookup, Self::Report].into_iter().find(|what| what.number() == number)
    }
}

/// How many visitors there were for one site in one stretch of five minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub what: What,
    /// The site's short name.
    pub key: String,
    /// When the five minutes began.
    pub at: Moment,
    /// How many visitors.
    pub times: u32,
    /// How many of them were told that it is down.
    pub down: u32,
}
