//! Single changes at Zoom: a meeting created or altered, a user added.
//!
//! A question may be asked twice; a change sent twice may be made twice. So it is sent again only where Zoom surely did
//! nothing (it refused, or was never reached), and where nobody can tell, the caller is told that.

use rollbook_core::budget::Purpose;
use rollbook_core::time::{quota_day, quota_resets_at};
use rollbook_store::Paid;
use rollbook_zoom::{Advice, Endpoint, Error, LimitHeaders, RateLimit, RawAnswer, RawRequest};
use serde_json::Value;

use super::Collector;
use super::once::{Draw, OnceError, TRIES_MAX, is_passing};
use super::settle::Settling;

/// A change that Zoom says it made.
#[derive(Debug)]
pub struct Changed<T> {
    /// What Zoom told of it.
    pub value: T,
    /// The same as it came; null where Zoom said nothing.
    pub body: Value,
}

impl Collector {
    /// Makes one change. `host` is whose day of changes it draws on, if it draws on one: Zoom's user ID, since an e-mail
    /// address and an ID would be counted apart.
    ///
    /// # Errors
    /// [`OnceError::Lost`] and [`OnceError::Unnoted`] where it may have been made all the same.
    pub async fn change<E: Endpoint>(
        &mut self,
        account: usize,
        endpoint: &E,
        host: Option<&str>,
    ) -> Result<Changed<E::Answer>, OnceError> {
        let request = RawRequest::of(endpoint);
        let mut draw = host.map(|host| Draw { host, paid_on: None });
        for tries in 1.. {
            let paid = self.pay_once(account, request.operation, Purpose::Person, draw.as_ref()).await?;
            let client = self.accounts[account].client.clone();
            let result = client.send_raw(paid.sent_at, &request).await;
            // Whatever the store says now, the change is on its way: nobody may take this for "not sent".
            self.book_change(account, &paid, draw.as_ref(), &result).map_err(OnceError::Unnoted)?;
            let error = match result
                .and_then(|answer| Ok((answer.read::<E::Answer>(paid.sent_at)?.value, answer)))
            {
                Ok((value, answer)) => return Ok(Changed { value, body: first_value(&answer.body) }),
                Err(error) if is_hosts_day_gone(&error) => return Err(self.host_gone(account, host, error)?),
                Err(error) if !error.surely_did_nothing() => return Err(OnceError::Lost(error)),
                Err(error) if tries < TRIES_MAX && is_passing(&error, true) => error,
                Err(error) => return Err(error.into()),
            };
            if let Some(draw) = &mut draw {
                // Whether a call refused for its rate counts is not documented; one that never got there does not.
                let may_count = matches!(error.advice(), Advice::Wait { .. });
                draw.paid_on = (!may_count).then(|| quota_day(paid.sent_at));
            }
            self.pause_between(tries, &error).await;
        }
        unreachable!("the last try returns")
    }

    /// Zoom's word that the host's day is gone, as our own count says it. Others may have spent it.
    fn host_gone(
        &self,
        account: usize,
        host: Option<&str>,
        error: Error,
    ) -> rollbook_store::Result<OnceError> {
        let Some(host) = host else { return Ok(error.into()) };
        let (now, account) = (self.clock.now(), &self.accounts[account]);
        let usage = self.store.host_usage(now, &account.pool, host)?;
        let until = usage.gone_until.unwrap_or_else(|| quota_resets_at(now));
        let limit = account.limits.host_writes_day;
        Ok(OnceError::HostGone { host: host.to_owned(), limit, changes: usage.changes, until })
    }

    fn book_change(
        &mut self,
        account: usize,
        paid: &Paid,
        draw: Option<&Draw<'_>>,
        result: &Result<RawAnswer, Error>,
    ) -> rollbook_store::Result<()> {
        let (limits, outcome, error) = match result {
            Ok(answer) => (answer.limits.clone(), answer.status.as_u16().to_string(), answer.error.as_ref()),
            Err(error) => (LimitHeaders::default(), "no answer".to_owned(), Some(error)),
        };
        self.book_once(account, paid, &limits, &outcome, error)?;
        let Some(draw) = draw else { return Ok(()) };
        let at = self.clock.now();
        let mut settling =
            Settling { account: &mut self.accounts[account], chance: &self.chance, run: self.run };
        self.store.atomically(|store| {
            store.settle_change(paid.sent_at, at, &paid.pool, draw.host)?;
            match error.map(Error::advice) {
                Some(Advice::Wait { limit: RateLimit::UserDaily, until }) => {
                    settling.rest_host(store, at, draw.host, *until)
                }
                _ => Ok(()),
            }
        })
    }
}

fn is_hosts_day_gone(error: &Error) -> bool {
    matches!(error.advice(), Advice::Wait { limit: RateLimit::UserDaily, .. })
}

/// The JSON of a body, whatever follows it; null where there is none.
pub fn first_value(body: &[u8]) -> Value {
    serde_json::Deserializer::from_slice(body).into_iter().next().and_then(Result::ok).unwrap_or_default()
}
