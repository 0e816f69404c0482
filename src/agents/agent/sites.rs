//! The sites of an agent: those of the first node that answers, and on disk, so that an agent that
//! is restarted while its nodes are away goes on.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::atomic_file::{self, OWNER_ONLY};
use model::{
    moment::Moment,
    name::Region,
    site::{Site, Sites},
};

/// Silence after which a node counts as away: the sites of the next one count.
const AWAY: Duration = Duration::from_mins(2);
/// Sites at most.
const MAX_SITES: usize = 200_000;
/// No node makes an agent look more often, or wait longer, than this.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(5);
const LONGEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Sites that one node assigns.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct AssignedSites {
    /// The address of the node.
    core: Box<str>,
    /// The region that the agent has there.
    region: Region,
    /// The node's tag of this set.
    tag: Box<str>,
    sites: Vec<Arc<Site>>,
}

/// The choice of an agent's sites.
#[derive(Debug)]
pub(super) struct SiteChoice {
    /// The file that they are kept in; `None`: they are of no use here.
    file: Option<PathBuf>,
    allow_private: bool,
    state: Mutex<Vec<CoreSites>>,
    /// The region and the sites in force; `None` while there are none.
    chosen: watch::Sender<Option<(Region, Sites)>>,
}

#[derive(Debug)]
struct CoreSites {
    core: Box<str>,
    wanted: Option<AssignedSites>,
    answered_at: Option<Moment>,
}

impl SiteChoice {
    /// The choice among these nodes, in their order, which begins with what is on disk.
    pub(super) fn new(data: &Path, cores: &[Box<str>], allow_private: bool) -> Self {
        let file = data.join("sites.json");
        let kept: Vec<AssignedSites> = fs::read(&file)
            .ok()
            .and_then(|text| {
                let read = serde_json::from_slice(&text);
                read.map_err(|error| tracing::warn!(%error, "the sites on disk cannot be read"))
                    .ok()
            })
            .unwrap_or_default();
        Self::among(cores, &kept, Some(file), allow_private)
    }

    /// No choice: these nodes are peers of one that has sites of its own.
    pub(super) fn unused(cores: &[Box<str>]) -> Self {
        Self::among(cores, &[], None, false)
    }

    fn among(
        cores: &[Box<str>],
        kept: &[AssignedSites],
        file: Option<PathBuf>,
        allow_private: bool,
    ) -> Self {
        let of_core = |core: &str| CoreSites {
            core: core.into(),
            wanted: kept.iter().find(|wanted| *wanted.core == *core).cloned(),
            answered_at: None,
        };
        let state = Mutex::new(cores.iter().map(|core| of_core(core)).collect());
        let choice = Self { file, allow_private, state, chosen: watch::Sender::new(None) };
        choice.choose(Moment::default());
        choice
    }

    /// The region and the sites in force.
    pub(super) fn chosen(&self) -> watch::Receiver<Option<(Region, Sites)>> {
        self.chosen.subscribe()
    }

    /// The tag of what a node wants, as far as is known.
    pub(super) fn tag(&self, core: usize) -> Option<Box<str>> {
        let state = self.lock();
        Some(state.get(core)?.wanted.as_ref()?.tag.clone())
    }

    /// Takes in that a node answered, and what it wants, unless that is what it wanted before.
    pub(super) fn answered(
        &self,
        core: usize,
        region: &Region,
        new: Option<(Box<str>, Vec<Site>)>,
        now: Moment,
    ) {
        let is_new = new.is_some();
        {
            let mut state = self.lock();
            let Some(of_core) = state.get_mut(core) else { return };
            of_core.answered_at = Some(now);
            if let Some((tag, sites)) = new {
                let most = if self.file.is_some() { MAX_SITES } else { 0 };
                let sites = sites.into_iter().take(most).map(|site| Arc::new(within_bounds(site)));
                let (core, region) = (of_core.core.clone(), region.clone());
                of_core.wanted = Some(AssignedSites { core, region, tag, sites: sites.collect() });
            }
        }
        if is_new && let Err(error) = self.keep() {
            tracing::warn!(%error, "the sites cannot be kept on disk; a restart without a node has none");
        }
        self.choose(now);
    }

    /// Forgets what a node wants: it does not know us any more. Gives whether any node is left.
    pub(super) fn forget(&self, core: usize, now: Moment) -> bool {
        let any = {
            let mut state = self.lock();
            if let Some(of_core) = state.get_mut(core) {
                of_core.wanted = None;
            }
            state.iter().any(|of_core| of_core.wanted.is_some())
        };
        let kept = match &self.file {
            Some(file) if !any => fs::remove_file(file),
            _ => self.keep(),
        };
        if let Err(error) = kept
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the sites on disk cannot be removed");
        }
        self.choose(now);
        any
    }

    /// Chooses the node whose sites count: the first that is there, or the first of all when all
    /// are away.
    pub(super) fn choose(&self, now: Moment) {
        let chosen = {
            let state = self.lock();
            let is_there = |c: &&CoreSites| c.answered_at.is_some_and(|at| now.since(at) <= AWAY);
            let known = || state.iter().filter(|of_core| of_core.wanted.is_some());
            let first = known().find(is_there).or_else(|| known().next());
            first.and_then(|of_core| of_core.wanted.as_ref()).map(|wanted| {
                let may = |site: &&Arc<Site>| self.allow_private || !site.private;
                let sites: Sites = wanted.sites.iter().filter(may).cloned().collect();
                (wanted.region.clone(), sites)
            })
        };
        self.chosen.send_if_modified(|known| {
            let other = *known != chosen;
            if other {
                *known = chosen;
            }
            other
        });
    }

    /// Writes the sites of all nodes to disk, atomically. They may be confidential.
    fn keep(&self) -> io::Result<()> {
        let text = {
            let state = self.lock();
            let all: Vec<&AssignedSites> = state.iter().filter_map(|c| c.wanted.as_ref()).collect();
            serde_json::to_vec(&all)?
        };
        let Some(path) = &self.file else { return Ok(()) };
        atomic_file::write(path, &text, OWNER_ONLY)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<CoreSites>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A site with limits that an agent's operator can live with, whatever a node says.
fn within_bounds(site: Site) -> Site {
    let interval = site.interval.max(SHORTEST_INTERVAL);
    let timeout = site.timeout.min(LONGEST_TIMEOUT).min(interval.max(SHORTEST_INTERVAL * 2));
    Site { interval, timeout, ..site }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::name::Slug;

    fn site(name: &str, private: bool) -> Site {
        let url = format!("https://{name}/").parse().unwrap();
        Site { private, ..Site::new(Slug::new(name).unwrap(), url) }
    }

    fn now(second: u64) -> Moment {
        Moment::from_millis(1_790_000_000_000) + Duration::from_secs(second)
    }

    fn names(choice: &SiteChoice) -> Vec<String> {
        let chosen = choice.chosen();
        let chosen = chosen.borrow();
        let sites = chosen.as_ref().map(|(_, sites)| sites.iter());
        sites.into_iter().flatten().map(|site| site.slug.as_str().to_owned()).collect()
    }

    #[test]
    fn the_first_node_that_is_there_decides_and_a_restart_knows_it() {
        let dir = tempfile::tempdir().unwrap();
        let cores: [Box<str>; 2] = ["https://a/".into(), "https://b/".into()];
        let region = Region::new("sydney").unwrap();
        let new = |choice: &SiteChoice, core, name, second| {
            let sites = vec![site(name, false), site("private.example", true)];
            choice.answered(core, &region, Some(("\"1\"".into(), sites)), now(second));
        };
        let choice = SiteChoice::new(dir.path(), &cores, false);
        assert!(names(&choice).is_empty() && choice.tag(1).is_none());
        new(&choice, 1, "b.example", 0);
        assert_eq!(names(&choice), ["b.example"]);
        new(&choice, 0, "a.example", 1);
        assert_eq!(names(&choice), ["a.example"]);
        choice.answered(1, &region, None, now(200));
        assert_eq!(names(&choice), ["b.example"]);
        choice.answered(0, &region, None, now(201));
        assert_eq!(names(&choice), ["a.example"]);

        let again = SiteChoice::new(dir.path(), &cores, true);
        assert_eq!(names(&again), ["a.example", "private.example"]);
        assert_eq!(again.tag(1).as_deref(), Some("\"1\""));
        assert!(again.forget(0, now(300)));
        assert_eq!(names(&again), ["b.example", "private.example"]);
        assert!(!again.forget(1, now(301)));
        assert!(names(&again).is_empty() && !dir.path().join("sites.json").exists());
        assert!(names(&SiteChoice::new(dir.path(), &cores, true)).is_empty());
    }

    #[test]
    fn a_damaged_file_is_no_reason_not_to_start_and_limits_hold() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("sites.json"), "[{\"core\":").unwrap();
        let choice = SiteChoice::new(dir.path(), &["https://a/".into()], false);
        assert!(names(&choice).is_empty());
        let wild = Site {
            interval: Duration::from_millis(1),
            timeout: Duration::from_hours(1),
            ..site("a.example", false)
        };
        let tame = within_bounds(wild);
        assert_eq!((tame.interval, tame.timeout), (SHORTEST_INTERVAL, SHORTEST_INTERVAL * 2));
    }
}
