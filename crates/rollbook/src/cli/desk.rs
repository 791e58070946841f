//! The desk at which a person asks Zoom for one thing at once, or has one thing changed there (`meetings`, `users`).

use anyhow::Context as _;
use rollbook_core::budget::Purpose;
use rollbook_zoom::endpoint::GetUser;
use rollbook_zoom::page::{EndlessList, Page as _, PageCursor, Paged};
use rollbook_zoom::{Advice, Endpoint, Error, RawRequest, SkipReason, UserId};
use serde_json::Value;

use super::context::Context;
use super::{Exit, UsageError};
use crate::collector::Collector;
use crate::collector::account::{Account, Failure};
use crate::collector::change::{Changed, first_value};
use crate::collector::once::{OnceError, TRIES_MAX};

pub mod change;

/// A list that keeps losing its page token is given up after this many beginnings.
const RESTARTS_MAX: u32 = 4;

/// Members of Zoom's answers that make whoever reads them host. Never shown and never kept: `start_url` lets anyone in as
/// host for two hours (API.md), the keys do so for longer.
const KEYS_TO_THE_ROOM: [&str; 3] = ["start_url", "host_key", "dynamic_host_key"];

/// One account, signed in.
pub struct Desk<'a> {
    context: &'a Context<'a>,
    /// The budget, and what is sent.
    pub collector: Collector,
    /// Whose: its place among the collector's accounts.
    account: usize,
}

/// A user whose meetings are asked for or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// As typed.
    pub name: String,
    /// Zoom's user ID, or the name where the app may not look users up.
    pub id: String,
}

/// An answer, typed and as it came.
pub struct Told<T> {
    /// Typed.
    pub value: T,
    /// As it came.
    pub body: Value,
}

/// The rows of a list, typed and as they came.
pub type Rows<P> = Vec<(<<P as Endpoint>::Answer as rollbook_zoom::Page>::Row, Value)>;

/// A list that could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// A page was refused, or could not be asked for.
    #[error(transparent)]
    Once(#[from] OnceError),
    /// It has no end.
    #[error(transparent)]
    Endless(#[from] EndlessList),
}

/// Wrong if there are several accounts to choose from: a change must not land in another one.
///
/// # Errors
/// A sentence with the remedy.
pub fn one_account(context: &Context<'_>) -> anyhow::Result<()> {
    match context.config.accounts.as_slice() {
        [_] => Ok(()),
        several => {
            let names: Vec<&str> = several.iter().map(|account| account.name.as_str()).collect();
            Err(UsageError(format!(
                "several accounts are configured ({}); say whose with --account NAME",
                names.join(", ")
            ))
            .into())
        }
    }
}

impl<'a> Desk<'a> {
    /// Signs in and opens a run's report.
    ///
    /// # Errors
    /// If there are several accounts to choose from, or Zoom lets nobody in.
    pub async fn open(context: &'a Context<'a>, command: &str) -> anyhow::Result<Desk<'a>> {
        one_account(context)?;
        Desk::open_as(context, 0, command).await
    }

    /// The same for one of several accounts, by its place in the configuration.
    ///
    /// # Errors
    /// If Zoom lets nobody in.
    pub async fn open_as(
        context: &'a Context<'a>,
        account: usize,
        command: &str,
    ) -> anyhow::Result<Desk<'a>> {
        let clock = context.clock();
        let store = context.open_store()?;
        let accounts = context.accounts(&store).await?;
        let mut collector = Collector::start(clock, context.chance(clock.now()), store, accounts, command)?;
        collector.sign_in().await;
        if let Some(failure) = collector.accounts[account].failure().cloned() {
            collector.finish(i32::from(Exit::Failed.code()), &failure.message)?;
            return Err(failure.into());
        }
        Ok(Desk { context, collector, account })
    }

    /// Whose meetings and users they are.
    pub fn account(&self) -> &Account {
        &self.collector.accounts[self.account]
    }

    /// Closes the run's report with what came of it, and keeps the token for the next command.
    ///
    /// # Errors
    /// The outcome's own, or the store's.
    pub async fn close<T>(mut self, outcome: anyhow::Result<T>, summary: &str) -> anyhow::Result<T> {
        let code = outcome.as_ref().map_or_else(super::exit_of, |_| Exit::Done);
        let failure = outcome.as_ref().err().map(|error| format!("{error:#}"));
        self.collector.finish(i32::from(code.code()), failure.as_deref().unwrap_or(summary))?;
        self.context.keep_tokens(&self.collector.accounts).await;
        outcome
    }

    /// Asks for one thing. Trouble that may pass is met by asking again.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn ask<E: Endpoint>(&mut self, endpoint: &E) -> anyhow::Result<Told<E::Answer>> {
        let told = self.try_ask(endpoint).await;
        told.map_err(|error| self.explain(error))
    }

    /// Asks for what is read as it came.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn ask_raw(&mut self, request: &RawRequest) -> anyhow::Result<Value> {
        let answer = self.collector.ask_raw(self.account, request, Purpose::Person, TRIES_MAX).await;
        let answer = answer.and_then(|answer| match &answer.error {
            Some(error) => Err(OnceError::Zoom(error.clone())),
            None => Ok(first_value(&answer.body)),
        });
        answer.map_err(|error| self.explain(error))
    }

    /// The same, for callers who make something of a refusal.
    ///
    /// # Errors
    /// As it came.
    pub async fn try_ask<E: Endpoint>(&mut self, endpoint: &E) -> Result<Told<E::Answer>, OnceError> {
        let request = RawRequest::of(endpoint);
        let answer = self.collector.ask_raw(self.account, &request, Purpose::Person, TRIES_MAX).await?;
        let read = answer.read::<E::Answer>(self.collector.clock.now())?;
        Ok(Told { value: read.value, body: first_value(&answer.body) })
    }

    /// Reads a list to its end: its rows, typed and as they came (by the member that holds them).
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn list<P>(&mut self, list: &P, member: &str) -> anyhow::Result<Rows<P>>
    where
        P: Paged + Clone,
    {
        self.try_list(list, member).await.map_err(|error| self.explain_list(error))
    }

    /// The same, for callers who make something of a refusal.
    ///
    /// # Errors
    /// As it came.
    pub async fn try_list<P>(&mut self, list: &P, member: &str) -> Result<Rows<P>, ListError>
    where
        P: Paged + Clone,
    {
        let (mut cursor, mut rows) = (PageCursor::new(), Vec::new());
        loop {
            let asked_at = self.collector.clock.now();
            let Some(request) = cursor.request(asked_at, list) else { return Ok(rows) };
            let told = match self.try_ask(&request).await {
                Err(OnceError::Zoom(error))
                    if *error.advice() == Advice::RestartList && cursor.restarts() < RESTARTS_MAX =>
                {
                    cursor.restart();
                    rows.clear();
                    continue;
                }
                told => told?,
            };
            let restarts = cursor.restarts();
            cursor.got(asked_at, &told.value)?;
            if cursor.restarts() > restarts {
                rows.clear();
            }
            let raw = told.body.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
            let raw = raw.into_iter().chain(std::iter::repeat(Value::Null));
            rows.extend(told.value.into_rows().into_iter().zip(raw));
        }
    }

    /// Looks a host up: an e-mail address and an ID would be counted as two, but Zoom counts them as one.
    ///
    /// # Errors
    /// If there is no such user.
    pub async fn host(&mut self, name: &UserId) -> anyhow::Result<Host> {
        let told = match self.try_ask(&GetUser { user: name.clone() }).await {
            Ok(told) => told,
            Err(OnceError::Zoom(error)) if may_not_look(&error) && name.as_str() != "me" => {
                eprintln!(
                    "rollbook: warning: the app may not look users up, so changes are counted for {name} as typed; use \
                     the same name each time, or add user:read:user:admin to the app"
                );
                return Ok(Host { name: name.to_string(), id: key_of(name.as_str()) });
            }
            Err(error) => return Err(self.explain(error)),
        };
        let id = told
            .value
            .id
            .map(|id| id.to_string())
            .context("Zoom told no ID of this user; nothing was sent")?;
        let pool = self.account().pool.clone();
        let names = [Some(name.to_string()), told.value.email];
        self.collector.store.atomically(|store| -> rollbook_store::Result<()> {
            names.iter().flatten().try_for_each(|name| store.name_host(&pool, name, &id))
        })?;
        Ok(Host { name: name.to_string(), id })
    }

    /// Makes one change; `lost` says where to look when nobody can tell whether Zoom made it.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn change<E: Endpoint>(
        &mut self,
        endpoint: &E,
        host: Option<&Host>,
        lost: &str,
    ) -> anyhow::Result<Changed<E::Answer>> {
        match self.collector.change(self.account, endpoint, host.map(|host| host.id.as_str())).await {
            Err(OnceError::Lost(error)) => {
                let error = self.explain(error.into());
                Err(error.context(format!(
                    "no answer tells whether Zoom did it, and it was not sent again; {lost}"
                )))
            }
            Err(error @ OnceError::Unnoted(_)) => Err(anyhow::Error::new(error).context(lost.to_owned())),
            Err(OnceError::HostGone { limit, changes, until, .. }) => {
                let host = host.map_or_else(String::new, |host| host.name.clone());
                Err(OnceError::HostGone { host, limit, changes, until }.into())
            }
            outcome => outcome.map_err(|error| self.explain(error)),
        }
    }

    /// The error of a list for a person.
    pub fn explain_list(&self, error: ListError) -> anyhow::Error {
        match error {
            ListError::Once(error) => self.explain(error),
            ListError::Endless(error) => error.into(),
        }
    }

    /// The error for a person: whose account it is, what Zoom said, and what to do.
    pub fn explain(&self, error: OnceError) -> anyhow::Error {
        let name = &self.account().name;
        match error {
            OnceError::Zoom(error) => {
                let mut failure = Failure::of(name, &error);
                if let Some(hint) = hint(&error) {
                    failure.message += "; ";
                    failure.message += hint;
                }
                failure.into()
            }
            other => other.for_account(name),
        }
    }
}

/// What a host is counted by whose ID nobody told: addresses ignore case, IDs do not.
pub fn key_of(name: &str) -> String {
    if name.contains('@') { name.to_lowercase() } else { name.to_owned() }
}

fn may_not_look(error: &Error) -> bool {
    matches!(error.advice(), Advice::Skip(SkipReason::ScopeMissing { .. } | SkipReason::NoPermission))
}

/// What to do about codes that Zoom gives plans and users (API.md, "Errors" of each).
fn hint(error: &Error) -> Option<&'static str> {
    Some(match error.code()? {
        1001 | 1010 | 1120 => {
            "`rollbook users list` shows the account's users; --status pending those not yet come"
        }
        1005 | 1009 => "`rollbook users show EMAIL` shows who has this address",
        1107 | 1116 | 11321 => "use an address of a domain that the account allows",
        2032 => "use another --action: the account may not create users for single sign-on",
        2033 | 2034 | 2038 | 3412 => "free a licence, or use another --type",
        3000 if error.operation().is_some_and(|asked| asked.facts().path.starts_with("/meetings/")) => {
            "if it is a webinar, `rollbook meetings list --host USER --webinars` shows it: Zoom documents no other call"
        }
        3001 => "the number may be mistyped, deleted, or expired for not being used for 30 days",
        3161 => "the user needs a licence that may host; `rollbook users show USER` shows what it has",
        _ => return None,
    })
}

/// An answer as it may be shown: without what would let its reader in as host.
pub fn shown(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| !KEYS_TO_THE_ROOM.contains(&name.as_str()));
            for member in members.values_mut() {
                *member = shown(member.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = shown(item.take());
            }
        }
        _ => {}
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_shown_lets_anybody_in_as_host() {
        let told = json!({
            "id": 1, "start_url": "https://example.com/s/1", "dynamic_host_key": "123456",
            "users": [{"id": "a", "host_key": "299492849"}], "join_url": "https://example.com/j/1"
        });
        let expected = json!({"id": 1, "users": [{"id": "a"}], "join_url": "https://example.com/j/1"});
        assert_eq!(shown(told), expected);
    }
}
