//! Accuracy of the judge: worlds with a known truth, on virtual time, without sockets, judged by
//! ours and by the rules of other products. `make accuracy` runs it; `docs/accuracy.md` explains
//! the table.

mod causes;
mod chance;
mod halves;
mod incidents;
mod notes;
mod ours;
mod ourside;
mod peers;
mod regions;
mod score;
mod table;
mod track;
mod world;
mod worlds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let short = std::env::args().any(|argument| argument == "--short");
    let size = worlds::Size(if short { 0.02 } else { 1.0 });
    if std::env::args().any(|argument| argument == "--notes") {
        return if notes::print(size) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args().any(|argument| argument == "--causes") {
        return if causes::print(size.0) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args().any(|argument| argument == "--ourside") {
        return if table::print_ourside(size) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args().any(|argument| argument == "--regions") {
        return if table::print_regions(size) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let all_met = table::print(size)
        & table::print_regions(size)
        & table::print_ourside(size)
        & notes::print(size)
        & causes::print(size.0);
    table::curve(size);
    if all_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
