//! What a change is, before it is sent: the exact request, and what it counts against.

use rollbook_core::budget::host::{HostAllowance, HostUsage};
use rollbook_zoom::{Endpoint, RawRequest};
use serde::Serialize;
use serde_json::Value;

use super::{Desk, Host, key_of, one_account};
use crate::cli::context::Context;
use crate::cli::output;
use crate::cli::page::{Page, count, safe};

/// A request that is shown and not sent.
#[derive(Debug, Serialize)]
pub struct DryRun {
    /// Nothing was sent.
    pub dry_run: bool,
    /// Method.
    pub method: String,
    /// Path and query below the API's address.
    pub path: String,
    /// Its label.
    pub label: &'static str,
    /// The JSON that would be sent; passwords of users are left out.
    pub body: Value,
    /// Light calls that the command would spend altogether.
    pub light_calls: u32,
    /// The host whose day of changes it counts against, if it counts against one.
    pub host: Option<HostLine>,
}

/// Where one host's day of changes stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostLine {
    /// As typed; none where only the meeting could tell.
    pub name: Option<String>,
    /// Zoom's user ID; none where Zoom was never asked for it.
    pub id: Option<String>,
    /// Changes a UTC day.
    pub limit: u32,
    /// Changes that rollbook paid for today; none where the host is not known.
    pub changes_today: Option<u32>,
    /// What is left, as far as rollbook knows: others may have changed meetings of this host.
    pub left: Option<u32>,
    /// Until when there is nothing left.
    pub gone_until: Option<jiff::Timestamp>,
}

impl HostLine {
    fn new(name: Option<String>, id: Option<String>, limit: u32) -> HostLine {
        HostLine { name, id, limit, changes_today: None, left: None, gone_until: None }
    }

    fn with(mut self, now: jiff::Timestamp, usage: HostUsage) -> HostLine {
        self.changes_today = Some(usage.changes);
        match usage.allowance(now, self.limit) {
            HostAllowance::Left { changes } => self.left = Some(changes),
            HostAllowance::Gone { until } => (self.left, self.gone_until) = (Some(0), Some(until)),
        }
        self
    }

    /// A host whose ID is known.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of(desk: &Desk<'_>, host: &Host) -> anyhow::Result<HostLine> {
        let (now, account) = (desk.collector.clock.now(), desk.account());
        let line =
            HostLine::new(Some(host.name.clone()), Some(host.id.clone()), account.limits.host_writes_day);
        Ok(line.with(now, desk.collector.store.host_usage(now, &account.pool, &host.id)?))
    }

    /// A host as the store knows it, without asking Zoom.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn offline(context: &Context<'_>, name: Option<&str>) -> anyhow::Result<HostLine> {
        let account = &context.config.accounts[0];
        let mut line = HostLine::new(name.map(Into::into), None, account.limits.host_writes_day);
        if let (Some(name), true) = (name, context.config.store.exists()) {
            let (store, now) = (context.read_store()?, context.clock().now());
            let id = store.host_named(&account.pool, name)?.unwrap_or_else(|| key_of(name));
            line = line.with(now, store.host_usage(now, &account.pool, &id)?);
            line.id = Some(id).filter(|id| !id.contains('@'));
        }
        Ok(line)
    }

    /// For people.
    pub fn words(&self, page: &Page) -> String {
        let limit = count(u64::from(self.limit), "change", "changes");
        let Some(name) = self.name.as_deref().or(self.id.as_deref()) else {
            return format!("the {limit} a day (UTC) of the meeting's host; --host USER tells what is left");
        };
        match (self.changes_today, self.left, self.gone_until) {
            (Some(changes), _, Some(until)) => format!(
                "the {limit} a day (UTC) of {name}: gone until {} ({changes} sent by rollbook)",
                page.until(until)
            ),
            (Some(changes), Some(left), None) => format!(
                "the {limit} a day (UTC) of {name}: {changes} sent by rollbook today, {left} left unless others made some"
            ),
            _ => format!(
                "the {limit} a day (UTC) of {name}; rollbook has sent none yet, so what is left is not known"
            ),
        }
    }
}

/// Shows what would be sent, and sends nothing.
///
/// # Errors
/// If there are several accounts to choose from, or standard output cannot be written.
pub fn dry_run<E: Endpoint>(
    context: &Context<'_>,
    endpoint: &E,
    light_calls: u32,
    host: Option<HostLine>,
) -> anyhow::Result<()> {
    one_account(context)?;
    let request = RawRequest::of(endpoint);
    let report = DryRun {
        dry_run: true,
        method: request.operation.method().to_string(),
        path: request.target,
        label: request.operation.label().as_str(),
        body: without_password(endpoint.body().unwrap_or_default()),
        light_calls,
        host,
    };
    if context.json {
        return output::json(&report);
    }
    output::text(&report.text(&context.page())?)
}

/// A user's own password is nobody else's business; the passcode of a meeting is told to everybody who joins.
fn without_password(mut body: Value) -> Value {
    if let Some(password) = body.pointer_mut("/user_info/password") {
        *password = "[not shown]".into();
    }
    body
}

impl DryRun {
    fn text(&self, page: &Page) -> anyhow::Result<String> {
        let body = serde_json::to_string_pretty(&self.body)?;
        let body: Vec<String> = body.lines().map(safe).collect();
        let mut out = format!("{} {}\n{}\n\n", self.method, safe(&self.path), body.join("\n"));
        let calls = count(u64::from(self.light_calls), "Light call", "Light calls");
        out += &page.field("Costs", &format!("{calls}, nothing of the daily Heavy allowance"));
        if let Some(host) = &self.host {
            out += &page.field("Counts", &format!("against {}", host.words(page)));
        }
        out += &page.field("Sent", "nothing: this is a dry run");
        Ok(out)
    }
}
