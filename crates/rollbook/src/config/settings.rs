//! Every setting there is, for `rollbook config --settings`.

use serde::Serialize;

/// One setting.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Setting {
    /// Its key in `rollbook.toml`; keys of `zoom` may also stand in each `[[account]]`.
    pub key: Option<&'static str>,
    /// Its name in the environment.
    pub environment: Option<&'static str>,
    /// What holds where it is not set.
    pub default: Option<&'static str>,
    /// What it is.
    pub about: &'static str,
}

const fn setting(
    key: &'static str,
    environment: &'static str,
    default: &'static str,
    about: &'static str,
) -> Setting {
    Setting { key: text(key), environment: text(environment), default: text(default), about }
}

const fn text(text: &'static str) -> Option<&'static str> {
    if text.is_empty() { None } else { Some(text) }
}

/// All of them, in the order in which somebody setting rollbook up needs them.
pub const SETTINGS: &[Setting] = &[
    setting("store", "ROLLBOOK_STORE", "sqlite:rollbook.db", "where everything is kept"),
    setting("timezone", "ROLLBOOK_TIMEZONE", "UTC", "what a day means, and the clock on pages (IANA name)"),
    setting(
        "breakouts",
        "ROLLBOOK_BREAKOUTS",
        "false",
        "buy the Heavy report where breakout rooms must be told apart",
    ),
    setting(
        "qos.policy",
        "ROLLBOOK_QOS_POLICY",
        "flagged",
        "of which meetings call quality is collected: none, flagged, large:N, sample:SHARE or all",
    ),
    setting(
        "qos.meetings",
        "ROLLBOOK_QOS_MEETINGS",
        "",
        "meeting numbers whose call quality is collected whatever the policy, and while they run",
    ),
    setting("qos.keep_days", "ROLLBOOK_QOS_KEEP_DAYS", "90", "the older name of keep.samples_days"),
    setting(
        "keep.samples_days",
        "ROLLBOOK_KEEP_SAMPLES_DAYS",
        "90",
        "days for which call quality is kept minute by minute; 0 for ever (summaries stay)",
    ),
    setting(
        "keep.attendance_days",
        "ROLLBOOK_KEEP_ATTENDANCE_DAYS",
        "0",
        "days for which it is kept who was in a meeting; 0 for ever (how many stays)",
    ),
    setting(
        "keep.readings_days",
        "ROLLBOOK_KEEP_READINGS_DAYS",
        "0",
        "days for which the rows Zoom told are kept as evidence; 0 for ever (attendance stays)",
    ),
    setting(
        "keep.events_days",
        "ROLLBOOK_KEEP_EVENTS_DAYS",
        "30",
        "days for which it is kept who came and left as events told; 0 for ever (attendance stays)",
    ),
    setting(
        "keep.audit_days",
        "ROLLBOOK_KEEP_AUDIT_DAYS",
        "365",
        "days for which it is kept who looked at or asked for what; 0 for ever",
    ),
    setting(
        "keep.runs_days",
        "ROLLBOOK_KEEP_RUNS_DAYS",
        "0",
        "days for which reports of runs are kept; 0 for ever",
    ),
    setting(
        "privacy.masked",
        "ROLLBOOK_MASKED",
        "false",
        "keep no names at all: pseudonyms in place of names, e-mails and hosts",
    ),
    setting(
        "zoom.account_id",
        "ROLLBOOK_ZOOM_ACCOUNT_ID",
        "",
        "account ID of the server-to-server OAuth app",
    ),
    setting("zoom.client_id", "ROLLBOOK_ZOOM_CLIENT_ID", "", "its client ID"),
    setting("zoom.client_secret", "ROLLBOOK_ZOOM_CLIENT_SECRET", "", "its client secret"),
    setting(
        "zoom.client_secret_file",
        "ROLLBOOK_ZOOM_CLIENT_SECRET_FILE",
        "",
        "a file that holds the client secret",
    ),
    setting(
        "zoom.access_token",
        "ROLLBOOK_ZOOM_ACCESS_TOKEN",
        "",
        "a ready access token, in place of the app",
    ),
    setting(
        "zoom.access_token_file",
        "ROLLBOOK_ZOOM_ACCESS_TOKEN_FILE",
        "",
        "a file that holds the access token",
    ),
    setting(
        "zoom.webhook_secret",
        "ROLLBOOK_WEBHOOK_SECRET",
        "",
        "the app's secret token: `serve` takes Zoom's events at /webhooks/zoom",
    ),
    setting(
        "zoom.webhook_secret_file",
        "ROLLBOOK_WEBHOOK_SECRET_FILE",
        "",
        "a file that holds the app's secret token",
    ),
    setting("zoom.plan", "ROLLBOOK_ZOOM_PLAN", "business", "the account's plan: free, pro or business"),
    setting(
        "zoom.limits",
        "ROLLBOOK_ZOOM_LIMITS",
        "",
        "exceptions Zoom granted, as heavy_day=90000,ri_minute=40",
    ),
    setting(
        "zoom.reserve",
        "ROLLBOOK_ZOOM_RESERVE",
        "0.2",
        "share of each daily allowance left to other apps",
    ),
    setting("zoom.api_url", "ROLLBOOK_ZOOM_API_URL", "https://api.zoom.us/v2", "Zoom's API"),
    setting("zoom.oauth_url", "ROLLBOOK_ZOOM_OAUTH_URL", "https://zoom.us/oauth/token", "Zoom's token URL"),
    setting("zoom.pool", "", "the account's name", "the quota that several accounts share"),
    setting("account.name", "", "default", "the name of one of several accounts, in [[account]]"),
    setting(
        "serve.listen",
        "ROLLBOOK_LISTEN",
        "127.0.0.1:8787",
        "the address at which `rollbook serve` answers",
    ),
    setting(
        "serve.from",
        "ROLLBOOK_SERVE_FROM",
        "",
        "the first day that `rollbook serve` collects; without it, the day before its first start",
    ),
    setting(
        "serve.list_every",
        "ROLLBOOK_SERVE_LIST_EVERY",
        "1h",
        "how often `rollbook serve` lists the running day",
    ),
    setting(
        "serve.first_look",
        "ROLLBOOK_SERVE_FIRST_LOOK",
        "6h",
        "how long after a meeting's end `rollbook serve` looks at its attendance; sooner than 6h costs a second call",
    ),
    setting(
        "serve.deliver_every",
        "ROLLBOOK_SERVE_DELIVER_EVERY",
        "10m",
        "Moodle is told of changes no more often than this",
    ),
    setting(
        "serve.public_url",
        "ROLLBOOK_PUBLIC_URL",
        "",
        "how people reach it, such as https://rollbook.uni.example",
    ),
    setting(
        "serve.tls_certificate",
        "ROLLBOOK_TLS_CERTIFICATE",
        "",
        "a file with its certificate and those that signed it (PEM)",
    ),
    setting("serve.tls_key", "ROLLBOOK_TLS_KEY", "", "a file with the certificate's private key (PEM)"),
    setting(
        "serve.proxies",
        "ROLLBOOK_PROXIES",
        "",
        "addresses or ranges of the proxies in front of it, by commas",
    ),
    setting(
        "serve.proxy_user_header",
        "ROLLBOOK_PROXY_USER_HEADER",
        "",
        "the header in which those proxies name who is signed in",
    ),
    setting(
        "serve.api_rate",
        "ROLLBOOK_API_RATE",
        "600",
        "requests a minute that each token, login or address may make to the JSON API",
    ),
    setting("serve.oidc.issuer", "ROLLBOOK_OIDC_ISSUER", "", "the OpenID provider that signs people in"),
    setting("serve.oidc.client_id", "ROLLBOOK_OIDC_CLIENT_ID", "", "who rollbook is to the provider"),
    setting("serve.oidc.client_secret", "ROLLBOOK_OIDC_CLIENT_SECRET", "", "the secret the provider gave it"),
    setting(
        "serve.oidc.client_secret_file",
        "ROLLBOOK_OIDC_CLIENT_SECRET_FILE",
        "",
        "a file that holds that secret",
    ),
    setting(
        "serve.oidc.role_claim",
        "ROLLBOOK_OIDC_ROLE_CLAIM",
        "",
        "the claim whose values are roles, such as groups",
    ),
    setting(
        "serve.oidc.roles",
        "ROLLBOOK_OIDC_ROLES",
        "",
        "its values and their roles, as in zoom-admins=admin,staff=viewer",
    ),
    setting(
        "attendance.late_after_minutes",
        "ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES",
        "10",
        "joining more than this after a class began is late; never for nobody is",
    ),
    setting(
        "attendance.left_early_minutes",
        "ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES",
        "10",
        "leaving more than this before a class ended is leaving early; never for nobody does",
    ),
    setting(
        "attendance.present_share",
        "ROLLBOOK_ATTENDANCE_PRESENT_SHARE",
        "0.5",
        "less than this share of a class is absent",
    ),
    setting(
        "attendance.class_time",
        "ROLLBOOK_ATTENDANCE_CLASS_TIME",
        "planned",
        "what a class took: planned (what was held of the time planned) or held",
    ),
    setting(
        "attendance.nameless_doubt",
        "ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT",
        "true",
        "whether devices and telephones without a name put those in doubt who would be absent",
    ),
    setting(
        "refresh.roles",
        "ROLLBOOK_REFRESH_ROLES",
        "admin",
        "who may have a meeting looked at again now: admin, analyst, teacher, viewer, by commas, or none",
    ),
    setting(
        "refresh.ration",
        "ROLLBOOK_REFRESH_RATION",
        "10",
        "how many such requests anybody has a day, those that joined another left out",
    ),
    setting(
        "scope",
        "ROLLBOOK_SCOPE",
        "account",
        "what is collected: account, or moodle (meetings with an activity)",
    ),
    setting(
        "moodle.db",
        "ROLLBOOK_MOODLE_DB",
        "",
        "Moodle's database: postgres://USER:PASSWORD@HOST/DATABASE or mysql://… (also MariaDB)",
    ),
    setting("moodle.db_file", "ROLLBOOK_MOODLE_DB_FILE", "", "a file that holds that address"),
    setting(
        "moodle.prefix",
        "ROLLBOOK_MOODLE_PREFIX",
        "mdl_",
        "$CFG->prefix of config.php; none for an empty one",
    ),
    setting(
        "moodle.schema",
        "ROLLBOOK_MOODLE_SCHEMA",
        "public",
        "PostgreSQL's schema (dboptions['dbschema'])",
    ),
    setting(
        "moodle.duration",
        "ROLLBOOK_MOODLE_DURATION",
        "auto",
        "unit of a session's duration: auto (like the rows there, else seconds), seconds or minutes",
    ),
    setting(
        "moodle.matching",
        "ROLLBOOK_MOODLE_MATCHING",
        "careful",
        "who is who: careful, or plugin (the plugin's rules to the letter)",
    ),
    setting(
        "moodle.incomplete",
        "ROLLBOOK_MOODLE_INCOMPLETE",
        "false",
        "deliver instances that are still open with what is known, and correct them later",
    ),
    setting(
        "moodle.after_sync",
        "ROLLBOOK_MOODLE_AFTER_SYNC",
        "true",
        "deliver to Moodle's database after every sync",
    ),
    setting(
        "moodle.account",
        "ROLLBOOK_MOODLE_ACCOUNT",
        "default",
        "the account whose meetings Moodle's activities are",
    ),
    setting(
        "moodle.url",
        "ROLLBOOK_MOODLE_URL",
        "",
        "the site's address, for grades through its web service",
    ),
    setting("moodle.token", "ROLLBOOK_MOODLE_TOKEN", "", "a token of its REST service"),
    setting("moodle.token_file", "ROLLBOOK_MOODLE_TOKEN_FILE", "", "a file that holds that token"),
    setting(
        "moodle.grades",
        "ROLLBOOK_MOODLE_GRADES",
        "false",
        "write grades by time attended through the web service after every delivery",
    ),
    setting(
        "moodle.grade_from",
        "ROLLBOOK_MOODLE_GRADE_FROM",
        "overall",
        "which sessions of an activity a grade comes from: overall (all), best or latest",
    ),
    setting("", "ROLLBOOK_CONFIG", "rollbook.toml", "the configuration file"),
    setting("", "ROLLBOOK_CACHE", "~/.cache/rollbook", "where Zoom's token is kept between commands"),
    setting("", "ROLLBOOK_LOG", "warn", "how much is logged, as info or rollbook=debug"),
    setting("", "ROLLBOOK_LOG_FORMAT", "text", "json for one object per line"),
    setting("", "ROLLBOOK_NOW", "the system's clock", "INSTANT[,SCALE], for trying things out on loopback"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::VARIABLES;

    #[test]
    fn every_variable_that_is_read_is_listed() {
        let listed: BTreeSet<&str> = SETTINGS.iter().filter_map(|setting| setting.environment).collect();
        assert_eq!(listed, VARIABLES.iter().copied().collect());
    }
}
