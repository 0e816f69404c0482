//! A progress bar on the terminal for long commands; silent without a terminal.

use std::io::{IsTerminal, Write};

use super::say::note;
use crate::app::archive::Done;

/// Characters of the bar.
const WIDTH: u64 = 30;

/// A bar.
#[derive(Debug)]
pub(super) struct ProgressBar {
    watched: bool,
    unit: &'static str,
    shown: String,
}

impl ProgressBar {
    /// A bar that counts in these.
    pub(super) fn new(unit: &'static str) -> Self {
        Self { watched: std::io::stderr().is_terminal(), unit, shown: String::new() }
    }

    /// Shows how far it is.
    pub(super) fn show(&mut self, done: Done) {
        let line = line(done, self.unit);
        if self.watched && line != self.shown {
            let mut to = std::io::stderr().lock();
            // A terminal that is gone is no reason to end the work.
            drop(write!(to, "\r{line}\x1b[K"));
            drop(to.flush());
            self.shown = line;
        }
    }

    /// Says what came of it.
    pub(super) fn end(&self, sentence: &str) {
        let clear = if self.watched { "\r\x1b[K" } else { "" };
        note(format_args!("{clear}{sentence}"));
    }
}

fn line(Done { done, of, checks }: Done, unit: &str) -> String {
    let done = done.min(of);
    let full = (done * WIDTH).checked_div(of).unwrap_or(0) as usize;
    let percent = (done * 100).checked_div(of).unwrap_or(0);
    let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH as usize - full));
    let checks = if checks > 0 { format!(", {checks} checks") } else { String::new() };
    format!("[{full}{empty}] {percent:3} % of {of} {unit}{checks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_work_is_done() {
        let at = |done, of| line(Done { done, of, checks: 7 }, "days");
        assert_eq!(
            at(1, 2),
            format!("[{}{}]  50 % of 2 days, 7 checks", "#".repeat(15), ".".repeat(15))
        );
        assert!(at(9, 2).contains("100 %") && at(0, 0).contains("  0 %"));
    }
}
