//! The shipped catalogue on a full board, served by this process: every status, a day of latencies,
//! and the pages of trouble under `/trouble/{status}`. It asks nobody anything.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use stillup::{
    board::Board,
    clock::Clock,
    config::{Catalogue, Defaults},
    lookup::Lookups,
    model::{
        check::Check,
        judge::{Limits, Rules, SiteState},
        moment::Moment,
        name::Region,
        outcome::{Answer, Cause, Failure, Outcome, Phases},
        uptime::Uptime,
    },
    web::{CONNECTIONS, Web, gallery, serve},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Serves it until the test ends; where.
pub(crate) async fn serve_it() -> SocketAddr {
    let (board, clock) = (Arc::new(Board::new()), Clock::system());
    fill(&board, clock.now());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let web = Web {
        board,
        record: tokio::sync::watch::channel(None).1,
        clock,
        public_url: format!("http://{address}/").parse().unwrap(),
        region: Region::default(),
        lookups: Lookups::off(),
        trusted_proxies: Arc::default(),
        reads_per_minute: 0,
        title: "stillup".into(),
        meters: Arc::default(),
        metrics_sites: 2_000,
    };
    tokio::spawn(serve(listener, gallery(web), CONNECTIONS, std::future::pending()));
    address
}

fn fill(board: &Board, now: Moment) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sites.toml");
    let catalogue = Catalogue::load(&path, &Defaults::default()).unwrap();
    assert!(catalogue.sites().len() > 240, "the shipped catalogue is the one that is looked at");
    board.set_catalogue(catalogue.sites());
    let mut uptimes = std::collections::HashMap::new();
    for (n, site) in catalogue.sites().iter().enumerate() {
        let hours = (0..24_u64).map(|ago| (now - HOUR * ago as u32, spread(n, ago) * 1_000, 60));
        board.fill_day(&site.slug, hours);
        let mut state = SiteState::default();
        for turn in (0..20_u32).rev() {
            let at = now - MINUTE * turn - Duration::from_secs(n as u64 % 55);
            let (slug, region) = (site.slug.clone(), Region::default());
            let check = Check { slug, region, at, outcome: outcome(n, turn), attempts: 1 };
            let step = state.check(&check, &Limits::of(site), &Rules::default());
            let outages: Vec<_> = step.changes.into_iter().flat_map(|c| c.outages).collect();
            board.show(&check, &state, &outages);
        }
        let day = Some(if n % 9 == 0 { 0.998_21 } else { 1.0 });
        uptimes.insert(site.slug.clone(), Uptime { day, ..Uptime::default() });
    }
    board.set_uptimes(&uptimes);
}

/// Milliseconds that differ from site to site and from hour to hour.
fn spread(n: usize, hour: u64) -> u32 {
    let usual = 30 + (n as u64 * 7_919) % 200;
    (usual + (n as u64 * 31 + hour * 3_571) % (usual / 2 + 1)) as u32
}

/// What site number `n` answers so many minutes ago: most are well, a dozen are not.
fn outcome(n: usize, turn: u32) -> Outcome {
    let wait = spread(n, u64::from(turn)) * 1_000;
    let slow = n.is_multiple_of(60) && turn < 12;
    let answer = match n % 31 {
        3 if turn < 9 => Answer::Failed(Cause::new(Failure::Timeout, "no answer within 10 s")),
        7 => Answer::Restricted("HTTP 403".into()),
        _ => Answer::Ok,
    };
    let phases = Phases {
        dns: Some(8_000),
        connect: Some(21_400),
        tls: Some(34_200),
        wait: Some(if slow { wait + 4_000_000 } else { wait }),
        transfer: Some(1_800),
    };
    let http_status = matches!(answer, Answer::Ok).then_some(200);
    Outcome { answer, http_status, phases, traces: Box::default() }
}

/// What a browser gets at this address: the head, and the body as it travels.
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
    let page = plain(address, "/").await;
    let linked = page.split('"').filter(|part| part.starts_with("/static/"));
    let mut parts: Vec<&str> = linked.collect();
    parts.sort_unstable();
    parts.dedup();
    assert_eq!(parts.len(), 3, "a style, a script and an icon: {parts:?}");
    let mut sizes = Vec::new();
    for path in ["/"].into_iter().chain(parts) {
        let (head, body) = travels(address, path).await;
        let small = body.len() < 1_000;
        assert!(small || head.contains("content-encoding: "), "{path}: {head}");
        sizes.push((path, body.len()));
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
