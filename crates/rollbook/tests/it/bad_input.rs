//! What is wrong is told in one message with its remedy and the right exit code, and nothing is lost.

mod network;
mod secrets;
mod settings;
pub mod store;

use crate::kept::Ran;

/// One message on standard error, with these words in it; nothing else but warnings.
pub fn check(ran: &Ran, code: i32, words: &[&str]) {
    let Ran { code: ended, out, err } = ran;
    assert_eq!(*ended, code, "{err}\n{out}");
    let messages: Vec<&str> = err
        .lines()
        .filter(|line| line.starts_with("rollbook: ") || line.starts_with("error: "))
        .filter(|line| !line.starts_with("rollbook: warning: "))
        .collect();
    assert_eq!(messages.len(), 1, "{err}");
    for word in words {
        assert!(err.contains(word), "{word:?} is missing in: {err}");
    }
    assert!(!err.contains("panicked"), "{err}");
}
