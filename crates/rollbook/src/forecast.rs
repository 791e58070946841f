//! What a range of days will cost, as far as the store alone tells: `plan --offline`, and the form for days of the past.

use jiff::Timestamp;
use rollbook_core::budget::Budget;
use rollbook_core::forecast::{Forecast, Work, forecast};
use rollbook_core::label::PerLabel;
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use rollbook_store::Store;
use serde::Serialize;

use crate::collector::account::Account;
use crate::config::Scope;

pub mod history;
pub mod known;
pub mod quality;

/// One account's forecast.
#[derive(Debug, Serialize)]
pub struct AccountPlan {
    /// The account.
    pub account: String,
    /// Calls, time, and what must wait.
    #[serde(flatten)]
    pub forecast: Forecast,
    /// Fewest and most calls, where the forecast is a guess.
    pub interval: Option<(PerLabel<u64>, PerLabel<u64>)>,
    /// First pages read to know this.
    pub pages_read: u64,
    /// Why the true cost may be higher, if it may.
    pub caveats: Vec<String>,
    /// What the account may spend.
    #[serde(skip)]
    pub budget: Budget,
    /// Of which meetings call quality is collected.
    #[serde(skip)]
    pub policy: Policy,
}

/// What was found out about one account's days.
#[derive(Debug, Default)]
pub struct Looked {
    /// What is to be expected.
    pub work: Work,
    /// Least and most, where it is a guess.
    pub interval: Option<(Work, Work)>,
    /// First pages read to know this.
    pub pages_read: u64,
    /// Why the true cost may be higher, if it may.
    pub caveats: Vec<String>,
}

/// Looks at the store alone.
///
/// # Errors
/// If the store cannot be read, or the account cannot be asked for what is collected.
pub fn offline(store: &Store, now: Timestamp, account: &Account, days: &[Window]) -> anyhow::Result<Looked> {
    match account.scope() {
        Scope::Moodle => known::look(store, now, account, days),
        Scope::Account => history::look(store, now, account, days),
    }
}

impl AccountPlan {
    /// The forecast for what was found out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of(
        store: &Store,
        now: Timestamp,
        account: &Account,
        looked: Looked,
    ) -> rollbook_store::Result<AccountPlan> {
        let budget = account.budget(store.usage(now, &account.pool)?);
        let of = |work: &Work| forecast(now, &budget, work);
        Ok(AccountPlan {
            account: account.name.clone(),
            interval: looked.interval.map(|(low, high)| (of(&low).calls, of(&high).calls)),
            forecast: of(&looked.work),
            pages_read: looked.pages_read,
            caveats: looked.caveats.into_iter().chain(quality::caveat(account)).collect(),
            budget,
            policy: account.qos.policy,
        })
    }
}
