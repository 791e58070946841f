//! The crate from outside: what it sends, how it reads what comes back.
#![allow(clippy::unwrap_used, reason = "a test may stop wherever it likes, and so may what tests share")]

mod fake;

mod changes;
mod client;
mod endpoints;
mod errors;
mod limits;
mod operations;
mod page;
mod props;
mod qos;
mod qos_page;
mod quantities;
mod quirks;
#[cfg(feature = "reqwest")]
mod reqwest;
mod samples;
mod webhook_body;
mod webhooks;
