//! Call quality asked of Zoom while somebody waits: pages, the other type where the first is wrong, and the keeping.

use anyhow::Context as _;
use rollbook_core::budget::Purpose;
use rollbook_core::instance::Instance;
use rollbook_core::quality::QualityRow;
use rollbook_store::Record;
use rollbook_zoom::endpoint::metrics_qos::QosType;
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, ParticipantId, SkipReason};

use crate::collector::Collector;
use crate::collector::ask::Request;
use crate::collector::once::OnceError;
use crate::collector::quality::{Asked, keep_rows, reconsider};

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
    /// Everybody, or the one asked for.
    pub rows: Vec<QualityRow>,
    /// Heavy calls it took.
    pub calls: u32,
    /// As which type.
    pub kind: QosType,
}

/// Zoom has no such meeting under the type it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotFound(String);

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
        (true, false) => return Err(NotFound(error.for_account(&account).to_string()).into()),
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

/// All pages under one type.
async fn pages(collector: &mut Collector, wanted: &Wanted<'_>, kind: QosType) -> Result<Answered, OnceError> {
    let request = Request::Quality(Box::new(wanted.instance.clone()), wanted.participant.clone(), kind);
    let (mut cursor, mut rows, mut calls, mut restarts) = (PageCursor::new(), Vec::new(), 0, 0);
    loop {
        let told = match collector.ask_page(wanted.account, &request, Purpose::Person, cursor).await {
            Err(OnceError::Zoom(error))
                if matches!(error.advice(), Advice::RestartList) && restarts < RESTARTS_MAX =>
            {
                (cursor, restarts) = (PageCursor::new(), restarts + 1);
                rows.clear();
                continue;
            }
            told => told?,
        };
        calls += 1;
        rows.extend(told.quality);
        cursor = told.cursor;
        if wanted.participant.is_some() || cursor.is_done() || told.endless.is_some() {
            return Ok(Answered { rows, calls, kind });
        }
    }
}

/// Keeps what was told of an instance that the ledger holds.
///
/// # Errors
/// If the store cannot be written.
pub fn keep(collector: &mut Collector, wanted: &Wanted<'_>, answered: &Answered) -> anyhow::Result<()> {
    let Some(record) = wanted.record else { return Ok(()) };
    let (now, run) = (collector.clock.now(), collector.run);
    let account = &collector.accounts[wanted.account];
    let asked = Asked {
        at: now,
        participant: wanted.participant.as_ref().map(|participant| participant.as_str().to_owned()),
        while_live: answered.kind == QosType::Live,
        calls: answered.calls,
    };
    Ok(collector.store.atomically(|store| {
        let counted = keep_rows(store, record.id, answered.rows.clone())?;
        let (reading, calls) = asked.said(counted.outcome(None));
        store.add_quality_reading(record.id, run, calls, &reading)?;
        reconsider(store, now, account, record)
    })?)
}
