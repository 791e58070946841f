//! What the database's own catalogue says of Moodle's tables.

use std::collections::BTreeMap;

use super::expected::{self, DETAILS, Kind, UNIQUE};
use super::{Finding, Weight};
use crate::MoodleDb;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::value::{Row, Value};

/// The tables that were found, by Moodle's name for them.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) tables: BTreeMap<&'static str, Vec<Column>>,
    /// Whether no two sessions can have the same UUID.
    pub(super) is_uuid_unique: bool,
    /// PostgreSQL: whether the schema's tables may be touched at all.
    pub(super) may_enter: bool,
    /// MariaDB: written tables whose engine knows no transactions, with its name.
    pub(super) engines: Vec<(&'static str, String)>,
}

/// A column as it is, and what may be done with it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_null: bool,
    pub(super) default: Option<String>,
    /// Whether the database counts it up by itself, and we may make it do so.
    pub(super) counting: Counting,
    /// Not UTF-8 of up to four bytes, and so unfit for some names.
    pub(super) charset: Option<String>,
    pub(super) may_select: bool,
    pub(super) may_insert: bool,
    pub(super) may_update: bool,
}

/// How an `id` comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Counting {
    No,
    Yes,
    /// By a sequence that we have no right to.
    Forbidden(String),
}

/// Straight from the catalogue: the information schema shows only what one has rights to.
const POSTGRES_COLUMNS: &str = "SELECT c.relname, a.attname, t.typname, a.atttypmod, a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '' OR s.oid IS NOT NULL,
        CASE WHEN s.oid IS NOT NULL AND NOT has_sequence_privilege(s.oid, 'USAGE, UPDATE') THEN s.relname END,
        NULL, has_column_privilege(c.oid, a.attnum, 'SELECT'), has_column_privilege(c.oid, a.attnum, 'INSERT'),
        has_column_privilege(c.oid, a.attnum, 'UPDATE')
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
        AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid <> c.oid
    LEFT JOIN pg_catalog.pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
    WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname IN ";

const MARIADB_COLUMNS: &str = "SELECT table_name, column_name, data_type, character_maximum_length,
        is_nullable = 'NO', column_default, extra LIKE '%auto_increment%', NULL, character_set_name,
        FIND_IN_SET('select', privileges), FIND_IN_SET('insert', privileges), FIND_IN_SET('update', privileges)
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ";

const POSTGRES_UNIQUE: &str = "SELECT count(*) FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE n.nspname = ? AND c.relname = ? AND a.attname = ?
      AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL";

const MARIADB_UNIQUE: &str = "SELECT count(*) FROM (SELECT index_name FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0
    GROUP BY index_name HAVING count(*) = 1 AND max(column_name) = ? AND max(sub_part) IS NULL) i";

const POSTGRES_ENTER: &str =
    "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = ?";

const MARIADB_ENGINES: &str = "SELECT table_name, engine FROM information_schema.tables
    WHERE table_schema = DATABASE() AND engine <> 'InnoDB' AND table_name IN (?, ?)";

/// Whose table of sessions is there, if ours is not.
const POSTGRES_ELSEWHERE: &str = r"SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relname LIKE '%zoom\_meeting\_details' ORDER BY 1, 2";
const MARIADB_ELSEWHERE: &str = r"SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_name LIKE '%zoom\_meeting\_details' ORDER BY 1, 2";

impl Catalogue {
    /// Whether not even the tables of the plugin are where the settings say.
    pub(super) fn is_elsewhere(&self) -> bool {
        !self.tables.contains_key(DETAILS)
    }
}

impl MoodleDb {
    pub(super) async fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let names = self.connection.names.clone();
        let schema = Value::from(names.schema.as_str());
        let dialect = self.dialect();
        let by_name: BTreeMap<String, &'static str> =
            expected::tables().map(|table| (names.bare(table), table)).collect();
        let (columns, mut values) = match dialect {
            Dialect::Postgres => (POSTGRES_COLUMNS, vec![schema.clone()]),
            Dialect::MariaDb => (MARIADB_COLUMNS, Vec::new()),
        };
        values.extend(by_name.keys().map(|name| Value::from(name.as_str())));
        let marks = vec!["?"; by_name.len()].join(", ");
        let mut catalogue = Catalogue { may_enter: true, ..Catalogue::default() };
        for row in self.connection.rows(&format!("{columns}({marks})"), values).await? {
            let found = row.text(0)?;
            // MariaDB's names may differ in case, by the server's settings.
            let table = by_name.iter().find(|(name, _)| name.eq_ignore_ascii_case(&found));
            if let Some((_, table)) = table {
                catalogue.tables.entry(table).or_default().push(read(&row, dialect)?);
            }
        }
        let details = Value::from(names.bare(DETAILS));
        let (unique, values) = match dialect {
            Dialect::Postgres => (POSTGRES_UNIQUE, vec![schema.clone(), details, UNIQUE.into()]),
            Dialect::MariaDb => (MARIADB_UNIQUE, vec![details, UNIQUE.into()]),
        };
        let rows = self.connection.rows(unique, values).await?;
        catalogue.is_uuid_unique = rows.first().map(|row| row.is(0)).transpose()? == Some(true);
        match dialect {
            Dialect::Postgres => {
                let rows = self.connection.rows(POSTGRES_ENTER, vec![schema]).await?;
                catalogue.may_enter = rows.first().map(|row| row.is(0)).transpose()?.unwrap_or(true);
            }
            Dialect::MariaDb => {
                let written = expected::WRITTEN.iter().map(|(table, _)| Value::from(names.bare(table)));
                for row in self.connection.rows(MARIADB_ENGINES, written.collect()).await? {
                    if let Some(table) = by_name.get(&row.text(0)?) {
                        catalogue.engines.push((table, row.text(1)?));
                    }
                }
            }
        }
        Ok(catalogue)
    }

    /// The tables are not where the settings say: says where there are some.
    pub(super) async fn elsewhere(&mut self) -> Result<Finding, Error> {
        let names = &self.connection.names;
        let looked_for = match self.dialect() {
            Dialect::Postgres => format!("{}.{}", names.schema, names.bare(DETAILS)),
            Dialect::MariaDb => names.bare(DETAILS),
        };
        let (sql, word) = match self.dialect() {
            Dialect::Postgres => (POSTGRES_ELSEWHERE, "schema"),
            Dialect::MariaDb => (MARIADB_ELSEWHERE, "database"),
        };
        let mut places = Vec::new();
        for row in self.connection.rows(sql, Vec::new()).await? {
            let (place, table) = (row.text(0)?, row.text(1)?);
            let prefix = match table.strip_suffix(DETAILS) {
                None | Some("") => "none".to_owned(),
                Some(prefix) => prefix.to_owned(),
            };
            places.push(format!("prefix {prefix} in {word} {place}"));
        }
        let what = match places.is_empty() {
            false => format!(
                "there is no table {looked_for}, but mod_zoom's tables are there with {}: set ROLLBOOK_MOODLE_PREFIX{} \
                 to what Moodle's config.php says",
                places.join("; "),
                if self.dialect() == Dialect::Postgres { " and ROLLBOOK_MOODLE_SCHEMA" } else { "" }
            ),
            true => format!(
                "there is no table {looked_for}, and none that is called alike: is this Moodle's database, with mod_zoom \
                 installed, and may this user read it?"
            ),
        };
        Ok(Finding::new(Weight::StopsReading, what))
    }
}

fn read(row: &Row, dialect: Dialect) -> Result<Column, Error> {
    let kind = row.text(2)?;
    let length = row.maybe_int(3)?;
    let counting = match (row.is(6)?, row.maybe_text(7)?) {
        (_, Some(sequence)) => Counting::Forbidden(sequence),
        (true, None) => Counting::Yes,
        (false, None) => Counting::No,
    };
    Ok(Column {
        name: row.text(1)?,
        kind: match dialect {
            Dialect::Postgres => postgres_kind(&kind, length),
            Dialect::MariaDb => mariadb_kind(&kind, length),
        },
        is_null: !row.is(4)?,
        default: row.maybe_text(5)?.and_then(|default| plain(&default)).filter(|_| counting == Counting::No),
        counting,
        charset: row.maybe_text(8)?.filter(|charset| charset != "utf8mb4"),
        may_select: row.is(9)?,
        may_insert: row.is(10)?,
        may_update: row.is(11)?,
    })
}

/// A length's modifier counts itself in, by four bytes.
fn postgres_kind(name: &str, modifier: Option<i64>) -> Kind {
    let length = modifier.and_then(|modifier| u32::try_from(modifier - 4).ok());
    match (name, length) {
        ("int2", _) => Kind::Int(16),
        ("int4", _) => Kind::Int(32),
        ("int8", _) => Kind::Int(64),
        ("varchar", Some(length)) => Kind::Char(length),
        ("text" | "varchar", _) => Kind::Text,
        _ => Kind::Other(name.to_owned()),
    }
}

fn mariadb_kind(name: &str, length: Option<i64>) -> Kind {
    let length = length.and_then(|length| u32::try_from(length).ok());
    match (name, length) {
        ("tinyint", _) => Kind::Int(8),
        ("smallint", _) => Kind::Int(16),
        ("mediumint", _) => Kind::Int(24),
        ("int", _) => Kind::Int(32),
        ("bigint", _) => Kind::Int(64),
        ("varchar", Some(length)) => Kind::Char(length),
        ("text" | "mediumtext" | "longtext", _) => Kind::Text,
        _ => Kind::Other(name.to_owned()),
    }
}

/// A default without the quotes and casts it is told with: `''::character varying` is the empty text.
fn plain(default: &str) -> Option<String> {
    let value = default.split("::").next().unwrap_or(default);
    match value {
        "NULL" => None,
        value => Some(value.trim_matches('\'').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_told_apart_from_how_they_are_written() {
        let check =
            |told: &str, expected: Option<&str>| assert_eq!(plain(told).as_deref(), expected, "{told}");
        check("''::character varying", Some(""));
        check("'0'::smallint", Some("0"));
        check("0", Some("0"));
        check("''", Some(""));
        check("NULL", None);
        check("NULL::character varying", None);
    }

    #[test]
    fn types_of_both_databases_are_compared_as_one() {
        assert_eq!(postgres_kind("varchar", Some(34)), mariadb_kind("varchar", Some(30)));
        assert_eq!(postgres_kind("int8", Some(-1)), mariadb_kind("bigint", None));
        assert_eq!(postgres_kind("text", Some(-1)), mariadb_kind("longtext", Some(4_294_967_295)));
        assert_eq!(postgres_kind("timestamptz", Some(-1)), Kind::Other("timestamptz".to_owned()));
    }
}
