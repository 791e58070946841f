//! Moodle's database on real servers.

#![allow(clippy::unwrap_used)]

mod check;
mod connect;
mod fixture;
mod plugin;
