//! `rollbook serve` over the store in a process of its own, collecting from a pretend Zoom while pages are asked for.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rollbook_core::access::Capability;
use rollbook_store::{InstanceFilter, Reader};

use crate::{load, year};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rollbook");

/// Different instances asked for, so that answers do not come out of a cache of one page.
const INSTANCES: u32 = 2_000;

pub fn run(store: &Path, rate: f64, seconds: f64) {
    let token = token(store);
    let mut simulator = Simulator::start();
    let mut server = Server::start(store, &simulator.address);
    let head = format!("authorization: Bearer {token}\r\naccept: text/html\r\n");
    println!("## {rate} requests a second for {seconds} s each, while yesterday is collected");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (name, paths) in pages(store) {
        let mut times = runtime.block_on(load::run(&server.address, &head, paths, rate, seconds));
        let answered = times.answered.len().max(1);
        match times.answered.is_empty() {
            true => println!("  {name:<16} nothing answered with 200"),
            false => println!(
                "  {name:<16} p50 {:>7.1} ms  p99 {:>7.1} ms  {:>5.0} KB",
                times.quantile(0.5),
                times.quantile(0.99),
                times.bytes as f64 / answered as f64 / 1e3
            ),
        }
        if let Some(first) = times.wrong.first() {
            println!("  {name:<16} {} of {answered} wrong, such as {first}", times.wrong.len());
        }
    }
    println!("  memory of the server: {:.0} MB", resident_kib(server.child.id()) as f64 / 1024.0);
    server.child.kill().unwrap();
    simulator.child.kill().unwrap();
}

/// Pages with their addresses, instances and people drawn evenly from all days.
fn pages(store: &Path) -> Vec<(&'static str, Vec<String>)> {
    let reader = Reader::open(store).unwrap();
    let yesterday = rollbook_core::time::Window {
        from: year::end() - jiff::SignedDuration::from_hours(24),
        to: year::end(),
    };
    let filter = InstanceFilter { window: Some(yesterday), ..InstanceFilter::default() };
    let runs = reader.instances(&filter, INSTANCES).unwrap();
    let path = |uuid: &str| {
        let safe = uuid.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        format!("/meetings/{safe}")
    };
    let one = |path: &str| vec![path.to_owned()];
    vec![
        ("today", one("/")),
        ("meetings", one("/meetings")),
        (
            "search",
            ["algebra", "teacher17", "histology 4"]
                .map(|word| format!("/meetings?q={word}").replace(' ', "+"))
                .into(),
        ),
        ("instance", runs.iter().map(|run| path(&run.instance.uuid)).collect()),
        ("quality", one("/quality")),
        ("quota", one("/quota")),
        ("system", one("/system")),
        ("people", one("/people")),
        ("courses", one("/courses")),
        ("metrics", one("/metrics")),
    ]
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
            .spawn()
            .unwrap();
        let address = address(&mut child);
        Server { child, address }
    }
}

/// The address in the first line that a server prints.
fn address(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let rest = line.split("http://").nth(1).unwrap();
    rest.split([';', ' ', '\n', '/']).next().unwrap().to_owned()
}

fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
