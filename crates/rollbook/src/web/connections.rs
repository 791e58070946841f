//! Connections: how many there are at once, and how long one may keep silent. Whoever holds connections open and says
//! nothing must not keep Zoom's events out.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::reached::Peer;
use crate::supervise::Stop;

/// A process may have 1,024 files open where nobody says otherwise, and the store, Zoom and Moodle need some of them. More
/// connections wait in the system's queue.
const CONNECTIONS_MAX: usize = 700;

/// A request's head comes within this, and the next request on a connection; else the connection is closed.
const SILENT_FOR: Duration = Duration::from_secs(30);

/// A request's head has at most this many bytes. Zoom's has a few hundred, a browser's with cookies a few thousand.
const HEAD_MAX: usize = 64 * 1024;

/// Who asks for something while the program ends is answered within this, or not at all.
pub const CLOSING_FOR: Duration = Duration::from_secs(5);

/// Answers on `listener` until `stop` is asked for, and then what is under way, [`CLOSING_FOR`] at most.
pub async fn answer<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    router: Router,
    is_tls: bool,
    mut stop: Stop,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SILENT_FOR).max_buf_size(HEAD_MAX);
    let mut connections = JoinSet::new();
    loop {
        let (io, address) = tokio::select! {
            biased;
            () = stop.asked() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => accepted,
        };
        let (http, router, stop) = (http.clone(), router.clone(), stop.clone());
        connections.spawn(one(http, io, Peer { address, is_tls }, router, stop));
    }
    // Nobody new from here on: whoever comes is refused at once, and may ask the next process.
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(CLOSING_FOR, ended).await.is_err() {
        tracing::warn!("{} connections were cut off: they did not end by themselves", connections.len());
    }
}

/// One connection from its first request to its last.
async fn one<I>(http: http1::Builder, io: I, peer: Peer, router: Router, mut stop: Stop)
where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(io), TowerToHyperService::new(service)));
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer.address, "a connection ended early: {error}");
    }
}

#[cfg(test)]
mod tests;
