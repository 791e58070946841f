//! `rollbook token`: what programs show to be let in.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use rollbook_core::access::Capability;
use rollbook_core::sign_in::login_name;
use rollbook_store::{NewToken, Token as Kept};
use serde_json::json;

use super::context::Context;
use super::page::Column;
use super::{Exit, UsageError, audit, output};
use crate::secret;
use crate::web::who::TOKEN_PREFIX;

/// The longest a token is good for: whoever forgets one finds it dead after two years.
const DAYS_MAX: i64 = 730;

/// Let programs use the JSON API and the metrics of `rollbook serve`
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Token {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What can be done. Each variant is documented by its own arguments, which is also its help.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    Add(Add),
    List(List),
    Revoke(Revoke),
}

/// Make a token; it is shown once
#[derive(Debug, Args)]
pub struct Add {
    /// Its name, such as grafana; never used again, also when it was revoked
    pub name: String,
    /// What may be done with it, such as read_metrics; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<String>,
    /// For how long, in days
    #[arg(long, default_value = "90d", value_name = "DAYS")]
    pub expires: String,
}

/// List the tokens
#[derive(Debug, Args)]
pub struct List {}

/// End a token at once
#[derive(Debug, Args)]
pub struct Revoke {
    /// Its name
    pub name: String,
}

impl Token {
    /// Runs it.
    ///
    /// # Errors
    /// If the store cannot be used, or the command line is wrong.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            TokenCommand::Add(add) => add.run(context),
            TokenCommand::List(List {}) => list(context),
            TokenCommand::Revoke(revoke) => revoke.run(context),
        }
    }
}

impl Add {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let name = login_name(&self.name).map_err(UsageError)?;
        let scopes = self.scopes.iter().flat_map(|word| word.split(','));
        let scopes: BTreeSet<Capability> =
            scopes.map(str::parse).collect::<Result<_, _>>().map_err(UsageError)?;
        let expires_for = parse_days(&self.expires).map_err(UsageError)?;
        let secret = format!("{TOKEN_PREFIX}{}", secret::fresh());
        let entry = audit::entry(context, "token.add", &format!("token {name}"), Some(words(&scopes)));
        let token = NewToken {
            name: name.clone(),
            key: secret::digest(&secret),
            scopes,
            created_by: entry.who.clone(),
            expires_at: entry.at + expires_for,
        };
        let mut store = context.open_store()?;
        let is_added = store.atomically(|store| {
            let is_added = store.add_token(entry.at, &token)?;
            if is_added {
                store.add_audit(&entry)?;
            }
            Ok(is_added)
        })?;
        if !is_added {
            let taken = format!("there is, or was, a token {name:?}; choose another name");
            return Err(UsageError(taken).into());
        }
        if context.json {
            output::json(&json!({ "token": name, "secret": secret, "expires_at": token.expires_at }))?;
        } else {
            output::line(format!(
                "Token {name} for {}, until {}. Shown only now:",
                words(&token.scopes),
                output::instant(token.expires_at)
            ))?;
            output::line(secret)?;
        }
        Ok(Exit::Done)
    }
}

impl Revoke {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let name = self.name.trim().to_lowercase();
        let entry = audit::entry(context, "token.revoke", &format!("token {name}"), None);
        let is_revoked = context.open_store()?.atomically(|store| {
            let is_revoked = store.revoke_token(entry.at, &name)?;
            if is_revoked {
                store.add_audit(&entry)?;
            }
            Ok(is_revoked)
        })?;
        if !is_revoked {
            let none =
                format!("there is no token {name:?} that could be revoked; `rollbook token list` lists them");
            return Err(UsageError(none).into());
        }
        if context.json {
            output::json(&json!({ "token": name, "revoked_at": entry.at }))?;
        } else {
            output::line(format!("Token {name} is worth nothing any more."))?;
        }
        Ok(Exit::Done)
    }
}

fn list(context: &Context<'_>) -> anyhow::Result<Exit> {
    let (tokens, now) = (context.read_store()?.tokens()?, context.clock().now());
    if context.json {
        output::json(&json!({ "tokens": tokens }))?;
    } else if tokens.is_empty() {
        output::line("There are no tokens; `rollbook token add grafana --scope read_metrics` makes one.")?;
    } else {
        let columns = ["Name", "Scopes", "Made by", "Until", "Last used", "State"].map(Column::Text);
        output::table(&columns, tokens.iter().map(|token| row(token, now)).collect())?;
    }
    Ok(Exit::Done)
}

fn row(token: &Kept, now: Timestamp) -> Vec<String> {
    let state = match token.revoked_at {
        Some(at) => format!("revoked {}", output::instant(at)),
        None if now >= token.expires_at => "expired".to_owned(),
        None => String::new(),
    };
    vec![
        token.name.clone(),
        words(&token.scopes),
        token.created_by.clone(),
        output::instant(token.expires_at),
        token.used_at.map_or_else(|| "never".to_owned(), output::instant),
        state,
    ]
}

fn words(scopes: &BTreeSet<Capability>) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(", ")
}

/// `90d`, or `90`.
fn parse_days(text: &str) -> Result<SignedDuration, String> {
    let days = text.trim().trim_end_matches('d').parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    days.map(|days: i64| SignedDuration::from_hours(24 * days))
        .ok_or_else(|| format!("--expires is {text:?}; use days from 1d to {DAYS_MAX}d, as in 90d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_within_two_years() {
        assert_eq!(parse_days("90d"), Ok(SignedDuration::from_hours(2_160)));
        assert_eq!(parse_days("1"), Ok(SignedDuration::from_hours(24)));
        for wrong in ["0d", "731d", "never", "", "-1d", "1h"] {
            assert!(parse_days(wrong).unwrap_err().contains("90d"), "{wrong}");
        }
    }
}
