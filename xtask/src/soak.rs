//! `cargo xtask soak`: many seeds of whole simulated days, in the profile made for it.

use crate::Outcome;
use crate::process::{cargo, run as run_command};

/// What to play.
#[derive(Debug, PartialEq, Eq)]
struct Soak {
    seeds: u64,
    from: u64,
    meetings: Option<u64>,
}

/// Runs it.
pub fn run(arguments: &[String]) -> Outcome {
    let soak = Soak::parse(arguments)?;
    let mut command = cargo();
    command.args([
        "run",
        "--locked",
        "--profile",
        "soak",
        "--package",
        "rollbook",
        "--example",
        "soak",
        "--",
    ]);
    command.args(soak.arguments());
    run_command(command)
}

impl Soak {
    fn parse(arguments: &[String]) -> Result<Soak, String> {
        let (mut seeds, mut from, mut meetings) = (None, 1, None);
        for pair in arguments.chunks(2) {
            let [name, value] = pair else { return Err(format!("{} needs a number", pair[0])) };
            let value: u64 = value.parse().map_err(|_| format!("{name} {value:?} is not a whole number"))?;
            match name.as_str() {
                "--seeds" => seeds = Some(value),
                "--from" => from = value,
                "--meetings" => meetings = Some(value),
                _ => return Err(format!("soak takes --seeds, --from and --meetings, not {name:?}")),
            }
        }
        match seeds {
            None | Some(0) => Err("say how many seeds: cargo xtask soak --seeds 1000".to_owned()),
            Some(seeds) => Ok(Soak { seeds, from, meetings }),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut all = vec!["--seeds".to_owned(), self.seeds.to_string()];
        all.extend(["--from".to_owned(), self.from.to_string()]);
        if let Some(meetings) = self.meetings {
            all.extend(["--meetings".to_owned(), meetings.to_string()]);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<&str, &str>) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let parsed = Soak::parse(&words).map(|soak| soak.arguments().join(" "));
        match (parsed, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, _) => panic!("{line}: {found:?}"),
        }
    }

    #[test]
    fn the_arguments_are_passed_on() {
        check("--seeds 20", Ok("--seeds 20 --from 1"));
        check("--from 7 --seeds 20 --meetings 400", Ok("--seeds 20 --from 7 --meetings 400"));
    }

    #[test]
    fn a_wrong_argument_is_told() {
        check("", Err("how many seeds"));
        check("--seeds", Err("needs a number"));
        check("--seeds many", Err("not a whole number"));
        check("--seed 3", Err("takes --seeds"));
    }
}
