//! The server asked in-process.

pub mod site;
