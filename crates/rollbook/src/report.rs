//! What commands and pages both tell: one computation each, whoever asks.

pub mod account;
pub mod callers;
pub mod calls;
pub mod course;
pub mod evidence;
pub mod hearing;
pub mod quota;
