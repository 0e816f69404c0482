//! nginx as a site: a server that we did not write.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::until::{SOON, until};

/// An nginx of our own; ended when dropped.
pub(crate) struct FrontNginx {
    child: Child,
    dir: TempDir,
    address: SocketAddr,
}

impl FrontNginx {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        write(&dir, address, 200);
        let path = dir.path().display().to_string();
        let program =
            if fs::exists("/usr/sbin/nginx").unwrap() { "/usr/sbin/nginx" } else { "nginx" };
        let child = Command::new(program)
            .args(["-c", &format!("{path}/nginx.conf"), "-p", &path, "-e", "stderr"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let listens = async || TcpStream::connect(address);
        until("nginx listens", SOON, listens).await;
        Self { child, dir, address }
    }

    /// Its entry in a catalogue.
    pub(crate) fn site(&self) -> String {
        format!(
            "\n[[site]]\nurl = \"http://{}/\"\nname = \"nginx\"\nprivate = true\ninterval = \"5s\"\n\
             timeout = \"2s\"\ntags = [\"test\"]\n",
            self.address
        )
    }

    /// Answers 503 from now on.
    pub(crate) fn fail(&self) {
        write(&self.dir, self.address, 503);
        self.signal("-HUP");
    }

    /// Answers 200 again.
    pub(crate) fn recover(&self) {
        write(&self.dir, self.address, 200);
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        Command::new("kill").args([signal, &pid]).status().unwrap();
    }
}

impl Drop for FrontNginx {
    fn drop(&mut self) {
        // SIGKILL to the master would leave its worker behind.
        self.signal("-QUIT");
        drop(self.child.wait());
    }
}

fn write(dir: &TempDir, address: SocketAddr, status: u16) {
    let path = dir.path().display();
    let config = format!(
        "daemon off; worker_processes 1; pid {path}/pid; error_log stderr error;
         events {{ worker_connections 256; }}
         http {{ access_log off; client_body_temp_path {path}/a; proxy_temp_path {path}/b;
           fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
           server {{ listen {address}; location / {{ return {status} 'hello'; }} }} }}"
    );
    fs::write(dir.path().join("nginx.conf"), config).unwrap();
}
