//! The record of who looked at or changed personal data.
//!
//! A look is handed to the clerk and the page does not wait for it: should it not be kept, the log says all that it would
//! have said, and the page has been shown. A change is the other way round: what cannot be recorded is not done.

use rollbook_store::AuditEntry;
use tokio::sync::OwnedSemaphorePermit;

use super::App;
use super::problem::Problem;
use super::visitor::Visitor;

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
