//! Numbered steps, forward only, checked at every start.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Marks the file as ours: "roll".
const APPLICATION_ID: i64 = 0x726f_6c6c;

const STEPS: [(&str, &str); 17] = [
    ("0001_first", include_str!("schema/0001_first.sql")),
    ("0002_quality", include_str!("schema/0002_quality.sql")),
    ("0003_deliveries", include_str!("schema/0003_deliveries.sql")),
    ("0004_requests", include_str!("schema/0004_requests.sql")),
    ("0005_host_changes", include_str!("schema/0005_host_changes.sql")),
    ("0006_known_numbers", include_str!("schema/0006_known_numbers.sql")),
    ("0007_grades", include_str!("schema/0007_grades.sql")),
    ("0008_sink_lease", include_str!("schema/0008_sink_lease.sql")),
    ("0009_jobs_by_urgency", include_str!("schema/0009_jobs_by_urgency.sql")),
    ("0010_web", include_str!("schema/0010_web.sql")),
    ("0011_privacy", include_str!("schema/0011_privacy.sql")),
    ("0012_quality_days", include_str!("schema/0012_quality_days.sql")),
    ("0013_inbox", include_str!("schema/0013_inbox.sql")),
    ("0014_search", include_str!("schema/0014_search.sql")),
    ("0015_event_kinds", include_str!("schema/0015_event_kinds.sql")),
    ("0016_quality_changes", include_str!("schema/0016_quality_changes.sql")),
    ("0017_figures", include_str!("schema/0017_figures.sql")),
];

/// What an opened file turned out to be.
pub(crate) enum Shape {
    Empty,
    Ours { version: i64 },
}

/// Tells our file from an empty one and from anybody else's.
pub(crate) fn look(connection: &Connection, path: &Path) -> Result<Shape> {
    let application: i64 = connection.query_row("pragma application_id", [], |row| row.get(0))?;
    let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("select count(*) from sqlite_master", [], |row| row.get(0))?;
    match (application, tables) {
        (APPLICATION_ID, _) => Ok(Shape::Ours { version }),
        (0, 0) => Ok(Shape::Empty),
        _ => Err(Error::Foreign { path: path.into(), what: "an SQLite database of another program".into() }),
    }
}

/// Brings the schema up to this program's number, or says why it cannot.
pub(crate) fn migrate(connection: &Connection, path: &Path) -> Result<()> {
    let known = STEPS.len() as i64;
    let version = match look(connection, path)? {
        Shape::Empty => 0,
        Shape::Ours { version } => version,
    };
    if version > known {
        return Err(Error::Newer { path: path.into(), found: version, known });
    }
    if version > 0 {
        check_applied(connection, path, version)?;
    }
    for (number, (name, sql)) in STEPS.iter().enumerate().skip(usize::try_from(version).unwrap_or(0)) {
        let begun = connection.execute_batch("begin immediate").map_err(Error::from);
        let applied = begun.and_then(|()| apply(connection, number as i64 + 1, name, sql));
        match applied {
            Ok(()) => connection.execute_batch("commit")?,
            Err(error) => {
                // There may be none to roll back; the first error is the one to tell.
                let _ = connection.execute_batch("rollback");
                return Err(if version > 0 { or_older(error, path) } else { error });
            }
        }
    }
    Ok(())
}

/// Who only looks, at a file that cannot be written, has to be told why that is not enough.
fn or_older(error: Error, path: &Path) -> Error {
    match error {
        Error::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => {
            Error::Older { path: path.into() }
        }
        other => other,
    }
}

fn apply(connection: &Connection, number: i64, name: &str, sql: &str) -> Result<()> {
    // Two first starts at once: the one that got the lock second finds the step done.
    let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    if version >= number {
        return Ok(());
    }
    if number == 1 {
        connection.execute_batch(
            "create table migration (number integer primary key, name text not null, sha256 text not null)",
        )?;
    }
    connection.execute_batch(sql)?;
    connection.execute(
        "insert into migration (number, name, sha256) values (?1, ?2, ?3)",
        (number, name, fingerprint(sql)),
    )?;
    connection.execute_batch(&format!(
        "pragma application_id = {APPLICATION_ID}; pragma user_version = {number}"
    ))?;
    Ok(())
}

fn check_applied(connection: &Connection, path: &Path, version: i64) -> Result<()> {
    let mut statement = connection.prepare("select number, sha256 from migration order by number")?;
    let applied: Vec<(i64, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    if applied.len() as i64 != version {
        return Err(Error::Altered {
            path: path.into(),
            what: format!("{} of {version} schema steps recorded", applied.len()),
        });
    }
    for ((number, found), (name, sql)) in applied.iter().zip(STEPS) {
        if *found != fingerprint(sql) {
            return Err(Error::Altered {
                path: path.into(),
                what: format!("schema step {number} ({name}) differs"),
            });
        }
    }
    Ok(())
}

fn fingerprint(sql: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(sql).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
