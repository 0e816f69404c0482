//! The built program with the testbed behind it, seen over HTTP.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use stillup::private_postgres::throwaway;
use tempfile::TempDir;
use testbed::Testbed;

use crate::until::{SOON, until};

pub(crate) struct ShippedProgram {
    child: Child,
    address: SocketAddr,
    client: reqwest::Client,
    _dir: TempDir,
}

impl ShippedProgram {
    /// Starts it with this catalogue, and waits until it serves.
    pub(crate) async fn start(testbed: &Testbed, sites: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        fs::write(path("sites.toml"), sites).unwrap();
        fs::write(path("ca.pem"), testbed.ca_pem()).unwrap();
        let settings = format!(
            "[probe]\nnameservers = [\"{}\"]\nca_file = \"ca.pem\"\n",
            testbed.nameserver()
        );
        fs::write(path("stillup.toml"), settings).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_stillup"))
            .arg("serve")
            .arg("--config")
            .arg(path("stillup.toml"))
            .arg("--sites")
            .arg(path("sites.toml"))
            .arg("--data-dir")
            .arg(path("data"))
            .args(["--listen", &address.to_string()])
            .env("DATABASE_URL", throwaway::database().await.unwrap().url())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let provider = rustls::crypto::ring::default_provider();
        drop(provider.install_default());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let program = Self { child, address, client, _dir: dir };
        until("it serves", SOON, async || program.try_get("/healthz").await).await;
        program
    }

    async fn try_get(&self, path: &str) -> Option<String> {
        let url = format!("http://{}{path}", self.address);
        self.client.get(url).send().await.ok()?.text().await.ok()
    }

    /// The body of a page.
    pub(crate) async fn get(&self, path: &str) -> String {
        self.try_get(path).await.unwrap()
    }

    /// All sites, as the API has them.
    pub(crate) async fn sites(&self) -> Vec<Value> {
        let answer: Value = serde_json::from_str(&self.get("/api/v1/sites").await).unwrap();
        answer["sites"].as_array().unwrap().clone()
    }

    /// One site, as the API has it.
    pub(crate) async fn site(&self, slug: &str) -> Value {
        serde_json::from_str(&self.get(&format!("/api/v1/sites/{slug}")).await).unwrap()
    }

    /// The counts by status.
    pub(crate) async fn status(&self) -> Value {
        serde_json::from_str(&self.get("/api/v1/status").await).unwrap()
    }

    /// Ends it as Ctrl-C does; it must end well.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        let ended = until("it has ended", SOON, async || self.child.try_wait().unwrap()).await;
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for ShippedProgram {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
