//! Support shared by the tests: channels, sites that go down, and a planner with deliveries.

use std::{sync::Arc, time::Duration};

use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    notification::{
        Channel, Destination,
        rule::{Rule, Topic},
    },
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    site::Site,
    site_request::Secret,
};
use prober::clock::Clock;
use sqlx::PgPool;
use stillup::{
    board::Board,
    notify::{Delivery, Planner, Sender},
    operator::Operator,
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, RecordingStore, Store, held_alone},
};
use tokio::{sync::watch, task::JoinHandle};
use url::Url;

use crate::until::{SOON, until};

pub(crate) const KEY: &str = "a key of more than sixteen letters";

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

pub(crate) fn public_url() -> Url {
    Url::parse("https://up.example/").unwrap()
}

/// A channel that sends everything at once.
pub(crate) fn channel(name: &str, target: Destination) -> Channel {
    Channel {
        name: name.into(),
        target,
        rule: Rule {
            sites: vec![],
            tags: vec![],
            providers: vec![],
            on: Topic::DEFAULT.to_vec(),
            lasting: Duration::ZERO,
            gather: Duration::ZERO,
            quiet: None,
            certificate_days: vec![],
        },
        language: "en",
        timeout: Duration::from_secs(5),
        per_minute: 600,
        retry_for: Duration::from_hours(1),
        ca_file: None,
    }
}

pub(crate) fn webhook(name: &str, url: &str) -> Channel {
    channel(name, Destination::Webhook { url: secret(url), secret: secret(KEY) })
}

fn site(name: &str) -> Arc<Site> {
    Arc::new(Site::new(Slug::new(name).unwrap(), format!("https://{name}/").parse().unwrap()))
}

/// A database, a board with sites on it, and the notifier.
pub(crate) struct NotifierUnderTest {
    pub(crate) store: Store,
    pub(crate) database: TestDatabase,
    board: Arc<Board>,
    clock: Clock,
    pub(crate) operator: Operator,
    /// The planner's signal to the deliveries; a test sends it too.
    made: watch::Sender<()>,
    states: std::collections::HashMap<String, SiteState>,
    /// Moment of the last check: no two have the same.
    last: Moment,
}

impl NotifierUnderTest {
    pub(crate) async fn new(sites: &[&str]) -> Self {
        let database = throwaway::database().await.unwrap();
        let store = Store::connect(database.options()).await.unwrap();
        let board = Arc::new(Board::new());
        board.set_catalogue(&sites.iter().map(|name| site(name)).collect::<Vec<_>>());
        let (made, _) = watch::channel(());
        let (clock, states) = (Clock::system(), std::collections::HashMap::new());
        let (operator, last) = (Operator::none(), Moment::default());
        Self { store, database, board, clock, operator, made, states, last }
    }

    /// The store as a node has it that is alone.
    fn record(&self) -> RecordingStore {
        let link = watch::channel(Some(self.store.clone())).1;
        RecordingStore { link, lease: held_alone() }
    }

    /// Starts a planner, once its channels are in force.
    pub(crate) async fn plan(&self, channels: &[Channel]) -> Task {
        let names: Vec<String> = channels.iter().map(|c| c.name.to_string()).collect();
        self.store.set_channels(&names, self.clock.now()).await.unwrap();
        let planner = Planner {
            channels: channels.into(),
            record: self.record(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            operator: self.operator.clone(),
            public_url: public_url(),
            made: self.made.clone(),
        };
        Task(tokio::spawn(planner.run()))
    }

    /// Starts the delivery of a channel.
    pub(crate) fn deliver(&self, channel: &Channel) -> Task {
        let delivery = Delivery {
            sender: Arc::new(Sender::new(channel.clone(), &public_url()).unwrap()),
            record: self.record(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            made: self.made.subscribe(),
        };
        Task(tokio::spawn(delivery.run()))
    }

    /// Lets every pause and loan be over.
    pub(crate) async fn let_time_pass(&self) {
        let pool = PgPool::connect_with(self.database.options()).await.unwrap();
        let over = "UPDATE messages SET next_at = now() - interval '1 s' WHERE ended_at IS NULL";
        sqlx::query(over).execute(&pool).await.unwrap();
        self.made.send_replace(());
    }

    /// Has Postgres forget that messages arrived.
    pub(crate) async fn lose_arrivals(&self) {
        let pool = PgPool::connect_with(self.database.options()).await.unwrap();
        let lost =
            "UPDATE messages SET ended_at = NULL, arrived = NULL, next_at = now() - interval '1 s'";
        sqlx::query(lost).execute(&pool).await.unwrap();
        self.made.send_replace(());
    }

    /// Waits until the last message has this answer noted.
    pub(crate) async fn noted(&self, answer: &str) {
        let pool = PgPool::connect_with(self.database.options()).await.unwrap();
        // While it is sent it has none: it is forgotten here between two tries.
        let last = "WITH l AS (SELECT number, answer FROM messages ORDER BY number DESC LIMIT 1)
                    UPDATE messages SET answer = NULL FROM l
                    WHERE messages.number = l.number AND l.answer IS NOT NULL RETURNING l.answer";
        let look = async || -> Option<String> {
            sqlx::query_scalar(last).fetch_optional(&pool).await.unwrap()
        };
        assert_eq!(until("an answer is noted", SOON, look).await, answer);
    }

    /// Time until the next try of the last message.
    pub(crate) async fn next_try_in(&self) -> Duration {
        let pool = PgPool::connect_with(self.database.options()).await.unwrap();
        let next = "SELECT extract(epoch FROM next_at - now())::float8 FROM messages
                    ORDER BY number DESC LIMIT 1";
        let seconds: f64 = sqlx::query_scalar(next).fetch_one(&pool).await.unwrap();
        Duration::from_secs_f64(seconds.max(0.0))
    }

    /// Shows a good check of a site on the board, with a certificate that ends then.
    pub(crate) fn show_certificate(&self, name: &str, ends: Moment) {
        let mut check = check(name, self.clock.now(), true);
        check.outcome.traces.certificate_expires_at = Some(ends);
        self.board.show(&Arc::new(check), &SiteState::default(), &[]);
    }

    /// Two checks of a site, as the recorder writes them.
    pub(crate) async fn turn(&mut self, name: &str, well: bool) {
        self.checks(name, well, &[1, 1]).await;
    }

    /// Sixteen good checks of a site, each after this many attempts.
    pub(crate) async fn looks(&mut self, name: &str, attempts: u8) {
        self.checks(name, true, &[attempts; 16]).await;
    }

    /// As many checks as there are numbers of attempts.
    async fn checks(&mut self, name: &str, well: bool, attempts: &[u8]) {
        let state = self.states.entry(name.to_owned()).or_default();
        let (mut checks, mut changes) = (Vec::new(), Vec::new());
        // Without an interval, a check confirms another at once, as for a lookup.
        let limits = Limits { interval: Duration::ZERO, ..Limits::of(&site(name)) };
        for attempts in attempts {
            self.last = self.clock.now().max(self.last + Duration::from_millis(1));
            let check = Check { attempts: *attempts, ..check(name, self.last, well) };
            let step = state.check(&check, &limits, &Rules::default());
            changes.extend(step.changes.into_iter().map(|change| (check.slug.clone(), change)));
            checks.push(check);
        }
        let states = vec![(Slug::new(name).unwrap(), state.clone())];
        self.store.record(&Batch { checks, changes, states, ..Batch::default() }).await.unwrap();
    }

    /// Number of messages of a channel that wait, arrived and were given up, in the store.
    pub(crate) async fn counts(&self, channel: &str) -> (u64, u64, u64) {
        let counts = self.store.count_messages(self.clock.now()).await.unwrap();
        let count = counts.iter().find(|count| count.channel == channel);
        count.map_or((0, 0, 0), |count| (count.waiting, count.arrived, count.failed))
    }

    /// Waits until the store has these counts for a channel.
    pub(crate) async fn counted(&self, channel: &str, want: (u64, u64, u64)) {
        let look = async || {
            let counts = self.counts(channel).await;
            if counts == want { Ok(()) } else { Err(counts) }
        };
        until(&format!("{channel} has {want:?}"), SOON, look).await;
    }
}

fn check(name: &str, at: Moment, well: bool) -> Check {
    let refused = Answer::Failed(Cause::new(Failure::Connect, "connection refused"));
    let outcome = Outcome {
        answer: if well { Answer::Ok } else { refused },
        http_status: well.then_some(200),
        phases: Phases { wait: well.then_some(9_000), ..Phases::default() },
        traces: Box::default(),
        observed: Box::default(),
    };
    let region = Region::new("local").unwrap();
    Check { slug: Slug::new(name).unwrap(), region, at, outcome, attempts: 1 }
}

/// A task that ends when it is dropped, wherever it is.
pub(crate) struct Task(JoinHandle<()>);

impl Task {
    /// Ends it, wherever it is, and waits until it has ended.
    pub(crate) async fn kill(mut self) {
        self.0.abort();
        drop((&mut self.0).await);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
