//! What a replay needs: the bed, the prober, the pipeline and the pages, all of its own.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, watch},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::{Options, look::Stage, record::Record, scratch::Scratch};
use crate::{
    bed::Bed,
    board::Board,
    clock::{Clock, Hand},
    config::Story,
    journal::{Folder, Writer},
    lookup::Lookups,
    model::{
        check::Check,
        judge::Rules,
        name::{Region, Slug},
        provider::Ranges,
        site::Sites,
    },
    pipeline::{Judging, Keeper, Pipeline, Watcher},
    probe::{Prober, Settings},
    store::Link,
    web::{self, Web},
};

/// Checks and wishes under way at most.
const QUEUE: usize = 4_096;
/// Bytes that the journal of a replay may take.
const JOURNAL: u64 = 1 << 30;
/// How long the judge may take for what it was sent, in steps of a millisecond.
const PATIENCE: u32 = 20_000;

/// The house of a replay. Everything in it ends when it is dropped.
#[derive(Debug)]
pub(super) struct House {
    pub(super) board: Arc<Board>,
    pub(super) clock: Clock,
    pub(super) region: Region,
    /// Where its pages are.
    pub(super) url: Url,
    checks: mpsc::Sender<Check>,
    again: mpsc::Receiver<Slug>,
    hand: Option<Hand>,
    _sites: watch::Sender<Sites>,
    _stop: DropGuard,
    _bed: Bed,
    _scratch: Scratch,
}

impl House {
    /// Builds it and opens its doors, with the sites of the story on the stage.
    pub(super) async fn build(story: &Story, options: &Options) -> Result<(Self, Stage)> {
        let scratch = Scratch::new().context("there is no room for temporary files")?;
        let bed = Bed::start().await.context("the test bed cannot be started")?;
        let prober = prober(&bed, &scratch)?;
        let stage = Stage::open(&bed, prober, &story.sites, &story.usual, options.speed).await?;
        let (clock, hand) = Clock::moved_by_hand(story.begins);
        let (board, region) = (Arc::new(Board::new()), Region::default());
        let (stop, all_sites): (_, Sites) = (CancellationToken::new(), story.sites.clone().into());
        board.set_catalogue(&all_sites);

        let cannot = || format!("cannot listen on {}", options.listen);
        let listener = TcpListener::bind(options.listen).await.with_context(cannot)?;
        let address = listener.local_addr().with_context(cannot)?;
        let url = Url::parse(&format!("http://{address}/")).context("no address for the pages")?;
        let folder = Folder::open(scratch.path().join("journal")).context("no journal")?;
        let writer = Writer::new(folder.clone(), JOURNAL).context("no journal")?;
        let (sites, sites_in) = watch::channel(all_sites);
        let written = Arc::new(Notify::new());
        let record = Record {
            folder,
            written: written.clone(),
            board: board.clone(),
            clock: clock.clone(),
            sites: sites_in.clone(),
        };
        let link = record.start(&stop)?;
        let web = pages((&board, link), &clock, &url, &story.title);
        tokio::spawn(serve(listener, web, stop.clone()));

        let (checks, checks_in) = mpsc::channel(QUEUE);
        let (again_out, again) = mpsc::channel(QUEUE);
        let pipeline = Pipeline {
            judging: Judging::new(Rules::default(), std::collections::HashMap::new()),
            watcher: Watcher::new(Ranges::default(), []),
            keeper: Keeper::new(writer, written),
            board: board.clone(),
            clock: clock.clone(),
            again: again_out,
            gather: Duration::ZERO,
        };
        tokio::spawn(pipeline.run(checks_in, sites_in));
        let house = Self {
            board,
            clock,
            region,
            url,
            checks,
            again,
            hand: Some(hand),
            _sites: sites,
            _stop: stop.drop_guard(),
            _bed: bed,
            _scratch: scratch,
        };
        Ok((house, stage))
    }

    /// The hand of its clock, for whoever asks first.
    pub(super) fn take_hand(&mut self) -> Option<Hand> {
        self.hand.take()
    }

    /// Judges checks and waits until they are shown; gives the sites to look at again.
    pub(super) async fn judge(&mut self, checks: Vec<Check>) -> Result<Vec<Slug>> {
        let last: Vec<_> = checks.iter().map(|check| (check.slug.clone(), check.at)).collect();
        for check in checks {
            self.checks.send(check).await.context("the judge is gone")?;
        }
        let shown = |board: &Board| {
            last.iter().all(|(slug, at)| {
                board.site(slug.as_str()).is_some_and(|w| w.checked_at() >= Some(*at))
            })
        };
        for _ in 0..PATIENCE {
            if shown(&self.board) {
                let mut again = Vec::new();
                while let Ok(slug) = self.again.try_recv() {
                    again.push(slug);
                }
                return Ok(again);
            }
            sleep(Duration::from_millis(1)).await;
        }
        anyhow::bail!("the judge does not answer")
    }
}

/// The real prober, with the bed for an internet.
fn prober(bed: &Bed, scratch: &Scratch) -> Result<Prober> {
    let ca_file = scratch.path().join("ca.pem");
    std::fs::write(&ca_file, bed.ca_pem()).context("there is no room for temporary files")?;
    let settings = Settings {
        user_agent: format!("stillup/{} (replay)", env!("CARGO_PKG_VERSION")),
        max_body: 64 * 1024,
        max_redirects: 10,
        nameservers: vec![bed.nameserver()],
        ca_file: Some(ca_file),
    };
    Ok(Prober::new(&settings)?)
}

/// Serves the pages until it is told to stop.
async fn serve(listener: TcpListener, web: Web, stop: CancellationToken) {
    if let Err(error) =
        web::serve(listener, web::doors(web), web::CONNECTIONS, stop.cancelled_owned()).await
    {
        tracing::error!(%error, "the pages cannot be served any more");
    }
}

/// What the pages are given.
fn pages((board, record): (&Arc<Board>, Link), clock: &Clock, url: &Url, title: &str) -> Web {
    Web {
        board: board.clone(),
        record,
        clock: clock.clone(),
        public_url: url.clone(),
        region: Region::default(),
        // A story has no world outside of it.
        lookups: Lookups::off(),
        trusted_proxies: [].into(),
        reads_per_minute: 0,
        title: format!("stillup replay: {title}").into(),
        meters: Arc::default(),
        metrics_sites: 2_000,
    }
}
