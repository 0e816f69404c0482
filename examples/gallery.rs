//! Serves the pages over a hand-filled board, with every status on it and a failing provider, for
//! work on the look of pages: `cargo run --example gallery`, then <http://127.0.0.1:8090/>. Probes
//! nothing.

use std::{sync::Arc, time::Duration};

use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, HttpVersion, Outcome, Phases, Traces},
    provider::{ProviderEvent, ProviderStatus},
    restriction::Restriction,
    site::Site,
    uptime::Uptime,
};
use prober::clock::Clock;
use stillup::{
    board::Board,
    lookup::Lookups,
    web::{MAX_CONNECTIONS, Web, WebService, serve},
};

const NAMES: [&str; 30] = [
    "Slack",
    "Medium",
    "BuzzFeed",
    "Netflix",
    "Spotify",
    "Snapchat",
    "Amazon",
    "GitHub",
    "Google",
    "Microsoft",
    "Bol",
    "NOS",
    "NU.nl",
    "Marktplaats",
    "DigiD",
    "Wikipedia",
    "Reddit",
    "Discord",
    "Zoom",
    "Dropbox",
    "Stripe",
    "PayPal",
    "Trello",
    "Twitch",
    "Steam",
    "Airbnb",
    "Quora",
    "Imgur",
    "Docker Hub",
    "npm",
];
const TAGS: [&str; 6] = ["chat", "reading", "music", "shopping", "work", "news"];
const MINUTE: Duration = Duration::from_mins(1);

/// The regions, as far as there are more than one.
const PLACES: [&str; 3] = ["local", "frankfurt", "sydney"];
/// The number of the site that is down from Sydney only.
const PARTIAL: usize = 4;
/// The number of the site that keeps failing and coming back.
const UNSTABLE: usize = 10;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let clock = Clock::system();
    let board = Arc::new(Board::new());
    fill(&board, clock.now())?;
    let web = Web {
        board,
        record: tokio::sync::watch::channel(None).1,
        clock,
        public_url: "http://127.0.0.1:8090/".parse()?,
        region: Region::new("local")?,
        lookups: Lookups::off(),
        trusted_proxies: Arc::default(),
        reads_per_minute: 0,
        connections_per_visitor: None,
        title: "stillup".into(),
        meters: Arc::default(),
        metrics_sites: 2_000,
        agents: None,
        rules: model::judge::Rules::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8090").await?;
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    serve(listener, WebService::with_error_pages(web), MAX_CONNECTIONS, stop).await?;
    Ok(())
}

fn fill(board: &Board, now: Moment) -> anyhow::Result<()> {
    let sites: Vec<Arc<Site>> = (0..135).map(site).collect::<anyhow::Result<_>>()?;
    board.set_catalogue(&sites);
    let mut uptimes = std::collections::HashMap::new();
    for (n, site) in sites.iter().enumerate().filter(|(n, _)| n % 27 != 26) {
        let mut state = SiteState::default();
        let places: &[&str] = if n == PARTIAL { &PLACES } else { &PLACES[..1] };
        for (turn, place) in (0..40).rev().flat_map(|turn| places.iter().map(move |p| (turn, p))) {
            let at = now - MINUTE * turn - Duration::from_secs(n as u64 % 55);
            let outcome = outcome(n, turn, place, now);
            let region = Region::new(place)?;
            let slug = site.slug.clone();
            let check = Arc::new(Check { slug, region, at, outcome, attempts: 1 });
            let step = state.check(&check, &Limits::of(site), &Rules::default());
            let outages: Vec<_> = step.changes.into_iter().flat_map(|c| c.outages).collect();
            board.show(&check, &state, &outages);
        }
        let (day, week) = (Some(1.0), Some(0.999_512));
        let month = Some(0.9987);
        uptimes.insert(site.slug.clone(), Uptime { day, week, month, ..Uptime::default() });
    }
    board.set_uptimes(&uptimes);
    board.set_failing(vec![failing(board, now)]);
    board.update_store_health(|record| record.away_since = Some(now - MINUTE * 12));
    Ok(())
}

/// The provider whose sites are bad together, as it would be detected.
fn failing(board: &Board, now: Moment) -> ProviderStatus {
    let of_aws = board.sites().into_iter().filter(|watched| watched.provider() == Some("aws"));
    let (slugs, statuses): (Vec<_>, Vec<_>) =
        of_aws.map(|watched| (watched.site.slug.clone(), watched.verdict.status)).unzip();
    let bad = slugs.iter().zip(&statuses).filter(|(_, status)| status.is_outage());
    let event = ProviderEvent {
        provider: "aws".into(),
        started_at: now - MINUTE * 9,
        noticed_at: now - MINUTE * 7,
        ended_at: None,
        sites: bad.map(|(slug, _)| slug.clone()).collect(),
        evidence: None,
        withdrawn_at: None,
    };
    let members = slugs.iter().zip(statuses).map(|(slug, status)| (slug, status, None));
    ProviderStatus::of("aws", members, Some(event))
}

fn site(n: usize) -> anyhow::Result<Arc<Site>> {
    let (name, again) = (NAMES[n % 30], n / 30);
    let mut stem = name.to_lowercase().replace(' ', "-");
    if again > 0 {
        stem = format!("{stem}-{again}");
    }
    let host = if stem.contains('.') { stem } else { format!("{stem}.com") };
    Ok(Arc::new(Site {
        name: if again > 0 { format!("{name} {again}") } else { name.to_owned() }.into(),
        provider: (n.is_multiple_of(3) && n < 30).then(|| "aws".into()),
        tags: vec![TAGS[n % 7 % 6].into()],
        ..Site::new(Slug::new(&host)?, format!("https://{host}/").parse()?)
    }))
}

/// Answer of site number `n` to one region this many checks ago.
fn outcome(n: usize, turn: u32, place: &str, now: Moment) -> Outcome {
    let fail = |failure, detail: &str| Answer::Failed(Cause::new(failure, detail));
    let answer = match n {
        0 if turn < 37 => fail(Failure::Dns, "no such name"),
        PARTIAL if place == "sydney" && turn < 12 => fail(Failure::Connect, "no route to host"),
        UNSTABLE if turn < 4 || (14..18).contains(&turn) => fail(Failure::Reset, "reset by peer"),
        6 | 9 | 12 | 15 | 18 | 21 if turn < 9 => fail(Failure::Http, "HTTP 503"),
        7 if (12..19).contains(&turn) => fail(Failure::Timeout, "no answer within 10 s"),
        1 => Answer::Restricted(Restriction::of_status(403)),
        _ => Answer::Ok,
    };
    let slow = if n == 2 && turn < 12 { 20 } else { 1 };
    let wait = (90_000 + (n as u32 * 7_919 + turn * 3_571) % 70_000) * slow;
    let [dns, connect, tls, transfer] = [8_000, 21_400, 34_200, 18_000].map(Some);
    let phases = Phases { dns, connect, tls, wait: Some(wait), transfer };
    let failed = matches!(answer, Answer::Failed(_));
    let traces = Traces {
        address: Some([192, 0, 2, (n % 250) as u8].into()),
        http_version: Some(HttpVersion::Http2),
        certificate_expires_at: Some(now + Duration::from_hours(24 * (5 + n as u64 * 9))),
        ..Traces::default()
    };
    let http_status = match n {
        1 => Some(403),
        6 | 9 | 12 | 15 | 18 | 21 if failed => Some(503),
        _ => (!failed).then_some(200),
    };
    let phases =
        if n == 0 && failed { Phases { dns: Some(12_000), ..Phases::default() } } else { phases };
    Outcome { answer, http_status, phases, traces: Box::new(traces), observed: Box::default() }
}
