//! The server: where it listens, how it is reached, and who vouches for people.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use http::HeaderName;
use serde::Deserialize;
use url::Url;

use super::{ConfigError, Environment, pick};

mod network;
mod oidc;
mod steady;

pub use network::Network;
pub use oidc::OidcConfig;
pub use steady::SteadyConfig;

/// Only this machine, unless told otherwise.
const LISTEN: &str = "127.0.0.1:8787";

/// Ten requests a second, for as long as anybody likes.
pub const API_RATE: NonZeroU32 = NonZeroU32::new(600).expect("it is not zero");

/// `[serve]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    listen: Option<String>,
    public_url: Option<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    proxies: Option<Vec<String>>,
    proxy_user_header: Option<String>,
    api_rate: Option<u32>,
    oidc: Option<oidc::File>,
    from: Option<String>,
    list_every: Option<String>,
    first_look: Option<String>,
    deliver_every: Option<String>,
}

/// Settings of `rollbook serve`.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it answers.
    pub listen: SocketAddr,
    /// How people reach it, where that is not the address it listens at.
    pub public_url: Option<Url>,
    /// Certificate and key, where it speaks TLS itself.
    pub tls: Option<TlsConfig>,
    /// Proxies that are believed when they say for whom and how they were asked.
    pub proxies: Vec<Network>,
    /// The header in which those proxies name who is signed in with them.
    pub proxy_user_header: Option<HeaderName>,
    /// How many requests a minute each token, login or address may make to the JSON API.
    pub api_rate: NonZeroU32,
    /// The OpenID provider that signs people in.
    pub oidc: Option<OidcConfig>,
    /// How it collects by itself.
    pub steady: SteadyConfig,
}

/// Where certificate and key are, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// The certificate, followed by those that signed it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Default for ServeConfig {
    fn default() -> ServeConfig {
        ServeConfig {
            listen: LISTEN.parse().expect("it is an address and a port"),
            public_url: None,
            tls: None,
            proxies: Vec::new(),
            proxy_user_header: None,
            api_rate: API_RATE,
            oidc: None,
            steady: SteadyConfig::default(),
        }
    }
}

impl ServeConfig {
    pub(super) fn load(
        file: Option<&File>,
        environment: &Environment,
        origins: &mut BTreeMap<String, &'static str>,
    ) -> Result<ServeConfig, ConfigError> {
        let file = file.cloned().unwrap_or_default();
        let mut text = |key: &str, variable: &str, file: Option<String>| {
            let set = environment.get(variable).map(str::to_owned);
            pick(origins, key, [("environment", set), ("file", file)])
        };
        let path = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
        let listen = text("serve.listen", "ROLLBOOK_LISTEN", file.listen);
        let public_url = text("serve.public_url", "ROLLBOOK_PUBLIC_URL", file.public_url);
        let certificate =
            text("serve.tls_certificate", "ROLLBOOK_TLS_CERTIFICATE", path(file.tls_certificate));
        let key = text("serve.tls_key", "ROLLBOOK_TLS_KEY", path(file.tls_key));
        let proxies =
            text("serve.proxies", "ROLLBOOK_PROXIES", file.proxies.map(|proxies| proxies.join(",")));
        let header = text("serve.proxy_user_header", "ROLLBOOK_PROXY_USER_HEADER", file.proxy_user_header);
        let steady = steady::File {
            from: file.from,
            list_every: file.list_every,
            first_look: file.first_look,
            deliver_every: file.deliver_every,
        };
        let steady = SteadyConfig::load(steady, &mut text)?;
        let public_url = public_url.map(|url| parse_public_url(&url)).transpose()?;
        let api_rate =
            text("serve.api_rate", "ROLLBOOK_API_RATE", file.api_rate.map(|rate| rate.to_string()));
        let oidc = OidcConfig::load(file.oidc, &mut text)?;
        if oidc.is_some() && public_url.is_none() {
            return Err(ConfigError(
                "ROLLBOOK_OIDC_ISSUER needs ROLLBOOK_PUBLIC_URL: the provider sends people back there"
                    .to_owned(),
            ));
        }
        let config = ServeConfig {
            listen: parse_listen(listen.as_deref().unwrap_or(LISTEN))?,
            public_url,
            tls: pair_up(certificate, key)?,
            proxies: parse_proxies(proxies.as_deref().unwrap_or(""))?,
            proxy_user_header: header.map(|name| parse_header(&name)).transpose()?,
            api_rate: api_rate.map_or(Ok(API_RATE), |rate| parse_rate(&rate))?,
            oidc,
            steady,
        };
        if config.proxy_user_header.is_some() && config.proxies.is_empty() {
            return Err(ConfigError(
                "ROLLBOOK_PROXY_USER_HEADER is set, but no proxy is believed: name its address in ROLLBOOK_PROXIES"
                    .to_owned(),
            ));
        }
        Ok(config)
    }

    /// Whether it may listen where it is told to: beyond this machine only with TLS or behind a proxy that is declared.
    ///
    /// # Errors
    /// A sentence that says what to set.
    pub fn check_listen(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() || self.tls.is_some() || !self.proxies.is_empty() {
            return Ok(());
        }
        Err(ConfigError(format!(
            "{} can be reached from other machines, and passwords would travel unencrypted: set \
             ROLLBOOK_TLS_CERTIFICATE and ROLLBOOK_TLS_KEY, or name the proxy that speaks TLS for it in \
             ROLLBOOK_PROXIES, or listen at {LISTEN}",
            self.listen
        )))
    }

    /// How people reach it, without a slash at the end; `listening` is where it turned out to listen.
    pub fn base(&self, listening: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        match &self.public_url {
            Some(url) => url.origin().ascii_serialization(),
            None => format!("{scheme}://{listening}"),
        }
    }

    /// Whether an address is that of a proxy that is believed.
    pub fn is_proxy(&self, address: std::net::IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(address))
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError(format!(
            "ROLLBOOK_LISTEN is {text:?}; use an address and a port, such as {LISTEN} or [::1]:8787"
        ))
    })
}

/// `https://rollbook.uni.example`: pages begin at its root.
fn parse_public_url(text: &str) -> Result<Url, ConfigError> {
    let wrong = |why: &str| {
        ConfigError(format!(
            "ROLLBOOK_PUBLIC_URL is {text:?}, {why}; write it as https://rollbook.uni.example"
        ))
    };
    let url: Url = text.parse().map_err(|_| wrong("which is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("which is no http(s) address"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("but pages begin at the root of a host"));
    }
    if url.password().is_some() || !url.username().is_empty() {
        return Err(ConfigError("ROLLBOOK_PUBLIC_URL must not hold a user or password".to_owned()));
    }
    Ok(url)
}

fn pair_up(certificate: Option<String>, key: Option<String>) -> Result<Option<TlsConfig>, ConfigError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsConfig { certificate: certificate.into(), key: key.into() }))
        }
        (None, None) => Ok(None),
        _ => Err(ConfigError(
            "ROLLBOOK_TLS_CERTIFICATE and ROLLBOOK_TLS_KEY belong together: set both".to_owned(),
        )),
    }
}

fn parse_rate(text: &str) -> Result<NonZeroU32, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError(format!(
            "ROLLBOOK_API_RATE is {text:?}; use a number of requests a minute, such as {API_RATE}"
        ))
    })
}

fn parse_proxies(text: &str) -> Result<Vec<Network>, ConfigError> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| word.parse().map_err(|wrong| ConfigError(format!("ROLLBOOK_PROXIES: {wrong}"))))
        .collect()
}

/// A header that browsers or proxies set for other ends must not say who somebody is.
fn parse_header(text: &str) -> Result<HeaderName, ConfigError> {
    const OTHERS: [&str; 7] =
        ["authorization", "cookie", "host", "origin", "user-agent", "x-forwarded-for", "x-forwarded-proto"];
    text.to_lowercase().parse().ok().filter(|name: &HeaderName| !OTHERS.contains(&name.as_str())).ok_or_else(|| {
        ConfigError(format!(
            "ROLLBOOK_PROXY_USER_HEADER is {text:?}; use the name of the header in which your proxy names the user, \
             such as X-Remote-User"
        ))
    })
}

#[cfg(test)]
mod tests;
