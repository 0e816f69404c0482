//! Sizes as people write them: `64KiB`, `1MiB`, `1GiB`, or a number of bytes.
//!
//! Pure. Units are powers of 1024 and say so; `MB` is not guessed at.

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads a size in bytes.
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let bytes = match unit {
        "" => 1,
        _ => UNITS.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(bytes)
}

/// Writes a size in its greatest unit that loses nothing.
pub fn show(bytes: u64) -> String {
    let fits = |&(_, size): &(&str, u64)| bytes >= size && bytes.is_multiple_of(size);
    match UNITS.into_iter().find(fits) {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_with_binary_units() {
        for (text, bytes) in
            [("1MiB", 1 << 20), ("64KiB", 65_536), ("1 GiB", 1 << 30), ("12B", 12), ("7", 7)]
        {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for bad in ["", "MiB", "1MB", "1.5MiB", "-1", "99999999999GiB", "1mib"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes in any::<u64>()) {
            prop_assert_eq!(parse(&show(bytes)), Some(bytes));
        }
    }
}
