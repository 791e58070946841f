//! `rollbook refresh --list`: who asked for what, and what came of it.

use rollbook_store::RefreshRequest;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::page::{Column, Page};
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

fn text(page: &Page, requests: &[RefreshRequest]) -> String {
    if requests.is_empty() {
        return "Nobody has asked for a refresh yet.\n".to_owned();
    }
    let rows = requests.iter().map(|request| {
        let outcome = match request.joined {
            Some(joined) => format!("{} (joined {joined})", request.outcome.name()),
            None => request.outcome.name().to_owned(),
        };
        let meeting =
            if request.all { format!("{} (all runs)", request.meeting) } else { request.meeting.clone() };
        vec![
            request.id.to_string(),
            page.minute(request.asked_at),
            request.who.clone(),
            request.role.name().to_owned(),
            meeting,
            outcome,
            request.reason.clone().unwrap_or_default(),
        ]
    });
    let columns = [
        Column::Number("no"),
        Column::Whole("asked"),
        Column::Text("by"),
        Column::Whole("role"),
        Column::Text("meeting"),
        Column::Text("outcome"),
        Column::Text("result"),
    ];
    page.table(&columns, rows.collect())
}
