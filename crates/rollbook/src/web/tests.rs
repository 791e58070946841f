//! The server asked in-process.

mod api;
mod quality;
mod quota;
mod random;
pub mod site;
mod socket;
mod who_may;
mod without_moodle;
