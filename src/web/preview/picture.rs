//! The drawing itself: the mark, the status as its shape, the verdict in large letters, and when it was true.
//! Pure: from words to a PNG.

use model::verdict::Status;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use super::text_block::{TextBlock, width_of};

/// Size in pixels, as sites that show previews want it.
pub(in crate::web) const WIDE: u32 = 1200;
/// See [`WIDE`].
pub(in crate::web) const TALL: u32 = 630;

/// Space beside text.
const MARGIN: f32 = 84.0;
/// Width of the text.
const TEXT: f32 = WIDE as f32 - 2.0 * MARGIN;
/// Sizes of the heading, as it fits.
const HEADINGS: [f32; 5] = [104.0, 92.0, 80.0, 68.0, 56.0];
const LINES: [f32; 3] = [42.0, 36.0, 32.0];

const INK: u32 = 0x16_18_1d;
const QUIET: u32 = 0x59_61_6e;
const ACCENT: u32 = 0x4a_3f_d1;
const WHITE: u32 = 0xff_ff_ff;

/// Words of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::web) struct PreviewWords {
    pub(in crate::web) status: Status,
    pub(in crate::web) brand: String,
    pub(in crate::web) heading: String,
    pub(in crate::web) line: String,
    /// Moment at which it was true.
    pub(in crate::web) as_of: String,
    /// Name of the host at which it is to be seen.
    pub(in crate::web) host: String,
}

/// Colours of a status: of its shape, and of the ground.
fn colours(status: Status) -> (u32, u32) {
    match status {
        Status::Up => (0x13_7a_4b, 0xee_f8_f2),
        Status::Slow => (0x8a_5a_00, 0xfd_f5_e2),
        Status::Partial => (0xb0_4a_00, 0xfd_f0_e6),
        Status::Down => (0xc0_26_26, 0xfd_ee_ec),
        Status::Unknown => (0x59_61_6e, 0xf0_f1_f4),
    }
}

/// The picture as a PNG; `None` when it could not be written.
pub(super) fn draw(words: &PreviewWords) -> Option<Vec<u8>> {
    let (shape, ground) = colours(words.status);
    let mut canvas = Canvas(Pixmap::new(WIDE, TALL)?);
    canvas.0.fill(colour(ground));
    canvas.fill(&rectangle(0.0, 0.0, 24.0, TALL as f32)?, shape);
    canvas.mark((MARGIN, 66.0), 60.0);
    canvas.text(&words.brand, 40.0, (MARGIN + 80.0, 110.0), INK);
    let icon = 96.0;
    let heading = TextBlock::fitted(&words.heading, TEXT - icon - 36.0, 2, &HEADINGS);
    let line = TextBlock::fitted(&words.line, TEXT, 2, &LINES);
    let tall = heading.tall(1.14) + line.tall(1.4) + 30.0;
    // In the middle between mark and foot.
    let mut y = 164.0 + (336.0 - tall).max(0.0) / 2.0;
    canvas.shape(words.status, (MARGIN, y + (heading.size * 1.14 - icon) / 2.0), icon, shape);
    for text in &heading.lines {
        y += heading.size * 1.14;
        canvas.text(text, heading.size, (MARGIN + icon + 36.0, y - heading.size * 0.22), INK);
    }
    y += 30.0;
    for text in &line.lines {
        y += line.size * 1.4;
        canvas.text(text, line.size, (MARGIN, y - line.size * 0.35), INK);
    }
    canvas.text(&words.as_of, 30.0, (MARGIN, 574.0), QUIET);
    let right = WIDE as f32 - MARGIN - width_of(&words.host, 30.0);
    if right > MARGIN + width_of(&words.as_of, 30.0) + 40.0 {
        canvas.text(&words.host, 30.0, (right, 574.0), QUIET);
    }
    canvas.0.encode_png().ok()
}

impl TextBlock {
    fn tall(&self, leading: f32) -> f32 {
        self.size * leading * self.lines.len() as f32
    }
}

fn colour(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::from_rgba8(red, green, blue, 255)
}

fn rectangle(x: f32, y: f32, wide: f32, tall: f32) -> Option<Path> {
    Some(PathBuilder::from_rect(Rect::from_xywh(x, y, wide, tall)?))
}

/// A line through points.
fn line(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path.finish()
}

fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    PathBuilder::from_circle(x, y, radius)
}

/// A picture that is being made. What cannot be drawn is left out.
struct Canvas(Pixmap);

impl Canvas {
    fn fill(&mut self, path: &Path, rgb: u32) {
        self.0.fill_path(path, &paint(rgb), FillRule::Winding, Transform::identity(), None);
    }

    /// Draws in the units of a symbol of 16 by 16 (or another size) that is `scale` pixels a unit.
    fn stroke(&mut self, path: Option<Path>, rgb: u32, width: f32, at: Transform) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        if let Some(path) = path {
            self.0.stroke_path(&path, &paint(rgb), &stroke, at, None);
        }
    }

    fn fill_at(&mut self, path: Option<Path>, rgb: u32, at: Transform) {
        if let Some(path) = path {
            self.0.fill_path(&path, &paint(rgb), FillRule::Winding, at, None);
        }
    }

    fn text(&mut self, text: &str, size: f32, at: (f32, f32), rgb: u32) {
        if let Some(path) = TextBlock::outlines(text, size, at) {
            self.fill(&path, rgb);
        }
    }

    /// The mark of the header, this wide.
    fn mark(&mut self, (x, y): (f32, f32), wide: f32) {
        let at = Transform::from_row(wide / 32.0, 0.0, 0.0, wide / 32.0, x, y);
        self.fill_at(rounded(32.0, 9.0), ACCENT, at);
        let pulse = [
            (6.5, 19.5),
            (11.1, 19.5),
            (14.1, 10.0),
            (18.1, 23.0),
            (20.7, 15.5),
            (22.0, 19.5),
            (25.5, 19.5),
        ];
        self.stroke(line(&pulse), WHITE, 2.7, at);
    }

    /// The shape of a status, as the pages have it, this wide.
    fn shape(&mut self, status: Status, (x, y): (f32, f32), wide: f32, rgb: u32) {
        let at = Transform::from_row(wide / 16.0, 0.0, 0.0, wide / 16.0, x, y);
        match status {
            Status::Up => {
                self.fill_at(circle(8.0, 8.0, 8.0), rgb, at);
                self.stroke(line(&[(4.4, 8.3), (6.8, 10.7), (11.6, 5.5)]), WHITE, 1.9, at);
            }
            Status::Slow => {
                self.stroke(circle(8.0, 8.0, 7.0), rgb, 2.0, at);
                self.stroke(line(&[(8.0, 4.0), (8.0, 8.3), (10.7, 10.1)]), rgb, 1.9, at);
            }
            Status::Partial => {
                self.stroke(circle(8.0, 8.0, 7.0), rgb, 2.0, at);
                let mut half = PathBuilder::new();
                half.move_to(8.0, 1.0);
                half.cubic_to(11.87, 1.0, 15.0, 4.13, 15.0, 8.0);
                half.cubic_to(15.0, 11.87, 11.87, 15.0, 8.0, 15.0);
                half.close();
                self.fill_at(half.finish(), rgb, at);
            }
            Status::Down => {
                let corners = [
                    (4.8, 0.2),
                    (11.2, 0.2),
                    (15.8, 4.8),
                    (15.8, 11.2),
                    (11.2, 15.8),
                    (4.8, 15.8),
                    (0.2, 11.2),
                    (0.2, 4.8),
                ];
                self.fill_at(line(&corners), rgb, at);
                self.stroke(line(&[(5.2, 5.2), (10.8, 10.8)]), WHITE, 2.0, at);
                self.stroke(line(&[(10.8, 5.2), (5.2, 10.8)]), WHITE, 2.0, at);
            }
            Status::Unknown => {
                self.stroke(circle(8.0, 8.0, 7.0), rgb, 1.6, at);
                let mut question = PathBuilder::new();
                question.move_to(6.0, 6.3);
                question.cubic_to(6.0, 3.6, 10.0, 3.6, 10.0, 6.3);
                question.cubic_to(10.0, 7.8, 8.0, 7.8, 8.0, 9.4);
                self.stroke(question.finish(), rgb, 1.6, at);
                self.fill_at(circle(8.0, 11.75, 0.95), rgb, at);
            }
        }
    }
}

fn paint(rgb: u32) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(rgb));
    paint.anti_alias = true;
    paint
}

/// A square with round corners.
fn rounded(side: f32, radius: f32) -> Option<Path> {
    // How far the handles of a quarter of a circle are from its ends.
    let (near, far) = (radius * 0.4477, side - radius * 0.4477);
    let (begin, end) = (radius, side - radius);
    let mut path = PathBuilder::new();
    path.move_to(begin, 0.0);
    path.line_to(end, 0.0);
    path.cubic_to(far, 0.0, side, near, side, begin);
    path.line_to(side, end);
    path.cubic_to(side, far, far, side, end, side);
    path.line_to(begin, side);
    path.cubic_to(near, side, 0.0, far, 0.0, end);
    path.line_to(0.0, begin);
    path.cubic_to(0.0, near, near, 0.0, begin, 0.0);
    path.close();
    path.finish()
}
