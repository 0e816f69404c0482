//! Page, API and badge show what a site does.

use crate::{
    server::{Mood, SLOW, Server},
    service::{SOON, Service, until},
};

/// Waits until the site has this status, with this cause, on page, API and badge alike.
async fn shows(service: &Service, slug: &str, status: &str, cause: Option<&str>) {
    let seen = async || {
        let site = service.json(&format!("/api/v1/sites/{slug}")).await;
        let fits = site["status"] == status && site["cause"]["failure"].as_str() == cause;
        fits.then_some(site)
    };
    let site = until(&format!("{slug} is {status}, {cause:?}"), SOON, seen).await;
    let (code, page) = service.get(&format!("/{slug}")).await;
    assert_eq!(code, 200);
    assert!(page.contains(&format!("data-status=\"{status}\"")), "{page}");
    assert!(site["since"].is_string() && site["fresh"] == true, "{site}");
    let (code, badge) = service.get(&format!("/badge/{slug}.svg")).await;
    assert!(code == 200 && badge.contains(&format!(">{status}</text>")), "{badge}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_site_shows_what_it_does_and_one_that_recovers_comes_back() {
    let cases = [
        ("refusing.example", Mood::Refusing, "down", Some("connect")),
        ("broken.example", Mood::Broken, "down", Some("http")),
        ("silent.example", Mood::Silent, "down", Some("timeout")),
        ("late.example", SLOW, "slow", None),
    ];
    let mut catalogue = String::new();
    let well = Server::start(Mood::Well).await;
    // Most sites are well, or it would be our own line that is broken.
    for number in 0..8 {
        catalogue += &well.entry(&format!("well-{number}.example"));
    }
    let mut servers = Vec::new();
    for (slug, mood, ..) in cases {
        let server = Server::start(mood).await;
        catalogue += &server.entry(slug);
        servers.push(server);
    }
    let mut service = Service::new(&catalogue, None);
    service.start(&[]).await;

    for number in 0..8 {
        shows(&service, &format!("well-{number}.example"), "up", None).await;
    }
    for (slug, _, status, cause) in cases {
        shows(&service, slug, status, cause).await;
        let (_, page) = service.get(&format!("/{slug}")).await;
        assert!(page.contains("<b>ongoing</b>"), "{page}");
    }
    let (_, front) = service.get("/").await;
    let wrong = front.split_once("Having problems now").unwrap().1;
    let wrong = wrong.split_once("</section>").unwrap().0;
    for (slug, ..) in cases {
        assert!(wrong.contains(slug), "{slug} is not among what is wrong: {wrong}");
    }
    assert!(!wrong.contains("well-"), "{wrong}");

    for server in &servers {
        server.turn(Mood::Well);
    }
    for (slug, _, status, _) in cases {
        shows(&service, slug, "up", None).await;
        let (_, page) = service.get(&format!("/{slug}")).await;
        let outages = page.split_once("id=\"outages\"").unwrap().1;
        let row = format!("<li class=\"{status}\">");
        assert!(outages.contains(&row) && !outages.contains("<b>ongoing</b>"), "{outages}");
    }
}
