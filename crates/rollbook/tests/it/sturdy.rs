//! What `serve` bears: a terminal that is gone, ports and stores that are taken, a Zoom that never answers, a full disk.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;
use rollbook_zoom::webhook::sign;
use secrecy::SecretString;

use crate::bad_input::store::{Mounted, mount};
use crate::pretend::{Home, Pretend};
use crate::serve::until;

const SECRET: &str = "s3cret";

/// A server whose standard output nobody reads.
struct Unheard {
    process: Child,
    address: SocketAddr,
}

impl Unheard {
    fn start(pretend: &Pretend, home: &Home, variables: &[(&str, &str)]) -> Unheard {
        let address = free();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = pretend.command(home, &["serve"]);
        command.env("ROLLBOOK_LISTEN", address.to_string()).envs(variables.iter().copied());
        let process = command.stdout(writer).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Unheard { process, address };
        until(|| {
            assert_eq!(server.process.try_wait().unwrap(), None, "it has ended by itself");
            TcpStream::connect(address).is_ok()
        });
        server
    }

    /// Status and body.
    fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    /// Posts an event as Zoom does; the status.
    fn tell(&self, number: u64) -> u16 {
        let body = format!(
            r#"{{"event":"meeting.participant_joined","event_ts":1626230691572,"payload":{{"account_id":"A","object":{{"uuid":"a==","id":"9","participant":{{"user_id":"{number}","user_name":"{}","join_time":"2021-07-13T21:44:51Z"}}}}}}}}"#,
            "Somebody ".repeat(400)
        );
        #[allow(clippy::disallowed_methods)]
        let timestamp = Timestamp::now().as_second().to_string();
        let signature = sign(&SecretString::from(SECRET), &timestamp, body.as_bytes());
        let head = format!("x-zm-request-timestamp: {timestamp}\r\nx-zm-signature: {signature}\r\n");
        let length = body.len();
        self.ask(&format!(
            "POST /webhooks/zoom HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}content-length: {length}\r\n\r\n{body}"
        ))
        .0
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.process.id())).status();
        assert!(sent.unwrap().success());
    }

    fn code_after(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.process.wait().unwrap().code()
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address where nobody listens.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn it_needs_no_terminal_and_a_hangup_does_not_end_it() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    let server = Unheard::start(&pretend, &home, &[]);
    server.signal("HUP");
    assert_eq!(server.get("/health/live").0, 200);
    assert_eq!(server.code_after("TERM"), Some(0));
}

#[test]
fn a_port_or_a_store_that_is_taken_is_told_with_exit_code_2() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = pretend.run(&home, &[("ROLLBOOK_LISTEN", address.as_str())], &["serve"]);
    assert!(ran.code == 2 && ran.err.contains("ROLLBOOK_LISTEN"), "{}: {}", ran.code, ran.err);
    let server = Unheard::start(&pretend, &home, &[]);
    let ran = pretend.run(&home, &[("ROLLBOOK_LISTEN", free().to_string().as_str())], &["serve"]);
    assert!(ran.code == 2 && ran.err.contains("another `rollbook serve` runs"), "{}: {}", ran.code, ran.err);
    assert_eq!(server.code_after("TERM"), Some(0));
}

#[test]
fn a_zoom_that_never_answers_keeps_neither_pages_from_being_shown_nor_the_process_from_ending() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/oauth/token", silent.local_addr().unwrap());
    for signal in ["TERM", "INT"] {
        let server = Unheard::start(&pretend, &home, &[("ROLLBOOK_ZOOM_OAUTH_URL", url.as_str())]);
        assert_eq!(server.get("/health/live").0, 200);
        assert_eq!(server.code_after(signal), Some(0), "SIG{signal}");
    }
}

#[test]
fn on_a_full_disk_zoom_is_told_to_come_again_and_nothing_answered_is_lost() {
    let ((pretend, _), home) = (Pretend::of_past_day(&["--meetings", "2"]), Home::new());
    let place = home.path().join("small");
    if !mount(&["-t", "tmpfs", "-o", "size=24m", "rollbook-test"], &place) {
        eprintln!("not tried: this user cannot mount a small disk");
        return;
    }
    let mounted = Mounted(&place);
    let variables = [("ROLLBOOK_STORE", "sqlite:small/rollbook.db"), ("ROLLBOOK_WEBHOOK_SECRET", SECRET)];
    let server = Unheard::start(&pretend, &home, &variables);
    assert_eq!(server.tell(0), 200);
    // Somebody else's file takes all that is left.
    let mut other = std::fs::File::create(place.join("other")).unwrap();
    while other.write_all(&[7; 4096]).is_ok() {}
    let mut number = 0;
    until(|| {
        number += 1;
        server.tell(number) == 503
    });
    let (code, body) = server.get("/health/ready");
    assert!(code == 503 && body.contains("\"events\""), "{body}");
    assert_eq!(server.get("/health/live").0, 200, "restarting would not help");
    drop(other);
    std::fs::remove_file(place.join("other")).unwrap();
    assert_eq!(server.tell(number), 200, "there is room again");
    assert!(!server.get("/health/ready").1.contains("\"events\""));
    assert_eq!(server.code_after("TERM"), Some(0));
    let store = rollbook_store::Store::open(&place.join("rollbook.db"), rollbook_store::Mode::Write).unwrap();
    let source = store.event_source("default").unwrap().unwrap();
    assert_eq!(source.events, number + 1, "each event that was answered with 200, once");
    drop((store, mounted));
}
