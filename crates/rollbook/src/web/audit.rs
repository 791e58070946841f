//! The record of who looked at or changed personal data.
//!
//! A look is handed to the clerk and the page does not wait for it: should it not be kept, the log says all that it would
//! have said, and the page has been shown. A change is the other way round: what cannot be recorded is not done.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use std::sync::PoisonError;

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Html;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::access::Capability;
use rollbook_store::{AuditEntry, Reader};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::input::Asked;
use super::page::{Frame, html};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::visitor::Visitor;

/// Somebody who has a page open looks once in this time.
const ONE_LOOK_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Pages that are open and remembered at once.
const WATCHED_MAX: usize = 1_000;

/// An entry for what a visitor does, as of now. A change puts it into the store in the same piece of work as itself
/// ([`rollbook_store::Store::add_audit`]): both are kept or none.
pub fn entry(
    app: &App,
    visitor: &Visitor,
    action: &str,
    subject: impl Into<String>,
    detail: Option<String>,
) -> AuditEntry {
    AuditEntry {
        at: app.clock.now(),
        who: visitor.who.clone(),
        role: visitor.role,
        action: action.to_owned(),
        subject: subject.into(),
        detail,
        address: visitor.address.clone(),
    }
}

/// Records a look at personal data, without keeping the page waiting. `action` is a word such as `attendance.look`,
/// `subject` an instance, a course, a reference to a person, never a person's name.
pub fn audit(app: &App, visitor: &Visitor, action: &str, subject: impl Into<String>, detail: Option<String>) {
    let entry = entry(app, visitor, action, subject, detail);
    let mut look = Look { entry: entry.clone(), is_kept: false, place: None };
    match app.access.looks.clone().try_acquire_owned() {
        Ok(place) => look.place = Some(place),
        Err(_) => return,
    }
    app.clerk.hand_in(
        move |store| store.add_audit(&entry),
        move |kept| {
            let mut look = look;
            look.is_kept = kept.is_ok();
            if let Err(error) = kept {
                tracing::error!("the record of a look cannot be written: {error}");
            }
        },
    );
}

/// Records that somebody keeps looking at something that is refreshed by itself: as one look every ten minutes.
pub fn audit_watching(app: &App, visitor: &Visitor, action: &str, subject: String) {
    let (now, key) = (app.clock.now(), (visitor.who.clone(), subject.clone()));
    let mut watched = app.access.watched.lock().unwrap_or_else(PoisonError::into_inner);
    watched.retain(|_, at| now.duration_since(*at) < ONE_LOOK_FOR);
    // Where too many watch to be remembered, each look is one.
    if watched.contains_key(&key) {
        return;
    }
    if watched.len() < WATCHED_MAX {
        watched.insert(key, now);
    }
    drop(watched);
    audit(app, visitor, action, subject, None);
}

/// A look on its way into the store. Wherever it ends without being kept, the log has it.
struct Look {
    entry: AuditEntry,
    is_kept: bool,
    /// Its place among those under way.
    place: Option<OwnedSemaphorePermit>,
}

impl Drop for Look {
    fn drop(&mut self) {
        if !self.is_kept {
            let AuditEntry { at, who, action, subject, detail, address, .. } = &self.entry;
            tracing::error!(%at, %who, %action, %subject, detail, address, "a look at personal data is recorded only here");
        }
    }
}

/// Records a change, and waits until that is kept.
///
/// # Errors
/// If it cannot be: then the change must not be made.
pub async fn audit_change(
    app: &App,
    visitor: &Visitor,
    action: &str,
    subject: impl Into<String>,
    detail: Option<String>,
) -> Result<(), Problem> {
    let entry = entry(app, visitor, action, subject, detail);
    app.clerk.write(move |store| store.add_audit(&entry)).await?;
    Ok(())
}

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeAudit);
    vec![Route::get("/audit", needs, page), Route::get("/api/v1/audit", needs, api)]
}

/// Entries on a page.
const PAGE: u32 = 100;

/// Who looked at personal data or changed it, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditView {
    /// The entries.
    pub entries: Vec<AuditLine>,
    /// What `before` must be to read on; none where there is no more.
    pub next: Option<i64>,
}

/// One look or change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditLine {
    /// Its number: later ones are higher.
    pub id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who: a login, `token NAME`, or `(shell)`.
    pub who: String,
    /// In which role; none for programs and the shell.
    pub role: Option<String>,
    /// What was done.
    pub action: String,
    /// To what: an instance, a course, a reference to a person.
    pub subject: String,
    /// More, where there is more.
    pub detail: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditAsk {
    /// Only entries before this number.
    pub before: Option<i64>,
}

fn read(reader: &Reader, ask: &AuditAsk) -> rollbook_store::Result<AuditView> {
    let found = reader.audit(ask.before, PAGE)?;
    let next = found.last().map(|(id, _)| *id).filter(|_| found.len() == PAGE as usize);
    let line = |(id, entry): (i64, AuditEntry)| AuditLine {
        id,
        at: entry.at,
        who: entry.who,
        role: entry.role.map(|role| role.name().to_owned()),
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail,
        address: entry.address,
    };
    Ok(AuditView { entries: found.into_iter().map(line).collect(), next })
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    view: AuditView,
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<AuditAsk>,
) -> Result<Html<String>, Problem> {
    let view = app.readers.read(move |reader| read(reader, &ask)).await?;
    html(&Page { frame: Frame::of(&app, Some(&visitor), "Audit").at("/audit"), view })
}

/// Audit
///
/// Who looked at personal data or changed it, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "System", params(AuditAsk), responses((status = 200, body = AuditView))
)]
pub async fn api(State(app): State<App>, Asked(ask): Asked<AuditAsk>) -> Result<Json<AuditView>, Problem> {
    Ok(Json(app.readers.read(move |reader| read(reader, &ask)).await?))
}

#[cfg(test)]
mod tests;
