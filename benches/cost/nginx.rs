//! nginx on loopback, with plain HTTP and with TLS: a server that we did not write.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// An nginx of our own; ended when dropped.
pub(crate) struct Nginx {
    child: Child,
    dir: TempDir,
    plain: SocketAddr,
    tls: SocketAddr,
}

/// An address on loopback that is free now.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Nginx {
    /// Starts it and waits until it answers.
    pub(crate) fn start() -> Self {
        let (dir, plain, tls) = (tempfile::tempdir().unwrap(), free(), free());
        let path = dir.path().display().to_string();
        certificates(&path);
        let page = "x".repeat(1_000);
        let config = format!(
            "daemon off; worker_processes 1; pid {path}/pid; error_log stderr error;
             events {{ worker_connections 8192; }}
             http {{
               access_log off; client_body_temp_path {path}/a; proxy_temp_path {path}/b;
               fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
               server {{ listen {plain} backlog=8192; location / {{ return 200 \"{page}\"; }} }}
               server {{ listen {tls} ssl backlog=8192; ssl_certificate {path}/cert.pem;
                 ssl_certificate_key {path}/key.pem; location / {{ return 200 \"{page}\"; }} }}
             }}"
        );
        let child = run(&path, &config);
        while TcpStream::connect(plain).is_err() {
            std::thread::yield_now();
        }
        Self { child, dir, plain, tls }
    }

    /// Address that it listens on.
    pub(crate) fn address(&self, tls: bool) -> SocketAddr {
        if tls { self.tls } else { self.plain }
    }

    /// The authority that its certificate is from.
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

fn certificates(dir: &str) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap();
    fs::write(format!("{dir}/ca.pem"), ca.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let cert = params.signed_by(&own, &issuer).unwrap();
    fs::write(format!("{dir}/cert.pem"), cert.pem()).unwrap();
    fs::write(format!("{dir}/key.pem"), own.serialize_pem()).unwrap();
}
