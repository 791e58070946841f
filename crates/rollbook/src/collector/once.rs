//! Single calls for commands that ask something at once (`plan`, `refresh`, `doctor`): paid and paced like all others.

use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::backoff;
use rollbook_core::budget::host::HostAllowance;
use rollbook_core::budget::{Allowance, Purpose};
use rollbook_core::time::quota_day;
use rollbook_store::{Paid, Purchase, Result, Store};
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, Error, LimitHeaders, Operation, RateLimit, RawAnswer, RawRequest};

use super::account::{Account, Failure};
use super::ask::{self, Request, Told};
use super::settle::{Settling, outcome_words};
use super::{Collector, PACE_MAX, ROOM_LOOK, call_timeout, translate};

/// Tries of a single call that somebody waits for.
pub const TRIES_MAX: u32 = 4;

/// Whether asking the same again soon may help. A page token that is refused once stays so.
pub(super) fn is_passing(error: &Error, is_first_page: bool) -> bool {
    match error.advice() {
        Advice::Renew | Advice::Retry => true,
        Advice::RestartList => is_first_page,
        Advice::Wait { limit, .. } => !matches!(limit, RateLimit::Daily | RateLimit::UserDaily),
        Advice::Skip(_) | Advice::Stop => false,
    }
}

/// A single call that could not be made or was refused.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    /// Zoom refused it, or could not be reached.
    #[error(transparent)]
    Zoom(#[from] Error),
    /// The budget has no room for it.
    #[error(
        "the day's {bucket} calls are gone until {until}; run this again then, or raise ROLLBOOK_ZOOM_LIMITS if the account was granted more"
    )]
    BudgetGone {
        /// Which allowance.
        bucket: &'static str,
        /// The reset.
        until: Timestamp,
    },
    /// The changes of the day to one host's meetings are gone.
    #[error(
        "the day's {limit} changes to the meetings of {host} are gone until {until} ({changes} of them sent by rollbook); run this again then, or raise host_writes_day in ROLLBOOK_ZOOM_LIMITS if Zoom granted more"
    )]
    HostGone {
        /// The host.
        host: String,
        /// Changes a day that are allowed.
        limit: u32,
        /// Changes that were paid for here; others may have made the rest.
        changes: u32,
        /// The reset.
        until: Timestamp,
    },
    /// A change of which nobody can tell whether Zoom made it.
    #[error("whether Zoom did it is not known, and it was not sent again: {0}")]
    Lost(Error),
    /// A change was sent, and the store then failed.
    #[error("it was sent and may have been made, but could not be noted here: {0}")]
    Unnoted(#[source] rollbook_store::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] rollbook_store::Error),
}

/// What a call draws on beside its label: the changes of the day to one host's meetings.
pub(super) struct Draw<'a> {
    /// Zoom's user ID of the host.
    pub host: &'a str,
    /// The UTC day in which the change is paid for already, with nothing to show for it.
    pub paid_on: Option<Date>,
}

impl Draw<'_> {
    fn is_due(&self, now: Timestamp) -> bool {
        self.paid_on != Some(quota_day(now))
    }
}

/// What came of looking for room.
enum Room {
    Paid(Paid),
    None(Allowance),
    HostGone(OnceError),
}

impl OnceError {
    /// The error for a person who asked for something at once: whose account it is, and what to mend.
    pub fn for_account(self, account: &str) -> anyhow::Error {
        match self {
            OnceError::Zoom(error) => Failure::of(account, &error).into(),
            other => other.into(),
        }
    }
}

impl Collector {
    /// Asks one thing of one account (by its place in [`Collector::accounts`]); of a list, its first page.
    pub async fn ask_once(
        &mut self,
        account: usize,
        request: &Request,
        purpose: Purpose,
    ) -> std::result::Result<Told, OnceError> {
        self.ask_page(account, request, purpose, PageCursor::new()).await
    }

    /// Asks for one page of a list.
    pub async fn ask_page(
        &mut self,
        account: usize,
        request: &Request,
        purpose: Purpose,
        cursor: PageCursor,
    ) -> std::result::Result<Told, OnceError> {
        for tries in 1.. {
            let paid = self.pay_once(account, request.operation(), purpose, None).await?;
            let client = self.accounts[account].client.clone();
            let result = ask::ask(&client, paid.sent_at, request, cursor.clone()).await;
            let limits = result.as_ref().map_or_else(Error::limits, |told| &told.limits);
            self.book_once(account, &paid, limits, &outcome_words(&result), result.as_ref().err())?;
            match result {
                Err(error) if tries < TRIES_MAX && is_passing(&error, cursor.pages() == 0) => {
                    self.pause_between(tries, &error).await
                }
                result => return Ok(result?),
            }
        }
        unreachable!("the last try returns")
    }

    pub(super) async fn pause_between(&self, tries: u32, error: &Error) {
        if !matches!(error.advice(), Advice::Renew) {
            let wait = backoff::wait(tries, self.chance.roll("once", u64::from(tries)));
            self.clock.sleep_until(self.clock.now() + wait).await;
        }
    }

    /// Sends one raw request, up to `tries_max` times while trouble may pass, and gives back the answer as it came.
    pub async fn ask_raw(
        &mut self,
        account: usize,
        request: &RawRequest,
        purpose: Purpose,
        tries_max: u32,
    ) -> std::result::Result<RawAnswer, OnceError> {
        for tries in 1.. {
            let paid = self.pay_once(account, request.operation, purpose, None).await?;
            let client = self.accounts[account].client.clone();
            let result = client.send_raw(paid.sent_at, request).await;
            let (limits, words, error) = match &result {
                Ok(answer) => {
                    (answer.limits.clone(), answer.status.as_u16().to_string(), answer.error.as_ref())
                }
                Err(error) => (LimitHeaders::default(), "no answer".to_owned(), Some(error)),
            };
            self.book_once(account, &paid, &limits, &words, error)?;
            let is_first_page = !request.target.contains("next_page_token=");
            match error.filter(|error| tries < tries_max && is_passing(error, is_first_page)) {
                Some(error) => self.pause_between(tries, error).await,
                None => return Ok(result?),
            }
        }
        unreachable!("the last try returns")
    }

    /// Waits for room and pays.
    pub(super) async fn pay_once(
        &mut self,
        account: usize,
        operation: Operation,
        purpose: Purpose,
        draw: Option<&Draw<'_>>,
    ) -> std::result::Result<Paid, OnceError> {
        let label = translate::label(operation.label());
        let timeout = call_timeout(&self.clock);
        loop {
            let now = self.clock.now();
            let (account, run) = (&self.accounts[account], self.run);
            let room = self.store.atomically(|store| -> Result<Room> {
                if let Some(gone) = host_gone(store, now, account, draw)? {
                    return Ok(Room::HostGone(gone));
                }
                let budget = account.budget(store.usage(now, &account.pool)?);
                match budget.allowance(now, label, purpose) {
                    Allowance::Now { .. } => {}
                    wait => return Ok(Room::None(wait)),
                }
                if let Some(draw) = draw.filter(|draw| draw.is_due(now)) {
                    store.pay_change(now, &account.pool, draw.host)?;
                }
                let (pool, limits, name) = (&account.pool, &account.limits, format!("{operation:?}"));
                let purchase = Purchase { pool, limits, label, operation: &name, run, timeout };
                store.pay(now, &purchase).map(Room::Paid)
            })?;
            match room {
                Room::Paid(paid) => return Ok(paid),
                Room::HostGone(gone) => return Err(gone),
                Room::None(Allowance::At { at }) if at.duration_since(now) > PACE_MAX => {
                    return Err(OnceError::BudgetGone { bucket: label.name(), until: at });
                }
                Room::None(Allowance::At { at }) => self.clock.sleep_until(at.min(now + ROOM_LOOK)).await,
                Room::None(Allowance::DayGone { bucket, until }) => {
                    return Err(OnceError::BudgetGone { bucket: bucket.name(), until });
                }
                Room::None(Allowance::Now { .. }) => {}
            }
        }
    }

    pub(super) fn book_once(
        &mut self,
        account: usize,
        paid: &Paid,
        limits: &LimitHeaders,
        outcome: &str,
        error: Option<&Error>,
    ) -> Result<()> {
        let at = self.clock.now();
        self.calls[paid.label] += 1;
        let mut settling =
            Settling { account: &mut self.accounts[account], chance: &self.chance, run: self.run };
        self.store.atomically(|store| {
            settling.book(store, paid, at, limits, outcome, error)?;
            match error.map(Error::advice) {
                Some(Advice::Wait { limit, until }) => settling.rest(store, at, paid, *limit, *until),
                _ => Ok(()),
            }
        })
    }
}

/// Why the host's meetings may not be changed now, if they may not.
fn host_gone(
    store: &Store,
    now: Timestamp,
    account: &Account,
    draw: Option<&Draw<'_>>,
) -> Result<Option<OnceError>> {
    let Some(draw) = draw.filter(|draw| draw.is_due(now)) else { return Ok(None) };
    let usage = store.host_usage(now, &account.pool, draw.host)?;
    let limit = account.limits.host_writes_day;
    Ok(match usage.allowance(now, limit) {
        HostAllowance::Left { .. } => None,
        HostAllowance::Gone { until } => {
            Some(OnceError::HostGone { host: draw.host.to_owned(), limit, changes: usage.changes, until })
        }
    })
}
