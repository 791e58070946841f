//! What signing in needs: settings, hashes, a reader of its own.

use std::path::Path;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use rollbook_store::Result;
use sha2::Sha256;
use tokio::sync::Semaphore;

use super::readers::Readers;
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
    forms: FormKey,
}

impl Access {
    /// For a store that is there.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn new(settings: ServeConfig, store: &Path) -> Result<Access> {
        let readers = Readers::open(store, READERS)?;
        let forms = FormKey(secret::fresh());
        let looks = Arc::new(Semaphore::new(LOOKS_MAX));
        Ok(Access { settings, passwords: Passwords::default(), readers, looks, forms })
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
