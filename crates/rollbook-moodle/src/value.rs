//! Values on their way into a statement, and rows on their way out of one.

use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::{Column, Row as _, TypeInfo};

use crate::error::Error;

/// A value of a statement.
#[derive(Debug, Clone)]
pub enum Value {
    /// A whole number, or null.
    Int(Option<i64>),
    /// A text, or null.
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Value {
        Value::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(Some(value))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Value {
        Value::Text(value)
    }
}

/// A row of an answer; columns are counted from 0.
pub(crate) enum Row {
    Postgres(PgRow),
    MariaDb(MySqlRow),
}

impl Row {
    /// A whole number of any size, or null.
    pub(crate) fn maybe_int(&self, at: usize) -> Result<Option<i64>, Error> {
        let value = match self {
            Row::Postgres(row) => match row.try_column(at).map(|column| column.type_info().name()) {
                Ok("INT2") => row.try_get::<Option<i16>, _>(at).map(|value| value.map(i64::from)),
                Ok("INT4") => row.try_get::<Option<i32>, _>(at).map(|value| value.map(i64::from)),
                Ok("BOOL") => row.try_get::<Option<bool>, _>(at).map(|value| value.map(i64::from)),
                _ => row.try_get::<Option<i64>, _>(at),
            },
            Row::MariaDb(row) => match row.try_get::<Option<i64>, _>(at) {
                // Only the catalogue has unsigned columns.
                Err(_) => row.try_get::<Option<u64>, _>(at).map(|value| value.map(|value| value as i64)),
                value => value,
            },
        };
        value.map_err(Error::unreadable)
    }

    /// A whole number.
    pub(crate) fn int(&self, at: usize) -> Result<i64, Error> {
        self.maybe_int(at)?.ok_or_else(|| Error::null(at))
    }

    /// Whether a number is anything but 0: Moodle keeps its yes and no as 1 and 0.
    pub(crate) fn is(&self, at: usize) -> Result<bool, Error> {
        Ok(self.maybe_int(at)?.unwrap_or(0) != 0)
    }

    /// A text, or null.
    pub(crate) fn maybe_text(&self, at: usize) -> Result<Option<String>, Error> {
        let value = match self {
            Row::Postgres(row) => row.try_get::<Option<String>, _>(at),
            Row::MariaDb(row) => row.try_get::<Option<String>, _>(at),
        };
        value.map_err(Error::unreadable)
    }

    /// A text; null counts as empty.
    pub(crate) fn text(&self, at: usize) -> Result<String, Error> {
        Ok(self.maybe_text(at)?.unwrap_or_default())
    }
}
