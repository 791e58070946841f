//! What the webhook bears, over real loopback sockets: signed events a second accepted durably, beside what the store
//! itself writes durably in the same run; and a million malformed requests.
//!
//! `cargo bench -p rollbook --bench webhook` runs both; `-- events` or `-- malformed` one of them.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rollbook::clerk::{Clerk, Durability};
use rollbook::clock::Clock;
use rollbook::collector::events::apply_due;
use rollbook::webhook::{Source, Webhooks, router};
use rollbook_store::{Mode, NewEvent, Reader, Store};
use rollbook_zoom::webhook::{Event, sign};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[path = "webhook/malformed.rs"]
mod malformed;

/// Keep-alive connections. Zoom's own number is not documented.
const CONNECTIONS: u64 = 64;

/// Events of one measurement.
const EVENTS: u64 = 60_000;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    if runs("events") {
        events();
    }
    if runs("malformed") {
        malformed::run();
    }
}

/// A server on threads of its own, as `serve` has it.
struct Server {
    address: SocketAddr,
    webhooks: Webhooks,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn start(store: &Path) -> Server {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let clerk = Clerk::open(store, Durability::Disk).unwrap();
        let source = Source { account: "default".into(), zoom_account_id: None, secret: secret() };
        let webhooks = Webhooks::new(vec![source], clerk, Clock::System, Arc::default());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(webhooks.clone());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Server { address, webhooks, _runtime: runtime }
    }
}

fn secret() -> SecretString {
    SecretString::from("bench-secret")
}

/// An event like Zoom's sample, each with a participant and a time of its own.
fn body(number: u64) -> String {
    format!(
        r#"{{"event":"meeting.participant_joined","event_ts":{},"payload":{{"account_id":"AAAAAABBBB","object":{{"id":"1234567890","uuid":"4444AAAiAAAAAiAiAiiA{:04}==","host_id":"x1yCzABCDEfg23HiJKl4mN","topic":"My Meeting","type":8,"start_time":"2021-07-13T21:44:51Z","timezone":"America/Los_Angeles","duration":60,"participant":{{"user_id":"{}","user_name":"Jill Chill {number}","id":"iFxeBPYun6SAiWUzBcEkX","participant_uuid":"55555AAAiAAAAAiAi{number:08}","join_time":"2021-07-13T21:44:51Z","email":"jchill{number}@example.com","registrant_id":"abcdefghij0-klmnopq23456","participant_user_id":"iFxeBPYun6SAiWUzBcEkX","customer_key":"349589LkJyeW","phone_number":"8615250064084"}}}}}}}}"#,
        1_626_230_691_572 + number,
        number / 40,
        16_778_240 + number
    )
}

fn request(body: &str) -> Vec<u8> {
    let timestamp = Timestamp::now().as_second().to_string();
    let signature = sign(&secret(), &timestamp, body.as_bytes());
    format!(
        "POST /webhooks/zoom HTTP/1.1\r\nhost: example.org\r\ncontent-type: application/json; charset=utf-8\r\nuser-agent: Zoom Marketplace/1.0a\r\nx-zm-request-timestamp: {timestamp}\r\nx-zm-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer without a body; its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<u16> {
    buffer.clear();
    while !buffer.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    std::str::from_utf8(buffer.get(9..12)?).ok()?.parse().ok()
}

fn events() {
    println!(
        "## Signed events, accepted durably (synchronous=full), over loopback, {CONNECTIONS} keep-alive connections"
    );
    bare();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let server = Server::start(&path);
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (number, pace) in [None, Some(5_000), Some(8_000)].into_iter().enumerate() {
        let from = number as u64 * EVENTS;
        let requests: Vec<Vec<u8>> = (from..from + EVENTS).map(|number| request(&body(number))).collect();
        let began = Instant::now();
        let mut took = client.block_on(send(server.address, requests, pace));
        let rate = EVENTS as f64 / began.elapsed().as_secs_f64();
        took.sort_unstable();
        let at = |share: f64| took[(share * (took.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
        let how =
            pace.map_or("as fast as answered".to_owned(), |pace| format!("{pace}/s asked for, open loop"));
        println!(
            "  {how}: {rate:.0}/s, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms (aim: 5,000/s, p99 <= 50 ms)",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    let kept = Reader::open(&path).unwrap().count_events().unwrap().new;
    assert_eq!(kept, 3 * EVENTS, "every answered event is there");
    assert_eq!(server.webhooks.counts().kept, kept);
    drop(server);
    taken_over(&path);
}

/// How fast the collector takes them over, on one core.
fn taken_over(path: &Path) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    let options = rollbook_sim::Options::plain(1, jiff::civil::date(2026, 10, 5), 1, 1);
    let stage = rollbook::simulation::Stage::new(options, "2026-10-05T08:00:00Z".parse().unwrap());
    let accounts = [stage.account(false)];
    store.put_account("default", None, "default", &accounts[0].offer).unwrap();
    let (began, mut events, mut longest) = (Instant::now(), 0, Duration::ZERO);
    loop {
        let batch = Instant::now();
        match apply_due(&mut store, Timestamp::UNIX_EPOCH, &accounts).unwrap() {
            0 => break,
            taken => events += taken,
        }
        longest = longest.max(batch.elapsed());
    }
    let rate = events as f64 / began.elapsed().as_secs_f64();
    println!(
        "  taken over by the collector: {rate:.0}/s, the longest transaction {:.1} ms",
        longest.as_secs_f64() * 1e3
    );
}

/// Sends everything over some connections. With a pace, by a timetable that does not wait for answers: what is late is
/// late since its time.
async fn send(address: SocketAddr, requests: Vec<Vec<u8>>, pace: Option<u64>) -> Vec<Duration> {
    let requests = Arc::new(requests);
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..CONNECTIONS {
        let requests = requests.clone();
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut took, mut buffer) = (Vec::new(), Vec::with_capacity(512));
            for number in (first..requests.len() as u64).step_by(CONNECTIONS as usize) {
                let due = match pace {
                    Some(pace) => began + Duration::from_secs_f64(number as f64 / pace as f64),
                    None => Instant::now(),
                };
                if pace.is_some() {
                    tokio::time::sleep_until(due.into()).await;
                }
                stream.write_all(&requests[number as usize]).await.unwrap();
                assert_eq!(answer(&mut stream, &mut buffer).await, Some(200));
                took.push(due.elapsed());
            }
            took
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// The store alone: the same events, written one and a hundred to a transaction.
fn bare() {
    for together in [1, 100] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("store.db"), Mode::Write).unwrap();
        store.wait_for_the_disk().unwrap();
        let total = if together == 1 { 5_000 } else { EVENTS };
        let events: Vec<NewEvent> = (0..total).map(|number| packed(&body(number))).collect();
        let began = Instant::now();
        for some in events.chunks(together) {
            store
                .atomically(|store| some.iter().try_for_each(|event| store.put_event(event).map(drop)))
                .unwrap();
        }
        let rate = total as f64 / began.elapsed().as_secs_f64();
        println!("  the store alone, {together} to a transaction: {rate:.0}/s");
    }
}

fn packed(body: &str) -> NewEvent {
    let event = Event::read(body.as_bytes()).unwrap().value;
    let uuid = event.object().and_then(|object| object.uuid.clone());
    let uuid = uuid.as_ref().map(|uuid| uuid.as_str());
    NewEvent::pack(
        "default",
        "meeting.participant_joined",
        uuid,
        event.event_ts,
        Timestamp::UNIX_EPOCH,
        body.as_bytes(),
    )
    .unwrap()
}
