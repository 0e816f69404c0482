//! `stillup serve`: everything at once, in the order of its needs.
//!
//! The pages are there first, with what the journal knows; Postgres may come when it can. At the
//! end everything goes in the direction of the data: no more turns, then what was seen is judged
//! and kept, then recorded, and the private Postgres last.

use std::{
    io,
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, watch},
};
use tokio_util::sync::CancellationToken;

use super::{catalogue::InForce, database, lifecycle::Lifecycle, restore};
use crate::{
    board::Board,
    checker::Checker,
    clock::Clock,
    config::{Catalogue, Config},
    journal::{Folder, Reader, Writer},
    pipeline::{Judging, Keeper, Pipeline, Recorder, Refresh, Sites},
    postgres::DataDir,
    probe::Prober,
    web::{self, Web},
};

/// Checks between the checker and the pipeline at most.
const CHECKS: usize = 4_096;
/// Wishes of the judge to look again at most.
const WISHES: usize = 4_096;

/// Watches the sites of the catalogue and shows how they are, until a signal.
///
/// # Errors
/// When it cannot start, when a part of it fails, or when it cannot end in order.
pub async fn serve(config: Config, catalogue: Catalogue, confirmed: Option<usize>) -> Result<()> {
    let mut life = Lifecycle::new()?;
    let data = DataDir::claim(&config.data_dir)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let in_force = InForce::new(&config, data.path());
    let sites: Sites = in_force.at_start(&catalogue, confirmed)?;
    let prober = Prober::new(&config.probe.settings())?;
    let clock = Clock::system();
    let board = Arc::new(Board::new());

    let folder = Folder::open(data.path().join("journal")).with_context(|| unwritable(&data))?;
    let mut states = restore::from_journal(&folder, &sites, &config.judge.rules)
        .context("the journal cannot be read")?;
    board.set_catalogue(&sites);
    states.iter().for_each(|(slug, state)| board.show_state(slug, state, &[]));

    let stop = life.stop();
    let turns = Arc::default();
    let web = Web::new(&config.web, board.clone(), clock.clone(), Arc::clone(&turns));
    tracing::info!(
        sites = sites.len(),
        data = %data.path().display(),
        "the page is at {}",
        config.public_url
    );
    life.start("web server", {
        let stop = stop.clone();
        async move { Ok(web::serve(listener, web::router(web), stop.cancelled_owned()).await?) }
    });

    let recorded = CancellationToken::new();
    let (link_out, mut link) = watch::channel(None);
    let options = match &config.database_url {
        Some(url) => url.options(),
        None => {
            let private = database::start_private(data.path()).await?;
            let options = private.options();
            life.start("private Postgres", database::look_after(private, recorded.clone()));
            options
        }
    };
    life.start("link to Postgres", database::connect(options, link_out, recorded.clone()));
    restore::from_record(&mut states, &mut link).await;

    let (sites_out, sites_in) = watch::channel(sites);
    let (checks_out, checks_in) = mpsc::channel(CHECKS);
    let (again_out, again_in) = mpsc::channel(WISHES);
    let written = Arc::new(Notify::new());
    let writer = Writer::new(folder.clone(), config.retention.journal)?;
    let reader = Reader::resume(folder).context("the journal cannot be read")?;

    let checker = Checker {
        look: prober,
        region: config.region.clone(),
        concurrency: config.probe.concurrency,
        clock: clock.clone(),
        checks: checks_out,
        turns,
        stop: stop.clone(),
    };
    let pipeline = Pipeline {
        judging: Judging::new(config.judge.rules.clone(), states),
        keeper: Keeper::new(writer, written.clone()),
        board: board.clone(),
        clock: clock.clone(),
        again: again_out,
    };
    let recorder = Recorder {
        reader: Arc::new(Mutex::new(reader)),
        link: link.clone(),
        board: board.clone(),
        clock: clock.clone(),
        written,
    };
    let refresh = Refresh {
        link,
        sites: sites_in.clone(),
        board,
        clock,
        keep: config.retention.checks,
    };
    let judged = CancellationToken::new();
    life.start("checker", {
        let (sites, stop) = (sites_in.clone(), stop.clone());
        until(stop, async move { checker.run(sites, again_in).await })
    });
    life.start("pipeline", {
        let (judged, stop) = (judged.clone(), stop.clone());
        async move {
            pipeline.run(checks_in, sites_in).await;
            judged.cancel();
            ended(&stop)
        }
    });
    life.start("recorder", async move {
        let done = recorder.run(judged).await.context("the journal cannot be read");
        recorded.cancel();
        done
    });
    life.start("refresh", {
        let stop = stop.clone();
        async move {
            tokio::select! { () = refresh.run() => {}, () = stop.cancelled() => {} }
            ended(&stop)
        }
    });
    life.start("catalogue", in_force.follow(sites_out, stop));
    let fate = life.run().await;
    drop(data);
    tracing::info!("stopped");
    fate
}

/// A task that is over when it is told to end, and has failed when it ends before.
async fn until(stop: CancellationToken, task: impl Future<Output = ()>) -> Result<()> {
    task.await;
    ended(&stop)
}

fn ended(stop: &CancellationToken) -> Result<()> {
    if stop.is_cancelled() { Ok(()) } else { Err(io::Error::other("it ended by itself").into()) }
}

fn unwritable(data: &DataDir) -> String {
    format!("{} cannot be written", data.path().display())
}
