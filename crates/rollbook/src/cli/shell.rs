//! `rollbook completions` and `rollbook man`: help where a shell expects it.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit, output};

/// Print completions for a shell
///
/// For bash: rollbook completions bash > ~/.local/share/bash-completion/completions/rollbook
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

impl Completions {
    /// Runs it.
    pub fn run(&self) -> anyhow::Result<Exit> {
        // Written to memory first: the generator knows no closed pipes.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "rollbook", &mut script);
        output::text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}

/// Print the manual page
///
/// With --out: one page for each command, in a folder.
#[derive(Debug, Args)]
pub struct Man {
    /// The folder for one page per command
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Man {
    /// Runs it.
    pub fn run(&self) -> anyhow::Result<Exit> {
        match &self.out {
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Cli::command()).render(&mut page)?;
                output::text(&String::from_utf8_lossy(&page))?;
            }
            Some(folder) => {
                let cannot = || format!("cannot write manual pages to {}", folder.display());
                std::fs::create_dir_all(folder).with_context(cannot)?;
                clap_mangen::generate_to(Cli::command(), folder).with_context(cannot)?;
            }
        }
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
