//! A store on disk that a simulated campus day was collected into, and the real binary run on it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, Weak};

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::collector::{Collector, Goal, Wait, discover};
use rollbook::simulation::Stage;
use rollbook::supervise::Stop;
use rollbook_sim::{Options, Truth};
use rollbook_store::{Mode, Store};
use serde_json::Value;

/// The day that is collected.
pub const DAY: Date = date(2026, 10, 5);

/// A collected day.
pub struct Kept {
    folder: tempfile::TempDir,
    /// What really happened.
    pub truth: Truth,
    /// What the clock showed when collecting ended.
    pub now: Timestamp,
}

/// How a command ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

static SETTLED: Mutex<Weak<Kept>> = Mutex::new(Weak::new());
static EARLY: Mutex<Weak<Kept>> = Mutex::new(Weak::new());

/// The day, collected from the next morning on until everything is settled.
pub fn settled() -> Arc<Kept> {
    shared(&SETTLED, || collect(27, Wait::UntilDone))
}

/// The day, looked at once in its afternoon: some instances run, others have just ended.
pub fn early() -> Arc<Kept> {
    shared(&EARLY, || collect(14, Wait::AtMost(SignedDuration::ZERO)))
}

/// Tests that run at the same time share a store; the last one takes it away.
fn shared(place: &Mutex<Weak<Kept>>, make: impl FnOnce() -> Kept) -> Arc<Kept> {
    let mut place = place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    place.upgrade().unwrap_or_else(|| {
        let made = Arc::new(make());
        *place = Arc::downgrade(&made);
        made
    })
}

fn collect(hour: i64, wait: Wait) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let midnight = DAY.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let mut options = Options::campus(3, DAY, 30);
        options.mix.restarts = 0.3;
        let stage = Stage::new(options, midnight + SignedDuration::from_hours(hour));
        let store = Store::open(&path, Mode::Write).unwrap();
        let days = discover::days(DAY, DAY, &TimeZone::UTC);
        let accounts = vec![stage.account(false)];
        let mut collector =
            Collector::start(stage.clock, stage.chance(), store, accounts, "sync --from 2026-10-05").unwrap();
        collector.sign_in().await;
        collector.discover(&days).unwrap();
        let (_handle, mut stop) = Stop::pair();
        collector.work(&Goal::Days(days), wait, &mut stop, &mut |_| {}).await.unwrap();
        collector.finish(0, "collected").unwrap();
        let (truth, now) = (stage.sim.truth(), stage.clock.now());
        drop(collector);
        Kept { folder, truth, now }
    })
}

impl Kept {
    /// The store's file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("rollbook.db")
    }

    /// A folder for files of one test.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The store, to look into.
    pub fn store(&self) -> Store {
        Store::open(&self.path(), Mode::Read).unwrap()
    }

    /// The binary with this store, at the time at which collecting ended.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(&self.folder.path().to_path_buf(), arguments);
        command
            .env("ROLLBOOK_STORE", self.path())
            .env("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:9/v2")
            .env("ROLLBOOK_ZOOM_OAUTH_URL", "http://127.0.0.1:9/oauth/token")
            .env("ROLLBOOK_NOW", self.now.to_string());
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs the binary, which must end well, and reads its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }
}

/// The binary in an environment that holds nothing else.
pub fn bare(home: &PathBuf, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollbook"));
    command.env_clear().env("HOME", home).env("XDG_CACHE_HOME", home).current_dir(home);
    command.args(arguments).stdin(Stdio::null());
    command
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
