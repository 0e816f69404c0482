//! The table: one line a figure, with its reference of the same run and its goal.

use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
};

use model::moment::Moment;
use prober::clock::Clock;
use tokio::time::Instant;

use crate::scale;

/// Lines that all themes add to.
#[derive(Clone, Default)]
pub(crate) struct ResultTable(Arc<Mutex<TableState>>);

#[derive(Default)]
struct TableState {
    lines: Vec<[String; 4]>,
    /// Start of the theme under way.
    began: Option<Instant>,
}

impl ResultTable {
    fn change<T>(&self, change: impl FnOnce(&mut TableState) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A figure, what it is to be read beside, and the goal; an empty text is none.
    pub(crate) fn line(
        &self,
        what: impl Into<String>,
        figure: impl Into<String>,
        beside: impl Into<String>,
        goal: impl Into<String>,
    ) {
        let line = [what.into(), figure.into(), beside.into(), goal.into()];
        eprintln!("  {}", line.join(" | "));
        self.change(|inner| inner.lines.push(line));
    }

    pub(crate) fn theme(&self, name: &str) {
        eprintln!("{name} …");
        self.change(|inner| inner.began = Some(Instant::now()));
    }

    pub(crate) fn theme_ended(&self, name: &str) {
        let took = self.change(|inner| inner.began.map(|began| began.elapsed()));
        eprintln!("{name} took {:.0} s", took.unwrap_or_default().as_secs_f64());
    }

    pub(crate) fn failed(&self, name: &str, error: &str) {
        let error = error.replace(['\n', '|'], " ");
        self.line(format!("**theme `{name}` failed**"), "", error, "");
    }

    /// Prints the whole table for the record: with machine, date and command.
    pub(crate) fn print(&self, themes: &[&String]) {
        let words: Vec<&str> = themes.iter().map(|word| word.as_str()).collect();
        let command = match (words.is_empty(), scale::divisor()) {
            (true, 1) => "make bench".to_owned(),
            (_, 1) => format!("scripts/bench.sh {}", words.join(" ")),
            (_, by) => format!("BENCH_SCALE={by} scripts/bench.sh {}", words.join(" ")),
        };
        println!("\n```\n{}\n```\n", command.trim());
        println!("{}\n", machine());
        println!("| what | figure | beside it, in the same run | goal |");
        println!("|---|---:|---|---|");
        self.change(|inner| {
            for line in &inner.lines {
                println!("| {} |", line.join(" | "));
            }
        });
    }
}

/// The machine, the date, and how busy it was.
fn machine() -> String {
    let date = Clock::system().now().to_string();
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let of = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split(':').nth(1).unwrap_or_default().trim().to_owned()
    };
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let kilobytes: u64 = of(&memory, "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    format!(
        "{}, {cores} cores of {}, {} GB, Linux {}; load {} at the end.",
        date.get(..16).unwrap_or_default().replace('T', " "),
        of(&cpu, "model name"),
        kilobytes / 1_000_000,
        read("/proc/sys/kernel/osrelease").trim(),
        load.split(' ').take(2).collect::<Vec<_>>().join(", ")
    )
}

/// Times, reported by their median and 99th percentile.
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// In milliseconds, in any order.
    pub(crate) fn of(mut millis: Vec<f64>) -> Self {
        millis.sort_by(f64::total_cmp);
        Self(millis)
    }

    pub(crate) fn percent(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn longest(&self) -> f64 {
        self.percent(100)
    }

    pub(crate) fn told(&self) -> String {
        format!("p50 {:.2} ms, p99 {:.2} ms", self.percent(50), self.percent(99))
    }
}

/// The present, for what is made up to now.
pub(crate) fn now() -> Moment {
    Clock::system().now()
}
