//! Draws a badge as SVG, to the pixel as Shields does.
//!
//! Every text goes through [`Escaped`]; whatever it is, the result is one well-formed image without
//! script. `textLength` keeps the text within its box where the font is another one.

use std::fmt::{self, Write};

use super::{
    paint::Paint,
    style::{Badge, Style},
    widths::{VERDANA_10, VERDANA_11, VERDANA_BOLD_10, Widths},
};

const FLAT_SHADE: &str = "<linearGradient id=\"s\" x2=\"0\" y2=\"100%\">\
     <stop offset=\"0\" stop-color=\"#bbb\" stop-opacity=\".1\"/>\
     <stop offset=\"1\" stop-opacity=\".1\"/></linearGradient>";
/// The height of a classic badge, and where the baseline of its text is, in tenths of a pixel.
const TALL: u32 = 20;
const BASE: u32 = 140;
/// Beside each text of a large badge, in hundredths of a pixel.
const LARGE_MARGIN: u32 = 1_200;
/// Between letters of a large badge, in hundredths of a pixel.
const LARGE_SPACING: u32 = 125;

/// The image.
pub(super) fn draw(badge: &Badge) -> String {
    let mut svg = String::with_capacity(1_536);
    let drawn = match badge.style {
        Style::Flat | Style::FlatSquare => classic(&mut svg, badge),
        Style::ForTheBadge => large(&mut svg, badge),
    };
    // Writing to a string cannot fail.
    let _ = drawn;
    svg
}

/// The opening of the image; its accessible name is in it twice, since readers support the one or
/// the other.
fn open(svg: &mut String, badge: &Badge, wide: Px, tall: u32) -> fmt::Result {
    let spoken = badge.spoken();
    let spoken = Escaped(&spoken);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{tall}\" \
         role=\"img\" aria-label=\"{spoken}\"><title>{spoken}</title>"
    )
}

/// One half of a classic badge.
struct ClassicHalf<'a> {
    text: &'a str,
    fill: &'a Paint,
    /// Left edge and width of its box, in pixels.
    left: u32,
    wide: u32,
    /// Middle of its text in tenths of a pixel, and its width in pixels.
    middle: u32,
    long: u32,
}

/// The halves that there are: 5 px beside each text, as Shields counts them.
fn halves(badge: &Badge) -> Vec<ClassicHalf<'_>> {
    const LABEL: Paint = Paint::GREY;
    let mut halves = Vec::with_capacity(2);
    let mut left = 0;
    if !badge.label.is_empty() || badge.label_colour.is_some() {
        let text = badge.label.as_str();
        let long = if text.is_empty() { 0 } else { VERDANA_11.odd(text) };
        let fill = badge.label_colour.as_ref().unwrap_or(const { &LABEL });
        halves.push(ClassicHalf { text, fill, left, wide: long + 10, middle: 60 + 5 * long, long });
        left = long + 10;
    }
    let (text, long) = (badge.message.as_str(), VERDANA_11.odd(&badge.message));
    let middle = 10 * (left.max(1) - 1) + 50 + 5 * long;
    halves.push(ClassicHalf { text, fill: &badge.colour, left, wide: long + 10, middle, long });
    halves
}

/// The styles flat and flat-square.
fn classic(svg: &mut String, badge: &Badge) -> fmt::Result {
    let shaded = badge.style == Style::Flat;
    let halves = halves(badge);
    let wide: u32 = halves.iter().map(|half| half.wide).sum();
    open(svg, badge, Px(wide * 100), TALL)?;
    if shaded {
        write!(
            svg,
            "{FLAT_SHADE}<clipPath id=\"r\"><rect width=\"{wide}\" height=\"{TALL}\" rx=\"3\" \
             fill=\"#fff\"/></clipPath><g clip-path=\"url(#r)\">"
        )?;
    } else {
        svg.push_str("<g shape-rendering=\"crispEdges\">");
    }
    for ClassicHalf { fill, left, wide, .. } in &halves {
        svg.push_str("<rect");
        if *left > 0 {
            write!(svg, " x=\"{left}\"")?;
        }
        write!(svg, " width=\"{wide}\" height=\"{TALL}\" fill=\"{}\"/>", fill.css())?;
    }
    if shaded {
        write!(svg, "<rect width=\"{wide}\" height=\"{TALL}\" fill=\"url(#s)\"/>")?;
    }
    svg.push_str(
        "</g><g fill=\"#fff\" text-anchor=\"middle\" \
         font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" \
         text-rendering=\"geometricPrecision\" font-size=\"110\">",
    );
    for half in halves.iter().filter(|half| !half.text.is_empty()) {
        text(svg, half, shaded)?;
    }
    svg.push_str("</g></svg>");
    Ok(())
}

fn text(svg: &mut String, half: &ClassicHalf<'_>, shadowed: bool) -> fmt::Result {
    let ClassicHalf { text, fill, middle, long, .. } = half;
    let ((fill, shadow), text, long) = (fill.text(), Escaped(text), long * 10);
    if shadowed {
        let below = BASE + 10;
        write!(
            svg,
            "<text aria-hidden=\"true\" x=\"{middle}\" y=\"{below}\" fill=\"{shadow}\" \
             fill-opacity=\".3\" transform=\"scale(.1)\" textLength=\"{long}\">{text}</text>"
        )?;
    }
    write!(
        svg,
        "<text x=\"{middle}\" y=\"{BASE}\" transform=\"scale(.1)\" fill=\"{fill}\" \
         textLength=\"{long}\">{text}</text>"
    )
}

/// One half of a large badge: a text and its box, in hundredths of a pixel.
struct LargeHalf<'a> {
    text: String,
    fill: &'a Paint,
    left: u32,
    wide: u32,
    long: u32,
    bold: bool,
}

impl<'a> LargeHalf<'a> {
    fn new(text: &str, fill: &'a Paint, left: u32, widths: &Widths, bold: bool) -> Self {
        let text = text.to_uppercase();
        // Letters are counted as JavaScript does.
        let letters = text.encode_utf16().count() as u32;
        let long = widths.whole(&text) * 100 + letters * LARGE_SPACING;
        Self { text, fill, left, wide: long + 2 * LARGE_MARGIN, long, bold }
    }
}

/// The style for-the-badge: 28 px high, in capitals, the message bold.
fn large(svg: &mut String, badge: &Badge) -> fmt::Result {
    const LABEL: Paint = Paint::GREY;
    let mut halves = Vec::with_capacity(2);
    let mut left = 0;
    if !badge.label.is_empty() {
        let fill = badge.label_colour.as_ref().unwrap_or(const { &LABEL });
        let half = LargeHalf::new(&badge.label, fill, left, VERDANA_10, false);
        left = half.wide;
        halves.push(half);
    }
    halves.push(LargeHalf::new(&badge.message, &badge.colour, left, VERDANA_BOLD_10, true));
    open(svg, badge, Px(halves.iter().map(|half| half.wide).sum()), 28)?;
    svg.push_str("<g shape-rendering=\"crispEdges\">");
    for LargeHalf { fill, left, wide, .. } in &halves {
        svg.push_str("<rect");
        if *left > 0 {
            write!(svg, " x=\"{}\"", Px(*left))?;
        }
        write!(svg, " width=\"{}\" height=\"28\" fill=\"{}\"/>", Px(*wide), fill.css())?;
    }
    svg.push_str(
        "</g><g fill=\"#fff\" text-anchor=\"middle\" \
         font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" \
         text-rendering=\"geometricPrecision\" font-size=\"100\">",
    );
    for LargeHalf { text, fill, left, wide, long, bold } in &halves {
        let (x, long, fill) = (Px(left * 10 + wide * 5), Px(long * 10), fill.text().0);
        let bold = if *bold { " font-weight=\"bold\"" } else { "" };
        write!(
            svg,
            "<text transform=\"scale(.1)\" x=\"{x}\" y=\"175\" textLength=\"{long}\" \
             fill=\"{fill}\"{bold}>{}</text>",
            Escaped(text)
        )?;
    }
    svg.push_str("</g></svg>");
    Ok(())
}

/// A length in hundredths of a pixel, written as a number without needless zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Px(pub(super) u32);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", rest / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

/// A text made safe for XML, in an element or an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = 0;
        for (at, c) in self.0.char_indices() {
            let instead = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                // XML cannot contain these at all.
                '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
                c if c.is_control() => " ",
                _ => continue,
            };
            f.write_str(&self.0[plain..at])?;
            f.write_str(instead)?;
            plain = at + c.len_utf8();
        }
        f.write_str(&self.0[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_texts_are_safe() {
        for (hundredths, want) in
            [(0, "0"), (4_600, "46"), (4_625, "46.25"), (4_650, "46.5"), (5, "0.05")]
        {
            assert_eq!(Px(hundredths).to_string(), want);
        }
        let hostile = Escaped("a<b>&\"'\u{0}\u{ffff}é").to_string();
        assert_eq!(hostile, "a&lt;b&gt;&amp;&quot;&#39; \u{fffd}é");
    }
}
