//! How telling people goes, by channel: a part of `/metrics`, from the board.

use std::{collections::BTreeMap, fmt};

use super::text::Text;
use crate::board::Told;

/// A family: its name, its kind, its help, and where its value is.
type Family = (&'static str, &'static str, &'static str, fn(&Told) -> u64);

const FAMILIES: [Family; 4] = [
    ("stillup_notices_waiting", "gauge", "Messages on their way to a channel.", |told| {
        told.waiting
    }),
    ("stillup_notices_arrived_total", "counter", "Messages that their receiver took.", |told| {
        told.arrived
    }),
    (
        "stillup_notices_retried_total",
        "counter",
        "Tries to send a message that failed and are repeated.",
        |told| told.retried,
    ),
    ("stillup_notices_failed_total", "counter", "Messages that were given up.", |told| told.failed),
];

/// Writes nothing where nobody is told.
pub(super) fn write(to: &mut Text, told: &BTreeMap<Box<str>, Told>) -> fmt::Result {
    for (name, kind, help, value) in FAMILIES.iter().filter(|_| !told.is_empty()) {
        to.family(name, kind, help)?;
        for (channel, told) in told {
            to.value(name, &[("channel", channel)], value(told) as f64)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_a_line_a_channel_and_nobody_has_none() {
        let written = |told: BTreeMap<Box<str>, Told>| {
            let mut text = Text::default();
            write(&mut text, &told).unwrap();
            text.finish()
        };
        assert_eq!(written(BTreeMap::new()), "");
        let told = Told { waiting: 1, arrived: 2, retried: 3, failed: 4 };
        let text = written(BTreeMap::from([("team".into(), told)]));
        for line in [
            "# TYPE stillup_notices_waiting gauge\nstillup_notices_waiting{channel=\"team\"} 1\n",
            "stillup_notices_arrived_total{channel=\"team\"} 2\n",
            "stillup_notices_retried_total{channel=\"team\"} 3\n",
            "stillup_notices_failed_total{channel=\"team\"} 4\n",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
