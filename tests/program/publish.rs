//! `[publish]`: the copy of the pages in a folder, and in a bucket of a server that speaks S3.

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, http::HeaderMap, http::Method, http::StatusCode, http::Uri};
use tokio::net::TcpListener;

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

const SECRET: &str = "aSecretKeyThatNobodyShouldSee";

/// Objects of the bucket: by path, the query of the address, the headers and the content.
type KeptFile = Arc<Mutex<HashMap<String, (String, HeaderMap, Bytes)>>>;

/// A server on loopback that takes what is put into it, as S3 does; gives its address.
async fn bucket(kept: KeptFile) -> String {
    let put = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        if method != Method::PUT {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        let query = uri.query().unwrap_or_default().to_owned();
        kept.lock().unwrap().insert(uri.path().to_owned(), (query, headers, body));
        StatusCode::OK
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(put)).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_pages_goes_to_a_bucket_signed_with_its_media_types() {
    let (site, kept) = (Server::start(Mood::Well).await, KeptFile::default());
    let mut service = Service::new(&site.entry("well.example"), None);
    service.write_settings(
        "[judge]\ncontrols = []\n[publish]\nto = \"s3://status/live\"\nevery = \"10s\"\n",
    );
    service.set_variable("AWS_ENDPOINT", bucket(kept.clone()).await);
    service.set_variable("AWS_REGION", "eu-west-1".to_owned());
    service.set_variable("AWS_ACCESS_KEY_ID", "key".to_owned());
    service.set_variable("AWS_SECRET_ACCESS_KEY", SECRET.to_owned());
    service.start(&[]).await;
    let types = [
        ("index.html", "text/html"),
        ("404.html", "text/html"),
        ("well.example/index.html", "text/html"),
        ("well.example/status.json", "application/json"),
        ("status.json", "application/json"),
        ("sites.json", "application/json"),
        ("badge/well.example.svg", "image/svg+xml"),
        ("feed.atom", "application/atom+xml"),
    ];
    let all = async || {
        let kept = kept.lock().unwrap();
        types
            .iter()
            .all(|(name, _)| kept.contains_key(&format!("/status/live/{name}")))
            .then_some(())
    };
    until("all is in the bucket", SOON, all).await;
    let kept = kept.lock().unwrap().clone();
    for (name, media_type) in types {
        let (query, headers, content) = &kept[&format!("/status/live/{name}")];
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(media_type), "{name}: {headers:?}");
        assert!(query.contains("X-Amz-Algorithm=AWS4-HMAC-SHA256"), "{name}: {query}");
        assert!(query.contains("X-Amz-Credential=key%2F"), "{name}: {query}");
        assert!(!content.is_empty(), "{name}");
    }
    assert!(kept.keys().all(|path| path.starts_with("/status/live/")), "{:?}", kept.keys());
    let front = String::from_utf8(kept["/status/live/index.html"].2.to_vec()).unwrap();
    assert!(front.contains("This is a copy as of") && front.contains(&service.url("/")));
    // The live pages are none.
    let (_, live) = service.get("/").await;
    assert!(!live.contains("This is a copy"), "{live}");
    assert!(!service.log().contains(SECRET), "{}", service.log());
    let (_, metrics) = service.get("/metrics").await;
    assert!(metrics.contains("stillup_published_at_seconds"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_cannot_be_written_holds_up_nothing_and_is_told_once() {
    let site = Server::start(Mood::Well).await;
    let mut service = Service::new(&site.entry("well.example"), None);
    service.write_settings("[judge]\ncontrols = []\n[publish]\nto = \"copy\"\nevery = \"10s\"\n");
    // A file where the folder of the site would be.
    fs::create_dir(service.path("copy")).unwrap();
    fs::write(service.path("copy/well.example"), "of somebody else").unwrap();
    service.start(&[]).await;
    let told = async || service.log().contains("could not be written").then_some(());
    until("it is told", SOON, told).await;
    let others = async || service.path("copy/sites.json").is_file().then_some(());
    until("the others are written", SOON, others).await;
    assert_eq!(fs::read_to_string(service.path("copy/well.example")).unwrap(), "of somebody else");
    let up = async || (service.sites().await[0]["status"] == "up").then_some(());
    until("probing goes on", SOON, up).await;
}
