//! How accurate is the judge? Worlds with a known truth, on virtual time, without sockets: what our
//! judge says of them, and what the rules of others would have said. `make accuracy` runs it; how
//! to read the table is in `docs/accuracy.md`.

mod causes;
mod chance;
mod halves;
mod incidents;
mod notes;
mod ours;
mod ourside;
mod peers;
mod score;
mod table;
mod track;
mod world;
mod worlds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let short = std::env::args().any(|argument| argument == "--short");
    let size = worlds::Size(if short { 0.02 } else { 1.0 });
    if std::env::args().any(|argument| argument == "--causes") {
        return if causes::print(size.0) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let all_met = table::print(size)
        & table::print_ourside(size)
        & notes::print(size)
        & causes::print(size.0);
    table::curve(size);
    if all_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
