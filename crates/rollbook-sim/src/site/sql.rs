//! The site as SQL that makes it, for PostgreSQL or MariaDB, tables and all.

use std::fmt::Write;

use super::{SiteRow, SiteValue};
use crate::moodle;

/// Rows of one statement: short enough for every server's limits.
const ROWS_A_STATEMENT: usize = 500;

/// Which database the statements are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL, in its schema `public`.
    Postgres,
    /// MariaDB or MySQL.
    MariaDb,
}

/// The statements that make Moodle's tables under a prefix and fill them, each without its semicolon.
pub fn statements(rows: &[SiteRow], dialect: Dialect, prefix: &str) -> Vec<String> {
    let mut all = match dialect {
        Dialect::Postgres => moodle::postgres("public", prefix),
        Dialect::MariaDb => moodle::mariadb(prefix),
    };
    let mut tables: Vec<&str> = rows.iter().map(|row| row.table).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        let of_table: Vec<&SiteRow> = rows.iter().filter(|row| row.table == table).collect();
        all.extend(of_table.chunks(ROWS_A_STATEMENT).map(|chunk| insertion(chunk, dialect, prefix)));
        // MariaDB counts on from the highest id by itself.
        if dialect == Dialect::Postgres {
            let next = of_table.iter().map(|row| row.int("id")).max().unwrap_or(0) + 1;
            all.push(format!("ALTER SEQUENCE public.{prefix}{table}_id_seq RESTART WITH {next}"));
        }
    }
    all
}

/// Rows of one table, which all have the same columns.
fn insertion(rows: &[&SiteRow], dialect: Dialect, prefix: &str) -> String {
    let quote = if dialect == Dialect::Postgres { '"' } else { '`' };
    let columns = rows.first().map(|row| row.columns.as_slice()).unwrap_or_default();
    let names: Vec<String> = columns.iter().map(|(name, _)| format!("{quote}{name}{quote}")).collect();
    let table = rows.first().map_or("", |row| row.table);
    let mut sql = format!("INSERT INTO {quote}{prefix}{table}{quote} ({}) VALUES", names.join(", "));
    for (place, row) in rows.iter().enumerate() {
        let values: Vec<String> = row.columns.iter().map(|(_, value)| literal(value, dialect)).collect();
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(sql, "{comma}\n({})", values.join(", "));
    }
    sql
}

/// MariaDB takes a backslash for the beginning of something special, PostgreSQL for a backslash.
fn literal(value: &SiteValue, dialect: Dialect) -> String {
    match (value, dialect) {
        (SiteValue::Int(number), _) => number.to_string(),
        (SiteValue::Text(text), Dialect::Postgres) => format!("'{}'", text.replace('\'', "''")),
        (SiteValue::Text(text), Dialect::MariaDb) => {
            format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_many_at_once_and_quotes_are_doubled() {
        let row = |id: i64, name: &str| SiteRow {
            table: "user",
            columns: vec![("id", id.into()), ("lastname", name.into())],
        };
        let rows = [row(7, "O'Brien"), row(8, "Kim")];
        let postgres = statements(&rows, Dialect::Postgres, "m_");
        let inserted = "INSERT INTO \"m_user\" (\"id\", \"lastname\") VALUES\n(7, 'O''Brien'),\n(8, 'Kim')";
        assert_eq!(postgres[postgres.len() - 2], inserted);
        assert_eq!(postgres[postgres.len() - 1], "ALTER SEQUENCE public.m_user_id_seq RESTART WITH 9");
        let mariadb = statements(&rows, Dialect::MariaDb, "");
        assert!(mariadb.last().is_some_and(|sql| sql.starts_with("INSERT INTO `user` (`id`, `lastname`)")));
    }
}
