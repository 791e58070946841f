//! Call quality: samples as numbers, what they are worth, and what is still missing.
//!
//! A [`Series`] holds the samples of one stay, a column for each figure. A gap is never a zero: Zoom leaves out what
//! did not flow (quirk 50).

mod channel;
mod series;

pub use channel::{Channel, Column, Flow, Measure, Media};
pub use series::{Odd, QualityRow, Series};
