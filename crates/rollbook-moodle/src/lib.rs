//! Moodle's database, as far as Zoom attendance needs it: what is read there, and the two tables that are written.
//!
//! The only place with SQL about Moodle's tables; rollbook's own store is another crate. It decides nothing: which rows
//! to write, and what to do about rows that are there already, is decided by [`rollbook_core::delivery`].
