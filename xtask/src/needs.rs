//! What the tests need beside the Rust toolchain: found, or installed where that is ours to do, or named plainly.
//!
//! A C compiler, with which SQLite is built, must be there. Database servers may lack: then the tests that need them are
//! skipped, and counted as skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::Outcome;
use crate::process::{command, output, run};

/// Where servers are looked for: some people's path leaves the second half out.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// Where Debian puts PostgreSQL's own programs, by version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// Sees to it that everything is there that must be.
pub fn meet() -> Outcome {
    c_compiler()
}

fn c_compiler() -> Outcome {
    if runs("cc") {
        return Ok(());
    }
    install("cc, a C compiler, with which SQLite is built", &["gcc", "libc6-dev"])
}

/// The folder of PostgreSQL's programs, the newest where there are several.
pub fn postgres() -> Result<PathBuf, String> {
    let found = || {
        let versions = fs::read_dir(POSTGRES_VERSIONS).into_iter().flatten().flatten();
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        let newest = versions.map(|entry| entry.path()).filter_map(|path| Some((number(&path)?, path))).max();
        let folders = newest.map(|(_, path)| path.join("bin")).into_iter();
        folders
            .chain(PATH.split(':').map(PathBuf::from))
            .find(|folder| ["initdb", "postgres"].iter().all(|program| folder.join(program).exists()))
    };
    ties()?;
    if let Some(folder) = found() {
        return Ok(folder);
    }
    // Servers of its own in a temporary folder are all the tests want: no service on this machine.
    let no_service = Path::new("/etc/postgresql-common/createcluster.d");
    if is_root_on_debian()? {
        fs::create_dir_all(no_service)
            .and_then(|()| fs::write(no_service.join("rollbook.conf"), "create_main_cluster = false\n"))
            .map_err(|error| format!("{}: {error}", no_service.display()))?;
    }
    install("PostgreSQL, whose initdb and postgres are not found", &["postgresql"])?;
    found().ok_or_else(|| "PostgreSQL is installed, but initdb and postgres are not found".to_owned())
}

/// MariaDB's server and what lays out its data, without the package that would make it a service.
pub fn mariadb() -> Outcome {
    let is_there = || {
        let has = |program: &str| PATH.split(':').any(|folder| Path::new(folder).join(program).exists());
        ["mariadbd", "mariadb-install-db", "my_print_defaults"].into_iter().all(has)
    };
    ties()?;
    if is_there() {
        return Ok(());
    }
    // The layout of a new server's data asks a program that comes with the clients.
    let packages = ["mariadb-server-core", "mariadb-client-core"];
    install("MariaDB, whose mariadbd, mariadb-install-db and my_print_defaults are not all found", &packages)
}

/// Chromium and the driver that tests steer it by.
pub fn browser() -> Outcome {
    ties()?;
    if runs("chromium") && runs("chromedriver") {
        return Ok(());
    }
    install(
        "Chromium and its driver, whose chromium and chromedriver are not both found",
        &["chromium", "chromium-driver"],
    )
}

/// npm, by which the checker of accessibility is had.
pub fn npm() -> Outcome {
    if runs("npm") { Ok(()) } else { install("npm, by which the checker of accessibility is had", &["npm"]) }
}

/// With it servers end when we do, and run as somebody else where we are root.
fn ties() -> Outcome {
    if runs("setpriv") {
        Ok(())
    } else {
        install("setpriv, to run servers as an ordinary user", &["util-linux"])
    }
}

fn runs(program: &str) -> bool {
    let mut version = command(program);
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

fn is_root_on_debian() -> Result<bool, String> {
    let mut id = command("id");
    id.arg("-u");
    Ok(Path::new("/etc/debian_version").exists() && output(id)?.trim() == "0")
}

/// Installs Debian packages where we are root on Debian; anywhere else says what is missing.
fn install(what: &str, packages: &[&str]) -> Outcome {
    let names = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        return Err(format!("the tests need {what}; install it (on Debian it is in {names})"));
    }
    if !is_root_on_debian()? {
        return Err(format!("the tests need {what}; install it as root: apt-get install {names}"));
    }
    let mut update = command("apt-get");
    update.args(["update", "--quiet"]);
    run(update)?;
    let mut install = command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    install.args(["install", "--quiet", "--yes", "--no-install-recommends"]).args(packages);
    run(install)
}
