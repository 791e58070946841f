//! Attendance delivered to Moodle, on real PostgreSQL and MariaDB servers.

// What cannot be set up is a failed test; each program uses a part of the shared helpers.
#![allow(clippy::unwrap_used, dead_code)]

mod campus;
mod changes;
mod kills;
mod move_in;
mod privacy;
mod school;
mod teachers;
