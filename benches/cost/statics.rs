//! nginx with our own answers as files: the same bytes, types and sizes of the heads.

use std::{fmt::Write as _, fs, net::SocketAddr, process::Child};

use tempfile::TempDir;

use crate::{
    http::{HttpClient, HttpReply},
    nginx::{end, free, run},
};

/// An nginx that serves files; ended when dropped.
pub(crate) struct Statics {
    child: Child,
    _dir: TempDir,
    pub(crate) address: SocketAddr,
}

impl Statics {
    /// Serves these answers under their paths. Its heads are padded to the length of ours.
    pub(crate) async fn start(answers: &[(String, HttpReply)]) -> Self {
        let plain = Self::with_pads(answers, &vec![0; answers.len()]).await;
        let mut pads = Vec::new();
        for (path, ours) in answers {
            let mut client = HttpClient::connect(plain.address).await.unwrap();
            let theirs = client.get(path).await.expect("nginx answers");
            assert!(
                theirs.status == 200 && theirs.body == ours.body,
                "nginx serves {path} otherwise"
            );
            pads.push(ours.head.len().saturating_sub(theirs.head.len()));
        }
        drop(plain);
        Self::with_pads(answers, &pads).await
    }

    async fn with_pads(answers: &[(String, HttpReply)], pads: &[usize]) -> Self {
        let (dir, address) = (tempfile::tempdir().unwrap(), free());
        let path = dir.path().display().to_string();
        let mut places = String::new();
        for (n, ((place, answer), pad)) in answers.iter().zip(pads).enumerate() {
            fs::write(dir.path().join(format!("f{n}")), &answer.body).unwrap();
            let kind = answer.field("content-type").unwrap_or("text/plain");
            // `X-Pad: …` and the end of its line are nine bytes.
            let field = match pad.checked_sub(9).filter(|length| *length > 0) {
                Some(length) => format!("add_header X-Pad {};", "x".repeat(length)),
                None => String::new(),
            };
            let exact = format!("location = \"{place}\" {{ root {path}; try_files /f{n} =404;");
            writeln!(places, "{exact} types {{ }} default_type \"{kind}\"; {field} }}").unwrap();
        }
        let user = if is_root() { "user root;" } else { "" };
        let config = format!(
            "daemon off; {user} worker_processes auto; pid {path}/pid; error_log stderr error;
             events {{ worker_connections 1024; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens on;
               keepalive_requests 100000000; keepalive_timeout 60;
               open_file_cache max=100 inactive=60s;
               client_body_temp_path {path}/a; proxy_temp_path {path}/b;
               fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
               server {{ listen {address} backlog=1024; {places} }}
             }}"
        );
        let child = run(&path, &config);
        let statics = Self { child, _dir: dir, address };
        while HttpClient::connect(address).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        statics
    }
}

/// As root, nginx would give its workers to a user who may not look into our directory.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Drop for Statics {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
