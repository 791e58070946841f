//! Moodle's tables, as far as Zoom attendance touches them, for tests that need a Moodle database.
//!
//! One definition in the terms of Moodle's own data types (`moodle/tables.txt`); what PostgreSQL and MariaDB make of it follows
//! by Moodle's rules: an integer's digits choose its size, an index is called after its table and columns, each shortened.
//! Schema only; whoever uses it puts the rows. This file knows nothing of the rest of the simulator, so that the crate that
//! is tested with it can include it as it stands.

use std::collections::BTreeSet;

const TABLES: &str = include_str!("moodle/tables.txt");

/// The statements that create Moodle's tables on PostgreSQL, in a schema that is there already.
pub fn postgres(schema: &str, prefix: &str) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables() {
        let name = format!("{schema}.{prefix}{}", table.name);
        let key = format!("CONSTRAINT {prefix}{}_id_pk PRIMARY KEY (id)", shortened(table.name));
        let columns = table.columns.iter().map(postgres_column).chain([key]);
        statements.push(format!("CREATE TABLE {name} ({})", columns.collect::<Vec<_>>().join(", ")));
        for index in table.indexes(prefix) {
            let unique = if index.is_unique { "UNIQUE " } else { "" };
            let columns = index.columns.join(", ");
            statements.push(format!("CREATE {unique}INDEX {} ON {name} ({columns})", index.name));
            if index.is_searched {
                let pattern = format!("{}_pattern ON {name} ({columns} varchar_pattern_ops)", index.name);
                statements.push(format!("CREATE INDEX {pattern}"));
            }
        }
    }
    statements
}

/// The statements that create Moodle's tables on MariaDB, in the database that is in use.
pub fn mariadb(prefix: &str) -> Vec<String> {
    let create = |table: Table| {
        let mut parts: Vec<String> = table.columns.iter().map(mariadb_column).collect();
        parts.push("PRIMARY KEY (`id`)".to_owned());
        parts.extend(table.indexes(prefix).into_iter().map(|index| {
            let unique = if index.is_unique { "UNIQUE " } else { "" };
            format!("{unique}KEY `{}` (`{}`)", index.name, index.columns.join("`, `"))
        }));
        format!(
            "CREATE TABLE `{prefix}{}` ({}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci \
             ROW_FORMAT=COMPRESSED",
            table.name,
            parts.join(", ")
        )
    };
    tables().into_iter().map(create).collect()
}

struct Table {
    name: &'static str,
    columns: Vec<Column>,
    keys: Vec<Key>,
}

struct Column {
    name: &'static str,
    kind: Kind,
    is_null: bool,
    /// As it stands in the definition: quoted where it is text.
    default: Option<&'static str>,
}

enum Kind {
    Id,
    /// Decimal digits.
    Int(u32),
    Char(u32),
    /// Digits, and how many of them behind the point.
    Number(&'static str),
    Text,
}

/// A key as defined: its columns, whether it is unique, whether beginnings of its value are searched for.
struct Key {
    columns: Vec<&'static str>,
    is_unique: bool,
    is_searched: bool,
}

struct Index {
    name: String,
    columns: Vec<&'static str>,
    is_unique: bool,
    is_searched: bool,
}

impl Table {
    /// Where two names would be the same, the later one is counted: `mdl_user_las_ix`, `mdl_user_las2_ix`.
    fn indexes(&self, prefix: &str) -> Vec<Index> {
        let mut taken = BTreeSet::new();
        let mut name = |key: &Key| {
            let stem: String = key.columns.iter().map(|column| beginning(column, 3)).collect();
            let ending = if key.is_unique { "uix" } else { "ix" };
            let table = shortened(self.name);
            (1_u32..)
                .map(|count| if count == 1 { String::new() } else { count.to_string() })
                .map(|count| format!("{prefix}{table}_{stem}{count}_{ending}"))
                .find(|name| taken.insert(name.clone()))
                .expect("there is no last number")
        };
        let index = |key: &Key| Index {
            name: name(key),
            columns: key.columns.clone(),
            is_unique: key.is_unique,
            is_searched: key.is_searched,
        };
        self.keys.iter().map(index).collect()
    }
}

/// The first letters of each word of a table's name.
fn shortened(name: &str) -> String {
    name.split('_').map(|word| beginning(word, 4)).collect()
}

fn beginning(word: &str, letters: usize) -> &str {
    &word[..letters.min(word.len())]
}

fn tables() -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in TABLES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(inside) = line.strip_prefix("  ") else {
            tables.push(Table { name: line, columns: Vec::new(), keys: Vec::new() });
            continue;
        };
        let table = tables.last_mut().expect("a column stands under its table");
        let (word, rest) = inside.split_once(' ').unwrap_or((inside, ""));
        match word {
            "unique" | "index" => table.keys.push(key(word == "unique", rest)),
            name => table.columns.push(column(name, rest.trim())),
        }
    }
    tables
}

fn key(is_unique: bool, columns: &'static str) -> Key {
    let (columns, is_searched) = match columns.strip_suffix(" like") {
        Some(columns) => (columns, true),
        None => (columns, false),
    };
    Key { columns: columns.split(", ").collect(), is_unique, is_searched }
}

fn column(name: &'static str, definition: &'static str) -> Column {
    let (definition, default) = match definition.split_once(" = ") {
        Some((definition, default)) => (definition, Some(default)),
        None => (definition, None),
    };
    let (kind, is_null) = match definition.strip_suffix(" null") {
        Some(kind) => (kind, true),
        None => (definition, false),
    };
    let size = |text: &str| text.parse().expect("a size is a number");
    let kind = match kind.split_once(' ') {
        Some(("int", digits)) => Kind::Int(size(digits)),
        Some(("char", length)) => Kind::Char(size(length)),
        Some(("number", digits)) => Kind::Number(digits),
        None if kind == "text" => Kind::Text,
        None if kind.is_empty() => Kind::Id,
        _ => panic!("{name} has no type that Moodle knows: {definition}"),
    };
    Column { name, kind, is_null, default }
}

fn postgres_column(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Id => return "id bigserial NOT NULL".to_owned(),
        Kind::Int(0..=4) => "smallint".to_owned(),
        Kind::Int(5..=9) => "integer".to_owned(),
        Kind::Int(_) => "bigint".to_owned(),
        Kind::Char(length) => format!("varchar({length})"),
        Kind::Number(digits) => format!("numeric({digits})"),
        Kind::Text => "text".to_owned(),
    };
    format!("{} {kind}{}", column.name, column.ending())
}

fn mariadb_column(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Id => return "`id` bigint(10) NOT NULL AUTO_INCREMENT".to_owned(),
        Kind::Int(digits @ 0..=2) => format!("tinyint({digits})"),
        Kind::Int(digits @ 3..=4) => format!("smallint({digits})"),
        Kind::Int(digits @ 5..=6) => format!("mediumint({digits})"),
        Kind::Int(digits @ 7..=9) => format!("int({digits})"),
        Kind::Int(digits) => format!("bigint({digits})"),
        Kind::Char(length) => format!("varchar({length})"),
        Kind::Number(digits) => format!("decimal({digits})"),
        Kind::Text => "longtext".to_owned(),
    };
    format!("`{}` {kind}{}", column.name, column.ending())
}

impl Column {
    fn ending(&self) -> String {
        let null = if self.is_null { "" } else { " NOT NULL" };
        let default = self.default.map(|value| format!(" DEFAULT {value}")).unwrap_or_default();
        format!("{default}{null}")
    }
}
