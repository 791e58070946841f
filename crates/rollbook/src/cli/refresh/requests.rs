//! `rollbook refresh --list`: who asked for what, and what came of it.

use std::fmt::Write;

use rollbook_store::RefreshRequest;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::page::{Page, cut, safe};
use crate::cli::{Exit, output};

/// Requests that are shown.
const SHOWN: u32 = 200;

/// Shows the latest requests.
pub fn show(context: &Context<'_>) -> anyhow::Result<Exit> {
    let store = context.read_store()?;
    let requests = store.requests(SHOWN)?;
    if context.json {
        let today = context.today(context.clock().now());
        output::json(&json!({ "requests": requests, "rations_used": store.rations_used(today)? }))?;
    } else {
        output::text(&text(&context.page(), &requests))?;
    }
    Ok(Exit::Done)
}

/// Two lines a request: who asked for what and how it stands, and why.
fn text(page: &Page, requests: &[RefreshRequest]) -> String {
    if requests.is_empty() {
        return "Nobody has asked for a refresh yet.\n".to_owned();
    }
    let mut out = String::new();
    for request in requests {
        let outcome = match request.joined {
            Some(joined) => format!("{}, joined {joined}", request.outcome.name()),
            None => request.outcome.name().to_owned(),
        };
        let all = if request.all { ", all runs" } else { "" };
        let _ = writeln!(
            out,
            "{:>4}  {}  {} ({})  {}{all}  {outcome}",
            request.id,
            page.minute(request.asked_at),
            safe(&request.who),
            request.role,
            safe(&request.meeting),
        );
        if let Some(reason) = &request.reason {
            let _ = writeln!(out, "      {}", cut(reason, page.width.saturating_sub(6)));
        }
    }
    out
}
