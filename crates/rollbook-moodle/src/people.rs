//! Who is enrolled in a course, and who on the site has an e-mail address.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollbook_core::roster::{Member, Roster, User};

use crate::MoodleDb;
use crate::courses::course;
use crate::error::Error;
use crate::value::{Row, Value};

/// Values of one statement at most. PostgreSQL takes 65,535; the longer a list, the longer everybody else waits.
pub(crate) const BATCH: usize = 1_000;

const COURSE: &str = "SELECT id, shortname, fullname, idnumber, visible FROM {course} WHERE id = ?";

/// One row for each way of being enrolled; in force by MOODLE.md section 1, where 0 means without end.
const ENROLLED: &str =
    "SELECT u.id, u.username, u.idnumber, u.firstname, u.lastname, u.alternatename, u.email, u.suspended,
        CASE WHEN e.status = 0 AND ue.status = 0 AND ue.timestart <= ? AND (ue.timeend = 0 OR ue.timeend > ?)
            THEN 1 ELSE 0 END
    FROM {enrol} e
    JOIN {user_enrolments} ue ON ue.enrolid = e.id
    JOIN {user} u ON u.id = ue.userid
    WHERE e.courseid = ? AND u.deleted = 0
    ORDER BY u.id";

/// Roles held in the course itself; those of a category or of the whole site are not the course's.
const ROLES: &str = "SELECT DISTINCT ra.userid, r.shortname
    FROM {context} c
    JOIN {role_assignments} ra ON ra.contextid = c.id
    JOIN {role} r ON r.id = ra.roleid
    WHERE c.contextlevel = 50 AND c.instanceid = ?
    ORDER BY ra.userid, r.shortname";

/// Users as the plugin looks for them outside the course. Case is put aside on both sides: PostgreSQL would heed it.
const BY_EMAIL: &str = "SELECT id, username, idnumber, firstname, lastname, alternatename, email, suspended
    FROM {user} WHERE deleted = 0 AND suspended = 0 AND LOWER(email) IN ";

/// What people wrote into a field of the site's own. The tables are Moodle's; the least rights do not reach them.
const PROFILE: &str = "SELECT d.userid, d.data
    FROM {user_info_field} f JOIN {user_info_data} d ON d.fieldid = f.id
    WHERE f.shortname = ? AND f.datatype = 'text' AND d.userid IN ";

/// What identifies a user to Zoom (`zoom/apiidentifier`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identifier {
    Email,
    Username,
    IdNumber,
    /// A field of the site's own, by its short name.
    Profile(String),
}

impl Identifier {
    pub(crate) fn parse(name: &str) -> Identifier {
        match name {
            "email" | "" => Identifier::Email,
            "username" => Identifier::Username,
            "idnumber" => Identifier::IdNumber,
            name => Identifier::Profile(name.to_owned()),
        }
    }

    /// Empty where only the site's own fields, or nobody, can tell.
    fn of(&self, user: &User) -> String {
        match self {
            Identifier::Email => user.email.clone(),
            Identifier::Username => user.username.clone(),
            Identifier::IdNumber => user.id_number.clone(),
            Identifier::Profile(_) => String::new(),
        }
    }
}

impl MoodleDb {
    /// Everybody enrolled in a course, active or not, by id; none where the course is gone. `now` decides whose enrolment is
    /// in force.
    pub async fn roster(&mut self, course_id: i64, now: Timestamp) -> Result<Option<Roster>, Error> {
        let rows = self.connection.rows(COURSE, vec![course_id.into()]).await?;
        let Some(course) = rows.first().map(course).transpose()? else { return Ok(None) };
        let now = Value::from(now.as_second());
        let mut members: BTreeMap<i64, Member> = BTreeMap::new();
        for row in self.connection.rows(ENROLLED, vec![now.clone(), now, course_id.into()]).await? {
            let (user, is_in_force) = (user(&row)?, row.is(8)?);
            let is_active = is_in_force && !user.is_suspended;
            let member =
                members.entry(user.id).or_insert(Member { user, is_active: false, roles: Vec::new() });
            member.is_active |= is_active;
        }
        for row in self.connection.rows(ROLES, vec![course_id.into()]).await? {
            // Roles outlast enrolments.
            if let Some(member) = members.get_mut(&row.int(0)?) {
                member.roles.push(row.text(1)?);
            }
        }
        let mut members: Vec<Member> = members.into_values().collect();
        self.identify(members.iter_mut().map(|member| &mut member.user).collect()).await?;
        Ok(Some(Roster { course, members }))
    }

    /// Users of the site with one of these e-mail addresses, whatever their case, by id: not deleted, not suspended. Several
    /// users may share an address. Ask once for many: no database has an index that ignores case here, so that each thousand
    /// addresses cost a look at every user.
    pub async fn users_by_email(&mut self, emails: &[String]) -> Result<Vec<User>, Error> {
        let wanted: BTreeSet<String> = emails
            .iter()
            .map(|email| email.trim().to_lowercase())
            .filter(|email| !email.is_empty())
            .collect();
        let mut users = Vec::new();
        for batch in wanted.iter().collect::<Vec<_>>().chunks(BATCH) {
            let values = batch.iter().map(|email| Value::from(email.as_str())).collect();
            let sql = format!("{BY_EMAIL}({})", marks(batch.len()));
            for row in self.connection.rows(&sql, values).await? {
                users.push(user(&row)?);
            }
        }
        // MariaDB takes é for e, too.
        users.retain(|user| wanted.contains(&user.email.trim().to_lowercase()));
        users.sort_by_key(|user| user.id);
        self.identify(users.iter_mut().collect()).await?;
        Ok(users)
    }

    /// Fills in what identifies each user to Zoom: the field that the plugin is set to, else the e-mail.
    pub(crate) async fn identify(&mut self, users: Vec<&mut User>) -> Result<(), Error> {
        let identifier = self.identifier().await?;
        let mut written = BTreeMap::new();
        if let Identifier::Profile(field) = &identifier {
            let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
            written = self.profile(field, &ids).await?.unwrap_or_default();
        }
        for user in users {
            let known = written.remove(&user.id).unwrap_or_else(|| identifier.of(user));
            user.identifier = if known.is_empty() { user.email.clone() } else { known };
        }
        Ok(())
    }

    /// Asked once: whoever changes it does so with every user's Zoom account.
    async fn identifier(&mut self) -> Result<Identifier, Error> {
        if self.identifier.is_none() {
            self.identifier = Some(Identifier::parse(&self.plugin().await?.identifier));
        }
        Ok(self.identifier.clone().unwrap_or(Identifier::Email))
    }

    /// What users wrote into a field of the site's own; none where that may not be read.
    pub(crate) async fn profile(
        &mut self,
        field: &str,
        users: &[i64],
    ) -> Result<Option<BTreeMap<i64, String>>, Error> {
        let mut written = BTreeMap::new();
        for batch in users.chunks(BATCH) {
            let ids = batch.iter().map(|id| Value::from(*id));
            let values = std::iter::once(Value::from(field)).chain(ids).collect();
            let sql = format!("{PROFILE}({})", marks(batch.len()));
            match self.connection.rows(&sql, values).await {
                Ok(rows) => {
                    for row in rows {
                        written.insert(row.int(0)?, row.text(1)?.trim().to_owned());
                    }
                }
                Err(Error::Denied(_) | Error::Schema(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(written))
    }
}

pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

pub(crate) fn user(row: &Row) -> Result<User, Error> {
    Ok(User {
        id: row.int(0)?,
        username: row.text(1)?,
        id_number: row.text(2)?,
        first_name: row.text(3)?,
        last_name: row.text(4)?,
        alternate_name: row.text(5)?,
        email: row.text(6)?,
        identifier: String::new(),
        is_suspended: row.is(7)?,
    })
}
