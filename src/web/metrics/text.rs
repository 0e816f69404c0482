//! Prometheus' text format, version 0.0.4: families with their samples. Label values may be
//! anything; names are ours.

use std::{fmt, fmt::Write};

/// A document that grows.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
}

impl Text {
    /// Begins a family; its samples must follow before the next one begins.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}")
    }

    /// A sample.
    pub(super) fn value(&mut self, name: &str, labels: &[(&str, &str)], value: f64) -> fmt::Result {
        self.text.push_str(name);
        self.labels(labels, None)?;
        writeln!(self.text, " {value}")
    }

    /// A histogram: upper edges with how many were in each bucket (the last is for all that were
    /// larger), and the sum of all.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        edges: &[f64],
        buckets: &[u64],
        sum: f64,
    ) -> fmt::Result {
        let mut total = 0;
        for (place, count) in buckets.iter().enumerate() {
            total += count;
            let edge = edges.get(place).map_or_else(|| "+Inf".to_owned(), f64::to_string);
            write!(self.text, "{name}_bucket")?;
            self.labels(labels, Some(&edge))?;
            writeln!(self.text, " {total}")?;
        }
        for (ending, value) in [("sum", sum), ("count", total as f64)] {
            write!(self.text, "{name}_{ending}")?;
            self.labels(labels, None)?;
            writeln!(self.text, " {value}")?;
        }
        Ok(())
    }

    fn labels(&mut self, labels: &[(&str, &str)], edge: Option<&str>) -> fmt::Result {
        let all = labels.iter().copied().chain(edge.map(|edge| ("le", edge)));
        let mut open = '{';
        for (name, value) in all {
            write!(self.text, "{open}{name}=\"")?;
            for c in value.chars() {
                match c {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    c => self.text.push(c),
                }
            }
            self.text.push('"');
            open = ',';
        }
        if open == ',' {
            self.text.push('}');
        }
        Ok(())
    }

    /// The whole document.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_buckets_add_up() {
        let mut text = Text::default();
        text.value("a", &[], 1.5).unwrap();
        text.value("b", &[("x", "q\"\\\n"), ("y", "é")], 2.0).unwrap();
        text.histogram("c", &[("x", "1")], &[0.1, 1.0], &[2, 3, 4], 7.5).unwrap();
        let want = "a 1.5\nb{x=\"q\\\"\\\\\\n\",y=\"é\"} 2\n\
                    c_bucket{x=\"1\",le=\"0.1\"} 2\nc_bucket{x=\"1\",le=\"1\"} 5\n\
                    c_bucket{x=\"1\",le=\"+Inf\"} 9\nc_sum{x=\"1\"} 7.5\nc_count{x=\"1\"} 9\n";
        assert_eq!(text.finish(), want);
    }
}
