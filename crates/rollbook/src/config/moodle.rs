//! Moodle: its database, its web service, and what is delivered there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rollbook_core::grade::Combine;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, DEFAULT_ACCOUNT, Environment, parse_switch, pick, read_secret};

/// `[moodle]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    db: Option<String>,
    db_file: Option<PathBuf>,
    prefix: Option<String>,
    schema: Option<String>,
    duration: Option<String>,
    url: Option<String>,
    token: Option<String>,
    token_file: Option<PathBuf>,
    account: Option<String>,
    matching: Option<String>,
    incomplete: Option<bool>,
    after_sync: Option<bool>,
    grades: Option<bool>,
    grade_from: Option<String>,
}

/// What is known of the site's Moodle, checked.
#[derive(Debug)]
pub struct MoodleConfig {
    /// Its database; none where nothing is to be read or written there.
    pub db: Option<MoodleDbConfig>,
    /// Its web service; none where no grades are to be written.
    pub service: Option<MoodleServiceConfig>,
    /// The account whose meetings its activities are.
    pub account: String,
    /// How `{zoom_meeting_details}.duration` is written.
    pub duration: DurationUnit,
    /// Who is who: our rules, or the plugin's to the letter.
    pub matching: Matching,
    /// Whether instances that are still open are delivered with what is known, and corrected later.
    pub incomplete: bool,
    /// Whether a `sync` delivers at its end.
    pub after_sync: bool,
    /// Whether grades by time attended are written through the web service after every delivery.
    pub grades: bool,
    /// Which sessions of an activity a grade comes from.
    pub grade_from: Combine,
}

/// Where Moodle's database is.
#[derive(Debug, Clone)]
pub struct MoodleDbConfig {
    /// `postgres://…` or `mysql://…`. Holds the password.
    pub url: SecretString,
    /// `$CFG->prefix`; may be empty.
    pub prefix: String,
    /// PostgreSQL's schema.
    pub schema: String,
}

/// Where Moodle's web service is.
#[derive(Debug, Clone)]
pub struct MoodleServiceConfig {
    /// The site's address, as in `https://moodle.example.edu`.
    pub url: url::Url,
    /// A token of its REST service.
    pub token: SecretString,
}

/// The unit of `{zoom_meeting_details}.duration` (MOODLE.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationUnit {
    /// Like the rows already there, else seconds.
    Auto,
    /// Seconds.
    Seconds,
    /// Whole minutes, as a site has them whose plugin uses the report API.
    Minutes,
}

impl DurationUnit {
    /// The word in settings.
    pub fn name(self) -> &'static str {
        match self {
            DurationUnit::Auto => "auto",
            DurationUnit::Seconds => "seconds",
            DurationUnit::Minutes => "minutes",
        }
    }
}

/// Who is who.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// rollbook's rules: with evidence, nobody guessed apart.
    Careful,
    /// The plugin's rules to the letter, for sites that want the same rows.
    Plugin,
}

impl Matching {
    /// The word in settings.
    pub fn name(self) -> &'static str {
        match self {
            Matching::Careful => "careful",
            Matching::Plugin => "plugin",
        }
    }
}

/// What is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every meeting of the account.
    Account,
    /// Only the meetings that Moodle has an activity for.
    Moodle,
}

impl Scope {
    /// The word in settings.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Account => "account",
            Scope::Moodle => "moodle",
        }
    }
}

impl MoodleConfig {
    pub(super) fn load(
        file: Option<&File>,
        environment: &Environment,
        origins: &mut BTreeMap<String, &'static str>,
    ) -> Result<MoodleConfig, ConfigError> {
        let file = file.cloned().unwrap_or_default();
        let env = |name: &str| environment.get(name).map(str::to_owned);
        let mut text = |key: &str, variable: &str, file: Option<String>| {
            pick(origins, key, [("environment", env(variable)), ("file", file)])
        };
        let shown = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
        let db = text("moodle.db", "ROLLBOOK_MOODLE_DB", file.db);
        let db_file = text("moodle.db_file", "ROLLBOOK_MOODLE_DB_FILE", shown(file.db_file));
        let prefix = text("moodle.prefix", "ROLLBOOK_MOODLE_PREFIX", file.prefix);
        let schema = text("moodle.schema", "ROLLBOOK_MOODLE_SCHEMA", file.schema);
        let url = text("moodle.url", "ROLLBOOK_MOODLE_URL", file.url);
        let token = text("moodle.token", "ROLLBOOK_MOODLE_TOKEN", file.token);
        let token_file = text("moodle.token_file", "ROLLBOOK_MOODLE_TOKEN_FILE", shown(file.token_file));
        let account = text("moodle.account", "ROLLBOOK_MOODLE_ACCOUNT", file.account);
        let duration = text("moodle.duration", "ROLLBOOK_MOODLE_DURATION", file.duration);
        let matching = text("moodle.matching", "ROLLBOOK_MOODLE_MATCHING", file.matching);
        let switch = |on: Option<bool>| on.map(|on| on.to_string());
        let incomplete = text("moodle.incomplete", "ROLLBOOK_MOODLE_INCOMPLETE", switch(file.incomplete));
        let after_sync = text("moodle.after_sync", "ROLLBOOK_MOODLE_AFTER_SYNC", switch(file.after_sync));
        let grades = text("moodle.grades", "ROLLBOOK_MOODLE_GRADES", switch(file.grades));
        let grade_from = text("moodle.grade_from", "ROLLBOOK_MOODLE_GRADE_FROM", file.grade_from);
        let db = secret(db, "ROLLBOOK_MOODLE_DB_FILE", db_file)?;
        let token = secret(token, "ROLLBOOK_MOODLE_TOKEN_FILE", token_file)?;
        Ok(MoodleConfig {
            db: db.map(|url| parse_db(url, prefix, schema)).transpose()?,
            service: parse_service(url, token)?,
            account: account.unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned()),
            duration: parse_duration(duration.as_deref())?,
            matching: parse_matching(matching.as_deref())?,
            incomplete: parse_switch("ROLLBOOK_MOODLE_INCOMPLETE", incomplete.as_deref().unwrap_or("false"))?,
            after_sync: parse_switch("ROLLBOOK_MOODLE_AFTER_SYNC", after_sync.as_deref().unwrap_or("true"))?,
            grades: parse_switch("ROLLBOOK_MOODLE_GRADES", grades.as_deref().unwrap_or("false"))?,
            grade_from: parse_grade_from(grade_from.as_deref())?,
        })
    }
}

/// A secret given as it is, else as a file.
fn secret(
    value: Option<String>,
    setting: &str,
    file: Option<String>,
) -> Result<Option<SecretString>, ConfigError> {
    match (value, file) {
        (Some(value), _) => Ok(Some(SecretString::from(value))),
        (None, Some(path)) => read_secret(setting, &PathBuf::from(path)).map(Some),
        (None, None) => Ok(None),
    }
}

/// Nothing of the address is repeated: it holds a password.
fn parse_db(
    url: SecretString,
    prefix: Option<String>,
    schema: Option<String>,
) -> Result<MoodleDbConfig, ConfigError> {
    let parsed: Result<url::Url, _> = url.expose_secret().parse();
    let is_known = parsed
        .as_ref()
        .is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql" | "mysql" | "mariadb"));
    if !is_known {
        return Err(ConfigError(
            "ROLLBOOK_MOODLE_DB is no address of a database; write postgres://USER:PASSWORD@HOST/DATABASE or \
             mysql://USER:PASSWORD@HOST/DATABASE (also for MariaDB), with characters such as @ or / in the password \
             written as %40 or %2F"
                .to_owned(),
        ));
    }
    let has_database = parsed.is_ok_and(|url| url.path().len() > 1);
    if !has_database {
        return Err(ConfigError(
            "ROLLBOOK_MOODLE_DB names no database; write it behind the host, as in mysql://USER:PASSWORD@HOST/moodle"
                .to_owned(),
        ));
    }
    Ok(MoodleDbConfig {
        url,
        prefix: parse_name("ROLLBOOK_MOODLE_PREFIX", prefix.unwrap_or_else(|| "mdl_".to_owned()))?,
        schema: parse_name("ROLLBOOK_MOODLE_SCHEMA", schema.unwrap_or_else(|| "public".to_owned()))?,
    })
}

/// Prefix and schema become part of table names.
fn parse_name(setting: &str, text: String) -> Result<String, ConfigError> {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && text.len() <= 40;
    // A prefix that is set to nothing cannot be told from one that is not set, hence the word.
    match text.as_str() {
        "none" if setting.ends_with("PREFIX") => Ok(String::new()),
        _ if is_plain => Ok(text),
        _ => Err(ConfigError(format!("{setting} is {text:?}; use letters, digits and _ only, as in mdl_"))),
    }
}

fn parse_service(
    url: Option<String>,
    token: Option<SecretString>,
) -> Result<Option<MoodleServiceConfig>, ConfigError> {
    let (url, token) = match (url, token) {
        (None, None) => return Ok(None),
        (Some(url), Some(token)) => (url, token),
        (Some(_), None) => {
            return Err(ConfigError(
                "ROLLBOOK_MOODLE_URL is set, but no token: set ROLLBOOK_MOODLE_TOKEN (or …_TOKEN_FILE) to a token of \
                 Moodle's REST service"
                    .to_owned(),
            ));
        }
        (None, Some(_)) => {
            return Err(ConfigError(
                "ROLLBOOK_MOODLE_TOKEN is set, but not whose: set ROLLBOOK_MOODLE_URL, as in \
                 https://moodle.example.edu"
                    .to_owned(),
            ));
        }
    };
    let parsed = super::file::parse_url("ROLLBOOK_MOODLE_URL", &url)?;
    Ok(Some(MoodleServiceConfig { url: parsed, token }))
}

fn parse_duration(text: Option<&str>) -> Result<DurationUnit, ConfigError> {
    match text.unwrap_or("auto") {
        "auto" => Ok(DurationUnit::Auto),
        "seconds" => Ok(DurationUnit::Seconds),
        "minutes" => Ok(DurationUnit::Minutes),
        other => Err(ConfigError(format!(
            "ROLLBOOK_MOODLE_DURATION is {other:?}; use auto (like the rows there), seconds or minutes"
        ))),
    }
}

fn parse_matching(text: Option<&str>) -> Result<Matching, ConfigError> {
    match text.unwrap_or("careful") {
        "careful" => Ok(Matching::Careful),
        "plugin" => Ok(Matching::Plugin),
        other => Err(ConfigError(format!(
            "ROLLBOOK_MOODLE_MATCHING is {other:?}; use careful (rollbook's rules) or plugin (the plugin's rules to the \
             letter)"
        ))),
    }
}

fn parse_grade_from(text: Option<&str>) -> Result<Combine, ConfigError> {
    match text.unwrap_or("overall") {
        "overall" => Ok(Combine::Overall),
        "best" => Ok(Combine::Best),
        "latest" => Ok(Combine::Latest),
        other => Err(ConfigError(format!(
            "ROLLBOOK_MOODLE_GRADE_FROM is {other:?}; use overall (time attended of all sessions), best or latest"
        ))),
    }
}

/// What is collected.
pub(super) fn parse_scope(text: Option<&str>, has_moodle: bool) -> Result<Scope, ConfigError> {
    match text.unwrap_or("account") {
        "account" => Ok(Scope::Account),
        "moodle" if has_moodle => Ok(Scope::Moodle),
        "moodle" => Err(ConfigError(
            "ROLLBOOK_SCOPE is moodle, but Moodle's database is not known: set ROLLBOOK_MOODLE_DB".to_owned(),
        )),
        other => Err(ConfigError(format!(
            "ROLLBOOK_SCOPE is {other:?}; use account (every meeting) or moodle (only meetings with an activity)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<MoodleConfig, String> {
        let environment = Environment::of(pairs.iter().copied());
        MoodleConfig::load(None, &environment, &mut BTreeMap::new()).map_err(|error| error.0)
    }

    #[test]
    fn without_settings_there_is_no_moodle() {
        let none = load(&[]).unwrap();
        assert!(none.db.is_none() && none.service.is_none());
        assert_eq!((none.duration, none.matching), (DurationUnit::Auto, Matching::Careful));
        assert!(!none.incomplete && none.after_sync);
    }

    #[test]
    fn prefix_and_schema_have_moodles_defaults() {
        let db = load(&[("ROLLBOOK_MOODLE_DB", "postgres://u:p@localhost/moodle")]).unwrap().db.unwrap();
        assert_eq!((db.prefix.as_str(), db.schema.as_str()), ("mdl_", "public"));
        let bare = load(&[
            ("ROLLBOOK_MOODLE_DB", "mysql://u:p@localhost/moodle"),
            ("ROLLBOOK_MOODLE_PREFIX", "none"),
        ]);
        assert_eq!(bare.unwrap().db.unwrap().prefix, "");
    }

    #[test]
    fn wrong_values_name_the_variable_and_what_is_right_and_never_the_password() {
        let db = ("ROLLBOOK_MOODLE_DB", "postgres://u:s3cret@localhost/moodle");
        for (pairs, variable, right) in [
            (vec![("ROLLBOOK_MOODLE_DB", "oracle://u:s3cret@h/db")], "ROLLBOOK_MOODLE_DB", "mysql://"),
            (vec![("ROLLBOOK_MOODLE_DB", "mysql://u:s3cret@h")], "ROLLBOOK_MOODLE_DB", "names no database"),
            (vec![db, ("ROLLBOOK_MOODLE_PREFIX", "x; drop")], "ROLLBOOK_MOODLE_PREFIX", "mdl_"),
            (vec![("ROLLBOOK_MOODLE_DURATION", "hours")], "ROLLBOOK_MOODLE_DURATION", "minutes"),
            (vec![("ROLLBOOK_MOODLE_GRADES", "perhaps")], "ROLLBOOK_MOODLE_GRADES", "true or false"),
            (vec![("ROLLBOOK_MOODLE_GRADE_FROM", "sum")], "ROLLBOOK_MOODLE_GRADE_FROM", "latest"),
            (vec![("ROLLBOOK_MOODLE_MATCHING", "wild")], "ROLLBOOK_MOODLE_MATCHING", "careful"),
            (vec![("ROLLBOOK_MOODLE_URL", "https://m.example")], "ROLLBOOK_MOODLE_URL", "TOKEN"),
            (vec![("ROLLBOOK_MOODLE_TOKEN", "s3cret")], "ROLLBOOK_MOODLE_TOKEN", "MOODLE_URL"),
        ] {
            let said = load(&pairs).unwrap_err();
            assert!(said.contains(variable) && said.contains(right), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn scope_moodle_needs_a_moodle() {
        assert!(parse_scope(Some("moodle"), false).unwrap_err().0.contains("ROLLBOOK_MOODLE_DB"));
        assert_eq!(parse_scope(Some("moodle"), true).unwrap(), Scope::Moodle);
        assert_eq!(parse_scope(None, true).unwrap(), Scope::Account);
    }
}
