//! Rules over who depends on whom.

use super::Finding;
use crate::process::{cargo, output, root};

/// Packages in the lock file at most: what it was on 22 November 2026, and ten more; of these, 28 came with Parquet, most
/// of them for its tests or for systems that few use. More is a decision, to be written into `docs/decisions.md`.
const PACKAGES_MAX: usize = 507;

/// What can wait, listen, read files or keep time: nothing that decides may reach it.
const CAN_DO_IO: [&str; 13] = [
    "tokio",
    "reqwest",
    "hyper",
    "rusqlite",
    "sqlx",
    "sqlx-core",
    "axum",
    "mio",
    "socket2",
    "ureq",
    "async-std",
    "smol",
    "libsqlite3-sys",
];

/// Built from C by programs that must be installed first; ring is what we use.
const UNWANTED: [&str; 3] = ["aws-lc-sys", "openssl-sys", "native-tls"];

/// Who must not know whom.
const ARROWS: [(&str, &[&str]); 5] = [
    ("rollbook-zoom", &["rollbook-core", "rollbook-store", "rollbook-moodle", "rollbook-sim", "rollbook"]),
    ("rollbook-core", &["rollbook-zoom", "rollbook-store", "rollbook-moodle", "rollbook-sim", "rollbook"]),
    ("rollbook-store", &["rollbook-zoom", "rollbook-moodle", "rollbook-sim", "rollbook"]),
    ("rollbook-moodle", &["rollbook-zoom", "rollbook-store", "rollbook-sim", "rollbook"]),
    ("rollbook-sim", &["rollbook-zoom", "rollbook-core", "rollbook-store", "rollbook-moodle", "rollbook"]),
];

/// Reads the lock file and asks cargo for the trees.
pub fn check() -> Result<Vec<Finding>, String> {
    let lock =
        std::fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let mut findings = the_lock_file_grows_by_decision(&lock);
    findings.extend(core_cannot_do_io(&tree(&["-p", "rollbook-core", "-e", "normal,build"])?));
    for (package, _) in ARROWS {
        findings.extend(nobody_reaches_up(package, &tree(&["-p", package, "-e", "normal,build,dev"])?));
    }
    for name in UNWANTED.iter().filter(|name| packages(&lock).any(|package| package == **name)) {
        // In the lock file, but perhaps under a feature that nobody switches on.
        if tree(&["--workspace", "--all-features", "-e", "normal,build,dev", "-i", name])
            .is_ok_and(|t| !t.is_empty())
        {
            findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{name} is back: `cargo tree -i {name}` tells by whom"),
            ));
        }
    }
    Ok(findings)
}

fn tree(arguments: &[&str]) -> Result<String, String> {
    let mut command = cargo();
    command.args(["tree", "--locked", "--prefix", "none"]).args(arguments);
    output(command)
}

/// The names of a lock file's packages.
fn packages(lock: &str) -> impl Iterator<Item = &str> {
    lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

/// The names in the output of `cargo tree --prefix none`.
fn names(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines().filter_map(|line| line.split_whitespace().next())
}

/// A dependency costs everyone who builds.
pub fn the_lock_file_grows_by_decision(lock: &str) -> Vec<Finding> {
    let count = packages(lock).count();
    if count <= PACKAGES_MAX {
        return Vec::new();
    }
    let what =
        format!("{count} packages, more than {PACKAGES_MAX}: do without, or decide and raise the limit");
    vec![Finding::new("Cargo.lock", 0, what)]
}

/// Decisions are proved free of I/O by what they can reach.
pub fn core_cannot_do_io(tree: &str) -> Vec<Finding> {
    refused(tree, &CAN_DO_IO, "crates/rollbook-core/Cargo.toml", "rollbook-core must not reach")
}

/// Arrows never point up. A mistake that the simulator shared with the client or the decisions would hide in both.
pub fn nobody_reaches_up(package: &str, tree: &str) -> Vec<Finding> {
    let (_, refused_names) = ARROWS.iter().find(|(name, _)| *name == package).expect("asked only of these");
    refused(
        tree,
        refused_names,
        &format!("crates/{package}/Cargo.toml"),
        &format!("{package} must not reach"),
    )
}

fn refused(tree: &str, names_refused: &[&str], manifest: &str, what: &str) -> Vec<Finding> {
    names_refused
        .iter()
        .filter(|refused| names(tree).any(|name| name == **refused))
        .map(|name| Finding::new(manifest, 0, format!("{what} {name}")))
        .collect()
}
