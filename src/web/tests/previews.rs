//! The pictures for link previews: PNGs of the right size, named by the pages, and drawn once for the same words.

use super::{get, world::*};
use crate::web::preview::{TALL, WIDE};

/// Width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[tokio::test(start_paused = true)]
async fn each_page_that_can_be_shared_names_a_picture_of_what_it_says() {
    let world = world();
    for (path, picture) in [
        ("/", "/preview.png"),
        ("/slack.com", "/slack.com/preview.png"),
        ("/outages", "/preview.png"),
        (
            "/outages/slack.com-1488290935000-down",
            "/outages/slack.com-1488290935000-down/preview.png",
        ),
    ] {
        let page = get(&world.router, path).await;
        let minute = now().seconds() / 60;
        let address = format!("https://stillup.example{picture}?lang=en&#38;v={minute}");
        let tag = format!("<meta property=\"og:image\" content=\"{address}\">");
        assert!(page.text().contains(&tag), "{path}: {}", &page.text()[..3_000]);
        let got = get(&world.router, &format!("{picture}?lang=en&v={minute}")).await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "image/png"), "{path}");
        assert_eq!(size(&got.body), (WIDE, TALL), "{path}");
        assert!(got.body.len() < 150_000, "{path}: {}", got.body.len());
        let dutch = get(&world.router, &format!("{picture}?lang=nl")).await;
        assert_ne!(got.body, dutch.body, "{path}");
    }
    for path in ["/nobody.example", "/nothing/here"] {
        assert!(!get(&world.router, path).await.text().contains("og:image"), "{path}");
    }
    for path in ["/nobody.example/preview.png", "/outages/x/preview.png", "/preview.svg"] {
        assert_eq!(get(&world.router, path).await.status, 404, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_picture_says_when_it_was_true() {
    let world = world();
    let first = get(&world.router, "/netflix.com/preview.png").await;
    assert_eq!(get(&world.router, "/netflix.com/preview.png").await.body, first.body);
    tokio::time::advance(MINUTE).await;
    assert_ne!(get(&world.router, "/netflix.com/preview.png").await.body, first.body);
}
