//! A problem with a file or flag of the operator: its place, and the fix.
//!
//! Pure text. A problem must never show a password: its text leaves secrets out.

use std::fmt;

/// One mistake, as one line for the operator: `sites.toml:12: site "slack.com": interval: "2s" is
/// too short; use 5s or more`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigProblem {
    origin: Box<str>,
    line: Option<usize>,
    place: Box<str>,
    key: Box<str>,
    text: Box<str>,
    /// True if something is missing, perhaps because of a broken line elsewhere.
    absence: bool,
}

impl ConfigProblem {
    /// A problem with a whole file, flag or variable.
    pub fn new(origin: impl Into<Box<str>>, text: impl Into<Box<str>>) -> Self {
        Self {
            origin: origin.into(),
            line: None,
            place: "".into(),
            key: "".into(),
            text: text.into(),
            absence: false,
        }
    }

    /// The same, at a line.
    #[must_use]
    pub fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, about a key of a place (`site "slack.com"`); either may be empty.
    #[must_use]
    pub fn about(mut self, place: &str, key: &str) -> Self {
        self.place = place.into();
        self.key = key.into();
        self
    }

    /// The same, saying that something is not there.
    #[must_use]
    pub(super) fn absent(mut self) -> Self {
        self.absence = true;
        self
    }

    /// Line of the file, if it has one.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The key that it is about; empty when it is about all of a file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The mistake and the fix, without its place.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if it says that something is not there.
    pub(super) fn is_absence(&self) -> bool {
        self.absence
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        for part in [&self.place, &self.key, &self.text] {
            if !part.is_empty() {
                write!(f, ": {part}")?;
            }
        }
        Ok(())
    }
}

/// All problems, each on a line of its own.
pub fn problem_lines(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line_and_leaves_out_what_it_does_not_have() {
        let whole = ConfigProblem::new("sites.toml", "is missing");
        let part = ConfigProblem::new("sites.toml", "no").at(12).about("site \"a.nl\"", "interval");
        assert_eq!(
            problem_lines(&[whole, part]),
            "sites.toml: is missing\nsites.toml:12: site \"a.nl\": interval: no"
        );
    }
}
