//! Hostile targets through the real prober, against a host on loopback that counts connections:
//! none arrives.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use crate::{
    board::Board,
    lookup::{LookupAnswer, LookupOutcome, LookupSettings, LookupStart, Lookups},
};
use model::{judge::Rules, name::Region, target::Refused};
use prober::{
    clock::Clock,
    probe::{self, Prober},
};
use testbed::{DnsAnswers, Host, Testbed};

/// Public, and nothing listens there: a sink for misdirected questions (RFC 7535).
const SINK: &str = "192.31.196.1";

struct GuardLab {
    testbed: Testbed,
    inside: Host,
    lookups: Lookups,
}

async fn lab(allow_private: bool) -> GuardLab {
    let testbed = Testbed::start().await.unwrap();
    let inside = testbed.host("inside.test").await.unwrap();
    let settings = probe::ProberSettings {
        user_agent: "stillup/test".to_owned(),
        max_body: 1024,
        max_redirects: 5,
        nameservers: vec![testbed.nameserver()],
        ca_file: None,
    };
    let prober = Arc::new(Prober::new(&settings).unwrap());
    let settings = LookupSettings {
        enabled: true,
        allow_private,
        per_visitor: 10_000,
        cache: Duration::from_secs(30),
        timeout: Duration::from_millis(400),
        rules: Rules::default(),
        region: Region::default(),
    };
    let board = Arc::new(Board::new());
    let lookups = Lookups::new(prober, board, Clock::system(), settings);
    GuardLab { testbed, inside, lookups }
}

impl GuardLab {
    /// Result for a target: refused as it is written, or an answer.
    async fn ask(&self, text: &str) -> Result<Arc<LookupAnswer>, Refused> {
        let target = self.lookups.read(text)?;
        match self.lookups.ask(&target, [192, 0, 2, 1].into(), false).unwrap() {
            LookupStart::Known(answered) => Ok(answered),
            LookupStart::Coming(mut coming) => Ok(coming.answer().await.unwrap()),
        }
    }
}

/// An IPv4 address in every notation that some program somewhere reads.
fn notations(v4: Ipv4Addr) -> Vec<String> {
    let mut all = numbers(v4);
    let whole = v4.to_bits();
    let (high, low) = (whole >> 16, whole & 0xffff);
    all.extend([
        format!("[::ffff:{v4}]"),
        format!("::ffff:{v4}"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        format!("[::{v4}]"),
        format!("[64:ff9b::{v4}]"),
        format!("[64:ff9b::{high:x}:{low:x}]"),
        format!("[64:ff9b:1::{v4}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2001:0:{high:x}:{low:x}::1]"),
        format!("[2001::{v4}]"),
        format!("[::ffff:0:{v4}]"),
        format!("[fe80::1%25{v4}]"),
    ]);
    all
}

/// Decimal, octal, hexadecimal, short, wide and escaped.
fn numbers(v4: Ipv4Addr) -> Vec<String> {
    let ([a, b, c, d], whole) = (v4.octets(), v4.to_bits());
    let (rest, low) = (whole & 0xff_ffff, whole & 0xffff);
    let wide = |digit: char| match digit.to_digit(10) {
        Some(value) => char::from_u32(0xff10 + value).unwrap(),
        None => '。',
    };
    let escaped =
        v4.to_string().bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
    vec![
        v4.to_string(),
        format!("{v4}."),
        whole.to_string(),
        format!("0x{whole:x}"),
        format!("0X{whole:X}"),
        format!("0{whole:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("000{a:o}.{b}.{c}.{d}"),
        format!("{a}.0x{b:x}.0{c:o}.{d}"),
        format!("{a}.{b}.{low}"),
        format!("{a}.{rest}"),
        format!("0x{a:x}.{rest}"),
        format!("{a}.0x{rest:x}."),
        v4.to_string().chars().map(wide).collect(),
        escaped,
    ]
}

/// Targets that are special as they are written.
fn written(own: Ipv4Addr) -> Vec<String> {
    let v4: [Ipv4Addr; 14] = [
        own,
        [127, 0, 0, 1].into(),
        [0, 0, 0, 0].into(),
        [10, 0, 0, 1].into(),
        [100, 64, 0, 1].into(),
        [100, 100, 100, 200].into(),
        [169, 254, 169, 254].into(),
        [169, 254, 170, 2].into(),
        [172, 16, 0, 1].into(),
        [192, 168, 1, 1].into(),
        [192, 0, 0, 192].into(),
        [198, 18, 0, 1].into(),
        [168, 63, 129, 16].into(),
        [255, 255, 255, 255].into(),
    ];
    let mut targets: Vec<String> = v4.into_iter().flat_map(notations).collect();
    targets.extend(
        ["::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1"]
            .into_iter()
            .chain(["2001:db8::1", "3fff::1", "2001:10::1", "5f00::1", "fd20:ce::254"])
            .map(|v6| format!("[{v6}]")),
    );
    targets.extend(["[::1%25lo]", "[::1%lo]", "[fe80::1%eth0]"].map(str::to_owned));
    targets.extend(["localhost", "LocalHost.", "a.localhost", "printer.local"].map(str::to_owned));
    targets
}

#[tokio::test(flavor = "multi_thread")]
async fn no_target_that_is_special_as_it_is_written_is_connected_to() {
    let lab = lab(false).await;
    let IpAddr::V4(own) = lab.inside.address() else { panic!("the testbed has IPv4") };
    let mut count = 0;
    for host in written(own) {
        let bare = host.starts_with("::");
        let wrapped = ["", "http://", "https://"].map(|scheme| format!("{scheme}{host}"));
        let rest = ["http://x@", "//"].map(|before| format!("{before}{host}"));
        let ports = [":80", ":443", ":8080", "/latest/meta-data/", "?x#y"];
        let rest = rest.into_iter().chain(ports.map(|after| format!("{host}{after}")));
        for target in wrapped.into_iter().chain(rest) {
            match lab.ask(&target).await {
                Err(_) => {}
                Ok(answered) => {
                    assert!(
                        matches!(answered.seen, LookupOutcome::Blocked(_)),
                        "{target}: {answered:?}"
                    );
                    assert!(!bare, "{target}");
                }
            }
            count += 1;
        }
    }
    assert!(count > 1_000, "{count} targets");
    assert_eq!(lab.inside.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_that_leads_inside_is_connected_to() {
    let lab = lab(false).await;
    let own = lab.inside.address();
    let at = |texts: &[&str]| {
        DnsAnswers::Addresses(texts.iter().map(|text| text.parse().unwrap()).collect())
    };
    let mapped: IpAddr = match own {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(_) => own,
    };
    let own = DnsAnswers::Addresses(vec![own]);
    let away = |names: DnsAnswers| (names, true);
    for (number, (names, blocked)) in [
        away(own.clone()),
        away(DnsAnswers::Addresses(vec![mapped])),
        away(at(&["127.0.0.1"])),
        away(at(&["::1"])),
        away(at(&["10.0.0.1", "192.168.0.1"])),
        away(at(&["169.254.169.254"])),
        away(at(&["fd00:ec2::254"])),
        away(at(&["::ffff:169.254.169.254"])),
        away(at(&["64:ff9b::a9fe:a9fe", "2002:7f00:1::"])),
        away(at(&["0.0.0.0"])),
        // Aliases.
        away(DnsAnswers::Alias(vec!["localhost".to_owned()], Box::new(own.clone()))),
        away(DnsAnswers::Alias(
            vec!["a.test".to_owned(), "b.test".to_owned()],
            Box::new(own.clone()),
        )),
        // Mixed answers, and names that change theirs: only the public address is tried.
        (at(&[SINK, "127.0.0.1"]), false),
        (DnsAnswers::Ahead(vec![SINK.parse().unwrap()]), false),
        (DnsAnswers::Rebind(Box::new(at(&[SINK])), Box::new(own.clone())), false),
        away(DnsAnswers::Rebind(Box::new(own.clone()), Box::new(at(&[SINK])))),
    ]
    .into_iter()
    .enumerate()
    {
        for scheme in ["", "http://"] {
            let name = format!("name{number}{}.test", scheme.len());
            let host = lab.testbed.host(&name).await.unwrap();
            host.dns(names.clone());
            let answered = lab.ask(&format!("{scheme}{name}")).await.unwrap();
            let seen = &answered.seen;
            if blocked {
                assert!(matches!(seen, LookupOutcome::Blocked(_)), "{names:?}: {seen:?}");
                // Answers of the internal name server are not for visitors.
                assert!(!answered.summary().contains("127."), "{}", answered.summary());
            } else {
                assert!(
                    !matches!(seen, LookupOutcome::Verdict(c) if c.check.outcome.cause().is_none())
                );
            }
            assert_eq!(host.connections(), 0, "{names:?}");
        }
    }
    assert_eq!(lab.inside.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_visitor_is_trusted_the_same_host_is_reached() {
    let lab = lab(true).await;
    let answered = lab.ask(&lab.inside.http_url()).await.unwrap();
    assert!(!answered.is_down() && answered.confirmed().is_some(), "{answered:?}");
    assert!(lab.inside.connections() > 0);
}
