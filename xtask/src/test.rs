//! `cargo xtask test`: every test of the workspace, and one line that says how it went.

use std::process::Command;

use crate::process::{cargo, output, read_along};
use crate::servers::{Lacking, Servers};
use crate::{Outcome, needs};

/// What all test programs together said.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs them.
pub fn run() -> Outcome {
    needs::meet()?;
    let servers = Servers::start()?;
    let mut tally = Tally::default();
    for tests in runs(&servers) {
        tally.add(tests)?;
    }
    for lacking in &servers.lacking {
        tally.skip(lacking)?;
    }
    println!("{}", tally.line());
    if tally.failed == 0 { Ok(()) } else { Err("some tests failed".to_owned()) }
}

/// The test runs: the workspace as it is shipped, then the client without the network it brings along. The second leaves
/// out the examples in the documentation, which show that network in use.
fn runs(servers: &Servers) -> [Command; 2] {
    let run = |arguments: &[&str]| {
        let mut command = cargo();
        command.args(["test", "--locked", "--no-fail-fast"]).args(arguments);
        command.envs(servers.environment.iter().map(|(name, value)| (name, value)));
        if !servers.lacking.is_empty() {
            command.arg("--");
            command.args(servers.lacking.iter().flat_map(|lacking| ["--skip", lacking.tests]));
        }
        command
    };
    [run(&["--workspace"]), run(&["--package", "rollbook-zoom", "--no-default-features", "--tests"])]
}

/// The tests that a list of tests names and that need a server, which is in their paths.
fn needing<'a>(list: &'a str, server: &str) -> Vec<&'a str> {
    list.lines().filter_map(|line| line.strip_suffix(": test")).filter(|name| name.contains(server)).collect()
}

impl Tally {
    fn add(&mut self, tests: Command) -> Outcome {
        let before = *self;
        let succeeded = read_along(tests, |line| self.read(line))?;
        if !succeeded && self.failed == before.failed {
            // It did not compile, or a test took its whole program down: no result line tells of that.
            self.failed += 1;
        }
        if succeeded && self.passed == before.passed {
            return Err("not a single test ran".to_owned());
        }
        Ok(())
    }

    /// Counts the tests that were left out for lack of a server, and names them.
    fn skip(&mut self, Lacking { tests, why }: &Lacking) -> Outcome {
        let mut list = cargo();
        list.args(["test", "--locked", "--workspace", "--quiet", "--", "--list"]);
        let list = output(list)?;
        let skipped = needing(&list, tests);
        println!("not there: {why}; skipped for it:");
        skipped.iter().for_each(|name| println!("  {name}"));
        self.skipped += skipped.len() as u64;
        Ok(())
    }

    /// Reads the line with which a test program ends.
    fn read(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        for part in rest.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }

    fn line(self) -> String {
        let Tally { passed, failed, skipped } = self;
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        format!("{passed} passed, {failed} failed{skipped}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, expected: &str) {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.read(line));
        assert_eq!(tally.line(), expected);
    }

    #[test]
    fn results_of_all_test_programs_are_added_up() {
        check(
            "running 3 tests\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
             test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
            "8 passed, 2 failed",
        );
    }

    #[test]
    fn an_ignored_test_is_not_a_passed_one() {
        check("test result: ok. 1 passed; 0 failed; 4 ignored; 0 measured", "1 passed, 0 failed, 4 skipped");
    }

    #[test]
    fn tests_without_their_server_are_known_by_their_path() {
        let list = "push::on_postgres::rows_arrive: test\npush::on_mariadb::rows_arrive: test\nplain: test\n\n\
                    3 tests, 0 benchmarks\non_postgres::fast: benchmark";
        assert_eq!(needing(list, "on_postgres::"), ["push::on_postgres::rows_arrive"]);
    }

    #[test]
    fn a_program_that_cannot_run_is_a_failure() {
        let mut tally = Tally::default();
        let mut broken = cargo();
        broken.args(["no-such-command-of-cargo"]).stderr(std::process::Stdio::null());
        tally.add(broken).unwrap();
        assert_eq!(tally.line(), "0 passed, 1 failed");
    }
}
