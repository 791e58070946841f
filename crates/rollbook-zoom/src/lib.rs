//! Typed client for Zoom's meeting, report and dashboard API.

pub mod client;
pub mod duration;
pub mod endpoint;
pub mod error;
pub mod id;
pub mod label;
pub mod limits;
pub mod operation;
pub mod page;
#[cfg(feature = "reqwest")]
pub mod reqwest;
pub mod time;
pub mod token;
pub mod transport;
pub mod word;

mod wire;

pub use client::{Answer, Client, RawAnswer, RawRequest};
pub use endpoint::Endpoint;
pub use error::{Advice, Error, ErrorKind, RateLimit, SkipReason};
pub use id::{MeetingId, MeetingRef, MeetingUuid, UserId};
pub use label::Label;
pub use limits::LimitHeaders;
pub use operation::Operation;
pub use page::{NextPage, Page, PageCursor, PageToken, Paged};
pub use token::{Credentials, Token};
pub use transport::{Transport, TransportError, TransportErrorKind};
pub use wire::{DecodeError, Decoded, decode};
