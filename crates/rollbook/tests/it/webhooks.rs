//! The server as Zoom meets it: a real process, real sockets, a real disk.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Mutex;

use jiff::Timestamp;
use rollbook_store::{Mode, NewEvent, Store};
use rollbook_zoom::webhook::{encrypted_token, sign};
use secrecy::SecretString;

use crate::pretend::{Home, Pretend};

const SECRET: &str = "s3cret";

/// `rollbook serve` in a process of its own.
struct Served {
    process: Child,
    address: String,
    /// Open for as long as it runs, whatever else it says.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Served {
    fn start(pretend: &Pretend, home: &Home) -> Served {
        let mut process = pretend
            .command(home, &["serve"])
            .env("ROLLBOOK_LISTEN", "127.0.0.1:0")
            .env("ROLLBOOK_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the server tells its address").unwrap();
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split(['/', ' ']).next().unwrap().to_owned();
            }
        };
        Served { process, address, _said: lines }
    }

    fn connect(&self) -> Option<TcpStream> {
        TcpStream::connect(&self.address).ok()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn event(number: u64) -> String {
    format!(
        r#"{{"event":"meeting.participant_joined","event_ts":1626230691572,"payload":{{"account_id":"A","object":{{"uuid":"a==","id":"9","participant":{{"user_id":"{number}","join_time":"2021-07-13T21:44:51Z"}}}}}}}}"#
    )
}

/// Posts a body; the status and the body of the answer, or nothing if the server is gone.
fn post(stream: &mut TcpStream, secret: &str, body: &str) -> Option<(u16, String)> {
    #[allow(clippy::disallowed_methods)]
    let timestamp = Timestamp::now().as_second().to_string();
    let signature = sign(&SecretString::from(secret), &timestamp, body.as_bytes());
    let request = format!(
        "POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\nx-zm-request-timestamp: {timestamp}\r\nx-zm-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length =
        head.split("content-length: ").nth(1).map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head[9..12].parse().unwrap(), String::from_utf8(body).unwrap()))
}

#[test]
fn every_event_that_was_answered_survives_a_kill() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    let answered: Mutex<Vec<u64>> = Mutex::default();
    for life in 0..3_u64 {
        let mut served = Served::start(&pretend, &home);
        let address = served.address.clone();
        std::thread::scope(|scope| {
            for sender in 0..8_u64 {
                let (address, answered) = (&address, &answered);
                scope.spawn(move || {
                    let Ok(mut stream) = TcpStream::connect(address) else { return };
                    for number in 0.. {
                        let number = life * 1_000_000 + sender * 100_000 + number;
                        let Some((status, _)) = post(&mut stream, SECRET, &event(number)) else { return };
                        assert_eq!(status, 200);
                        answered.lock().unwrap().push(number);
                    }
                });
            }
            // In the middle of things: when so many are answered.
            let enough = (usize::try_from(life).unwrap() + 1) * 400;
            while answered.lock().unwrap().len() < enough {
                assert_eq!(served.process.try_wait().unwrap(), None, "the server has ended by itself");
                std::thread::yield_now();
            }
            // As `kill -9` does.
            served.process.kill().unwrap();
        });
    }
    let mut store = Store::open(&home.path().join("rollbook.db"), Mode::Write).unwrap();
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() >= 1_200);
    for number in answered {
        let packed = NewEvent::pack(
            "default",
            "meeting.participant_joined",
            Some("a=="),
            None,
            Timestamp::UNIX_EPOCH,
            event(number).as_bytes(),
        );
        assert!(!store.put_event(&packed.unwrap()).unwrap(), "event {number} was answered and is lost");
    }
}

#[test]
fn the_server_validates_its_address_and_lets_no_stranger_in() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    let served = Served::start(&pretend, &home);
    let mut stream = served.connect().unwrap();
    let validation =
        r#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;
    let (status, body) = post(&mut stream, SECRET, validation).unwrap();
    let encrypted = encrypted_token(&SecretString::from(SECRET), "qgg8vlvZRS6UYooatFL8Aw").unwrap();
    assert!(status == 200 && body.contains(&encrypted), "{status} {body}");
    assert_eq!(post(&mut stream, "guess", &event(1)).unwrap().0, 401);
    let doctor = pretend.run(&home, &[("ROLLBOOK_WEBHOOK_SECRET", SECRET)], &["doctor", "--offline"]);
    assert!(doctor.out.contains("no event ever came"), "{}", doctor.out);
    assert!(doctor.out.contains("refused requests"), "{}", doctor.out);
    assert_eq!(post(&mut stream, SECRET, &event(1)).unwrap().0, 200);
    let doctor = pretend.run(&home, &[("ROLLBOOK_WEBHOOK_SECRET", SECRET)], &["doctor", "--offline"]);
    assert!(doctor.out.contains("the last one came"), "{}", doctor.out);
}
