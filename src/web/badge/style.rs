//! What a badge says and how it looks: styles and colours as Shields has them. Pure.

use crate::model::verdict::Status;

/// A badge.
#[derive(Debug)]
pub(super) struct Badge {
    /// The left half; may be empty.
    pub(super) label: String,
    /// The right half.
    pub(super) message: String,
    /// The right half's colour.
    pub(super) colour: Colour,
    /// The style.
    pub(super) style: Style,
}

/// The styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Shields' own default.
    Flat,
    /// Without rounding and shade.
    FlatSquare,
    /// Large and in capitals.
    ForTheBadge,
}

impl Style {
    /// The style of this name; an unknown one is flat, since a badge is never an error.
    pub(super) fn read(name: &str) -> Self {
        match name {
            "flat-square" => Self::FlatSquare,
            "for-the-badge" => Self::ForTheBadge,
            _ => Self::Flat,
        }
    }
}

/// The colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// All is well.
    BrightGreen,
    /// Nearly so.
    Green,
    /// Slow.
    Yellow,
    /// Down in places.
    Orange,
    /// Down.
    Red,
    /// We do not know.
    LightGrey,
}

impl Colour {
    /// The colour of a status.
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Up => Self::BrightGreen,
            Status::Slow => Self::Yellow,
            Status::Partial => Self::Orange,
            Status::Down => Self::Red,
            Status::Unknown => Self::LightGrey,
        }
    }

    /// The colour of an uptime.
    pub(super) fn of_uptime(share: Option<f64>) -> Self {
        match share {
            None => Self::LightGrey,
            Some(share) if share >= 0.999 => Self::BrightGreen,
            Some(share) if share >= 0.99 => Self::Green,
            Some(share) if share >= 0.95 => Self::Yellow,
            Some(share) if share >= 0.9 => Self::Orange,
            Some(_) => Self::Red,
        }
    }

    /// The colour of a latency, in milliseconds: a page that is there within a fifth of a second
    /// feels instant, and one that takes two is waited for.
    pub(super) fn of_latency(millis: Option<f64>) -> Self {
        match millis {
            None => Self::LightGrey,
            Some(millis) if millis <= 200.0 => Self::BrightGreen,
            Some(millis) if millis <= 500.0 => Self::Green,
            Some(millis) if millis <= 1_000.0 => Self::Yellow,
            Some(millis) if millis <= 2_000.0 => Self::Orange,
            Some(_) => Self::Red,
        }
    }

    /// Its name at Shields.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BrightGreen => "brightgreen",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
            Self::LightGrey => "lightgrey",
        }
    }

    /// Its value at Shields.
    pub(super) fn hex(self) -> &'static str {
        match self {
            Self::BrightGreen => "#4c1",
            Self::Green => "#97ca00",
            Self::Yellow => "#dfb317",
            Self::Orange => "#fe7d37",
            Self::Red => "#e05d44",
            Self::LightGrey => "#9f9f9f",
        }
    }
}
