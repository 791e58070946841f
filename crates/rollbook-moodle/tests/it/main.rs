//! Moodle's database on real servers.

#![allow(clippy::unwrap_used)]

mod check;
mod connect;
mod courses;
mod deliver;
mod fixture;
mod names;
mod people;
mod plugin;
mod sessions;
mod taught;
