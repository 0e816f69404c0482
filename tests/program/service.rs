//! The built program with a directory of its own, started, queried, signalled and always ended.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) use crate::until::{SOON, until};

/// Names a release program, which drills run in place of the one that is built with these tests.
const DRILLED: &str = "DRILLED_PROGRAM";

/// The program under test.
pub(crate) fn program() -> String {
    std::env::var(DRILLED).unwrap_or_else(|_| env!("CARGO_BIN_EXE_stillup").to_owned())
}

/// Returns whether that is a release program, of which a drill may ask to be quick.
pub(crate) fn is_release() -> bool {
    std::env::var_os(DRILLED).is_some() || !cfg!(debug_assertions)
}

/// Ends the Postgres in the directory `$0`, if one runs there.
const END_POSTGRES: &str = r#"
pid=$(head -n 1 "$0/postmaster.pid" 2>/dev/null)
[ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$0" ] || exit 0
kill -QUIT "$pid"
tries=0
while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
"#;

/// A directory with catalogue, settings and data, and the service on it.
#[derive(Debug)]
pub(crate) struct Service {
    dir: TempDir,
    database_url: Option<String>,
    child: Option<Child>,
    /// Starts so far; each has a log of its own.
    starts: usize,
    address: String,
    open_files: Option<u32>,
    programs: Option<PathBuf>,
    variables: Vec<(&'static str, String)>,
}

impl Service {
    /// Nothing runs yet. Without a `database_url` the service has a private Postgres.
    pub(crate) fn new(catalogue: &str, database_url: Option<String>) -> Self {
        let dir = tempfile::Builder::new().prefix("stillup-test-").tempdir().unwrap();
        // Postgres runs as another user when we are root, and has to get through.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let service = Self {
            dir,
            database_url,
            child: None,
            starts: 0,
            address: String::new(),
            open_files: None,
            programs: None,
            variables: Vec::new(),
        };
        service.write_catalogue(catalogue);
        service.write_settings("");
        service
    }

    /// The same, with a limit of open files.
    pub(crate) fn with_open_files(mut self, most: u32) -> Self {
        self.open_files = Some(most);
        self
    }

    /// Sets the directory that is searched first for the programs of Postgres; `None`: the
    /// machine's.
    pub(crate) fn set_programs(&mut self, dir: Option<PathBuf>) {
        self.programs = dir;
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn set_variable(&mut self, name: &'static str, value: String) {
        self.variables.push((name, value));
    }

    pub(crate) fn write_catalogue(&self, text: &str) {
        let draft = self.path("sites.draft");
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.path("sites.toml")).unwrap();
    }

    pub(crate) fn write_settings(&self, text: &str) {
        fs::write(self.path("stillup.toml"), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Starts the service and waits until it serves.
    pub(crate) async fn start(&mut self, more: &[&str]) {
        self.starts += 1;
        let log = File::create(self.path(&format!("log-{}", self.starts))).unwrap();
        let mut command = self.command(&["serve"]);
        command.args(["--listen", "127.0.0.1:0"]).args(more).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        let serves = async || {
            assert!(self.child.as_mut().unwrap().try_wait().unwrap().is_none(), "{}", self.log());
            let log = self.log();
            let (_, rest) = log.split_once("the page is at http://")?;
            self.address = rest.split('/').next()?.to_owned();
            self.try_get("/healthz").await.filter(|(status, _)| *status == 200)
        };
        until("it serves", SOON, serves).await;
    }

    /// Log of the service since its last start.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path(&format!("log-{}", self.starts))).unwrap_or_default()
    }

    /// Runs the program to its end, on the same directory.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = program();
        let mut command = Command::new(&program);
        if let Some(most) = self.open_files {
            command = Command::new("sh");
            command.arg("-c").arg(format!("ulimit -n {most}; exec \"$0\" \"$@\"")).arg(&program);
        }
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STILLUP_")) {
            command.env_remove(name);
        }
        command.env_remove("DATABASE_URL").env_remove("RUST_LOG").stdin(Stdio::null());
        // Nothing is told by the clocks of the machine.
        command.env("TZ", "Asia/Tokyo");
        command.current_dir(self.dir.path()).args(arguments);
        command.arg("--config").arg(self.path("stillup.toml"));
        command.arg("--sites").arg(self.path("sites.toml")).arg("--data-dir").arg(self.data());
        if let Some(first) = &self.programs {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(first.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(all).unwrap());
        }
        if let Some(url) = &self.database_url {
            command.env("DATABASE_URL", url);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The id of the service's process, if it runs.
    pub(crate) fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Sends the service a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        send(name, self.child.as_ref().unwrap().id());
    }

    /// Waits for the end of the service.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        until("the service ends", SOON, async || child.try_wait().unwrap()).await
    }

    /// The answer to a GET, its status and its body.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.try_get(path).await.unwrap_or_else(|| panic!("no answer: {path}"))
    }

    /// The answer to a GET or a POST with these lines in its head, such as `accept: */*`: its
    /// status, its head in small letters, and its body.
    pub(crate) async fn ask(&self, what: &str, lines: &[&str]) -> (u16, String, String) {
        self.try_ask(what, lines).await.unwrap_or_else(|| panic!("no answer: {what}"))
    }

    async fn try_ask(&self, what: &str, lines: &[&str]) -> Option<(u16, String, String)> {
        let mut stream = TcpStream::connect(&self.address).await.ok()?;
        let host = format!("host: {}", self.address);
        let first = format!("{what} HTTP/1.0");
        let ask = [&[&*first, &*host], lines, &["", ""]].concat().join("\r\n");
        stream.write_all(ask.as_bytes()).await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head.to_lowercase(), body.to_owned()))
    }

    pub(crate) async fn try_get(&self, path: &str) -> Option<(u16, String)> {
        let (status, _, body) = self.try_ask(&format!("GET {path}"), &[]).await?;
        Some((status, body))
    }

    /// The JSON at this path.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// All sites of the API.
    pub(crate) async fn sites(&self) -> Vec<Value> {
        let all = self.json("/api/v1/sites").await;
        all["sites"].as_array().unwrap().clone()
    }

    /// Their slugs.
    pub(crate) async fn slugs(&self) -> Vec<String> {
        self.sites().await.iter().map(|site| site["slug"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The process of the private Postgres, if it runs, and the directory of its socket.
    pub(crate) fn postmaster(&self) -> Option<(u32, PathBuf)> {
        let db = self.data().join("postgres/db");
        let text = fs::read_to_string(db.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let home = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        let ready = text.lines().any(|line| line.trim() == "ready");
        let socket = lines.nth(3)?.trim().into();
        (ready && same(&home, &db)).then_some((pid, socket))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what the service said:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            let id = child.id();
            send("INT", id);
            let (tell, told) = mpsc::channel();
            let waits = std::thread::spawn(move || {
                drop(child.wait());
                let _ = tell.send(());
            });
            if told.recv_timeout(Duration::from_secs(25)).is_err() {
                send("KILL", id);
            }
            drop(waits.join());
        }
        // A service that was killed has left it behind.
        let db = self.data().join("postgres/db");
        if let Ok(db) = db.canonicalize() {
            drop(Command::new("sh").args(["-c", END_POSTGRES]).arg(db).status());
        }
    }
}

/// Sends a process of ours a signal.
pub(crate) fn send(name: &str, pid: u32) {
    drop(Command::new("kill").args([format!("-{name}"), pid.to_string()]).status());
}

fn same(a: &Path, b: &Path) -> bool {
    b.canonicalize().is_ok_and(|b| a == b)
}
