//! How fast pages are on a large store while a collector works on it.
//!
//! - `cargo bench -p rollbook --bench pages` makes a hundredth of a year and asks for its pages;
//! - `… -- make PATH SHARE` makes the store of a year (`1.0`: 1.8 million instances), or of a share of it;
//! - `… -- run PATH RATE SECONDS [PART OF A NAME]` asks for each page of such a store so many times a second, and prints
//!   the table that stands in docs/performance.md.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "pages/addresses.rs"]
mod addresses;
#[path = "pages/around.rs"]
mod around;
#[path = "../../rollbook-store/benches/samples/campus.rs"]
#[allow(dead_code)]
mod campus;
#[path = "../../rollbook-store/benches/samples/line.rs"]
#[allow(dead_code)]
mod line;
#[path = "pages/load.rs"]
mod load;
#[path = "pages/site.rs"]
mod site;
#[path = "pages/year.rs"]
mod year;

use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &words[..] {
        [] => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("year.db");
            year::make(&path, 0.01);
            site::run(&path, 50.0, 5.0, "");
        }
        ["make", path, share] => {
            year::make(Path::new(path), share.parse().unwrap());
        }
        ["run", path, rate, seconds, only @ ..] => {
            let (rate, seconds) = (rate.parse().unwrap(), seconds.parse().unwrap());
            site::run(Path::new(path), rate, seconds, &only.join(" "));
        }
        _ => panic!("make PATH SHARE, run PATH RATE SECONDS [PART OF A NAME], or nothing"),
    }
}
