//! nginx on loopback, with plain HTTP and with a chain of each kind: a server that we did not write.

use std::{
    fmt::Write as _,
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::chains::CertificateChain;

/// An nginx of our own; ended when dropped.
pub(crate) struct Nginx {
    child: Child,
    dir: TempDir,
    plain: SocketAddr,
    tls: Vec<(CertificateChain, SocketAddr)>,
}

/// An address on loopback that is free now.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Nginx {
    /// Starts it and waits until it answers.
    pub(crate) fn start() -> Self {
        let (dir, plain) = (tempfile::tempdir().unwrap(), free());
        let path = dir.path().display().to_string();
        let page = "x".repeat(1_000);
        let (mut roots, mut servers, mut tls) = (String::new(), String::new(), Vec::new());
        for chain in CertificateChain::ALL {
            roots += &chain.make(&path);
            let (address, file) = (free(), chain.file());
            write!(
                servers,
                "server {{ listen {address} ssl backlog=8192; ssl_certificate {path}/{file}.pem;
                   ssl_certificate_key {path}/{file}.key; location / {{ return 200 \"{page}\"; }} }}"
            )
            .unwrap();
            tls.push((chain, address));
        }
        fs::write(format!("{path}/ca.pem"), roots).unwrap();
        let config = format!(
            "daemon off; worker_processes 1; pid {path}/pid; error_log stderr error;
             events {{ worker_connections 8192; }}
             http {{
               access_log off; client_body_temp_path {path}/a; proxy_temp_path {path}/b;
               fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
               server {{ listen {plain} backlog=8192; location / {{ return 200 \"{page}\"; }} }}
               {servers}
             }}"
        );
        let child = run(&path, &config);
        while TcpStream::connect(plain).is_err() {
            std::thread::yield_now();
        }
        Self { child, dir, plain, tls }
    }

    /// Address at which it shows this chain; `None`: that of plain HTTP.
    pub(crate) fn address(&self, chain: Option<CertificateChain>) -> SocketAddr {
        let with = |wanted| self.tls.iter().find(|(chain, _)| *chain == wanted);
        chain.and_then(with).map_or(self.plain, |(_, address)| *address)
    }

    /// The roots of its chains.
    pub(crate) fn ca_file(&self) -> String {
        self.dir.path().join("ca.pem").display().to_string()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Runs an nginx with this configuration in this directory.
pub(crate) fn run(dir: &str, config: &str) -> Child {
    let file = format!("{dir}/nginx.conf");
    fs::write(&file, config).unwrap();
    Command::new("nginx")
        .args(["-c", &file, "-p", dir, "-e", "stderr"])
        .stdin(Stdio::null())
        .spawn()
        .expect("nginx is installed")
}

/// Ends an nginx. SIGKILL to the master would leave its workers behind.
pub(crate) fn end(child: &mut Child) {
    drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).status());
    drop(child.wait());
}
