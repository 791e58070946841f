//! `rollbook serve` over the store in a process of its own, collecting from a pretend Zoom while pages are asked for.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rollbook_core::access::Capability;

use crate::{addresses, load};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rollbook");

/// Seconds between measurements, in which nobody asks: the collector alone.
const PAUSE: Duration = Duration::from_millis(500);

/// The kernel counts a process's time in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;

/// Asks for every page whose name holds `only`, and tells how long answers took.
pub fn run(store: &Path, rate: f64, seconds: f64, only: &str) {
    let token = token(store);
    let mut simulator = Simulator::start();
    let began = Instant::now();
    let mut server = Server::start(store, &simulator.address);
    println!("ready after {:.2} s, with {:.0} MB", began.elapsed().as_secs_f64(), server.megabytes());
    let head = format!("authorization: Bearer {token}\r\naccept: text/html\r\n");
    println!("{rate} requests a second for {seconds} s each, open loop, while the last day is collected:\n");
    println!("| what | p50 ms | p99 ms | CPU ms a request | KB | memory MB | |");
    println!("|---|---|---|---|---|---|---|");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut most, mut last) = (server.megabytes(), 0.0);
    for (name, paths) in addresses::all(store) {
        if !name.contains(only) {
            continue;
        }
        std::thread::sleep(PAUSE);
        let before = server.cpu_seconds();
        let mut times = runtime.block_on(load::run(&server.address, &head, paths, rate, seconds));
        let spent = (server.cpu_seconds() - before) * 1e3;
        last = server.megabytes();
        most = f64::max(most, last);
        let answered = times.answered.len();
        let wrong = times.wrong.first().map_or_else(String::new, |first| {
            format!("{} of {} wrong, such as {first}", times.wrong.len(), times.wrong.len() + answered)
        });
        match answered {
            0 => println!("| {name} | | | | | | {wrong} |"),
            _ => println!(
                "| {name} | {:.1} | {:.1} | {:.1} | {:.0} | {last:.0} | {wrong} |",
                times.quantile(0.5),
                times.quantile(0.99),
                spent / answered as f64,
                times.bytes as f64 / answered as f64 / 1e3
            ),
        }
    }
    println!("\nmemory of the server: at most {most:.0} MB, {last:.0} MB in the end");
    println!("calls to Zoom meanwhile: {}", calls(store));
    server.child.kill().unwrap();
    simulator.child.kill().unwrap();
}

/// Calls that the collector made while pages were asked for.
fn calls(store: &Path) -> u64 {
    rollbook_store::Reader::open(store).unwrap().runs(1).unwrap().first().map_or(0, |run| run.calls)
}

fn token(store: &Path) -> String {
    let scopes = Capability::ALL.iter().flat_map(|scope| ["--scope", scope.name()]);
    let output = Command::new(PROGRAM)
        .args(["--json", "--store", &format!("sqlite:{}", store.display()), "token", "add"])
        .arg(format!("bench-{}", std::process::id()))
        .args(scopes)
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    said["secret"].as_str().unwrap().to_owned()
}

struct Simulator {
    child: Child,
    address: String,
}

impl Simulator {
    fn start() -> Simulator {
        let mut child = Command::new(PROGRAM)
            .args(["simulate", "--plain", "--people", "20", "--meetings", "5000", "--listen", "127.0.0.1:0"])
            .args(["--now", "2026-10-06T08:00:00Z"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let address = address(&mut child);
        Simulator { child, address }
    }
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(store: &Path, zoom: &str) -> Server {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .env_clear()
            .env("ROLLBOOK_STORE", format!("sqlite:{}", store.display()))
            .env("ROLLBOOK_LISTEN", "127.0.0.1:0")
            .env("ROLLBOOK_NOW", "2026-10-06T08:00:00Z,1")
            .env("ROLLBOOK_API_RATE", "100000")
            .env("ROLLBOOK_ZOOM_API_URL", format!("http://{zoom}/v2"))
            .env("ROLLBOOK_ZOOM_OAUTH_URL", format!("http://{zoom}/oauth/token"))
            .envs([("ROLLBOOK_ZOOM_ACCOUNT_ID", "account"), ("ROLLBOOK_ZOOM_CLIENT_ID", "client")])
            .env("ROLLBOOK_ZOOM_CLIENT_SECRET", "secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = address(&mut child);
        Server { child, address }
    }

    /// Memory it holds.
    fn megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// What it has spent of the processors: the collector and all that answers.
    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which may hold blanks: user and system time are the 12th and 13th.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS_A_SECOND
    }
}

/// The address in the first line that a server prints; what it prints later is read too, or it could not go on.
fn address(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let rest = line.split("http://").nth(1).unwrap();
    rest.split([';', ' ', '/']).next().unwrap().to_owned()
}
