//! `rollbook simulate` on a port of its own, and the binary pointed at it as a user would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use crate::kept::{Ran, bare};

/// A simulator in a process of its own, ended with this value.
pub struct Pretend {
    process: Child,
    address: String,
    settings: Vec<(String, String)>,
    started: Instant,
}

/// A user's folder: working directory, home and cache in one.
pub struct Home(tempfile::TempDir);

impl Home {
    /// An empty one.
    pub fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.path().to_path_buf()
    }

    /// Puts a file there.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary, with nothing configured.
    pub fn command(&self, arguments: &[&str]) -> Command {
        bare(&self.path(), arguments)
    }

    /// Runs the binary with these variables and no others.
    pub fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.command(arguments).envs(variables.iter().copied()).output().unwrap().into()
    }

    /// Every file below, with what it holds.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn below(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    below(&path, found);
                } else {
                    found.push((path.clone(), std::fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        below(self.0.path(), &mut found);
        found
    }
}

impl Pretend {
    /// Starts one; its clock shows the fourth day after, when nothing comes late any more.
    pub fn start(arguments: &[&str]) -> Pretend {
        Pretend::spawn(&[&["--now", "2026-10-09T03:00:00Z"], arguments].concat())
    }

    /// Starts one at another instant: a plain day that is under way.
    pub fn of_running_day(now: &str, arguments: &[&str]) -> Pretend {
        Pretend::spawn(&[&["--plain", "--now", now], arguments].concat())
    }

    fn spawn(arguments: &[&str]) -> Pretend {
        let mut command = bare(&std::env::temp_dir(), &["simulate", "--listen", "127.0.0.1:0"]);
        let mut process =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut settings = Vec::new();
        loop {
            let line = lines.next().expect("the simulator tells its address").unwrap();
            if line.starts_with("What really happened") {
                break;
            }
            let pairs = line.strip_prefix("export ").unwrap_or_default().split_whitespace();
            settings.extend(
                pairs
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| (name.into(), value.into())),
            );
        }
        let started = Instant::now();
        let mut pretend = Pretend { process, address: String::new(), settings, started };
        pretend.address = pretend.url("").replace("http://", "");
        pretend
    }

    /// One whose clock is the system's, with a day that is long over: nothing has to be waited for.
    pub fn of_past_day(arguments: &[&str]) -> (Pretend, String) {
        #[allow(clippy::disallowed_methods)]
        let now = Timestamp::now();
        let day = (now - SignedDuration::from_hours(96)).strftime("%Y-%m-%d").to_string();
        let (clock, mut all) = (now.to_string(), vec!["--plain", "--day", &day, "--now"]);
        all.push(&clock);
        all.extend(arguments);
        let mut pretend = Pretend::spawn(&all);
        pretend.settings.retain(|(name, _)| name != "ROLLBOOK_NOW");
        (pretend, day)
    }

    /// A setting as the simulator printed it.
    pub fn setting(&self, name: &str) -> &str {
        &self.settings.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        self.setting("ROLLBOOK_ZOOM_API_URL").replace("/v2", path)
    }

    /// The binary with the settings that the simulator printed, its clock set to what the simulator's shows now.
    pub fn command(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = home.command(arguments);
        for (name, value) in &self.settings {
            match (name.as_str(), value.split_once(',')) {
                ("ROLLBOOK_NOW", Some((instant, scale))) => {
                    let passed = self.started.elapsed().as_secs_f64() * scale.parse::<f64>().unwrap();
                    let now = instant.parse::<Timestamp>().unwrap() + SignedDuration::from_secs_f64(passed);
                    command.env(name, format!("{now},{scale}"));
                }
                _ => drop(command.env(name, value)),
            }
        }
        command
    }

    /// Runs the binary with other values for some variables; an empty one counts as not set.
    pub fn run(&self, home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.command(home, arguments).envs(variables.iter().copied()).output().unwrap().into()
    }

    /// Runs the binary, which must end with this exit code.
    pub fn expect(&self, home: &Home, code: i32, arguments: &[&str]) -> Ran {
        let ran = self.run(home, &[], arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}\n{}", ran.err, ran.out);
        ran
    }

    /// What the simulator has counted.
    pub fn stats(&self) -> Value {
        self.inspect("stats")
    }

    /// What really happened.
    pub fn truth(&self) -> Value {
        self.inspect("truth")
    }

    /// Grades that its Moodle was told.
    pub fn grades(&self) -> Value {
        self.inspect("grades")
    }

    fn inspect(&self, page: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request =
            format!("GET /_sim/{page} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Labelled calls so far.
    pub fn calls(&self) -> u64 {
        self.stats()["calls"].as_u64().unwrap()
    }

    /// Fails if any limit was ever exceeded, by fixed or by sliding windows.
    pub fn assert_within_limits(&self) {
        let stats = self.stats();
        for limit in stats["limits"].as_array().unwrap() {
            let over = (limit["exceeded_fixed"].as_u64(), limit["exceeded_sliding"].as_u64());
            assert_eq!(over, (Some(0), Some(0)), "{limit}");
        }
    }
}

impl Drop for Pretend {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
