//! `rollbook users list`

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use rollbook_zoom::endpoint::users::{ListUsers, User};
use rollbook_zoom::word::UserStatus;
use serde_json::{Value, json};

use super::licence_word;
use crate::cli::context::Context;
use crate::cli::desk::{Desk, shown};
use crate::cli::page::{Column, Page, count};
use crate::cli::{Exit, output};

/// List the account's users
///
/// Costs one Medium call for 300 users, and for each status.
#[derive(Debug, Args)]
pub struct List {
    /// Which users
    #[arg(long, value_enum, default_value_t = Status::Active, value_name = "STATUS")]
    pub status: Status,
}

/// Zoom lists one status at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Status {
    /// May sign in
    Active,
    /// Were switched off
    Inactive,
    /// Were invited and have not come yet
    Pending,
    /// All three
    All,
}

impl Status {
    fn zoom(self) -> Vec<UserStatus> {
        match self {
            Status::Active => vec![UserStatus::Active],
            Status::Inactive => vec![UserStatus::Inactive],
            Status::Pending => vec![UserStatus::Pending],
            Status::All => vec![UserStatus::Active, UserStatus::Inactive, UserStatus::Pending],
        }
    }
}

impl List {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let mut desk = Desk::open(context, "users list").await?;
        let rows = self.read(&mut desk).await;
        let summary = rows.as_ref().map_or(String::new(), |rows| format!("{} users", rows.len()));
        let rows = desk.close(rows, &summary).await?;
        if context.json {
            let users: Vec<Value> = rows.into_iter().map(|(_, body)| shown(body)).collect();
            output::json(&json!({ "users": users }))?;
        } else {
            let users: Vec<User> = rows.into_iter().map(|(user, _)| user).collect();
            output::text(&text(&context.page(), &users))?;
        }
        Ok(Exit::Done)
    }

    async fn read(&self, desk: &mut Desk<'_>) -> anyhow::Result<Vec<(User, Value)>> {
        let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
        for status in self.status.zoom() {
            let told = desk.list(&ListUsers::new(status), "users").await?;
            // Rows may move between pages while a list is read (quirk 45). Pending users may have no ID yet.
            let is_new = |(user, _): &(User, Value)| seen.insert((user.id.clone(), user.email.clone()));
            rows.extend(told.into_iter().filter(is_new));
        }
        Ok(rows)
    }
}

fn text(page: &Page, users: &[User]) -> String {
    let rows = users.iter().map(|user| {
        let names = [user.first_name.as_deref(), user.last_name.as_deref()];
        let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        vec![
            user.display_name.clone().unwrap_or(full_name),
            user.email.clone().unwrap_or_default(),
            licence_word(user.kind),
            user.status.as_ref().map_or_else(String::new, ToString::to_string),
            user.dept.clone().unwrap_or_default(),
            user.last_login_time.map_or_else(String::new, |at| page.day(at)),
        ]
    });
    let columns = [
        Column::Text("name"),
        Column::Text("e-mail"),
        Column::Whole("licence"),
        Column::Whole("status"),
        Column::Text("department"),
        Column::Whole("signed in"),
    ];
    let table = page.table(&columns, rows.collect());
    format!("{table}\n{}\n", count(users.len() as u64, "user", "users"))
}
