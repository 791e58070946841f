//! The server: where it listens.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Deserialize;

use super::{ConfigError, Environment, pick};

/// Only this machine, unless told otherwise.
const LISTEN: &str = "127.0.0.1:8787";

/// `[serve]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    listen: Option<String>,
}

/// Settings of `rollbook serve`.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it answers.
    pub listen: SocketAddr,
}

impl ServeConfig {
    pub(super) fn load(
        file: Option<&File>,
        environment: &Environment,
        origins: &mut BTreeMap<String, &'static str>,
    ) -> Result<ServeConfig, ConfigError> {
        let file = file.cloned().unwrap_or_default();
        let env = |name: &str| environment.get(name).map(str::to_owned);
        let listen =
            pick(origins, "serve.listen", [("environment", env("ROLLBOOK_LISTEN")), ("file", file.listen)]);
        Ok(ServeConfig { listen: parse_listen(listen.as_deref().unwrap_or(LISTEN))? })
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError(format!(
            "ROLLBOOK_LISTEN is {text:?}; use an address and a port, such as {LISTEN} or [::1]:8787"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_this_machine_unless_told_otherwise() {
        let load = |pairs: &[(&str, &str)]| {
            ServeConfig::load(None, &Environment::of(pairs.iter().copied()), &mut BTreeMap::new())
        };
        assert!(load(&[]).unwrap().listen.ip().is_loopback());
        assert_eq!(load(&[("ROLLBOOK_LISTEN", "[::1]:80")]).unwrap().listen.port(), 80);
        assert!(load(&[("ROLLBOOK_LISTEN", "localhost")]).unwrap_err().0.contains("8787"));
    }
}
