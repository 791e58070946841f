//! The only door to the network: one method.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// The answer of a [`Transport`], still on its way.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

/// Sends one request and gives back one answer.
///
/// An implementation follows no redirects (the token would go along, or get lost), retries nothing
/// and gives back answers of every status. Requests that carry [`Http1Only`] among their extensions
/// must not use HTTP/2.
pub trait Transport: Send + Sync {
    /// Sends one request.
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_>;
}

/// Marks a request that must travel over HTTP/1.1. Zoom's token address has trouble with HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Http1Only;

/// How a request failed to bring an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// No connection: unknown name, refused, no route.
    Connect,
    /// A connection, but no trust: certificate, protocol, or no TLS at the other end.
    Tls,
    /// Nothing came in time.
    Timeout,
    /// The connection was reset or ended in the middle.
    Interrupted,
    /// The answer passes the size this crate is willing to read.
    TooLarge,
    /// Anything else.
    Other,
}

/// A request that brought no answer. The message holds neither token nor secret nor query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportError {
    /// What kind of failure.
    pub kind: TransportErrorKind,
    /// What went wrong, for people.
    pub message: String,
}

impl TransportError {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        TransportError { kind, message: message.into() }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            TransportErrorKind::Connect => "could not connect",
            TransportErrorKind::Tls => "could not set up TLS",
            TransportErrorKind::Timeout => "no answer in time",
            TransportErrorKind::Interrupted => "the connection broke off",
            TransportErrorKind::TooLarge => "the answer is too large",
            TransportErrorKind::Other => "could not send",
        };
        if self.message.is_empty() { f.write_str(what) } else { write!(f, "{what}: {}", self.message) }
    }
}

impl std::error::Error for TransportError {}
