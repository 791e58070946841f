//! What the tests need beside the Rust toolchain: found, or installed where that is ours to do, or named plainly.
//!
//! Today that is a C compiler, with which SQLite is built, and nothing else. Servers and programs that tests will
//! need later are to be asked for here, one function each, so that `cargo xtask test` on an empty Debian machine
//! remains enough.

use std::path::Path;
use std::process::Stdio;

use crate::Outcome;
use crate::process::{command, output, run};

/// Sees to it that everything is there.
pub fn meet() -> Outcome {
    c_compiler()
}

fn c_compiler() -> Outcome {
    if runs("cc") {
        return Ok(());
    }
    install("cc, a C compiler, with which SQLite is built", &["gcc", "libc6-dev"])
}

fn runs(program: &str) -> bool {
    let mut version = command(program);
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// Installs Debian packages where we are root on Debian; anywhere else says what is missing.
fn install(what: &str, packages: &[&str]) -> Outcome {
    let names = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        return Err(format!("the tests need {what}; install it (on Debian it is in {names})"));
    }
    let mut id = command("id");
    id.arg("-u");
    if output(id)?.trim() != "0" {
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
