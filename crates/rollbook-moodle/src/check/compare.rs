//! The tables as they are beside the tables as they should be.

use super::catalogue::{Catalogue, Column, Counting};
use super::expected::{self, DETAILS, Kind, UNIQUE};
use super::{Finding, Weight};
use crate::dialect::{Dialect, Names};

/// Everything that differs, table by table.
pub(super) fn tables(catalogue: &Catalogue, names: &Names, dialect: Dialect) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (table, columns) in &expected::WRITTEN {
        match catalogue.tables.get(table) {
            Some(found) => findings.extend(written(&names.bare(table), columns, found)),
            None => findings.push(absent(&names.bare(table), dialect)),
        }
    }
    for (table, columns) in &expected::READ {
        match catalogue.tables.get(table) {
            Some(found) => findings.extend(read(&names.bare(table), columns, found)),
            None => findings.push(absent(&names.bare(table), dialect)),
        }
    }
    if !catalogue.is_uuid_unique {
        let table = names.bare(DETAILS);
        findings.push(Finding::new(
            Weight::StopsWriting,
            format!(
                "{table} has no unique key on {UNIQUE} alone: two writers could make two rows of one session"
            ),
        ));
    }
    findings.extend(catalogue.engines.iter().map(|(table, engine)| {
        let table = names.bare(table);
        Finding::new(
            Weight::StopsWriting,
            format!("{table} is kept by {engine}, which knows no transactions: convert it to InnoDB"),
        )
    }));
    findings
}

/// MariaDB shows nobody what they have no right to.
fn absent(table: &str, dialect: Dialect) -> Finding {
    let what = match dialect {
        Dialect::Postgres => format!("there is no table {table}"),
        Dialect::MariaDb => {
            format!("there is no table {table}, or nothing of it is granted: GRANT SELECT on it")
        }
    };
    Finding::new(Weight::StopsReading, what)
}

/// A table that is only read needs its columns; others may be there.
fn read(table: &str, expected: &[&str], found: &[Column]) -> Vec<Finding> {
    let lacks = |name: &&&str| !found.iter().any(|column| column.name == ***name);
    expected
        .iter()
        .filter(lacks)
        .map(|name| Finding::new(Weight::StopsReading, format!("{table} has no column {name}")))
        .collect()
}

/// A table that is written must be as it should be, column by column.
fn written(table: &str, expected: &[expected::Column], found: &[Column]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for column in expected {
        match found.iter().find(|found| found.name == column.name) {
            Some(found) => findings.extend(differences(table, column, found)),
            None => {
                let what = format!("{table} has no column {}: an older mod_zoom?", column.name);
                findings.push(Finding::new(Weight::StopsWriting, what));
            }
        }
    }
    let unknown = found.iter().filter(|found| expected.iter().all(|column| column.name != found.name));
    findings.extend(unknown.map(|column| {
        let Column { name, .. } = column;
        let is_filled = column.is_null || column.default.is_some() || column.counting != Counting::No;
        match is_filled {
            true => {
                let what =
                    format!("{table} has a column {name} that rollbook does not know and leaves as it comes");
                Finding::new(Weight::Warning, what)
            }
            false => {
                let what = format!(
                    "{table} has a column {name} that rollbook does not know and that must be filled"
                );
                Finding::new(Weight::StopsWriting, what)
            }
        }
    }));
    findings
}

fn differences(table: &str, expected: &expected::Column, found: &Column) -> Vec<Finding> {
    let place = format!("{table}.{}", expected.name);
    let mut findings = Vec::new();
    let mut add = |weight, what: String| findings.push(Finding::new(weight, format!("{place} {what}")));
    if found.kind != expected.kind {
        let weight = if holds(&found.kind, &expected.kind) { Weight::Warning } else { Weight::StopsWriting };
        add(weight, format!("is {}, not {}", shown(&found.kind), shown(&expected.kind)));
    }
    match (expected.is_null, found.is_null) {
        (true, false) => {
            add(Weight::StopsWriting, "may not be null, as it must be where nothing is known".to_owned())
        }
        (false, true) => add(Weight::Warning, "may be null, which Moodle's own does not allow".to_owned()),
        _ => {}
    }
    let is_id = expected.name == "id";
    if is_id && found.counting == Counting::No {
        add(Weight::StopsWriting, "is not counted by the database".to_owned());
    }
    if !is_id && found.default.as_deref() != expected.default {
        let told = |default: Option<&str>| default.map_or("none".to_owned(), |value| format!("'{value}'"));
        let (is, should) = (told(found.default.as_deref()), told(expected.default));
        add(Weight::Warning, format!("has the default {is}, not {should}"));
    }
    if let Some(charset) = &found.charset {
        add(
            Weight::StopsWriting,
            format!("is in {charset}, which cannot hold every name: convert it to utf8mb4"),
        );
    }
    findings
}

/// Whether everything that fits into one fits into the other.
fn holds(found: &Kind, expected: &Kind) -> bool {
    match (found, expected) {
        (Kind::Int(found), Kind::Int(expected)) | (Kind::Char(found), Kind::Char(expected)) => {
            found >= expected
        }
        (Kind::Text, Kind::Char(_)) => true,
        _ => false,
    }
}

fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Int(bits) => format!("a number of {bits} bits"),
        Kind::Char(length) => format!("text of {length} characters"),
        Kind::Text => "text of any length".to_owned(),
        Kind::Other(name) => name.clone(),
    }
}
