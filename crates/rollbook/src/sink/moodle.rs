//! Moodle: its web service.

pub mod service;
