//! Printing that survives a closed pipe.
//!
//! A reader that left (`stillup check … | head -1`) is no error: nothing more is printed, and the
//! exit code still counts. `println!` would panic there.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

/// Prints a line on the standard output. Where it cannot be written, such as on a full disk, that
/// is reported.
pub(super) fn say(line: impl Display) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("the standard output cannot be written: {error}"));
        }
        _ => {}
    }
}

/// Prints what is wrong, on the standard error.
pub(super) fn complain(wrong: impl Display) {
    note(format_args!("stillup: {wrong}"));
}

/// Prints a line on the standard error.
pub(super) fn note(line: impl Display) {
    // When the output is closed, the exit code still counts.
    drop(writeln!(io::stderr(), "{line}"));
}
