//! A million requests that are not Zoom's, or broken: no crash, no growth, and nothing kept but the two that are signed and
//! merely odd.

use std::time::Instant;

use rollbook_store::Reader;
use rollbook_zoom::webhook::sign;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Server, answer, body, resident_kib, secret};

const REQUESTS: u64 = 1_000_000;
const CONNECTIONS: u64 = 32;

pub fn run() {
    println!("## {REQUESTS} malformed requests over loopback");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let server = Server::start(&path);
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (began, mut first) = (Instant::now(), 0);
    for part in 0..10 {
        let from = part * REQUESTS / 10;
        client.block_on(send(&server, from, from + REQUESTS / 10));
        let resident = resident_kib();
        if part == 0 {
            first = resident;
        }
        if part == 0 || part == 9 {
            println!("  after {}: {:.1} MiB resident", from + REQUESTS / 10, resident as f64 / 1024.0);
        }
    }
    let rate = REQUESTS as f64 / began.elapsed().as_secs_f64();
    let grown = resident_kib() as i64 - first as i64;
    let reader = Reader::open(&path).unwrap();
    let counts = server.webhooks.counts();
    println!(
        "  {rate:.0}/s, {grown} kB grown since the first tenth, {} refused, {} kept",
        counts.refused, counts.kept
    );
    // The two odd ones were told apart from their repetitions.
    assert_eq!((reader.count_events().unwrap().new, counts.kept), (2, 2));
    assert!(grown < 8 * 1024, "memory grew by {grown} kB");
}

async fn send(server: &Server, from: u64, to: u64) {
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..CONNECTIONS {
        let address = server.address;
        tasks.spawn(async move {
            let mut stream = None;
            let mut buffer = Vec::with_capacity(1024);
            for number in (from + first..to).step_by(CONNECTIONS as usize) {
                let mut open = match stream.take() {
                    Some(open) => open,
                    None => TcpStream::connect(address).await.unwrap(),
                };
                // Whatever is answered, it is not that the event is kept, but for those that Zoom could have signed.
                let sent = open.write_all(&malformed(number)).await.is_ok();
                if number % KINDS == 14 {
                    // Half of a request, and no more comes.
                    let _ = open.shutdown().await;
                }
                let status = if sent { answer(&mut open, &mut buffer).await } else { None };
                let is_fit = |status: u16| match is_odd(number) {
                    true => status == 200,
                    false => (400..506).contains(&status) && status != 503,
                };
                assert!(status.is_none_or(is_fit), "{number}: {status:?}");
                // What cannot be the end of one request ends the connection.
                if is_whole(number) && status.is_some() && drained(&mut open, &buffer).await {
                    stream = Some(open);
                }
            }
        });
    }
    tasks.join_all().await;
}

/// The rest of an answer's body; false if its length is not told.
async fn drained(stream: &mut TcpStream, buffer: &[u8]) -> bool {
    use tokio::io::AsyncReadExt;
    let text = String::from_utf8_lossy(buffer).to_lowercase();
    let Some((head, rest)) = text.split_once("\r\n\r\n") else { return false };
    if head.contains("connection: close") {
        return false;
    }
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let Some(Ok(length)) = length.map(str::parse::<usize>) else { return false };
    let missing = length.saturating_sub(rest.len());
    let mut left = vec![0; missing];
    stream.read_exact(&mut left).await.is_ok()
}

/// Whether another request can follow on the same connection.
fn is_whole(number: u64) -> bool {
    number % KINDS < 11
}

/// Signed, and JSON: kept, once each, for the collector to say what is wrong with them.
fn is_odd(number: u64) -> bool {
    matches!(number % KINDS, 8 | 9)
}

/// Ways to be wrong.
const KINDS: u64 = 16;

fn malformed(number: u64) -> Vec<u8> {
    let event = body(number);
    let signed = |body: &[u8], timestamp: &str| {
        let signature = sign(&secret(), timestamp, body);
        with_headers(body, &format!("x-zm-request-timestamp: {timestamp}\r\nx-zm-signature: {signature}\r\n"))
    };
    #[allow(clippy::disallowed_methods)]
    let now = jiff::Timestamp::now().as_second();
    match number % KINDS {
        0 => with_headers(event.as_bytes(), ""),
        1 => with_headers(
            event.as_bytes(),
            &format!("x-zm-request-timestamp: {now}\r\nx-zm-signature: v0=00\r\n"),
        ),
        2 => signed(event.as_bytes(), &(now - 8_000 - number as i64 % 1_000).to_string()),
        3 => signed(event.as_bytes(), "not a time"),
        // Signed, and no event.
        4 => signed(&event.as_bytes()[..event.len() / 2], &now.to_string()),
        5 => signed(&number.to_le_bytes().repeat(40), &now.to_string()),
        6 => with_headers(br#"{"event":"endpoint.url_validation","payload":{"plainToken":"v0:1:{}"}}"#, ""),
        7 => with_headers("[".repeat(2_000).as_bytes(), ""),
        // Signed with members of other types, text that is none, and a name that is none.
        8 => signed(br#"{"event":7,"event_ts":"never","payload":[{"object":null}]}"#, &now.to_string()),
        9 => signed(b"{\"event\":\"\xff\xfe\xed\xa0\x80\",\"payload\":{}}", &now.to_string()),
        10 => b"GET /webhooks/zoom HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        // Not even a request: its length is too large, its head, its parts, or it is no HTTP; or it breaks off.
        11 => b"POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\n\r\n{}".to_vec(),
        12 => {
            let name = "a".repeat(70_000);
            format!("POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\n{name}: 1\r\n\r\n").into_bytes()
        }
        13 => b"POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"
            .to_vec(),
        14 => event.as_bytes()[..event.len() / 3].to_vec(),
        _ => format!("POST /webhooks/zoom HTTP/9.{number}\r\n\0\r\n\r\n").into_bytes(),
    }
}

fn with_headers(body: &[u8], headers: &str) -> Vec<u8> {
    let mut request =
        format!("POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\n{headers}content-length: {}\r\n\r\n", body.len())
            .into_bytes();
    request.extend_from_slice(body);
    request
}
