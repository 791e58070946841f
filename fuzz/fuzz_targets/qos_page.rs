//! Any body that is read as a page of call quality is read or refused, never a panic; its values are finite, its gaps
//! are no values, and what could not be read is counted.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/rollbook-zoom/tests/it/qos_page.rs"]
mod qos_page;

fuzz_target!(|body: &[u8]| qos_page::check(body));
