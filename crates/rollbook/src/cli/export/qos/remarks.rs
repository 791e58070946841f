//! What goes to standard error: how much was written, and what is not in it.

use std::path::Path;

use rollbook_core::time::Window;
use rollbook_store::{LeftOut, QualityState, Store};

use super::super::{Stopped, without_start};
use super::Written;
use crate::cli::page::count;

/// Instances of the range by where their call quality stands, without those that are complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standings {
    /// Still to be asked.
    pub open: u64,
    /// Zoom tells no more.
    pub closed: u64,
    /// Who was there is not settled yet, which comes first.
    pub unsettled: u64,
    /// Nobody has wanted it.
    pub not_wanted: u64,
}

impl Standings {
    /// Counts them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of(store: &Store, account: Option<&str>, window: Window) -> anyhow::Result<Standings> {
        let mut standings = Standings::default();
        store
            .each_ended(account, window, |record| -> Result<(), Stopped> {
                match store.quality_state(record.id)?.map(|record| record.standing.state) {
                    None if record.state.is_open() => standings.unsettled += 1,
                    None => standings.not_wanted += 1,
                    Some(QualityState::Due | QualityState::Fetched) => standings.open += 1,
                    Some(QualityState::Closed) => standings.closed += 1,
                    Some(QualityState::Complete) => {}
                }
                Ok(())
            })
            .map_err(|Stopped(error)| error)?;
        Ok(standings)
    }
}

/// All that is to be said.
pub fn remarks(written: Written, standings: Standings, left_out: LeftOut, out: Option<&Path>) -> Vec<String> {
    let instances = |number| count(number, "instance", "instances");
    let stays = |number| count(number, "stay", "stays");
    let samples = count(written.samples, "sample", "samples");
    let place = out.map_or_else(String::new, |out| format!(" written to {}", out.display()));
    let mut all =
        vec![format!("{samples} of {} in {}{place}", stays(written.stays), instances(written.instances))];
    let Standings { open, closed, unsettled, not_wanted } = standings;
    let (forgotten, days, unreadable) = (written.forgotten, written.days_left, written.unreadable);
    let remarks = [
        (
            open,
            format!(
                "call quality of {} still open: written as far as known; `rollbook sync` goes on, `rollbook status` \
                 says why",
                instances(open)
            ),
        ),
        (
            closed,
            format!(
                "call quality of {} closed without that of all stays; `rollbook qos MEETING` says why",
                instances(closed)
            ),
        ),
        (
            unsettled,
            format!(
                "call quality of {} not asked for yet: their attendance is not settled; `rollbook sync` goes on",
                instances(unsettled)
            ),
        ),
        (
            not_wanted,
            format!(
                "call quality of {} not collected: the policy did not want it (ROLLBOOK_QOS_POLICY, `sync --qos \
                 POLICY`)",
                instances(not_wanted)
            ),
        ),
        (forgotten, format!("samples of {} left out: they are not kept any more", stays(forgotten))),
        (
            days,
            format!(
                "{} left as written before, for that reason; take the file away to have it written anew",
                count(days, "day", "days")
            ),
        ),
        (
            unreadable,
            format!(
                "{} could not be read and left empty; JSON and Parquet hold what Zoom wrote",
                count(unreadable, "value", "values")
            ),
        ),
        (left_out.live, format!("{} live and left out", instances(left_out.live))),
    ];
    all.extend(remarks.into_iter().filter(|(number, _)| *number > 0).map(|(_, sentence)| sentence));
    all.extend(without_start(left_out));
    all
}
