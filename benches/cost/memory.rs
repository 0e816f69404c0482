//! Memory of the process by number of sites, once every site was checked and the pages were loaded.

use crate::{
    Bench,
    home::Home,
    nginx::Nginx,
    program::{BenchSites, Program},
    scale::{interval, size},
};

pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    for (full, goal) in [(100, ""), (1_000, "30 MB"), (10_000, "60 MB")] {
        let count = size(full);
        let sites = BenchSites { nginx: &nginx, count, interval: interval(), chain: None };
        let program = Program::start(Home::new(), &sites).await;
        let run = program.measure(5, u64::from(interval())).await;
        program.load_pages().await;
        bench.table.line(
            format!("memory at {count} sites, pages loaded"),
            format!("{:.1} MB", program.memory()),
            format!("{} checks in {:.0} s", run.checks, run.seconds),
            goal,
        );
        program.stop().await;
    }
}
