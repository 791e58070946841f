//! rollbook.
fn main() {}
