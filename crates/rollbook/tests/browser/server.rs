//! The program as a user runs it, over a collected campus.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use rollbook::simulation::campus;
use rollbook_core::request::Role;
use rollbook_store::{Mode, NewLogin, Store};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

const STORE: &str = "rollbook.db";

/// Days, meetings, people and seed of the campus, as [`campus::collect`] makes it.
pub const SEED: u64 = 5;
/// Meetings of a day.
pub const MEETINGS: u32 = 64;
const CAMPUS: [&str; 10] =
    ["--seed", "5", "--day", "2026-10-05", "--days", "2", "--meetings", "64", "--people", "14"];

/// What `serve` needs to know of a Zoom that nobody answers for.
const NO_ZOOM: [(&str, &str); 4] = [
    ("ROLLBOOK_NOW", "2026-10-06T11:01:00Z,1"),
    ("ROLLBOOK_ZOOM_ACCESS_TOKEN", "token"),
    ("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:9/v2"),
    ("ROLLBOOK_ZOOM_OAUTH_URL", "http://127.0.0.1:9/oauth/token"),
];

/// `rollbook serve`, beside the pretend Zoom that its store was collected from if there is one, until the last test is done
/// with it.
pub struct Server {
    // Before the pretend Zoom: whoever asks ends first.
    _serve: Running,
    _zoom: Option<Running>,
    /// Where it answers, without a slash at the end.
    pub address: String,
    /// The link it printed for the first admin, where there is none.
    pub link: Option<String>,
    folder: tempfile::TempDir,
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
        let server = Arc::new(Server::start(1, &[]));
        *shared = Arc::downgrade(&server);
        server
    }

    /// One whose time runs so many times as fast, with settings of its own.
    pub fn start(scale: u32, settings: &[(&str, &str)]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(STORE), collected()).unwrap();
        let (zoom, mut lines) = run(Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .args(["simulate", "--listen", "127.0.0.1:0", "--now", campus::NOW])
            .args(["--scale", &scale.to_string()])
            .args(CAMPUS)
            .current_dir(folder.path())
            .env_clear());
        let mut told: Vec<(String, String)> = Vec::new();
        // What it tells its users to export, up to Moodle: whose web service it is, which these tests have none of.
        for line in lines.by_ref() {
            let Some(settings) = line.strip_prefix("export ") else { continue };
            if settings.starts_with("ROLLBOOK_MOODLE") {
                break;
            }
            let pairs = settings.split_whitespace().filter_map(|one| one.split_once('='));
            told.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        told.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Server::serve(folder, Some(zoom), told)
    }

    /// One as it is on the first day: nobody can sign in, nothing was collected, and Zoom does not answer.
    pub fn fresh(settings: &[(&str, &str)]) -> Server {
        let all = NO_ZOOM.iter().chain(settings);
        let told = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Server::serve(tempfile::tempdir().unwrap(), None, told)
    }

    fn serve(folder: tempfile::TempDir, zoom: Option<Running>, settings: Vec<(String, String)>) -> Server {
        let is_listening = settings.iter().any(|(name, _)| name == "ROLLBOOK_LISTEN");
        let mut serve = rollbook(folder.path());
        serve.arg("serve").envs(settings);
        if !is_listening {
            serve.env("ROLLBOOK_LISTEN", "127.0.0.1:0");
        }
        let (serve, mut lines) = run(&mut serve);
        let line = lines.find(|line| line.contains("http://")).expect("the server says where it answers");
        let address = line.split_whitespace().last().unwrap().trim_end_matches('/').to_owned();
        let link = match Store::open(&folder.path().join(STORE), Mode::Read).unwrap().has_admin().unwrap() {
            true => None,
            false => lines.find(|line| line.contains("/setup/")),
        };
        // Whatever else it says is read away: nobody waits at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server { _serve: serve, _zoom: zoom, address, link, folder }
    }

    /// Its store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join(STORE)
    }

    /// Lets somebody sign in, as an admin does at the shell.
    pub fn add_login(&self, name: &str, role: &str, more: &[&str]) {
        use std::io::Write;
        let mut add = rollbook(self.folder.path());
        add.args(["login", "add", name, "--role", role, "--password-stdin"]).args(more);
        let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        add.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(add.wait().unwrap().success());
    }
}

/// The program in that folder, with nothing of ours around it.
fn rollbook(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollbook"));
    command.current_dir(folder).env_clear();
    command.env("ROLLBOOK_STORE", format!("sqlite:{}", folder.join(STORE).display()));
    command
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
    runtime.block_on(campus::collect(Store::open(path, Mode::Write).unwrap(), SEED, MEETINGS)).unwrap();
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
