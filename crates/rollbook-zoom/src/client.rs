//! One request at a time: sign, send, judge, read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;

use crate::endpoint::{self, Endpoint};
use crate::error::{
    Advice, Answered, Detail, Error, ErrorKind, SkipReason, TokenRefusal, bare_error, error_among_others,
};
use crate::limits::LimitHeaders;
use crate::operation::Operation;
use crate::token::{self, Credentials, Token};
use crate::transport::Transport;
use crate::wire;

/// Tokens that Zoom may refuse in a row, each newer than the last, before the fault is not theirs.
const TOKENS_REFUSED_MAX: u32 = 3;

/// Zoom's API for one account.
///
/// Cheap to clone; clones share one token. It never reads a clock, never sleeps, never tries twice:
/// every call of [`send`](Client::send) is one labelled request, which the caller can pay for.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    /// Without a slash at its end.
    api_base: String,
    credentials: Credentials,
    signing: Mutex<Signing>,
    /// Finished attempts to get a token. Callers who waited for one take its outcome.
    attempts: AtomicU64,
    /// Tokens refused since the last answer that was none.
    refused_in_a_row: AtomicU32,
}

#[derive(Default)]
struct Signing {
    token: Option<Held>,
    last_failure: Option<Error>,
}

#[derive(Clone)]
struct Held {
    token: Token,
    /// Whether it comes from an earlier process, so that the app may have got more scopes since.
    is_restored: bool,
}

/// A request with all that depends on an endpoint taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRequest {
    /// What it counts as.
    pub operation: Operation,
    /// Path and query below the API's base address, percent-encoded, beginning with `/`.
    pub target: String,
    /// A JSON body.
    pub body: Option<Bytes>,
}

impl RawRequest {
    /// The request of an endpoint.
    #[must_use]
    pub fn of<E: Endpoint>(endpoint: &E) -> Self {
        RawRequest {
            operation: E::OPERATION,
            target: endpoint::target(endpoint),
            body: endpoint.body().map(|body| Bytes::from(body.to_string())),
        }
    }
}

/// An answer as it came, of whatever status.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// What was asked.
    pub operation: Operation,
    /// HTTP status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, untouched.
    pub body: Bytes,
    /// The rate-limit headers.
    pub limits: LimitHeaders,
    /// What is wrong, by status and body; `None` for an answer that looks like one.
    pub error: Option<Error>,
    /// What must not be quoted from the body.
    bearer: SecretString,
}

/// An answer with what came along.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What Zoom answered.
    pub value: T,
    /// What the headers say about what is left.
    pub limits: LimitHeaders,
    /// HTTP status.
    pub status: StatusCode,
    /// Members this crate does not know, by path, each once.
    pub unknown_fields: Vec<String>,
    /// Values that could not be read, absent or kept as text, and rows skipped.
    pub unreadable: u32,
    /// Bytes of text after the end of the JSON.
    pub trailing_bytes: usize,
    /// Size of the body.
    pub bytes: usize,
}

impl Client {
    /// A client for one account, not signed in yet.
    ///
    /// The base address may have a path, with or without a slash at its end:
    /// `https://api.zoom.us/v2`.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, api_base: Url, credentials: Credentials) -> Client {
        let mut api_base = api_base;
        api_base.set_query(None);
        api_base.set_fragment(None);
        Client {
            inner: Arc::new(Inner {
                transport,
                api_base: api_base.as_str().trim_end_matches('/').to_owned(),
                credentials,
                signing: Mutex::default(),
                attempts: AtomicU64::new(0),
                refused_in_a_row: AtomicU32::new(0),
            }),
        }
    }

    /// Signs in if that is due, so that the next [`send`](Client::send) is one request and no more.
    ///
    /// Callers who come while a token is being got wait for that one and share its outcome.
    ///
    /// # Errors
    /// When there is no token to be had.
    pub async fn ready(&self, now: Timestamp) -> Result<(), Error> {
        self.token(now).await.map(drop)
    }

    /// Sends one request and reads its answer.
    ///
    /// Makes exactly one labelled request, after a request for a token where one is due (those carry
    /// no label).
    ///
    /// # Errors
    /// See [`Error::advice`] for what to do.
    pub async fn send<E: Endpoint>(&self, now: Timestamp, endpoint: &E) -> Result<Answer<E::Answer>, Error> {
        self.send_raw(now, &RawRequest::of(endpoint)).await?.read(now)
    }

    /// Sends one request and gives back the answer as it came, errors of Zoom's included.
    ///
    /// # Errors
    /// When there is no token, or no answer.
    pub async fn send_raw(&self, now: Timestamp, request: &RawRequest) -> Result<RawAnswer, Error> {
        let (bearer, held) = self.token(now).await?;
        let http = self.sign(request, &bearer).map_err(|error| error.with_operation(request.operation))?;
        let answer = self.inner.transport.send(http).await;
        let answer = answer.map_err(|error| Error::transport(error).with_operation(request.operation))?;
        let (parts, body) = answer.into_parts();
        let answered = Answered {
            status: parts.status,
            headers: &parts.headers,
            body: &body,
            operation: request.operation,
            now,
        };
        let mut error = answered.error_by_status().or_else(|| bare_error(&answered));
        if let Some(error) = &mut error {
            self.judge_token(error, held.as_ref()).await;
            error.redact(&bearer);
        }
        if error.as_ref().is_none_or(|error| !matches!(error.advice(), Advice::Renew | Advice::Stop)) {
            self.inner.refused_in_a_row.store(0, Ordering::Relaxed);
        }
        let limits = LimitHeaders::read(&parts.headers, now);
        let (status, headers) = (parts.status, parts.headers);
        Ok(RawAnswer { operation: request.operation, status, headers, body, limits, error, bearer })
    }

    /// The token in use, to be kept for the next process. `None` before the first request, and for a
    /// ready access token.
    pub async fn token_snapshot(&self) -> Option<Token> {
        self.inner.signing.lock().await.token.as_ref().map(|held| held.token.clone())
    }

    /// Takes up a token that an earlier process kept. One of another account or app is left aside, as
    /// is one that is no newer than the token in use. Says whether it was taken up.
    pub async fn restore_token(&self, token: Token) -> bool {
        let mut signing = self.inner.signing.lock().await;
        let is_newer = signing.token.as_ref().is_none_or(|held| held.token.expires_at < token.expires_at);
        let is_taken = is_newer && token.is_for(&self.inner.credentials);
        if is_taken {
            signing.token = Some(Held { token, is_restored: true });
        }
        is_taken
    }

    /// A token that is good at `now`, got if necessary, by one caller for all.
    async fn token(&self, now: Timestamp) -> Result<(SecretString, Option<Held>), Error> {
        if let Credentials::AccessToken(token) = &self.inner.credentials {
            return Ok((token.clone(), None));
        }
        let attempts_before = self.inner.attempts.load(Ordering::Acquire);
        let mut signing = self.inner.signing.lock().await;
        if let Some(held) = signing.token.as_ref().filter(|held| held.token.is_fresh(now)) {
            return Ok((held.token.value().clone(), Some(held.clone())));
        }
        if let Some(failure) = &signing.last_failure
            && self.inner.attempts.load(Ordering::Acquire) > attempts_before
        {
            return Err(failure.clone());
        }
        let outcome = self.get_token(now).await;
        self.inner.attempts.fetch_add(1, Ordering::AcqRel);
        match outcome {
            Ok(token) => {
                let held = Held { token, is_restored: false };
                *signing = Signing { token: Some(held.clone()), last_failure: None };
                Ok((held.token.value().clone(), Some(held)))
            }
            Err(failure) => {
                *signing = Signing { token: None, last_failure: Some(failure.clone()) };
                Err(failure)
            }
        }
    }

    async fn get_token(&self, now: Timestamp) -> Result<Token, Error> {
        let credentials = &self.inner.credentials;
        let request = token::request(credentials).expect("only credentials that need a token come here")?;
        let answer = self.inner.transport.send(request).await.map_err(Error::transport)?;
        token::read(credentials, &answer, now)
    }

    fn sign(&self, request: &RawRequest, bearer: &SecretString) -> Result<http::Request<Bytes>, Error> {
        let bearer = HeaderValue::try_from(format!("Bearer {}", bearer.expose_secret()));
        let mut bearer =
            bearer.map_err(|_| Error::unsendable("the access token holds characters no header may hold"))?;
        bearer.set_sensitive(true);
        let method: Method = request.operation.method();
        let mut http = http::Request::builder()
            .method(method)
            .uri(format!("{}{}", self.inner.api_base, request.target))
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, "application/json");
        if request.body.is_some() {
            http = http.header(header::CONTENT_TYPE, "application/json");
        }
        let body = request.body.clone().unwrap_or_default();
        http.body(body).map_err(|error| Error::unsendable(format!("the API address: {error}")))
    }

    /// Settles what a refused token means, and forgets it where a new one may help.
    async fn judge_token(&self, error: &mut Error, held: Option<&Held>) {
        let lacks_scope = matches!(error.advice(), Advice::Skip(SkipReason::ScopeMissing { .. }));
        let is_refused = *error.advice() == Advice::Renew;
        let Some(held) = held else {
            if is_refused {
                stop(error, TokenRefusal::AccessTokenRefused);
            }
            return;
        };
        // The scopes of a token are those its app had when it was got. One that was kept from an
        // earlier process may be older than a scope somebody has just added.
        let may_lack_new_scope = lacks_scope && held.is_restored;
        if !is_refused && !may_lack_new_scope {
            return;
        }
        error.detail_mut().advice = Advice::Renew;
        let mut signing = self.inner.signing.lock().await;
        let is_current = signing.token.as_ref().is_some_and(|current| {
            current.token.value().expose_secret() == held.token.value().expose_secret()
        });
        // A refusal that comes late must not cost the token that was got meanwhile.
        if is_current {
            signing.token = None;
            let refused = self.inner.refused_in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
            if refused >= TOKENS_REFUSED_MAX {
                stop(error, TokenRefusal::EveryTokenRefused);
            }
        }
    }
}

fn stop(error: &mut Error, refusal: TokenRefusal) {
    let detail = error.detail_mut();
    detail.kind = ErrorKind::Token(refusal);
    detail.advice = Advice::Stop;
}

impl RawAnswer {
    /// Reads the answer as that of an endpoint whose [`Endpoint::Answer`] is `T`.
    ///
    /// # Errors
    /// The answer's own error, or what makes it unreadable.
    pub fn read<T: DeserializeOwned>(&self, now: Timestamp) -> Result<Answer<T>, Error> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        // Nothing at all is the whole answer to a change.
        let is_wordless = self.status == StatusCode::NO_CONTENT && self.body.is_empty();
        let body = if is_wordless { b"null" } else { self.body.as_ref() };
        let decoded = match wire::decode::<T>(body) {
            Ok(decoded) if !decoded.is_foreign => decoded,
            Ok(_) => {
                let error = error_among_others(&self.answered(now));
                let foreign = || self.unreadable("it holds nothing of what was asked".to_owned());
                let mut error = error.unwrap_or_else(foreign);
                error.redact(&self.bearer);
                return Err(error);
            }
            Err(_) if self.body.trim_ascii_start().starts_with(b"<") => {
                return Err(self.unreadable("it is a web page".to_owned()));
            }
            Err(error) => return Err(self.unreadable(error.reason)),
        };
        Ok(Answer {
            value: decoded.value,
            limits: self.limits.clone(),
            status: self.status,
            unknown_fields: decoded.unknown_fields,
            unreadable: decoded.unreadable,
            trailing_bytes: decoded.trailing_bytes,
            bytes: self.body.len(),
        })
    }

    /// The answer as people may read it: status line, headers and body, without the token it was asked with.
    #[must_use]
    pub fn transcript(&self) -> String {
        let mut text = format!("HTTP {}\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        text += "\n";
        text += &String::from_utf8_lossy(&self.body);
        let secret = self.bearer.expose_secret();
        if secret.is_empty() { text } else { text.replace(secret, "[redacted]") }
    }

    fn answered(&self, now: Timestamp) -> Answered<'_> {
        let RawAnswer { operation, status, headers, body, .. } = self;
        Answered { status: *status, headers, body, operation: *operation, now }
    }

    fn unreadable(&self, reason: String) -> Error {
        Detail {
            operation: Some(self.operation),
            status: Some(self.status.as_u16()),
            limits: self.limits.clone(),
            ..Detail::new(ErrorKind::Unreadable { reason }, Advice::Retry)
        }
        .into()
    }
}
