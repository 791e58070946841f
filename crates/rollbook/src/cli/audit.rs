//! `rollbook audit`: who looked at or changed personal data.

use clap::Args;
use rollbook_store::AuditEntry;
use serde_json::json;

use super::context::Context;
use super::page::Column;
use super::{Exit, output};

/// Show who looked at personal data or changed it, newest first
///
/// Looks and changes on pages and by the JSON API, sign-ins, and changes by commands. Reading the store with commands
/// leaves no trace: whoever may read its file needs none of them.
#[derive(Debug, Args)]
pub struct Audit {
    /// How many entries
    #[arg(long, default_value_t = 50, value_name = "COUNT")]
    pub last: u32,
    /// Only those before the entry of this number, to read on
    #[arg(long, value_name = "NUMBER")]
    pub before: Option<i64>,
}

impl Audit {
    /// Runs it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let entries = context.read_store()?.audit(self.before, self.last)?;
        if context.json {
            let entries: Vec<_> =
                entries.iter().map(|(id, entry)| json!({ "id": id, "entry": entry })).collect();
            output::json(&json!({ "audit": entries }))?;
        } else if entries.is_empty() {
            output::line("Nobody has looked at or changed personal data yet.")?;
        } else {
            let columns =
                ["Number", "When", "Who", "Role", "What", "Of what", "More", "From"].map(Column::Text);
            output::table(&columns, entries.iter().map(|(id, entry)| row(*id, entry)).collect())?;
        }
        Ok(Exit::Done)
    }
}

fn row(id: i64, entry: &AuditEntry) -> Vec<String> {
    vec![
        id.to_string(),
        output::instant(entry.at),
        entry.who.clone(),
        entry.role.map(|role| role.name().to_owned()).unwrap_or_default(),
        entry.action.clone(),
        entry.subject.clone(),
        entry.detail.clone().unwrap_or_default(),
        entry.address.clone().unwrap_or_default(),
    ]
}

/// An entry for what a command changes.
pub fn entry(context: &Context<'_>, action: &str, subject: &str, detail: Option<String>) -> AuditEntry {
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| context.environment.get(name));
    AuditEntry {
        at: context.clock().now(),
        // Parentheses: no login is called so.
        who: user.map_or_else(|| "(shell)".to_owned(), |user| format!("(shell) {user}")),
        role: None,
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        address: None,
    }
}
