//! Reasons in a word each, for monitoring: sentences hold figures, and there are too many of those.

/// The class of a reason that an instance is open for; the words are those of docs/operate/metrics.md.
pub fn class_of(reason: &str) -> &'static str {
    const CLASSES: [(&str, &str); 10] = [
        ("not read yet", "not_read"),
        ("Zoom's list has no times", "no_times"),
        ("read once; a second look", "second_look"),
        ("people listed: short", "short"),
        (" listed", "more_than_listed"),
        ("no count to compare with", "no_count"),
        (" unfinished of ", "unfinished"),
        (" is empty", "empty"),
        (" says ", "refused"),
        ("live", "live"),
    ];
    CLASSES.into_iter().find(|(words, _)| reason.contains(words)).map_or("other", |(_, class)| class)
}
