//! What pages and programs order: a command in the collector's queue, and the record of who gave it.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rollbook_store::{AuditEntry, Result, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;
use super::visitor::Visitor;
use crate::commands::{self, Command};

/// A command in the queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueuedView {
    /// Its number: `/api/v1/commands/{id}` tells what came of it.
    pub command: i64,
}

/// Puts a command into the queue and wakes the collector; its number. The record of it, what else is to be kept with it and
/// the command are kept together or not at all. A record without a subject is about the command.
///
/// # Errors
/// If the store cannot be written.
pub async fn put<C: Command + Send + 'static>(
    app: &App,
    visitor: &Visitor,
    mut entry: AuditEntry,
    command: C,
    also: impl FnOnce(&mut Store) -> Result<()> + Send + 'static,
) -> std::result::Result<i64, Problem> {
    let (now, who, role) = (app.clock.now(), visitor.who.clone(), visitor.role);
    let work = move |store: &mut Store| {
        also(store)?;
        let command = commands::put(store, now, &who, role, &command)?;
        if entry.subject.is_empty() {
            entry.subject = format!("command {command}");
        }
        store.add_audit(&entry)?;
        Ok(command)
    };
    let id = app.clerk.write(work).await?;
    app.wake.notify_one();
    Ok(id)
}

/// Tells a program that its order is in the queue.
pub fn queued(command: i64) -> Response {
    (StatusCode::ACCEPTED, Json(QueuedView { command })).into_response()
}
