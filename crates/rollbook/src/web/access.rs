//! What signing in needs: settings, hashes, a reader of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rollbook_zoom::reqwest::Reqwest;
use sha2::Sha256;
use tokio::sync::Semaphore;

use super::provider::Provider;
use super::readers::Readers;
use super::teaching::Teaching;
use super::tls::Certificates;
use crate::config::ServeConfig;
use crate::password::Passwords;
use crate::secret;

/// Who is asking is looked up for every request, so slow pages must not stand before it.
const READERS: usize = 2;

/// Records of looks on their way: a second's worth of pages while the disk stands still, some hundred bytes each.
const LOOKS_MAX: usize = 4_096;

/// What signing in needs.
pub struct Access {
    /// How the server is reached.
    pub settings: ServeConfig,
    /// Looks at passwords.
    pub passwords: Passwords,
    /// Reads sessions, tokens and logins.
    pub readers: Readers,
    /// Places for records of looks on their way into the store.
    pub looks: Arc<Semaphore>,
    /// Who has which page open that refreshes itself, and when that was recorded.
    pub watched: Arc<Mutex<BTreeMap<(String, String), Timestamp>>>,
    /// Courses of teachers.
    pub teaching: Teaching,
    /// The provider that signs people in, where there is one.
    pub provider: Option<Provider>,
    /// The certificate in force, where the server speaks TLS itself.
    pub certificates: Option<Arc<Certificates>>,
    forms: FormKey,
}

impl Access {
    /// For a store that is there.
    ///
    /// # Errors
    /// If the store or the TLS certificate cannot be read.
    pub fn new(settings: ServeConfig, store: &Path, teaching: Teaching) -> anyhow::Result<Access> {
        let certificates = settings.tls.as_ref().map(Certificates::read).transpose()?;
        let provider = match (&settings.oidc, &settings.public_url) {
            (Some(oidc), Some(url)) => {
                let network = Reqwest::new().context("the network cannot be set up")?;
                Some(Provider::new(oidc.clone(), url, Arc::new(network)))
            }
            _ => None,
        };
        Ok(Access {
            passwords: Passwords::default(),
            readers: Readers::open(store, READERS)?,
            looks: Arc::new(Semaphore::new(LOOKS_MAX)),
            watched: Arc::default(),
            teaching,
            provider,
            certificates,
            forms: FormKey(secret::fresh()),
            settings,
        })
    }

    /// What forms carry of somebody whom a proxy signed in: there is no session to keep it in. Another one after every start.
    pub fn csrf_of(&self, name: &str) -> String {
        self.forms.of(name)
    }
}

/// The key of forms, for as long as the process lives.
struct FormKey(String);

impl FormKey {
    fn of(&self, name: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("a key may have any length");
        mac.update(name.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
