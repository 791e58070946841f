//! Moodle's database on real servers.

#![allow(clippy::unwrap_used)]

mod connect;
mod fixture;
mod plugin;
