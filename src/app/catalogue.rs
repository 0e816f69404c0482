//! The catalogue in force: its file, and its replacement by a new one.
//!
//! A copy of the last accepted catalogue is kept in the data directory. A new one is measured
//! against it, at a start as at a reload: a broken file changes nothing, and one that would drop
//! many sites changes nothing until the exact number is confirmed. `stillup sites apply` leaves a
//! request in the data directory, which the running service answers. Sites that programs added stand in a
//! file of their own and are part of it.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    signal::unix::Signal,
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

use super::operator;
use crate::{
    atomic_file::{self, OWNER_ONLY, READABLE},
    config::{
        Catalogue, Config, ConfigProblem, Defaults, FileMark, catalogue_files, problem_lines,
        removals,
    },
    operator::Operator,
    private_postgres::DataDir,
};
use model::{
    name::Slug,
    site::{Site, Sites},
};

/// Interval at which the file and the request are checked.
const FILE_INTERVAL: Duration = Duration::from_secs(1);
/// Longest wait for a service to answer a request.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// The copy of the last accepted catalogue, in the data directory.
const ACCEPTED: &str = "catalogue.toml";

/// A request of `stillup sites apply`, with the number of removals that it confirms.
struct ApplyRequest {
    confirmed: Option<usize>,
}

/// The catalogue in force.
#[derive(Debug)]
pub(super) struct CatalogueReloader {
    source: PathBuf,
    defaults: Defaults,
    data: PathBuf,
    operator: Operator,
    /// Sites that were added since the reloader was made.
    added: watch::Receiver<Arc<[toml::Table]>>,
    /// Marks of the files that were read last.
    taken: CatalogueMarks,
    /// Marks of the files at the last check.
    seen: CatalogueMarks,
}

/// Marks of the file of a catalogue, or of those of its folder.
type CatalogueMarks = Vec<(OsString, FileMark)>;

impl CatalogueReloader {
    /// The catalogue of this configuration, with the memory in this data directory.
    pub(super) fn new(config: &Config, data: &Path, operator: Operator) -> Self {
        let (source, added) = (config.sites.clone(), operator.added_sites().follow());
        let taken = marks(&source);
        let seen = taken.clone();
        let (defaults, data) = (config.defaults(), data.into());
        Self { source, defaults, data, operator, added, taken, seen }
    }

    /// The sites to start with: those given, or the last accepted ones if too many would go.
    ///
    /// # Errors
    /// Fails when the memory cannot be written.
    pub(super) fn at_start(&self, given: &Catalogue, confirmed: Option<usize>) -> Result<Sites> {
        let joined = self.operator.added_sites().joined(given.clone()).unwrap_or_else(|problems| {
            tracing::error!("{}\nnothing of what was added is taken", problem_lines(&problems));
            given.clone()
        });
        let given = &joined;
        let Some(last) = self.last() else {
            self.remember(given)?;
            return Ok(given.sites().into());
        };
        match removals::accept(last.slugs(), given.slugs(), confirmed) {
            Ok(()) => {
                self.remember(given)?;
                Ok(given.sites().into())
            }
            Err(refused) => {
                self.operator.set_refused(Some(refused.to_string()));
                tracing::error!(
                    file = %self.source.display(),
                    "{refused} (or at a start: stillup serve --confirm-removals {}); \
                     going on with the last catalogue that was accepted",
                    refused.slugs.len()
                );
                // A request without its secret would show as a failure of the site.
                let whole = last.sites().iter().filter(|site| site.request.is_complete());
                Ok(whole.cloned().collect())
            }
        }
    }

    /// Follows the file, SIGHUP and requests until it is stopped. Changes since the reloader was
    /// made count: a start may take a while, and none may be missed in it.
    pub(super) async fn follow(
        mut self,
        mut hangup: Signal,
        sites: watch::Sender<Sites>,
        stop: CancellationToken,
    ) {
        let mut glance = interval(FILE_INTERVAL);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut added = self.added.clone();
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                _ = added.changed() => true,
                _ = hangup.recv() => true,
                _ = glance.tick() => self.has_settled(),
            };
            let request = self.take_request();
            if !asked && request.is_none() {
                continue;
            }
            self.taken = marks(&self.source);
            let confirmed = request.as_ref().and_then(|request| request.confirmed);
            let current = sites.borrow().clone();
            let answer = match self.propose(&current, confirmed) {
                Ok((new, sentence)) => {
                    tracing::info!("{sentence}");
                    self.operator.set_refused(None);
                    sites.send_replace(new);
                    format!("ok\n{sentence}\n")
                }
                Err(why) => {
                    tracing::error!("the catalogue was not taken: {why}");
                    self.operator.set_refused(Some(why.clone()));
                    format!("refused\n{why}\n")
                }
            };
            if request.is_some() {
                self.answer(&answer);
            }
        }
    }

    /// Returns whether the file is another one than was read last, and is not being written any
    /// more: it is as it was at the last glance.
    fn has_settled(&mut self) -> bool {
        let now = marks(&self.source);
        let settled = now == self.seen && now != self.taken;
        self.seen = now;
        settled
    }

    /// The sites of the file, if they may replace the current ones; otherwise the reason.
    fn propose(
        &self,
        current: &[Arc<Site>],
        confirmed: Option<usize>,
    ) -> Result<(Sites, String), String> {
        let given = Catalogue::load(&self.source, &self.defaults)
            .and_then(|given| self.operator.added_sites().joined(given))
            .map_err(|problems| format!("{}\nnothing was changed", problem_lines(&problems)))?;
        let new: Sites = given.sites().into();
        let (slugs, wanted) = (|| slugs_of(current), || slugs_of(&new));
        removals::accept(slugs(), wanted(), confirmed).map_err(|refused| refused.to_string())?;
        self.remember(&given).map_err(|error| format!("{error:#}"))?;
        let removed = removals::removed(slugs(), wanted()).len();
        let added = removals::removed(wanted(), slugs()).len();
        let count = new.len();
        let sites = if count == 1 { "site" } else { "sites" };
        let sentence =
            format!("the catalogue has {count} {sites} now: {added} added, {removed} removed");
        Ok((new, sentence))
    }

    /// The last accepted catalogue, if there is one that can still be read.
    fn last(&self) -> Option<Catalogue> {
        let path = self.kept();
        if !path.exists() {
            return None;
        }
        let unreadable = |problems: Vec<ConfigProblem>| {
            let problem = problems.first().map(ToString::to_string).unwrap_or_default();
            tracing::error!(
                "what the last catalogue was cannot be read, so nobody can tell how many sites \
                 this one drops, and it is taken: {problem}"
            );
        };
        Catalogue::load_copy(&path, &self.source, &self.defaults).map_err(unreadable).ok()
    }

    /// Keeps the text of a catalogue as that of the last accepted one, over a power cut too.
    fn remember(&self, accepted: &Catalogue) -> Result<()> {
        let (kept, text) = (self.kept(), accepted.text().as_bytes());
        // A full disk must not stop a start that changes nothing.
        if fs::read(&kept).is_ok_and(|known| known == text) {
            return Ok(());
        }
        // Headers have their values in it.
        let write = atomic_file::write(&kept, text, OWNER_ONLY);
        write.with_context(|| format!("{} cannot be written", kept.display()))
    }

    fn kept(&self) -> PathBuf {
        self.data.join(ACCEPTED)
    }

    /// The request that waits, if there is one.
    fn take_request(&self) -> Option<ApplyRequest> {
        let path = request(&self.data);
        let text = fs::read_to_string(&path).ok()?;
        drop(fs::remove_file(&path));
        Some(ApplyRequest { confirmed: text.trim().parse().ok() })
    }

    fn answer(&self, text: &str) {
        let written = atomic_file::write(&answer(&self.data), text.as_bytes(), READABLE);
        if let Err(error) = written {
            tracing::warn!(%error, "the answer to a request could not be written");
        }
    }
}

fn slugs_of(sites: &[Arc<Site>]) -> impl ExactSizeIterator<Item = &Slug> {
    sites.iter().map(|site| &site.slug)
}

/// Marks of the file of a catalogue, or of those of its folder; links are followed.
fn marks(source: &Path) -> CatalogueMarks {
    let marked = |path: &Path| Some((path.as_os_str().to_owned(), FileMark::of(path)?));
    if source.is_dir() {
        return catalogue_files(source)
            .unwrap_or_default()
            .iter()
            .filter_map(|p| marked(p))
            .collect();
    }
    marked(source).into_iter().collect()
}

fn request(data: &Path) -> PathBuf {
    data.join("apply.request")
}

fn answer(data: &Path) -> PathBuf {
    data.join("apply.answer")
}

/// The sites in force: those of the last accepted catalogue, or, where none is known or `of_file` is
/// set, of the file that the settings name.
///
/// # Errors
/// Fails with every problem of the catalogue.
pub fn catalogue_in_force(
    config: &Config,
    of_file: bool,
) -> Result<Vec<Arc<Site>>, Vec<ConfigProblem>> {
    let accepted = config.data_dir.join(ACCEPTED);
    let catalogue = if of_file || !accepted.exists() {
        Catalogue::load_without_secrets(&config.sites, &config.defaults())
    } else {
        Catalogue::load_copy(&accepted, &config.sites, &config.defaults())
    };
    // What programs added beside the file stays, whatever the file says.
    let operator = operator(config, &config.data_dir);
    let added = |site: &&Arc<Site>| operator.added_sites().tag(site.slug.as_str()).is_some();
    Ok(catalogue?.sites().iter().filter(|site| !added(site)).cloned().collect())
}

/// `stillup sites apply`: asks the running service to take the catalogue, or, when none runs, takes
/// it for the next start. Returns the result in a sentence.
///
/// # Errors
/// The sentence that says why it was not taken.
pub async fn apply(config: &Config, confirmed: Option<usize>) -> Result<String, String> {
    let data = &config.data_dir;
    if let Ok(claimed) = DataDir::claim(data) {
        let in_force =
            CatalogueReloader::new(config, claimed.path(), operator(config, claimed.path()));
        let last = in_force.last();
        let current = last.as_ref().map(Catalogue::sites).unwrap_or_default();
        let (_, sentence) = in_force.propose(current, confirmed)?;
        return Ok(format!("{sentence}; no service runs, the next start will have it"));
    }
    let unwritable = |error| format!("{} cannot be written: {error}", data.display());
    drop(fs::remove_file(answer(data)));
    let number = confirmed.map_or_else(String::new, |n| n.to_string());
    atomic_file::write(&request(data), number.as_bytes(), READABLE).map_err(unwritable)?;
    let mut waited = Duration::ZERO;
    while waited < ANSWER_TIMEOUT {
        sleep(FILE_INTERVAL / 10).await;
        waited += FILE_INTERVAL / 10;
        if let Ok(text) = fs::read_to_string(answer(data)) {
            drop(fs::remove_file(answer(data)));
            let (word, sentence) = text.split_once('\n').unwrap_or((&text, ""));
            let sentence = sentence.trim_end().to_owned();
            return if word == "ok" { Ok(sentence) } else { Err(sentence) };
        }
    }
    drop(fs::remove_file(request(data)));
    Err(format!("the service did not answer within {} s", ANSWER_TIMEOUT.as_secs()))
}

#[cfg(test)]
mod tests;
