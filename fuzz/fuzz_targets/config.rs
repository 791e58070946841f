//! Any settings, in the file or in the environment, are taken or refused with a sentence: never a panic, and what is
//! shown of them never holds a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook::config::{Config, Environment, Flags, VARIABLES, shown};

fuzz_target!(|text: &str| {
    // Up to the first line of dashes it is the file; below, a variable a line, in the order of the list.
    let (file, variables) = text.split_once("\n---\n").unwrap_or((text, ""));
    let path = std::env::temp_dir().join(format!("rollbook-fuzz-{}.toml", std::process::id()));
    std::fs::write(&path, file).expect("a scratch file");
    // Those that name other files would read whatever lies there.
    let known = VARIABLES.into_iter().filter(|name| !name.ends_with("_FILE") && *name != "ROLLBOOK_CONFIG");
    let environment = Environment::of(known.zip(variables.lines()));
    match Config::load(&Flags { config: Some(path), ..Flags::default() }, &environment) {
        Ok(config) => {
            for account in shown(&config)["accounts"].as_array().expect("accounts are a list") {
                for secret in ["client_secret", "access_token"] {
                    let value = &account["credentials"][secret];
                    assert!(value.is_null() || value == "(set)", "{secret} is shown");
                }
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
