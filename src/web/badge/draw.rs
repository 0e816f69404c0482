//! Draws a badge as SVG, to the pixel as Shields does.
//!
//! Every text goes through [`escape`]; whatever the label is, the result is one well-formed image
//! without script.

use std::fmt::Write;

use super::{
    style::{Badge, Style},
    widths::{BOLD_10, NORMAL_10, NORMAL_11},
    write::{escape, pixels},
};

/// One half of a badge: its text, escaped, and where it stands.
struct Half {
    text: String,
    /// Left edge and width of its box, in tenths of a pixel.
    left: u32,
    wide: u32,
    /// Width of its text, in tenths of a pixel.
    long: u32,
    fill: &'static str,
    bold: bool,
}

/// The image.
pub(super) fn draw(badge: &Badge) -> String {
    let halves = match badge.style {
        Style::Flat | Style::FlatSquare => plain(badge),
        Style::ForTheBadge => large(badge),
    };
    let spoken = match badge.label.as_str() {
        "" => escape(&badge.message),
        label => format!("{}: {}", escape(label), escape(&badge.message)),
    };
    let wide = halves.iter().map(|half| half.wide).sum::<u32>();
    let tall = if badge.style == Style::ForTheBadge { 28 } else { 20 };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{tall}\" \
         role=\"img\" aria-label=\"{spoken}\"><title>{spoken}</title>",
        w = pixels(wide),
    );
    boxes(&mut svg, badge.style, &halves, wide, tall);
    texts(&mut svg, badge.style, &halves);
    svg.push_str("</svg>");
    svg
}

/// Flat and flat-square: 5 px beside each text.
fn plain(badge: &Badge) -> Vec<Half> {
    let parts = [(&badge.label, "#555"), (&badge.message, badge.colour.hex())];
    let mut left = 0;
    let mut halves = Vec::new();
    for (text, fill) in parts.into_iter().filter(|(text, _)| !text.is_empty()) {
        let long = NORMAL_11.of(text) * 10;
        let half = Half { text: escape(text), left, wide: long + 100, long, fill, bold: false };
        left += half.wide;
        halves.push(half);
    }
    halves
}

/// For the badge: capitals, 12 px beside each text, 1.25 px between letters, the message bold.
fn large(badge: &Badge) -> Vec<Half> {
    let parts = [
        (&badge.label, "#555", &NORMAL_10, false),
        (&badge.message, badge.colour.hex(), &BOLD_10, true),
    ];
    let mut left = 0;
    let mut halves = Vec::new();
    for (text, fill, widths, bold) in parts.into_iter().filter(|(text, ..)| !text.is_empty()) {
        let text = text.to_uppercase();
        let spacing = text.chars().count() as u32 * 125;
        let long = (widths.exact(&text) + spacing) / 10;
        let half = Half { text: escape(&text), left, wide: long + 240, long, fill, bold };
        left += half.wide;
        halves.push(half);
    }
    halves
}

fn boxes(svg: &mut String, style: Style, halves: &[Half], wide: u32, tall: u32) {
    let wide = pixels(wide);
    if style == Style::Flat {
        let _ = write!(
            svg,
            "<linearGradient id=\"s\" x2=\"0\" y2=\"100%\"><stop offset=\"0\" stop-color=\"#bbb\" \
             stop-opacity=\".1\"/><stop offset=\"1\" stop-opacity=\".1\"/></linearGradient>\
             <clipPath id=\"r\"><rect width=\"{wide}\" height=\"{tall}\" rx=\"3\" fill=\"#fff\"/>\
             </clipPath>"
        );
    }
    svg.push_str(match style {
        Style::Flat => "<g clip-path=\"url(#r)\">",
        Style::FlatSquare | Style::ForTheBadge => "<g shape-rendering=\"crispEdges\">",
    });
    for half in halves {
        let (x, w, fill) = (pixels(half.left), pixels(half.wide), half.fill);
        let _ = write!(svg, "<rect x=\"{x}\" width=\"{w}\" height=\"{tall}\" fill=\"{fill}\"/>");
    }
    if style == Style::Flat {
        let _ = write!(svg, "<rect width=\"{wide}\" height=\"{tall}\" fill=\"url(#s)\"/>");
    }
    svg.push_str("</g>");
}

fn texts(svg: &mut String, style: Style, halves: &[Half]) {
    let size = if style == Style::ForTheBadge { 100 } else { 110 };
    let _ = write!(
        svg,
        "<g fill=\"#fff\" text-anchor=\"middle\" \
         font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" \
         text-rendering=\"geometricPrecision\" font-size=\"{size}\">"
    );
    for Half { text, left, wide, long, bold, .. } in halves {
        let x = left + wide / 2;
        let y = if style == Style::ForTheBadge { 175 } else { 140 };
        let weight = if *bold { " font-weight=\"bold\"" } else { "" };
        if style == Style::Flat {
            let _ = write!(
                svg,
                "<text aria-hidden=\"true\" x=\"{x}\" y=\"150\" fill=\"#010101\" \
                 fill-opacity=\".3\" transform=\"scale(.1)\" textLength=\"{long}\">{text}</text>"
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" transform=\"scale(.1)\" fill=\"#fff\"{weight} \
             textLength=\"{long}\">{text}</text>"
        );
    }
    svg.push_str("</g>");
}
