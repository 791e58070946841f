//! Rules over what the lines of one file say.

use super::Finding;
use super::source::Source;

/// SQL lives in two crates: our own store's in one, that of Moodle's database in the other.
pub fn sql_lives_in_the_store(source: &Source) -> Vec<Finding> {
    // The pretend campus prints a Moodle to try things out on.
    if ["crates/rollbook-store/", "crates/rollbook-moodle/", "crates/rollbook-sim/src/site/sql.rs"]
        .iter()
        .any(|place| source.path.starts_with(place))
    {
        return Vec::new();
    }
    source
        .program_strings()
        .filter(|(_, text)| is_sql(text))
        .map(|(line, _)| {
            Finding::new(
                &source.path,
                line,
                "SQL outside rollbook-store and rollbook-moodle: give `Store` or `MoodleDb` a method",
            )
        })
        .collect()
}

fn is_sql(text: &str) -> bool {
    let words = one_line(text);
    let has = |phrase: &str| words.find(phrase);
    let then = |first: &str, second: &str| has(first).zip(has(second)).is_some_and(|(a, b)| a < b);
    then(" select ", " from ")
        || then(" update ", " set ")
        || then(" insert into ", " values")
        || then(" insert into ", " select ")
        || words.strip_prefix(" delete from ").is_some_and(|table| !table.is_empty())
}

fn one_line(text: &str) -> String {
    format!(" {} ", text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

/// The evidence is only added to. One place may take readings away: those of a line without times that turned out to
/// belong to a day nobody asked for. Two may take people out of them: erasure and retention.
pub fn readings_are_only_added(source: &Source) -> Vec<Finding> {
    const MAY_DELETE: &str = "crates/rollbook-store/src/instances.rs";
    const MAY_CHANGE: [&str; 2] =
        ["crates/rollbook-store/src/erasure/sweep.rs", "crates/rollbook-store/src/retention.rs"];
    let takes_away = |text: &str| {
        let words = one_line(text);
        let is_deleted = words.starts_with(" delete ") && words.contains(" from reading ");
        let is_changed = words.starts_with(" update reading ");
        (is_changed && !MAY_CHANGE.contains(&source.path.as_str()))
            || (is_deleted && source.path != MAY_DELETE)
    };
    if !source.path.starts_with("crates/rollbook-store/") {
        return Vec::new();
    }
    source
        .program_strings()
        .filter(|(_, text)| takes_away(text))
        .map(|(line, _)| Finding::new(&source.path, line, "readings are evidence: add another, change none"))
        .collect()
}

/// The pretend Zoom must not leak into the real one.
pub fn the_simulator_stays_outside(source: &Source) -> Vec<Finding> {
    const MAY_NAME_IT: [&str; 4] = [
        "crates/rollbook-sim/",
        "crates/rollbook/src/simulation",
        "crates/rollbook/src/cli/demo",
        "crates/rollbook/src/cli/simulate",
    ];
    if MAY_NAME_IT.iter().any(|place| source.path.starts_with(place)) {
        return Vec::new();
    }
    lines_with(source, &["rollbook_sim"], "the simulator is named only by tests, `demo` and `simulate`")
}

/// Outgoing connections are opened in one file.
pub fn one_door_to_the_network(source: &Source) -> Vec<Finding> {
    if source.path == "crates/rollbook-zoom/src/reqwest.rs" {
        return Vec::new();
    }
    let doors = ["reqwest::Client", "TcpStream::connect", "UdpSocket", "TcpSocket"];
    lines_with(source, &doors, "only rollbook-zoom/src/reqwest.rs opens connections: borrow its `Transport`")
}

/// Everything else takes `now` as an argument.
pub fn the_clock_is_asked_in_one_place(source: &Source) -> Vec<Finding> {
    if source.path == "crates/rollbook/src/clock.rs" || source.path.starts_with("xtask/") {
        return Vec::new();
    }
    let what = "only crates/rollbook/src/clock.rs asks for the time: take `now` as an argument";
    let mut clocks = vec!["Timestamp::now", "Zoned::now", "SystemTime::now", "std::time::Instant::now"];
    let imports_std = |line: &str| line.contains("std::time::") && line.contains("Instant");
    if source.program().any(|(_, line)| imports_std(line)) {
        clocks.push("Instant::now");
    }
    lines_with(source, &clocks, what)
}

/// What is not done is not merged.
pub fn nothing_is_left_undone(source: &Source) -> Vec<Finding> {
    let undone = ["todo!", "unimplemented!", "#[ignore"];
    let is_undone = |line: &str| undone.iter().any(|word| line.contains(word));
    source
        .code
        .iter()
        .enumerate()
        .filter(|(_, line)| is_undone(line))
        .map(|(at, _)| Finding::new(&source.path, at + 1, "left undone: finish it, or leave it out"))
        .collect()
}

/// A program that stops says why.
pub fn no_unwrap(source: &Source) -> Vec<Finding> {
    lines_with(source, &[".unwrap()"], "`unwrap` outside a test: use `expect` with the reason, or an error")
}

fn lines_with(source: &Source, words: &[&str], what: &str) -> Vec<Finding> {
    source
        .program()
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, _)| Finding::new(&source.path, number, what))
        .collect()
}
