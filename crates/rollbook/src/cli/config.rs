//! `rollbook config`: what is in force, and what can be set.

use clap::Args;
use serde_json::{Value, json};

use super::context::Context;
use super::page::Page;
use super::{Exit, output};
use crate::config::{DEFAULT_ACCOUNT, SETTINGS, Setting, shown};

/// Show what is configured and where each value comes from; secrets are masked
#[derive(Debug, Args)]
pub struct Config {
    /// List every setting there is, with its environment variable and default
    #[arg(long)]
    pub settings: bool,
}

impl Config {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match (self.settings, context.json) {
            (true, true) => output::json(&json!({ "settings": SETTINGS }))?,
            (true, false) => output::text(&settings_text(&context.page(), SETTINGS))?,
            (false, true) => output::json(&shown(&context.config))?,
            (false, false) => output::text(&shown_text(&shown(&context.config)))?,
        }
        Ok(Exit::Done)
    }
}

/// Every setting, for people: its two names, then what it is.
pub fn settings_text(page: &Page, settings: &[Setting]) -> String {
    let width = settings.iter().filter_map(|setting| setting.environment).map(str::len).max().unwrap_or(0);
    let mut out = format!("{:<width$}  rollbook.toml\n\n", "environment");
    for setting in settings {
        let environment = setting.environment.unwrap_or("–");
        let line = format!("{environment:<width$}  {}", setting.key.unwrap_or("–"));
        let default = setting.default.map_or_else(String::new, |default| format!(" (default: {default})"));
        out += &format!("{line}\n{}", page.field("", &format!("{}{default}", setting.about)));
    }
    out
}

/// What is in force, in the form of `rollbook.toml`, with the origin of each value behind it.
pub fn shown_text(shown: &Value) -> String {
    let origin = |key: &str| match shown["origins"][key].as_str() {
        Some("environment") => Some(variable(key).unwrap_or("environment").to_owned()),
        Some(other) => Some(other.to_owned()),
        None => None,
    };
    let mut lines: Vec<(String, Option<String>)> = Vec::new();
    for key in ["store", "timezone", "breakouts"] {
        lines.push((format!("{key} = {}", shown[key]), origin(key)));
    }
    if shown["now"].is_string() {
        lines.push((format!("# the clock is simulated: {}", shown["now"]), Some("ROLLBOOK_NOW".into())));
    }
    lines.push((String::new(), None));
    lines.push(("[qos]".to_owned(), None));
    for key in ["policy", "meetings", "keep_days"] {
        lines.push((format!("{key} = {}", shown["qos"][key]), origin(&format!("qos.{key}"))));
    }
    for account in shown["accounts"].as_array().into_iter().flatten() {
        let is_default = account["name"] == DEFAULT_ACCOUNT;
        let of = |key: &str| {
            if is_default { origin(&format!("zoom.{key}")) } else { Some("file".to_owned()) }
        };
        lines.push((String::new(), None));
        lines.push((if is_default { "[zoom]" } else { "[[account]]" }.to_owned(), None));
        if !is_default {
            lines.push((format!("name = {}", account["name"]), of("name")));
        }
        match account["credentials"].as_object() {
            None => lines.push(("# no credentials".to_owned(), None)),
            Some(credentials) => {
                for (key, value) in credentials {
                    // A secret may come from a file of its own.
                    let file = of(&format!("{key}_file")).filter(|origin| origin != "default");
                    let from = if is_default { file.or_else(|| of(key)) } else { of(key) };
                    lines.push((format!("{key} = {value}"), from));
                }
            }
        }
        for key in ["plan", "limits", "reserve", "api_url", "oauth_url"] {
            lines.push((format!("{key} = {}", account[key]), of(key)));
        }
        if account["pool"] != account["name"] {
            lines.push((format!("pool = {}", account["pool"]), Some("file".to_owned())));
        }
    }
    let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0).min(56);
    lines
        .into_iter()
        .map(|(text, origin)| match origin {
            Some(origin) => format!("{text:<width$}  # {origin}\n"),
            None => format!("{text}\n"),
        })
        .collect()
}

/// The environment's name for a setting.
fn variable(key: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|setting| setting.key == Some(key))?.environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment, Flags};

    #[test]
    fn the_text_is_a_configuration_that_says_where_each_value_comes_from() {
        let environment = Environment::of([
            ("ROLLBOOK_TIMEZONE", "Europe/Berlin"),
            ("ROLLBOOK_ZOOM_ACCOUNT_ID", "a"),
            ("ROLLBOOK_ZOOM_CLIENT_ID", "c"),
            ("ROLLBOOK_ZOOM_CLIENT_SECRET", "hush-hush"),
        ]);
        let config = Config::load(&Flags::default(), &environment).unwrap();
        insta::assert_snapshot!(shown_text(&shown(&config)), @r#"
        store = "sqlite:rollbook.db"               # default
        timezone = "Europe/Berlin"                 # ROLLBOOK_TIMEZONE
        breakouts = false                          # default

        [qos]
        policy = "flagged"                         # default
        meetings = []                              # default
        keep_days = 90                             # default

        [zoom]
        account_id = "a"                           # ROLLBOOK_ZOOM_ACCOUNT_ID
        client_id = "c"                            # ROLLBOOK_ZOOM_CLIENT_ID
        client_secret = "(set)"                    # ROLLBOOK_ZOOM_CLIENT_SECRET
        plan = "business"                          # default
        limits = ""                                # default
        reserve = 0.2                              # default
        api_url = "https://api.zoom.us/v2"         # default
        oauth_url = "https://zoom.us/oauth/token"  # default
        "#);
    }
}
