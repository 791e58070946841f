//! The store, used as the collector uses it.

// Functions the tests share are tests too.
#![allow(clippy::unwrap_used)]

mod deliveries;
mod grades;
mod hosts;
mod inbox;
mod jobs;
mod known;
mod ledger;
mod quality;
mod quality_days;
mod requests;
