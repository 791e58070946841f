//! How fast pages are on a large store while others collect.
//!
//! `cargo bench -p rollbook --bench pages -- make PATH SHARE` makes the store of a year, or of a share of it.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "../../rollbook-store/benches/samples/campus.rs"]
#[allow(dead_code)]
mod campus;
#[path = "../../rollbook-store/benches/samples/line.rs"]
#[allow(dead_code)]
mod line;
#[path = "pages/year.rs"]
mod year;

use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [what, path, share] = &words[..]
        && what == "make"
    {
        year::make(Path::new(path), share.parse().unwrap());
    }
}
