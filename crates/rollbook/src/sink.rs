//! Where what was kept is told to others.

pub mod moodle;
