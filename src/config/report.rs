//! What is wrong with one file: collects problems, each at its line, until all are known.

use toml::de::DeTable;

use super::problem::Problem;

/// The problems of one file.
#[derive(Debug)]
pub(super) struct Report<'a> {
    file: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    /// Begins a report on a text.
    pub(super) fn new(file: &'a str, text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file, lines: std::iter::once(0).chain(ends).collect(), problems: Vec::new() }
    }

    /// The line (from 1) of a byte.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= byte).max(1)
    }

    /// A problem at a byte, to be completed and [pushed](Self::push).
    pub(super) fn problem(&self, byte: usize, text: impl Into<Box<str>>) -> Problem {
        Problem::new(self.file, text).at(self.line(byte))
    }

    /// A problem with the file as a whole.
    pub(super) fn whole(&self, text: &str) -> Problem {
        Problem::new(self.file, text)
    }

    /// Adds a problem.
    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Every problem, in the order of the lines.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(Problem::line);
        self.problems
    }
}

/// Reads a file's text as TOML and gives its top table to `read`, even if parts are not TOML: the
/// rest is checked as far as it can be, so that all problems are told at once.
pub(super) fn read<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&DeTable<'_>, &mut Report<'_>) -> T,
) -> (T, Vec<Problem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut report = Report::new(file, text);
    let mut broken: Vec<Problem> = Vec::new();
    for error in errors {
        let byte = error.span().map_or(text.len(), |span| span.start);
        let problem = report.problem(byte, format!("this is not TOML: {}", error.message()));
        if broken.last().is_none_or(|last| last.line() != problem.line()) {
            broken.push(problem);
        }
    }
    let value = read(table.get_ref(), &mut report);
    if broken.is_empty() {
        return (value, report.finish());
    }
    // What a broken line hides is not missing, and what it was taken for is not meant.
    report.problems.retain(|p| {
        !p.is_absence() && p.line().is_some() && !broken.iter().any(|b| b.line() == p.line())
    });
    report.problems.extend(broken);
    (value, report.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_lines() {
        let report = Report::new("f", "a\r\nb\n\nc");
        let lines: Vec<usize> = (0..8).map(|byte| report.line(byte)).collect();
        assert_eq!(lines, [1, 1, 1, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn every_broken_line_is_told_once() {
        for (text, want) in [
            ("a = 1\nb = = 2\nc = 3\nd 4\n", vec![2, 4]),
            ("\u{feff}a = \"x\r\nb = 2\r\n", vec![1]),
            ("a = 1\na = 2\n", vec![2]),
            ("a = [1, 2\n", vec![1]),
        ] {
            let ((), problems) = read("f", text, |_, _| ());
            let lines: Vec<usize> = problems.iter().filter_map(Problem::line).collect();
            assert_eq!(lines, want, "{problems:?}");
        }
    }
}
