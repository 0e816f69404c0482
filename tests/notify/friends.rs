//! Other people's libraries receive our messages: they verify signatures, take mail, and compare
//! each body with the fields of its documents.
//!
//! `scripts/friends.sh` installs them; `tests/friends/receivers.py` is made of them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use model::notification::{Apprise, Channel, Destination, Email, MailTls};
use prober::clock::Clock;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use stillup::notify::{Sender, trial};
use tempfile::TempDir;

use crate::{
    support::{NotifierUnderTest, Task, channel, public_url, secret},
    until::{SOON, until},
};

const KEY: &str = "whsec_aHVzaCBodXNoIGh1c2ggaHVzaCBodXNoIGh1c2g=";
const PASSWORD: &str = "the right password";

/// The receivers, and their output so far.
struct Receivers {
    program: Child,
    said: Arc<Mutex<Vec<Value>>>,
    ports: Value,
    dir: TempDir,
}

impl Receivers {
    fn start() -> Self {
        let dir = certified();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".tools/friends/venv/bin/python");
        let mut command = Command::new(&python);
        command.arg(root.join("tests/friends/receivers.py")).arg(dir.path());
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut program = started.unwrap_or_else(|error| {
            panic!("{}: {error}; run scripts/setup.sh test", python.display())
        });
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut next = move || Some(serde_json::from_str(&lines.next()?.ok()?).unwrap());
        let ports: Value = next().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (all, mut next) = (said.clone(), next);
        std::thread::spawn(move || {
            while let Some(line) = next() {
                all.lock().unwrap().push(line);
            }
        });
        Self { program, said, ports, dir }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports["http"])
    }

    /// Waits for what `pick` finds in the output.
    async fn wait_for<T>(&self, what: &str, pick: impl Fn(&[Value]) -> Option<T>) -> T {
        let look = async || {
            let said = self.said.lock().unwrap();
            pick(&said).ok_or_else(|| said.clone())
        };
        until(what, SOON, look).await
    }

    /// First message that a receiver of this kind took.
    async fn took(&self, kind: &str) -> Value {
        let pick = |said: &[Value]| said.iter().find(|line| line["took"] == kind).cloned();
        self.wait_for(kind, pick).await
    }

    fn mail(&self, name: &str, tls: MailTls, password: &str) -> Channel {
        let safe = tls != MailTls::None;
        let port = if safe { &self.ports["starttls"] } else { &self.ports["plain"] };
        let target = Destination::Email(Email {
            host: "localhost".into(),
            port: u16::try_from(port.as_u64().unwrap()).unwrap(),
            tls,
            login: safe.then(|| ("up".into(), secret(password))),
            from: "stillup <up@example.com>".into(),
            to: vec!["ops@example.com".into(), "Boss <boss@example.com>".into()],
        });
        let ca_file = safe.then(|| self.dir.path().join("ca.pem"));
        Channel { ca_file, ..channel(name, target) }
    }

    fn webhook(&self, key: &str) -> Channel {
        let url = secret(&self.url("/webhook"));
        channel("webhook", Destination::Webhook { url, secret: secret(key) })
    }

    fn ntfy(&self, token: &str) -> Channel {
        let (server, token) = (self.url("").parse().unwrap(), Some(secret(token)));
        channel("ntfy", Destination::Ntfy { server, topic: secret("kept-topic"), token })
    }

    fn apprise(&self, name: &str, to: Apprise) -> Channel {
        channel(name, Destination::Apprise { server: self.url("").parse().unwrap(), to })
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

/// An authority of our own, and a certificate of it for the mail server.
fn certified() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &authority).unwrap();
    for (name, text) in
        [("ca.pem", authority.pem()), ("cert.pem", leaf.pem()), ("key.pem", key.serialize_pem())]
    {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

async fn tried(channel: Channel) -> Result<String, String> {
    let secrets: Vec<String> =
        channel.target.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
    let sender = Sender::new(channel, &public_url()).unwrap();
    let answer = trial(&sender, &public_url(), &Clock::system()).await;
    let shown = format!("{sender:?} {answer:?}");
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    answer
}

#[tokio::test]
async fn a_site_that_goes_down_is_told_to_other_peoples_libraries() {
    let receivers = Receivers::start();
    let slack = Destination::Slack { url: secret(&receivers.url("/slack")) };
    let urls = format!("json://127.0.0.1:{}/sink-of-urls", receivers.ports["http"]);
    let channels = [
        receivers.webhook(KEY),
        channel("slack", slack),
        receivers.ntfy("tk_right"),
        receivers.apprise("apprise-key", Apprise::Key(secret("known"))),
        receivers.apprise("apprise-urls", Apprise::Urls(secret(&urls))),
        receivers.mail("mail", MailTls::None, ""),
        receivers.mail("safe-mail", MailTls::StartTls, PASSWORD),
    ];
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _planner = notifier.plan(&channels).await;
    let _all: Vec<Task> = channels.iter().map(|channel| notifier.deliver(channel)).collect();
    notifier.turn("a.example", false).await;
    for channel in &channels {
        notifier.counted(&channel.name, (0, 1, 0)).await;
    }
    let webhook = receivers.took("webhook").await;
    assert_eq!(webhook["body"]["type"], "site.down");
    assert_eq!(webhook["id"].as_str().unwrap().len(), 36);
    assert!(receivers.took("slack").await["body"]["attachments"][0]["text"].is_string());
    assert_eq!(receivers.took("ntfy").await["body"]["title"], "a.example is down");
    let both = |said: &[Value]| {
        (said.iter().filter(|l| l["took"] == "apprise").count() == 2).then_some(())
    };
    receivers.wait_for("both ways of Apprise", both).await;
    let apprise = receivers.took("apprise").await;
    assert_eq!(
        (&apprise["body"]["type"], &apprise["body"]["title"]),
        (&"failure".into(), &"a.example is down".into())
    );
    let mails = |said: &[Value]| {
        let mails: Vec<Value> = said.iter().filter(|l| l["took"] == "mail").cloned().collect();
        (mails.len() == 2).then_some(mails)
    };
    for mail in receivers.wait_for("both mails", mails).await {
        assert_eq!(mail["tls"].as_bool().unwrap(), mail["user"] == "up", "{mail}");
        assert_eq!(mail["sender"], "up@example.com");
        assert_eq!(mail["to"], serde_json::json!(["ops@example.com", "boss@example.com"]));
        assert!(mail["text"].as_str().unwrap().contains("\r\nSubject: a.example is down\r\n"));
    }
    let refused = receivers.said.lock().unwrap().iter().find(|l| !l["refused"].is_null()).cloned();
    assert_eq!(refused, None);
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_them_and_told_in_plain_words() {
    let receivers = Receivers::start();
    let other = "whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=";
    let unknown = Apprise::Key(secret("unknown-key"));
    let mut stranger = receivers.mail("mail", MailTls::StartTls, PASSWORD);
    stranger.ca_file = None;
    for (channel, want) in [
        (receivers.webhook(other), "HTTP 401 Unauthorized"),
        (receivers.ntfy("tk_wrong"), "HTTP 401 Unauthorized"),
        (
            receivers.apprise("a", unknown),
            "HTTP 204 No Content: the server keeps nothing under this key",
        ),
        (
            receivers.mail("mail", MailTls::StartTls, "another password"),
            "the user or the password is wrong: ",
        ),
        (stranger, "certificate"),
    ] {
        let refused = tried(channel).await.unwrap_err();
        assert!(refused.contains(want), "{refused}, not {want}");
    }
    assert!(tried(receivers.webhook(KEY)).await.unwrap().starts_with("HTTP 204"));
    assert!(tried(receivers.mail("m", MailTls::StartTls, PASSWORD)).await.is_ok());
}
