//! The tasks of working on rollbook: `cargo xtask` lists them. Needs nothing but the Rust toolchain.

mod ci;
mod needs;
mod process;
mod servers;
mod soak;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
Tasks of working on rollbook

Usage: cargo xtask <TASK>

  test      run every test there is; ends with one line: N passed, N failed
  ci        what must hold before a change is merged: fmt, clippy, tidy, test
  tidy      check the rules of the tree that no compiler checks
  servers   PostgreSQL and MariaDB as the tests use them, until Ctrl-C
  soak      long simulations: --seeds N [--from S] [--meetings M]
  help      this page
";

/// A task that ends in an error says so in one sentence.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match arguments.split_first() {
        None => ("help", &[][..]),
        Some((task, rest)) => (task.as_str(), rest),
    };
    match run(task, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &str, rest: &[String]) -> Outcome {
    match (task, rest) {
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(())
        }
        ("soak", rest) => soak::run(rest),
        ("test" | "ci" | "tidy" | "servers", [unexpected, ..]) => {
            Err(format!("{task} takes no arguments, but was given {unexpected:?}"))
        }
        ("test", []) => test::run(),
        ("ci", []) => ci::run(),
        ("servers", []) => servers::run(),
        ("tidy", []) => tidy::run(),
        _ => Err(format!("there is no task {task:?}; `cargo xtask` lists them")),
    }
}
