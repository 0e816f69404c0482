//! The style social: a light button and a bubble beside it. Its colours are its own.

use std::fmt::{self, Write};

use super::{
    draw::open,
    style::Badge,
    widths::HELVETICA_BOLD_11,
    write::{Px, Safe},
};

const OPENING: &str = "<linearGradient id=\"a\" x2=\"0\" y2=\"100%\">\
     <stop offset=\"0\" stop-color=\"#fcfcfc\" stop-opacity=\"0\"/>\
     <stop offset=\"1\" stop-opacity=\".1\"/></linearGradient>";

/// The image; all lengths are pixels.
pub(super) fn draw(svg: &mut String, badge: &Badge) -> fmt::Result {
    let label = capital(&badge.label);
    let (left_text, right_text) =
        (HELVETICA_BOLD_11.odd(&label), HELVETICA_BOLD_11.odd(&badge.message));
    let (left, right) = (left_text + 10, right_text + 8);
    let notch = left + 6;
    open(svg, badge, Px((left + 1 + 6 + right) * 100), 20)?;
    svg.push_str(OPENING);
    write!(
        svg,
        "<g stroke=\"#d5d5d5\">\
         <rect stroke=\"none\" fill=\"#fcfcfc\" x=\"0.5\" y=\"0.5\" width=\"{left}\" \
         height=\"19\" rx=\"2\"/>\
         <rect x=\"{notch}.5\" y=\"0.5\" width=\"{right}\" height=\"19\" rx=\"2\" \
         fill=\"#fafafa\"/>\
         <rect x=\"{notch}\" y=\"7.5\" width=\"0.5\" height=\"5\" stroke=\"#fafafa\"/>\
         <path d=\"M{notch}.5 6.5 l-3 3v1 l3 3\" fill=\"#fafafa\"/></g>\
         <g aria-hidden=\"true\" fill=\"#333\" text-anchor=\"middle\" \
         font-family=\"Helvetica Neue,Helvetica,Arial,sans-serif\" \
         text-rendering=\"geometricPrecision\" font-weight=\"700\" font-size=\"110px\" \
         line-height=\"14px\">\
         <rect stroke=\"#d5d5d5\" fill=\"url(#a)\" x=\".5\" y=\".5\" width=\"{left}\" \
         height=\"19\" rx=\"2\"/>"
    )?;
    text(svg, &label, 5 * left_text + 50, left_text)?;
    text(svg, &badge.message, 10 * notch + 5 * right, right_text)?;
    svg.push_str("</g></svg>");
    Ok(())
}

fn text(svg: &mut String, text: &str, middle: u32, long: u32) -> fmt::Result {
    let (text, long) = (Safe(text), long * 10);
    write!(
        svg,
        "<text aria-hidden=\"true\" x=\"{middle}\" y=\"150\" fill=\"#fff\" \
         transform=\"scale(.1)\" textLength=\"{long}\">{text}</text>\
         <text x=\"{middle}\" y=\"140\" transform=\"scale(.1)\" textLength=\"{long}\">{text}</text>"
    )
}

/// With a capital first letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
