//! Refresh on request: which roles may ask, and how often.

use std::collections::{BTreeMap, BTreeSet};

use rollbook_core::request::{Role, Rules};
use serde::Deserialize;

use super::{ConfigError, Environment, pick};

/// More than anybody can ask for by hand; a typing mistake is likelier.
const RATION_MAX: u32 = 10_000;

/// `[refresh]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    roles: Option<Vec<String>>,
    ration: Option<u32>,
}

pub(super) fn load(
    file: Option<&File>,
    environment: &Environment,
    origins: &mut BTreeMap<String, &'static str>,
) -> Result<Rules, ConfigError> {
    let file = file.cloned().unwrap_or_default();
    let env = |name: &str| environment.get(name).map(str::to_owned);
    let mut text = |key: &str, variable: &str, file: Option<String>| {
        pick(origins, key, [("environment", env(variable)), ("file", file)])
    };
    let listed = file.roles.map(|roles| if roles.is_empty() { "none".to_owned() } else { roles.join(",") });
    let roles = text("refresh.roles", "ROLLBOOK_REFRESH_ROLES", listed);
    let ration =
        text("refresh.ration", "ROLLBOOK_REFRESH_RATION", file.ration.map(|ration| ration.to_string()));
    let usual = Rules::default();
    Ok(Rules {
        roles: roles.map_or(Ok(usual.roles), |text| parse_roles(&text))?,
        ration: ration.map_or(Ok(usual.ration), |text| parse_ration(&text))?,
    })
}

/// Roles by commas; `none` shuts everybody out but the shell itself.
fn parse_roles(text: &str) -> Result<BTreeSet<Role>, ConfigError> {
    if text.trim() == "none" {
        return Ok(BTreeSet::new());
    }
    let words = text.split(',').filter(|word| !word.trim().is_empty());
    words
        .map(|word| {
            word.parse()
                .map_err(|wrong: String| ConfigError(format!("ROLLBOOK_REFRESH_ROLES: {wrong}, or none")))
        })
        .collect()
}

fn parse_ration(text: &str) -> Result<u32, ConfigError> {
    text.parse().ok().filter(|ration| (1..=RATION_MAX).contains(ration)).ok_or_else(|| {
        ConfigError(format!(
            "ROLLBOOK_REFRESH_RATION is {text:?}; use a number of requests a day from 1 to {RATION_MAX} \
             (ROLLBOOK_REFRESH_ROLES=none lets nobody ask)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)]) -> Result<Rules, String> {
        let environment = Environment::of(pairs.iter().copied());
        load(None, &environment, &mut BTreeMap::new()).map_err(|error| error.0)
    }

    #[test]
    fn admins_only_unless_told_otherwise() {
        assert_eq!(check(&[]).unwrap(), Rules::default());
        let set = check(&[("ROLLBOOK_REFRESH_ROLES", " Teacher, admin"), ("ROLLBOOK_REFRESH_RATION", "3")])
            .unwrap();
        assert_eq!(set, Rules { roles: BTreeSet::from([Role::Admin, Role::Teacher]), ration: 3 });
        assert!(check(&[("ROLLBOOK_REFRESH_ROLES", "none")]).unwrap().roles.is_empty());
    }

    #[test]
    fn wrong_values_name_the_variable_and_what_is_right() {
        for (variable, value, right) in [
            ("ROLLBOOK_REFRESH_ROLES", "owner", "teacher"),
            ("ROLLBOOK_REFRESH_ROLES", "admin,none", "viewer"),
            ("ROLLBOOK_REFRESH_RATION", "0", "from 1"),
            ("ROLLBOOK_REFRESH_RATION", "many", "number"),
        ] {
            let said = check(&[(variable, value)]).unwrap_err();
            assert!(said.contains(variable) && said.contains(right), "{said}");
        }
    }
}
