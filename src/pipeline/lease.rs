//! Keeps the lease of the record: takes it when it is free, and renews it.
//!
//! A node that is alone takes it at once. What this node knows of the lease is only a hint to its other
//! parts: the store refuses what is written without it.
//!
//! A term ends by the clock of Postgres alone. A node whose own clock differs from that one would date its
//! checks wrongly, and take every other region for one with a wrong clock; one whose disk takes nothing
//! records nothing. Both leave the record to another node, as long as there is one.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    atomic_file::{self, OWNER_ONLY},
    board::{Board, RecordingNode, StoreProblem},
    store::{
        LeaseAnswer, LeaseKey, LeaseRequest, LeaseState, Store, StoreError, StoreHandle, TakenLease,
    },
};
use prober::{clock::Clock, journal::Folder};

/// Length of a term that is not renewed.
const TERM: Duration = Duration::from_secs(15);
/// Interval at which a term is renewed.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);
/// Interval at which a node looks whether the lease is free, and between tries in vain.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// Difference from the clock of Postgres above which a node leaves the record to others. Regions whose
/// clock differs by more from that of a node have no vote there.
const MAX_CLOCK_OFFSET: Duration = Duration::from_secs(30);
/// Time for which the disk takes nothing after which a node does so too.
const MAX_HELD: Duration = Duration::from_secs(10);
/// Time for which it leaves a free lease to them…
const PATIENCE: Duration = Duration::from_secs(8);
/// …and after which it does so again.
const LEAVE_INTERVAL: Duration = Duration::from_mins(1);

/// The memory of a data directory about its lease, kept with the journal.
#[derive(Clone, Debug)]
pub struct LeaseFile {
    path: PathBuf,
    /// Names the directory.
    id: Box<str>,
}

/// Content of the file.
#[derive(Debug, Deserialize, Serialize)]
struct LeaseMemory {
    id: Box<str>,
    /// The last term that the journal goes on from.
    epoch: Option<i64>,
}

impl LeaseFile {
    /// The file in the folder of the journal, which is made if it is missing; `new_id` names a new one.
    ///
    /// # Errors
    /// Fails when the disk refuses.
    pub fn open(folder: &Folder, new_id: &str) -> io::Result<Self> {
        let path = folder.path().join("lease.json");
        if let Some(known) = read(&path)? {
            return Ok(Self { path, id: known.id });
        }
        let file = Self { path, id: new_id.into() };
        file.write(None)?;
        Ok(file)
    }

    /// Remembers that the journal is what this term goes on from.
    pub(super) fn remember(&self, epoch: i64) -> io::Result<()> {
        self.write(Some(epoch))
    }

    /// The last term that the journal goes on from.
    pub(super) fn epoch(&self) -> Option<i64> {
        read(&self.path).ok().flatten()?.epoch
    }

    fn write(&self, epoch: Option<i64>) -> io::Result<()> {
        let text = serde_json::to_vec(&LeaseMemory { id: self.id.clone(), epoch })?;
        atomic_file::write(&self.path, &text, OWNER_ONLY)
    }
}

/// The content of the file; `None` when there is none that can be read.
fn read(path: &PathBuf) -> io::Result<Option<LeaseMemory>> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the lease when it is free, and renews it.
#[derive(Debug)]
pub struct LeaseKeeper {
    /// The store, once it could be reached.
    pub link: StoreHandle,
    /// Memory of the data directory.
    pub file: LeaseFile,
    /// The name of this node, for people.
    pub node: Box<str>,
    /// Names the process.
    pub run: Arc<str>,
    /// The state for the other parts.
    pub state: watch::Sender<LeaseState>,
    /// Board on which the state of the record is shown.
    pub board: Arc<Board>,
    /// The node's own clock.
    pub clock: Clock,
    /// True if there are other nodes.
    pub has_peers: bool,
}

/// Knowledge of this process about its turn.
#[derive(Debug)]
struct Turn {
    /// True before the first answer: a restart takes its own lease back at once, and never again. Two
    /// processes that believe to be the same node would take it from each other for ever.
    anew: bool,
    /// Moment up to which it left the record to others. It does so again only after some time: none of
    /// them may want it.
    left_at: Option<Instant>,
}

impl LeaseKeeper {
    /// Keeps the lease until `ended`, and then lets go of it: another node takes over at once.
    pub async fn run(&self, ended: CancellationToken) {
        let mut turn = Turn { anew: true, left_at: None };
        loop {
            let store = self.link.borrow().clone();
            let pause = match store {
                Some(store) => self.look(&store, &mut turn).await,
                None => Duration::from_millis(20),
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = ended.cancelled() => break,
            }
        }
        let store = self.link.borrow().clone();
        if let (Some(store), Some(key)) = (store, self.key()) {
            drop(store.renew_lease(&key, Duration::ZERO).await);
        }
    }

    fn key(&self) -> Option<LeaseKey> {
        let LeaseState::Held { key, .. } = &*self.state.borrow() else { return None };
        key.clone()
    }

    fn set(&self, state: LeaseState) {
        self.state.send_if_modified(|known| {
            let other = *known != state;
            *known = state;
            other
        });
    }

    /// Shows which node records, where there are several.
    fn show(&self, name: &str, here: bool) {
        if self.has_peers || !here {
            let recorder = Some(RecordingNode { name: name.into(), here });
            self.board.update_store_health(|record| record.recorder = recorder);
        }
    }

    /// One look, or one renewal; gives the pause after it.
    async fn look(&self, store: &Store, turn: &mut Turn) -> Duration {
        match self.key() {
            Some(key) => self.renew(store, &key, turn).await,
            None => self.ask(store, turn).await,
        }
    }

    async fn renew(&self, store: &Store, key: &LeaseKey, turn: &mut Turn) -> Duration {
        // The term may have run out while Postgres is away: whoever takes over then is seen at the next
        // answer.
        let Ok(unfit) = self.unfit(store).await else { return LOOK_INTERVAL / 2 };
        let again = turn.left_at.is_none_or(|at| at.elapsed() > LEAVE_INTERVAL);
        let leaves = unfit.filter(|_| again);
        let term = if leaves.is_some() { Duration::ZERO } else { TERM };
        match (store.renew_lease(key, term).await, leaves) {
            (Ok(true), None) => RENEW_INTERVAL,
            (Ok(true), Some(why)) => {
                tracing::warn!(why, "the record is left to another node, if there is one");
                turn.left_at = Some(Instant::now());
                self.set(LeaseState::Elsewhere);
                LOOK_INTERVAL
            }
            (Ok(false), _) => {
                tracing::warn!("another node took over the record; this one follows it");
                self.set(LeaseState::Elsewhere);
                Duration::ZERO
            }
            (Err(_), _) => LOOK_INTERVAL / 2,
        }
    }

    async fn ask(&self, store: &Store, turn: &mut Turn) -> Duration {
        match self.take(store, turn).await {
            Ok((state, name)) => {
                turn.anew = false;
                let held = matches!(state, LeaseState::Held { .. });
                let first = *self.state.borrow() == LeaseState::Unknown;
                self.show(&name, held);
                self.set(state);
                if held {
                    return RENEW_INTERVAL;
                }
                if first {
                    tracing::info!(node = %name, "another node records; this one follows it");
                }
            }
            Err(error) => {
                let sqlstate = error.sqlstate().map(String::into_boxed_str);
                let why = StoreProblem { sqlstate, short: error.short() };
                if *self.state.borrow() == LeaseState::Unknown {
                    self.board.update_store_health(|record| record.why = Some(why));
                }
            }
        }
        LOOK_INTERVAL
    }

    /// Tries to take the lease; gives the name of the node that has it.
    async fn take(
        &self,
        store: &Store,
        turn: &mut Turn,
    ) -> Result<(LeaseState, Box<str>), StoreError> {
        let patient = self.unfit(store).await?.is_some();
        let request = LeaseRequest {
            holder: self.file.id.clone(),
            node: self.node.clone(),
            run: self.run.clone(),
            anew: turn.anew && !patient,
            patience: if patient { PATIENCE } else { Duration::ZERO },
            term: TERM,
        };
        // Read before: what the file says is of a term that is over once there is another one.
        let known = self.file.epoch();
        let TakenLease { key, before } = match store.take_lease(&request).await? {
            LeaseAnswer::Taken(taken) => taken,
            LeaseAnswer::HeldBy(node) => return Ok((LeaseState::Elsewhere, node)),
        };
        if patient && before.is_some() {
            turn.left_at = Some(Instant::now());
        }
        let continues =
            before.is_none_or(|(holder, epoch)| holder == self.file.id && known == Some(epoch));
        let epoch = key.epoch();
        if continues {
            tracing::debug!(epoch, "this node records");
        } else {
            tracing::info!(epoch, "this node takes over the record");
        }
        Ok((LeaseState::Held { key: Some(key), continues }, self.node.clone()))
    }

    /// Reason why another node had better record, if there is one.
    async fn unfit(&self, store: &Store) -> Result<Option<&'static str>, StoreError> {
        if !self.has_peers {
            return Ok(None);
        }
        // However long Postgres took to answer, its moment lies between these two.
        let before = self.clock.now();
        let there = store.clock().await?;
        let after = self.clock.now();
        if before.since(there).max(there.since(after)) > MAX_CLOCK_OFFSET {
            return Ok(Some("this machine's clock is not that of Postgres"));
        }
        let held = self.board.store_health().held_since;
        let is_held = held.is_some_and(|since| after.since(since) > MAX_HELD);
        Ok(is_held.then_some("this machine's disk takes nothing"))
    }
}

#[cfg(test)]
mod tests {
    use model::moment::Moment;
    use sqlx::PgPool;
    use tempfile::TempDir;

    use super::*;
    use crate::private_postgres::throwaway::{self, TestDatabase};

    struct LeaseNode {
        keeper: LeaseKeeper,
        turn: Turn,
        _dir: TempDir,
    }

    impl LeaseNode {
        fn new(name: &str, clock: Clock, store: &Store) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let folder = Folder::open(dir.path().join("journal")).unwrap();
            let keeper = LeaseKeeper {
                link: watch::channel(Some(store.clone())).1,
                file: LeaseFile::open(&folder, name).unwrap(),
                node: name.into(),
                run: name.into(),
                state: watch::channel(LeaseState::Unknown).0,
                board: Arc::new(Board::new()),
                clock,
                has_peers: true,
            };
            Self { keeper, turn: Turn { anew: true, left_at: None }, _dir: dir }
        }

        /// Returns whether it has the lease after another look.
        async fn records(&mut self, store: &Store) -> bool {
            self.keeper.look(store, &mut self.turn).await;
            let shown = self.keeper.board.store_health().recorder;
            let held = self.keeper.key().is_some();
            assert!(!held || shown.is_some_and(|shown| shown.here));
            held
        }

        fn recorder(&self) -> String {
            self.keeper.board.store_health().recorder.unwrap().name.into()
        }
    }

    async fn database() -> (Store, PgPool, TestDatabase) {
        let database = throwaway::database().await.unwrap();
        let pool = PgPool::connect_with(database.options()).await.unwrap();
        (Store::connect(database.options()).await.unwrap(), pool, database)
    }

    /// Lets a minute pass for the lease.
    async fn pass(pool: &PgPool) {
        let back = "UPDATE lease SET until = until - interval '1 minute'";
        sqlx::query(back).execute(pool).await.unwrap();
    }

    /// Holds a node that is unfit against one that is not.
    async fn leaves_it_to_another(mut unfit: LeaseNode, store: &Store, pool: &PgPool) {
        let mut other = LeaseNode::new("other", Clock::system(), store);
        assert!(!unfit.records(store).await, "it is left");
        assert!(!unfit.records(store).await, "it stays free for a while");
        assert!(other.records(store).await);
        assert!(other.records(store).await, "renewed");
        assert!(!unfit.records(store).await);
        assert_eq!((unfit.recorder(), other.recorder()), ("other".into(), "other".into()));
        // The other one is gone: an unfit node is better than none, and does not leave it again.
        pass(pool).await;
        assert!(unfit.records(store).await);
        assert!(unfit.records(store).await);
        assert!(!other.records(store).await, "its term is over");
        assert!(!other.records(store).await);
        assert_eq!(other.recorder(), "unfit");
    }

    #[tokio::test]
    async fn a_node_with_a_wrong_clock_leaves_the_lease_to_another() {
        for minutes in [-5, 5] {
            let (store, pool, _database) = database().await;
            let now = Clock::system().now();
            let wrong = Moment::from_millis(now.millis() + minutes * 60_000);
            let mut unfit = LeaseNode::new("unfit", Clock::starting_at(wrong), &store);
            // Alone it takes the first term.
            assert!(unfit.records(&store).await);
            leaves_it_to_another(unfit, &store, &pool).await;
        }
    }

    #[tokio::test]
    async fn a_node_whose_disk_takes_nothing_leaves_the_lease_to_another() {
        let (store, pool, _database) = database().await;
        let mut unfit = LeaseNode::new("unfit", Clock::system(), &store);
        assert!(unfit.records(&store).await);
        assert!(unfit.records(&store).await);
        let since = Moment::from_millis(Clock::system().now().millis() - 11_000);
        unfit.keeper.board.update_store_health(|record| record.held_since = Some(since));
        leaves_it_to_another(unfit, &store, &pool).await;
    }

    #[tokio::test]
    async fn a_node_without_peers_keeps_the_lease_whatever_its_clock_says() {
        let (store, _pool, _database) = database().await;
        let mut node = LeaseNode::new("alone", Clock::starting_at(Moment::from_millis(0)), &store);
        node.keeper.has_peers = false;
        for _ in 0..3 {
            node.keeper.look(&store, &mut node.turn).await;
            assert!(node.keeper.key().is_some());
        }
        assert_eq!(node.keeper.board.store_health().recorder, None, "there is one node");
    }

    #[tokio::test]
    async fn two_processes_of_one_data_directory_do_not_take_the_lease_from_each_other() {
        let (store, _pool, _database) = database().await;
        let mut first = LeaseNode::new("same", Clock::system(), &store);
        let mut second = LeaseNode::new("same", Clock::system(), &store);
        second.keeper.run = "another".into();
        assert!(first.records(&store).await);
        assert!(second.records(&store).await, "it takes its own lease back, once");
        for _ in 0..3 {
            assert!(!first.records(&store).await);
            assert!(second.records(&store).await);
        }
    }
}
