//! What commands share: configuration, clock, store, accounts.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::chance::Chance;
use rollbook_store::{Mode, Store};
use rollbook_zoom::{Client, Credentials};

use super::page::Page;
use crate::clock::Clock;
use crate::collector::account::Account;
use crate::config::{AccountConfig, Config, ConfigError, CredentialsConfig, Environment};
use crate::report::account::AccountSettings;
use crate::token::TokenFile;

/// What a command is given.
pub struct Context<'a> {
    /// All settings.
    pub config: Config,
    /// The environment, for folders.
    pub environment: &'a Environment,
    /// Whether to answer in JSON.
    pub json: bool,
    /// `--account`: look at this one only.
    pub account: Option<String>,
}

impl Context<'_> {
    /// The clock in force. Under `ROLLBOOK_NOW` it starts now.
    pub fn clock(&self) -> Clock {
        match self.config.now {
            Some((epoch, scale)) => Clock::simulated(epoch, scale),
            None => Clock::System,
        }
    }

    /// Text for the terminal, as of now.
    pub fn page(&self) -> Page {
        Page::of_terminal(self.config.timezone.clone(), self.clock().now())
    }

    /// The day it is at school.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.config.timezone.clone()).date()
    }

    /// The store, to write. It keeps names or none as is configured, else as before: somebody at a shell who knows nothing
    /// of that setting must not bring the names back.
    pub fn open_store(&self) -> anyhow::Result<Store> {
        let mut store = Store::open(&self.config.store, Mode::Write)?;
        let Some(is_masked) = self.config.is_masked else { return Ok(store) };
        if store.set_masked(self.clock().now(), is_masked)? {
            match is_masked {
                true if store.holds_instances()? => eprintln!(
                    "rollbook: warning: from now on no names are kept; those kept before stay in the store. To have none at \
                     all, begin a new one (ROLLBOOK_STORE) and collect the days again that Zoom still tells"
                ),
                true => {}
                false => eprintln!(
                    "rollbook: warning: ROLLBOOK_MASKED is off: from now on names are kept again; what was masked stays so"
                ),
            }
        }
        Ok(store)
    }

    /// Who sits at the shell.
    pub fn whoami(&self) -> String {
        ["SUDO_USER", "USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| self.environment.get(name))
            .unwrap_or("somebody at the shell")
            .to_owned()
    }

    /// The store, to read: it must be there.
    pub fn read_store(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.config.store, Mode::Read)?)
    }

    /// Chance for a run: different in every process.
    pub fn chance(&self, now: Timestamp) -> Chance {
        Chance::from_seed(u64::from(std::process::id()) ^ now.as_nanosecond().unsigned_abs() as u64)
    }

    /// The accounts, ready to be asked for, with what earlier runs learned of them.
    ///
    /// # Errors
    /// If one has no credentials.
    pub async fn accounts(&self, store: &Store) -> anyhow::Result<Vec<Account>> {
        let mut accounts = Vec::new();
        let now = self.clock().now();
        for (config, settings) in self.config.accounts.iter().zip(AccountSettings::all(&self.config)) {
            let client = client(config)?;
            if let Some(file) = TokenFile::of(config, self.environment) {
                file.restore(&client).await;
            }
            accounts.push(settings.account(store, now, client)?);
        }
        Ok(accounts)
    }

    /// The accounts for commands that never ask Zoom: they need no credentials.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn silent_accounts(&self, store: &Store) -> anyhow::Result<Vec<Account>> {
        let now = self.clock().now();
        let all = AccountSettings::all(&self.config);
        Ok(all.iter().map(|account| account.silent(store, now)).collect::<rollbook_store::Result<_>>()?)
    }

    /// Keeps the accounts' tokens for the next command.
    pub async fn keep_tokens(&self, accounts: &[Account]) {
        for config in &self.config.accounts {
            let account = accounts.iter().find(|account| account.name == config.name);
            if let (Some(account), Some(file)) = (account, TokenFile::of(config, self.environment)) {
                file.keep(&account.client).await;
            }
        }
    }
}

/// A client for one account over the real network.
///
/// # Errors
/// If it has no credentials, or the network cannot be set up.
pub fn client(config: &AccountConfig) -> anyhow::Result<Client> {
    let credentials = match &config.credentials {
        None => {
            return Err(ConfigError(format!(
                "account {:?} has no credentials: set ROLLBOOK_ZOOM_ACCOUNT_ID, ROLLBOOK_ZOOM_CLIENT_ID and \
                 ROLLBOOK_ZOOM_CLIENT_SECRET (or …_SECRET_FILE) of a server-to-server OAuth app, or \
                 ROLLBOOK_ZOOM_ACCESS_TOKEN; `rollbook demo` needs none",
                config.name
            ))
            .into());
        }
        Some(CredentialsConfig::Token(token)) => Credentials::AccessToken(token.clone()),
        Some(CredentialsConfig::App { account_id, client_id, client_secret }) => {
            Credentials::ServerToServer {
                account_id: account_id.clone(),
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                token_url: config.oauth_url.clone(),
            }
        }
    };
    let transport = rollbook_zoom::reqwest::Reqwest::new().context("the network cannot be set up")?;
    Ok(Client::new(Arc::new(transport), config.api_url.clone(), credentials))
}
