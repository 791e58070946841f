//! Any table of a page as a file: CSV for spreadsheets, JSON for programs.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value as Json};
use utoipa::ToSchema;

use super::problem::Problem;

/// What a table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One line for each row, the columns' names above them.
    Csv,
    /// A list of objects.
    Json,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words, perhaps typed by somebody.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Real(f64),
    /// Yes or no.
    Truth(bool),
    /// An instant.
    At(Timestamp),
    /// Not known.
    Nothing,
}

/// A table with a name for its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    name: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
}

/// A view that has tables, by name; the first is the one that is meant where none is named.
pub trait Tables {
    /// The names there are.
    const NAMES: &'static [&'static str];

    /// The table of one of these names.
    fn table(&self, name: &str) -> Table;
}

/// One table of a view as a file.
///
/// # Errors
/// If it has no table of that name.
pub fn download(view: &impl Tables, name: Option<&str>, format: Format) -> Result<Response, Problem> {
    fn names<T: Tables>(_: &T) -> &'static [&'static str] {
        T::NAMES
    }
    let names = names(view);
    let wanted = name.unwrap_or(names.first().copied().unwrap_or(""));
    let known = names.iter().find(|known| **known == wanted).ok_or_else(|| {
        Problem::bad_request(format!("there is no table {wanted:?} here; use {}", names.join(", ")))
    })?;
    Ok(view.table(known).answer(format))
}

impl Table {
    /// An empty one. The name becomes the file's: `rollbook-quota-2026-10-06`.
    pub fn new(name: impl Into<String>, columns: &[&'static str]) -> Table {
        Table { name: name.into(), columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row: a cell for each column.
    pub fn push<const N: usize>(&mut self, cells: [Value; N]) {
        self.push_all(cells.into());
    }

    /// The same, for tables whose columns are not known beforehand.
    pub fn push_all(&mut self, cells: Vec<Value>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// As a file to keep.
    pub fn answer(&self, format: Format) -> Response {
        let (kind, ending, body) = match format {
            Format::Csv => ("text/csv; charset=utf-8", "csv", self.csv()),
            Format::Json => ("application/json", "json", self.json()),
        };
        let name = format!("attachment; filename=\"rollbook-{}.{ending}\"", file_name(&self.name));
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let name = HeaderValue::from_str(&name).expect("letters, digits and dashes may stand in a header");
        headers.insert(header::CONTENT_DISPOSITION, name);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        response
    }

    /// Lines end as RFC 4180 wants it. Unknown is empty.
    pub fn csv(&self) -> Vec<u8> {
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let cells = |row: &[Value]| row.iter().map(Value::plain).collect::<Vec<_>>();
        let written = file
            .write_record(&self.columns)
            .and_then(|()| self.rows.iter().try_for_each(|row| file.write_record(cells(row))));
        written.expect("writing into memory cannot fail");
        file.into_inner().expect("writing into memory cannot fail")
    }

    /// A list of objects with the columns' names.
    pub fn json(&self) -> Vec<u8> {
        let object = |row: &Vec<Value>| -> Map<String, Json> {
            self.columns.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), cell.json())).collect()
        };
        let rows: Vec<Map<String, Json>> = self.rows.iter().map(object).collect();
        serde_json::to_vec(&rows).expect("cells are plain values")
    }
}

/// Letters, digits and dashes: what every system takes for a file's name.
fn file_name(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            'A'..='Z' => name.push(letter.to_ascii_lowercase()),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.trim_matches('-').chars().take(100).collect()
}

/// A spreadsheet takes a text that begins so for a formula and computes it, with what it fetches from elsewhere. An
/// apostrophe before it makes it a text. Numbers are ours and need none.
fn guarded(text: &str) -> String {
    let is_formula = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

impl Value {
    fn plain(&self) -> String {
        match self {
            Value::Text(text) => guarded(text),
            Value::Whole(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Truth(true) => "yes".to_owned(),
            Value::Truth(false) => "no".to_owned(),
            Value::At(at) => at.to_string(),
            Value::Nothing => String::new(),
        }
    }

    fn json(&self) -> Json {
        match self {
            Value::Text(text) => Json::String(text.clone()),
            Value::Whole(number) => Json::Number((*number).into()),
            Value::Real(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Value::Truth(truth) => Json::Bool(*truth),
            Value::At(at) => Json::String(at.to_string()),
            Value::Nothing => Json::Null,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Whole(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        i64::try_from(number).map_or(Value::Nothing, Value::Whole)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Value {
        i64::try_from(number).map_or(Value::Nothing, Value::Whole)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Whole(number.into())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Whole(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Real(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Truth(truth)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Value {
        Value::At(at)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Value {
        Value::Text(day.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(cell: Option<T>) -> Value {
        cell.map_or(Value::Nothing, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("quota of Ünï / 2026-10-06", &["name", "calls", "share", "at"]);
        table.push(["=HYPERLINK(\"http://evil\")".into(), (-5_i64).into(), 0.25.into(), Value::Nothing]);
        table.push(["a, \"b\"\nc".into(), 3_u64.into(), Value::Nothing, Timestamp::UNIX_EPOCH.into()]);
        table
    }

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let csv = String::from_utf8(table().csv()).unwrap();
        assert_eq!(
            csv,
            "name,calls,share,at\r\n\"'=HYPERLINK(\"\"http://evil\"\")\",-5,0.25,\r\n\"a, \"\"b\"\"\nc\",3,,1970-01-01T00:00:00Z\r\n"
        );
        for text in ["+1", "-1", "@x", "\t=1", "  =1", "＝1"] {
            assert!(guarded(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(guarded("Anna-Lena = 1"), "Anna-Lena = 1");
    }

    #[test]
    fn json_holds_what_was_typed_as_it_was_typed() {
        let json: Json = serde_json::from_slice(&table().json()).unwrap();
        assert_eq!(json[0]["name"], "=HYPERLINK(\"http://evil\")");
        assert_eq!(json[0]["at"], Json::Null);
        assert_eq!(json[1]["calls"], 3);
    }

    #[test]
    fn a_file_has_a_name_that_every_system_takes() {
        let response = table().answer(Format::Csv);
        assert_eq!(
            response.headers()[header::CONTENT_DISPOSITION],
            "attachment; filename=\"rollbook-quota-of-n-2026-10-06.csv\""
        );
    }
}
