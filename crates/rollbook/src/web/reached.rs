//! How a request came here: from which address, over what, under which name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header, uri::Authority};
use url::Url;

use crate::config::ServeConfig;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether it speaks TLS with us.
    pub is_tls: bool,
}

/// How a request came here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Who asks: the peer, or whom a proxy that is believed names.
    pub address: IpAddr,
    /// Whether the other end is a proxy that is believed.
    pub by_proxy: bool,
    /// Whether the visitor's browser speaks https, so that cookies may demand it.
    pub is_secure: bool,
    /// Whether nobody on the way can listen: TLS, a declared proxy, or this machine itself.
    pub is_private: bool,
    /// Whether it was asked for under a name of ours. Another site's name that leads to our address is none.
    pub is_own_name: bool,
    /// Whether it comes from a page of ours, as far as the browser says.
    pub origin: Origin,
}

/// From whose page a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// One of ours.
    Own,
    /// Another site's.
    Foreign,
    /// Nothing tells: it is no browser.
    Unknown,
}

impl Reached {
    /// Reads it off a request.
    pub fn of(settings: &ServeConfig, parts: &Parts) -> Reached {
        // Only somebody in this process can ask without a connection.
        let peer = parts.extensions.get::<ConnectInfo<Peer>>().map_or(
            Peer { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), is_tls: false },
            |ConnectInfo(peer)| *peer,
        );
        let from = peer.address.ip().to_canonical();
        let by_proxy = settings.is_proxy(from);
        let host = host(parts);
        let is_secure = peer.is_tls
            || (by_proxy && is_forwarded_https(&parts.headers))
            || host.as_ref().is_some_and(|host| is_public_https(settings, host));
        Reached {
            address: if by_proxy { forwarded_for(settings, &parts.headers).unwrap_or(from) } else { from },
            by_proxy,
            is_secure,
            is_private: peer.is_tls || by_proxy || from.is_loopback(),
            is_own_name: host.as_ref().is_some_and(|host| is_own_name(settings, host)),
            origin: origin(settings, &parts.headers, host.as_ref(), is_secure),
        }
    }
}

fn host(parts: &Parts) -> Option<Authority> {
    match parts.uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => parts.headers.get(header::HOST)?.to_str().ok()?.parse().ok(),
    }
}

/// An address cannot be pointed elsewhere, a name can: another site may let its own name lead to us, and its pages would
/// then ask us as if they were ours.
fn is_own_name(settings: &ServeConfig, host: &Authority) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']').to_lowercase();
    let is_public = |url: &Url| url.host_str().is_some_and(|public| public.eq_ignore_ascii_case(&name));
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok()
        || settings.public_url.as_ref().is_some_and(is_public)
}

/// Whether it is the public name, and that is reached by https. Who comes by another, such as `localhost` through a tunnel,
/// may come without.
fn is_public_https(settings: &ServeConfig, host: &Authority) -> bool {
    settings.public_url.as_ref().is_some_and(|url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|public| public.eq_ignore_ascii_case(host.host()))
    })
}

/// The last address that no proxy of ours has: what stands before it was written by whoever asks.
fn forwarded_for(settings: &ServeConfig, headers: &HeaderMap) -> Option<IpAddr> {
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().ok()).collect::<Option<_>>()?;
    let hops = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let mut hops: Vec<Option<IpAddr>> = hops.map(read_hop).collect();
    while let Some(hop) = hops.pop() {
        let hop = hop?;
        if !settings.is_proxy(hop) || hops.is_empty() {
            return Some(hop);
        }
    }
    None
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn read_hop(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|both| both.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn is_forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all("x-forwarded-proto").iter().next_back();
    let text = last.and_then(|value| value.to_str().ok()).unwrap_or("");
    text.rsplit(',').next().is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

fn origin(settings: &ServeConfig, headers: &HeaderMap, host: Option<&Authority>, is_secure: bool) -> Origin {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    let origin = text(header::ORIGIN);
    if site.is_some_and(|site| site != "same-origin") {
        return Origin::Foreign;
    }
    match origin {
        None if site.is_none() => Origin::Unknown,
        None => Origin::Own,
        Some(origin) => {
            let scheme = if is_secure { "https" } else { "http" };
            let asked =
                host.filter(|host| is_own_name(settings, host)).map(|host| format!("{scheme}://{host}"));
            let asked = asked.and_then(|asked| asked.parse::<Url>().ok());
            let known = [asked.as_ref(), settings.public_url.as_ref()];
            let is_own = known.into_iter().flatten().any(|url| url.origin().ascii_serialization() == origin);
            if is_own { Origin::Own } else { Origin::Foreign }
        }
    }
}

#[cfg(test)]
mod tests;
