//! The commands and their help.

use std::io::IsTerminal;

use clap::{Args, Parser, Subcommand};

use crate::collector::account::Failure;
use crate::collector::once::OnceError;
use crate::config::{Config, ConfigError, Environment, Flags};
use crate::sink::moodle::Trouble;

pub mod access_token;
pub mod attendance;
pub mod audit;
pub mod config;
pub mod context;
pub mod dates;
pub mod demo;
pub mod desk;
pub mod doctor;
pub mod export;
pub mod forget;
pub mod login;
pub mod meeting;
pub mod meetings;
pub mod moodle;
pub mod numbers;
pub mod output;
pub mod page;
pub mod people;
pub mod plan;
pub mod qos;
pub mod refresh;
pub mod runs;
pub mod serve;
pub mod shell;
pub mod simulate;
pub mod status;
pub mod sync;
pub mod users;
pub mod why;

use context::Context;

/// Knows who attended every Zoom meeting: complete, inside the quota, with evidence.
#[derive(Debug, Parser)]
#[command(name = "rollbook", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub shared: Shared,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that every command takes.
#[derive(Debug, Args)]
pub struct Shared {
    /// Work on this account only (default: all that are configured)
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
    /// The store, such as sqlite:rollbook.db
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<String>,
    /// The configuration file (default: rollbook.toml, if it is there)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<std::path::PathBuf>,
    /// Answer in JSON, as when standard output is not a terminal
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more on standard error; twice for every call
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands. Each variant is documented by its own arguments, which is also its help.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    Sync(sync::Sync),
    Plan(plan::PlanCommand),
    Refresh(refresh::Refresh),
    Doctor(doctor::Doctor),
    Status(status::Status),
    Runs(runs::Runs),
    Why(why::Why),
    Attendance(attendance::Attendance),
    Qos(Box<qos::Qos>),
    Export(export::Export),
    Moodle(moodle::Moodle),
    People(people::People),
    Forget(forget::Forget),
    Meetings(meetings::Meetings),
    Users(users::Users),
    Login(login::Login),
    Token(access_token::Token),
    Audit(audit::Audit),
    Config(config::Config),
    Completions(shell::Completions),
    Man(shell::Man),
    Simulate(simulate::Simulate),
}

/// How a command ended. The gravest of several wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is done.
    Done,
    /// Instances are still open.
    Open,
    /// A daily allowance is gone.
    Budget,
    /// It failed.
    Failed,
    /// The command line or a setting is wrong.
    Usage,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Open => 3,
            Exit::Budget => 4,
            Exit::Interrupted => 130,
        }
    }

    /// The graver of two: usage, failed, budget, open, done.
    #[must_use]
    pub fn and(self, other: Exit) -> Exit {
        let grave = |exit| match exit {
            Exit::Done => 0,
            Exit::Open => 1,
            Exit::Budget => 2,
            Exit::Failed => 3,
            Exit::Usage => 4,
            Exit::Interrupted => 5,
        };
        if grave(other) > grave(self) { other } else { self }
    }
}

/// A command line that cannot be obeyed, in a sentence with the remedy. Exit 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Runs one command and tells what went wrong, if something did.
pub fn run(cli: Cli, environment: &Environment) -> Exit {
    start_log(&cli, environment);
    let outcome = dispatch(cli, environment);
    match outcome {
        Ok(exit) => exit,
        Err(error) if is_closed_pipe(&error) => Exit::Done,
        Err(error) => {
            // A proxy's words may stand in it.
            let words: Vec<String> = format!("{error:#}").lines().map(page::safe).collect();
            eprintln!("rollbook: {}", words.join("\n"));
            exit_of(&error)
        }
    }
}

fn dispatch(cli: Cli, environment: &Environment) -> anyhow::Result<Exit> {
    let Cli { shared, command } = cli;
    let flags = Flags { config: shared.config, store: shared.store, account: shared.account };
    let config = || -> anyhow::Result<Config> {
        let config = Config::load(&flags, environment)?;
        for warning in &config.warnings {
            eprintln!("rollbook: warning: {warning}");
        }
        Ok(config)
    };
    let json = shared.json || !std::io::stdout().is_terminal();
    let context = || -> anyhow::Result<Context<'_>> {
        Ok(Context { config: config()?, environment, json, account: flags.account.clone() })
    };
    match command {
        Command::Demo(demo) => demo.run(json),
        Command::Simulate(simulate) => block_on(simulate.run()),
        Command::Status(status) => status.run(&context()?),
        Command::Runs(runs) => runs.run(&context()?),
        Command::Why(why) => why.run(&context()?),
        Command::Attendance(attendance) => block_on(async { attendance.run(&context()?).await }),
        Command::Forget(forget) => forget.run(&context()?),
        Command::Export(export) => export.run(&context()?, shared.json),
        Command::Config(config) => config.run(&context()?),
        Command::Login(login) => login.run(&context()?),
        Command::Token(token) => token.run(&context()?),
        Command::Audit(audit) => audit.run(&context()?),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
        Command::Plan(plan) => block_on(async { plan.run(context()?).await }),
        Command::Doctor(doctor) => block_on(async { doctor.run(context()?).await }),
        Command::Refresh(refresh) => block_on(async { refresh.run(context()?).await }),
        Command::Moodle(moodle) => block_on(async { moodle.run(context()?).await }),
        Command::People(people) => block_on(async { people.run(context()?).await }),
        Command::Meetings(meetings) => block_on(async { meetings.run(context()?).await }),
        Command::Users(users) => block_on(async { users.run(context()?).await }),
        Command::Qos(qos) => block_on(async { qos.run(context()?).await }),
        Command::Serve(serve) => block_on(async { serve.run(context()?).await }),
        Command::Sync(sync) => block_on(async { sync.run(context()?).await }),
    }
}

/// Everything runs on one thread: the collector waits for Zoom, not for processors.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let is_usage = error.chain().any(|cause| {
        cause.is::<ConfigError>()
            || cause.is::<UsageError>()
            || cause.downcast_ref::<Failure>().is_some_and(|failure| failure.is_configuration)
            || cause
                .downcast_ref::<rollbook_store::Error>()
                .is_some_and(rollbook_store::Error::is_configuration)
            || cause.downcast_ref().is_some_and(Trouble::is_configuration)
            || matches!(cause.downcast_ref(), Some(rollbook_moodle::Error::Settings(_)))
    });
    let is_budget = error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(OnceError::BudgetGone { .. } | OnceError::HostGone { .. }))
    });
    match (is_usage, is_budget) {
        (true, _) => Exit::Usage,
        (false, true) => Exit::Budget,
        (false, false) => Exit::Failed,
    }
}

/// Whoever reads our output may stop reading: `rollbook … | head` is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn start_log(cli: &Cli, environment: &Environment) {
    let level = match cli.shared.verbose {
        // Nobody sits before it: what it does is read in the log. What libraries do is not.
        0 if matches!(cli.command, Command::Serve(_)) => "warn,rollbook=info",
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = environment.get("ROLLBOOK_LOG").unwrap_or(level);
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| level.into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = match environment.get("ROLLBOOK_LOG_FORMAT") {
        Some("json") => builder.json().try_init(),
        _ => builder.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}
