//! Text and look of a badge: styles as Shields has them, colours by status. Pure.

use super::paint::Paint;
use model::verdict::Status;

/// Characters that a text may have.
const MAX_CHARS: usize = 60;

/// A badge.
#[derive(Clone, Debug)]
pub(in crate::web) struct Badge {
    /// The left half; may be empty.
    pub(super) label: String,
    /// The right half.
    pub(super) message: String,
    /// The right half's colour.
    pub(super) colour: Paint,
    /// The left half's colour, if it is not the usual one.
    pub(super) label_colour: Option<Paint>,
    /// The style.
    pub(super) style: Style,
    /// Further text for the accessible name of the image.
    pub(super) more: Vec<String>,
}

impl Badge {
    /// A badge in the usual style; both texts may come from anybody.
    pub(in crate::web) fn new(label: &str, message: &str, colour: Paint) -> Self {
        let (label, message) = (tame(label), tame(message));
        Self { label, message, colour, label_colour: None, style: Style::Flat, more: Vec::new() }
    }

    /// The same in another style.
    pub(in crate::web) fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// The same with another colour of the label.
    pub(in crate::web) fn labelled(self, label_colour: Option<Paint>) -> Self {
        Self { label_colour, ..self }
    }

    /// The same with further text for the accessible name.
    pub(super) fn noted(self, more: Vec<String>) -> Self {
        Self { more, ..self }
    }

    /// Accessible name of the image.
    pub(super) fn spoken(&self) -> String {
        let said = match self.label.as_str() {
            "" => self.message.clone(),
            label => format!("{label}: {}", self.message),
        };
        if self.more.is_empty() { said } else { format!("{said} ({})", self.more.join(", ")) }
    }
}

/// A text on one line, not too long, without characters that change the direction of others.
pub(super) fn tame(text: &str) -> String {
    let turns = |c: &char| {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let flat = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    let text: String = text.chars().filter(|c| !turns(c)).map(flat).take(MAX_CHARS).collect();
    text.trim().to_owned()
}

/// The styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Style {
    /// Shields' own default.
    Flat,
    /// Without rounding and shade.
    FlatSquare,
    /// Large and in capitals.
    ForTheBadge,
}

impl Style {
    /// The style of this name; an unknown one is flat, since a badge is never an error.
    pub(in crate::web) fn read(name: &str) -> Self {
        match name {
            "flat-square" => Self::FlatSquare,
            "for-the-badge" => Self::ForTheBadge,
            _ => Self::Flat,
        }
    }
}

/// The colour of a status.
pub(super) fn of_status(status: Status) -> Paint {
    match status {
        Status::Up => Paint::BRIGHT_GREEN,
        Status::Slow => Paint::YELLOW,
        Status::Partial => Paint::ORANGE,
        Status::Down => Paint::RED,
        Status::Unknown => Paint::LIGHT_GREY,
    }
}

/// The colour of an uptime.
pub(super) fn of_uptime(share: Option<f64>) -> Paint {
    match share {
        None => Paint::LIGHT_GREY,
        Some(share) if share >= 0.999 => Paint::BRIGHT_GREEN,
        Some(share) if share >= 0.99 => Paint::GREEN,
        Some(share) if share >= 0.95 => Paint::YELLOW,
        Some(share) if share >= 0.9 => Paint::ORANGE,
        Some(_) => Paint::RED,
    }
}

/// Colour of a latency, in milliseconds: a page within a fifth of a second feels instant, one that
/// takes two seconds does not.
pub(super) fn of_latency(millis: Option<f64>) -> Paint {
    match millis {
        None => Paint::LIGHT_GREY,
        Some(millis) if millis <= 200.0 => Paint::BRIGHT_GREEN,
        Some(millis) if millis <= 500.0 => Paint::GREEN,
        Some(millis) if millis <= 1_000.0 => Paint::YELLOW,
        Some(millis) if millis <= 2_000.0 => Paint::ORANGE,
        Some(_) => Paint::RED,
    }
}
