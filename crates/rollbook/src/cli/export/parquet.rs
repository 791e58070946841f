//! Parquet: typed columns that say what they are and in which unit, for DuckDB, Spark and pandas.
//!
//! Account and day are not in a file but in the names of its folders (see `partition.rs`), as Hive, Spark and DuckDB
//! expect it.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

mod arrow;
mod samples;
mod stays;

pub use samples::Samples;
pub use stays::{fill_stay, stay_fields};

/// Rows of a row group, about: it is written when so many are there. This bounds memory, whatever the day.
const ROW_GROUP: usize = 64 * 1024;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// 64 bits.
    Real,
    /// 32 bits.
    Pixels,
    /// 64 bits.
    Whole,
    /// Milliseconds, UTC.
    Instant,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether every row has a value.
    pub is_required: bool,
    /// The unit of its figures.
    pub unit: Option<&'static str>,
    /// What it is, in words.
    pub description: String,
}

impl Field {
    /// A column that may be null and has no unit.
    pub fn new(name: &str, kind: Kind, description: &str) -> Field {
        let (name, description) = (name.to_owned(), description.to_owned());
        Field { name, kind, is_required: false, unit: None, description }
    }

    fn parquet_type(&self) -> Result<TypePtr, ParquetError> {
        let (physical, logical) = match self.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Pixels => (Physical::INT32, None),
            Kind::Whole => (Physical::INT64, None),
            Kind::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let repetition = if self.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let builder = Type::primitive_type_builder(&self.name, physical);
        Ok(Arc::new(builder.with_repetition(repetition).with_logical_type(logical).build()?))
    }
}

/// A column of the row group that is being filled.
#[derive(Debug)]
pub struct Column {
    field: Field,
    values: Values,
    /// 1 for a value, 0 for a null; what is missing at the end of `rows` are nulls.
    levels: Vec<i16>,
    rows: usize,
}

#[derive(Debug)]
enum Values {
    Text(Vec<ByteArray>),
    Real(Vec<f64>),
    Pixels(Vec<i32>),
    Whole(Vec<i64>),
}

impl Column {
    fn new(field: Field) -> Column {
        let values = match field.kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
            Kind::Pixels => Values::Pixels(Vec::new()),
            Kind::Whole | Kind::Instant => Values::Whole(Vec::new()),
        };
        Column { field, values, levels: Vec::new(), rows: 0 }
    }

    /// Adds rows without a value.
    pub fn add_nulls(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// Adds the same text to so many rows.
    ///
    /// # Panics
    /// If the column is not one of text; so do the others with theirs.
    pub fn add_text(&mut self, text: Option<&str>, rows: usize) {
        let Some(text) = text else { return self.add_nulls(rows) };
        let Values::Text(values) = &mut self.values else { panic!("{} holds no text", self.field.name) };
        values.extend(std::iter::repeat_n(ByteArray::from(text.as_bytes().to_vec()), rows));
        self.add_levels(rows);
    }

    /// Adds the same number, or milliseconds since 1970, to so many rows.
    pub fn add_whole(&mut self, number: Option<i64>, rows: usize) {
        let Some(number) = number else { return self.add_nulls(rows) };
        let Values::Whole(values) = &mut self.values else { panic!("{} is not whole", self.field.name) };
        values.extend(std::iter::repeat_n(number, rows));
        self.add_levels(rows);
    }

    /// Adds figures, NaN for null.
    pub fn add_figures(&mut self, figures: &[f64]) {
        for figure in figures {
            if figure.is_nan() {
                self.rows += 1;
                continue;
            }
            match &mut self.values {
                Values::Real(values) => values.push(*figure),
                // `as` takes what is beyond to the nearest end; no screen is that wide.
                #[allow(clippy::cast_possible_truncation)]
                Values::Pixels(values) => values.push(*figure as i32),
                _ => panic!("{} holds no figures", self.field.name),
            }
            self.add_levels(1);
        }
    }

    fn add_levels(&mut self, rows: usize) {
        self.levels.resize(self.rows, 0);
        self.rows += rows;
        self.levels.resize(self.rows, 1);
    }

    /// Writes the column and empties it.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        self.levels.resize(self.rows, 0);
        let levels = (!self.field.is_required).then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Text(values) => write_values::<ByteArrayType>(&mut writer, values, levels)?,
            Values::Real(values) => write_values::<DoubleType>(&mut writer, values, levels)?,
            Values::Pixels(values) => write_values::<Int32Type>(&mut writer, values, levels)?,
            Values::Whole(values) => write_values::<Int64Type>(&mut writer, values, levels)?,
        }
        self.levels.clear();
        self.rows = 0;
        writer.close()
    }
}

fn write_values<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, levels, None)?;
    values.clear();
    Ok(())
}

/// A Parquet file.
pub struct ParquetFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Column>,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins it.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn begin(out: W, fields: Vec<Field>) -> Result<ParquetFile<W>, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Least and most of every page would weigh more than many a small day; those of a row group will do.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_key_value_metadata(Some(vec![KeyValue::new(arrow::KEY.to_owned(), arrow::schema(&fields))]))
            .build();
        let types = fields.iter().map(Field::parquet_type).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("schema").with_fields(types).build()?;
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        Ok(ParquetFile { writer, columns: fields.into_iter().map(Column::new).collect() })
    }

    /// Adds rows: `fill` gives each column as many.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, fill: impl FnOnce(&mut [Column])) -> Result<(), ParquetError> {
        fill(&mut self.columns);
        if self.rows() >= ROW_GROUP { self.write_group() } else { Ok(()) }
    }

    /// Ends it, and gives back what it was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        if self.rows() > 0 {
            self.write_group()?;
        }
        self.writer.into_inner()
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.rows)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let writer = group.next_column()?.expect("a row group has the columns of the schema");
            column.write(writer)?;
        }
        group.close()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    #[test]
    fn a_row_group_is_written_when_it_is_full_and_no_row_is_lost() {
        let fields = vec![Field::new("text", Kind::Text, "a"), Field::new("figure", Kind::Real, "b")];
        let mut file = ParquetFile::begin(Vec::new(), fields).unwrap();
        let runs = 3 * ROW_GROUP / 1000;
        for run in 0..runs {
            file.add(|columns| {
                columns[0].add_text((run % 2 == 0).then_some("even"), 1000);
                if run % 3 == 0 {
                    columns[1].add_figures(&[1.5; 1000]);
                } else {
                    columns[1].add_nulls(1000);
                }
            })
            .unwrap();
        }
        let reader = SerializedFileReader::new(Bytes::from(file.finish().unwrap())).unwrap();
        let rows: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!((rows.len(), rows.iter().sum::<i64>()), (3, 1000 * runs as i64));
        assert!(rows.iter().all(|rows| *rows < ROW_GROUP as i64 + 1000), "{rows:?}");
        for (place, row) in reader.get_row_iter(None).unwrap().enumerate() {
            let run = place / 1000;
            let expected = format!(
                "{{text: {}, figure: {}}}",
                if run % 2 == 0 { "\"even\"" } else { "null" },
                if run % 3 == 0 { "1.5" } else { "null" }
            );
            assert_eq!(row.unwrap().to_string(), expected, "row {place}");
        }
    }

    #[test]
    fn a_file_without_rows_can_be_read() {
        let file = ParquetFile::begin(Vec::new(), vec![Field::new("text", Kind::Text, "a")]).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(file.finish().unwrap())).unwrap();
        assert_eq!(reader.get_row_iter(None).unwrap().count(), 0);
    }
}
