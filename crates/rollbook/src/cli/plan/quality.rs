//! What call quality will cost: one Heavy call for every ten stays of the instances that the policy wants.

use rollbook_core::forecast::{Spread, quality_calls};
use rollbook_core::instance::Instance;
use rollbook_core::quality::policy::{Facts, Policy};
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, QualityState, Store};

use crate::collector::account::Account;

/// How often a listed person connects is not known beforehand: at least once.
const STAYS_EACH: f64 = 1.0;

/// Calls for instances, each with what quality words say against it.
pub fn calls<'a>(
    account: &Account,
    instances: impl IntoIterator<Item = (&'a Instance, Option<&'a str>)>,
) -> Spread {
    let several = instances.into_iter().filter(|(instance, _)| !instance.is_one_person);
    let facts = several.map(|(instance, flagged)| Facts {
        uuid: &instance.uuid,
        stays: instance.listed_count,
        flagged,
        is_course: false,
        is_chosen: account.qos.is_chosen(instance),
    });
    quality_calls(&account.qos.policy, facts, STAYS_EACH)
}

/// Calls for what the store knows of a range of days and has not read yet, and how many instances of several people it
/// knows there.
pub fn calls_of_known(store: &Store, account: &Account, window: Window) -> anyhow::Result<(Spread, usize)> {
    let filter = InstanceFilter {
        account: Some(account.name.clone()),
        window: Some(window),
        ..InstanceFilter::default()
    };
    let mut known = store.instances(&filter, u32::MAX)?;
    known.retain(|record| !record.instance.is_one_person);
    let mut unread = Vec::new();
    for record in &known {
        let state = store.quality_state(record.id)?.map(|ledger| ledger.standing.state);
        if !matches!(state, Some(QualityState::Complete | QualityState::Closed)) {
            unread.push((&record.instance, record.quality_word.as_deref()));
        }
    }
    Ok((calls(account, unread), known.len()))
}

/// Why none will be had although it is wanted, if so.
pub fn caveat(account: &Account) -> Option<String> {
    let refusal = account.offer.quality_refusal()?;
    let is_asked_for = !matches!(account.qos.policy, Policy::None | Policy::Flagged);
    is_asked_for.then(|| format!("no call quality: {refusal}"))
}
