//! `serve` as a process: it collects what nobody asked for, says how it is, works beside other commands, and ends in
//! order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

/// A day that is over since days, so that one look settles it.
const DAY: [&str; 6] = ["--meetings", "12", "--people", "5", "--seed", "7"];

/// A running server.
struct Server {
    process: Child,
    out: BufReader<ChildStdout>,
    address: String,
    /// What it said until it answered.
    said: String,
}

impl Server {
    fn start(pretend: &Pretend, home: &Home, variables: &[(&str, &str)]) -> Server {
        let mut command = pretend.command(home, &["serve"]);
        command.env("ROLLBOOK_LISTEN", "127.0.0.1:0").envs(variables.iter().copied());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let before = said.len();
            assert!(out.read_line(&mut said).unwrap() > 0, "it ended before it answered");
            if let Some((_, address)) = said[before..].trim().split_once("http://") {
                break address.to_owned();
            }
        };
        Server { process, out, address, said }
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nx-request-id: it-7\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.to_lowercase().contains("x-request-id: it-7"), "{head}");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Ends it in order.
    fn stop(mut self) -> Ran {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.process.id())).status();
        assert!(sent.unwrap().success());
        let mut out = self.said.clone();
        self.out.read_to_string(&mut out).unwrap();
        let mut ran: Ran = self.process.wait_with_output().unwrap().into();
        ran.out = out;
        ran
    }
}

/// Waits until something is so; the test's own harness ends what never comes.
pub fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        // Nothing depends on how long this is: it only spares the machine.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn status(pretend: &Pretend, home: &Home) -> Value {
    serde_json::from_str(&pretend.run(home, &[], &["status", "--json"]).out).unwrap()
}

fn verified(status: &Value) -> u64 {
    status["instances"]["verified"].as_u64().unwrap_or(0)
}

#[test]
fn it_collects_by_itself_and_ends_in_order() {
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    let server = Server::start(&pretend, &home, &[("ROLLBOOK_SERVE_FROM", &day)]);
    assert_eq!(server.get("/health/live").0, 200);
    until(|| home.path().join("rollbook.db").exists() && verified(&status(&pretend, &home)) == 12);
    let (code, body) = server.get("/health/ready");
    assert_eq!((code, body.contains("\"is_well\":true")), (200, true), "{body}");
    assert_eq!(server.get("/metrics").0, 401);
    // Another command beside it finds everything done.
    let calls = pretend.calls();
    pretend.expect(&home, 0, &["sync", "--from", &day, "--to", &day, "--wait", "0"]);
    assert_eq!(pretend.calls(), calls);
    let ran = server.stop();
    assert_eq!(ran.code, 0, "{}", ran.err);
    for words in ["route=\"/health/ready\"", "status=200", "request_id=it-7"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let runs = pretend.expect(&home, 0, &["runs", "--json"]).out;
    let runs: Value = serde_json::from_str(&runs).unwrap();
    let own = runs["runs"].as_array().unwrap().iter().find(|run| run["command"] == "serve").unwrap();
    assert_eq!((own["exit_code"].as_i64(), own["ended_at"].is_string()), (Some(0), true), "{own}");
    pretend.assert_within_limits();
}

#[test]
fn killed_it_goes_on_where_it_was() {
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    for at in [1, 4, 9] {
        let mut server = Server::start(&pretend, &home, &[("ROLLBOOK_SERVE_FROM", &day)]);
        until(|| pretend.calls() >= at);
        server.process.kill().unwrap();
        server.process.wait().unwrap();
    }
    let server = Server::start(&pretend, &home, &[("ROLLBOOK_SERVE_FROM", &day)]);
    until(|| verified(&status(&pretend, &home)) == 12);
    assert_eq!(server.stop().code, 0);
    pretend.assert_within_limits();
}

#[test]
fn lines_of_the_log_are_json_when_asked() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let server = Server::start(&pretend, &home, &[("ROLLBOOK_LOG_FORMAT", "json")]);
    server.get("/nowhere?email=ana@school.example");
    let ran = server.stop();
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<Value> = ran.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["fields"]["message"] == "answered").unwrap();
    assert_eq!(line["span"]["request_id"], "it-7");
    assert_eq!((&line["fields"]["route"], &line["fields"]["status"]), (&"none".into(), &404.into()));
    assert!(!ran.err.contains("ana@school.example") && !ran.err.contains("nowhere"), "{}", ran.err);
}

#[test]
fn wrong_credentials_at_the_start_are_a_setting_to_mend() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let wrong = [("ROLLBOOK_ZOOM_CLIENT_SECRET", "wrong"), ("ROLLBOOK_LISTEN", "127.0.0.1:0")];
    let ran = pretend.run(&home, &wrong, &["serve"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("ROLLBOOK_ZOOM_CLIENT_SECRET"), "{}", ran.err);
}

#[test]
fn a_zoom_that_is_down_is_told_and_tried_again() {
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    // A port that is taken, and at which nobody answers.
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = held.local_addr().unwrap();
    drop(held);
    let url = format!("http://{nowhere}/oauth/token");
    let down = [("ROLLBOOK_ZOOM_OAUTH_URL", url.as_str()), ("ROLLBOOK_SERVE_FROM", day.as_str())];
    let server = Server::start(&pretend, &home, &down);
    until(|| server.get("/health/ready").1.contains("zoom default"));
    assert_eq!(server.get("/health/live").0, 200, "restarting would not help");
    assert_eq!(server.stop().code, 0);
    assert_eq!(pretend.calls(), 0);
}
