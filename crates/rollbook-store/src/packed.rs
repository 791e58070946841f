//! Text that is kept packed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::error::{Result, unreadable};

pub(crate) fn pack(text: &str) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(text.len() / 4), Compression::fast());
    encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|error| unreadable("rows")(error.to_string()))
}

pub(crate) fn unpack(blob: &[u8]) -> Result<String> {
    let mut text = String::new();
    DeflateDecoder::new(blob)
        .read_to_string(&mut text)
        .map_err(|error| unreadable("rows")(error.to_string()))?;
    Ok(text)
}
