//! Reports of other probers, batch by batch: whoever sent a batch is told when the journal has it.

use tokio::sync::oneshot;

use model::report::Report;

/// Reports that were heard together.
#[derive(Debug)]
pub struct HeardReports {
    /// The reports.
    pub reports: Vec<Report>,
    /// Told when what came of them is kept.
    pub kept: oneshot::Sender<()>,
}

impl HeardReports {
    /// These reports, and the word that they are kept; an error of that means that they are not.
    pub fn new(reports: Vec<Report>) -> (Self, oneshot::Receiver<()>) {
        let (kept, told) = oneshot::channel();
        (Self { reports, kept }, told)
    }
}
