//! Signing in: a server-to-server token, got once for all callers, or a ready one.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use url::Url;

use crate::error::{Advice, Detail, Error, ErrorKind, TokenRefusal, location_host};
use crate::id::percent_encode;
use crate::limits::LimitHeaders;
use crate::transport::Http1Only;

/// A token is renewed this long before its end, so that no request leaves with one that dies on the
/// way. For tokens that live less than ten minutes it is a fifth of their life.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// What Zoom gives when it does not say how long.
const LIFETIME_SECS_DEFAULT: i64 = 3600;

/// How to sign in.
#[derive(Clone)]
pub enum Credentials {
    /// A server-to-server OAuth app. Its token acts for the whole account.
    ServerToServer {
        /// The account's identifier.
        account_id: String,
        /// The app's client identifier.
        client_id: String,
        /// The app's secret.
        client_secret: SecretString,
        /// Where tokens are got, normally `https://zoom.us/oauth/token`.
        token_url: Url,
    },
    /// A token that somebody else got. Used as it is, never renewed.
    AccessToken(SecretString),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::ServerToServer { account_id, client_id, token_url, .. } => f
                .debug_struct("ServerToServer")
                .field("account_id", account_id)
                .field("client_id", client_id)
                .field("client_secret", &"[redacted]")
                .field("token_url", &place(token_url))
                .finish(),
            Credentials::AccessToken(_) => f.write_str("AccessToken([redacted])"),
        }
    }
}

/// A token with what came along. Serialising it writes the token itself: keep the result where only
/// its owner can read it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    value: SecretString,
    /// When it was asked for.
    pub got_at: Timestamp,
    /// When Zoom stops accepting it.
    pub expires_at: Timestamp,
    /// The scopes it really has.
    pub scopes: BTreeSet<String>,
    /// The region's address Zoom recommends. The plain address works for every region.
    pub api_url: Option<String>,
    /// Which account and app it was got for, so that another one's token is not taken up.
    owner: String,
}

fn expose<S: Serializer>(value: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.expose_secret())
}

fn conceal<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("value", &"[redacted]")
            .field("got_at", &self.got_at)
            .field("expires_at", &self.expires_at)
            .field("scopes", &self.scopes)
            .field("api_url", &self.api_url)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// Whether it is still far enough from its end.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let lifetime = self.got_at.duration_until(self.expires_at);
        let margin = MARGIN.min(lifetime / 5);
        // Long before the token was got means a clock that was set back; such a token is not trusted.
        let is_from_the_future = now.duration_until(self.got_at) > SignedDuration::from_mins(5);
        !is_from_the_future && now.duration_until(self.expires_at) > margin
    }

    pub(crate) fn is_for(&self, credentials: &Credentials) -> bool {
        owner(credentials).is_some_and(|owner| owner == self.owner)
    }

    pub(crate) fn value(&self) -> &SecretString {
        &self.value
    }
}

/// Host and port, without the user and password that an address may carry.
fn place(url: &Url) -> String {
    let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}", url.host_str().unwrap_or_default())
}

fn owner(credentials: &Credentials) -> Option<String> {
    match credentials {
        Credentials::ServerToServer { account_id, client_id, token_url, .. } => {
            Some(format!("{account_id} {client_id} {}", place(token_url)))
        }
        Credentials::AccessToken(_) => None,
    }
}

/// The request for a token; `None` for credentials that need none.
pub(crate) fn request(credentials: &Credentials) -> Option<Result<http::Request<Bytes>, Error>> {
    let Credentials::ServerToServer { account_id, client_id, client_secret, token_url } = credentials else {
        return None;
    };
    let pair = format!("{client_id}:{}", client_secret.expose_secret());
    let basic = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).map(|mut value| {
        value.set_sensitive(true);
        value
    });
    let form = format!("grant_type=account_credentials&account_id={}", percent_encode(account_id));
    let request = basic.map_err(http::Error::from).and_then(|basic| {
        http::Request::post(token_url.as_str())
            .header(header::AUTHORIZATION, basic)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .extension(Http1Only)
            .body(Bytes::from(form))
    });
    Some(request.map_err(|error| Error::unsendable(format!("the token address or the client ID: {error}"))))
}

/// Reads the answer to a request for a token.
pub(crate) fn read(
    credentials: &Credentials,
    answer: &http::Response<Bytes>,
    now: Timestamp,
) -> Result<Token, Error> {
    let body = serde_json::from_slice::<Value>(answer.body()).ok();
    let text = |name: &str| {
        let value = body.as_ref()?.get(name)?;
        value.as_str().map(str::to_owned).filter(|text| !text.is_empty())
    };
    let value = text("access_token").filter(|_| answer.status().is_success());
    let Some(value) = value else {
        let mut error = refused(answer, body.as_ref(), now);
        if let Credentials::ServerToServer { client_secret, .. } = credentials {
            error.redact(client_secret);
        }
        return Err(error);
    };
    let lifetime = body.as_ref().and_then(|body| body.get("expires_in"));
    let lifetime = lifetime.and_then(|n| n.as_i64().or_else(|| n.as_str()?.parse().ok()));
    let lifetime = lifetime.filter(|secs| (1..=86_400).contains(secs)).unwrap_or(LIFETIME_SECS_DEFAULT);
    Ok(Token {
        value: SecretString::from(value),
        got_at: now,
        expires_at: now.checked_add(SignedDuration::from_secs(lifetime)).unwrap_or(Timestamp::MAX),
        scopes: text("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        api_url: text("api_url"),
        owner: owner(credentials).unwrap_or_default(),
    })
}

/// Sorts a refusal of the token address.
fn refused(answer: &http::Response<Bytes>, body: Option<&Value>, now: Timestamp) -> Error {
    let status = answer.status();
    let limits = LimitHeaders::read(answer.headers(), now);
    let get = |name: &str| body.and_then(|body| body.get(name));
    let words = |name: &str| get(name).and_then(Value::as_str).unwrap_or_default();
    let code = [get("code"), get("errorCode"), get("error_code")]
        .into_iter()
        .flatten()
        .find_map(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    let said = [words("reason"), words("error"), words("message"), words("errorMessage")];
    let message: Vec<&str> = said.into_iter().filter(|word| !word.is_empty()).collect();
    let message: String = message.join(", ").chars().filter(|c| !c.is_control()).take(500).collect();
    let (kind, advice) = if status.is_redirection() && status != StatusCode::MULTIPLE_CHOICES {
        (ErrorKind::Redirected { host: location_host(answer.headers()) }, Advice::Stop)
    } else {
        token_advice(status, code, &message.to_ascii_lowercase())
    };
    Detail {
        status: Some(status.as_u16()),
        code,
        message: (!message.is_empty()).then_some(message),
        limits,
        ..Detail::new(kind, advice)
    }
    .into()
}

fn token_advice(status: StatusCode, code: Option<i64>, message: &str) -> (ErrorKind, Advice) {
    let is_passing = [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
    if status.is_server_error() || is_passing {
        return (ErrorKind::Refused, Advice::Retry);
    }
    if status.is_success() && message.is_empty() && code.is_none() {
        // Success without a token, such as a body that was cut short.
        let reason = "the token address answered without a token".to_owned();
        return (ErrorKind::Unreadable { reason }, Advice::Retry);
    }
    let refusal = match code {
        Some(4702 | 4704) => TokenRefusal::BadClient,
        Some(4705) => TokenRefusal::NotServerToServer,
        Some(4706) => TokenRefusal::ClientMissing,
        _ if message.contains("grant type") || message.contains("grant_type") => {
            TokenRefusal::NotServerToServer
        }
        _ if message.contains("account") => TokenRefusal::NotServerToServer,
        _ if message.contains("invalid_client") || message.contains("client_secret") => {
            TokenRefusal::BadClient
        }
        _ => TokenRefusal::Other,
    };
    (ErrorKind::Token(refusal), Advice::Stop)
}
