//! The shipped catalogue (or another one) on a full board, served by this process: every status, a day of latencies,
//! a failing provider with its sites, one site that is down from one region only, one that keeps
//! failing and coming back, and the error pages under `/trouble/{status}`. It probes nothing.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use model::{
    check::Check,
    failure_detail::{FailureDetail, Phase},
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::Region,
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    provider::{ProviderEvent, ProviderStatus},
    restriction::Restriction,
    site::Site,
    uptime::Uptime,
};
use prober::clock::Clock;
use stillup::{
    board::Board,
    config::{Catalogue, Defaults},
    web::{MAX_CONNECTIONS, Web, WebService, serve},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const MINUTE: Duration = Duration::from_mins(1);

/// The regions, as far as there are more than one.
const PLACES: [&str; 3] = ["local", "frankfurt", "sydney"];
/// The number of the site that is down from Sydney only.
const PARTIAL: usize = 44;
/// The number of the site that keeps failing and coming back.
const UNSTABLE: usize = 51;

/// Serves it until the test ends; where.
pub(crate) async fn serve_it() -> SocketAddr {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sites.toml");
    let catalogue = Catalogue::load(&path, &Defaults::default()).unwrap();
    assert!(catalogue.sites().len() > 240, "the shipped catalogue is the one that is looked at");
    serve_sites(&catalogue).await
}

/// Serves the sites of this catalogue in the same way.
pub(crate) async fn serve_catalogue(text: &str) -> SocketAddr {
    serve_sites(&Catalogue::parse(text, "sites.toml", &Defaults::default()).unwrap()).await
}

async fn serve_sites(catalogue: &Catalogue) -> SocketAddr {
    let (board, clock) = (Arc::new(Board::new()), Clock::system());
    fill(&board, catalogue, clock.now());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let web = Web::new(board, clock, format!("http://{address}/").parse().unwrap());
    tokio::spawn(serve(
        listener,
        WebService::with_error_pages(web),
        MAX_CONNECTIONS,
        std::future::pending(),
    ));
    address
}

fn fill(board: &Board, catalogue: &Catalogue, now: Moment) {
    board.set_catalogue(catalogue.sites());
    let mut uptimes = std::collections::HashMap::new();
    for (n, site) in catalogue.sites().iter().enumerate() {
        watch(board, site, n, now);
        let day = Some(if n % 9 == 0 { 0.998_21 } else { 1.0 });
        uptimes.insert(site.slug.clone(), Uptime { day, ..Uptime::default() });
    }
    board.set_uptimes(&uptimes);
    board.set_failing(vec![failing(board, now)]);
}

/// Twenty minutes of checks of site number `n`.
fn watch(board: &Board, site: &Site, n: usize, now: Moment) {
    let mut state = SiteState::default();
    let places: &[&str] = if n == PARTIAL { &PLACES } else { &PLACES[..1] };
    for turn in (0..20_u32).rev() {
        let at = now - MINUTE * turn - Duration::from_secs(n as u64 % 55);
        for place in places {
            let (slug, region) = (site.slug.clone(), Region::new(place).unwrap());
            let outcome = if site.provider.as_deref() == Some("aws") {
                at_aws(n, turn)
            } else {
                outcome(n, turn, place)
            };
            let check = Arc::new(Check { slug, region, at, outcome, attempts: 1 });
            let step = state.check(&check, &Limits::of(site), &Rules::default());
            let outages: Vec<_> = step.changes.into_iter().flat_map(|c| c.outages).collect();
            board.show(&check, &state, &outages);
        }
    }
}

/// The provider whose sites are bad together, as it would be detected.
fn failing(board: &Board, now: Moment) -> ProviderStatus {
    let of_aws = board.sites().into_iter().filter(|live| live.provider() == Some("aws"));
    let (slugs, statuses): (Vec<_>, Vec<_>) =
        of_aws.map(|live| (live.site.slug.clone(), live.verdict.status)).unzip();
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

/// Milliseconds that differ from site to site and from hour to hour.
fn spread(n: usize, hour: u64) -> u32 {
    let usual = 30 + (n as u64 * 7_919) % 200;
    (usual + (n as u64 * 31 + hour * 3_571) % (usual / 2 + 1)) as u32
}

/// Answer of site number `n`, served by Amazon Web Services, this many minutes ago.
fn at_aws(n: usize, turn: u32) -> Outcome {
    match n % 4 {
        0 if turn < 9 => Outcome::failed(
            Failure::Timeout,
            FailureDetail::TimedOut { phase: Phase::Wait, after_ms: 10_000 },
        ),
        1 if turn < 9 => Outcome::failed(Failure::Connect, FailureDetail::ConnectionRefused),
        2 if turn < 9 => answered(n, turn, 4_000_000),
        _ => answered(n, turn, 0),
    }
}

/// Answer of site number `n` to one region this many minutes ago: most are up, a dozen are not.
fn outcome(n: usize, turn: u32, place: &str) -> Outcome {
    let away = n == PARTIAL && place == "sydney" && turn < 12;
    let again = n == UNSTABLE && (turn < 4 || (14..18).contains(&turn));
    let mut outcome =
        answered(n, turn, if n.is_multiple_of(60) && turn < 12 { 4_000_000 } else { 0 });
    outcome.answer = match n % 31 {
        _ if away => Answer::Failed(Cause::new(Failure::Connect, FailureDetail::HostUnreachable)),
        _ if again => Answer::Failed(Cause::new(
            Failure::Reset,
            FailureDetail::ConnectionClosed { phase: Phase::Wait },
        )),
        3 if n < 100 && turn < 9 => {
            Answer::Failed(Cause::new(Failure::Dns, FailureDetail::NoSuchName))
        }
        7 => Answer::Restricted(Restriction::of_status(403)),
        _ => return outcome,
    };
    outcome.http_status = None;
    outcome
}

/// A good answer, this many microseconds later than usual.
fn answered(n: usize, turn: u32, late: u32) -> Outcome {
    let phases = Phases {
        dns: Some(8_000),
        connect: Some(21_400),
        tls: Some(34_200),
        wait: Some(spread(n, u64::from(turn)) * 1_000 + late),
        transfer: Some(1_800),
    };
    Outcome {
        answer: Answer::Ok,
        http_status: Some(200),
        phases,
        traces: Box::default(),
        observed: Box::default(),
    }
}

/// Answer to a browser at this address: the head, and the body as it is sent.
async fn travels(address: SocketAddr, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!(
        "GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: text/html,*/*;q=0.8\r\n\
         accept-encoding: gzip, deflate, br, zstd\r\nuser-agent: Mozilla/5.0\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    let end = all.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = all.split_off(end + 4);
    (String::from_utf8(all).unwrap().to_lowercase(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_view_of_the_shipped_catalogue_is_under_thirty_kilobytes() {
    let address = serve_it().await;
    for (path, count) in [
        ("/", 5),
        ("/slack.com", 6),
        ("/outages", 5),
        ("/providers/aws", 5),
        ("/api", 5),
        ("/api/schemas", 5),
    ] {
        first_view_is_small(address, path, count).await;
    }
}

/// Checks that a page with this number of linked files is under thirty kilobytes with all of them and the
/// heads of the answers.
pub(crate) async fn first_view_is_small(address: SocketAddr, path: &str, count: usize) {
    let page = plain(address, path).await;
    let is_part = |part: &&str| part.starts_with("/static/") || *part == "/site.webmanifest";
    let linked = page.split('"').filter(is_part);
    let mut parts: Vec<&str> = linked.collect();
    parts.sort_unstable();
    parts.dedup();
    assert_eq!(parts.len(), count, "a style, an icon, a manifest, the rest scripts: {parts:?}");
    let mut sizes = Vec::new();
    for path in [path].into_iter().chain(parts) {
        let (head, body) = travels(address, path).await;
        let small = body.len() < 1_000;
        assert!(small || head.contains("content-encoding: "), "{path}: {head}");
        sizes.push((path, head.len() + body.len()));
    }
    let sum: usize = sizes.iter().map(|(_, size)| size).sum();
    println!("the first view: {sum} bytes: {sizes:?}");
    assert!(sum < 30_000, "{sum}: {sizes:?}");
}

/// The page as it is before it is packed.
pub(crate) async fn plain(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: text/html\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}
