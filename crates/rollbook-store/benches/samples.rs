//! What keeping call quality costs, each figure beside the limit it is held against, in one run.
//!
//! `cargo bench -p rollbook-store` keeps 2 million samples; `cargo bench -p rollbook-store -- 100000000` keeps as many
//! as are named. Files are made in the folder for temporary files (`TMPDIR`), about 36 bytes a sample.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "samples/campus.rs"]
mod campus;
#[path = "samples/keep.rs"]
mod keep;
#[path = "samples/line.rs"]
mod line;
#[path = "samples/look.rs"]
mod look;

fn main() {
    let samples: u64 = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(2_000_000);
    keep::run();
    look::run(samples);
}
