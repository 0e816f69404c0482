//! `[publish]`: writes a copy of the pages to a folder or a bucket, again and again, for a host that
//! goes on when this one cannot be reached.

use std::{
    collections::{HashMap, HashSet},
    env, fs, io,
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, stream};
use http::{StatusCode, header};
use reqwest::{Client, RequestBuilder};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, timeout},
};
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    atomic_file::{self, READABLE},
    config::{PublishSettings, PublishTarget},
    http_client,
    web::{CopiedFile, Meters, MetricKind, RenderedFile, StaticCopy, Web},
};
use prober::clock::Clock;

/// Time limit for writing one file.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// Time for which the address at which a bucket takes a file is valid: clocks differ.
const SIGNED_FOR: Duration = Duration::from_mins(5);
/// Files that are written at the same time.
const AT_ONCE: usize = 8;
/// Files in a row that cannot be written before a round is given up: the host is away.
const MAX_FAILURES: usize = 5;

/// Writes the copy.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    copy: StaticCopy,
    to: CopyPlace,
    every: Duration,
    clock: Clock,
    /// Fingerprint of each file that was written.
    written: HashMap<String, u64>,
    /// Moment of the last whole round in seconds since 1970; 0 before the first.
    completed_at: Arc<AtomicU64>,
}

impl Publisher {
    /// A publisher of these pages; `None` when the settings name no place.
    ///
    /// # Errors
    /// Fails when the place cannot be used.
    pub(super) fn new(settings: &PublishSettings, web: &Web) -> Result<Option<Self>> {
        let Some(place) = &settings.to else { return Ok(None) };
        let to = match place {
            PublishTarget::Folder(folder) => {
                let cannot = || format!("[publish] to: {} cannot be used", folder.display());
                fs::create_dir_all(folder).with_context(cannot)?;
                CopyPlace::Folder(folder.clone())
            }
            PublishTarget::Bucket { name, path } => {
                let bucket = CopyBucket::from_environment(name, path);
                CopyPlace::Bucket(Arc::new(bucket.context("[publish] to")?))
            }
        };
        let completed_at = Arc::new(AtomicU64::new(0));
        gauge(&web.meters, completed_at.clone());
        Ok(Some(Self {
            copy: StaticCopy::new(web.clone()),
            to,
            every: settings.every.get(),
            clock: web.clock.clone(),
            written: HashMap::new(),
            completed_at,
        }))
    }

    /// Runs for ever.
    pub(super) async fn run(mut self) {
        let mut rounds = interval(self.every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut well = true;
        loop {
            rounds.tick().await;
            match self.round().await {
                Ok(()) => {
                    if !std::mem::replace(&mut well, true) {
                        tracing::info!("the copy of the pages is written again");
                    }
                    let now = u64::try_from(self.clock.now().seconds()).unwrap_or_default();
                    self.completed_at.store(now, Relaxed);
                }
                Err(why) => {
                    if std::mem::replace(&mut well, false) {
                        tracing::warn!(%why, "the copy of the pages could not be written; it is tried again");
                    }
                }
            }
        }
    }

    /// Writes what has changed, and removes what this process wrote and is no more.
    async fn round(&mut self) -> Result<(), String> {
        let files = self.copy.files();
        let (mut failures, mut why) = (0, None);
        let this = &*self;
        let refresh = |file: CopiedFile| async move { this.refresh(&file).await };
        let mut refreshed = stream::iter(files.clone()).map(refresh).buffer_unordered(AT_ONCE);
        let mut written = Vec::new();
        while let Some(done) = refreshed.next().await {
            match done {
                Ok(new) => {
                    failures = 0;
                    written.extend(new);
                }
                Err(error) => {
                    failures += 1;
                    why.get_or_insert(error);
                }
            }
            if failures >= MAX_FAILURES {
                break;
            }
        }
        drop(refreshed);
        self.written.extend(written);
        let current: HashSet<&str> = files.iter().map(|file| &*file.name).collect();
        let gone = |name: &&String| !current.contains(name.as_str());
        let gone: Vec<String> = self.written.keys().filter(gone).cloned().collect();
        for name in gone {
            if self.to.remove(&name).await.is_ok() {
                self.written.remove(&name);
            }
        }
        why.map_or(Ok(()), Err)
    }

    /// Writes a file, if it is not as it was; gives its name and its new fingerprint.
    async fn refresh(&self, file: &CopiedFile) -> Result<Option<(String, u64)>, String> {
        let name = &file.name;
        let RenderedFile { media_type, content } = self.copy.render(file).await?;
        let fingerprint = xxh3_64(&content);
        if self.written.get(name) == Some(&fingerprint) {
            return Ok(None);
        }
        self.to
            .put(name, &media_type, content.into())
            .await
            .map_err(|why| format!("{name}: {why}"))?;
        Ok(Some((name.clone(), fingerprint)))
    }
}

/// Place of a copy.
#[derive(Clone, Debug)]
enum CopyPlace {
    Folder(PathBuf),
    Bucket(Arc<CopyBucket>),
}

impl CopyPlace {
    async fn put(&self, name: &str, media_type: &str, content: Vec<u8>) -> Result<(), String> {
        match self {
            Self::Folder(folder) => {
                let path = below(folder, name)?;
                on_disk(move || {
                    path.parent().map_or(Ok(()), fs::create_dir_all)?;
                    atomic_file::write(&path, &content, READABLE)
                })
                .await
            }
            Self::Bucket(bucket) => bucket.put(name, media_type, content).await,
        }
    }

    /// Removes a file, if it is there.
    async fn remove(&self, name: &str) -> Result<(), String> {
        match self {
            Self::Folder(folder) => {
                let path = below(folder, name)?;
                on_disk(move || fs::remove_file(path)).await
            }
            Self::Bucket(bucket) => bucket.remove(name).await,
        }
    }
}

/// The path of a file below the folder; a name that leads elsewhere has none.
fn below(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let plain = |part: &str| {
        let mut parts = Path::new(part).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
    };
    let inside = !name.contains('\0') && name.split('/').all(plain);
    if inside { Ok(folder.join(name)) } else { Err("is no name of a file".to_owned()) }
}

async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), String> {
    match spawn_blocking(work).await.map_err(io::Error::other).flatten() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// A bucket of S3, or of a service that speaks its protocol.
#[derive(Debug)]
struct CopyBucket {
    bucket: Bucket,
    keys: Credentials,
    /// Path of the copy in it, with a slash at its end; empty for all of it.
    path: String,
    client: Client,
}

impl CopyBucket {
    /// The bucket of this name, by the variables that programs for S3 know.
    fn from_environment(name: &str, path: &str) -> Result<Self> {
        let region = env::var("AWS_REGION").context("AWS_REGION is not set")?;
        let keys = Credentials::from_env()
            .context("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")?;
        let (endpoint, style) = match env::var("AWS_ENDPOINT") {
            Ok(own) => (own, UrlStyle::Path),
            Err(_) => (format!("https://s3.{region}.amazonaws.com"), UrlStyle::VirtualHost),
        };
        let endpoint: Url = endpoint.parse().context("AWS_ENDPOINT is no URL")?;
        let here = endpoint.host_str().is_some_and(|host| host == "127.0.0.1" || host == "[::1]");
        ensure!(endpoint.scheme() == "https" || here, "AWS_ENDPOINT has to be https://");
        let bucket = Bucket::new(endpoint, style, name.to_owned(), region)?;
        let agent = format!("stillup/{}", env!("CARGO_PKG_VERSION"));
        let mut client = http_client::builder(&agent, None).map_err(anyhow::Error::msg)?;
        if here {
            client = client.no_proxy();
        }
        let path = if path.is_empty() { String::new() } else { format!("{path}/") };
        Ok(Self { bucket, keys, path, client: client.build()? })
    }

    async fn put(&self, name: &str, media_type: &str, content: Vec<u8>) -> Result<(), String> {
        let key = format!("{}{name}", self.path);
        let url = self.bucket.put_object(Some(&self.keys), &key).sign(SIGNED_FOR);
        let request = self.client.put(url).header(header::CONTENT_TYPE, media_type);
        send(request.header(header::CACHE_CONTROL, "max-age=30").body(content)).await
    }

    async fn remove(&self, name: &str) -> Result<(), String> {
        let key = format!("{}{name}", self.path);
        let url = self.bucket.delete_object(Some(&self.keys), &key).sign(SIGNED_FOR);
        send(self.client.delete(url)).await
    }
}

/// The signature is in the URL, which is never told.
async fn send(request: RequestBuilder) -> Result<(), String> {
    match timeout(WRITE_TIMEOUT, request.send()).await {
        Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
        Ok(Ok(answer)) if answer.status() == StatusCode::NOT_FOUND => {
            Err("no such bucket".to_owned())
        }
        Ok(Ok(answer)) => Err(format!("the bucket answers {}", answer.status())),
        Ok(Err(error)) => Err(http_client::request_error(error)),
        Err(_) => Err(format!("no answer within {} s", WRITE_TIMEOUT.as_secs())),
    }
}

/// Registers the moment of the last whole copy.
fn gauge(meters: &Meters, completed_at: Arc<AtomicU64>) {
    let help = "Unix time of the last whole copy of the pages.";
    meters.add("stillup_published_at_seconds", MetricKind::Gauge, help, move || {
        Some(completed_at.load(Relaxed)).filter(|at| *at > 0).map(|at| at as f64)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use model::{moment::Moment, name::Slug, site::Site};

    fn site(name: &str) -> Arc<Site> {
        let url = "https://slack.com/".parse().unwrap();
        Arc::new(Site::new(Slug::new(name).unwrap(), url))
    }

    fn web(sites: &[&str]) -> Web {
        let board = Arc::new(Board::new());
        let sites: Vec<_> = sites.iter().map(|name| site(name)).collect();
        board.set_catalogue(&sites);
        let clock = Clock::starting_at(Moment::parse("2017-02-28T18:00:00Z").unwrap());
        Web::new(board, clock, "https://live.example/".parse().unwrap())
    }

    fn publisher(folder: &Path, web: &Web) -> Publisher {
        let to = Some(PublishTarget::Folder(folder.to_owned()));
        Publisher::new(&PublishSettings { to, ..PublishSettings::default() }, web).unwrap().unwrap()
    }

    /// Names of all files below a folder.
    fn all(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in walkdir(folder) {
            names.push(entry.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
        }
        names.sort();
        names
    }

    fn walkdir(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        files.extend(folders.iter().flat_map(|folder| walkdir(folder)));
        files
    }

    #[tokio::test]
    async fn a_copy_follows_the_pages_says_its_moment_and_leaves_the_files_of_others_alone() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        fs::create_dir(&copy).unwrap();
        fs::write(copy.join("own.html"), "of somebody else").unwrap();
        let web = web(&["slack.com", "medium.com"]);
        let mut publisher = publisher(&copy, &web);
        publisher.round().await.unwrap();
        let read = |name: &str| fs::read_to_string(copy.join(name));
        for name in ["index.html", "slack.com/index.html", "outages/index.html", "404.html"] {
            let page = read(name).unwrap();
            assert!(page.contains("This is a copy as of"), "{name}");
            assert!(page.contains("https://live.example/"), "{name}");
            assert!(page.contains("28\u{a0}February 2017"), "{name}");
            assert!(!page.contains("<script"), "{name}");
            assert!(!page.contains("method=\"post\""), "{name}");
        }
        let badge = read("badge/slack.com.svg").unwrap();
        assert!(badge.starts_with("<svg") && badge.contains("2017-02-28 18:00 UTC"), "{badge}");
        assert!(read("slack.com/status.json").unwrap().contains("\"checked_at\""));
        assert!(read("status.json").unwrap().contains("\"as_of\""));
        // What has not changed is not written again, and what is gone from the catalogue is removed.
        let written = publisher.written.clone();
        fs::remove_file(copy.join("badge/slack.com.svg")).unwrap();
        web.board.set_catalogue(&[site("slack.com")]);
        publisher.round().await.unwrap();
        assert!(read("badge/slack.com.svg").is_err());
        assert!(read("medium.com/index.html").is_err());
        assert_eq!(publisher.written.len() + 3, written.len());
        assert_eq!(read("own.html").unwrap(), "of somebody else");
    }

    #[tokio::test]
    async fn no_name_of_a_site_leads_out_of_the_folder_or_over_another_page() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["index.html", "404.html", "a..b", "x...", "[::1]:8443", "0.", "con"];
        let mut publisher = publisher(&folder.path().join("copy"), &web(&names));
        publisher.round().await.unwrap();
        let copy = folder.path().join("copy");
        assert!(copy.join("index.html").is_file() && copy.join("404.html").is_file());
        for name in &names[2..] {
            assert!(copy.join(name).join("index.html").is_file(), "{name}");
        }
        let outside = all(folder.path());
        assert!(outside.iter().all(|name| name.starts_with("copy/")), "{outside:?}");
        // A name that a catalogue cannot have leads nowhere either.
        for name in
            ["../out", "a/../../out", "..", "./x", "a/./b", "a/\0", "/etc/x", "a//b", "", "a/"]
        {
            assert!(below(&copy, name).is_err(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let to = Some(PublishTarget::Folder(file.join("copy")));
        let settings = PublishSettings { to, ..PublishSettings::default() };
        let why = Publisher::new(&settings, &web(&[])).unwrap_err().to_string();
        assert!(why.contains("[publish] to") && why.contains("file/copy"), "{why}");
    }
}
