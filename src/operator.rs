//! Things that people add while the service runs: tokens, planned work, notices and sites.
//!
//! Each stands in a file of the data directory, in the shape of the operator's own files, which the
//! command line, the API and an editor change alike: one truth, several doors. Files are read again
//! within a second. What a person says stands beside the verdicts and never changes one.
//!
//! - [`files`]: reading, and changing under a lock. [`text`]: their text. [`audit`]: who changed what.
//! - [`shared`]: the files as the nodes of one Postgres share them; [`merge`]: two changes of one file.
//! - [`answers`]: what programs were told that asked with a key.
//! - [`access`]: tokens. [`mod@notices`]: notices and planned work. [`sites`]: sites that were added.

mod access;
mod answers;
mod audit;
mod files;
mod merge;
mod shared;
mod sites;
mod text;
mod notices;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

pub use self::{
    access::Access,
    answers::{KeptAnswer, KeptAnswers, KeyOfToken, RequestState},
    audit::AuditLine,
    shared::SharedFile,
    sites::{AddedSites, Precondition},
};
use self::{audit::Audit, files::KeptList};
use crate::{
    config::{ConfigProblem, Defaults, OperatorToken, notices, planned, problem_lines, tokens},
    token::hex,
};
use model::{
    moment::Moment,
    notice::Notice,
    planned::{PlannedWork, Stretch},
    scope::Scope,
    site::Site,
};

/// Interval at which the files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Reason why a change was not made; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The values are wrong.
    #[error("{}", problem_lines(.0))]
    Wrong(Vec<ConfigProblem>),
    /// Nothing has this name.
    #[error("{0}")]
    NotThere(String),
    /// It does not fit to what there is.
    #[error("{0}")]
    Conflict(String),
    /// Something in the request says for which state it is meant, and that is another one.
    #[error("{0}")]
    Precondition(String),
    /// The request has to say for which state it is meant.
    #[error("{0}")]
    Unconditional(String),
    /// It could not be kept.
    #[error("{0}")]
    Failed(String),
}

/// Time until other nodes have what was written on this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Within seconds.
    Soon,
    /// Once Postgres can be reached, or what hinders is mended.
    Later,
}

impl Sharing {
    /// Name in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::Later => "later",
        }
    }
}

/// Everything that people add. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operator(Arc<OperatorState>);

#[derive(Debug)]
struct OperatorState {
    tokens: KeptList<OperatorToken>,
    planned: KeptList<PlannedWork>,
    notices: KeptList<Notice>,
    added: AddedSites,
    audit: Audit,
    answers: KeptAnswers,
    /// Reason why the catalogue as it is was not taken.
    refused: Mutex<Option<String>>,
    /// Sharing with other nodes, if there are any, and the reason why they lack what was written here.
    sharing: Mutex<(Option<Sharing>, Option<String>)>,
}

impl Operator {
    /// The files of this data directory, as far as there are any that can be read; `added` knows the
    /// sites.
    pub fn open(dir: &Path, added: AddedSites) -> Self {
        Self(Arc::new(OperatorState {
            tokens: KeptList::open(dir.join("tokens.toml"), tokens, text::tokens),
            planned: KeptList::open(dir.join("planned.toml"), planned, text::planned),
            notices: KeptList::open(dir.join("notices.toml"), notices, text::notices),
            added,
            audit: Audit::new(dir),
            answers: KeptAnswers::new(dir),
            refused: Mutex::default(),
            sharing: Mutex::default(),
        }))
    }

    /// Nothing, to which nothing can be added.
    pub fn none() -> Self {
        let nowhere = Path::new("/proc/none");
        Self::open(nowhere, AddedSites::open(nowhere, nowhere, Defaults::default()))
    }

    /// Follows the files until it is dropped.
    pub async fn follow(self) {
        let mut glance = interval(LOOK_INTERVAL);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            glance.tick().await;
            let operator = self.clone();
            // A slow disk must hold up nothing else.
            drop(tokio::task::spawn_blocking(move || operator.look()).await);
        }
    }

    /// Takes each file that is another one than at the last look.
    pub fn look(&self) {
        self.0.tokens.look();
        self.0.planned.look();
        self.0.notices.look();
        self.0.added.look();
    }

    /// Knows why the catalogue as it is was not taken, or that it was.
    pub fn set_refused(&self, why: Option<String>) {
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Knows when other nodes have what is written here, and why they do not have what was written already.
    pub fn set_sharing(&self, sharing: Sharing, why: Option<String>) {
        *self.0.sharing.lock().unwrap_or_else(PoisonError::into_inner) = (Some(sharing), why);
    }

    /// Time until other nodes have what is written now; `None`: there are none.
    pub fn sharing(&self) -> Option<Sharing> {
        self.0.sharing.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Reasons why a file as it is was not taken, or is not at the other nodes; that of the catalogue first.
    pub fn problems(&self) -> Vec<String> {
        let unshared = self.0.sharing.lock().unwrap_or_else(PoisonError::into_inner).1.clone();
        self.refusals().chain(unshared).collect()
    }

    /// Reasons why a file as it is was not taken; that of the catalogue first.
    fn refusals(&self) -> impl Iterator<Item = String> + use<> {
        let refused = self.0.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let OperatorState { tokens, planned, notices, added, .. } = &*self.0;
        [refused, tokens.problem(), planned.problem(), notices.problem(), added.problem()]
            .into_iter()
            .flatten()
    }

    /// Number of files that are not in force as they are; that of the catalogue is one of them.
    pub fn files_not_taken(&self) -> usize {
        self.refusals().count()
    }

    /// All planned work, ended work too.
    pub fn planned(&self) -> Arc<[PlannedWork]> {
        self.0.planned.list()
    }

    /// All notices, in the order in which they were opened.
    pub fn notices(&self) -> Arc<[Notice]> {
        self.0.notices.list()
    }

    /// Changes of the notices.
    pub fn follow_notices(&self) -> watch::Receiver<Arc<[Notice]>> {
        self.0.notices.follow()
    }

    /// Changes of the planned work.
    pub fn follow_planned(&self) -> watch::Receiver<Arc<[PlannedWork]>> {
        self.0.planned.follow()
    }

    /// The sites that were added.
    pub fn added_sites(&self) -> &AddedSites {
        &self.0.added
    }

    /// The answers to requests with keys.
    pub fn answers(&self) -> &KeptAnswers {
        &self.0.answers
    }

    /// The last lines of the audit, newest first.
    pub fn last_changes(&self, most: usize) -> Vec<AuditLine> {
        self.0.audit.last(most)
    }

    /// Keeps who changed what.
    pub fn note(&self, at: Moment, by: &str, action: &str, subject: &str, detail: &str) {
        let line = AuditLine {
            at,
            by: by.into(),
            action: action.into(),
            subject: subject.into(),
            detail: detail.into(),
        };
        self.0.audit.keep(&line);
    }

    /// Work under way at a moment that is about this site.
    pub fn planned_at<'w>(
        works: &'w [PlannedWork],
        site: &Site,
        provider: Option<&str>,
        at: Moment,
    ) -> Option<(&'w PlannedWork, Stretch)> {
        let mine = works.iter().filter(|work| work.is_about(site, provider));
        mine.filter_map(|work| Some((work, work.at(at)?))).max_by_key(|(_, stretch)| stretch.until)
    }
}

/// Sentences on the names of a scope that no site has.
pub fn told_unknown(unknown: &Scope) -> Vec<String> {
    let sites = unknown.sites.iter().map(|slug| format!("the slug {slug}"));
    let tags = unknown.tags.iter().map(|tag| format!("the tag {tag}"));
    sites.chain(tags).map(|name| format!("no site of the catalogue has {name} now")).collect()
}

/// A new id that begins so.
fn new_id(begin: &str) -> Result<Box<str>, Refusal> {
    let mut random = [0; 6];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| Refusal::Failed("the system has no random numbers".to_owned()))?;
    Ok(format!("{begin}{}", hex(&random)).into())
}

#[cfg(test)]
mod tests;
