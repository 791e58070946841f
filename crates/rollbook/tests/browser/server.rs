//! The program as a user runs it, over a collected campus.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::{Mutex, Weak};

use rollbook::simulation::campus;
use rollbook_core::request::Role;
use rollbook_store::{Mode, NewLogin, Store};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// `rollbook serve`, until the last test is done with it.
pub struct Server {
    child: Child,
    /// Where it answers, without a slash at the end.
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// The one that all tests at the same time share.
    pub fn shared() -> Arc<Server> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Server::start());
        *shared = Arc::downgrade(&server);
        server
    }

    fn start() -> Server {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollbook.db");
        let own = path.clone();
        // On a thread of its own: the campus' time stands still while nobody works.
        std::thread::spawn(move || collect(&own)).join().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .env("ROLLBOOK_STORE", format!("sqlite:{}", path.display()))
            .env("ROLLBOOK_LISTEN", "127.0.0.1:0")
            .env("ROLLBOOK_NOW", format!("{},1", campus::NOW))
            // Nobody answers there: pages are looked at, nothing is collected.
            .env("ROLLBOOK_ZOOM_ACCESS_TOKEN", "token")
            .env("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:9/v2")
            .env("ROLLBOOK_ZOOM_OAUTH_URL", "http://127.0.0.1:9/oauth/token")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines
            .filter_map(|line| line.split_once("http://").map(|(_, address)| address.trim().to_owned()))
            .next()
            .expect("the server says where it answers");
        let address = address.trim_end_matches('/').split('/').next().unwrap().to_owned();
        Server { child, address: format!("http://{address}"), _folder: folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
