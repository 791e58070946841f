//! Secrets of our own making: sessions, tokens, links. Shown once, kept as their SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollbook_store::Digest;
use sha2::{Digest as _, Sha256};

/// 32 random bytes as 43 letters, which nobody guesses: so its plain SHA-256 can be kept, without salt.
///
/// # Panics
/// If the system has no randomness: then there is no safe way to go on.
pub fn fresh() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret.
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    // Digests of secrets tell nothing about how near a guess came.
    digest(one) == digest(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike_and_their_digest_is_sha_256() {
        assert_eq!(fresh().len(), 43);
        assert_ne!(fresh(), fresh());
        assert_eq!(digest("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert!(is_same("a", "a") && !is_same("a", "b"));
    }
}
