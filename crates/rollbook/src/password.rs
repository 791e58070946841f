//! Passwords, hashed with argon2id away from the threads that answer.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// 19 MiB, twice over, one lane: the least that OWASP's "Password Storage" recommends for argon2id. More would let whoever
/// tries passwords take more of a machine that collects as well; how fast they may try is limited beside.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes under way at once: 38 MiB, and at most two processors for a moment.
const AT_ONCE: usize = 2;

/// Those who wait for their turn. At some 30 ms each, the last one waits a second; more are sent away.
const WAITING_MAX: usize = 64;

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, with its salt and parameters, as a PHC string. Takes some ten milliseconds.
///
/// # Panics
/// If the system has no randomness.
pub fn hash(password: &str) -> String {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the system gives randomness");
    let hashed: PasswordHash =
        argon2().hash_password_with_salt(password.as_bytes(), &salt).expect("the parameters are in range");
    hashed.to_string()
}

fn is_right(password: &str, hash: &str) -> bool {
    argon2().verify_password(password.as_bytes(), hash).is_ok()
}

/// What is compared where there is nothing to compare with, so that an unknown name takes as long as a known one.
fn nobodys() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash(&crate::secret::fresh()))
}

/// Too many wait for their password to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooBusy;

/// Looks at passwords, a few at once.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING_MAX)),
        }
    }
}

impl Passwords {
    /// Whether a password is the one that was hashed. Takes as long where there is no hash.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn is_right(&self, password: String, known: Option<String>) -> Result<bool, TooBusy> {
        self.aside(move || {
            let nobodys = nobodys();
            is_right(&password, known.as_deref().unwrap_or(nobodys)) && known.is_some()
        })
        .await
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, TooBusy> {
        self.aside(move || hash(&password)).await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TooBusy> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| TooBusy)?;
        let turn = self.turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(move || {
            // Held until it is really done, also where whoever asked has gone.
            let _held = (place, turn);
            work()
        });
        match done.await {
            Ok(done) => Ok(done),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let hash = hash("correct horse battery");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let passwords = Passwords::default();
        let right = |password: &str, known: Option<&str>| {
            passwords.is_right(password.to_owned(), known.map(str::to_owned))
        };
        assert_eq!(right("correct horse battery", Some(&hash)).await, Ok(true));
        assert_eq!(right("Correct horse battery", Some(&hash)).await, Ok(false));
        assert_eq!(right("correct horse battery", None).await, Ok(false));
        assert_eq!(right("correct horse battery", Some("no hash")).await, Ok(false));
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_sent_away() {
        let passwords = Passwords::default();
        let _all = passwords.places.clone().acquire_many_owned((AT_ONCE + WAITING_MAX) as u32).await.unwrap();
        assert_eq!(passwords.hash("correct horse battery".to_owned()).await, Err(TooBusy));
    }
}
