//! TLS of our own: certificates that are read anew when they were renewed, and handshakes that hold nobody up.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::config::{ConfigError, TlsConfig};
use crate::supervise::Stop;

/// How often the files are looked at: whoever renews certificates does it weeks before they end.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A handshake takes a few round trips; who takes longer has gone, or means ill.
const HANDSHAKE_FOR_MAX: Duration = Duration::from_secs(10);

/// Handshakes under way at once; more wait in the system's queue.
const HANDSHAKES_MAX: usize = 512;

/// The certificate in force.
#[derive(Debug)]
pub struct Certificates {
    files: TlsConfig,
    current: RwLock<(Stamp, Arc<CertifiedKey>)>,
}

/// When the files were written, and how long they are: another one is another certificate.
type Stamp = [(Option<SystemTime>, u64); 2];

impl Certificates {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// A sentence that names the file, and what is wrong with it.
    pub fn read(files: &TlsConfig) -> Result<Arc<Certificates>, ConfigError> {
        let current = RwLock::new((stamp(files)?, key_of(files)?));
        Ok(Arc::new(Certificates { files: files.clone(), current }))
    }

    /// Reads the files again if they were written since. Whether they were. A pair that does not fit leaves the one before in
    /// force: the other file may be on its way.
    ///
    /// # Errors
    /// As [`Certificates::read`].
    pub fn refresh(&self) -> Result<bool, ConfigError> {
        let stamp = stamp(&self.files)?;
        if self.current.read().expect("nobody panics with it in hand").0 == stamp {
            return Ok(false);
        }
        let key = key_of(&self.files)?;
        *self.current.write().expect("nobody panics with it in hand") = (stamp, key);
        Ok(true)
    }

    /// Looks at the files every minute, and when the process gets SIGHUP, until `stop` is asked for.
    pub async fn keep_fresh(&self, mut stop: Stop) {
        let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            let hangup = async {
                match &mut hangups {
                    Some(hangups) => hangups.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.asked() => return,
                _ = hangup => {}
                _ = ticks.tick() => {}
            }
            match self.refresh() {
                Ok(true) => tracing::info!("the renewed TLS certificate is in force"),
                Ok(false) => {}
                Err(error) => tracing::error!("the TLS certificate in force stays: {error}"),
            }
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().expect("nobody panics with it in hand").1.clone())
    }
}

fn stamp(files: &TlsConfig) -> Result<Stamp, ConfigError> {
    let of = |setting: &str, path: &Path| {
        let found = fs::metadata(path).map_err(|error| unreadable(setting, path, &error))?;
        Ok((found.modified().ok(), found.len()))
    };
    Ok([of(CERTIFICATE, &files.certificate)?, of(KEY, &files.key)?])
}

const CERTIFICATE: &str = "ROLLBOOK_TLS_CERTIFICATE";
const KEY: &str = "ROLLBOOK_TLS_KEY";

fn unreadable(setting: &str, path: &Path, why: &dyn std::fmt::Display) -> ConfigError {
    ConfigError(format!("cannot use {setting} {}: {why}", path.display()))
}

fn key_of(files: &TlsConfig) -> Result<Arc<CertifiedKey>, ConfigError> {
    let wrong = |why: &dyn std::fmt::Display| unreadable(CERTIFICATE, &files.certificate, why);
    let pem = fs::read(&files.certificate).map_err(|error| wrong(&error))?;
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| wrong(&error))?;
    if chain.is_empty() {
        return Err(wrong(&"it holds no certificate in PEM"));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable(KEY, &files.key, &error))?;
    let pair = CertifiedKey::from_der(chain, key, &ring::default_provider());
    Ok(Arc::new(pair.map_err(|error| unreadable(KEY, &files.key, &error))?))
}

/// A listener that speaks TLS. Handshakes go on beside each other: who dawdles holds up no other.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    /// Over a socket that listens.
    ///
    /// # Errors
    /// If rustls cannot be set up.
    pub fn new(tcp: TcpListener, certificates: Arc<Certificates>) -> Result<TlsListener, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(certificates);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(TlsListener { tcp, acceptor, handshakes: JoinSet::new() })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                biased;
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(shaken)) = done {
                        return shaken;
                    }
                }
                (stream, address) = Listener::accept(&mut self.tcp), if self.handshakes.len() < HANDSHAKES_MAX => {
                    // An answer is small and nothing follows it: it must not wait for more to send.
                    let _ = stream.set_nodelay(true);
                    let handshake = self.acceptor.accept(stream);
                    self.handshakes.spawn(async move {
                        let shaken = tokio::time::timeout(HANDSHAKE_FOR_MAX, handshake).await;
                        Some((shaken.ok()?.ok()?, address))
                    });
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
