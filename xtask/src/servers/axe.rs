//! axe-core, the checker of accessibility: had by npm, compared with what we know of it, and kept beside what is built.

use std::fs;
use std::path::PathBuf;

use crate::needs;
use crate::process::{command, output, root};

/// Tells the tests where it is.
pub const VARIABLE: &str = "ROLLBOOK_TEST_AXE";

/// The package and its version.
const PACKAGE: &str = "axe-core@4.10.3";

/// What npm calls the file it gets.
const FILE: &str = "axe-core-4.10.3.tgz";

/// Its SHA-256.
const DIGEST: &str = "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292";

/// The script, got if it is not there yet.
pub fn script() -> Result<PathBuf, String> {
    let folder = root().join("target").join("axe-core");
    let script = folder.join("package").join("axe.min.js");
    let broken = |error: std::io::Error| format!("{}: {error}", folder.display());
    if script.exists() {
        return script.canonicalize().map_err(broken);
    }
    needs::npm()?;
    fs::create_dir_all(&folder).map_err(broken)?;
    let mut pack = command("npm");
    pack.args(["pack", PACKAGE, "--ignore-scripts", "--silent"]).current_dir(&folder);
    output(pack)?;
    let mut digest = command("sha256sum");
    digest.arg(FILE).current_dir(&folder);
    if output(digest)?.split_whitespace().next() != Some(DIGEST) {
        return Err(format!("{PACKAGE} is not what it was when we chose it"));
    }
    let mut unpack = command("tar");
    unpack.args(["--extract", "--gzip", "--file", FILE, "package/axe.min.js"]).current_dir(&folder);
    output(unpack)?;
    script.canonicalize().map_err(broken)
}
