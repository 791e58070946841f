//! What a run brought about, for people and programs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::completeness::words;
use rollbook_core::label::PerLabel;
use rollbook_core::listing::{Due, due};
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, QualityRecord, QualityState, Record, Store};
use serde::Serialize;

use super::{Delivered, exit_of};
use crate::cli::page::{Column, count};
use crate::cli::{Exit, output};
use crate::collector::known::{Unsettled, unsettled};
use crate::collector::{Collector, Ending, window_of};
use crate::config::Scope;

/// Open and closed instances that a report names one by one; the rest are counted.
const NAMED_MAX: u32 = 1_000;

/// Of these, shown to people.
const SHOWN_MAX: usize = 20;

/// The result of a run over a range of days.
pub struct Report {
    /// Run number.
    pub run: i64,
    /// Exit code.
    pub exit: Exit,
    /// How it ended, in a sentence that says what to do next.
    pub ending: String,
    /// When something is due again.
    pub next_look_at: Option<Timestamp>,
    /// Until when a daily allowance is gone.
    pub budget_until: Option<Timestamp>,
    /// Instances of the range by state.
    pub instances: BTreeMap<String, u64>,
    /// Those still open.
    pub open: Vec<Line>,
    /// How many those are.
    pub open_total: u64,
    /// Those closed with a reason.
    pub closed: Vec<Line>,
    /// How many those are.
    pub closed_total: u64,
    /// Instances whose call quality is wanted, by state of that.
    pub quality: BTreeMap<String, u64>,
    /// Those whose call quality is still to come.
    pub quality_open: Vec<QualityLine>,
    /// How many those are.
    pub quality_open_total: u64,
    /// Those of whose call quality Zoom has not told all, with the reason.
    pub quality_closed: Vec<QualityLine>,
    /// How many those are.
    pub quality_closed_total: u64,
    /// Days that must be listed again, and when.
    pub listings_open: Vec<ListingLine>,
    /// Calls of this run.
    pub calls: PerLabel<u64>,
    /// How long it took.
    pub took: SignedDuration,
    /// Remarks.
    pub notes: Vec<String>,
    /// Accounts that could not be worked on, and why.
    pub failures: Vec<String>,
    /// What was told to Moodle, where there is one.
    pub moodle: Option<Delivered>,
}

/// One instance, as a report names it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// Account.
    pub account: String,
    /// Start, where it is known.
    pub started_at: Option<Timestamp>,
    /// Why it is open or closed.
    pub reason: Option<String>,
    /// When it is looked at again.
    pub next_look_at: Option<Timestamp>,
}

impl From<Record> for Line {
    fn from(record: Record) -> Line {
        Line {
            meeting_uuid: record.instance.uuid,
            meeting_id: record.instance.number,
            topic: record.instance.topic,
            account: record.account,
            started_at: record.instance.started_at,
            reason: record.reason,
            next_look_at: record.next_look_at,
        }
    }
}

/// One instance whose call quality is still to come.
#[derive(Debug, Clone, Serialize)]
pub struct QualityLine {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// Account.
    pub account: String,
    /// Start, where it is known.
    pub started_at: Option<Timestamp>,
    /// Why it is wanted.
    pub wanted_because: Option<String>,
    /// Why it is still open.
    pub reason: Option<String>,
    /// When it is asked again; none while something else must come first.
    pub next_look_at: Option<Timestamp>,
}

impl From<(Record, QualityRecord)> for QualityLine {
    fn from((record, ledger): (Record, QualityRecord)) -> QualityLine {
        QualityLine {
            meeting_uuid: record.instance.uuid,
            meeting_id: record.instance.number,
            topic: record.instance.topic,
            account: record.account,
            started_at: record.instance.started_at,
            wanted_because: ledger.standing.wanted_because,
            reason: ledger.standing.reason,
            next_look_at: ledger.standing.next_look_at,
        }
    }
}

/// A list that is not settled.
#[derive(Debug, Clone, Serialize)]
pub struct ListingLine {
    /// Account.
    pub account: String,
    /// Which list.
    pub list: String,
    /// First instant of its days.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
    /// When it is listed again; none if it is due.
    pub next_look_at: Option<Timestamp>,
}

/// Days of which some known numbers must be asked again, as lines beside those of lists.
///
/// # Errors
/// If the store cannot be read.
pub fn number_lines(
    store: &Store,
    now: Timestamp,
    account: &str,
    days: &[Window],
) -> rollbook_store::Result<Vec<ListingLine>> {
    let line = |of: Unsettled| ListingLine {
        account: account.to_owned(),
        list: format!("runs of {}", count(of.numbers, "number", "numbers")),
        from: of.day.from,
        to: of.day.to,
        next_look_at: Some(of.next_look_at).filter(|at| *at > now),
    };
    Ok(unsettled(store, now, account, days)?.into_iter().map(line).collect())
}

impl Report {
    /// Looks at what a run left behind.
    pub fn make(collector: &Collector, days: &[Window], ending: &Ending) -> anyhow::Result<Report> {
        let now = collector.clock.now();
        let store = &collector.store;
        let mut report = Report {
            run: collector.run,
            exit: exit_of(ending),
            ending: String::new(),
            next_look_at: None,
            budget_until: None,
            instances: BTreeMap::new(),
            open: Vec::new(),
            open_total: 0,
            closed: Vec::new(),
            closed_total: 0,
            quality: BTreeMap::new(),
            quality_open: Vec::new(),
            quality_open_total: 0,
            quality_closed: Vec::new(),
            quality_closed_total: 0,
            listings_open: Vec::new(),
            calls: collector.calls(),
            took: store
                .run(collector.run)?
                .map_or(SignedDuration::ZERO, |run| now.duration_since(run.started_at)),
            notes: store.run_notes(collector.run)?.into_iter().map(|(_, note)| note).collect(),
            failures: Vec::new(),
            moodle: None,
        };
        let window = window_of(days);
        for account in &collector.accounts {
            report.add_account(collector, &account.name, window, now)?;
            if account.scope() == Scope::Moodle {
                report.listings_open.extend(number_lines(store, now, &account.name, days)?);
            }
            if let Some(failure) = account.failure() {
                report.failures.push(failure.message.clone());
                report.exit =
                    report.exit.and(if failure.is_configuration { Exit::Usage } else { Exit::Failed });
            }
        }
        // A list that is due again later is told, but nothing that is known is open. One that could not be read, or is
        // in another run's hands, leaves it unknown what there is.
        let is_open = report.open_total > 0 || report.quality_open_total > 0 || report.is_any_unread();
        if report.exit == Exit::Open && !is_open {
            report.exit = Exit::Done;
        }
        if is_open {
            report.exit = report.exit.and(Exit::Open);
        }
        report.tell_ending(ending, now);
        Ok(report)
    }

    fn is_any_unread(&self) -> bool {
        self.listings_open.iter().any(|listing| listing.next_look_at.is_none())
    }

    fn add_account(
        &mut self,
        collector: &Collector,
        account: &str,
        window: Option<Window>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let store = &collector.store;
        let all = InstanceFilter { account: Some(account.to_owned()), window, ..InstanceFilter::default() };
        for count in store.count_states(&all)? {
            *self.instances.entry(count.state.name().to_owned()).or_default() += count.instances;
            match count.state {
                state if state.is_open() => self.open_total += count.instances,
                rollbook_store::State::Closed => self.closed_total += count.instances,
                _ => {}
            }
        }
        for (state, instances) in store.count_quality_states(&all)? {
            *self.quality.entry(state.name().to_owned()).or_default() += instances;
            self.quality_open_total += if state.is_open() { instances } else { 0 };
            self.quality_closed_total += if state == QualityState::Closed { instances } else { 0 };
        }
        self.quality_closed.extend(store.closed_quality(&all, NAMED_MAX)?.into_iter().map(QualityLine::from));
        self.quality_open.extend(store.open_quality(&all, NAMED_MAX)?.into_iter().map(QualityLine::from));
        let open = InstanceFilter { open_only: true, ..all.clone() };
        self.open.extend(store.instances(&open, NAMED_MAX)?.into_iter().map(Line::from));
        let closed = InstanceFilter { closed_only: true, ..all };
        self.closed.extend(store.instances(&closed, NAMED_MAX)?.into_iter().map(Line::from));
        let Some(window) = window else { return Ok(()) };
        for (list, listing, closed) in store.listings(account, window)? {
            let next_look_at = match due(now, &listing) {
                Due::Settled => continue,
                Due::Now => None,
                Due::At(at) => Some(at),
            };
            if closed.is_none() {
                let (from, to) = (listing.window.from, listing.window.to);
                self.listings_open.push(ListingLine {
                    account: account.into(),
                    list: list.name().into(),
                    from,
                    to,
                    next_look_at,
                });
            }
        }
        Ok(())
    }

    fn tell_ending(&mut self, ending: &Ending, now: Timestamp) {
        let instances = self.open.iter().filter_map(|line| line.next_look_at);
        let listings = self.listings_open.iter().filter_map(|line| line.next_look_at);
        let quality = self.quality_open.iter().filter_map(|line| line.next_look_at);
        self.next_look_at = instances.chain(listings).chain(quality).filter(|at| *at > now).min();
        let again = match self.next_look_at {
            Some(at) => {
                format!(
                    "run the same command again after {} (in {})",
                    output::instant(at),
                    words(at.duration_since(now))
                )
            }
            None => "run the same command again".to_owned(),
        };
        self.ending = match ending {
            Ending::Interrupted => {
                "Interrupted; run the same command again, it goes on where it was.".to_owned()
            }
            Ending::Failed => "Nothing could be collected.".to_owned(),
            Ending::BudgetGone { bucket, until } => {
                self.budget_until = Some(*until);
                format!(
                    "Stopped by the budget: the day's {} calls (less the reserve) are gone until {until} (in {}); run the same command again then.",
                    bucket.name(),
                    words(until.duration_since(now)),
                )
            }
            _ if self.open_total > 0 => {
                let are = if self.open_total == 1 { "is" } else { "are" };
                format!("{} {are} still open; {again}.", count(self.open_total, "instance", "instances"))
            }
            _ if self.quality_open_total > 0 => {
                format!(
                    "Attendance is settled; call quality of {} is still to come; {again}.",
                    count(self.quality_open_total, "instance", "instances")
                )
            }
            _ if self.is_any_unread() => {
                format!("Not all that Zoom lists could be read yet; {again}.")
            }
            _ if !self.listings_open.is_empty() => {
                format!("All that Zoom lists is settled, but Zoom may list more; {again}.")
            }
            _ if self.failures.is_empty() && self.quality_closed_total > 0 => format!(
                "Done: every instance is verified, or closed with its reason; of {} not all call quality is to be had.",
                count(self.quality_closed_total, "instance", "instances")
            ),
            _ if self.failures.is_empty() => {
                "Done: every instance is verified, or closed with its reason.".to_owned()
            }
            _ => "Done as far as possible.".to_owned(),
        };
    }
}

/// Shows the first few of those whose call quality is not all there.
pub fn print_quality(title: &str, lines: &[QualityLine], total: u64) -> anyhow::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    output::line(format!("{title} ({}):", output::thousands(total)))?;
    let rows = lines.iter().take(SHOWN_MAX).map(|line| {
        vec![
            line.meeting_id.map_or_else(String::new, |id| id.to_string()),
            line.started_at.map_or_else(|| "not known".to_owned(), output::instant),
            line.topic.clone().unwrap_or_default(),
            line.next_look_at.map_or_else(String::new, output::instant),
            line.reason.clone().unwrap_or_default(),
        ]
    });
    let columns = [
        Column::Whole("number"),
        Column::Whole("started"),
        Column::Text("topic"),
        Column::Whole("next look"),
        Column::Text("why"),
    ];
    output::table(&columns, rows.collect())?;
    let more = total.saturating_sub(SHOWN_MAX as u64);
    if more > 0 {
        output::line(format!("… and {more} more (--json names up to 1,000)."))?;
    }
    Ok(())
}

/// Shows the first few of a list.
pub fn print_list(title: &str, lines: &[Line], total: u64) -> anyhow::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    output::line(format!("{title} ({}):", output::thousands(total)))?;
    let rows = lines.iter().take(SHOWN_MAX).map(|line| {
        vec![
            line.meeting_id.map_or_else(String::new, |id| id.to_string()),
            line.started_at.map_or_else(|| "not known".to_owned(), output::instant),
            line.meeting_uuid.clone(),
            line.topic.clone().unwrap_or_default(),
            line.next_look_at.map_or_else(String::new, output::instant),
            line.reason.clone().unwrap_or_default(),
        ]
    });
    let columns = [
        Column::Whole("number"),
        Column::Whole("started"),
        Column::Whole("uuid"),
        Column::Text("topic"),
        Column::Whole("next look"),
        Column::Text("why"),
    ];
    output::table(&columns, rows.collect())?;
    let more = total.saturating_sub(SHOWN_MAX as u64);
    if more > 0 {
        output::line(format!("… and {more} more; `rollbook status` counts them by reason."))?;
    }
    Ok(())
}
