//! An OpenID provider that signs people in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rollbook_core::request::Role;
use secrecy::SecretString;
use serde::Deserialize;

use super::super::{ConfigError, file::parse_url, read_secret};

/// `[serve.oidc]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct File {
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    role_claim: Option<String>,
    roles: Option<BTreeMap<String, String>>,
}

/// The provider, and what it may say of people.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// Its address, to the letter as it names itself.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// The secret it gave us; none for a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// The claim whose values are roles. Without, everybody needs a login that was made here.
    pub role_claim: Option<String>,
    /// The claim's values and the roles they stand for.
    pub roles: BTreeMap<String, Role>,
}

impl OidcConfig {
    pub(super) fn load(
        file: Option<File>,
        text: &mut impl FnMut(&str, &str, Option<String>) -> Option<String>,
    ) -> Result<Option<OidcConfig>, ConfigError> {
        let file = file.unwrap_or_default();
        let issuer = text("serve.oidc.issuer", "ROLLBOOK_OIDC_ISSUER", file.issuer);
        let client_id = text("serve.oidc.client_id", "ROLLBOOK_OIDC_CLIENT_ID", file.client_id);
        let secret = text("serve.oidc.client_secret", "ROLLBOOK_OIDC_CLIENT_SECRET", file.client_secret);
        let secret_file = text(
            "serve.oidc.client_secret_file",
            "ROLLBOOK_OIDC_CLIENT_SECRET_FILE",
            file.client_secret_file.map(|path| path.display().to_string()),
        );
        let role_claim = text("serve.oidc.role_claim", "ROLLBOOK_OIDC_ROLE_CLAIM", file.role_claim);
        let listed = |roles: BTreeMap<String, String>| {
            roles.iter().map(|(value, role)| format!("{value}={role}")).collect::<Vec<_>>().join(",")
        };
        let roles = text("serve.oidc.roles", "ROLLBOOK_OIDC_ROLES", file.roles.map(listed));
        let (issuer, client_id) = match (issuer, client_id) {
            (None, None) => return Ok(None),
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            _ => {
                return Err(ConfigError(
                    "ROLLBOOK_OIDC_ISSUER and ROLLBOOK_OIDC_CLIENT_ID belong together: set both".to_owned(),
                ));
            }
        };
        let roles = parse_roles(roles.as_deref().unwrap_or(""))?;
        if role_claim.is_some() == roles.is_empty() {
            return Err(ConfigError(
                "ROLLBOOK_OIDC_ROLE_CLAIM and ROLLBOOK_OIDC_ROLES belong together, as in groups and \
                 zoom-admins=admin,staff=viewer"
                    .to_owned(),
            ));
        }
        let client_secret = match (secret, secret_file) {
            (Some(secret), _) => Some(SecretString::from(secret)),
            (None, Some(path)) => {
                Some(read_secret("ROLLBOOK_OIDC_CLIENT_SECRET_FILE", &PathBuf::from(path))?)
            }
            (None, None) => None,
        };
        parse_url("ROLLBOOK_OIDC_ISSUER", &issuer)?;
        Ok(Some(OidcConfig { issuer, client_id, client_secret, role_claim, roles }))
    }
}

/// `zoom-admins=admin,staff=viewer`. The last `=` counts: values may hold others.
fn parse_roles(text: &str) -> Result<BTreeMap<String, Role>, ConfigError> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (value, role) = pair.rsplit_once('=').ok_or_else(|| {
                ConfigError(format!("ROLLBOOK_OIDC_ROLES: {pair:?} has no role; write zoom-admins=admin"))
            })?;
            let role =
                role.parse().map_err(|wrong: String| ConfigError(format!("ROLLBOOK_OIDC_ROLES: {wrong}")))?;
            Ok((value.trim().to_owned(), role))
        })
        .collect()
}
