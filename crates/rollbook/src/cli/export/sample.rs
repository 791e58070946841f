//! One line of `export qos`: one person's call quality at one minute.

use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::Timestamp;
use rollbook_core::quality::{Channel, Column, Measure, QualityRow};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::as_io;

/// Whose sample it is and when, in front of the figures.
const WHOSE: [&str; 4] = ["meeting_uuid", "user_id", "name", "time"];

/// One sample. A gap is empty in CSV, null in JSON, never a zero.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// UUID of the instance.
    pub meeting_uuid: &'a str,
    /// The connection.
    pub row: &'a QualityRow,
    /// Its place in the row's series.
    pub place: usize,
}

impl Sample<'_> {
    /// The minute.
    pub fn at(&self) -> Timestamp {
        self.row.series.times()[self.place]
    }

    /// Zoom's number of the connection; it may have told none.
    pub fn user_id(&self) -> Option<&str> {
        Some(self.row.user_id.as_str()).filter(|id| !id.is_empty())
    }

    fn value(&self, column: Column) -> Option<f64> {
        self.row.series.value(column, self.place)
    }
}

/// The samples of one instance's connections by user_id (as text) and time.
pub fn in_order<'a>(meeting_uuid: &'a str, rows: &'a [QualityRow]) -> Vec<Sample<'a>> {
    let places = |row: &'a QualityRow| (0..row.series.len()).map(move |place| (row, place));
    let mut samples: Vec<Sample<'_>> =
        rows.iter().flat_map(places).map(|(row, place)| Sample { meeting_uuid, row, place }).collect();
    samples.sort_by(|a, b| (&a.row.user_id, a.at()).cmp(&(&b.row.user_id, b.at())));
    samples
}

/// The figures that every line has, in the order others rely on.
pub fn main_columns() -> Vec<Column> {
    let figures = |channel: Channel| {
        let has = move |measure: &Measure| measure.is_of(channel.media);
        Measure::ALL.into_iter().filter(has).map(move |measure| Column::Stream(channel, measure))
    };
    let cpu = [Column::CpuZoomMin, Column::CpuZoomAvg, Column::CpuZoomMax, Column::CpuSystemMax];
    Channel::MAIN.into_iter().flat_map(figures).chain(cpu).collect()
}

/// All others: streams of room connectors and web gateways, the radio, the pressure on the processor.
pub fn other_columns() -> Vec<Column> {
    let main = main_columns();
    let is_measured = |column: &Column| match column {
        Column::Stream(channel, measure) => measure.is_of(channel.media),
        _ => true,
    };
    let all = (0..Column::COUNT).filter_map(Column::from_code);
    all.filter(is_measured).filter(|column| !main.contains(column)).collect()
}

/// Whether its figures are words.
pub fn is_word(column: Column) -> bool {
    matches!(column, Column::PressureMin | Column::PressureAvg | Column::PressureMax)
}

/// A CSV file of samples.
pub struct CsvFile<W: Write> {
    csv: csv::Writer<W>,
    columns: Vec<Column>,
    cell: String,
}

impl<W: Write> CsvFile<W> {
    /// Begins it with its header line.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn begin(out: W) -> io::Result<CsvFile<W>> {
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
        let columns = main_columns();
        let names = WHOSE.into_iter().map(str::to_owned).chain(columns.iter().map(|column| column.name()));
        csv.write_record(names.collect::<Vec<_>>()).map_err(as_io)?;
        Ok(CsvFile { csv, columns, cell: String::new() })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, sample: &Sample<'_>) -> io::Result<()> {
        let name = sample.row.name.as_deref().unwrap_or_default();
        for whose in [sample.meeting_uuid, &sample.row.user_id, name] {
            self.csv.write_field(whose).map_err(as_io)?;
        }
        self.cell.clear();
        let _ = write!(self.cell, "{}", sample.at());
        self.csv.write_field(&self.cell).map_err(as_io)?;
        for column in &self.columns {
            self.cell.clear();
            if let Some(value) = sample.value(*column) {
                write_plain(&mut self.cell, value);
            }
            self.csv.write_field(&self.cell).map_err(as_io)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(as_io)
    }

    /// Writes what is still held.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// A plain decimal: the fewest digits that read as the same number, without exponent and without a `.0`.
fn write_plain(text: &mut String, value: f64) {
    // Adding nothing turns -0 into 0.
    let _ = write!(text, "{}", value + 0.0);
}

/// A JSON array of samples.
///
/// Each object has the columns of CSV, with null for gaps; then, where there are any, the figures of the other streams,
/// the radio and the pressure on the processor, and `unreadable`: what Zoom wrote where a figure should have been.
pub struct JsonFile<W: Write> {
    out: W,
    keys: Keys,
    is_empty: bool,
}

/// Columns with their names.
struct Keys {
    main: Vec<(Column, String)>,
    others: Vec<(Column, String)>,
}

impl<W: Write> JsonFile<W> {
    /// Begins it.
    pub fn begin(out: W) -> JsonFile<W> {
        let named = |columns: Vec<Column>| columns.into_iter().map(|one| (one, one.name())).collect();
        let keys = Keys { main: named(main_columns()), others: named(other_columns()) };
        JsonFile { out, keys, is_empty: true }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, sample: &Sample<'_>) -> io::Result<()> {
        self.out.write_all(if self.is_empty { b"[\n" } else { b",\n" })?;
        self.is_empty = false;
        serde_json::to_writer(&mut self.out, &Object { sample, keys: &self.keys }).map_err(io::Error::from)
    }

    /// Ends the array.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.write_all(if self.is_empty { b"[]\n" } else { b"\n]\n" })
    }
}

struct Object<'a> {
    sample: &'a Sample<'a>,
    keys: &'a Keys,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Object { sample, keys } = self;
        let Sample { row, place, .. } = **sample;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("meeting_uuid", sample.meeting_uuid)?;
        map.serialize_entry("user_id", &sample.user_id())?;
        map.serialize_entry("name", &row.name)?;
        map.serialize_entry("time", &sample.at())?;
        for (column, name) in &keys.main {
            map.serialize_entry(name, &sample.value(*column).map(Number))?;
        }
        for (column, name) in &keys.others {
            if is_word(*column) {
                if let Some(word) = row.series.word(*column, place) {
                    map.serialize_entry(name, word)?;
                }
            } else if let Some(value) = sample.value(*column) {
                map.serialize_entry(name, &Number(value))?;
            }
        }
        let unreadable = unreadable(sample);
        if !unreadable.is_empty() {
            map.serialize_entry("unreadable", &unreadable)?;
        }
        map.end()
    }
}

/// A value that nobody can read, beside the sample it came with.
#[derive(Debug, serde::Serialize)]
pub struct Unreadable<'a> {
    /// The figure it should have been.
    pub column: &'a str,
    /// What Zoom wrote.
    pub text: &'a str,
}

/// The values of a sample that nobody can read.
pub fn unreadable<'a>(sample: &Sample<'a>) -> Vec<Unreadable<'a>> {
    let at = sample.at();
    let odd = sample.row.series.odd().iter().filter(|odd| odd.at == at);
    odd.map(|odd| Unreadable { column: &odd.column, text: &odd.text }).collect()
}

/// A figure; whole ones without a fraction.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Up to here all whole numbers are exact.
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        #[allow(clippy::cast_possible_truncation)]
        if self.0.fract() == 0.0 && self.0.abs() <= WHOLE_MAX {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DESIGN's words: "for each of … `_bitrate_kbps` … and for the video and share streams also …".
    #[test]
    fn the_columns_are_those_others_rely_on() {
        let mut expected = Vec::new();
        for stream in ["audio_in", "audio_out", "video_in", "video_out", "share_in", "share_out"] {
            for figure in ["bitrate_kbps", "latency_ms", "jitter_ms", "avg_loss_pct", "max_loss_pct"] {
                expected.push(format!("{stream}_{figure}"));
            }
            if !stream.starts_with("audio") {
                expected.extend(["width", "height", "fps"].map(|figure| format!("{stream}_{figure}")));
            }
        }
        expected.extend(
            ["cpu_zoom_min_pct", "cpu_zoom_avg_pct", "cpu_zoom_max_pct", "cpu_system_max_pct"]
                .map(str::to_owned),
        );
        let names: Vec<String> = main_columns().iter().map(|column| column.name()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn no_column_is_forgotten_and_none_stands_twice() {
        let mut all = [main_columns(), other_columns()].concat();
        let count = all.len();
        all.sort();
        all.dedup();
        // 18 streams: 6 of sound with 5 figures, 12 of pictures with 8; the processor, the radio, the pressure.
        assert_eq!((all.len(), count), (6 * 5 + 12 * 8 + 10, all.len()));
    }

    #[test]
    fn figures_are_plain_decimals() {
        let check = |value: f64, expected: &str| {
            let mut text = String::new();
            write_plain(&mut text, value);
            assert_eq!(text, expected);
            assert_eq!(text.parse::<f64>().unwrap(), value);
        };
        check(27.15, "27.15");
        check(126.0, "126");
        check(0.03, "0.03");
        check(0.0, "0");
        check(-0.0, "0");
        check(-75.0, "-75");
        check(1e-7, "0.0000001");
        check(1e21, "1000000000000000000000");
        check(0.1 + 0.2, "0.30000000000000004");
    }

    #[test]
    fn whole_numbers_are_whole_in_json() {
        let check =
            |value, expected: &str| assert_eq!(serde_json::to_string(&Number(value)).unwrap(), expected);
        check(27.15, "27.15");
        check(126.0, "126");
        check(-0.0, "0");
        check(-75.0, "-75");
    }
}
