//! The real door to the network, by way of the `reqwest` crate.
//!
//! TLS is rustls with ring, trusting what the operating system trusts; on Linux `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` may name other certificates. Proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY`,
//! `ALL_PROXY` and `NO_PROXY`, except for addresses of this machine.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Authority;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::transport::{Http1Only, Sending, Transport, TransportError, TransportErrorKind};

/// A connection that is not there after ten seconds will not come: Zoom answers in a fraction of one.
pub const CONNECT_FOR_MAX: Duration = Duration::from_secs(10);

/// A whole exchange, body included. Pages of 300 rows take a few seconds on a bad day.
pub const EXCHANGE_FOR_MAX: Duration = Duration::from_secs(30);

/// The largest body worth reading. 300 rows with every member filled are under one megabyte, ten
/// people's call quality over a whole day some 20; what is larger is no answer and would fill the memory.
pub const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Sends requests over the network.
#[derive(Debug, Clone)]
pub struct Reqwest {
    /// HTTP/2 where the server offers it.
    api: Clients,
    /// HTTP/1.1 only, for the token address.
    http1: Clients,
    exchange_for_max: Duration,
}

/// The same client with and without the system's proxies.
#[derive(Debug, Clone)]
struct Clients {
    by_proxy: reqwest::Client,
    direct: reqwest::Client,
}

/// How to open the door. The default suits Zoom.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for a connection.
    pub connect_for_max: Duration,
    /// How long to wait for a whole exchange.
    pub exchange_for_max: Duration,
    /// Certificates to trust beside the system's, in PEM: a gateway's, or a test server's.
    pub extra_roots_pem: Vec<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            connect_for_max: CONNECT_FOR_MAX,
            exchange_for_max: EXCHANGE_FOR_MAX,
            extra_roots_pem: Vec::new(),
        }
    }
}

impl Reqwest {
    /// A door with the usual patience.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_options(&Options::default())
    }

    /// A door as the options say.
    ///
    /// # Errors
    /// When the system's or the extra certificates cannot be read.
    pub fn with_options(options: &Options) -> Result<Self, TransportError> {
        let exchange_for_max = options.exchange_for_max;
        Ok(Reqwest {
            api: Clients::new(options, &[b"h2", b"http/1.1"])?,
            http1: Clients::new(options, &[b"http/1.1"])?,
            exchange_for_max,
        })
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let clients = if request.extensions().get::<Http1Only>().is_some() { &self.http1 } else { &self.api };
        let is_loopback = request.uri().authority().is_some_and(is_loopback);
        let client = if is_loopback { &clients.direct } else { &clients.by_proxy };
        let request = reqwest::Request::try_from(request)
            .map_err(|error| TransportError::new(TransportErrorKind::Other, chain(&error.without_url())))?;
        let failed = |error: reqwest::Error| self.sorted(&error.without_url());
        let mut answer = client.execute(request).await.map_err(failed)?;
        let mut parts = http::Response::new(());
        *parts.status_mut() = answer.status();
        *parts.version_mut() = answer.version();
        *parts.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                let message = format!("more than {BODY_BYTES_MAX} bytes");
                return Err(TransportError::new(TransportErrorKind::TooLarge, message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(parts.map(|()| body.freeze()))
    }

    fn sorted(&self, error: &reqwest::Error) -> TransportError {
        if error.is_timeout() {
            let message = format!("gave up after at most {} s", self.exchange_for_max.as_secs());
            return TransportError::new(TransportErrorKind::Timeout, message);
        }
        let kind = match causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            Some(_) => TransportErrorKind::Tls,
            None if error.is_connect() => TransportErrorKind::Connect,
            None if is_interruption(error) => TransportErrorKind::Interrupted,
            None => TransportErrorKind::Other,
        };
        TransportError::new(kind, chain(error))
    }
}

impl Clients {
    /// Clients that offer a server these protocols.
    fn new(options: &Options, protocols: &[&[u8]]) -> Result<Self, TransportError> {
        let mut tls = tls(&options.extra_roots_pem)?;
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(Policy::none())
                .connect_timeout(options.connect_for_max)
                .timeout(options.exchange_for_max)
                .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error: reqwest::Error| TransportError::new(TransportErrorKind::Other, chain(&error));
        let by_proxy = builder().build().map_err(failed)?;
        let direct = builder().no_proxy().build().map_err(failed)?;
        Ok(Clients { by_proxy, direct })
    }
}

impl Transport for Reqwest {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }
}

/// ring by name, so that nothing depends on a provider somebody else installed for the process.
fn tls(extra_roots_pem: &[u8]) -> Result<ClientConfig, TransportError> {
    let failed = |message: String| TransportError::new(TransportErrorKind::Tls, message);
    let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(extra_roots_pem).collect();
    let extra = extra.map_err(|error| failed(format!("the extra certificates: {error}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone());
    let verifier = verifier.map_err(|error| failed(error.to_string()))?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| failed(error.to_string()))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

/// A proxy is never meant for this machine itself.
fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_interruption(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let by_io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| {
        matches!(error.kind(), ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof)
    });
    by_io || error.is_body() || error.is_decode() || error.is_request()
}

/// The error and what caused it, outermost first, looking into wrapped I/O errors too.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &'a (dyn StdError + 'static)).or_else(|| error.source())
    }
    std::iter::successors(Some(error), |error| cause(*error))
}

/// All causes in one sentence, without repeating.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        if !words.iter().any(|word| word.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ").chars().take(300).collect()
}
