//! Every rule is seen to fail, and seen to let be what is right.

use super::source::Source;
use super::{Finding, Rule, graph, size, text, tree};

const PLACE: &str = "crates/rollbook/src/collector/ask.rs";

fn lines(findings: &[Finding]) -> Vec<usize> {
    findings.iter().map(|finding| finding.line).collect()
}

#[track_caller]
fn check(rule: Rule, path: &str, text: &str, expected: &[usize]) {
    assert_eq!(lines(&rule(&Source::parse(path, text))), expected, "{path}: {text}");
}

#[test]
fn sql_is_found_wherever_it_hides() {
    let rule = text::sql_lives_in_the_store;
    check(rule, PLACE, r#"let a = 1; let sql = "select x from y";"#, &[1]);
    check(rule, PLACE, "const A: &str =\n    \"Insert Into y (a)\n    values (1)\";", &[2]);
    check(rule, PLACE, "let a = r#\"update job set tries = 0\"#;", &[1]);
    check(rule, PLACE, r#"x("select 1\nfrom y")"#, &[1]);
    check(rule, PLACE, r#"x("delete from job")"#, &[1]);
    check(rule, "crates/rollbook-store/src/jobs.rs", r#"x("delete from job")"#, &[]);
    check(rule, "crates/rollbook/tests/it/cli.rs", r#"x("delete from job")"#, &[]);
}

#[test]
fn words_that_are_no_sql_are_left_alone() {
    let rule = text::sql_lives_in_the_store;
    check(rule, PLACE, "// select x from y\nlet a = \"select a meeting\";", &[]);
    check(rule, PLACE, r#"help("from which list to select"); help("nothing to update");"#, &[]);
}

#[test]
fn evidence_is_never_changed() {
    let rule = text::readings_are_only_added;
    let store = "crates/rollbook-store/src/readings.rs";
    check(rule, store, r#"x("update reading set calls = 0 where reading_id = ?1")"#, &[1]);
    check(rule, store, r#"x("delete from reading where instance_id = ?1")"#, &[1]);
    check(rule, store, r#"x("insert into reading (a) values (1)")"#, &[]);
    check(rule, "crates/rollbook-store/src/instances.rs", r#"x("delete from reading where a = 1")"#, &[]);
    let erasure = "crates/rollbook-store/src/erasure/sweep.rs";
    check(rule, erasure, r#"x("update reading set rows_json = ?2 where reading_id = ?1")"#, &[]);
    check(rule, erasure, r#"x("delete from reading where a = 1")"#, &[1]);
}

#[test]
fn the_simulator_is_named_only_where_it_is_played() {
    let rule = text::the_simulator_stays_outside;
    check(rule, PLACE, "\nuse rollbook_sim::Sim;", &[2]);
    check(rule, "crates/rollbook/src/simulation/check.rs", "use rollbook_sim::Sim;", &[]);
    check(rule, "crates/rollbook/src/cli/demo.rs", "use rollbook_sim::Sim;", &[]);
    check(rule, "crates/rollbook/tests/sim/days.rs", "use rollbook_sim::Sim;", &[]);
    check(rule, PLACE, "/// Not rollbook_sim.\nfn a() {}", &[]);
}

#[test]
fn connections_are_opened_in_one_file() {
    let rule = text::one_door_to_the_network;
    check(rule, PLACE, "let c = reqwest::Client::new();", &[1]);
    check(rule, PLACE, "TcpStream::connect(a)", &[1]);
    check(rule, "crates/rollbook-zoom/src/reqwest.rs", "let c = reqwest::Client::new();", &[]);
}

#[test]
fn the_time_is_asked_in_one_file() {
    let rule = text::the_clock_is_asked_in_one_place;
    check(rule, PLACE, "let now = Timestamp::now();", &[1]);
    check(rule, PLACE, "let now = std::time::SystemTime::now();", &[1]);
    check(rule, PLACE, "use std::time::{Duration, Instant};\nlet a = Instant::now();", &[2]);
    check(rule, PLACE, "let a = std::time::Instant::now();", &[1]);
    check(rule, PLACE, "use tokio::time::Instant;\nlet a = Instant::now();", &[]);
    check(rule, PLACE, "let a = tokio::time::Instant::now();", &[]);
    check(rule, "crates/rollbook/src/clock.rs", "Timestamp::now()", &[]);
    check(rule, PLACE, "#[cfg(test)]\nmod tests {\n    fn a() { Timestamp::now(); }\n}\n", &[]);
}

#[test]
fn what_is_undone_is_found_in_tests_too() {
    let rule = text::nothing_is_left_undone;
    check(rule, PLACE, "fn a() { todo!() }\nfn b() { unimplemented!(\"x\") }", &[1, 2]);
    check(rule, "crates/rollbook/tests/it/cli.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}", &[2]);
    check(rule, PLACE, "// todo!() is refused\nlet a = \"todo!\";", &[]);
}

#[test]
fn unwrap_is_for_tests() {
    let rule = text::no_unwrap;
    check(rule, PLACE, "let a = b.unwrap();\nlet c = d.unwrap_or(1);", &[1]);
    check(rule, PLACE, "#[cfg(test)]\nmod tests {\n    b.unwrap();\n}\nlet a = b.unwrap();", &[5]);
    check(rule, PLACE, "#[cfg(test)]\nmod tests;\nlet a = b.unwrap();", &[3]);
    check(rule, "crates/rollbook-core/src/stay/tests.rs", "b.unwrap()", &[]);
}

#[test]
fn long_files_are_refused_but_for_their_tests() {
    let rule = size::files_are_short;
    check(rule, PLACE, &"let a = 1;\n".repeat(600), &[]);
    check(rule, PLACE, &"let a = 1;\n".repeat(601), &[0]);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "let a = 1;\n".repeat(300));
    check(rule, PLACE, &("let a = 1;\n".repeat(500) + &tests), &[]);
}

#[test]
fn long_functions_are_refused() {
    let rule = size::functions_fit_a_screen;
    let function = |lines: usize| {
        format!("\n    pub async fn a<T>(\n        b: [u8; 3],\n    ) {{\n{}    }}\n", "x();\n".repeat(lines))
    };
    check(rule, PLACE, &function(76), &[]);
    check(rule, PLACE, &function(77), &[2]);
    let declared = format!("fn a(b: [u8; 2]) -> bool;\n{}", "const A: u8 = 1;\n".repeat(90));
    check(rule, PLACE, &declared, &[]);
    let braces = format!("fn a() {{\n    let b = \"}}\"; // }}\n{}}}\n", "    c('}');\n".repeat(90));
    check(rule, PLACE, &braces, &[1]);
}

#[test]
fn the_table_of_faults_may_be_long() {
    let table = format!("pub fn none() -> Faults {{\n{}}}\n", "a: 0.0,\n".repeat(90));
    check(size::functions_fit_a_screen, "crates/rollbook-sim/src/fault.rs", &table, &[]);
    check(size::functions_fit_a_screen, PLACE, &table, &[1]);
}

#[test]
fn modules_have_names() {
    check(tree::no_mod_rs, "crates/rollbook/src/cli/mod.rs", "", &[0]);
    check(tree::no_mod_rs, "crates/rollbook/src/cli.rs", "", &[]);
}

#[test]
fn places_and_hosts_are_forbidden_words() {
    let found = |text: &str| lines(&tree::no_forbidden_words("docs/a.md", text));
    assert_eq!(found(concat!("fine\nsee /work", "/main")), [2]);
    assert_eq!(found(concat!("https://crates", ".io/x")), [1]);
    assert_eq!(found("the root of the work/day"), [0; 0]);
    assert_eq!(lines(&tree::no_forbidden_words("Cargo.lock", concat!("crates", ".io-index"))), [0; 0]);
}

#[test]
fn every_crate_says_what_it_is_for() {
    let check = |manifest: &str| lines(&tree::crates_are_described("crates/a/Cargo.toml", manifest));
    assert_eq!(check("[package]\nname = \"a\""), [0]);
    assert_eq!(check("[package]\nname = \"a\"\ndescription = \"\""), [0]);
    assert_eq!(check("[package]\nname = \"a\"\ndescription = \"What it does\""), [0; 0]);
    assert_eq!(check("[workspace]\nmembers = []"), [0; 0]);
}

#[test]
fn the_lock_file_has_a_limit() {
    let lock = |count: usize| "[[package]]\nname = \"a\"\n".repeat(count);
    assert_eq!(graph::the_lock_file_grows_by_decision(&lock(100)), []);
    assert_eq!(lines(&graph::the_lock_file_grows_by_decision(&lock(1_000))), [0]);
}

#[test]
fn core_reaches_nothing_that_waits() {
    assert_eq!(graph::core_cannot_do_io("rollbook-core v0.1.0\nserde v1.0.0\ntokio-lookalike v1.0.0"), []);
    let found =
        graph::core_cannot_do_io("rollbook-core v0.1.0\nserde v1.0.0\n\nmio v1.0.0\nrusqlite v0.41.0 (*)");
    assert_eq!(found.len(), 2);
    assert!(found.iter().any(|finding| finding.what.ends_with(" mio")), "{found:?}");
}

#[test]
fn the_simulator_shares_no_code_with_what_it_tests() {
    let check = |tree: &str| graph::nobody_reaches_up("rollbook-sim", tree).len();
    assert_eq!(check("rollbook-sim v0.1.0 (crates/rollbook-sim)\naxum v0.8.0"), 0);
    assert_eq!(check("rollbook-sim v0.1.0\nrollbook-core v0.1.0\nrollbook-zoom v0.1.0"), 2);
}

#[test]
fn code_strings_and_comments_are_told_apart() {
    let text = "let a = \"x // y\"; // z\nlet b = r##\"q\"# \"##; /* one /* two */\nthree */ let c: &'static str = b\"\\\"k\";\nlet d = '\"'; let e = '\\''; let r#type = 1;";
    let source = Source::parse(PLACE, text);
    let strings: Vec<(usize, &str)> =
        source.strings.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(strings, [(1, "x // y"), (2, "q\"# "), (3, "\"k")]);
    assert_eq!(source.code.len(), 4);
    assert!(source.code[2].trim_start().starts_with("let c: &'static str = b\""), "{:?}", source.code);
    assert!(source.code[3].ends_with("let r#type = 1;"), "{:?}", source.code);
}
