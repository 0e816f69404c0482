//! Informational answers before a reply: some are usual, an endless row of them is an attack.

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::Instant,
};

use super::{
    authority::{TestAuthority, certificate},
    lab::{LIMIT, TestProbe, failed_with, head, probe, says, serve},
};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
};

const REPLY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn some_are_skipped() {
    for news in ["HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", "HTTP/1.1 102 Wait\r\n\r\n"] {
        let server = says([&news.repeat(60), REPLY].concat()).await;
        assert_eq!(probe(&server.url()).await.answer, Answer::Ok, "{news}");
    }
}

/// Sends the same for ever.
async fn endless(mut stream: impl AsyncWrite + Unpin, bytes: &[u8]) {
    let many = bytes.repeat(1 + 8_000 / bytes.len());
    while stream.write_all(&many).await.is_ok() {}
}

#[tokio::test]
async fn an_endless_row_of_them_is_told_at_once() {
    let many = || FailureDetail::TooManyInterimAnswers { limit: 64 };
    let large = "x".repeat(100_000);
    for (news, detail) in [
        ("HTTP/1.1 100 Continue\r\n\r\n".to_owned(), many()),
        ("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".to_owned(), many()),
        (format!("HTTP/1.1 103 Early Hints\r\nx: {large}\r\n\r\n"), FailureDetail::HeadersTooLarge),
        // The second reading.
        ("HTTP/2 103 Early Hints\r\nlink: </x>\r\n\r\n".to_owned(), FailureDetail::NotHttp),
    ] {
        let server = serve(move |mut stream| {
            let news = news.clone();
            async move {
                head(&mut stream).await;
                endless(stream, news.as_bytes()).await;
            }
        })
        .await;
        let start = Instant::now();
        let outcome = probe(&server.url()).await;
        failed_with(&outcome, Failure::Protocol, &detail);
        assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
    }
}

/// A ready connection of HTTP/2 on which requests get an endless row of `103`.
async fn endless_frames(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    // Settings, and the acknowledgement of theirs.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]).await.ok();
    let mut read = vec![0; 4096];
    let mut seen = Vec::new();
    // Until the headers of the request, on stream 1.
    while !seen.windows(5).any(|part: &[u8]| part == [1, 5, 0, 0, 0]) {
        match stream.read(&mut read).await {
            Ok(0) | Err(_) => return,
            Ok(count) => seen.extend_from_slice(&read[..count]),
        }
    }
    // `:status: 103`, its name from the table, and not to be remembered.
    let frame = [0, 0, 5, 1, 4, 0, 0, 0, 1, 0x08, 3, b'1', b'0', b'3'];
    endless(stream, &frame).await;
}

#[tokio::test]
async fn over_http_2_too() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2"]);
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                endless_frames(stream).await;
            }
        }
    })
    .await;
    let start = Instant::now();
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    let many = FailureDetail::TooManyInterimAnswers { limit: 64 };
    failed_with(&outcome, Failure::Protocol, &many);
    assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
}
