//! `stillup serve`: starts all parts in the order of their dependencies.
//!
//! The pages are there first, with the state from the journal; Postgres may come later. The stop
//! goes in the direction of the data: no more checks, then those under way are judged and kept,
//! then recorded, and the private Postgres ends last.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::FutureExt;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    catalogue::CatalogueReloader,
    copies::Copies,
    database,
    files::{self, FdBudget},
    lifecycle::Lifecycle,
    meters, nodes,
    operators::OperatorFinder,
    publisher::Publisher,
    restore::{self, ProviderEvents, SiteStates},
    tasks::{anew, cancel_on, fail_if_early, run_on_own_thread},
};
use crate::app::notifier::Notifier;
use crate::{
    agents::{self, Agents, NodeParts},
    board::Board,
    config::{Catalogue, Config, Flags},
    lookup::{self, Lookups},
    operator::Operator,
    pipeline::{
        CanaryLink, Entry, Handover, HeardReports, Jobs, JournalWriter, Judge, LeaseFile, Pipeline,
        ProviderMonitor, Rechecks, Recorder, Refresh,
    },
    private_postgres::DataDir,
    store::{LeaseState, RecordingStore, Store, StoreHandle},
    token::Token,
    web::{self, Meters, Web},
};
use model::{name::Slug, report::Report, site::Sites};
use prober::{
    clock::Clock,
    journal::{Folder, Reader, Writer},
    probe::{Prober, ProberSettings},
    scheduler::{Canaries, Scheduler, SchedulerStats},
};

/// Reports between the probers and the pipeline at most.
const REPORTS: usize = 4_096;
/// Longest wait of a check for others to be judged with it; a tenth of a second is not noticeable.
const GATHER: Duration = Duration::from_millis(100);
/// Batches of agents that wait for the pipeline at most.
const MAX_HEARD_BATCHES: usize = 64;
/// Wishes of the judge to look again at most.
const MAX_RECHECKS: usize = 4_096;

/// Watches the sites of the catalogue and shows how they are, until a signal. The settings are what
/// these flags led to.
///
/// # Errors
/// Fails when it cannot start, when a part of it fails, or when it cannot end in order.
pub async fn serve(
    flags: &Flags,
    config: Config,
    catalogue: Catalogue,
    confirmed: Option<usize>,
) -> Result<()> {
    let mut life = Lifecycle::new()?;
    let room = files::room(config.probe.concurrency.get() as usize);
    let data = DataDir::claim(&config.data_dir)?;
    let app = App::build(&config, &data, &catalogue, confirmed, room)?;
    drop(catalogue);
    let (mut states, mut events) = app.restore(&config).context("the journal cannot be read")?;
    let (link_out, mut link) = watch::channel(None);
    let (lease_out, lease) = watch::channel(LeaseState::Unknown);
    let record = RecordingStore { link: link.clone(), lease };
    let public_url = serve_pages(&mut life, &config, &app, link.clone()).await?;
    let notifier = Notifier::new(flags, &config, app.operator.clone(), public_url)?;
    notifier.start(&mut life, &record, &app.board, &app.clock);
    let recorded = CancellationToken::new();
    let lease = (app.lease_file.clone(), app.board.clone(), app.clock.clone());
    nodes::keep_lease(&mut life, &config, &record, lease, lease_out, recorded.clone())?;
    start_database(&mut life, &config, &data, (link_out, &app.board), &recorded).await?;
    life.run_until_signal(restore::from_record(&app.sites, &mut states, &mut events, &mut link))
        .await;
    for (slug, state) in &states {
        app.board.show_state(slug, state, &[]);
    }
    let watcher = ProviderMonitor::new(config.judge.provider_ranges.clone(), events.into_values());
    let turns = Arc::new(SchedulerStats::default());
    let workload = meters::show_overload(turns.clone(), app.board.clone());
    life.start("workload", cancel_on(&life.stop(), workload));
    let (reports, reports_in) = mpsc::channel(REPORTS);
    let reports = app.peer_work().start(&mut life, &config, &data, reports)?;
    let judging = Judge::new(config.judge.rules.clone(), states).with_canaries(app.canaries(
        &mut life,
        &config,
        reports.clone(),
    ));
    app.find_operators(&mut life);
    app.know_agents(&mut life, &record);
    let copies = Copies { operator: app.operator.clone(), link: record.link.clone() };
    life.start_anew("copies of notices", move || copies.clone().run());
    nodes::share_files(&mut life, &config, &data, (app.operator.clone(), record.link.clone()));
    app.start(
        &mut life,
        &config,
        (judging, turns, watcher),
        (reports, reports_in),
        &record,
        recorded,
    );
    let fate = life.run().await;
    drop(data);
    tracing::info!("stopped");
    fate
}

/// Parts that can be built before anything runs; all mistakes in the configuration show here.
struct App {
    in_force: CatalogueReloader,
    hangup: Signal,
    sites: Sites,
    prober: Prober,
    clock: Clock,
    board: Arc<Board>,
    folder: Folder,
    writer: Writer,
    reader: Reader<Entry>,
    meters: Arc<Meters>,
    lookups: Lookups,
    room: FdBudget,
    agents: Agents,
    operator: Operator,
    channels: Channels,
    lease_file: LeaseFile,
    /// By which this node is an agent of its peers.
    token: Option<Token>,
}

/// The channels between the parts, which exist before these run.
struct Channels {
    sites: watch::Sender<Sites>,
    heard: mpsc::Receiver<HeardReports>,
    rechecks: Arc<Rechecks>,
    rechecks_out: mpsc::Sender<Slug>,
    rechecks_in: mpsc::Receiver<Slug>,
}

impl Channels {
    /// The channels for these sites, and the agents at the other end.
    fn new(
        config: &Config,
        sites: &Sites,
        (clock, board): (&Clock, &Arc<Board>),
        token: Option<&Token>,
    ) -> (Self, Agents) {
        let sites = watch::Sender::new(sites.clone());
        let (rechecks_out, rechecks_in) = mpsc::channel(MAX_RECHECKS);
        let rechecks = Arc::new(Rechecks::new(config.region.clone(), rechecks_out.clone()));
        let (heard_out, heard) = mpsc::channel(MAX_HEARD_BATCHES);
        let agents = Agents::new(NodeParts {
            region: config.region.clone(),
            board: board.clone(),
            clock: clock.clone(),
            sites: sites.subscribe(),
            heard: heard_out,
            rechecks: rechecks.clone(),
            own_token: token.map(|token| token.id().into()),
        });
        (Self { sites, heard, rechecks, rechecks_out, rechecks_in }, agents)
    }
}

impl App {
    fn build(
        config: &Config,
        data: &DataDir,
        catalogue: &Catalogue,
        confirmed: Option<usize>,
        room: FdBudget,
    ) -> Result<Self> {
        let journal = data.path().join("journal");
        let unusable = || format!("{} cannot be used", journal.display());
        // From now on SIGHUP reloads the catalogue; before, it would end the process.
        let hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
        let prober = Prober::new(&settings(config))?;
        let operator = super::operator(config, data.path());
        let in_force = CatalogueReloader::new(config, data.path(), operator.clone());
        let sites = in_force.at_start(catalogue, confirmed)?;
        let folder = Folder::open(&journal).with_context(unusable)?;
        let writer =
            Writer::new(folder.clone(), config.retention.journal.get()).with_context(unusable)?;
        let reader = Reader::resume(folder.clone()).with_context(unusable)?;
        let lease_file = LeaseFile::open(&folder, &agents::new_run()?).with_context(unusable)?;
        let (clock, board) = (Clock::system(), Arc::new(Board::new()));
        let lookups = lookups(config, &prober, &board, &clock);
        let meters = Arc::new(Meters::default());
        let token = nodes::token(config)?;
        let (channels, agents) = Channels::new(config, &sites, (&clock, &board), token.as_ref());
        lookups.set_elsewhere(Arc::new(agents.clone()));
        Ok(Self {
            in_force,
            hangup,
            sites,
            prober,
            clock,
            board,
            folder,
            writer,
            reader,
            meters,
            lookups,
            room,
            agents,
            operator,
            channels,
            lease_file,
            token,
        })
    }

    /// Starts the pipeline, from the scheduler to the recorder.
    fn start(
        self,
        life: &mut Lifecycle,
        config: &Config,
        (judging, turns, watcher): (Judge, Arc<SchedulerStats>, ProviderMonitor),
        (reports, reports_in): (mpsc::Sender<Report>, mpsc::Receiver<Report>),
        record: &RecordingStore,
        all_written: CancellationToken,
    ) {
        let Channels { sites: sites_out, heard, rechecks, rechecks_out, rechecks_in } =
            self.channels;
        let sites = sites_out.subscribe();
        let (written, judged) = (Arc::new(Handover::default()), CancellationToken::new());
        let (order_takeovers, takeovers) = mpsc::channel(1);
        let checker = Scheduler {
            probe: self.prober,
            region: config.region.clone(),
            concurrency: self.room.probes,
            clock: self.clock.clone(),
            stats: meters::register(&self.meters, turns, &reports, &rechecks_out),
            reports,
            stop: life.stop(),
        };
        let pipeline = Pipeline {
            judge: judging,
            provider_monitor: watcher,
            journal: JournalWriter::new(self.writer, written.clone()),
            board: self.board.clone(),
            clock: self.clock.clone(),
            rechecks,
            gather: GATHER,
            takeovers,
        };
        let recorder = Recorder {
            reader: Arc::new(Mutex::new(self.reader)),
            record: record.clone(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            written,
            lease_file: Some(self.lease_file),
            several_hosts: config.database_url.as_ref().is_some_and(|url| url.expose().count() > 1),
            takeovers: order_takeovers,
        };
        let (board, clock, keep) = (self.board, self.clock, config.retention.checks.get());
        start_upkeep(life, record, (board, clock), keep, sites.clone());
        let stop = life.stop();
        let checks = run_on_own_thread(checker.run(sites.clone(), rechecks_in));
        life.start("checker", fail_if_early(&stop, checks));
        let told = judged.clone();
        let judge = pipeline.run_with(reports_in, heard, sites).map(move |()| told.cancel());
        life.start("pipeline", fail_if_early(&stop, judge));
        life.start("recorder", async move {
            let run = || recorder.clone().run(judged.clone());
            let done = anew("recorder", &judged, run).await.context("the journal cannot be read");
            all_written.cancel();
            done
        });
        let follow = self.in_force.follow(self.hangup, sites_out, stop.clone());
        life.start("catalogue", fail_if_early(&stop, follow));
    }
}

impl App {
    /// Shows what is in the journal, and gives it.
    fn restore(&self, config: &Config) -> std::io::Result<(SiteStates, ProviderEvents)> {
        let (states, events) =
            restore::from_journal(&self.folder, &self.sites, &config.judge.rules)?;
        let waiting = self.folder.waiting(|entry: &Entry| entry.check().is_some())?;
        self.board.update_store_health(|record| record.kept = waiting);
        self.board.set_catalogue(&self.sites);
        for (slug, state) in &states {
            self.board.show_state(slug, state, &[]);
        }
        Ok((states, events))
    }

    /// Parts of the work for the peers.
    fn peer_work(&self) -> nodes::PeerWork {
        nodes::PeerWork {
            token: self.token.clone(),
            prober: self.prober.clone(),
            clock: self.clock.clone(),
            again: self.channels.rechecks_out.clone(),
        }
    }

    /// Starts to follow which agents there are.
    fn know_agents(&self, life: &mut Lifecycle, record: &RecordingStore) {
        let (agents, record) = (self.agents.clone(), record.clone());
        life.start_anew("agents", move || agents.clone().run(record.clone()));
    }

    /// Starts to find out who answers for the names of the sites.
    fn find_operators(&self, life: &mut Lifecycle) {
        let operators = OperatorFinder {
            prober: self.prober.clone(),
            board: self.board.clone(),
            clock: self.clock.clone(),
        };
        life.start_anew("operators of names", move || operators.clone().run());
    }

    /// Starts the canaries, which are asked in self-doubt.
    fn canaries(
        &self,
        life: &mut Lifecycle,
        config: &Config,
        reports: mpsc::Sender<Report>,
    ) -> CanaryLink {
        let (ask, asked) = mpsc::channel(1);
        let canaries = Canaries {
            region: config.region.clone(),
            addresses: config.judge.controls.clone(),
            prober: self.prober.clone(),
            clock: self.clock.clone(),
        };
        let stop = life.stop();
        life.start("controls", cancel_on(&stop, canaries.run(asked, reports)));
        CanaryLink::new(config.region.clone(), ask)
    }
}

/// Starts the record's own jobs, and what keeps the board and the catalogue's mirror up to date.
fn start_upkeep(
    life: &mut Lifecycle,
    record: &RecordingStore,
    (board, clock): (Arc<Board>, Clock),
    keep: Duration,
    sites: watch::Receiver<Sites>,
) {
    let jobs = Jobs { record: record.clone(), board: board.clone(), clock: clock.clone(), keep };
    let refresh = Refresh { record: record.clone(), sites, board, clock };
    life.start_anew("refresh", move || refresh.clone().run());
    life.start_anew("jobs", move || jobs.clone().run());
}

/// Serves the pages, and logs their address; returns the public URL.
async fn serve_pages(
    life: &mut Lifecycle,
    config: &Config,
    app: &App,
    record: StoreHandle,
) -> Result<Url> {
    let cannot = || format!("cannot listen on {}", config.listen);
    let listener = TcpListener::bind(config.listen).await.with_context(cannot)?;
    let bound = listener.local_addr().with_context(cannot)?;
    let public_url = public_url(config, bound)?;
    tracing::info!(
        // Behind a proxy it is not where the public URL leads.
        listen = %bound,
        sites = app.sites.len(),
        data = %config.data_dir.display(),
        "the page is at {public_url}"
    );
    let web = Web {
        record,
        region: config.region.clone(),
        lookups: app.lookups.clone(),
        trusted_proxies: config.web.trusted_proxies.as_slice().into(),
        reads_per_minute: config.web.reads_per_minute.get(),
        connections_per_visitor: config.web.connections_per_visitor.map(|most| most.get() as usize),
        title: config.web.title.as_str().into(),
        meters: app.meters.clone(),
        metrics_sites: config.web.metrics_sites.get() as usize,
        agents: Some(app.agents.clone()),
        operator: app.operator.clone(),
        again: Some(app.channels.rechecks_out.clone()),
        rules: config.judge.rules.clone(),
        ..Web::new(app.board.clone(), app.clock.clone(), public_url.clone())
    };
    let operator = app.operator.clone();
    life.start_anew("operator's files", move || operator.clone().follow());
    if let Some(publisher) = Publisher::new(&config.publish, &web)? {
        life.start_anew("publisher", move || publisher.clone().run());
    }
    let (stop, most) = (life.stop(), app.room.visitors);
    life.start("web server", async move {
        Ok(web::serve(listener, web::WebService::new(web), most, stop.cancelled_owned()).await?)
    });
    Ok(public_url)
}

/// The public URL; where the system chose the port, only the listener knows it.
fn public_url(config: &Config, bound: SocketAddr) -> Result<Url> {
    let mut url = Url::parse(&config.public_url).context("public_url is not a URL")?;
    if config.listen.port() == 0 && url.port() == Some(0) {
        // A URL with a host takes any port.
        let _ = url.set_port(Some(bound.port()));
    }
    Ok(url)
}

/// Starts the connection to Postgres, and the private one without a `database_url`.
async fn start_database(
    life: &mut Lifecycle,
    config: &Config,
    data: &DataDir,
    (link, board): (watch::Sender<Option<Store>>, &Arc<Board>),
    recorded: &CancellationToken,
) -> Result<()> {
    let hosts = if let Some(url) = &config.database_url {
        database::hosts(url)?
    } else {
        let stop = life.stop();
        let private = life
            .run_cancelled_by_signal(database::start_private_unless(data.path(), &stop))
            .await?;
        let Some(private) = private else {
            // A signal came before it ran. All end now, with no store ever there.
            life.start("link to Postgres", until_recorded(link, recorded.clone()));
            return Ok(());
        };
        let options = private.options();
        life.start("private Postgres", database::look_after(private, recorded.clone()));
        vec![options]
    };
    let (board, recorded) = (board.clone(), recorded.clone());
    life.start("link to Postgres", async move {
        let connect = || database::connect(&hosts, &link, &board, &recorded);
        anew("link to Postgres", &recorded, connect).await;
        Ok(())
    });
    Ok(())
}

/// Keeps the channel of a store that will never come open, as long as anything waits on it.
async fn until_recorded(link: watch::Sender<Option<Store>>, end: CancellationToken) -> Result<()> {
    end.cancelled().await;
    drop(link);
    Ok(())
}

/// Visitors' lookups, by the same prober.
fn lookups(config: &Config, prober: &Prober, board: &Arc<Board>, clock: &Clock) -> Lookups {
    let settings = lookup::LookupSettings {
        enabled: config.lookup.enabled,
        allow_private: config.lookup.allow_private,
        per_visitor: config.lookup.per_visitor.get(),
        cache: config.lookup.cache.get(),
        timeout: config.probe.timeout.get(),
        rules: config.judge.rules.clone(),
        region: config.region.clone(),
    };
    Lookups::new(Arc::new(prober.clone()), board.clone(), clock.clone(), settings)
}

/// Settings of the prober from the configuration.
pub fn settings(config: &Config) -> ProberSettings {
    ProberSettings {
        user_agent: config.probe.user_agent.clone(),
        max_body: usize::try_from(config.probe.max_body.get()).unwrap_or(usize::MAX),
        max_redirects: config.probe.max_redirects.get() as u8,
        nameservers: config.probe.nameservers.clone(),
        ca_file: config.probe.ca_file.clone(),
    }
}
