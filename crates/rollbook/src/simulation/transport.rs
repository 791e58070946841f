//! The door to a pretend Zoom in the same process: no socket, no thread, no clock of its own.

use axum::body::Body;
use bytes::Bytes;
use rollbook_sim::RESET_HEADER;
use rollbook_zoom::transport::Sending;
use rollbook_zoom::{Transport, TransportError, TransportErrorKind};
use tower::ServiceExt;

/// Calls a router as if it were a server.
pub struct InProcess(axum::Router);

/// Larger than any page of the pretend Zoom.
const BODY_MAX: usize = 64 << 20;

impl InProcess {
    /// A door to this router.
    pub fn new(router: axum::Router) -> InProcess {
        InProcess(router)
    }
}

impl Transport for InProcess {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        let router = self.0.clone();
        Box::pin(async move {
            let Ok(response) = router.oneshot(request.map(Body::from)).await;
            let (parts, body) = response.into_parts();
            if parts.headers.contains_key(RESET_HEADER) {
                return Err(TransportError::new(TransportErrorKind::Interrupted, "the connection was reset"));
            }
            let body = axum::body::to_bytes(body, BODY_MAX)
                .await
                .map_err(|error| TransportError::new(TransportErrorKind::Interrupted, error.to_string()))?;
            Ok(http::Response::from_parts(parts, body))
        })
    }
}
