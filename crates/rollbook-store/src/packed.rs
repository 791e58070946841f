//! Text and bytes that are kept packed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::error::{Result, unreadable};

pub(crate) fn pack(text: &str) -> Result<Vec<u8>> {
    pack_bytes(text.as_bytes())
}

pub(crate) fn pack_bytes(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder
        .write_all(bytes)
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

pub(crate) fn unpack_bytes(blob: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(blob)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable("an event")(error.to_string()))?;
    Ok(bytes)
}
