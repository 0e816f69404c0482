//! A site of our own on loopback, whose behaviour changes while it runs.
//!
//! Each has an address of its own and holds its port, so that no other process takes it while it
//! refuses: not even a listener on every address.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpSocket, TcpStream, UnixStream},
    sync::watch,
    time::sleep,
};

/// Behaviour of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Answers 200 at once.
    Well,
    /// Answers 403 at once.
    Shy,
    /// Answers 500 at once.
    Broken,
    /// Answers 200 after this many milliseconds.
    Late(u64),
    /// Takes the connection and says nothing.
    Silent,
    /// Takes no connection.
    Refusing,
}

/// Late enough to be slow, and still within the time that is given.
pub(crate) const SLOW: Mood = Mood::Late(1_500);

/// A site; it is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
}

impl Server {
    pub(crate) async fn start(mood: Mood) -> Self {
        let place = Place::take();
        let (address, listener) = (place.address, place.listen().await);
        let (tell, told) = watch::channel(mood);
        tokio::spawn(open_and_close(place, listener, told, |mood| mood != Mood::Refusing, talk));
        Self { address, mood: tell }
    }

    pub(crate) fn turn(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Its entry in a catalogue, checked every 5 s.
    pub(crate) fn entry(&self, slug: &str) -> String {
        entry(slug, &self.url())
    }
}

/// An entry of a catalogue, checked every 5 s.
pub(crate) fn entry(slug: &str, url: &str) -> String {
    format!(
        "[[site]]\nslug = \"{slug}\"\nurl = \"{url}\"\ninterval = \"5s\"\ntimeout = \"2s\"\n\
         private = true\n"
    )
}

/// A TCP proxy to a Unix socket, which can be cut.
#[derive(Debug)]
pub(crate) struct Way {
    address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Way {
    pub(crate) async fn to(socket: PathBuf) -> Self {
        let place = Place::take();
        let (address, listener) = (place.address, place.listen().await);
        let (tell, told) = watch::channel(true);
        let pass = move |stream, open| pass(socket.clone(), stream, open);
        tokio::spawn(open_and_close(place, listener, told, |open| open, pass));
        Self { address, open: tell }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections, and refuses new ones.
    pub(crate) fn cut(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.open.send_replace(true);
    }
}

/// A port on which nothing listens as long as these tests run.
pub(crate) fn closed_port() -> SocketAddr {
    let place = Place::take();
    let address = place.address;
    std::mem::forget(place);
    address
}

/// A port of an address of its own.
struct Place {
    address: SocketAddr,
    /// Bound and never listening, so that the kernel does not give the port away.
    _held: TcpSocket,
}

impl Place {
    fn take() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed) as u8;
        // Another run of these tests has another net.
        let net = 1 + (std::process::id() % 200) as u8;
        let held = TcpSocket::new_v4().unwrap();
        // As a listener has it, or there could be none beside this.
        held.set_reuseaddr(true).unwrap();
        held.bind(SocketAddr::from(([127, net, 1, number], 0))).unwrap();
        Self { address: held.local_addr().unwrap(), _held: held }
    }

    async fn listen(&self) -> TcpListener {
        TcpListener::bind(self.address).await.unwrap()
    }
}

/// Listens as long as `opens` says so, and passes every connection to `serve`.
async fn open_and_close<T, S, F>(
    place: Place,
    listener: TcpListener,
    mut told: watch::Receiver<T>,
    opens: fn(T) -> bool,
    serve: S,
) where
    T: Copy,
    S: Fn(TcpStream, watch::Receiver<T>) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut listener = Some(listener);
    loop {
        if !opens(*told.borrow_and_update()) {
            listener = None;
        } else if listener.is_none() {
            listener = Some(place.listen().await);
        }
        let accept = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = told.changed() => if changed.is_err() { return },
            accepted = accept => if let Ok((stream, _)) = accepted {
                tokio::spawn(serve(stream, told.clone()));
            },
        }
    }
}

async fn talk(mut stream: TcpStream, mood: watch::Receiver<Mood>) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        match stream.read_buf(&mut asked).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let mood = *mood.borrow();
    let status = match mood {
        Mood::Silent => {
            // Until the other end has had enough.
            while stream.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {}
            return;
        }
        Mood::Broken => "500 Internal Server Error",
        Mood::Shy => "403 Forbidden",
        Mood::Well | Mood::Late(_) | Mood::Refusing => "200 OK",
    };
    if let Mood::Late(millis) = mood {
        sleep(Duration::from_millis(millis)).await;
    }
    let answer =
        format!("HTTP/1.1 {status}\r\ncontent-length: 6\r\nconnection: close\r\n\r\nhello\n");
    drop(stream.write_all(answer.as_bytes()).await);
}

async fn pass(socket: PathBuf, mut stream: TcpStream, mut open: watch::Receiver<bool>) {
    let Ok(mut other) = UnixStream::connect(socket).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut stream, &mut other) => {}
        _ = open.wait_for(|open| !open) => {}
    }
}
