//! Peak memory of `rollbook sync` against a pretend Zoom in another process, at 5,000 and at 50,000 meetings.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rollbook");

/// Simulated seconds a second: 50,000 meetings take 14 simulated minutes at Zoom's rates.
const SCALE: u32 = 20;

pub fn run() {
    println!("## Peak memory of one sync (resident, high-water mark)");
    for meetings in [5_000_u32, 50_000] {
        let (peak_kib, calls) = sync(meetings);
        println!(
            "  {meetings:>6} meetings x 20 people: {:.1} MiB ({calls} calls; aim: under 64 MiB)",
            f64::from(peak_kib) / 1024.0
        );
    }
}

fn sync(meetings: u32) -> (u32, u64) {
    let folder = tempfile::tempdir().unwrap();
    let now = "2026-10-07T03:00:00Z";
    let mut simulator = Command::new(PROGRAM)
        .args(["simulate", "--plain", "--people", "20", "--listen", "127.0.0.1:0", "--now", now])
        .args(["--meetings", &meetings.to_string(), "--scale", &SCALE.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let address = address(&mut simulator);
    let mut collector = Command::new(PROGRAM)
        .args(["sync", "--from", "2026-10-05", "--to", "2026-10-05", "--json"])
        .env_clear()
        .env("ROLLBOOK_ZOOM_API_URL", format!("http://{address}/v2"))
        .env("ROLLBOOK_ZOOM_OAUTH_URL", format!("http://{address}/oauth/token"))
        .envs([("ROLLBOOK_ZOOM_ACCOUNT_ID", "account"), ("ROLLBOOK_ZOOM_CLIENT_ID", "client")])
        .env("ROLLBOOK_ZOOM_CLIENT_SECRET", "secret")
        .env("ROLLBOOK_STORE", format!("sqlite:{}", folder.path().join("m.db").display()))
        .env("ROLLBOOK_NOW", format!("{now},{SCALE}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while collector.try_wait().unwrap().is_none() {
        peak = peak.max(high_water_kib(collector.id()));
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = collector.wait_with_output().unwrap();
    simulator.kill().unwrap();
    simulator.wait().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["instances"]["verified"], meetings, "{report}");
    let calls = report["calls"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum();
    (peak, calls)
}

fn address(simulator: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(simulator.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let rest = line.split("http://").nth(1).unwrap();
    rest.split(';').next().unwrap().to_owned()
}

/// Linux tells the high-water mark of another process; elsewhere this bench has nothing to show.
fn high_water_kib(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
