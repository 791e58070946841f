//! Call quality asked of Zoom while somebody waits: pages, the other type where the first is wrong, and the keeping.

use anyhow::Context as _;
use jiff::Timestamp;
use rollbook_core::budget::Purpose;
use rollbook_core::instance::Instance;
use rollbook_core::quality::{QualityOutcome, QualityRow};
use rollbook_store::Record;
use rollbook_zoom::endpoint::metrics_qos::QosType;
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, ParticipantId, SkipReason};

use crate::collector::Collector;
use crate::collector::ask::Request;
use crate::collector::once::OnceError;
use crate::collector::quality::{Asked, Counted, keep_rows, reconsider};

/// A list whose tokens die is begun again this often.
const RESTARTS_MAX: u32 = 3;

/// What was asked for.
pub struct Wanted<'a> {
    /// Place of the account in [`Collector::accounts`].
    pub account: usize,
    /// The instance; without a UUID it is asked for by its number.
    pub instance: &'a Instance,
    /// Its line in the ledger, if it has one.
    pub record: Option<&'a Record>,
    /// One connection only.
    pub participant: Option<ParticipantId>,
}

/// What Zoom said.
pub struct Answered {
    /// Everybody, or the one asked for; empty where the ledger holds the instance, which then has them.
    pub rows: Vec<QualityRow>,
    /// Heavy calls it took.
    pub calls: u32,
    /// As which type.
    pub kind: QosType,
}

/// Zoom has no such meeting under the type it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct NotFound {
    /// In words, with what to do.
    said: String,
    /// Zoom said that it is not there (code 3001); else the refusal was wordless, and may pass.
    pub is_certain: bool,
}

/// Asks, as `kind` first. A meeting that is not found under one type may be found under the other (code 3001: not
/// ended yet, or ended); `may_switch` allows to try that, and says so.
///
/// # Errors
/// Zoom's refusal, or a budget without room.
pub async fn ask(
    collector: &mut Collector,
    wanted: &Wanted<'_>,
    kind: QosType,
    may_switch: bool,
) -> anyhow::Result<Answered> {
    let first = pages(collector, wanted, kind).await;
    let error = match first {
        Ok(answered) => return Ok(answered),
        Err(error) => error,
    };
    let account = collector.accounts[wanted.account].name.clone();
    match (is_not_found(&error), may_switch) {
        (true, true) => {}
        (true, false) => {
            let is_certain = matches!(&error, OnceError::Zoom(zoom)
                if matches!(zoom.advice(), Advice::Skip(SkipReason::NotFoundOrNotEnded)));
            return Err(NotFound { said: error.for_account(&account).to_string(), is_certain }.into());
        }
        (false, _) => return Err(error.for_account(&account)),
    }
    let other = if kind == QosType::Live { QosType::Past } else { QosType::Live };
    eprintln!(
        "rollbook: Zoom has no call quality of it as {} ({}); asking for type {} instead",
        kind.as_str(),
        if kind == QosType::Live {
            "it has ended, or has not begun"
        } else {
            "it still runs, or Zoom is not done with it"
        },
        other.as_str()
    );
    match pages(collector, wanted, other).await {
        Ok(answered) => Ok(answered),
        Err(second) if is_not_found(&second) => Err(error.for_account(&account)).context(
            "Zoom knows no call quality of it, neither live nor past: check the number or UUID (a number names the \
             latest run only); --webinar if it is one; runs of one person have none; right after the end wait a \
             few minutes",
        ),
        Err(second) => Err(second.for_account(&account)),
    }
}

fn is_not_found(error: &OnceError) -> bool {
    matches!(error, OnceError::Zoom(zoom)
        if matches!(zoom.advice(), Advice::Skip(SkipReason::NotFoundOrNotEnded | SkipReason::NotApplicable)))
}

/// All pages under one type. Of an instance that the ledger holds, each is kept as it comes: a list of thirty pages
/// that breaks off has not been paid for in vain.
async fn pages(collector: &mut Collector, wanted: &Wanted<'_>, kind: QosType) -> Result<Answered, OnceError> {
    let request = Request::Quality(Box::new(wanted.instance.clone()), wanted.participant.clone(), kind);
    let (began, paid) = (collector.clock.now(), collector.calls().heavy);
    let (mut cursor, mut rows, mut counted, mut restarts) =
        (PageCursor::new(), Vec::new(), Counted::default(), 0);
    let endless = loop {
        let told = match collector.ask_page(wanted.account, &request, Purpose::Person, cursor).await {
            Err(OnceError::Zoom(error))
                if matches!(error.advice(), Advice::RestartList) && restarts < RESTARTS_MAX =>
            {
                (cursor, restarts, counted) = (PageCursor::new(), restarts + 1, Counted::default());
                rows.clear();
                continue;
            }
            told => told?,
        };
        match wanted.record {
            Some(record) => {
                counted.add(collector.store.atomically(|store| keep_rows(store, record.id, told.quality))?)
            }
            None => rows.extend(told.quality),
        }
        cursor = told.cursor;
        if wanted.participant.is_some() || cursor.is_done() || told.endless.is_some() {
            break told.endless;
        }
    };
    let calls = u32::try_from(collector.calls().heavy - paid).unwrap_or(u32::MAX);
    note(collector, wanted, kind, began, calls, counted.outcome(endless))?;
    Ok(Answered { rows, calls, kind })
}

/// Puts the reading into the ledger, where the instance has a line there.
fn note(
    collector: &mut Collector,
    wanted: &Wanted<'_>,
    kind: QosType,
    began: Timestamp,
    calls: u32,
    outcome: QualityOutcome,
) -> rollbook_store::Result<()> {
    let Some(record) = wanted.record else { return Ok(()) };
    let (now, run) = (collector.clock.now(), collector.run);
    let account = &collector.accounts[wanted.account];
    let participant = wanted.participant.as_ref().map(|participant| participant.as_str().to_owned());
    let asked = Asked { at: began, participant, while_live: kind == QosType::Live, calls };
    collector.store.atomically(|store| {
        let (reading, calls) = asked.said(outcome);
        store.add_quality_reading(record.id, run, calls, &reading)?;
        reconsider(store, now, account, record)
    })
}
