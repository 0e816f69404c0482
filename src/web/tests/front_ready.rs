//! The front page is made once for many, by one of the requests, and anew when something changes; and what it
//! says where no site fits.

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Method, Request};
use tokio::{sync::Barrier, task::JoinSet};

use super::{ask, get, got, world::*};
use crate::web::{Web, WebService};
use model::outcome::Answer;
use prober::clock::{Clock, ManualClock};

const CROWD: usize = 64;
const MOMENT: Duration = Duration::from_millis(100);

/// Number of front pages rendered since the start.
async fn rendered(service: &WebService) -> usize {
    let metrics = ask(service, "/metrics", &[]).await;
    let name = "stillup_front_pages_rendered_total ";
    let figure = metrics.text().lines().find_map(|line| line.strip_prefix(name));
    figure.unwrap().parse().unwrap()
}

/// Sends many requests at once; returns the distinct answers.
async fn crowd(service: &WebService) -> HashSet<Vec<u8>> {
    let (mut crowd, start) = (JoinSet::new(), Arc::new(Barrier::new(CROWD)));
    for n in 0..CROWD {
        let (service, start) = (service.clone(), start.clone());
        crowd.spawn(async move {
            start.wait().await;
            ask(&service, &format!("/?_={n}"), &[]).await.body
        });
    }
    crowd.join_all().await.into_iter().collect()
}

fn by_hand() -> (World, WebService, ManualClock) {
    let (world, (clock, hand)) = (world(), Clock::manual(now()));
    let service = WebService::new(Web { clock, ..world.web.clone() });
    (world, service, hand)
}

fn slack_is_up(world: &World) {
    world.show_from("local", "slack.com", &[answered(Answer::Ok, 200, 9)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_costs_one_rendering_whatever_has_changed() {
    let (world, service, hand) = by_hand();
    let first = crowd(&service).await;
    assert_eq!((first.len(), rendered(&service).await), (1, 1), "nothing was there");
    slack_is_up(&world);
    assert_eq!(crowd(&service).await, first, "it was made just now");
    hand.move_to(now() + MOMENT);
    let second = crowd(&service).await;
    assert_eq!((second.len(), rendered(&service).await), (1, 2), "a verdict has changed");
    assert_ne!(first, second);
    hand.move_to(now() + MOMENT * 3);
    crowd(&service).await;
    assert_eq!(rendered(&service).await, 2, "it is not old");
    hand.move_to(now() + MOMENT * 4);
    assert_eq!(crowd(&service).await, second);
    assert_eq!(rendered(&service).await, 3, "it is old");
    hand.move_to(now() + MOMENT * 10);
    assert_eq!(
        (crowd(&service).await.len(), rendered(&service).await),
        (1, 4),
        "its second is over"
    );
}

#[tokio::test]
async fn a_change_shows_within_a_tenth_of_a_second_and_a_check_within_a_quarter() {
    let (world, service, hand) = by_hand();
    let down = "1 site is down";
    assert!(ask(&service, "/", &[]).await.text().contains(down));
    slack_is_up(&world);
    hand.move_to(now() + MOMENT);
    assert!(!ask(&service, "/", &[]).await.text().contains(down));
    world.board.update_store_health(|record| record.away_since = Some(now()));
    hand.move_to(now() + MOMENT * 4);
    assert!(ask(&service, "/", &[]).await.text().contains("waiting for its database"));
}

#[tokio::test]
async fn each_language_has_its_page_and_what_is_wished_for_goes_the_whole_way() {
    let (_world, service, _hand) = by_hand();
    let dutch = [("accept-language", "nl")];
    let page = async |path: &str, headers| ask(&service, path, headers).await.text().to_owned();
    let (plain, accepted) = (page("/", &[]).await, page("/?x", &dutch).await);
    let chosen = page("/?lang=nl&x=1", &[]).await;
    assert!(accepted.contains("1 van 7 sites") && chosen.contains("1 van 7 sites"));
    assert!(chosen.contains("href=\"/about?lang=nl\"") && accepted.contains("href=\"/about\""));
    assert_eq!(rendered(&service).await, 3);
    for (path, headers, like) in [
        ("/", &[][..], &plain),
        ("/?lang=tlh", &[], &plain),
        ("/?a=b&lang=nl", &[("accept-language", "en")], &chosen),
        ("/?lang", &dutch, &accepted),
    ] {
        assert_eq!(&page(path, headers).await, like, "{path}");
    }
    assert_eq!(rendered(&service).await, 3, "all of these were ready");
    for wish in ["status=down", "sort=name", "tag=film", "page=2", "q=flix", "s%6Frt=name"] {
        assert_ne!(page(&format!("/?{wish}"), &[]).await, plain, "{wish}");
    }
    assert_eq!(ask(&service, "/?q=slack", &[]).await.status, 303);
}

#[tokio::test]
async fn a_head_and_an_old_tag_are_answered_from_what_is_ready() {
    let (_world, service, _hand) = by_hand();
    for encoding in ["", "gzip", "gzip, deflate, br", "gzip, deflate, br, zstd"] {
        let taken = ("accept-encoding", encoding);
        let head = Request::builder().method(Method::HEAD).uri("/").header(taken.0, taken.1);
        let head = got(service.answer(head.body(Body::empty()).unwrap()).await).await;
        let whole = ask(&service, "/", &[taken]).await;
        assert_eq!((head.headers, head.body.len()), (whole.headers.clone(), 0));
        let vary: Vec<_> = whole.headers.get_all("vary").iter().collect();
        assert!(vary.contains(&&"accept-language".parse().unwrap()), "{vary:?}");
        assert!(vary.contains(&&"accept-encoding".parse().unwrap()), "{vary:?}");
        let sent = if encoding.is_empty() { "" } else { "gzip" };
        assert_eq!(whole.header("content-encoding"), sent);
        let tag = whole.header("etag");
        let old = "\"0123456789abcdef0123456789abcdef\"";
        let again = ask(&service, "/", &[taken, ("if-none-match", old)]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (200, whole.body.len()));
        let same = ask(&service, "/", &[taken, ("if-none-match", tag)]).await;
        assert_eq!((same.status.as_u16(), same.body.len(), same.header("etag")), (304, 0, tag));
        let before = rendered(&service).await;
        let among = ask(&service, "/", &[taken, ("if-none-match", &format!("{old}, {tag}"))]).await;
        assert_eq!((among.status.as_u16(), rendered(&service).await), (304, before + 1));
    }
    // Those that are answered with gzip share one, and each list of tags took a closer look.
    assert_eq!(rendered(&service).await, 2 + 4);
}

#[tokio::test(start_paused = true)]
async fn none_that_is_bad_is_good_news_only_where_all_are_known() {
    let world = World::of(&[site("a.example", "A", &["x"]), site("b.example", "B", &["x"])]);
    let said = async |path: &str| get(&world.router, path).await.text().to_owned();
    for path in ["/?status=down", "/?status=slow&tag=x"] {
        let page = said(path).await;
        assert!(page.contains("But of 2 sites we do not know how they are doing."), "{page}");
        assert!(!page.contains("good news"));
    }
    let up = answered(Answer::Ok, 200, 24_122);
    for slug in ["a.example", "b.example"] {
        world.show_from("local", slug, std::slice::from_ref(&up));
    }
    assert!(said("/?status=down&sort=tag").await.contains("That is good news."));
    let page = said("/?status=unknown").await;
    assert!(page.contains("Every one of these sites has another status."), "{page}");
    assert!(said("/?status=down&tag=y").await.contains("Check the spelling"));
}
