//! What the webhook bears, over real loopback sockets: signed events a second accepted durably, beside what the store
//! itself writes durably in the same run, alone and while the collector takes them over and pages are read; and a million
//! malformed requests.
//!
//! `cargo bench -p rollbook --bench webhook` runs both; `-- events` or `-- malformed` one of them. `-- events 1000000` takes
//! so many events for each measurement.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::serve::ListenerExt as _;
use jiff::Timestamp;
use rollbook::clerk::{Clerk, Durability};
use rollbook::clock::Clock;
use rollbook::collector::events::apply_due;
use rollbook::supervise::{Stop, StopHandle};
use rollbook::web::connections::answer as answer_all;
use rollbook::webhook::{Source, Webhooks, router};
use rollbook_store::{MeetingSearch, Mode, NewEvent, Reader, State, Store};
use rollbook_zoom::webhook::{Event, sign};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[path = "webhook/malformed.rs"]
mod malformed;

/// Keep-alive connections. Zoom's own number is not documented.
const CONNECTIONS: u64 = 64;

/// Events of one measurement, where no other number is asked for.
const EVENTS: u64 = 60_000;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    let number = wanted.iter().find_map(|one| one.parse().ok()).unwrap_or(EVENTS);
    if runs("events") {
        events(number);
    }
    if runs("malformed") {
        malformed::run();
    }
}

/// A server on threads of its own, as `serve` has it.
struct Server {
    address: SocketAddr,
    webhooks: Webhooks,
    /// Nobody asks it to stop: it ends with its runtime.
    _stop: StopHandle,
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
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (handle, stop) = Stop::pair();
        runtime.spawn(answer_all(listener, app, false, stop));
        Server { address, webhooks, _stop: handle, _runtime: runtime }
    }
}

fn secret() -> SecretString {
    SecretString::from("bench-secret")
}

/// Events as a school's day has them, forty to a meeting: people who come and go, some by way of the waiting room, call
/// quality with all its rows, devices. Each is of a participant and a moment of its own, with the members of Zoom's samples.
fn body(number: u64) -> String {
    let (meeting, place) = (number / 40, number % 40);
    // Days, meetings and people differ: nothing repeats.
    let at = Timestamp::from_millisecond(1_790_000_000_000 + number as i64 * 7).unwrap();
    let object = format!(
        r#""id":"{}","uuid":"{meeting:08}AAAiAAAAAiAiAii==","host_id":"x1yCzABCDEfg23HiJKl4mN","topic":"Algebra {meeting}","type":8,"start_time":"2026-09-21T14:13:00Z","timezone":"America/Los_Angeles","duration":60"#,
        80_000_000_000 + meeting
    );
    let user = 16_778_240 + number - number % 2;
    let person = format!(
        r#""user_id":"{user}","user_name":"Jill Chill {user}","id":"iFxeBPYun6SA{user}","participant_uuid":"55555AAAiAAAAAiAi{user:08}","email":"jchill{user}@example.com","registrant_id":"abcdefghij0-klmnopq23456","participant_user_id":"iFxeBPYun6SA{user}","customer_key":"349589LkJyeW","phone_number":"8615250064084""#
    );
    let (name, object) = match place {
        0 => ("started", object),
        39 => ("ended", format!(r#"{object},"end_time":"{at}""#)),
        5 | 15 | 25 | 35 => (
            "participant_qos",
            format!(r#""uuid":"{meeting:08}AAAiAAAAAiAiAii==","participant":{}"#, quality(user, at)),
        ),
        10 | 30 => (
            "participant_data",
            format!(
                r#""uuid":"{meeting:08}AAAiAAAAAiAiAii==","participant":{{"participant_id":"{user}","participant_user_id":"iFxeBPYun6SA{user}","email":"jchill{user}@example.com","data":[{{"device":"WIN","location":"New York","network_type":"Wired","microphone":"Plantronics BT600","speaker":"Plantronics BT600","camera":"FaceTime HD Camera","data_center":"SC","connection_type":"P2P","version":"4.4.55383.0716"}}]}}"#
            ),
        ),
        20 => (
            "participant_joined_waiting_room",
            format!(r#"{object},"participant":{{{person},"date_time":"{at}"}}"#),
        ),
        21 => ("participant_admitted", format!(r#"{object},"participant":{{{person},"date_time":"{at}"}}"#)),
        odd if odd % 2 == 1 => (
            "participant_left",
            format!(
                r#"{object},"participant":{{{person},"leave_time":"{at}","leave_reason":"Jill Chill {user} left the meeting.<br>Reason: left the meeting"}}"#
            ),
        ),
        _ => ("participant_joined", format!(r#"{object},"participant":{{{person},"join_time":"{at}"}}"#)),
    };
    format!(
        r#"{{"event":"meeting.{name}","event_ts":{},"payload":{{"account_id":"AAAAAABBBB","object":{{{object}}}}}}}"#,
        at.as_millisecond()
    )
}

/// A participant's call quality at one moment, every stream.
fn quality(user: u64, at: Timestamp) -> String {
    let streams = ["audio_input", "audio_output", "video_input", "video_output", "as_input", "as_output"];
    let rows: Vec<String> = streams
        .iter()
        .map(|stream| {
            format!(
                r#"{{"date_time":"{at}","type":"{stream}","details":{{"bitrate":"{} kbps","latency":"{} ms","jitter":"6 ms","avg_loss":"0.1%","max_loss":"0.5%","resolution":"640*360","frame_rate":"25 fps"}}}}"#,
                40 + user % 50,
                20 + user % 90
            )
        })
        .collect();
    format!(
        r#"{{"user_id":"{user}","participant_user_id":"iFxeBPYun6SA{user}","email":"jchill{user}@example.com","qos":[{}]}}"#,
        rows.join(",")
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

fn events(number: u64) {
    println!(
        "## {number} signed events each, accepted durably (synchronous=full), over loopback, {CONNECTIONS} keep-alive connections"
    );
    let bytes: usize = (0..400).map(|number| body(number).len()).sum();
    println!("  an event has {} bytes on average", bytes / 400);
    bare(number);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let server = Server::start(&path);
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = resident_kib();
    for (place, pace) in [None, Some(5_000), Some(8_000)].into_iter().enumerate() {
        measure(&client, &server, place as u64 * number, number, pace);
    }
    let kept = Reader::open(&path).unwrap().count_events().unwrap().new;
    assert_eq!(kept, 3 * number, "every answered event is there");
    assert_eq!(server.webhooks.counts().kept, kept);
    let size = std::fs::metadata(&path).unwrap().len() as f64 / 1_048_576.0;
    println!(
        "  {kept} events wait; the store has {size:.0} MiB; {:.1} MiB resident (with the client's requests), {:.1} before",
        resident_kib() as f64 / 1024.0,
        before as f64 / 1024.0
    );
    println!(
        "## The same while the collector takes over what waits, and a page of it is read ten times a second"
    );
    let done = Arc::new(AtomicBool::new(false));
    let collector = std::thread::spawn({
        let (path, done) = (path.clone(), done.clone());
        move || taken_over(&path, &done)
    });
    let reader = std::thread::spawn({
        let (path, done) = (path.clone(), done.clone());
        move || read_pages(&path, &done)
    });
    measure(&client, &server, 3 * number, number, Some(5_000));
    done.store(true, Ordering::Relaxed);
    println!("  {} of them wait", Reader::open(&path).unwrap().count_events().unwrap().new);
    collector.join().unwrap();
    reader.join().unwrap();
    println!("  {:.1} MiB resident", resident_kib() as f64 / 1024.0);
}

/// Sends `number` events beginning with `from`, and says how long answers took.
fn measure(client: &tokio::runtime::Runtime, server: &Server, from: u64, number: u64, pace: Option<u64>) {
    let requests: Vec<Vec<u8>> = (from..from + number).map(|number| request(&body(number))).collect();
    let began = Instant::now();
    let mut took = client.block_on(send(server.address, requests, pace));
    let rate = number as f64 / began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| took[(share * (took.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
    let how = pace.map_or("as fast as answered".to_owned(), |pace| format!("{pace}/s asked for, open loop"));
    println!(
        "  {how}: {rate:.0}/s, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms (aim: 5,000/s, p99 <= 50 ms)",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// The collector's part: takes events over until all is done, and says how fast.
fn taken_over(path: &Path, done: &AtomicBool) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    let options = rollbook_sim::Options::plain(1, jiff::civil::date(2026, 10, 5), 1, 1);
    let stage = rollbook::simulation::Stage::new(options, "2026-10-05T08:00:00Z".parse().unwrap());
    let accounts = [stage.account(false)];
    store.put_account("default", None, "default", &accounts[0].offer).unwrap();
    let (began, mut beside) = (Instant::now(), None);
    let (mut events, mut longest) = (0, Duration::ZERO);
    loop {
        let batch = Instant::now();
        let taken = apply_due(&mut store, Timestamp::UNIX_EPOCH, &accounts).unwrap();
        longest = longest.max(batch.elapsed());
        events += taken;
        if done.load(Ordering::Relaxed) && beside.is_none() {
            beside = Some((events, began.elapsed()));
        }
        if taken == 0 && beside.is_some() {
            break;
        }
    }
    let (alone_from, since) = beside.unwrap();
    println!(
        "  taken over: {:.0}/s beside that, {:.0}/s once nothing more came; the longest transaction {:.1} ms",
        alone_from as f64 / since.as_secs_f64(),
        (events - alone_from) as f64 / (began.elapsed() - since).as_secs_f64(),
        longest.as_secs_f64() * 1e3
    );
}

/// What the first page asks of events: how many wait, and who is in running meetings.
fn read_pages(path: &Path, done: &AtomicBool) {
    let reader = Reader::open(path).unwrap();
    let mut longest = Duration::ZERO;
    while !done.load(Ordering::Relaxed) {
        let began = Instant::now();
        let live = MeetingSearch { states: vec![State::Live], ..MeetingSearch::default() };
        let found = reader.search_meetings(&live, 20).unwrap();
        let running: Vec<_> = found.iter().map(|found| &found.record).collect();
        rollbook::web::live::counts(&reader, &running).unwrap();
        reader.count_events().unwrap();
        longest = longest.max(began.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("  who is in running meetings: read in {:.1} ms at worst", longest.as_secs_f64() * 1e3);
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
fn bare(number: u64) {
    for together in [1, 100] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("store.db"), Mode::Write).unwrap();
        store.wait_for_the_disk().unwrap();
        let total = if together == 1 { 5_000 } else { number };
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
        event.name.as_deref().unwrap(),
        uuid,
        event.event_ts,
        Timestamp::UNIX_EPOCH,
        body.as_bytes(),
    )
    .unwrap()
}

/// Resident memory of this process: server and client.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
