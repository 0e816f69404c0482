//! The testbed visited by curl, where curl is installed.

use std::{fs, process::Stdio};

use tokio::process::Command;

use super::*;
use crate::Certificate;

/// Curl's exit code and the status that it saw; nothing when there is no curl.
async fn curl(testbed: &Testbed, host: &Host, url: &str) -> Option<(i32, String)> {
    let directory = tempfile::tempdir().unwrap();
    let authority = directory.path().join("ca.pem");
    fs::write(&authority, testbed.ca_pem()).unwrap();
    let port = |port| format!("{}:{port}:{}", host.name(), host.address());
    let output = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "--max-time", "2", "--write-out", "%{http_code}"])
        .args(["--output", "/dev/null", "--resolve", &port(host.ports().http)])
        .args(["--resolve", &port(host.ports().https), "--cacert"])
        .arg(&authority)
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .await;
    match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        output => {
            let output = output.unwrap();
            let status = String::from_utf8(output.stdout).unwrap();
            Some((output.status.code().unwrap(), status))
        }
    }
}

#[tokio::test]
async fn curl_names_each_fault() {
    let (testbed, host) = bed_with("slack.com").await;
    let (http, https) = (host.http_url(), host.https_url());
    for (behaviour, url, code) in [
        (Behaviour::ok(), &http, 0),
        (Behaviour::ok(), &https, 0),
        (Behaviour::Refuse, &http, 7),
        (Behaviour::CloseMidAnswer, &http, 18),
        (Behaviour::HangAfterRequest, &http, 28),
        (Behaviour::PlainHttpOnTls, &https, 35),
        (Behaviour::CloseAfterRequest, &http, 52),
        (Behaviour::ResetMidAnswer, &http, 56),
        (Behaviour::Certificate(Certificate::Expired), &https, 60),
        (Behaviour::Certificate(Certificate::SelfSigned), &https, 60),
        (Behaviour::Certificate(Certificate::WrongName), &https, 60),
    ] {
        host.behave(behaviour.clone()).await.unwrap();
        let Some((exit, status)) = curl(&testbed, &host, url).await else { return };
        assert_eq!(exit, code, "{behaviour:?} at {url}: status {status}");
    }
}
