//! Settings: file, then environment, then flags, checked once into a [`Config`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::course::Rule;
use rollbook_core::limits::{Limits, Plan};
use rollbook_core::request::Rules;
use secrecy::SecretString;

mod attendance;
mod file;
mod keep;
mod moodle;
mod qos;
mod refresh;
mod serve;
mod settings;
mod show;

pub(crate) use file::RESERVE;
pub use keep::{Days, KeepConfig, keep_since};
pub use moodle::{DurationUnit, Matching, MoodleConfig, MoodleDbConfig, MoodleServiceConfig, Scope};
pub use qos::{QosConfig, check_policy, parse_policy};
pub use serve::{API_RATE, Network, OidcConfig, ServeConfig, TlsConfig};
pub use settings::{SETTINGS, Setting};
pub use show::shown;

/// The file read when no other is named.
pub const FILE: &str = "rollbook.toml";

/// The account that the environment describes.
pub const DEFAULT_ACCOUNT: &str = "default";

/// Every variable rollbook reads; others that begin with `ROLLBOOK_` are warned of.
pub const VARIABLES: &[&str] = &[
    "ROLLBOOK_CONFIG",
    "ROLLBOOK_STORE",
    "ROLLBOOK_TIMEZONE",
    "ROLLBOOK_BREAKOUTS",
    "ROLLBOOK_QOS_POLICY",
    "ROLLBOOK_QOS_MEETINGS",
    "ROLLBOOK_QOS_KEEP_DAYS",
    "ROLLBOOK_KEEP_SAMPLES_DAYS",
    "ROLLBOOK_KEEP_ATTENDANCE_DAYS",
    "ROLLBOOK_KEEP_READINGS_DAYS",
    "ROLLBOOK_KEEP_EVENTS_DAYS",
    "ROLLBOOK_KEEP_AUDIT_DAYS",
    "ROLLBOOK_KEEP_RUNS_DAYS",
    "ROLLBOOK_MASKED",
    "ROLLBOOK_NOW",
    "ROLLBOOK_LOG",
    "ROLLBOOK_LOG_FORMAT",
    "ROLLBOOK_ZOOM_API_URL",
    "ROLLBOOK_ZOOM_OAUTH_URL",
    "ROLLBOOK_ZOOM_ACCOUNT_ID",
    "ROLLBOOK_ZOOM_CLIENT_ID",
    "ROLLBOOK_ZOOM_CLIENT_SECRET",
    "ROLLBOOK_ZOOM_CLIENT_SECRET_FILE",
    "ROLLBOOK_ZOOM_ACCESS_TOKEN",
    "ROLLBOOK_ZOOM_ACCESS_TOKEN_FILE",
    "ROLLBOOK_WEBHOOK_SECRET",
    "ROLLBOOK_WEBHOOK_SECRET_FILE",
    "ROLLBOOK_ZOOM_PLAN",
    "ROLLBOOK_ZOOM_LIMITS",
    "ROLLBOOK_ZOOM_RESERVE",
    "ROLLBOOK_CACHE",
    "ROLLBOOK_LISTEN",
    "ROLLBOOK_PUBLIC_URL",
    "ROLLBOOK_TLS_CERTIFICATE",
    "ROLLBOOK_TLS_KEY",
    "ROLLBOOK_PROXIES",
    "ROLLBOOK_PROXY_USER_HEADER",
    "ROLLBOOK_API_RATE",
    "ROLLBOOK_OIDC_ISSUER",
    "ROLLBOOK_OIDC_CLIENT_ID",
    "ROLLBOOK_OIDC_CLIENT_SECRET",
    "ROLLBOOK_OIDC_CLIENT_SECRET_FILE",
    "ROLLBOOK_OIDC_ROLE_CLAIM",
    "ROLLBOOK_OIDC_ROLES",
    "ROLLBOOK_REFRESH_ROLES",
    "ROLLBOOK_REFRESH_RATION",
    "ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES",
    "ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES",
    "ROLLBOOK_ATTENDANCE_PRESENT_SHARE",
    "ROLLBOOK_ATTENDANCE_CLASS_TIME",
    "ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT",
    "ROLLBOOK_MOODLE_GRADES",
    "ROLLBOOK_MOODLE_GRADE_FROM",
    "ROLLBOOK_SCOPE",
    "ROLLBOOK_MOODLE_DB",
    "ROLLBOOK_MOODLE_DB_FILE",
    "ROLLBOOK_MOODLE_PREFIX",
    "ROLLBOOK_MOODLE_SCHEMA",
    "ROLLBOOK_MOODLE_DURATION",
    "ROLLBOOK_MOODLE_URL",
    "ROLLBOOK_MOODLE_TOKEN",
    "ROLLBOOK_MOODLE_TOKEN_FILE",
    "ROLLBOOK_MOODLE_ACCOUNT",
    "ROLLBOOK_MOODLE_MATCHING",
    "ROLLBOOK_MOODLE_INCOMPLETE",
    "ROLLBOOK_MOODLE_AFTER_SYNC",
];

/// Everything a command needs to know, checked.
pub struct Config {
    /// The store's file.
    pub store: PathBuf,
    /// What a day means in `--from/--to`.
    pub timezone: TimeZone,
    /// Whether the Heavy report is bought for its breakout rooms.
    pub breakouts: bool,
    /// Of which meetings call quality is collected, and how long samples are kept.
    pub qos: QosConfig,
    /// How long each kind of data is kept.
    pub keep: KeepConfig,
    /// Whether no names are kept; none where nobody says, so that a store stays as it is.
    pub is_masked: Option<bool>,
    /// What counts as present, late and gone early.
    pub attendance: Rule,
    /// Who may have a meeting looked at again now, and how often.
    pub refresh: Rules,
    /// The server.
    pub serve: ServeConfig,
    /// What is collected.
    pub scope: Scope,
    /// Where attendance is delivered.
    pub moodle: MoodleConfig,
    /// The clock, where it is not the system's: an instant and a scale.
    pub now: Option<(Timestamp, f64)>,
    /// The accounts, by name.
    pub accounts: Vec<AccountConfig>,
    /// Where each value comes from, for `rollbook config`.
    pub origins: BTreeMap<String, &'static str>,
    /// Things to tell the user that are no errors.
    pub warnings: Vec<String>,
}

/// One account's settings.
pub struct AccountConfig {
    /// The name every row is keyed by.
    pub name: String,
    /// The quota it draws on.
    pub pool: String,
    /// API base.
    pub api_url: url::Url,
    /// Token URL.
    pub oauth_url: url::Url,
    /// How to sign in; none if nothing is configured.
    pub credentials: Option<CredentialsConfig>,
    /// What Zoom signs events with; none if none are expected.
    pub webhook_secret: Option<SecretString>,
    /// Plan.
    pub plan: Plan,
    /// Limits of the plan with the account's exceptions.
    pub limits: Limits,
    /// Exceptions as written.
    pub limits_text: String,
    /// Share of the day left to others.
    pub reserve: f64,
}

/// How to sign in.
pub enum CredentialsConfig {
    /// A server-to-server OAuth app.
    App {
        /// Account ID.
        account_id: String,
        /// Client ID.
        client_id: String,
        /// Client secret.
        client_secret: SecretString,
    },
    /// A ready access token.
    Token(SecretString),
}

/// A setting that cannot be used. Always exit 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// What the environment holds, read once.
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own environment.
    pub fn of_process() -> Environment {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Environment(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// For tests.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Environment {
        Environment(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A variable that is set and not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn unknown(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| name.starts_with("ROLLBOOK_") && !VARIABLES.contains(name))
    }
}

/// Settings given as flags, which win over all others.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--store`.
    pub store: Option<String>,
    /// `--account`.
    pub account: Option<String>,
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// One sentence naming the setting, what is wrong with it, and what would be right.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Config, ConfigError> {
        let file = file::read(flags.config.as_deref(), environment)?;
        let mut origins = BTreeMap::new();
        let env = |name: &str| environment.get(name).map(str::to_owned);
        let mut warnings: Vec<String> = environment
            .unknown()
            .map(|name| {
                format!("{name} is set, but this version has no such setting; `rollbook config --settings` lists them")
            })
            .collect();
        let store = pick(
            &mut origins,
            "store",
            [
                ("flag", flags.store.clone()),
                ("environment", env("ROLLBOOK_STORE")),
                ("file", file.store.clone()),
            ],
        )
        .unwrap_or_else(|| "sqlite:rollbook.db".to_owned());
        let zone = pick(
            &mut origins,
            "timezone",
            [("environment", env("ROLLBOOK_TIMEZONE")), ("file", file.timezone.clone())],
        )
        .unwrap_or_else(|| "UTC".to_owned());
        let breakouts = pick(
            &mut origins,
            "breakouts",
            [("environment", env("ROLLBOOK_BREAKOUTS")), ("file", file.breakouts.map(|on| on.to_string()))],
        );
        let qos = QosConfig::load(file.qos.as_ref(), environment, &mut origins)?;
        let attendance = attendance::load(file.attendance.as_ref(), environment, &mut origins)?;
        let refresh = refresh::load(file.refresh.as_ref(), environment, &mut origins)?;
        let serve = ServeConfig::load(file.serve.as_ref(), environment, &mut origins)?;
        let moodle = MoodleConfig::load(file.moodle.as_ref(), environment, &mut origins)?;
        check_policy(qos.policy, &moodle)?;
        let keep = KeepConfig::load(file.keep.as_ref(), &qos, environment, &mut origins)?;
        let is_masked = keep::load_masked(file.privacy.as_ref(), &moodle, environment, &mut origins)?;
        let scope = pick(
            &mut origins,
            "scope",
            [("environment", env("ROLLBOOK_SCOPE")), ("file", file.scope.clone())],
        );
        let scope = moodle::parse_scope(scope.as_deref(), moodle.db.is_some())?;
        let mut accounts = file::accounts(&file, environment, &mut origins)?;
        check_names(&accounts)?;
        if let Some(wanted) = &flags.account {
            accounts.retain(|account| account.name == *wanted);
            if accounts.is_empty() {
                return Err(ConfigError(format!(
                    "there is no account {wanted:?}; add an [[account]] with that name to {FILE}, or leave --account out"
                )));
            }
        }
        let now = environment.get("ROLLBOOK_NOW").map(|text| parse_now(text, &accounts)).transpose()?;
        if now.is_some() {
            warnings.push("the clock is simulated (ROLLBOOK_NOW)".to_owned());
        }
        Ok(Config {
            store: parse_store(&store)?,
            timezone: parse_zone(&zone)?,
            breakouts: parse_switch("breakouts", breakouts.as_deref().unwrap_or("false"))?,
            qos,
            keep,
            is_masked,
            attendance,
            refresh,
            serve,
            scope,
            moodle,
            now,
            accounts,
            origins,
            warnings,
        })
    }
}

/// The first of several sources that has a value; where it came from is remembered.
fn pick<const N: usize>(
    origins: &mut BTreeMap<String, &'static str>,
    setting: &str,
    sources: [(&'static str, Option<String>); N],
) -> Option<String> {
    let found = sources.into_iter().find_map(|(origin, value)| value.map(|value| (origin, value)));
    origins.insert(setting.to_owned(), found.as_ref().map_or("default", |(origin, _)| origin));
    found.map(|(_, value)| value)
}

fn parse_store(text: &str) -> Result<PathBuf, ConfigError> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(ConfigError(
            "ROLLBOOK_STORE names PostgreSQL, which this version cannot use yet; use sqlite:PATH".to_owned(),
        ));
    }
    if let Some((kind, _)) = text.split_once("://").filter(|(kind, _)| *kind != "sqlite") {
        // The rest may hold a password.
        return Err(ConfigError(format!(
            "ROLLBOOK_STORE names a store of kind {kind:?}, which rollbook cannot use; use sqlite:PATH"
        )));
    }
    let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
    if path.is_empty() {
        return Err(ConfigError("ROLLBOOK_STORE has no path; write it as sqlite:rollbook.db".to_owned()));
    }
    Ok(PathBuf::from(path))
}

fn parse_zone(text: &str) -> Result<TimeZone, ConfigError> {
    TimeZone::get(text).map_err(|_| {
        ConfigError(format!(
            "unknown time zone {text:?} in ROLLBOOK_TIMEZONE; use an IANA name such as Europe/Berlin"
        ))
    })
}

fn parse_switch(setting: &str, text: &str) -> Result<bool, ConfigError> {
    match text {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        other => Err(ConfigError(format!("{setting} is {other:?}; use true or false"))),
    }
}

/// `INSTANT[,SCALE]`, accepted only when nothing but loopback can be reached with it.
fn parse_now(text: &str, accounts: &[AccountConfig]) -> Result<(Timestamp, f64), ConfigError> {
    let remote = accounts
        .iter()
        .flat_map(|account| [&account.api_url, &account.oauth_url])
        .find(|url| !is_loopback(url));
    if let Some(remote) = remote {
        return Err(ConfigError(format!(
            "ROLLBOOK_NOW is only for trying things out on loopback, but {} would be asked; unset it, or set ROLLBOOK_ZOOM_API_URL and ROLLBOOK_ZOOM_OAUTH_URL to a simulator",
            remote.host_str().unwrap_or("a remote host")
        )));
    }
    let wrong = || {
        ConfigError(format!("ROLLBOOK_NOW is {text:?}; write INSTANT[,SCALE], as in 2026-11-21T06:00:00Z,60"))
    };
    let (instant, scale) = text.split_once(',').unwrap_or((text, "1"));
    let instant: Timestamp = instant.trim().parse().map_err(|_| wrong())?;
    let scale: f64 = scale.trim().parse().map_err(|_| wrong())?;
    if !(scale.is_finite() && scale > 0.0 && scale <= 1e6) {
        return Err(ConfigError(format!(
            "the scale of ROLLBOOK_NOW is {scale}; use a number above 0, at most 1000000"
        )));
    }
    Ok((instant, scale))
}

/// Whether a URL can only reach this machine.
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn check_names(accounts: &[AccountConfig]) -> Result<(), ConfigError> {
    let mut seen = std::collections::BTreeSet::new();
    match accounts.iter().find(|account| !seen.insert(account.name.as_str())) {
        None => Ok(()),
        Some(twice) => Err(ConfigError(format!(
            "there are two accounts named {:?}; the environment's is {DEFAULT_ACCOUNT:?}, so give each [[account]] another name",
            twice.name
        ))),
    }
}

fn read_secret(what: &str, path: &Path) -> Result<SecretString, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("cannot read {what} {}: {error}", path.display())))?;
    match text.trim() {
        "" => Err(ConfigError(format!("{what} {} is empty", path.display()))),
        secret => Ok(SecretString::from(secret)),
    }
}

#[cfg(test)]
mod tests;
