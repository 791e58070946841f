//! Call quality: samples as numbers, what they are worth, and what is still missing.
//!
//! A [`Series`] holds the samples of one stay, a column for each figure. A gap is never a zero: Zoom leaves out what
//! did not flow (quirk 50).
//!
//! [`policy`] says of which instances it is collected, [`completeness`] when that is all. [`score`] judges a minute of a
//! stream, with the [`emodel`] and by [`thresholds`]; [`assess`] a stay; [`person`] a person and an instance; [`words`]
//! put it into a sentence. `docs/quality.md` says it all without code.

pub mod assess;
mod channel;
pub mod completeness;
mod coverage;
pub mod emodel;
pub mod person;
pub mod policy;
mod reading;
pub mod score;
mod series;
mod summary;
pub mod thresholds;
pub mod words;

pub use channel::{Channel, Column, Flow, Measure, Media};
pub use coverage::{Coverage, GAP_MAX};
pub use reading::{QualityOutcome, QualityReading};
pub use series::{Odd, QualityRow, Series};
pub use summary::{Cause, ChannelQuality, Ending, Grade, StayQuality};
