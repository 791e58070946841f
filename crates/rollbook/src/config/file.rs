//! `rollbook.toml`: unknown keys are errors, with the line they stand in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rollbook_core::limits::{Limits, Plan};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    AccountConfig, ConfigError, CredentialsConfig, DEFAULT_ACCOUNT, Environment, FILE, pick, read_secret,
};

const API_URL: &str = "https://api.zoom.us/v2";
const OAUTH_URL: &str = "https://zoom.us/oauth/token";
pub(crate) const RESERVE: f64 = 0.2;

/// The file's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub store: Option<String>,
    pub timezone: Option<String>,
    pub breakouts: Option<bool>,
    /// Call quality.
    pub qos: Option<super::qos::File>,
    /// How long things are kept.
    pub keep: Option<super::keep::File>,
    /// Names or none.
    pub privacy: Option<super::keep::PrivacyFile>,
    /// What counts as present.
    pub attendance: Option<super::attendance::File>,
    /// Refresh on request.
    pub refresh: Option<super::refresh::File>,
    /// The server.
    pub serve: Option<super::serve::File>,
    /// `account` or `moodle`.
    pub scope: Option<String>,
    /// Where attendance is delivered.
    pub moodle: Option<super::moodle::File>,
    /// The account named `default`, unless it is described by the environment.
    pub zoom: Option<Zoom>,
    #[serde(default)]
    pub account: Vec<Named>,
}

/// What one account needs.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zoom {
    api_url: Option<String>,
    oauth_url: Option<String>,
    account_id: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    access_token: Option<String>,
    access_token_file: Option<PathBuf>,
    webhook_secret: Option<String>,
    webhook_secret_file: Option<PathBuf>,
    plan: Option<String>,
    limits: Option<String>,
    reserve: Option<f64>,
    pool: Option<String>,
}

/// One of several accounts.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

/// Reads the file named by flag or environment, or `rollbook.toml` if it is there.
pub(super) fn read(flag: Option<&Path>, environment: &Environment) -> Result<File, ConfigError> {
    let named = flag.map(Path::to_path_buf).or_else(|| environment.get("ROLLBOOK_CONFIG").map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            return Ok(File::default());
        }
        Err(error) => {
            return Err(ConfigError(format!(
                "cannot read the configuration {}: {error}; check --config and ROLLBOOK_CONFIG",
                path.display()
            )));
        }
    };
    parse(&text).map_err(|reason| ConfigError(format!("{}: {reason}", path.display())))
}

/// Parses the file's text; the reason names line and key.
pub(super) fn parse(text: &str) -> Result<File, String> {
    let file: File = toml::from_str(text).map_err(|error| without_values(text, &error))?;
    for account in &file.account {
        account.zoom()?;
    }
    Ok(file)
}

/// What is wrong and in which line. The line itself is not shown: it may hold a secret.
fn without_values(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    let message = match error.message() {
        // Serde quotes the value that has the wrong type.
        said if said.starts_with("invalid type") => "a value of the wrong type",
        said if said.starts_with("invalid value") => "a value that is not allowed",
        said => said,
    };
    match line {
        Some(line) => format!("line {line}: {message}"),
        None => message.to_owned(),
    }
}

impl Named {
    fn zoom(&self) -> Result<Zoom, String> {
        let table: toml::Table = self.rest.clone().into_iter().collect();
        table.try_into().map_err(|error: toml::de::Error| {
            format!("account {:?}: {}", self.name, without_values("", &error))
        })
    }
}

/// The accounts of file and environment, the environment's first.
pub(super) fn accounts(
    file: &File,
    environment: &Environment,
    origins: &mut BTreeMap<String, &'static str>,
) -> Result<Vec<AccountConfig>, ConfigError> {
    let env = |name: &str| environment.get(name).map(str::to_owned);
    let base = file.zoom.clone().unwrap_or_default();
    let mut text = |setting: &str, variable: &str, file: Option<String>| {
        pick(origins, setting, [("environment", env(variable)), ("file", file)])
    };
    let zoom = Zoom {
        api_url: text("zoom.api_url", "ROLLBOOK_ZOOM_API_URL", base.api_url),
        oauth_url: text("zoom.oauth_url", "ROLLBOOK_ZOOM_OAUTH_URL", base.oauth_url),
        account_id: text("zoom.account_id", "ROLLBOOK_ZOOM_ACCOUNT_ID", base.account_id),
        client_id: text("zoom.client_id", "ROLLBOOK_ZOOM_CLIENT_ID", base.client_id),
        client_secret: text("zoom.client_secret", "ROLLBOOK_ZOOM_CLIENT_SECRET", base.client_secret),
        client_secret_file: text(
            "zoom.client_secret_file",
            "ROLLBOOK_ZOOM_CLIENT_SECRET_FILE",
            base.client_secret_file.map(|path| path.display().to_string()),
        )
        .map(PathBuf::from),
        access_token: text("zoom.access_token", "ROLLBOOK_ZOOM_ACCESS_TOKEN", base.access_token),
        access_token_file: text(
            "zoom.access_token_file",
            "ROLLBOOK_ZOOM_ACCESS_TOKEN_FILE",
            base.access_token_file.map(|path| path.display().to_string()),
        )
        .map(PathBuf::from),
        webhook_secret: text("zoom.webhook_secret", "ROLLBOOK_WEBHOOK_SECRET", base.webhook_secret),
        webhook_secret_file: text(
            "zoom.webhook_secret_file",
            "ROLLBOOK_WEBHOOK_SECRET_FILE",
            base.webhook_secret_file.map(|path| path.display().to_string()),
        )
        .map(PathBuf::from),
        plan: text("zoom.plan", "ROLLBOOK_ZOOM_PLAN", base.plan),
        limits: text("zoom.limits", "ROLLBOOK_ZOOM_LIMITS", base.limits),
        reserve: text(
            "zoom.reserve",
            "ROLLBOOK_ZOOM_RESERVE",
            base.reserve.map(|reserve| reserve.to_string()),
        )
        .map(|text| parse_reserve(&text))
        .transpose()?,
        pool: base.pool,
    };
    let has_default = zoom.is_signed() || file.account.is_empty();
    let mut accounts = Vec::new();
    if has_default {
        accounts.push(zoom.check(DEFAULT_ACCOUNT, "ROLLBOOK_ZOOM_", &zoom)?);
    }
    for named in &file.account {
        let own = named.zoom().map_err(ConfigError)?;
        accounts.push(own.check(&named.name, "", &zoom)?);
    }
    Ok(accounts)
}

fn parse_reserve(text: &str) -> Result<f64, ConfigError> {
    let wrong = || {
        ConfigError(format!(
            "the reserve (ROLLBOOK_ZOOM_RESERVE) is {text:?}; use a share from 0 to 0.95, as in 0.2"
        ))
    };
    let reserve: f64 = text.parse().map_err(|_| wrong())?;
    if (0.0..=0.95).contains(&reserve) { Ok(reserve) } else { Err(wrong()) }
}

impl Zoom {
    fn is_signed(&self) -> bool {
        self.account_id.is_some()
            || self.client_id.is_some()
            || self.client_secret.is_some()
            || self.client_secret_file.is_some()
            || self.access_token.is_some()
            || self.access_token_file.is_some()
    }

    /// Checks one account. Addresses that it leaves out are those of `shared`.
    fn check(&self, name: &str, prefix: &str, shared: &Zoom) -> Result<AccountConfig, ConfigError> {
        let setting = |key: &str| {
            if prefix.is_empty() {
                format!("{key} of account {name:?}")
            } else {
                format!("{prefix}{}", key.to_uppercase())
            }
        };
        let url = |key: &str, own: &Option<String>, shared: &Option<String>, default: &str| {
            let text = own.as_ref().or(shared.as_ref()).map_or(default, String::as_str);
            parse_url(&setting(key), text)
        };
        let plan: Plan = match &self.plan {
            Some(text) => {
                text.parse().map_err(|reason| ConfigError(format!("{}: {reason}", setting("plan"))))?
            }
            None => Plan::Business,
        };
        let limits_text = self.limits.clone().unwrap_or_default();
        let limits = Limits::of(plan)
            .with_overrides(&limits_text)
            .map_err(|reason| ConfigError(format!("{}: {reason}", setting("limits"))))?;
        let reserve = self.reserve.map_or(Ok(RESERVE), |reserve| parse_reserve(&reserve.to_string()))?;
        Ok(AccountConfig {
            name: name.to_owned(),
            pool: self.pool.clone().unwrap_or_else(|| name.to_owned()),
            api_url: url("api_url", &self.api_url, &shared.api_url, API_URL)?,
            oauth_url: url("oauth_url", &self.oauth_url, &shared.oauth_url, OAUTH_URL)?,
            credentials: self.credentials(&setting)?,
            webhook_secret: match self.webhook_secret()? {
                // One app may send the events of several accounts.
                None => shared.webhook_secret()?,
                own => own,
            },
            plan,
            limits,
            limits_text,
            reserve,
        })
    }

    fn webhook_secret(&self) -> Result<Option<SecretString>, ConfigError> {
        match (&self.webhook_secret, &self.webhook_secret_file) {
            (Some(secret), _) => Ok(Some(SecretString::from(secret.as_str()))),
            (None, Some(path)) => read_secret("webhook_secret_file", path).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn credentials(
        &self,
        setting: &dyn Fn(&str) -> String,
    ) -> Result<Option<CredentialsConfig>, ConfigError> {
        let secret = |value: &Option<String>, file: &Option<PathBuf>, key: &str| match (value, file) {
            (Some(value), _) => Ok(Some(SecretString::from(value.as_str()))),
            (None, Some(path)) => read_secret(&setting(key), path).map(Some),
            (None, None) => Ok(None),
        };
        if let Some(token) = secret(&self.access_token, &self.access_token_file, "access_token_file")? {
            return Ok(Some(CredentialsConfig::Token(token)));
        }
        let client_secret = secret(&self.client_secret, &self.client_secret_file, "client_secret_file")?;
        match (&self.account_id, &self.client_id, client_secret) {
            (None, None, None) => Ok(None),
            (Some(account_id), Some(client_id), Some(client_secret)) => Ok(Some(CredentialsConfig::App {
                account_id: account_id.clone(),
                client_id: client_id.clone(),
                client_secret,
            })),
            (account_id, client_id, client_secret) => {
                let missing = [
                    (account_id.is_none(), "account_id"),
                    (client_id.is_none(), "client_id"),
                    (client_secret.is_none(), "client_secret"),
                ];
                let names: Vec<String> =
                    missing.iter().filter(|(is, _)| *is).map(|(_, key)| setting(key)).collect();
                Err(ConfigError(format!("the credentials are incomplete: set {}", names.join(" and "))))
            }
        }
    }
}

pub(super) fn parse_url(setting: &str, text: &str) -> Result<url::Url, ConfigError> {
    let url: url::Url = text.parse().map_err(|error| {
        ConfigError(format!("{setting} is not a URL ({error}); write it as https://api.zoom.us/v2"))
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(ConfigError(format!(
            "{setting} must be an http(s) URL with a host, as https://api.zoom.us/v2"
        )));
    }
    if url.password().is_some() || !url.username().is_empty() {
        return Err(ConfigError(format!("{setting} must not hold a user or password")));
    }
    if url.scheme() == "http" && !super::is_loopback(&url) {
        return Err(ConfigError(format!(
            "{setting} would send the token unencrypted to {}; use https",
            url.host_str().unwrap_or("")
        )));
    }
    Ok(url)
}
