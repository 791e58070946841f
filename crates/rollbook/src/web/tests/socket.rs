//! Over real sockets: TLS, cookies, proxies.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response, header};
use rollbook_core::request::Role;
use rollbook_zoom::reqwest::{Options, Reqwest};
use rollbook_zoom::transport::{Transport, TransportError};
use tokio::task::JoinSet;

use super::site::{PASSWORD, Site};
use crate::config::{ServeConfig, TlsConfig};
use crate::supervise::{Stop, StopHandle};
use crate::web;

const FIRST: (&str, &str) = (
    include_str!("../../../../rollbook-zoom/tests/it/tls/localhost.crt"),
    include_str!("../../../../rollbook-zoom/tests/it/tls/localhost.key"),
);
const RENEWED: (&str, &str) = (include_str!("tls/renewed.crt"), include_str!("tls/renewed.key"));

/// A server that listens.
struct Listening {
    site: Site,
    address: SocketAddr,
    stop: StopHandle,
    serving: JoinSet<std::io::Result<()>>,
}

impl Listening {
    async fn start(settings: ServeConfig) -> Listening {
        let site = Site::with(settings);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (handle, stop) = Stop::pair();
        let mut serving = JoinSet::new();
        serving.spawn(web::serve(listener, site.app.clone(), stop));
        Listening { site, address, stop: handle, serving }
    }

    async fn send(&self, door: &Reqwest, request: Builder, body: &str) -> Response<Bytes> {
        door.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await.unwrap()
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }

    async fn end(mut self) {
        self.stop.ask();
        self.serving.join_next().await.unwrap().unwrap().unwrap();
    }
}

fn trusting(certificate: &str) -> Reqwest {
    let options = Options { extra_roots_pem: certificate.as_bytes().to_vec(), ..Options::default() };
    Reqwest::with_options(&options).unwrap()
}

fn write(folder: &Path, (certificate, key): (&str, &str)) -> TlsConfig {
    let files = TlsConfig { certificate: folder.join("tls.crt"), key: folder.join("tls.key") };
    fs::write(&files.certificate, certificate).unwrap();
    fs::write(&files.key, key).unwrap();
    files
}

fn text<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Signs in by the form; what the browser would send back.
async fn sign_in(server: &Listening, door: &Reqwest, scheme: &str, more: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::post(server.url(scheme, "/sign-in"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    server.send(door, request, &format!("name=ana&password={}", PASSWORD.replace(' ', "+"))).await
}

async fn page(server: &Listening, door: &Reqwest, scheme: &str, cookie: &str) -> u16 {
    let request = Request::get(server.url(scheme, "/audit")).header(header::COOKIE, cookie);
    server.send(door, request, "").await.status().as_u16()
}

fn cookie(answer: &Response<Bytes>) -> String {
    text(answer, "set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn by_tls_somebody_signs_in_with_a_cookie_bound_to_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Some(write(folder.path(), FIRST));
    let server = Listening::start(ServeConfig { tls, ..ServeConfig::default() }).await;
    server.site.login("ana", Role::Admin);
    let door = trusting(FIRST.0);
    let answer = sign_in(&server, &door, "https", &[]).await;
    assert_eq!(answer.status(), 303);
    assert!(text(&answer, "set-cookie").starts_with("__Host-rollbook="), "{:?}", answer.headers());
    assert!(text(&answer, "set-cookie").contains("; Secure"));
    assert!(text(&answer, "strict-transport-security").contains("max-age"));
    assert_eq!(page(&server, &door, "https", &cookie(&answer)).await, 200);
    assert_eq!(page(&server, &door, "https", "").await, 401);
    server.end().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let files = write(folder.path(), FIRST);
    let server = Listening::start(ServeConfig { tls: Some(files.clone()), ..ServeConfig::default() }).await;
    let certificates = server.site.app.access.certificates.clone().unwrap();
    let asks = async |certificate: &str| -> Result<u16, TransportError> {
        let request = Request::get(server.url("https", "/sign-in")).body(Bytes::new()).unwrap();
        // A door of its own each time: connections are kept.
        Ok(trusting(certificate).send(request).await?.status().as_u16())
    };
    assert_eq!(asks(FIRST.0).await.unwrap(), 200);
    assert!(!certificates.refresh().unwrap(), "nothing was written");
    fs::write(&files.certificate, RENEWED.0).unwrap();
    let half = certificates.refresh().unwrap_err().0;
    assert!(half.contains("ROLLBOOK_TLS_KEY"), "{half}");
    assert_eq!(asks(FIRST.0).await.unwrap(), 200, "the one before stays in force");
    fs::write(&files.key, RENEWED.1).unwrap();
    assert!(certificates.refresh().unwrap());
    assert!(asks(FIRST.0).await.is_err() && asks(RENEWED.0).await.unwrap() == 200);
    server.end().await;
}

#[tokio::test]
async fn who_speaks_no_tls_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Some(write(folder.path(), FIRST));
    let server = Listening::start(ServeConfig { tls, ..ServeConfig::default() }).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    let silent = socket.connect(server.address).await.unwrap();
    let plain = Request::get(format!("http://{}/sign-in", server.address)).body(Bytes::new()).unwrap();
    assert!(Reqwest::new().unwrap().send(plain).await.is_err());
    assert_eq!(page(&server, &trusting(FIRST.0), "https", "").await, 401);
    drop(silent);
    server.end().await;
}

#[test]
fn files_that_are_no_certificate_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let check = |files: &TlsConfig, says: &str| {
        let wrong = web::tls::Certificates::read(files).unwrap_err().0;
        assert!(wrong.contains(says), "{wrong}");
    };
    check(&write(folder.path(), ("", FIRST.1)), "no certificate");
    check(&write(folder.path(), (FIRST.0, "")), "ROLLBOOK_TLS_KEY");
    check(&write(folder.path(), (FIRST.0, RENEWED.1)), "ROLLBOOK_TLS_KEY");
    let gone = TlsConfig { certificate: folder.path().join("none"), key: folder.path().join("none") };
    check(&gone, "ROLLBOOK_TLS_CERTIFICATE");
}

#[tokio::test]
async fn behind_a_proxy_its_word_about_https_and_user_counts() {
    let server = Listening::start(ServeConfig {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        proxy_user_header: Some("x-remote-user".parse().unwrap()),
        ..ServeConfig::default()
    })
    .await;
    server.site.login("ana", Role::Admin);
    let door = Reqwest::new().unwrap();
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-for", "192.0.2.7")];
    let answer = sign_in(&server, &door, "http", &forwarded).await;
    assert!(text(&answer, "set-cookie").starts_with("__Host-rollbook="), "{:?}", answer.headers());
    let signed_in = server.site.store().audit(None, 1).unwrap().remove(0).1;
    assert_eq!(signed_in.address.as_deref(), Some("192.0.2.7"));
    let named = Request::get(server.url("http", "/audit")).header("x-remote-user", "Ana");
    assert_eq!(server.send(&door, named, "").await.status(), 200);
    server.end().await;
}

#[tokio::test]
async fn without_a_declared_proxy_nobodys_word_counts() {
    let server = Listening::start(ServeConfig::default()).await;
    server.site.login("ana", Role::Admin);
    let door = Reqwest::new().unwrap();
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-for", "192.0.2.7")];
    let answer = sign_in(&server, &door, "http", &forwarded).await;
    assert!(text(&answer, "set-cookie").starts_with("rollbook="), "{:?}", answer.headers());
    assert_eq!(page(&server, &door, "http", &cookie(&answer)).await, 200);
    let signed_in = server.site.store().audit(None, 1).unwrap().remove(0).1;
    assert_eq!(signed_in.address.as_deref(), Some("127.0.0.1"));
    let named = Request::get(server.url("http", "/audit")).header("x-remote-user", "ana");
    assert_eq!(server.send(&door, named, "").await.status(), 401);
    server.end().await;
}
