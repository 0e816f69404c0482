//! CPU time and memory of a process, from the kernel.

use std::{fs, ops::Range, time::Duration};

/// CPU time of one process, all its threads.
pub(crate) fn cpu(pid: u32) -> Duration {
    ticks(pid, 11..13)
}

/// CPU time of a process and of all below it that live, and of those that have ended.
pub(crate) fn cpu_of_family(pid: u32) -> Duration {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(path).unwrap_or_default();
    let below = children.split_whitespace().filter_map(|c| c.parse().ok()).map(cpu_of_family);
    ticks(pid, 11..15) + below.sum::<Duration>()
}

/// The sum of these fields of `/proc/PID/stat`, in ticks of 10 ms, counted after the name.
fn ticks(pid: u32, fields: Range<usize>) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may have spaces; the fields after it do not.
    let after = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let wanted = after.skip(fields.start).take(fields.len());
    let ticks: u64 = wanted.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Resident memory of a process that is its own, in MB: anonymous pages and its program text.
pub(crate) fn memory(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    let kilobytes = line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1_024.0
}
