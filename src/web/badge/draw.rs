//! Draws a badge as SVG, to the pixel as Shields does: flat and flat-square here.
//!
//! Every text goes through [`Safe`]; whatever it is, the result is one well-formed image without
//! script. `textLength` keeps the text within its box where the font is another one.

use std::fmt::{self, Write};

use super::{
    large,
    paint::Paint,
    style::{Badge, Style},
    widths::VERDANA_11,
    write::{Px, Safe},
};

const FLAT_SHADE: &str = "<linearGradient id=\"s\" x2=\"0\" y2=\"100%\">\
     <stop offset=\"0\" stop-color=\"#bbb\" stop-opacity=\".1\"/>\
     <stop offset=\"1\" stop-opacity=\".1\"/></linearGradient>";
/// The height of the badge, and where the baseline of its text is, in tenths of a pixel.
const TALL: u32 = 20;
const BASE: u32 = 140;

/// The image.
pub(super) fn draw(badge: &Badge) -> String {
    let mut svg = String::with_capacity(1_536);
    let drawn = match badge.style {
        Style::Flat | Style::FlatSquare => classic(&mut svg, badge),
        Style::ForTheBadge => large::draw(&mut svg, badge),
    };
    // Writing to a string cannot fail.
    let _ = drawn;
    svg
}

/// The opening of the image; its accessible name is in it twice, since readers support the one or
/// the other.
pub(super) fn open(svg: &mut String, badge: &Badge, wide: Px, tall: u32) -> fmt::Result {
    let spoken = badge.spoken();
    let spoken = Safe(&spoken);
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
    let ((fill, shadow), text, long) = (fill.text(), Safe(text), long * 10);
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
