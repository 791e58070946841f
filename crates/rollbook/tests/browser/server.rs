//! The program as a user runs it, over a collected campus.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use rollbook::simulation::campus;
use rollbook_core::request::Role;
use rollbook_store::{Mode, NewLogin, Store};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// Days, meetings, people and seed of the campus, as [`campus::collect`] makes it.
const CAMPUS: [&str; 10] =
    ["--seed", "5", "--day", "2026-10-05", "--days", "2", "--meetings", "64", "--people", "14"];

/// `rollbook serve` beside the pretend Zoom that its store was collected from, until the last test is done with it.
pub struct Server {
    // Before the pretend Zoom: whoever asks ends first.
    _serve: Running,
    _zoom: Running,
    /// Where it answers, without a slash at the end.
    pub address: String,
    _folder: tempfile::TempDir,
}

/// A process that ends with its value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// The one that all tests at the same time share: a minute there is a minute here.
    pub fn shared() -> Arc<Server> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Server::start(1));
        *shared = Arc::downgrade(&server);
        server
    }

    /// One whose time runs so many times as fast.
    pub fn start(scale: u32) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollbook.db");
        std::fs::write(&path, collected()).unwrap();
        let (zoom, mut lines) = run(Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .args([
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--now",
                campus::NOW,
                "--scale",
                &scale.to_string(),
            ])
            .args(CAMPUS)
            .current_dir(folder.path())
            .env_clear());
        let mut serve = Command::new(env!("CARGO_BIN_EXE_rollbook"));
        serve
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .env("ROLLBOOK_STORE", format!("sqlite:{}", path.display()))
            .env("ROLLBOOK_LISTEN", "127.0.0.1:0");
        // What it tells its users to export, up to Moodle, which these tests have none of.
        for line in lines.by_ref() {
            let Some(settings) = line.strip_prefix("export ") else { continue };
            if settings.starts_with("ROLLBOOK_MOODLE") {
                break;
            }
            serve.envs(settings.split_whitespace().filter_map(|one| one.split_once('=')));
        }
        let (serve, mut lines) = run(&mut serve);
        let line = lines.find(|line| line.contains("http://")).expect("the server says where it answers");
        let address = line.split_once("http://").unwrap().1.split(['/', ' ']).next().unwrap().to_owned();
        // Whatever else it says is read away: nobody waits at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server { _serve: serve, _zoom: zoom, address: format!("http://{address}"), _folder: folder }
    }
}

/// Starts a program; it, and the lines of its standard output.
fn run(command: &mut Command) -> (Running, impl Iterator<Item = String> + Send + use<>) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    (Running(child), lines)
}

/// The file of the collected campus, collected once for all servers.
fn collected() -> &'static [u8] {
    static COLLECTED: OnceLock<Vec<u8>> = OnceLock::new();
    COLLECTED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollbook.db");
        let own = path.clone();
        // On a thread of its own: the campus' time stands still while nobody works.
        std::thread::spawn(move || collect(&own)).join().unwrap();
        std::fs::read(path).unwrap()
    })
}

fn collect(path: &Path) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(campus::collect(Store::open(path, Mode::Write).unwrap(), 5, 64)).unwrap();
    let mut store = Store::open(path, Mode::Write).unwrap();
    let password = rollbook::password::hash(PASSWORD);
    for role in Role::ALL {
        let login = NewLogin {
            name: role.name().to_owned(),
            role,
            email: Some(format!("{role}@uni.example")),
            subject: None,
            courses: Default::default(),
            is_by_provider: false,
            password: Some(password.clone()),
        };
        store.add_login(campus::NOW.parse().unwrap(), &login).unwrap().unwrap();
    }
}
