//! An account's settings as far as reports need them: plain values, without credentials.

use std::sync::Arc;

use jiff::Timestamp;
use rollbook_core::family::Offer;
use rollbook_core::limits::{Limits, Plan};
use rollbook_store::Store;
use rollbook_zoom::transport::Sending;
use rollbook_zoom::{Client, Credentials, Transport, TransportError, TransportErrorKind};
use url::Url;

use crate::collector::account::Account;
use crate::config::{AccountConfig, Config, QosConfig, Scope};

/// One account's settings.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// The name every row is keyed by.
    pub name: String,
    /// The quota it draws on.
    pub pool: String,
    /// Where Zoom would be asked.
    pub api_url: Url,
    /// Plan.
    pub plan: Plan,
    /// Limits of the plan with the account's exceptions.
    pub limits: Limits,
    /// Share of the day left to others.
    pub reserve: f64,
    /// Whether it has credentials.
    pub is_signed_in: bool,
    /// Whether the Heavy report is bought for its breakout rooms.
    pub breakouts: bool,
    /// Of which meetings call quality is collected.
    pub qos: QosConfig,
    /// What is collected.
    pub scope: Scope,
}

impl AccountSettings {
    /// Those of all accounts.
    pub fn all(config: &Config) -> Vec<AccountSettings> {
        config.accounts.iter().map(|account| AccountSettings::of(config, account)).collect()
    }

    fn of(config: &Config, account: &AccountConfig) -> AccountSettings {
        AccountSettings {
            name: account.name.clone(),
            pool: account.pool.clone(),
            api_url: account.api_url.clone(),
            plan: account.plan,
            limits: account.limits.clone(),
            reserve: account.reserve,
            is_signed_in: account.credentials.is_some(),
            breakouts: config.breakouts,
            qos: config.qos.clone(),
            scope: config.scope,
        }
    }

    /// The account with what earlier runs learned of it, speaking through a client.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn account(&self, store: &Store, now: Timestamp, client: Client) -> rollbook_store::Result<Account> {
        let mut offer = Offer::of(self.plan, self.breakouts);
        if let Some(learned) = store.offer(&self.name)? {
            offer.remember(now, learned);
        }
        let (name, pool) = (self.name.clone(), self.pool.clone());
        let mut account = Account::new(name, pool, client, self.limits.clone(), self.reserve, offer);
        account.qos = self.qos.clone();
        account.set_scope(self.scope);
        Ok(account)
    }

    /// The account for those who never ask Zoom: its client has no way out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn silent(&self, store: &Store, now: Timestamp) -> rollbook_store::Result<Account> {
        let nobody = Credentials::AccessToken(String::new().into());
        self.account(store, now, Client::new(Arc::new(Nowhere), self.api_url.clone(), nobody))
    }
}

/// No network at all.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: http::Request<bytes::Bytes>) -> Sending<'_> {
        let refused = TransportError::new(TransportErrorKind::Other, "nothing is asked of Zoom here");
        Box::pin(std::future::ready(Err(refused)))
    }
}
