//! Call quality: samples as numbers, what they are worth, and what is still missing.
//!
//! A [`Series`] holds the samples of one stay, a column for each figure. A gap is never a zero: Zoom leaves out what
//! did not flow (quirk 50).

mod channel;
pub mod completeness;
pub mod policy;
mod reading;
mod series;
mod summary;

pub use channel::{Channel, Column, Flow, Measure, Media};
pub use reading::{QualityOutcome, QualityReading};
pub use series::{Odd, QualityRow, Series};
pub use summary::{Cause, ChannelQuality, Grade, StayQuality};
