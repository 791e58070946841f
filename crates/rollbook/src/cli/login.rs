//! `rollbook login`: who may sign in to `serve`.

use std::collections::BTreeSet;
use std::io::Read;

use clap::{Args, Subcommand};
use rollbook_core::request::Role;
use rollbook_core::sign_in::{check_password, login_name};
use rollbook_store::{Login as Kept, NewLogin};
use serde_json::json;

use super::context::Context;
use super::page::Column;
use super::{Exit, UsageError, audit, output};
use crate::{password, secret};

/// Say who may sign in to `rollbook serve`
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Login {
    /// What to do.
    #[command(subcommand)]
    pub command: LoginCommand,
}

/// What can be done. Each variant is documented by its own arguments, which is also its help.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum LoginCommand {
    Add(Add),
    List(List),
    Set(Set),
    Disable(Disable),
    Enable(Enable),
    Password(Password),
}

/// Let somebody sign in
///
/// Without --password-stdin and --no-password a password is made and shown once.
#[derive(Debug, Args)]
pub struct Add {
    /// The name, such as ana or ana@uni.example; capitals do not count
    pub name: String,
    /// admin, analyst (call quality), teacher (own courses only) or viewer (figures without people)
    #[arg(long)]
    pub role: String,
    /// E-mail address: finds a teacher's courses in Moodle, and the login of whom the OpenID provider names
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// A course they may see, by Moodle's short name, beside those they teach there; may be repeated
    #[arg(long = "course", value_name = "SHORTNAME")]
    pub courses: Vec<String>,
    /// Read the password from standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// No password: they sign in by the OpenID provider or the proxy
    #[arg(long, conflicts_with = "password_stdin")]
    pub no_password: bool,
}

/// List who may sign in
#[derive(Debug, Args)]
pub struct List {}

/// Change somebody's role, e-mail address or courses; holds from their next click
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct Set {
    /// Whose
    pub name: String,
    /// The new role
    #[arg(long, group = "what")]
    pub role: Option<String>,
    /// The new e-mail address; empty for none
    #[arg(long, value_name = "ADDRESS", group = "what")]
    pub email: Option<String>,
    /// The courses, in place of those there are; may be repeated, empty for none
    #[arg(long = "course", value_name = "SHORTNAME", group = "what")]
    pub courses: Vec<String>,
}

/// Let somebody sign in no longer; who is signed in is out at once
#[derive(Debug, Args)]
pub struct Disable {
    /// Who
    pub name: String,
}

/// Let somebody sign in again
#[derive(Debug, Args)]
pub struct Enable {
    /// Who
    pub name: String,
}

/// Give somebody another password; who is signed in with the old one is out at once
///
/// Without --password-stdin one is made and shown once. Tries that failed are forgotten.
#[derive(Debug, Args)]
pub struct Password {
    /// Whose
    pub name: String,
    /// Read it from standard input
    #[arg(long)]
    pub password_stdin: bool,
}

impl Login {
    /// Runs it.
    ///
    /// # Errors
    /// If the store cannot be used, or the command line is wrong.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            LoginCommand::Add(add) => add.run(context),
            LoginCommand::List(List {}) => list(context),
            LoginCommand::Set(set) => set.run(context),
            LoginCommand::Disable(Disable { name }) => switch(context, &name, false),
            LoginCommand::Enable(Enable { name }) => switch(context, &name, true),
            LoginCommand::Password(password) => password.run(context),
        }
    }
}

impl Add {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let name = login_name(&self.name).map_err(UsageError)?;
        let role: Role = self.role.parse().map_err(UsageError)?;
        let secret = match (self.no_password, self.password_stdin) {
            (true, _) => None,
            (false, from_stdin) => Some(Secret::get(&name, from_stdin)?),
        };
        let login = NewLogin {
            name: name.clone(),
            role,
            email: self.email.as_deref().and_then(address),
            subject: None,
            courses: courses(&self.courses),
            password: secret.as_ref().map(|secret| password::hash(&secret.text)),
            is_by_provider: false,
        };
        let mut store = context.open_store()?;
        let entry = audit::entry(context, "login.add", &name, Some(role.name().to_owned()));
        let added = store.atomically(|store| {
            let added = store.add_login(entry.at, &login)?;
            if added.is_some() {
                store.add_audit(&entry)?;
            }
            Ok(added)
        })?;
        if added.is_none() {
            let taken = format!(
                "there is a login {name:?} already; `rollbook login set` changes it, `rollbook login password` gives it \
                 another password"
            );
            return Err(UsageError(taken).into());
        }
        tell(context, &format!("{name} may sign in as {role}."), &name, secret.as_ref())
    }
}

impl Set {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let mut store = context.open_store()?;
        let mut login = known(store.login_named(&self.name.trim().to_lowercase())?, &self.name)?;
        let mut said = Vec::new();
        if let Some(role) = &self.role {
            login.role = role.parse().map_err(UsageError)?;
            said.push(format!("role {}", login.role));
        }
        if let Some(email) = &self.email {
            login.email = address(email);
            said.push("email".to_owned());
        }
        if !self.courses.is_empty() {
            login.courses = courses(&self.courses);
            said.push(format!("{} courses", login.courses.len()));
        }
        let entry = audit::entry(context, "login.set", &login.name, Some(said.join(", ")));
        store.atomically(|store| {
            store.update_login(&login)?;
            store.add_audit(&entry)
        })?;
        tell(context, &format!("{} was changed.", login.name), &login.name, None)
    }
}

impl Password {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let mut store = context.open_store()?;
        let login = known(store.login_named(&self.name.trim().to_lowercase())?, &self.name)?;
        let secret = Secret::get(&login.name, self.password_stdin)?;
        let hash = password::hash(&secret.text);
        let entry = audit::entry(context, "login.password", &login.name, None);
        store.atomically(|store| {
            store.set_password(&login.name, &hash)?;
            store.forget_failures(&login.name)?;
            store.add_audit(&entry)
        })?;
        tell(context, &format!("{} has another password.", login.name), &login.name, Some(&secret))
    }
}

fn switch(context: &Context<'_>, name: &str, is_enabled: bool) -> anyhow::Result<Exit> {
    let mut store = context.open_store()?;
    let login = known(store.login_named(&name.trim().to_lowercase())?, name)?;
    let action = if is_enabled { "login.enable" } else { "login.disable" };
    let entry = audit::entry(context, action, &login.name, None);
    store.atomically(|store| {
        store.set_disabled(&login.name, (!is_enabled).then_some(entry.at))?;
        store.add_audit(&entry)
    })?;
    if !store.has_admin()? {
        eprintln!(
            "rollbook: warning: nobody can sign in as admin now; `rollbook login enable NAME` lets one in again, and the \
             next start of `rollbook serve` prints a link that makes one"
        );
    }
    let said = if is_enabled { "may sign in again" } else { "is signed out and may not sign in" };
    tell(context, &format!("{} {said}.", login.name), &login.name, None)
}

fn list(context: &Context<'_>) -> anyhow::Result<Exit> {
    let logins = context.read_store()?.logins()?;
    if context.json {
        output::json(&json!({ "logins": logins }))?;
    } else if logins.is_empty() {
        output::line(
            "Nobody may sign in yet; `rollbook login add NAME --role admin` lets the first one in.",
        )?;
    } else {
        let columns = ["Name", "Role", "E-mail", "Courses", "Signs in by", "Last", "State"].map(Column::Text);
        output::table(&columns, logins.iter().map(row).collect())?;
    }
    Ok(Exit::Done)
}

fn row(login: &Kept) -> Vec<String> {
    let by = match (login.has_password, login.subject.is_some()) {
        (true, true) => "password, provider",
        (true, false) => "password",
        (false, true) => "provider",
        (false, false) => "provider or proxy",
    };
    vec![
        login.name.clone(),
        login.role.to_string(),
        login.email.clone().unwrap_or_default(),
        login.courses.iter().cloned().collect::<Vec<_>>().join(", "),
        by.to_owned(),
        login.seen_at.map_or_else(|| "never".to_owned(), output::instant),
        login.disabled_at.map_or_else(String::new, |at| format!("disabled {}", output::instant(at))),
    ]
}

/// A password that somebody gave us, or one of ours.
struct Secret {
    text: String,
    is_made: bool,
}

impl Secret {
    fn get(name: &str, from_stdin: bool) -> anyhow::Result<Secret> {
        if !from_stdin {
            // 24 letters: 144 bits.
            return Ok(Secret { text: secret::fresh().chars().take(24).collect(), is_made: true });
        }
        let mut text = String::new();
        std::io::stdin().lock().take(4_096).read_to_string(&mut text)?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        check_password(name, &text).map_err(UsageError)?;
        Ok(Secret { text, is_made: false })
    }
}

fn tell(context: &Context<'_>, said: &str, name: &str, secret: Option<&Secret>) -> anyhow::Result<Exit> {
    let made = secret.filter(|secret| secret.is_made).map(|secret| secret.text.as_str());
    if context.json {
        output::json(&json!({ "login": name, "password": made }))?;
    } else {
        output::line(said)?;
        if let Some(made) = made {
            output::line(format!("Their password, shown only now: {made}"))?;
        }
    }
    Ok(Exit::Done)
}

fn known(login: Option<Kept>, name: &str) -> Result<Kept, UsageError> {
    login.ok_or_else(|| UsageError(format!("there is no login {name:?}; `rollbook login list` lists them")))
}

fn address(text: &str) -> Option<String> {
    Some(text.trim().to_lowercase()).filter(|address| !address.is_empty())
}

fn courses(words: &[String]) -> BTreeSet<String> {
    words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}
