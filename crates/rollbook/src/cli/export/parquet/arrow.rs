//! Units and descriptions, where Parquet itself has no place for them.
//!
//! Arrow's libraries (pyarrow, pandas, Arrow in R, C++ and Rust) look for their own schema in a Parquet file's metadata,
//! under the name `ARROW:schema`: base64 of a FlatBuffers message as in Arrow's columnar format, version 1.5
//! (`Message.fbs`, `Schema.fbs`). Written here rather than by the `arrow` crates: see `docs/decisions.md`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset};

use super::{Field, Kind};

/// Where readers look for it.
pub const KEY: &str = "ARROW:schema";

type Builder<'a> = FlatBufferBuilder<'a>;
type Table = WIPOffset<TableFinishedWIPOffset>;

/// The place of a member in its table, as FlatBuffers counts: by declaration, two bytes each, behind two sizes.
const fn member(place: u16) -> u16 {
    4 + 2 * place
}

/// `MetadataVersion.V5`.
const VERSION_5: i16 = 4;
/// `MessageHeader.Schema`.
const HEADER_SCHEMA: u8 = 1;
/// `Type.Int`, `FloatingPoint`, `Utf8`, `Timestamp`.
const INT: u8 = 2;
const FLOATING_POINT: u8 = 3;
const UTF8: u8 = 5;
const TIMESTAMP: u8 = 10;
/// `Precision.DOUBLE`.
const DOUBLE: i16 = 2;
/// `TimeUnit.MILLISECOND`.
const MILLISECOND: i16 = 1;

/// The schema in base64.
pub fn schema(fields: &[Field]) -> String {
    let mut builder = Builder::new();
    let fields: Vec<Table> = fields.iter().map(|one| field(&mut builder, one)).collect();
    let fields = builder.create_vector(&fields);
    let schema = {
        let table = builder.start_table();
        builder.push_slot_always(member(1), fields);
        builder.end_table(table)
    };
    let message = {
        let table = builder.start_table();
        builder.push_slot_always(member(0), VERSION_5);
        builder.push_slot_always(member(1), HEADER_SCHEMA);
        builder.push_slot_always(member(2), schema);
        builder.end_table(table)
    };
    builder.finish_minimal(message);
    let message = builder.finished_data();
    // "Encapsulated message format": a mark, the length filled up to eight bytes, the message.
    let length = message.len().next_multiple_of(8);
    let mut bytes = vec![0xff; 4];
    bytes.extend(u32::try_from(length).expect("a schema has kilobytes").to_le_bytes());
    bytes.extend(message);
    bytes.resize(8 + length, 0);
    STANDARD.encode(bytes)
}

fn field(builder: &mut Builder<'_>, field: &Field) -> Table {
    let name = builder.create_string(&field.name);
    let (type_of, kind) = kind(builder, field.kind);
    let unit = field.unit.map(|unit| ("unit", unit));
    let metadata: Vec<Table> = [unit, Some(("description", field.description.as_str()))]
        .into_iter()
        .flatten()
        .map(|(key, value)| pair(builder, key, value))
        .collect();
    let metadata = builder.create_vector(&metadata);
    let children = builder.create_vector::<Table>(&[]);
    let table = builder.start_table();
    builder.push_slot_always(member(0), name);
    builder.push_slot(member(1), !field.is_required, false);
    builder.push_slot_always(member(2), type_of);
    builder.push_slot_always(member(3), kind);
    builder.push_slot_always(member(5), children);
    builder.push_slot_always(member(6), metadata);
    builder.end_table(table)
}

fn pair(builder: &mut Builder<'_>, key: &str, value: &str) -> Table {
    let (key, value) = (builder.create_shared_string(key), builder.create_string(value));
    let table = builder.start_table();
    builder.push_slot_always(member(0), key);
    builder.push_slot_always(member(1), value);
    builder.end_table(table)
}

/// A member of the union `Type`: which, and its table.
fn kind(builder: &mut Builder<'_>, kind: Kind) -> (u8, Table) {
    let integer = |builder: &mut Builder<'_>, bits: i32| {
        let table = builder.start_table();
        builder.push_slot_always(member(0), bits);
        builder.push_slot_always(member(1), true);
        (INT, builder.end_table(table))
    };
    match kind {
        Kind::Text => {
            let table = builder.start_table();
            (UTF8, builder.end_table(table))
        }
        Kind::Real => {
            let table = builder.start_table();
            builder.push_slot_always(member(0), DOUBLE);
            (FLOATING_POINT, builder.end_table(table))
        }
        Kind::Pixels => integer(builder, 32),
        Kind::Whole => integer(builder, 64),
        Kind::Instant => {
            let zone = builder.create_shared_string("UTC");
            let table = builder.start_table();
            builder.push_slot_always(member(0), MILLISECOND);
            builder.push_slot_always(member(1), zone);
            (TIMESTAMP, builder.end_table(table))
        }
    }
}
