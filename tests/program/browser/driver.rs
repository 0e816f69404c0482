//! Chromium through its driver: what the browser tests need of it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use fantoccini::{
    Client, ClientBuilder,
    actions::{InputSource, KeyAction, KeyActions},
    wd::WebDriverCompatibleCommand,
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::service::send;

/// A browser with its driver; both end when this is dropped.
pub(super) struct Browser {
    pub(super) client: Client,
    driver: Child,
    _profile: TempDir,
}

/// A command that Chromium's driver has beyond the standard.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

impl Browser {
    pub(super) async fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The other end of its output pipe, which is closed with it.
        let said = BufReader::new(driver.stdout.as_mut().unwrap());
        let port = tokio::task::block_in_place(|| port(said));
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wishes = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wishes) = wishes else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, driver, _profile: profile }
    }

    async fn own(&self, name: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Own(name, body)).await.unwrap()
    }

    pub(super) async fn devtools(&self, command: &str, parameters: Value) {
        self.own("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    /// Makes it so wide, with light or dark wished for.
    pub(super) async fn wear(&self, width: u32, scheme: &str) {
        self.wide(width, 1).await;
        self.media("", &[("prefers-color-scheme", scheme)]).await;
    }

    /// Sets the width in CSS pixels, with this many device pixels each.
    pub(super) async fn wide(&self, width: u32, dots: u32) {
        let size = json!({
            "width": width, "height": 900, "deviceScaleFactor": dots, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Shows pages as in this medium (none: on a screen), with these wishes of the visitor.
    pub(super) async fn media(&self, medium: &str, wishes: &[(&str, &str)]) {
        let wish = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
        let features: Vec<Value> = wishes.iter().map(wish).collect();
        let media = json!({ "media": medium, "features": features });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Comes from this address, as far as a proxy in front would say.
    pub(super) async fn comes_from(&self, address: &str) {
        self.devtools("Network.enable", json!({})).await;
        let headers = json!({ "headers": { "X-Forwarded-For": address } });
        self.devtools("Network.setExtraHTTPHeaders", headers).await;
    }

    /// The whole page, as high as a screen or two, in few bytes.
    pub(super) async fn picture(&self, width: u32) -> Vec<u8> {
        let high = "return Math.ceil(document.body.getBoundingClientRect().bottom)";
        let high = self.script(high).await;
        let high = high.as_u64().unwrap().min(if width < 500 { 1_900 } else { 1_500 });
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": high, "scale": 1 });
        let parameters =
            json!({ "format": "webp", "quality": 75, "clip": clip, "captureBeyondViewport": true });
        let body = json!({ "cmd": "Page.captureScreenshot", "params": parameters });
        let shot = self.own("goog/cdp/execute", body).await;
        BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    pub(super) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Goes to a page, with the scripts of pages running or not.
    pub(super) async fn visit(&self, address: &str, scripts: bool) {
        self.let_scripts(scripts).await;
        self.client.goto(address).await.unwrap();
    }

    /// Lets scripts run from now on, or not. Those that an open page had none of stay away.
    pub(super) async fn let_scripts(&self, run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }

    /// A script that calls its last argument with what it found.
    pub(super) async fn script_that_waits(&self, script: &str) -> Value {
        self.client.execute_async(script, vec![]).await.unwrap()
    }

    /// Complaints of the browser since the last time.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.own("se/log", json!({ "type": "browser" })).await;
        log.as_array().unwrap().iter().map(ToString::to_string).collect()
    }

    pub(super) async fn type_keys(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    pub(super) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // On a signal it takes the browser with it.
        send("TERM", self.driver.id());
        drop(self.driver.wait());
    }
}

/// A port that was free a moment ago.
/// The port that the driver chose and listens on.
fn port(said: impl BufRead) -> u16 {
    let told = |line: String| {
        line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
    };
    let mut lines = said.lines().map_while(Result::ok);
    lines.find_map(told).expect("chromedriver says where it listens")
}
