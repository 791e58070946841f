//! Where attendance is told to others, from the store, so that telling twice equals telling once.

pub mod moodle;
