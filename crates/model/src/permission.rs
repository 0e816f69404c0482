//! Permissions of the operator's tokens. Pure.

/// Something that a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// See the operator's page and the audit.
    Read,
    /// Have a site checked at once.
    Check,
    /// Write notices.
    Notices,
    /// Announce and cancel planned work.
    Planned,
    /// Add, change and remove sites.
    Sites,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 5] = [Self::Read, Self::Check, Self::Notices, Self::Planned, Self::Sites];

    /// Its word, as in `--may`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Check => "check",
            Self::Notices => "notices",
            Self::Planned => "planned",
            Self::Sites => "sites",
        }
    }

    /// The permission with this word.
    ///
    /// # Errors
    /// The sentence that names the words.
    pub fn parse(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|known| known.word() == word);
        found.ok_or_else(|| {
            let word: String = word.chars().take(40).collect();
            format!("{word:?} is no permission; use read, check, notices, planned or sites")
        })
    }
}
