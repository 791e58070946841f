//! The real door to the network, by way of the `reqwest` crate.
//!
//! TLS is rustls with ring, trusting what the operating system trusts; on Linux `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` may name other certificates. Proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY`,
//! `ALL_PROXY` and `NO_PROXY`, except for addresses of this machine.

use std::error::Error as StdError;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Authority;
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
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
///
/// The system's certificates are read when the first request needs them, so that a program that
/// starts and asks nothing pays nothing, and one that only speaks to this machine needs none.
#[derive(Debug, Clone)]
pub struct Reqwest {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Options,
    extra_roots: Vec<CertificateDer<'static>>,
    tls: Once<ClientConfig>,
    clients: [Once<reqwest::Client>; Route::COUNT],
}

/// Made once, or once found to be impossible.
type Once<T> = OnceLock<Result<T, TransportError>>;

/// What tells one client from another.
#[derive(Debug, Clone, Copy)]
struct Route {
    /// Over TLS.
    is_secure: bool,
    /// HTTP/1.1 only, for the token address.
    is_http1_only: bool,
    /// To this machine, so never by a proxy.
    is_loopback: bool,
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
    /// None with the usual options; it is the same as [`Reqwest::with_options`].
    pub fn new() -> Result<Self, TransportError> {
        Self::with_options(&Options::default())
    }

    /// A door as the options say.
    ///
    /// # Errors
    /// When the extra certificates cannot be read.
    pub fn with_options(options: &Options) -> Result<Self, TransportError> {
        let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&options.extra_roots_pem).collect();
        let extra_roots = extra.map_err(|error| tls_error(format!("the extra certificates: {error}")))?;
        let (tls, clients) = (OnceLock::new(), Default::default());
        Ok(Reqwest { shared: Arc::new(Shared { options: options.clone(), extra_roots, tls, clients }) })
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let route = Route {
            is_secure: request.uri().scheme_str() == Some("https"),
            is_http1_only: request.extensions().get::<Http1Only>().is_some(),
            is_loopback: request.uri().authority().is_some_and(is_loopback),
        };
        let client = self.shared.client(route)?;
        let request = reqwest::Request::try_from(request)
            .map_err(|error| TransportError::new(TransportErrorKind::Other, chain(&error.without_url())))?;
        let place = request.url().host_str().unwrap_or_default().to_owned();
        let place = request.url().port().map_or_else(|| place.clone(), |port| format!("{place}:{port}"));
        let failed = |error: reqwest::Error| self.sorted(&place, &error.without_url());
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

    fn sorted(&self, place: &str, error: &reqwest::Error) -> TransportError {
        if error.is_timeout() && error.is_connect() {
            let message =
                format!("{place}: nothing within {} s", self.shared.options.connect_for_max.as_secs());
            return TransportError::new(TransportErrorKind::Connect, message);
        }
        if error.is_timeout() {
            let message = format!(
                "{place}: gave up after at most {} s",
                self.shared.options.exchange_for_max.as_secs()
            );
            return TransportError::new(TransportErrorKind::Timeout, message);
        }
        let kind = match causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            Some(_) => TransportErrorKind::Tls,
            None if error.is_connect() => TransportErrorKind::Connect,
            None if is_interruption(error) => TransportErrorKind::Interrupted,
            None => TransportErrorKind::Other,
        };
        TransportError::new(kind, format!("{place}: {}", chain(error)))
    }
}

impl Route {
    const COUNT: usize = 8;

    fn index(self) -> usize {
        usize::from(self.is_secure) << 2
            | usize::from(self.is_http1_only) << 1
            | usize::from(self.is_loopback)
    }
}

impl Shared {
    fn client(&self, route: Route) -> Result<&reqwest::Client, TransportError> {
        self.clients[route.index()].get_or_init(|| self.make(route)).as_ref().map_err(Clone::clone)
    }

    fn make(&self, route: Route) -> Result<reqwest::Client, TransportError> {
        let mut tls = if route.is_secure {
            self.tls.get_or_init(|| trusting_the_system(&self.extra_roots)).clone()?
        } else {
            // Never used: no redirect leads from here to TLS. But a client wants to have one.
            tls_builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        };
        let protocols: &[&[u8]] = if route.is_http1_only { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .connect_timeout(self.options.connect_for_max)
            .timeout(self.options.exchange_for_max)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        if route.is_loopback {
            builder = builder.no_proxy();
        }
        if route.is_http1_only {
            builder = builder.http1_only();
        }
        builder.build().map_err(|error| TransportError::new(TransportErrorKind::Other, chain(&error)))
    }
}

impl Transport for Reqwest {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }
}

/// ring by name, so that nothing depends on a provider somebody else installed for the process.
fn tls_builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.map_err(|error| tls_error(error.to_string()))
}

fn trusting_the_system(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, TransportError> {
    let builder = tls_builder()?;
    let provider = builder.crypto_provider().clone();
    let verifier = Verifier::new_with_extra_roots(extra_roots.iter().cloned(), provider);
    let verifier = verifier.map_err(|error| tls_error(error.to_string()))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn tls_error(message: String) -> TransportError {
    TransportError::new(TransportErrorKind::Tls, message)
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

/// What libraries say of their own layers, which helps nobody find the cause.
const LAYERS: [&str; 5] = [
    "error sending request",
    "client error (Connect)",
    "client error (SendRequest)",
    "tcp connect error",
    "dns error",
];

/// All causes in one sentence, without repeating and without the layers they came through.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error) {
        match cause.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidMessage(_)) => return "the other end does not speak TLS".to_owned(),
            Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) => {
                return "its certificate is signed by nobody whom this machine trusts".to_owned();
            }
            _ => {}
        }
        let text = cause.to_string();
        if LAYERS.contains(&text.as_str()) && cause.source().is_some() {
            continue;
        }
        if !words.iter().any(|word| word.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ").chars().take(300).collect()
}
