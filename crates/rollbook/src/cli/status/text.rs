//! The status as text.

use std::fmt::Write;

use jiff::Timestamp;
use rollbook_core::label::Label;
use rollbook_store::KnownCount;

use super::{ReasonCount, Report};
use crate::cli::meeting::grouped;
use crate::cli::output::thousands;
use crate::cli::page::{Column, Page, bytes, count, cut};
use crate::report::quota::{PoolLine, WaitingLine};

/// Lines of each list that people are shown.
const SHOWN_MAX: usize = 20;

impl Report {
    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = String::new();
        out += &page.field("Days", &self.days_words(page));
        out += &page.field("Instances", &self.instances_words());
        if let Some(words) = self.quality_words() {
            out += &page.field("Quality", &words);
        }
        for (account, known) in &self.moodle {
            out += &page.field("Moodle", &moodle_words(page, account, known, self.moodle.len() > 1));
        }
        out += &page.field(
            "Store",
            &format!(
                "{} ({}, {})",
                self.store.path,
                bytes(self.store.bytes),
                count(self.store.stays, "stay", "stays")
            ),
        );
        for (name, pool) in &self.budget {
            pool_text(&mut out, page, name, pool);
        }
        self.open_text(&mut out, page);
        self.quality_text(&mut out, page);
        reasons_text(&mut out, page, "Closed", &self.closed_by_reason);
        self.listings_text(&mut out, page);
        out
    }

    fn days_words(&self, page: &Page) -> String {
        let zone = page.zone_name();
        match (self.days, self.starts) {
            (Some((from, to)), _) if from == to => format!("{from} ({zone})"),
            (Some((from, to)), _) => format!("{from} to {to} ({zone})"),
            (None, Some((first, last))) if page.day(first) == page.day(last) => {
                format!("all: {} ({zone})", page.day(first))
            }
            (None, Some((first, last))) => {
                format!("all: {} to {} ({zone})", page.day(first), page.day(last))
            }
            (None, None) => "all".to_owned(),
        }
    }

    fn instances_words(&self) -> String {
        let total: u64 = self.instances.values().sum();
        if total == 0 {
            return "none yet; `rollbook sync` collects them".to_owned();
        }
        let order = ["verified", "fetched", "ended", "live", "closed"];
        let parts: Vec<String> = order
            .iter()
            .filter_map(|state| Some((state, *self.instances.get(*state)?)))
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| format!("{} {state}", thousands(count)))
            .collect();
        format!("{}: {}", thousands(total), parts.join(", "))
    }

    fn quality_words(&self) -> Option<String> {
        let total: u64 = self.quality.values().sum();
        let parts: Vec<String> =
            self.quality.iter().map(|(state, n)| format!("{} {state}", thousands(*n))).collect();
        (total > 0).then(|| format!("wanted of {}: {}", thousands(total), parts.join(", ")))
    }

    fn quality_text(&self, out: &mut String, page: &Page) {
        if self.quality_open.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "\nCall quality of {} still to come, by next look:",
            count(self.quality_open_total, "instance", "instances")
        );
        let rows = self.quality_open.iter().take(SHOWN_MAX).map(|line| {
            vec![
                line.next_look_at.map_or_else(|| "later".to_owned(), |at| next_look(page, at)),
                line.meeting_id.map_or_else(|| line.meeting_uuid.clone(), grouped),
                cut(line.topic.as_deref().unwrap_or(""), 28),
                line.reason.clone().unwrap_or_default(),
            ]
        });
        let columns = [
            Column::Whole("next look"),
            Column::Whole("meeting"),
            Column::Text("topic"),
            Column::Text("why it is open"),
        ];
        out.push_str(&page.table(&columns, rows.collect()));
        if self.quality_open_total > SHOWN_MAX as u64 {
            let more = thousands(self.quality_open_total - SHOWN_MAX as u64);
            let _ = writeln!(out, "… and {more} more (`--json` names up to 1,000).");
        }
    }

    fn open_text(&self, out: &mut String, page: &Page) {
        if self.open.is_empty() {
            return;
        }
        let _ =
            writeln!(out, "\n{} still open, by next look:", count(self.open_total, "instance", "instances"));
        let rows = self.open.iter().take(SHOWN_MAX).map(|line| {
            vec![
                line.next_look_at.map_or_else(|| "now".to_owned(), |at| next_look(page, at)),
                line.started_at.map_or_else(|| "not known".to_owned(), |at| page.minute(at)),
                line.meeting_id.map_or_else(|| line.meeting_uuid.clone(), grouped),
                cut(line.topic.as_deref().unwrap_or(""), 28),
                line.reason.clone().unwrap_or_else(|| "not looked at yet".to_owned()),
            ]
        });
        let columns = [
            Column::Whole("next look"),
            Column::Whole("started"),
            Column::Whole("meeting"),
            Column::Text("topic"),
            Column::Text("why it is open"),
        ];
        out.push_str(&page.table(&columns, rows.collect()));
        if self.open_total > SHOWN_MAX as u64 {
            let more = thousands(self.open_total - SHOWN_MAX as u64);
            let _ = writeln!(out, "… and {more} more (`--json` names up to 1,000).");
            reasons_text(out, page, "Open", &self.open_by_reason);
        }
    }

    fn listings_text(&self, out: &mut String, page: &Page) {
        if !self.listings_open.is_empty() {
            let _ = writeln!(
                out,
                "\n{} not settled (Zoom may list more meetings of these days):",
                count(self.listings_open.len() as u64, "list", "lists")
            );
            let rows = self.listings_open.iter().take(SHOWN_MAX).map(|line| {
                vec![
                    line.next_look_at.map_or_else(|| "now".to_owned(), |at| next_look(page, at)),
                    line.list.clone(),
                    page.minute(line.from),
                    page.minute(line.to),
                    line.account.clone(),
                ]
            });
            let columns = ["listed again", "list", "from", "to", "account"].map(Column::Whole);
            out.push_str(&page.table(&columns, rows.collect()));
            let more = self.listings_open.len().saturating_sub(SHOWN_MAX);
            if more > 0 {
                let _ = writeln!(out, "… and {more} more.");
            }
        }
        reasons_text(out, page, "Lists that cannot be taken", &self.listings_closed);
    }
}

fn next_look(page: &Page, at: Timestamp) -> String {
    if at <= page.now { "now".to_owned() } else { page.minute(at) }
}

fn reasons_text(out: &mut String, page: &Page, title: &str, reasons: &[ReasonCount]) {
    if reasons.is_empty() {
        return;
    }
    let total: u64 = reasons.iter().map(|reason| reason.count).sum();
    let _ = writeln!(out, "\n{title}, by reason ({}):", thousands(total));
    let rows = reasons.iter().take(SHOWN_MAX).map(|line| {
        let reason = if line.reason.is_empty() { "not looked at yet" } else { &line.reason };
        vec![thousands(line.count), reason.to_owned()]
    });
    out.push_str(&page.table(&[Column::Number("count"), Column::Text("reason")], rows.collect()));
    let more = reasons.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        let _ = writeln!(out, "… and {more} more reasons.");
    }
}

fn moodle_words(page: &Page, account: &str, known: &KnownCount, is_named: bool) -> String {
    let mut words = match known.webinars {
        0 => count(known.numbers, "meeting number", "meeting numbers"),
        webinars => format!(
            "{} and {}",
            count(known.numbers - webinars, "meeting number", "meeting numbers"),
            count(webinars, "webinar", "webinars")
        ),
    };
    if is_named {
        let _ = write!(words, " of account {account}");
    }
    if let Some(at) = known.read_at {
        let _ = write!(words, ", read {}", page.minute(at));
    }
    if known.unasked > 0 {
        let _ = write!(words, "; {} never asked for their runs yet", thousands(known.unasked));
    }
    if known.gone > 0 {
        let _ =
            write!(words, "; {} whose activity is gone are not asked for any more", thousands(known.gone));
    }
    words
}

fn pool_text(out: &mut String, page: &Page, name: &str, pool: &PoolLine) {
    let whose = if pool.accounts == [name.to_owned()] {
        String::new()
    } else {
        format!(" (accounts {})", pool.accounts.join(", "))
    };
    let _ = writeln!(out, "\nBudget of {name}{whose}, filled again {}:", page.until(pool.resets_at));
    if pool.allowances.is_empty() {
        out.push_str("This plan has no daily allowance.\n");
    } else {
        let rows = pool.allowances.iter().map(|line| {
            let number = |number: u32| thousands(u64::from(number));
            vec![
                line.allowance.name().to_owned(),
                number(line.limit),
                number(line.spent),
                line.spent_by_others.map_or_else(|| "not known".to_owned(), number),
                number(line.reserve),
                number(line.left),
            ]
        });
        let columns = [
            Column::Text("calls a day"),
            Column::Number("limit"),
            Column::Number("spent by us"),
            Column::Number("by others"),
            Column::Number("reserve"),
            Column::Number("left"),
        ];
        out.push_str(&page.table(&columns, rows.collect()));
    }
    out.push_str(&page.field("Today", &today_words(pool)));
    for line in &pool.allowances {
        if let Some(until) = line.gone_until {
            let words = format!(
                "Zoom says the day's {} calls are gone until {}",
                line.allowance.name(),
                page.until(until)
            );
            out.push_str(&page.field("Gone", &words));
        }
    }
    for (label, until) in &pool.paused {
        let label = Label::from_name(label).map_or_else(|| (*label).to_owned(), |label| label.to_string());
        out.push_str(&page.field("Paused", &format!("{label} calls until {}", page.until(*until))));
    }
    for (place, host) in pool.hosts.iter().enumerate() {
        let name = host.name.as_deref().unwrap_or(&host.host);
        let gone =
            host.gone_until.map(|until| format!("; Zoom says they are gone until {}", page.until(until)));
        let words = format!(
            "{} of the {} changes a day to the meetings of {name}{}",
            host.changes,
            pool.host_changes_a_day,
            gone.unwrap_or_default()
        );
        out.push_str(&page.field(if place == 0 { "Changes" } else { "" }, &words));
    }
    for (place, line) in pool.jobs.iter().enumerate() {
        out.push_str(&page.field(if place == 0 { "Waiting" } else { "" }, &waiting_words(page, line)));
    }
    if !pool.is_configured {
        let words = "not in the configuration: these limits are those of the plan it was last used with";
        out.push_str(&page.field("Note", words));
    }
}

fn waiting_words(page: &Page, line: &WaitingLine) -> String {
    let mut parts = Vec::new();
    if line.due > 0 {
        let parked = line.parked_until.map(|until| format!(", parked until {}", page.until(until)));
        parts.push(format!("{} due{}", thousands(line.due), parked.unwrap_or_default()));
    }
    if line.later > 0 {
        let first = line.next_at.map(|at| format!(", the first {}", page.until(at)));
        parts.push(format!("{} later{}", thousands(line.later), first.unwrap_or_default()));
    }
    format!("{} jobs: {}", line.label, parts.join("; "))
}

fn today_words(pool: &PoolLine) -> String {
    let calls: Vec<String> = Label::ALL
        .into_iter()
        .filter(|label| pool.calls_today[*label] > 0)
        .map(|label| format!("{} {label}", thousands(pool.calls_today[label])))
        .collect();
    match (calls.is_empty(), pool.refused_today) {
        (true, _) => "no calls".to_owned(),
        (false, 0) => format!("{} calls", calls.join(", ")),
        (false, refused) => {
            format!("{} calls; {} of them refused for their rate", calls.join(", "), thousands(refused))
        }
    }
}
