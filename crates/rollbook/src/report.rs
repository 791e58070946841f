//! What commands and pages both tell: one computation each, whoever asks.

pub mod account;
pub mod course;
pub mod quota;
