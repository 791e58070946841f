//! `rollbook users create`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use rollbook_zoom::endpoint::change_users::{CreateUser, CreateUserAction};
use serde_json::{Map, Value};

use super::show::text;
use crate::cli::context::Context;
use crate::cli::desk::change::dry_run;
use crate::cli::desk::{Desk, shown};
use crate::cli::meetings::{parse_set, put};
use crate::cli::{Exit, UsageError, output};

/// Add a user to the account
///
/// Costs one Light call. It is never sent twice: where no answer tells whether Zoom did it, that is said.
#[derive(Debug, Args)]
pub struct Create {
    /// E-mail address, which is also the name to sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// basic, licensed, none, or Zoom's number
    #[arg(long = "type", value_name = "LICENCE", default_value = "basic", value_parser = parse_licence)]
    pub licence: i64,
    /// First name, up to 64 characters
    #[arg(long, value_name = "NAME")]
    pub first_name: Option<String>,
    /// Last name, up to 64 characters
    #[arg(long, value_name = "NAME")]
    pub last_name: Option<String>,
    /// How the user is added
    #[arg(long, value_enum, default_value_t = Action::Create, value_name = "ACTION")]
    pub action: Action,
    /// A file that holds the user's password, for autoCreate
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Any other field of `user_info` by Zoom's name, as in display_name=Jill; the value is JSON, else text
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = parse_set)]
    pub set: Vec<(String, Value)>,
    /// Show the request and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Zoom's ways to add a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Action {
    /// Invite by e-mail; pending until the invitation is accepted
    #[value(name = "create")]
    Create,
    /// Active at once, with a password; for managed domains
    #[value(name = "autoCreate")]
    AutoCreate,
    /// Without a way to sign in; for API partners
    #[value(name = "custCreate")]
    CustCreate,
    /// Active at once, by single sign-on
    #[value(name = "ssoCreate")]
    SsoCreate,
}

impl Action {
    fn zoom(self) -> CreateUserAction {
        match self {
            Action::Create => CreateUserAction::Create,
            Action::AutoCreate => CreateUserAction::AutoCreate,
            Action::CustCreate => CreateUserAction::CustCreate,
            Action::SsoCreate => CreateUserAction::SsoCreate,
        }
    }
}

fn parse_licence(text: &str) -> Result<i64, String> {
    match text {
        "basic" => Ok(1),
        "licensed" => Ok(2),
        "none" => Ok(99),
        other => other
            .parse()
            .map_err(|_| format!("{other:?} is none of basic, licensed and none, and no number of Zoom's")),
    }
}

impl Create {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let request = self.request()?;
        if self.dry_run {
            dry_run(context, &request, 1, None)?;
            return Ok(Exit::Done);
        }
        let lost = format!(
            "the user may have been added: look at `rollbook users show {}` before adding it again",
            request.email
        );
        let mut desk = Desk::open(context, &format!("users create --email {}", request.email)).await?;
        let made = desk.change(&request, None, &lost).await;
        let made = desk.close(made, "1 user added").await?;
        match context.json {
            true => output::json(&shown(made.body))?,
            false => output::text(&text(&context.page(), &made.value))?,
        }
        Ok(Exit::Done)
    }

    fn request(&self) -> anyhow::Result<CreateUser> {
        let mut others = Map::new();
        for (path, value) in &self.set {
            put(&mut others, path, value.clone())?;
        }
        if let Some(file) = &self.password_file {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("--password-file {} cannot be read", file.display()))?;
            others.insert("password".to_owned(), text.trim_end_matches(['\r', '\n']).into());
        }
        if self.action == Action::AutoCreate && !others.contains_key("password") {
            return Err(UsageError("--action autoCreate needs a --password-file".to_owned()).into());
        }
        let request = CreateUser {
            action: self.action.zoom(),
            email: self.email.trim().to_owned(),
            licence: self.licence,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            others,
        };
        request.check().map_err(UsageError)?;
        Ok(request)
    }
}
