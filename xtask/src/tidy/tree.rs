//! Rules over files, whatever their language.

use std::fs;
use std::path::Path;

use super::Finding;
use super::source::Source;
use crate::process::root;

/// One text file of the tree.
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Folders that hold what was made, not what was written.
const NOT_OURS: [&str; 5] = [".git", "target", "fuzz/target", "fuzz/corpus", "fuzz/artifacts"];

/// Words that say where somebody works or downloads from: nothing in the tree may depend on either.
const FORBIDDEN: [&str; 8] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("registry", ".npmjs"),
    concat!("proxy.golang", ".org"),
    concat!("deb.debian", ".org"),
    concat!("/work", "/"),
    concat!("/root", "/"),
    concat!("/home", "/"),
];

/// Cargo writes the index into its lock files by itself.
const MAY_NAME_THE_INDEX: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

/// Every text file of the tree, in order of path.
pub fn read() -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    gather(&root(), "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn gather(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if NOT_OURS.contains(&path.as_str()) {
            continue;
        }
        if entry.file_type().map_err(broken)?.is_dir() {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            // What is no text has no words; what vanished since was somebody's scratch.
            files.push(File { path, text });
        }
    }
    Ok(())
}

/// Nothing says where it was made.
pub fn no_forbidden_words(path: &str, text: &str) -> Vec<Finding> {
    if MAY_NAME_THE_INDEX.contains(&path) {
        return Vec::new();
    }
    text.lines()
        .enumerate()
        .flat_map(|(at, line)| {
            let found = FORBIDDEN.iter().filter(move |word| line.contains(**word));
            found.map(move |word| Finding::new(path, at + 1, format!("{word:?} has no place in the tree")))
        })
        .collect()
}

/// Module files are `x.rs` beside a folder `x`, so that tabs and search results have names.
pub fn no_mod_rs(source: &Source) -> Vec<Finding> {
    if !source.path.ends_with("/mod.rs") {
        return Vec::new();
    }
    vec![Finding::new(&source.path, 0, "name it after its module, beside the folder")]
}

/// Every crate says in a sentence what it is for.
pub fn crates_are_described(path: &str, manifest: &str) -> Vec<Finding> {
    let is_published_shape =
        manifest.lines().any(|line| line.trim() == "[package]") && path != "fuzz/Cargo.toml";
    let is_described = manifest.lines().any(|line| {
        line.split_once('=').is_some_and(|(key, value)| key.trim() == "description" && value.trim().len() > 2)
    });
    if !is_published_shape || is_described {
        return Vec::new();
    }
    vec![Finding::new(path, 0, "a crate without a description")]
}
