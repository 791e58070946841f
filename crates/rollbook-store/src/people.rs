//! What helps to tell who is who: e-mails that Zoom linked to somebody, and decisions made by hand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::stay::Stay;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::{Result, unreadable};
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// A decision made by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectionRecord {
    /// About whom.
    pub key: PersonKey,
    /// Who it is.
    pub correction: Correction,
    /// That user's full name when it was decided.
    pub user_name: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// By whom: the user at the shell.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
}

/// What an e-mail was told beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// A Zoom user id.
    ZoomUser,
    /// A registration.
    Registrant,
}

impl LinkKind {
    fn name(self) -> &'static str {
        match self {
            LinkKind::ZoomUser => "zoom",
            LinkKind::Registrant => "registrant",
        }
    }
}

/// At most one write a day and link.
const LINK: &str =
    "insert into linked_email (kind, id, email, seen_at) values (?1, ?2, ?3, ?4 / 86400000 * 86400000)
    on conflict (kind, id, email) do update set seen_at = excluded.seen_at where excluded.seen_at > seen_at";
const SET: &str = "insert into person_correction (key, user_id, user_name, note, set_by, set_at)
    values (?1, ?2, ?3, ?4, ?5, ?6)
    on conflict (key) do update set user_id = excluded.user_id, user_name = excluded.user_name,
        note = excluded.note, set_by = excluded.set_by, set_at = excluded.set_at";
const ALL: &str =
    "select key, user_id, user_name, note, set_by, set_at from person_correction order by set_at, key";

impl Store {
    /// Remembers which e-mails stand beside Zoom users and registrations.
    pub(crate) fn link_emails(&mut self, stays: &[Stay]) -> Result<()> {
        let is_masked = self.veil()?.masks();
        let mut add = self.connection.prepare_cached(LINK)?;
        for stay in stays.iter().filter(|stay| !is_masked && !stay.is_erased()) {
            let Some(email) = stay.email.as_deref().filter(|email| !email.is_empty()) else { continue };
            let email = email.to_lowercase();
            let ids = [(LinkKind::ZoomUser, &stay.zoom_user_id), (LinkKind::Registrant, &stay.registrant_id)];
            for (kind, id) in ids {
                if let Some(id) = id.as_deref().filter(|id| !id.is_empty()) {
                    add.execute((kind.name(), id, &email, ms(stay.joined_at)))?;
                }
            }
        }
        Ok(())
    }

    /// The e-mails that Zoom told beside a Zoom user or a registration, in whichever instance, lower case.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn linked_emails(&self, kind: LinkKind, id: &str) -> Result<Vec<String>> {
        let sql = "select email from linked_email where kind = ?1 and id = ?2 order by email";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((kind.name(), id), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Remembers a decision, in place of an earlier one about the same person.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_correction(&mut self, line: &CorrectionRecord) -> Result<()> {
        let user = match line.correction {
            Correction::User(id) => Some(id),
            Correction::Nobody => None,
        };
        let key = line.key.to_string();
        let params = (key, user, &line.user_name, &line.note, &line.set_by, ms(line.set_at));
        self.connection.execute(SET, params)?;
        Ok(())
    }

    /// Forgets a decision; tells whether there was one.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn drop_correction(&mut self, key: &PersonKey) -> Result<bool> {
        let sql = "delete from person_correction where key = ?1";
        Ok(self.connection.execute(sql, [key.to_string()])? > 0)
    }

    /// Every decision, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn correction_records(&self) -> Result<Vec<CorrectionRecord>> {
        let mut statement = self.connection.prepare_cached(ALL)?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(correction(row)?);
        }
        Ok(all)
    }

    /// Every decision, by person.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn corrections(&self) -> Result<BTreeMap<PersonKey, Correction>> {
        Ok(self.correction_records()?.into_iter().map(|line| (line.key, line.correction)).collect())
    }

    /// Remembers which person a short reference means.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_reference(&mut self, now: Timestamp, reference: &str, key: &PersonKey) -> Result<()> {
        let sql = "insert into person_reference (reference, key, shown_at) values (?1, ?2, ?3)
            on conflict (reference) do update set key = excluded.key, shown_at = excluded.shown_at";
        self.connection.prepare_cached(sql)?.execute((reference, key.to_string(), ms(now)))?;
        Ok(())
    }

    /// The person that a short reference means.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn reference(&self, reference: &str) -> Result<Option<PersonKey>> {
        let sql = "select key from person_reference where reference = ?1";
        let key: Option<String> = self.connection.query_row(sql, [reference], |row| row.get(0)).optional()?;
        key.map(|key| key.parse().map_err(unreadable("a reference to a person"))).transpose()
    }

    /// Instances in which a person was seen: with that Zoom user, registration, e-mail (whatever its case) or name, in any
    /// alphabet and whatever blanks stand around it.
    ///
    /// Of a name it is every instance, whatever its course.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instances_with(&self, key: &PersonKey) -> Result<Vec<i64>> {
        let trimmed = |told: &str, wanted: &str| told.trim() == wanted.trim();
        match key {
            PersonKey::ZoomUser(id) => self.instances_where("zoom_user_id", |told| trimmed(told, id)),
            PersonKey::Registrant(id) => self.instances_where("registrant_id", |told| trimmed(told, id)),
            PersonKey::Name(_, name) => self.instances_where("name", |told| trimmed(told, name)),
            PersonKey::Email(email) => {
                let wanted = email.trim().to_lowercase();
                self.instances_where("email", |told| told.trim().to_lowercase() == wanted)
            }
        }
    }

    /// SQLite knows neither letters beyond ASCII nor blanks beyond the space, so that values are compared here.
    fn instances_where(&self, column: &str, is_meant: impl Fn(&str) -> bool) -> Result<Vec<i64>> {
        let sql = format!("select instance_id, {column} from stay where {column} <> '' order by instance_id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            let instance = row.get(0)?;
            if found.last() != Some(&instance)
                && is_meant(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
            {
                found.push(instance);
            }
        }
        Ok(found)
    }
}

fn correction(row: &Row<'_>) -> Result<CorrectionRecord> {
    let key: String = row.get(0)?;
    Ok(CorrectionRecord {
        key: key.parse().map_err(unreadable("a correction"))?,
        correction: row.get::<_, Option<i64>>(1)?.map_or(Correction::Nobody, Correction::User),
        user_name: row.get(2)?,
        note: row.get(3)?,
        set_by: row.get(4)?,
        set_at: from_ms(row.get(5)?),
    })
}
