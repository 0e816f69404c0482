//! Durations as people write them: `60s`, `500ms`, `1m30s`, `2h`, `1d`.
//!
//! Pure; every number has its unit, and nothing is rounded.

use std::time::Duration;

const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a duration: whole numbers with the units d, h, m, s and ms, greatest first.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    let mut smaller = UNITS.as_slice();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let place = smaller.iter().position(|(name, _)| *name == unit)?;
        let (_, millis) = smaller.get(place)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*millis)?)?;
        smaller = smaller.get(place + 1..)?;
        rest = tail;
    }
    (!text.trim().is_empty()).then_some(Duration::from_millis(total))
}

/// Writes a duration as it would be read; parts of a millisecond are dropped.
pub fn show(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, millis) in UNITS {
        if rest >= millis {
            text.extend([(rest / millis).to_string().as_str(), unit]);
            rest %= millis;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_with_units_greatest_first() {
        for (text, millis) in [
            ("60s", 60_000),
            ("500ms", 500),
            ("1m", 60_000),
            ("1m30s", 90_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            (" 0s ", 0),
            ("90m", 5_400_000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        let huge = format!("{}d", u64::MAX);
        for bad in ["", "60", "s", "1.5s", "30s1m", "1s1s", "1 m", "-1s", "1M", "1w", "१s", &huge]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(millis in 0_u64..10_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&show(duration)), Some(duration));
        }

        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,12}") {
            let _ = parse(&text);
        }
    }
}
