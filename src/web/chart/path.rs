//! Lines of SVG from values with gaps, in whole numbers and short: `M0 9l5-3 5 2`.

use std::fmt::Write;

/// Runs of neighbouring values that are there, each as points.
pub(super) fn runs(values: &[Option<(i32, i32)>]) -> impl Iterator<Item = Vec<(i32, i32)>> {
    let there = values.chunk_by(|one, other| one.is_some() == other.is_some());
    there.map(|run| run.iter().flatten().copied().collect()).filter(|run: &Vec<_>| !run.is_empty())
}

/// Goes to the first point, and by lines to all others.
pub(super) fn line(to: &mut String, points: &[(i32, i32)]) {
    let Some(((mut x, mut y), rest)) = points.split_first().map(|(first, rest)| (*first, rest))
    else {
        return;
    };
    // Writing to a string cannot fail.
    let _ = write!(to, "M{x} {y}");
    for (place, point) in rest.iter().enumerate() {
        let (right, down) = (point.0 - x, point.1 - y);
        let lead = if place == 0 {
            "l"
        } else if right < 0 {
            ""
        } else {
            " "
        };
        let gap = if down < 0 { "" } else { " " };
        let _ = write!(to, "{lead}{right}{gap}{down}");
        (x, y) = *point;
    }
}
