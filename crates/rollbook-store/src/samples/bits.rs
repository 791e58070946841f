//! Bits behind one another, sealed with a version in front and a checksum behind.

use bitstream_io::{BigEndian, BitRead, BitReader, BitWrite, BitWriter};
use flate2::Crc;

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A later program wrote them.
    Version(u8),
    /// They were changed or cut short since.
    Damaged(&'static str),
}

type Result<T> = std::result::Result<T, Broken>;

const CHECKSUM: usize = 4;
const NEVER: &str = "memory can be written";

/// What is being written.
pub struct Out(BitWriter<Vec<u8>, BigEndian>);

impl Out {
    /// Begins with the version of what follows.
    pub fn new(version: u8) -> Out {
        Out(BitWriter::new(vec![version]))
    }

    /// The lowest bits of a value.
    pub fn bits(&mut self, width: u32, value: u64) {
        self.0.write_unsigned_var(width, value).expect(NEVER);
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.0.write_bit(flag).expect(NEVER);
    }

    /// That many ones and a zero.
    pub fn ones(&mut self, count: u32) {
        self.0.write_unary::<0>(count).expect(NEVER);
    }

    /// A number below 2^63: in six bits how many it has, then these but for the first, which is always set.
    pub fn number(&mut self, value: u64) {
        let width = width(value);
        self.bits(6, u64::from(width));
        if let Some(rest) = width.checked_sub(1) {
            self.bits(rest, value ^ 1 << rest);
        }
    }

    /// A number that may be below zero.
    pub fn signed(&mut self, value: i64) {
        self.number(folded(value));
    }

    /// Bytes, and how many.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.write_bytes(bytes).expect(NEVER);
    }

    /// A text of any length.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// All that was written.
    pub fn seal(mut self) -> Vec<u8> {
        self.0.byte_align().expect(NEVER);
        let mut bytes = self.0.into_writer();
        let sum = checksum(&bytes);
        bytes.extend(sum);
        bytes
    }
}

/// What is being read.
pub struct In<'a> {
    bits: BitReader<&'a [u8], BigEndian>,
    size: usize,
}

impl<'a> In<'a> {
    /// Breaks the seal of what was written in this version.
    pub fn open(bytes: &'a [u8], version: u8) -> Result<In<'a>> {
        let (&found, _) = bytes.split_first().ok_or(Broken::Damaged("nothing is there"))?;
        if found != version {
            return Err(Broken::Version(found));
        }
        let (written, sum) =
            bytes.split_last_chunk::<CHECKSUM>().ok_or(Broken::Damaged("it was cut short"))?;
        if checksum(written) != *sum {
            return Err(Broken::Damaged("its checksum differs"));
        }
        Ok(In::unsealed(written.get(1..).unwrap_or_default()))
    }

    /// Without version and checksum.
    pub fn unsealed(bytes: &'a [u8]) -> In<'a> {
        In { bits: BitReader::new(bytes), size: bytes.len() }
    }

    pub fn bits(&mut self, width: u32) -> Result<u64> {
        self.bits.read_unsigned_var(width).map_err(cut_short)
    }

    pub fn flag(&mut self) -> Result<bool> {
        self.bits.read_bit().map_err(cut_short)
    }

    pub fn ones(&mut self) -> Result<u32> {
        self.bits.read_unary::<0>().map_err(cut_short)
    }

    pub fn number(&mut self) -> Result<u64> {
        match (self.bits(6)? as u32).checked_sub(1) {
            None => Ok(0),
            Some(rest) => Ok(self.bits(rest)? | 1 << rest),
        }
    }

    pub fn signed(&mut self) -> Result<i64> {
        self.number().map(unfolded)
    }

    /// How many things follow that take a bit or more each.
    pub fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.size * 8 {
            Err(Broken::Damaged("a count is larger than all of it"))
        } else {
            Ok(count)
        }
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>> {
        let length = self.count()?;
        self.bits.read_to_vec(length).map_err(cut_short)
    }

    pub fn text(&mut self) -> Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| Broken::Damaged("a text is not UTF-8"))
    }
}

fn cut_short(_: std::io::Error) -> Broken {
    Broken::Damaged("it ends too early")
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

/// Bits that a value needs; none for 0.
pub fn width(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// Small numbers of either sign as small numbers: 0, -1, 1, -2, 2 …
pub fn folded(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The other way.
pub fn unfolded(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
