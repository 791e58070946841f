//! What went wrong, sorted by what the caller can do about it.

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::limits::LimitHeaders;
use crate::operation::Operation;
use crate::transport::TransportError;

mod classify;

pub(crate) use classify::{Answered, bare_error, error_among_others, location_host};

/// What the caller can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Ask again later. `until` only where Zoom told the moment, or where the limit is one of the day.
    Wait {
        /// Which limit refused the request.
        limit: RateLimit,
        /// The moment from which it may work.
        until: Option<Timestamp>,
    },
    /// The token was refused and forgotten: send the request again, and a new one will be got.
    Renew,
    /// This request will not work, however often it is sent; others may.
    Skip(SkipReason),
    /// The page token is too old: begin the list again.
    RestartList,
    /// A passing fault: send the request again, a few times, with pauses.
    Retry,
    /// Nothing will work until a person changes something.
    Stop,
}

/// A limit of Zoom's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimit {
    /// Requests of one label a second.
    PerSecond,
    /// Resource-intensive requests a minute.
    PerMinute,
    /// The account's requests a day.
    Daily,
    /// Changes to one host's meetings a day.
    UserDaily,
    /// Changes to one thing at the same time.
    Concurrency,
    /// Zoom did not say.
    Unknown,
}

/// Why a request will not work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Unknown, deleted, expired, not ended yet, or of another type than was asked for. Zoom has one
    /// answer for all of these, so it never proves that a meeting was not held.
    NotFoundOrNotEnded,
    /// No such user in this account.
    UserUnknown,
    /// No such account.
    AccountUnknown,
    /// Too long ago for Zoom to tell.
    TooOld,
    /// The account's plan does not offer it.
    PlanTooLow {
        /// What would.
        needs: PlanNeeded,
    },
    /// The user behind the token may not see it.
    NoPermission,
    /// The app lacks a scope.
    ScopeMissing {
        /// The scopes that would allow it, as far as known: any one of them.
        scopes: Vec<String>,
    },
    /// This account cannot look meetings up by their end.
    EndTimeUnsupported,
    /// Zoom does not accept a parameter; the message says which.
    BadParameter,
    /// The request does not fit this meeting, such as one for meetings that names a webinar.
    NotApplicable,
    /// Refused for a reason this crate does not know; the message may tell.
    Other,
}

/// What a plan must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanNeeded {
    /// Any paid plan.
    Paid,
    /// Business or higher, with dashboards switched on.
    Dashboards,
}

/// Where the error arose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No answer came.
    Transport(TransportError),
    /// The token address gave no token.
    Token(TokenRefusal),
    /// Zoom answered with an error.
    Refused,
    /// The answer points to another address. It is not followed, because the token would travel along.
    Redirected {
        /// The host it points to.
        host: Option<String>,
    },
    /// The answer is not what was asked for: cut short, not JSON, or something else's.
    Unreadable {
        /// What the reader stumbled over.
        reason: String,
    },
    /// The request could not be made: an address or a token that cannot stand in a request.
    Unsendable {
        /// What is wrong with it.
        reason: String,
    },
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// Client ID and client secret do not belong together, or are unknown.
    BadClient,
    /// The app is of another kind than server-to-server OAuth, or the account ID is wrong.
    NotServerToServer,
    /// The client ID or the client secret is empty.
    ClientMissing,
    /// The ready access token has expired or was withdrawn.
    AccessTokenRefused,
    /// Zoom refuses every token it gives out.
    EveryTokenRefused,
    /// The token address answered with something else.
    Other,
}

impl TokenRefusal {
    fn hint(self) -> &'static str {
        match self {
            TokenRefusal::BadClient => "check the client ID and the client secret",
            TokenRefusal::NotServerToServer => {
                "check the account ID, and that the app is a server-to-server OAuth app that is activated"
            }
            TokenRefusal::ClientMissing => "the client ID or the client secret is empty",
            TokenRefusal::AccessTokenRefused => {
                "the access token has expired or was withdrawn: get a new one"
            }
            TokenRefusal::EveryTokenRefused => {
                "Zoom refuses even new tokens: check that the app is activated and the API address is right"
            }
            TokenRefusal::Other => "check the token address and the account ID",
        }
    }
}

/// One of the faults Zoom lists when it does not accept a request's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The member.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A request that did not bring its answer.
///
/// Keeps all that Zoom said: status, code, message, faulty members and rate-limit headers. It never
/// holds a token or a secret.
#[derive(Debug, Clone)]
pub struct Error(Box<Detail>);

#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub kind: ErrorKind,
    pub advice: Advice,
    pub operation: Option<Operation>,
    pub status: Option<u16>,
    pub code: Option<i64>,
    pub message: Option<String>,
    pub errors: Vec<FieldError>,
    pub limits: LimitHeaders,
}

impl From<Detail> for Error {
    fn from(detail: Detail) -> Self {
        Error(Box::new(detail))
    }
}

impl Detail {
    pub(crate) fn new(kind: ErrorKind, advice: Advice) -> Self {
        Detail {
            kind,
            advice,
            operation: None,
            status: None,
            code: None,
            message: None,
            errors: Vec::new(),
            limits: LimitHeaders::default(),
        }
    }
}

impl Error {
    /// Where it arose.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &Advice {
        &self.0.advice
    }

    /// The request it belongs to; `None` for requests for a token.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The answer's HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Zoom's own code.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// Zoom's own words.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The members Zoom did not accept, one by one.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The answer's rate-limit headers.
    #[must_use]
    pub fn limits(&self) -> &LimitHeaders {
        &self.0.limits
    }

    /// Whether the request reached Zoom, as far as one can tell. One that did not cost nothing.
    #[must_use]
    pub fn may_have_been_counted(&self) -> bool {
        use crate::transport::TransportErrorKind::{Connect, Tls};
        match &self.0.kind {
            ErrorKind::Transport(error) => !matches!(error.kind, Connect | Tls) && self.0.operation.is_some(),
            ErrorKind::Unsendable { .. } => false,
            _ => self.0.operation.is_some() && self.0.status.is_some(),
        }
    }

    /// Whether the request surely changed nothing at Zoom: it never got there, or Zoom said no.
    ///
    /// Where this is false (no answer, a broken one, a fault of Zoom's own), a change may have been made all the same,
    /// and sending it again may make it twice.
    #[must_use]
    pub fn surely_did_nothing(&self) -> bool {
        match (&self.0.kind, &self.0.advice) {
            (ErrorKind::Token(_), _) => true,
            (ErrorKind::Transport(_), _) => !self.may_have_been_counted(),
            (_, Advice::Retry) => false,
            (ErrorKind::Refused | ErrorKind::Redirected { .. } | ErrorKind::Unsendable { .. }, _) => true,
            (ErrorKind::Unreadable { .. }, _) => false,
        }
    }

    pub(crate) fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn detail_mut(&mut self) -> &mut Detail {
        &mut self.0
    }

    /// Takes a secret out of Zoom's words: something on the way may repeat the request in its error page.
    pub(crate) fn redact(&mut self, secret: &SecretString) {
        let secret = secret.expose_secret();
        if secret.is_empty() {
            return;
        }
        let messages = self.0.errors.iter_mut().flat_map(|error| [&mut error.message, &mut error.field]);
        for message in messages.chain(&mut self.0.message) {
            if message.contains(secret) {
                *message = message.replace(secret, "[redacted]");
            }
        }
    }

    pub(crate) fn transport(error: TransportError) -> Self {
        Detail::new(ErrorKind::Transport(error), Advice::Retry).into()
    }

    pub(crate) fn unsendable(reason: impl Into<String>) -> Self {
        Detail::new(ErrorKind::Unsendable { reason: reason.into() }, Advice::Stop).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &*self.0;
        match &detail.kind {
            ErrorKind::Transport(error) => write!(f, "{error}")?,
            ErrorKind::Token(refusal) => write!(f, "Zoom gave no usable token: {}", refusal.hint())?,
            ErrorKind::Redirected { host } => {
                let address = if detail.operation.is_some() { "API" } else { "token" };
                let host = host.as_deref().unwrap_or("nowhere");
                write!(f, "the {address} address redirects to {host}, which is not followed")?;
            }
            ErrorKind::Unreadable { reason } => write!(f, "cannot read Zoom's answer: {reason}")?,
            ErrorKind::Unsendable { reason } => write!(f, "cannot make the request: {reason}")?,
            ErrorKind::Refused => write!(f, "{}", Refusal(&detail.advice))?,
        }
        let mut notes: Vec<String> = Vec::new();
        notes.extend(detail.status.map(|status| format!("HTTP {status}")));
        notes.extend(detail.code.map(|code| format!("code {code}")));
        notes.extend(detail.operation.map(|operation| operation.to_string()));
        if !notes.is_empty() {
            write!(f, " ({})", notes.join(", "))?;
        }
        if let Some(message) = &detail.message {
            write!(f, ": {message}")?;
        }
        for error in &detail.errors {
            write!(f, "; {}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A refusal in words a person can act on.
struct Refusal<'a>(&'a Advice);

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Advice::Wait { limit, until } => {
                let limit = match limit {
                    RateLimit::PerSecond => "Zoom's limit per second is reached",
                    RateLimit::PerMinute => "Zoom's limit per minute is reached",
                    RateLimit::Daily => "the account's allowance of the day is spent",
                    RateLimit::UserDaily => "this host's allowance of changes for the day is spent",
                    RateLimit::Concurrency => "another change to the same thing is under way",
                    RateLimit::Unknown => "one of Zoom's limits is reached",
                };
                f.write_str(limit)?;
                return match until {
                    Some(until) => write!(f, ", wait until {until}"),
                    None => Ok(()),
                };
            }
            Advice::Renew => "Zoom no longer accepts the token",
            Advice::RestartList => "the page token is no longer valid, the list must begin again",
            Advice::Retry => "Zoom had a fault of its own",
            Advice::Stop => "Zoom refuses all requests",
            Advice::Skip(reason) => return write!(f, "{reason}"),
        })
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkipReason::NotFoundOrNotEnded => {
                "not found, which can also mean not ended yet, expired, or of another type"
            }
            SkipReason::UserUnknown => "no such user in this account",
            SkipReason::AccountUnknown => "no such account",
            SkipReason::TooOld => "too long ago for Zoom to tell",
            SkipReason::PlanTooLow { needs: PlanNeeded::Paid } => "needs a paid plan",
            SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards } => {
                "needs a Business plan or higher with dashboards switched on"
            }
            SkipReason::NoPermission => "the app's user may not see this",
            SkipReason::ScopeMissing { scopes } if scopes.is_empty() => "the app lacks a scope for this",
            SkipReason::ScopeMissing { scopes } => {
                return write!(f, "the app lacks a scope, add one of {}", scopes.join(", "));
            }
            SkipReason::EndTimeUnsupported => "this account cannot look meetings up by their end",
            SkipReason::BadParameter => "Zoom does not accept a parameter",
            SkipReason::NotApplicable => {
                "the request does not fit this meeting, such as one for meetings that names a webinar"
            }
            SkipReason::Other => "Zoom refuses the request",
        })
    }
}
