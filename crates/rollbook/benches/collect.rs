//! What collecting costs, each figure beside the limit it is held against, in one run.
//!
//! `cargo bench -p rollbook` runs all; `cargo bench -p rollbook -- day` (or `scope`, `rows`, `quality`, `memory`) runs one.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "collect/day.rs"]
mod day;
#[path = "collect/memory.rs"]
mod memory;
#[path = "collect/quality.rs"]
mod quality;
#[path = "collect/rows.rs"]
mod rows;
#[path = "collect/scope.rs"]
mod scope;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    if runs("day") {
        day::run();
    }
    if runs("scope") {
        scope::run();
    }
    if runs("rows") {
        rows::run();
    }
    if runs("quality") {
        quality::run();
    }
    if runs("memory") {
        memory::run();
    }
}
