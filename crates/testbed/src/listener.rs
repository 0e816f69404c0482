//! One listening address of a host: open, closed or full.
//!
//! A change has reached the kernel when [`Listener::stand`] returns. Must never lose its port to
//! another host while it is closed: the host holds the address (see `address`).

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustix::net::{Shutdown, shutdown};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
    time,
};

use super::{behaviour::Stance, serve::serve};
use crate::host_state::HostState;

/// Longer than any burst of a test, so that only a full door drops packets.
const BACKLOG: u32 = 1024;
/// Time after which a connection on loopback is taken for one whose packets are dropped.
const DROPPED_AFTER: Duration = Duration::from_millis(60);

/// One listening address.
#[derive(Debug)]
pub(super) struct Listener {
    at: SocketAddr,
    secure: bool,
    state: ListenerState,
}

#[derive(Debug)]
enum ListenerState {
    Open(JoinHandle<()>),
    Closed,
    /// Held for what the kernel does with them.
    Full(#[expect(dead_code, reason = "kept open")] (Listening, Vec<TcpStream>)),
}

/// A listener that has let its port go when it is dropped. To close it is not enough: a process that
/// is being started elsewhere has a copy of it until it runs its own program.
#[derive(Debug)]
struct Listening(TcpListener);

impl Drop for Listening {
    fn drop(&mut self) {
        // A socket that cannot be shut down does not listen: there is nothing to close.
        let _ = shutdown(&self.0, Shutdown::Both);
    }
}

impl Listener {
    /// Starts to listen at `at`; port 0 lets the kernel choose one.
    pub(super) fn open(at: SocketAddr, secure: bool, stage: &Arc<HostState>) -> io::Result<Self> {
        let listener = listen(at, BACKLOG)?;
        let at = listener.0.local_addr()?;
        let task = tokio::spawn(attend(listener, secure, Arc::clone(stage)));
        Ok(Self { at, secure, state: ListenerState::Open(task) })
    }

    pub(super) fn port(&self) -> u16 {
        self.at.port()
    }

    /// Opens, closes or fills the door, and returns when it is so.
    pub(super) async fn stand(&mut self, stance: Stance, stage: &Arc<HostState>) -> io::Result<()> {
        match (&self.state, stance) {
            (ListenerState::Open(_), Stance::Open)
            | (ListenerState::Closed, Stance::Closed)
            | (ListenerState::Full(_), Stance::Full) => return Ok(()),
            _ => self.close().await,
        }
        match stance {
            Stance::Open => *self = Self::open(self.at, self.secure, stage)?,
            Stance::Full => self.state = ListenerState::Full(fill(self.at).await?),
            Stance::Closed => {}
        }
        Ok(())
    }

    async fn close(&mut self) {
        if let ListenerState::Open(task) = std::mem::replace(&mut self.state, ListenerState::Closed)
        {
            task.abort();
            // The listener is closed when its task is gone; how it went does not matter.
            let _ = task.await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let ListenerState::Open(task) = &self.state {
            task.abort();
        }
    }
}

fn listen(at: SocketAddr, backlog: u32) -> io::Result<Listening> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(backlog).map(Listening)
}

/// Listens with an empty queue and fills the room that the kernel leaves.
async fn fill(at: SocketAddr) -> io::Result<(Listening, Vec<TcpStream>)> {
    let listener = listen(at, 0)?;
    let mut inside = Vec::new();
    loop {
        match time::timeout(DROPPED_AFTER, TcpStream::connect(at)).await {
            Ok(connected) => inside.push(connected?),
            // Linux lets one in at least: before that, only the machine was slow.
            Err(_) if inside.is_empty() => {}
            Err(_) => return Ok((listener, inside)),
        }
    }
}

async fn attend(listener: Listening, secure: bool, stage: Arc<HostState>) {
    loop {
        let accepted = tokio::select! {
            () = stage.stop.cancelled() => return,
            accepted = listener.0.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let act = stage.enter();
                tokio::spawn(serve(stream, secure, act, Arc::clone(&stage)));
            }
            // Out of descriptors, for example: give others time to return some.
            Err(_) => time::sleep(Duration::from_millis(10)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_is_free_again_although_a_starting_process_holds_a_copy() {
        let first = listen("127.0.0.1:0".parse().unwrap(), BACKLOG).unwrap();
        let at = first.0.local_addr().unwrap();
        let copy = rustix::io::dup(&first.0).unwrap();
        drop(first);
        assert!(TcpStream::connect(at).await.is_err());
        listen(at, BACKLOG).unwrap();
        drop(copy);
    }
}
