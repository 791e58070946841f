//! `cargo xtask ci`: what must hold before a change is merged, cheapest first.

use std::time::{Duration, Instant};

use crate::process::{cargo, run as run_command};
use crate::{Outcome, test, tidy};

/// One step: its name and what it does.
type Step = (&'static str, fn() -> Outcome);

const STEPS: [Step; 4] = [("fmt", fmt), ("clippy", clippy), ("tidy", tidy::run), ("test", test::run)];

/// Runs the steps in order; the first that fails ends it.
pub fn run() -> Outcome {
    let mut took = Vec::new();
    let mut outcome = Ok(());
    for (name, step) in STEPS {
        let began = started();
        outcome = step().map_err(|error| format!("{name}: {error}"));
        took.push(format!("{name} {}", seconds(began.elapsed())));
        if outcome.is_err() {
            break;
        }
    }
    eprintln!("took: {}", took.join(", "));
    outcome
}

fn fmt() -> Outcome {
    let mut command = cargo();
    command.args(["fmt", "--all", "--check"]);
    run_command(command)
}

fn clippy() -> Outcome {
    let mut command = cargo();
    command.args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
    run_command(command)
}

/// A task runner works in real time; the program itself never does so outside its clock.
#[allow(clippy::disallowed_methods)]
fn started() -> Instant {
    Instant::now()
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
