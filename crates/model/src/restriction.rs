//! Evidence that a server answers but turns robots away, as data: rendered late, in the reader's
//! language.

use serde::{Deserialize, Serialize};

use super::failure_detail::ForeignText;

/// Evidence that robots are turned away. Kept as JSON with its kind first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Restriction {
    /// By the status.
    Status {
        /// The status.
        status: u16,
    },
    /// By a page that only people pass.
    Challenge {
        /// Operator whose page it is.
        owner: ForeignText,
    },
    /// The page may not be shown where we look from (HTTP 451).
    LegalReasons,
    /// As another source says: an imported record or a story.
    Text {
        /// The words.
        text: ForeignText,
    },
    /// Nothing more is known; also what only a newer version knows.
    #[default]
    #[serde(other)]
    Unspecified,
}

impl Restriction {
    /// By this status.
    pub fn of_status(status: u16) -> Self {
        if status == 451 { Self::LegalReasons } else { Self::Status { status } }
    }

    /// By what a record says of it beside the status.
    pub fn of_record(status: Option<u16>, words: &str) -> Self {
        let text = ForeignText::new(words);
        match status {
            _ if text.is_blank() => Self::Unspecified,
            Some(status) if words == format!("HTTP {status}") => Self::of_status(status),
            _ => Self::Text { text },
        }
    }
}
