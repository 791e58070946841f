//! `rollbook users show`

use clap::Args;
use rollbook_zoom::endpoint::users::{GetUser, User};
use rollbook_zoom::{Operation, RawRequest, UserId};
use serde_json::Value;

use super::licence_word;
use crate::cli::context::Context;
use crate::cli::desk::{Desk, shown};
use crate::cli::page::Page;
use crate::cli::{Exit, output};

/// Show one user
///
/// Costs one Light call; --settings one Medium call in its place.
#[derive(Debug, Args)]
pub struct Show {
    /// E-mail address, Zoom's user ID, or `me`
    #[arg(value_name = "USER", value_parser = crate::cli::meetings::parse_user)]
    pub user: UserId,
    /// The user's settings in Zoom's own JSON, such as how many people a meeting may hold
    #[arg(long)]
    pub settings: bool,
}

impl Show {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let mut desk = Desk::open(context, &format!("users show {}", self.user)).await?;
        if self.settings {
            let body = settings(&mut desk, &self.user).await;
            let body = desk.close(body, "settings of 1 user").await?;
            output::json(&shown(body))?;
            return Ok(Exit::Done);
        }
        let told = desk.ask(&GetUser { user: self.user }).await;
        let told = desk.close(told, "1 user").await?;
        match context.json {
            true => output::json(&shown(told.body))?,
            false => output::text(&text(&context.page(), &told.value))?,
        }
        Ok(Exit::Done)
    }
}

/// Some three hundred settings, as they came.
async fn settings(desk: &mut Desk<'_>, user: &UserId) -> anyhow::Result<Value> {
    let target = format!("/users/{}/settings", user.path_segment());
    let request = RawRequest { operation: Operation::GetUserSettings, target, body: None };
    desk.ask_raw(&request).await
}

/// One user, field by field.
pub fn text(page: &Page, user: &User) -> String {
    let mut out = String::new();
    let mut field = |label: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out += &page.field(label, &text);
        }
    };
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    field("Name", user.display_name.clone().or(Some(full_name)));
    field("E-mail", user.email.clone());
    field("ID", user.id.as_ref().map(ToString::to_string));
    field("Licence", Some(licence_word(user.kind)));
    field("Status", user.status.as_ref().map(ToString::to_string));
    field("Role", user.role_name.clone());
    field("Department", user.dept.clone());
    field("Zone", user.timezone.clone());
    field("Room", user.pmi.map(|number| crate::cli::meeting::grouped(number.0)));
    field("Employee", user.employee_unique_id.clone());
    field("Created", user.created_at.map(|at| page.minute(at)));
    field("Signed in", user.last_login_time.map(|at| page.minute(at)));
    field("Client", user.last_client_version.clone());
    out
}
