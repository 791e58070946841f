use std::io;
use std::net::Ipv4Addr;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;
use crate::supervise::StopHandle;

const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Connections without sockets: time passes only when nobody has anything to do.
struct Pipes(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Pipes {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.0.recv().await {
            Some(pipe) => (pipe, NOBODY),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(NOBODY)
    }
}

struct Answering {
    pipes: mpsc::UnboundedSender<DuplexStream>,
    stop: StopHandle,
    answering: JoinHandle<()>,
}

impl Answering {
    #[allow(clippy::disallowed_methods)]
    fn start() -> Answering {
        let hangs = || async { std::future::pending::<String>().await };
        let router = Router::new().route("/", get(|| async { "here" })).route("/hangs", get(hangs));
        let ((pipes, coming), (stop, asked)) = (mpsc::unbounded_channel(), Stop::pair());
        let answering = tokio::spawn(answer(Pipes(coming), router, false, asked));
        Answering { pipes, stop, answering }
    }

    fn connect(&self) -> DuplexStream {
        let (ours, theirs) = duplex(64 * 1024);
        self.pipes.send(theirs).unwrap();
        ours
    }
}

async fn answered(pipe: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"here") {
        assert!(pipe.read_buf(&mut answer).await.unwrap() > 0, "{}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_keeps_silent_is_hung_up_on() {
    let answering = Answering::start();
    let sent: [&[u8]; 3] = [b"", b"GET / HT", ASK];
    for sent in sent {
        let (mut pipe, began) = (answering.connect(), Instant::now());
        pipe.write_all(sent).await.unwrap();
        let mut rest = Vec::new();
        pipe.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest.ends_with(b"here"), sent == ASK);
        assert!(began.elapsed() >= SILENT_FOR && began.elapsed() < SILENT_FOR * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn however_many_connections_say_nothing_others_are_answered_in_the_end() {
    let answering = Answering::start();
    let silent: Vec<DuplexStream> = (0..CONNECTIONS_MAX).map(|_| answering.connect()).collect();
    let (mut pipe, began) = (answering.connect(), Instant::now());
    pipe.write_all(ASK).await.unwrap();
    assert!(answered(&mut pipe).await.starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() >= SILENT_FOR, "{} are too many", silent.len());
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_refused() {
    let answering = Answering::start();
    let mut pipe = answering.connect();
    pipe.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx: ").await.unwrap();
    // As much as the server takes.
    while pipe.write_all(&[b'a'; 4096]).await.is_ok() {}
    let mut answer = Vec::new();
    pipe.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_answer_does_not_keep_the_program_from_ending() {
    let answering = Answering::start();
    let mut pipe = answering.connect();
    pipe.write_all(b"GET /hangs HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut other = answering.connect();
    other.write_all(ASK).await.unwrap();
    answered(&mut other).await;
    let began = Instant::now();
    answering.stop.ask();
    answering.answering.await.unwrap();
    assert!(began.elapsed() >= CLOSING_FOR && began.elapsed() < CLOSING_FOR * 2);
    // The idle one was closed at once.
    assert_eq!(other.read(&mut [0]).await.unwrap(), 0);
}
