//! What an erasure would do and did, for people.

use std::fmt::Write;

use rollbook_store::ErasureRecord;

use crate::cli::output::thousands;
use crate::cli::page::{Page, count, safe};
use crate::erasure::{Done, Plan};

/// Names and identifiers shown of one person; nobody has more, unless something is wrong.
const SHOWN: usize = 20;

/// What would go.
pub fn plan(plan: &Plan) -> String {
    let mut out = String::from("Known by:\n");
    for one in plan.known_by.iter().take(SHOWN) {
        let _ = writeln!(out, "  {}  ({})", safe(&one.identifier), safe(&one.because));
    }
    if plan.known_by.len() > SHOWN {
        let _ = writeln!(
            out,
            "  and {} more: look closely whether that is one person",
            plan.known_by.len() - SHOWN
        );
    }
    let of = &plan.portrait;
    if !of.names.is_empty() {
        let names: Vec<String> = of.names.iter().take(SHOWN).map(|name| safe(name)).collect();
        let _ = writeln!(out, "Names used: {}", names.join(", "));
    }
    let _ = writeln!(
        out,
        "\nKept of them: {} in {}{}, call quality of {}, {} hosted.",
        count(of.stays, "stay", "stays"),
        count(of.instances.len() as u64, "meeting", "meetings"),
        match of.stays_by_name {
            0 => String::new(),
            some => format!(" ({} of those by the same name alone, never twice at once)", thousands(some)),
        },
        count(of.call_quality, "connection", "connections"),
        count(of.hosted, "meeting", "meetings"),
    );
    out += "Their stays become nameless, so that headcounts and what was verified stay right; the minutes of their calls go.\n";
    out += &moodle(of.delivered);
    out
}

/// What was done.
pub fn done(plan: &Plan, done: &Done) -> String {
    let mut out = format!(
        "Erased: {} in {} are nameless now. Erasure {}.\n",
        count(done.stays, "stay", "stays"),
        count(done.instances, "meeting", "meetings"),
        done.erasure
    );
    out += "Whatever Zoom tells of them from now on is not kept.\n";
    if !done.is_log_empty {
        out += "Another program is reading the store, so that its log (…-wal) still holds old pages; it is emptied when that \
                program ends, or run `rollbook forget --compact` then.\n";
    }
    out += &moodle(plan.portrait.delivered);
    out += "Copies of the store made before (backups, exports) still hold them.\n";
    out
}

fn moodle(rows: u64) -> String {
    if rows == 0 {
        return String::new();
    }
    format!(
        "Moodle was given {}. Those are Moodle's own to erase (Users > Privacy and policies > Data requests, which the Zoom \
         plugin obeys): rollbook no longer calls them its own, so that it neither takes them away nor puts them back.\n",
        count(rows, "row", "rows")
    )
}

/// The erasures.
pub fn list(page: &Page, erasures: &[ErasureRecord]) -> String {
    if erasures.is_empty() {
        return "Nobody was erased.\n".to_owned();
    }
    let mut out = String::new();
    for one in erasures {
        let standing = match (one.undone_at, one.is_done) {
            (Some(at), _) => format!("; lifted {}", page.minute(at)),
            (None, true) => String::new(),
            (None, false) => "; not carried to its end yet: any `rollbook sync` goes on".to_owned(),
        };
        let _ = writeln!(
            out,
            "{:>4}  {}  by {}: {} in {}, recognised by {}{standing}",
            one.id,
            page.minute(one.at),
            safe(&one.set_by),
            count(one.stays, "stay", "stays"),
            count(one.instances, "meeting", "meetings"),
            count(one.identifiers, "keyed hash", "keyed hashes"),
        );
    }
    out
}
