//! Servers for the tests: real databases, as Moodle runs on, and the driver of a real browser, in a temporary folder, on this
//! machine's own address only.
//!
//! They run as an ordinary user (`nobody` where we are root, as servers refuse to run as root), write without care, as their
//! data is thrown away, and end with this task: by its own hand, or by the kernel's where the task is killed.

mod axe;
mod browser;
mod folder;
mod log;
mod mariadb;
mod postgres;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::process::{command, shown};
use crate::{Outcome, needs};
use folder::Folder;
use log::Log;

/// The servers that run, and what their lack leaves untested.
pub struct Servers {
    running: Vec<Server>,
    /// Environment variables for the tests.
    pub environment: Vec<(&'static str, String)>,
    /// What is not there.
    pub lacking: Vec<Lacking>,
    /// Last, so that the servers are gone when it is removed.
    folder: Folder,
}

/// A server that is not there.
pub struct Lacking {
    /// In the paths of the tests that need it, and of no others.
    pub tests: &'static str,
    /// What is missing, and how to get it.
    pub why: String,
}

/// One that runs.
struct Server {
    child: Child,
    /// The signal that ends it at once.
    stop: &'static str,
}

/// A server whose data are being laid out.
struct Prepared {
    /// For people.
    name: &'static str,
    /// Lays out its data.
    layout: Child,
    /// A file in our folder that has to be there, too, once they are.
    signal: Option<&'static str>,
    /// The server itself.
    server: Command,
    /// What it says once it can be used.
    ready: &'static str,
    stop: &'static str,
    environment: (&'static str, String),
}

/// `cargo xtask servers`: starts them, says where they are, and waits to be interrupted.
pub fn run() -> Outcome {
    let mut servers = Servers::start()?;
    for Lacking { why, .. } in &servers.lacking {
        eprintln!("not there: {why}");
    }
    for (name, value) in &servers.environment {
        println!("export {name}='{value}'");
    }
    let first = servers.running.first_mut().ok_or("no server could be started")?;
    eprintln!("running; Ctrl-C stops them");
    let status = first.child.wait().map_err(|error| error.to_string())?;
    Err(format!("a server ended by itself, with {status}"))
}

impl Servers {
    /// Starts what is installed or can be installed. Only what should have worked and did not is an error.
    pub fn start() -> Result<Servers, String> {
        let folder = Folder::create()?;
        let mut servers =
            Servers { running: Vec::new(), environment: Vec::new(), lacking: Vec::new(), folder };
        let mut prepared = Vec::new();
        match needs::postgres() {
            Ok(programs) => prepared.extend(postgres::prepare(&servers.folder, &programs)?),
            Err(why) => servers.lacking.push(Lacking { tests: postgres::TESTS, why }),
        }
        match needs::mariadb() {
            Ok(()) => prepared.extend(mariadb::prepare(&servers.folder)?),
            Err(why) => servers.lacking.push(Lacking { tests: mariadb::TESTS, why }),
        }
        match needs::browser() {
            Ok(()) => prepared.push(browser::prepare(&servers.folder)?),
            Err(why) => servers.lacking.push(Lacking { tests: browser::TESTS, why }),
        }
        match axe::script() {
            Ok(path) => servers.environment.push((axe::VARIABLE, path.display().to_string())),
            // The tests run all the same and leave this out.
            Err(why) => eprintln!("not there: {why}; pages are not checked for accessibility"),
        }
        for server in prepared {
            servers.launch(server)?;
        }
        Ok(servers)
    }

    fn launch(&mut self, mut prepared: Prepared) -> Outcome {
        let Prepared { name, .. } = prepared;
        let broken = |error: std::io::Error| format!("{name}: {error}");
        let log = Log::of(&mut prepared.layout);
        if !prepared.layout.wait().map_err(broken)?.success() {
            return Err(format!("{name} cannot lay out its data:\n{}", log.last_words()));
        }
        if let Some(signal) = prepared.signal {
            self.folder.write(signal, "")?;
        }
        let child = prepared.server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child.spawn().map_err(broken)?;
        let mut log = Log::of(&mut child);
        self.running.push(Server { child, stop: prepared.stop });
        if !log.says(prepared.ready) {
            return Err(format!("{name} does not start:\n{}", log.last_words()));
        }
        eprintln!("{name} runs");
        self.environment.push(prepared.environment);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut kill = command("kill");
        kill.args([self.stop, &self.child.id().to_string()]);
        if !kill.status().is_ok_and(|status| status.success()) {
            // Only where there is no program to send signals with.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| format!("no free port: {error}"))?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

/// A program that ends when this task does, by the signal given, as the user who owns the folder.
fn tied(folder: &Folder, signal: &str, program: &Path) -> Command {
    let mut command = command("setpriv");
    command.args(["--pdeathsig", signal]);
    if let Some((user, group)) = folder.owner {
        command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
    }
    // Nothing of ours may change what the server does, and its messages are read.
    command.arg("--").arg(program).env_clear().env("LC_ALL", "C").env("PATH", needs::PATH);
    command.current_dir(&folder.path);
    command
}

/// Starts to lay out data.
fn layout(mut command: Command) -> Result<Child, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().map_err(|error| format!("cannot start `{}`: {error}", shown(&command)))
}
