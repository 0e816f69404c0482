//! The style for-the-badge: 28 px high, in capitals, the message bold.

use std::fmt::{self, Write};

use super::{
    draw::open,
    paint::Paint,
    style::Badge,
    widths::{VERDANA_10, VERDANA_BOLD_10, Widths},
    write::{Px, Safe},
};

/// Beside each text, in hundredths of a pixel.
const MARGIN: u32 = 1_200;
/// Between letters, in hundredths of a pixel.
const SPACING: u32 = 125;

/// One half: a text and its box, in hundredths of a pixel.
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
        let long = widths.whole(&text) * 100 + letters * SPACING;
        Self { text, fill, left, wide: long + 2 * MARGIN, long, bold }
    }
}

/// The image.
pub(super) fn draw(svg: &mut String, badge: &Badge) -> fmt::Result {
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
            Safe(text)
        )?;
    }
    svg.push_str("</g></svg>");
    Ok(())
}
