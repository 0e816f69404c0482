//! Lines of text as outlines: measured, broken at words, shortened where they do not fit. Pure.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Inter, weight 600, with the letters of Latin, Greek and Cyrillic alone.
const FONT: &[u8] = include_bytes!("../../../static/preview.ttf");

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(FONT, 0).ok());

/// A text set in lines of one size.
#[derive(Debug)]
pub(super) struct TextBlock {
    /// Height of its letters, in pixels.
    pub(super) size: f32,
    pub(super) lines: Vec<String>,
}

impl TextBlock {
    /// The text in at most `most` lines of this width, in the largest of these sizes that it fits in; in
    /// the last of them it is shortened.
    pub(super) fn fitted(text: &str, width: f32, most: usize, sizes: &[f32]) -> Self {
        let mut block = Self { size: 0.0, lines: Vec::new() };
        for size in sizes {
            block = Self { size: *size, lines: broken(text, width, *size) };
            if block.lines.len() <= most {
                return block;
            }
        }
        block.lines.truncate(most);
        if let Some(last) = block.lines.last_mut() {
            while !last.is_empty() && width_of(&format!("{last}…"), block.size) > width {
                last.pop();
            }
            last.push('…');
        }
        block
    }

    /// Returns whether the font has every letter of the text.
    pub(super) fn can_show(text: &str) -> bool {
        let known = |letter| FACE.as_ref().is_some_and(|face| face.glyph_index(letter).is_some());
        text.chars().filter(|letter| letter.is_alphanumeric()).all(known)
    }

    /// Outlines of a line whose letters stand on the point.
    pub(super) fn outlines(text: &str, size: f32, (x, y): (f32, f32)) -> Option<Path> {
        let face = FACE.as_ref()?;
        let scale = size / f32::from(face.units_per_em());
        let mut pen = Pen { path: PathBuilder::new(), scale, x, y };
        for letter in text.chars() {
            let glyph = glyph_of(face, letter);
            face.outline_glyph(glyph, &mut pen);
            pen.x += advance(face, glyph) * scale;
        }
        pen.path.finish()
    }
}

/// Width of a text in this size.
pub(super) fn width_of(text: &str, size: f32) -> f32 {
    let Some(face) = FACE.as_ref() else { return 0.0 };
    let scale = size / f32::from(face.units_per_em());
    text.chars().map(|letter| advance(face, glyph_of(face, letter)) * scale).sum()
}

/// Lines of at most this width, broken between words; a longer word is broken within.
fn broken(text: &str, width: f32, size: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        match joined.filter(|joined| width_of(joined, size) <= width) {
            Some(joined) => {
                lines.pop();
                lines.push(joined);
            }
            None => lines.push(String::new()),
        }
        let Some(line) = lines.last_mut().filter(|line| line.is_empty()) else { continue };
        let mut rest = std::mem::take(line);
        for letter in word.chars() {
            let longer = format!("{rest}{letter}");
            if width_of(&longer, size) > width && !rest.is_empty() {
                lines.pop();
                lines.extend([std::mem::take(&mut rest), String::new()]);
                rest.push(letter);
            } else {
                rest = longer;
            }
        }
        lines.pop();
        lines.push(rest);
    }
    lines
}

fn glyph_of(face: &Face<'_>, letter: char) -> GlyphId {
    // A space that does not break looks like any other.
    let letter = if letter.is_whitespace() { ' ' } else { letter };
    face.glyph_index(letter).unwrap_or(GlyphId(0))
}

fn advance(face: &Face<'_>, glyph: GlyphId) -> f32 {
    face.glyph_hor_advance(glyph).map_or(0.0, f32::from)
}

/// Collects the outlines of letters, whose own `y` goes up.
struct Pen {
    path: PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_at_words_made_smaller_and_at_last_shortened() {
        let sizes = [90.0, 60.0];
        let lines = |text: &str| TextBlock::fitted(text, 600.0, 2, &sizes).lines;
        assert_eq!(lines("Slack is down"), ["Slack is down"]);
        assert_eq!(lines("Trouble at Amazon Web Services").len(), 2);
        let long = lines(&"abcdefghij".repeat(40));
        assert!(long.len() == 2 && long[1].ends_with('…'), "{long:?}");
        assert!(long.iter().all(|line| width_of(line, 60.0) <= 600.0), "{long:?}");
        assert!(lines("").is_empty());
        let unknown = TextBlock::fitted("日本 \u{1f600}\u{202e}", 600.0, 2, &sizes);
        assert_eq!(unknown.lines.len(), 1);
        assert!(TextBlock::outlines(&unknown.lines[0], 60.0, (0.0, 60.0)).is_some());
    }
}
