//! Any body that is posted to a webhook is read or refused, never a panic, and no signature but its own fits it.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/rollbook-zoom/tests/it/webhook_body.rs"]
mod webhook_body;

fuzz_target!(|body: &[u8]| webhook_body::check(body));
