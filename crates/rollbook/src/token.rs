//! Zoom's token, kept between commands in a file that only its owner can read.

use std::io::Write;
use std::path::{Path, PathBuf};

use rollbook_zoom::{Client, Token};
use sha2::{Digest, Sha256};

use crate::config::{AccountConfig, CredentialsConfig, Environment};

/// Where one account's token is kept. None for ready access tokens, or where there is no cache folder.
#[derive(Debug, Clone)]
pub struct TokenFile(PathBuf);

impl TokenFile {
    /// The file of this account, below `ROLLBOOK_CACHE`, `XDG_CACHE_HOME` or `~/.cache`.
    pub fn of(account: &AccountConfig, environment: &Environment) -> Option<TokenFile> {
        let Some(CredentialsConfig::App { account_id, client_id, .. }) = &account.credentials else {
            return None;
        };
        let folder = environment.get("ROLLBOOK_CACHE").map(PathBuf::from).or_else(|| {
            let base = environment.get("XDG_CACHE_HOME").map(PathBuf::from);
            base.or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".cache")))
                .map(|base| base.join("rollbook"))
        })?;
        let key = Sha256::digest(format!("{}\n{account_id}\n{client_id}", account.oauth_url));
        let name: String = key.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(TokenFile(folder.join(format!("token-{name}.json"))))
    }

    /// Hands a kept token to the client. A file that cannot be used is as good as none.
    pub async fn restore(&self, client: &Client) {
        let Ok(text) = std::fs::read_to_string(&self.0) else { return };
        if let Ok(token) = serde_json::from_str::<Token>(&text) {
            client.restore_token(token).await;
        }
    }

    /// Keeps the client's token. Failing to is worth a word in the log, no more: the next command asks for a new one.
    pub async fn keep(&self, client: &Client) {
        let Some(token) = client.token_snapshot().await else { return };
        if let Err(error) = self.write(&token) {
            tracing::info!("the token is not kept: {}: {error}", self.0.display());
        }
    }

    fn write(&self, token: &Token) -> std::io::Result<()> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let folder = self.0.parent().unwrap_or(Path::new("."));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // A fresh file and a rename: the mode is right from the first byte, and readers see all of it or none.
        let draft = self.0.with_extension(format!("{}.tmp", std::process::id()));
        let _ = std::fs::remove_file(&draft);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec(token)?)?;
        std::fs::rename(&draft, &self.0)
    }
}
