//! An answer before it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::Frame;

use super::json::object;
use crate::RESET_HEADER;

/// An answer and how it travels.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Time it takes beside the usual.
    pub(crate) takes: Duration,
    pub(crate) is_reset: bool,
    /// Refused for no reason.
    pub(crate) is_spurious: bool,
    /// The step in a list this answer is.
    pub(crate) step: Option<Step>,
}

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) list: u64,
    pub(crate) is_first: bool,
    pub(crate) has_more: bool,
}

impl Reply {
    /// HTTP 200 with this JSON.
    pub(crate) fn ok(body: String) -> Reply {
        Reply { status: 200, body, ..Reply::default() }
    }

    /// Zoom's form of an error.
    pub(crate) fn error(status: u16, code: u32, message: &str) -> Reply {
        let body = object(|object| {
            object.bare("code", code).text("message", message);
        });
        Reply { status, body, ..Reply::default() }
    }

    /// Code 300 with the field that is wrong.
    pub(crate) fn invalid_field(field: &str, message: &str) -> Reply {
        let body = object(|object| {
            object.bare("code", 300).text("message", "Validation Failed.").list("errors", |out| {
                out.push_str(&object_of(field, message));
            });
        });
        Reply { status: 400, body, ..Reply::default() }
    }

    /// As axum sends it.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::builder().status(if self.is_reset { 502 } else { self.status });
        if self.is_reset {
            response = response.header(RESET_HEADER, "1");
        }
        if !self.body.is_empty() {
            response = response.header("content-type", "application/json;charset=UTF-8");
        }
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        let body = if self.is_reset { Body::new(Broken) } else { Body::from(self.body) };
        response.body(body).unwrap_or_default()
    }
}

fn object_of(field: &str, message: &str) -> String {
    object(|object| {
        object.text("field", field).text("message", message);
    })
}

/// A body that fails, so that a server on a port drops the connection.
struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}
