//! `cargo xtask tidy`: rules of the tree that no compiler checks. Each is a function from what it reads to what it finds.

mod graph;
mod size;
mod source;
mod text;
mod tree;

use crate::Outcome;
use source::Source;

/// Something that breaks a rule: where, and what to do instead.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// 0 where the whole file is meant.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

/// A rule over one source file.
type Rule = fn(&Source) -> Vec<Finding>;

/// The rules over Rust sources.
const RULES: [Rule; 10] = [
    text::sql_lives_in_the_store,
    text::readings_are_only_added,
    text::the_simulator_stays_outside,
    text::one_door_to_the_network,
    text::the_clock_is_asked_in_one_place,
    text::nothing_is_left_undone,
    text::no_unwrap,
    size::files_are_short,
    size::functions_fit_a_screen,
    tree::no_mod_rs,
];

/// Checks the whole tree.
pub fn run() -> Outcome {
    let files = tree::read()?;
    let mut findings = Vec::new();
    for file in &files {
        findings.extend(tree::no_forbidden_words(&file.path, &file.text));
        if file.path.ends_with(".rs") {
            let source = Source::parse(&file.path, &file.text);
            findings.extend(RULES.iter().flat_map(|rule| rule(&source)));
        }
        if file.path.ends_with("Cargo.toml") {
            findings.extend(tree::crates_are_described(&file.path, &file.text));
        }
    }
    findings.extend(graph::check()?);
    for Finding { path, line, what } in &findings {
        if *line == 0 { println!("{path}: {what}") } else { println!("{path}:{line}: {what}") }
    }
    match findings.len() {
        0 => {
            println!("tidy: {} files keep the rules", files.len());
            Ok(())
        }
        1 => Err("the tree is not tidy: 1 finding".to_owned()),
        count => Err(format!("the tree is not tidy: {count} findings")),
    }
}

#[cfg(test)]
mod tests;
