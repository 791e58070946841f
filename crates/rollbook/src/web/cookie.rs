//! Cookies: read and made here only, all of them out of reach of scripts.

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Holds the secret of a session.
    Session,
    /// Holds what a sign-in by the provider began with, for the minutes it takes.
    Began,
}

impl Cookie {
    /// `__Host-` binds it to this host, to https and to the whole site: no other host of the domain can set it.
    fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Cookie::Session, true) => "__Host-rollbook",
            (Cookie::Session, false) => "rollbook",
            (Cookie::Began, true) => "__Host-rollbook-began",
            (Cookie::Began, false) => "rollbook-began",
        }
    }

    /// What it holds.
    pub fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
        let name = self.name(is_secure);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// The header that sets it for so many seconds, or until the browser is closed.
    pub fn set(self, value: &str, is_secure: bool, seconds: Option<u32>) -> HeaderValue {
        let (name, secure) = (self.name(is_secure), if is_secure { "; Secure" } else { "" });
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}")
            .parse()
            .expect("what cookies hold is letters")
    }

    /// The header that takes it away.
    pub fn clear(self, is_secure: bool) -> HeaderValue {
        self.set("", is_secure, Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_out_of_reach_of_scripts_and_other_hosts() {
        let text = |value: HeaderValue| value.to_str().unwrap().to_owned();
        assert_eq!(
            text(Cookie::Session.set("x", true, None)),
            "__Host-rollbook=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            text(Cookie::Session.clear(false)),
            "rollbook=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    fn check(line: &str, expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(header::COOKIE, line.parse().unwrap())]);
        assert_eq!(Cookie::Session.read(&headers, true), expected, "{line}");
    }

    #[test]
    fn it_is_read_among_others_and_only_under_its_own_name() {
        check("a=b; __Host-rollbook=key; c=d", Some("key"));
        check("__Host-rollbook=", None);
        check("rollbook=key", None);
        check("x__Host-rollbook=key", None);
    }
}
