//! How telling people goes, by channel: a part of `/metrics`, from the board.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use super::describe;
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

/// Writes nothing where nobody is told. The names of channels need no escape.
pub(super) fn write(to: &mut String, told: &BTreeMap<Box<str>, Told>) -> fmt::Result {
    for (name, kind, help, value) in FAMILIES.iter().filter(|_| !told.is_empty()) {
        describe(to, name, kind, help)?;
        for (channel, told) in told {
            writeln!(to, "{name}{{channel=\"{channel}\"}} {}", value(told))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_a_line_a_channel_and_nobody_has_none() {
        let mut text = String::new();
        write(&mut text, &BTreeMap::new()).unwrap();
        assert_eq!(text, "");
        let told = Told { waiting: 1, arrived: 2, retried: 3, failed: 4 };
        write(&mut text, &BTreeMap::from([("team".into(), told)])).unwrap();
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
