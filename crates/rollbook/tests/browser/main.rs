//! The pages in a real browser. `cargo xtask test` starts the driver and names it in `ROLLBOOK_TEST_WEBDRIVER`, and the file
//! of the accessibility checker in `ROLLBOOK_TEST_AXE`.

// Functions the tests share are tests too.
#![allow(clippy::unwrap_used)]

mod browser;
mod in_browser;
#[path = "../moodle/move_in.rs"]
mod move_in;
mod provider;
mod school;
mod server;
