//! What call quality will cost: one Heavy call for every ten stays of the instances that the policy wants.

use jiff::Timestamp;
use rollbook_core::forecast::{Spread, quality_calls};
use rollbook_core::instance::Instance;
use rollbook_core::quality::completeness::least_calls;
use rollbook_core::quality::policy::{Facts, Policy};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_core::time::{Window, hours};
use rollbook_store::{InstanceFilter, QualityState, Store};

use crate::collector::account::Account;
use crate::collector::quality::is_course;

/// Days whose verified instances tell how often somebody listed connects.
const LEARN_DAYS: i64 = 28;

/// How often somebody listed connects here, by the store's own history; once where it holds none.
///
/// # Errors
/// If the store cannot be read.
pub fn stays_each(store: &Store, account: &Account, now: Timestamp) -> anyhow::Result<f64> {
    let since = now - hours(24 * LEARN_DAYS);
    Ok(store.stays_each(&account.name, since)?.unwrap_or(1.0).max(1.0))
}

/// Calls for instances as lists tell them, each with what quality words say against it.
///
/// # Errors
/// If the store cannot be read.
pub fn calls<'a>(
    store: &Store,
    account: &Account,
    instances: impl IntoIterator<Item = (&'a Instance, Option<&'a str>)>,
    stays_each: f64,
) -> anyhow::Result<Spread> {
    let several = instances.into_iter().filter(|(instance, _)| !instance.is_one_person);
    let facts = several
        .map(|(instance, flagged)| facts(store, account, instance, flagged, instance.listed_count))
        .collect::<rollbook_store::Result<Vec<_>>>()?;
    Ok(quality_calls(&account.qos.policy, facts, stays_each))
}

fn facts<'a>(
    store: &Store,
    account: &Account,
    instance: &'a Instance,
    flagged: Option<&'a str>,
    stays: Option<u32>,
) -> rollbook_store::Result<Facts<'a>> {
    let is_chosen = account.qos.is_chosen(instance);
    let is_course = is_course(store, account, instance)?;
    Ok(Facts { uuid: &instance.uuid, stays, flagged, is_course, is_chosen })
}

/// Calls for what the store knows of a range of days and has not read yet, and how many instances of several people it
/// knows there.
pub fn calls_of_known(
    store: &Store,
    account: &Account,
    window: Window,
    stays_each: f64,
) -> anyhow::Result<(Spread, usize)> {
    let filter = InstanceFilter {
        account: Some(account.name.clone()),
        window: Some(window),
        ..InstanceFilter::default()
    };
    let mut known = store.instances(&filter, u32::MAX)?;
    known.retain(|record| !record.instance.is_one_person);
    let (mut settled, mut listed) = (Vec::new(), Vec::new());
    let mut again = 0;
    for record in &known {
        let ledger = store.quality_state(record.id)?.map(|ledger| ledger.standing);
        let words = record.quality_word.as_deref();
        match ledger {
            Some(standing) if !standing.state.is_open() => {}
            // One by one, or the list once more: whatever takes fewer calls.
            Some(standing) if standing.state == QualityState::Fetched => {
                let missing = u64::from(standing.stays.saturating_sub(standing.told_stays)).max(1);
                again += missing.min(least_calls(u64::from(standing.stays)));
            }
            _ if record.state.is_open() => listed.push((&record.instance, words)),
            _ => {
                let stays = store.stays(record.id)?;
                let inside = |stay: &&Stay| stay.status == Status::InMeeting && !stay.is_withdrawn;
                let stays = u32::try_from(stays.iter().filter(inside).count()).ok();
                settled.push(facts(store, account, &record.instance, words, stays)?);
            }
        }
    }
    let exact = quality_calls(&account.qos.policy, settled, 1.0).usual;
    let listed = calls(store, account, listed, stays_each)?;
    #[allow(clippy::cast_precision_loss)]
    let again = again as f64;
    let sum = |calls: f64| calls + exact + again;
    let all = Spread { low: sum(listed.low), usual: sum(listed.usual), high: sum(listed.high) };
    Ok((all, known.len()))
}

/// Why none will be had although it is wanted, if so.
pub fn caveat(account: &Account) -> Option<String> {
    let refusal = account.offer.quality_refusal()?;
    let is_asked_for = !matches!(account.qos.policy, Policy::None | Policy::Flagged);
    is_asked_for.then(|| format!("no call quality: {refusal}"))
}
