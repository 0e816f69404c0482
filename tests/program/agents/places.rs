//! Four agents in two regions beside the node's own: what is seen from where, and that an agent that dies or
//! comes back changes nothing.

use super::{
    outputs::{FeedEntry, Told, messages, well},
    *,
};

/// The testbeds of regions, which have the same names and ports and each its own servers.
struct Testbeds(Vec<Testbed>);

impl Testbeds {
    async fn new(count: usize) -> Self {
        let mut beds = Vec::new();
        for _ in 0..count {
            beds.push(Testbed::start().await.unwrap());
        }
        Self(beds)
    }

    /// The entry of a site that stands at one port in all places.
    async fn site(&self, slug: &str) -> String {
        let first = self.0[0].host_on(slug, Ports::FREE).await.unwrap();
        for bed in &self.0[1..] {
            let host = bed.host_on(slug, first.ports()).await.unwrap();
            assert_eq!(host.ports(), first.ports());
        }
        crate::server::entry(slug, &first.http_url())
    }

    async fn behave(&self, place: usize, slug: &str, behaviour: Behaviour) {
        let host = self.0[place].host_on(slug, Ports::FREE).await.unwrap();
        host.behave(behaviour).await.unwrap();
    }

    fn nameservers(&self, place: usize) -> String {
        format!("nameservers = [\"{}\"]", self.0[place].nameserver())
    }
}

/// The regions, each with what it sees.
const fn seen<'a>(ams: &'a str, nyc: &'a str, syd: &'a str) -> [(&'a str, &'a str); 3] {
    [("amsterdam", ams), ("new-york", nyc), ("sydney", syd)]
}

const UP: [(&str, &str); 3] = seen("up", "up", "up");
const WELL: [&str; 3] = ["well-1.example", "well-2.example", "well-3.example"];
/// Sites that something happens to, and what is told of each then.
const SITES: [(&str, Told<'_>); 4] = [
    (
        "all.example",
        Told {
            status: "down",
            regions: &seen("down", "down", "down"),
            sentence: "is down",
            feed: FeedEntry::GoesOn("down"),
            message: "down",
            ..well(&UP)
        },
    ),
    (
        "one.example",
        Told {
            status: "partial",
            regions: &seen("up", "up", "down"),
            sentence: "is down from sydney",
            mark: "from sydney",
            feed: FeedEntry::GoesOn("partial"),
            message: "partial",
            ..well(&UP)
        },
    ),
    (
        "two.example",
        Told {
            status: "down",
            regions: &seen("up", "down", "down"),
            sentence: "is down",
            feed: FeedEntry::GoesOn("down"),
            message: "down",
            ..well(&UP)
        },
    ),
    (
        "slow.example",
        Told {
            regions: &seen("up", "up", "slow"),
            sentence: "is up, but slow from sydney; it is quick from 2 other places",
            mark: "slow from sydney",
            ..well(&UP)
        },
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_three_places_see_is_told_with_the_place_and_an_agent_that_dies_or_returns_changes_nothing()
 {
    let places = Testbeds::new(3).await;
    let mut catalogue = String::new();
    for slug in SITES.iter().map(|(slug, _)| *slug).chain(WELL) {
        catalogue += &places.site(slug).await;
    }
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue, Some(database.url()));
    let receiver = Receiver::start(Answer::Answers(200)).await;
    let own = format!("[probe]\n{}\n[lookup]\nallow_private = true\n", places.nameservers(0));
    settings(&service, &receiver, &own);
    service.start(&[]).await;
    let (relay, mut agents) = (Relay::to(&service).await, Vec::new());
    for (name, region, place) in [
        ("syd-1", "sydney", 1),
        ("syd-2", "sydney", 1),
        ("nyc-1", "new-york", 2),
        ("nyc-2", "new-york", 2),
    ] {
        let token = add(&service, name, region).await;
        let core = if name == "syd-1" { relay.url() } else { service.url("") };
        let mut agent = AgentProcess::new(&core, &token, &places.nameservers(place));
        agent.start().await;
        agents.push(agent);
    }
    for slug in SITES.iter().map(|(slug, _)| *slug).chain(WELL) {
        well(&UP).of(&service, &receiver, slug).await;
    }
    a_visitor_is_told_what_each_place_sees(&service, &places).await;
    // The two agents of a region share its sites.
    let counts = async |name| agent_of(&service, name).await.unwrap()["sites"].as_u64().unwrap();
    let (one, other) = (counts("syd-1").await, counts("syd-2").await);
    assert_eq!(one + other, 7, "{one} {other}");

    for place in 0..3 {
        places.behave(place, "all.example", Behaviour::Refuse).await;
    }
    places.behave(1, "one.example", Behaviour::Refuse).await;
    places.behave(1, "two.example", Behaviour::Refuse).await;
    places.behave(2, "two.example", Behaviour::Refuse).await;
    let late = Behaviour::AnswerAfter(Duration::from_millis(1_500), HttpAnswer::ok());
    places.behave(1, "slow.example", late).await;
    for (slug, told) in &SITES {
        told.of(&service, &receiver, slug).await;
    }
    let lines = || -> Vec<String> {
        let slugs = SITES.iter().map(|(slug, _)| *slug).chain(WELL);
        let lines = slugs.flat_map(|slug| messages(&receiver, slug));
        lines.map(|line| line.to_string()).collect()
    };
    let says = |slug: &str, words: &str| {
        let lines = messages(&receiver, slug);
        assert!(lines.iter().any(|line| line.to_string().contains(words)), "{words}: {lines:?}");
    };
    says("one.example", "is down from sydney: no connection could be made");
    says("two.example", "Down from new-york and sydney; it answers from amsterdam.");

    // One agent dies, with lines that it could not send: the other one of its region takes its sites, and nothing
    // else happens.
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let (changes, died_at) = (changes(&pool).await, Clock::system().now());
    relay.lead(None);
    let waits = async || (agents[0].figure("stillup_agent_outbox_bytes").await > 0).then_some(());
    until("its lines wait on disk", SOON, waits).await;
    agents[0].end("KILL").await;
    relay.lead(Some(address_of(&service)));
    let covers = async || (counts("syd-2").await == 7).then_some(());
    until("the other one covers for it", Duration::from_mins(3), covers).await;
    let died = died_at..=Clock::system().now();
    let same = async || {
        for (slug, told) in &SITES {
            told.of(&service, &receiver, slug).await;
        }
        for slug in WELL {
            well(&UP).of(&service, &receiver, slug).await;
        }
    };
    same().await;
    // It comes back.
    agents[0].start().await;
    let sent = async || {
        let (sent, left) = ("stillup_agent_acknowledged_total", "stillup_agent_outbox_bytes");
        let (sent, left) = (agents[0].figure(sent).await, agents[0].figure(left).await);
        (sent > 0 && left == 0).then_some(()).ok_or((sent, left))
    };
    until("it has sent what waited", SOON, sent).await;
    same().await;
    assert_eq!(self::changes(&pool).await, changes, "no verdict changed");
    is_whole(&pool, ("sydney", died)).await;
    let well = lines().into_iter().filter(|line| line.contains("\"slug\":\"well-"));
    assert_eq!(well.count(), 0, "nobody is told of it");
}

/// A visitor asks for a site that nobody probes, and that refuses to answer Sydney.
async fn a_visitor_is_told_what_each_place_sees(service: &Service, places: &Testbeds) {
    drop(places.site("guest.example").await);
    places.behave(1, "guest.example", Behaviour::Refuse).await;
    let guest = places.0[0].host_on("guest.example", Ports::FREE).await.unwrap().http_url();
    // What a place says late is there for the next visitor.
    let all = async || {
        let told = service.json(&format!("/api/v1/lookup?target={guest}")).await;
        (told["elsewhere"].as_array().unwrap().len() == 2).then_some(told)
    };
    let told = until("all places have looked", SOON, all).await;
    let seen =
        |place: usize| (&told["elsewhere"][place]["region"], &told["elsewhere"][place]["status"]);
    assert_eq!(seen(0), (&json!("new-york"), &json!("up")), "{told}");
    assert_eq!(seen(1), (&json!("sydney"), &json!("down")), "{told}");
    assert_eq!(told["status"], "partial", "{told}");
    assert!(told["summary"].as_str().unwrap().contains("is down from sydney"), "{told}");
    let page = format!("GET /{}", told["slug"].as_str().unwrap());
    let (status, _, page) = service.ask(&page, &["accept: text/html"]).await;
    assert!(status == 200 && page.contains("Down from sydney"), "{status}: {page}");
}

/// The verdicts in the record.
async fn changes(pool: &PgPool) -> Vec<(String, OffsetDateTime, i16)> {
    let read = "SELECT s.slug, c.at, c.status FROM changes c JOIN sites s ON s.id = c.site_id
         ORDER BY c.at, s.slug";
    sqlx::query_as(read).fetch_all(pool).await.unwrap()
}
