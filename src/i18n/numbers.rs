//! Numbers formatted for a language: decimal mark and grouping of thousands.

use super::Lang;

/// The number with this many decimals.
pub(super) fn text(lang: Lang, value: f64, decimals: usize) -> String {
    let (point, thousands) = match lang {
        Lang::En => ('.', ','),
        Lang::Nl => (',', '.'),
    };
    let plain = format!("{value:.decimals$}");
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut text = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    if !rest.is_empty() {
        text.push(point);
        text.push_str(rest);
    }
    text
}
