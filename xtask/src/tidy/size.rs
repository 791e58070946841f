//! How long files and functions may be. Tests may be longer.

use super::Finding;
use super::source::{Source, end_of_item};

/// Longer files are two files.
const FILE_LINES_MAX: usize = 600;

/// Longer functions are two functions.
const FUNCTION_LINES_MAX: usize = 80;

/// Files that may be longer, and why.
const LONG_FILES: [(&str, &str); 0] = [];

/// Functions that may be longer, and why.
const LONG_FUNCTIONS: [(&str, &str, &str); 2] = [
    ("crates/rollbook-sim/src/fault.rs", "none", "a table: one line for each fault"),
    ("crates/rollbook-sim/src/fault.rs", "campus", "a table: one line for each fault"),
];

/// No file outgrows its name.
pub fn files_are_short(source: &Source) -> Vec<Finding> {
    let lines = source.program().count();
    if lines <= FILE_LINES_MAX || LONG_FILES.iter().any(|(path, _)| *path == source.path) {
        return Vec::new();
    }
    let what = format!("{lines} lines without its tests, more than {FILE_LINES_MAX}: divide it");
    vec![Finding::new(&source.path, 0, what)]
}

/// No function is longer than can be seen at once.
pub fn functions_fit_a_screen(source: &Source) -> Vec<Finding> {
    let is_excepted = |name: &str| {
        LONG_FUNCTIONS.iter().any(|(path, function, _)| *path == source.path && *function == name)
    };
    source
        .program()
        .filter_map(|(number, line)| Some((number, function_name(line)?)))
        .filter(|(_, name)| !is_excepted(name))
        .map(|(number, name)| (number, name, end_of_item(&source.code, number - 1) + 2 - number))
        .filter(|(_, _, lines)| *lines > FUNCTION_LINES_MAX)
        .map(|(number, name, lines)| {
            let what = format!("`{name}` has {lines} lines, more than {FUNCTION_LINES_MAX}: divide it");
            Finding::new(&source.path, number, what)
        })
        .collect()
}

/// The name after `fn` in a line that begins a function.
fn function_name(line: &str) -> Option<&str> {
    let modifiers = ["pub", "const", "async", "unsafe", "extern", "default"];
    let mut words = line.split_whitespace().skip_while(|word| {
        modifiers.iter().any(|modifier| word.starts_with(modifier)) || word.ends_with(')') || *word == "in"
    });
    if words.next() != Some("fn") {
        return None;
    }
    let name = words.next()?;
    Some(&name[..name.find(['(', '<']).unwrap_or(name.len())])
}
