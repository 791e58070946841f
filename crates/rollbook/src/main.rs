//! Parses the command line, loads the configuration, runs one command.

use std::process::ExitCode;

use clap::Parser;
use rollbook::cli::{Cli, run};
use rollbook::config::Environment;

fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(run(cli, &Environment::of_process()).code())
}
