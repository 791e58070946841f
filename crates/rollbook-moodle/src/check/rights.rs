//! What the database user may do: too little, and too much.

use super::catalogue::{Catalogue, Column, Counting};
use super::expected::{self, DETAILS, PARTICIPANTS};
use super::{Finding, Weight};
use crate::MoodleDb;
use crate::dialect::{Dialect, Names};
use crate::error::Error;
use crate::value::Value;

/// Rights that lack, each as what must be granted.
pub(super) fn missing(catalogue: &Catalogue, names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lacks = |weight, right: String| {
        findings.push(Finding::new(weight, format!("not granted: {right}")));
    };
    if !catalogue.may_enter {
        lacks(Weight::StopsReading, format!("USAGE on schema {}", names.schema));
    }
    let found = |table: &str| catalogue.tables.get(table).into_iter().flatten();
    for (table, columns) in &expected::READ {
        let needed = found(table).filter(|column| columns.contains(&column.name.as_str()));
        if let Some(columns) = without(needed, |column| column.may_select) {
            lacks(Weight::StopsReading, format!("SELECT{columns} on {}", names.bare(table)));
        }
    }
    for (table, columns) in &expected::WRITTEN {
        let needed = || found(table).filter(|found| columns.iter().any(|column| column.name == found.name));
        // Nobody writes an id.
        let filled = || needed().filter(|column| column.name != "id");
        let bare = names.bare(table);
        if let Some(columns) = without(needed(), |column| column.may_select) {
            lacks(Weight::StopsReading, format!("SELECT{columns} on {bare}"));
        }
        if let Some(columns) = without(filled(), |column| column.may_insert) {
            lacks(Weight::StopsWriting, format!("INSERT{columns} on {bare}"));
        }
        if let Some(columns) = without(filled(), |column| column.may_update) {
            lacks(Weight::StopsWriting, format!("UPDATE{columns} on {bare}"));
        }
        for column in needed() {
            if let Counting::Forbidden(sequence) = &column.counting {
                lacks(Weight::StopsWriting, format!("USAGE on sequence {sequence}"));
            }
        }
    }
    findings
}

/// The columns that something is not allowed with, in brackets, and nothing in place of all; none where all is well.
fn without<'a>(columns: impl Iterator<Item = &'a Column>, may: fn(&Column) -> bool) -> Option<String> {
    let (allowed, refused): (Vec<&Column>, Vec<&Column>) = columns.partition(|column| may(column));
    if refused.is_empty() {
        return None;
    }
    if allowed.is_empty() {
        return Some(String::new());
    }
    let names: Vec<&str> = refused.iter().map(|column| column.name.as_str()).collect();
    Some(format!(" ({})", names.join(", ")))
}

const POSTGRES_ROLE: &str = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_catalog.pg_roles
    WHERE rolname = current_user";

/// Tables that may be changed, and how.
const POSTGRES_EXCESS: &str = "SELECT n.nspname, c.relname,
        has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'UPDATE'),
        has_table_privilege(c.oid, 'DELETE'), has_table_privilege(c.oid, 'TRUNCATE'),
        pg_has_role(c.relowner, 'USAGE')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_toast%'
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ORDER BY n.nspname, c.relname";

/// Rights on the whole server, on databases and on tables, in that order.
const MARIADB_EXCESS: &str = "SELECT '', '', privilege_type FROM information_schema.user_privileges
        WHERE grantee = ? AND privilege_type <> 'USAGE'
    UNION ALL SELECT table_schema, '', privilege_type FROM information_schema.schema_privileges
        WHERE grantee = ? AND privilege_type <> 'SELECT'
    UNION ALL SELECT table_schema, table_name, privilege_type FROM information_schema.table_privileges
        WHERE grantee = ? AND privilege_type <> 'SELECT'";

const MARIADB_USER: &str = "SELECT CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')";

/// So many tables are named one by one; a user with more has them all.
const NAMED: usize = 5;

impl MoodleDb {
    /// Rights beyond what is needed: a mistake of ours, or a stolen password, could then do more harm than it must.
    pub(super) async fn excess(&mut self) -> Result<Vec<Finding>, Error> {
        match self.dialect() {
            Dialect::Postgres => self.excess_on_postgres().await,
            Dialect::MariaDb => self.excess_on_mariadb().await,
        }
    }

    async fn excess_on_postgres(&mut self) -> Result<Vec<Finding>, Error> {
        let rows = self.connection.rows(POSTGRES_ROLE, Vec::new()).await?;
        let Some(role) = rows.first() else { return Ok(Vec::new()) };
        if role.is(0)? {
            return Ok(vec![too_much("this user is a superuser")]);
        }
        let mut findings = Vec::new();
        for (at, what) in [(1, "create roles"), (2, "create databases")] {
            if role.is(at)? {
                findings.push(too_much(&format!("this user may {what}")));
            }
        }
        let (mut changed, mut owned) = (Vec::new(), Vec::new());
        let names = self.connection.names.clone();
        for row in self.connection.rows(POSTGRES_EXCESS, Vec::new()).await? {
            let (schema, table) = (row.text(0)?, row.text(1)?);
            if row.is(6)? {
                owned.push(table);
                continue;
            }
            let mut rights = Vec::new();
            for (at, right) in [(2, "INSERT"), (3, "UPDATE"), (4, "DELETE"), (5, "TRUNCATE")] {
                if row.is(at)? {
                    rights.push(right);
                }
            }
            let is_ours = schema == names.schema;
            let rights = beyond(&names, if is_ours { &table } else { "" }, rights, &mut findings);
            if !rights.is_empty() {
                changed.push(format!("{table} ({})", rights.join(", ")));
            }
        }
        findings.extend(several("this user owns", owned));
        findings.extend(several("this user may change", changed));
        Ok(findings)
    }

    async fn excess_on_mariadb(&mut self) -> Result<Vec<Finding>, Error> {
        let rows = self.connection.rows(MARIADB_USER, Vec::new()).await?;
        let user = Value::from(rows.first().map(|row| row.text(0)).transpose()?.unwrap_or_default());
        let names = self.connection.names.clone();
        let (mut server, mut findings) = (Vec::new(), Vec::new());
        let mut places: Vec<(String, Vec<String>)> = Vec::new();
        for row in self.connection.rows(MARIADB_EXCESS, vec![user.clone(), user.clone(), user]).await? {
            let (schema, table, right) = (row.text(0)?, row.text(1)?, row.text(2)?);
            if schema.is_empty() {
                server.push(right);
                continue;
            }
            let right = beyond(&names, &table, vec![right.as_str()], &mut findings);
            if right.is_empty() {
                continue;
            }
            let place = if table.is_empty() { format!("all of {schema}") } else { table };
            let right = right.concat();
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, rights)) => rights.push(right),
                None => places.push((place, vec![right])),
            }
        }
        if !server.is_empty() {
            let count = server.len();
            server.truncate(NAMED);
            let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
            findings.push(too_much(&format!(
                "this user has rights on the whole server: {}{more}",
                server.join(", ")
            )));
        }
        let changed = places.into_iter().map(|(place, rights)| format!("{place} ({})", rights.join(", ")));
        findings.extend(several("this user may change", changed.collect()));
        Ok(findings)
    }
}

/// The rights on a table that are not needed. DELETE on participants is recommended, not needed: rows of its own that Zoom took back
/// can only be removed with it.
fn beyond<'a>(names: &Names, table: &str, rights: Vec<&'a str>, findings: &mut Vec<Finding>) -> Vec<&'a str> {
    let is_participants = table == names.bare(PARTICIPANTS);
    let is_written = is_participants || table == names.bare(DETAILS);
    let is_needed = |right: &str| is_written && matches!(right, "INSERT" | "UPDATE");
    let is_optional = |right: &str| is_participants && right == "DELETE";
    if rights.iter().any(|right| is_optional(right)) {
        findings.push(Finding::new(
            Weight::Note,
            format!(
                "DELETE on {table} is granted: rows that rollbook wrote and that proved wrong are removed"
            ),
        ));
    }
    rights.into_iter().filter(|right| !is_needed(right) && !is_optional(right)).collect()
}

fn too_much(what: &str) -> Finding {
    Finding::new(Weight::Warning, format!("{what}: more than rollbook needs; give it a user of its own"))
}

fn several(what: &str, mut places: Vec<String>) -> Option<Finding> {
    let count = places.len();
    if count == 0 {
        return None;
    }
    places.truncate(NAMED);
    let more = if count > NAMED { format!(" and {} more tables", count - NAMED) } else { String::new() };
    Some(too_much(&format!("{what} {}{more}", places.join(", "))))
}
