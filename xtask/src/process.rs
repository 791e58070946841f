//! Other programs, run from the root of the workspace.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Outcome;

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cargo that runs this task.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// A program with the workspace as its folder.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    command.current_dir(root());
    command
}

/// The command line, as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a command to its end; its output is ours.
pub fn run(mut command: Command) -> Outcome {
    let line = shown(&command);
    eprintln!("$ {line}");
    let status = command.status().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` ended with {status}")) }
}

/// Runs a command, passes its standard output on line by line, and shows each line to `read`. True if it succeeded.
pub fn read_along(mut command: Command, mut read: impl FnMut(&str)) -> Result<bool, String> {
    let line = shown(&command);
    eprintln!("$ {line}");
    let broken = |error: std::io::Error| format!("`{line}`: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(broken)?;
    let output = child.stdout.take().expect("standard output was asked to be a pipe");
    let mut out = std::io::stdout().lock();
    for bytes in BufReader::new(output).split(b'\n') {
        let bytes = bytes.map_err(broken)?;
        let text = String::from_utf8_lossy(&bytes);
        // Whoever stopped reading us still wants to know how it ended.
        let _ = writeln!(out, "{text}");
        read(&text);
    }
    Ok(child.wait().map_err(broken)?.success())
}

/// Runs a command silently and returns its standard output, or its standard error as the error.
pub fn output(mut command: Command) -> Result<String, String> {
    let line = shown(&command);
    let output = command.output().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{line}`: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}
