//! The real door, against a server of our own on the loopback address.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use rollbook_zoom::reqwest::{BODY_BYTES_MAX, Options, Reqwest};
use rollbook_zoom::transport::Http1Only;
use rollbook_zoom::{Transport, TransportError, TransportErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a connection once it has read a request's head.
enum Manner {
    /// Says this and closes.
    Say(&'static str),
    /// Says this and resets the connection.
    Reset(&'static str),
    /// Says this and then nothing more.
    Stall(&'static str),
    /// Says that a body is as long as this, and sends it.
    Flood(usize),
}

/// Serves every connection in the same manner; gives back the port.
async fn serve(manner: Manner) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let manner = Arc::new(manner);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream, manner.clone()));
        }
    });
    port
}

async fn act(mut stream: TcpStream, manner: Arc<Manner>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    match &*manner {
        Manner::Say(text) => {
            let echoed = text.replace("HEAD", &String::from_utf8_lossy(&head).replace("\r\n", "|"));
            let _ = stream.write_all(echoed.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Manner::Reset(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.set_zero_linger();
        }
        Manner::Stall(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            std::future::pending::<()>().await;
        }
        Manner::Flood(length) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let chunk = vec![b' '; 1 << 20];
            for _ in 0..length.div_ceil(chunk.len()) {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn door() -> Reqwest {
    let options = Options { exchange_for_max: Duration::from_millis(1500), ..Options::default() };
    Reqwest::with_options(&options).unwrap()
}

async fn get(address: String) -> Result<http::Response<Bytes>, TransportError> {
    let request = Request::get(address).header("authorization", "Bearer t0p").body(Bytes::new()).unwrap();
    let outcome = door().send(request).await;
    if let Err(error) = &outcome {
        assert!(!error.to_string().contains("t0p") && !error.to_string().contains("q=1"), "{error}");
    }
    outcome
}

async fn check(manner: Manner, kind: TransportErrorKind) {
    let error = get(format!("http://127.0.0.1:{}/x?q=1", serve(manner).await)).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
}

#[tokio::test]
async fn an_answer_comes_with_status_headers_and_body() {
    let say = "HTTP/1.1 429 Too Many\r\nX-RateLimit-Type: QPS\r\ncontent-length: 2\r\n\r\nno";
    let answer = get(format!("http://localhost:{}/x", serve(Manner::Say(say)).await)).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["x-ratelimit-type"], "QPS");
    assert_eq!(&answer.body()[..], b"no");
}

#[tokio::test]
async fn a_request_says_who_asks_and_keeps_its_encoding() {
    let port = serve(Manner::Say("HTTP/1.1 200 OK\r\n\r\nHEAD")).await;
    let answer =
        get(format!("http://127.0.0.1:{port}/past_meetings/%252Fa%253D?from=a%20b%2B")).await.unwrap();
    let head = String::from_utf8(answer.body().to_vec()).unwrap();
    assert!(head.starts_with("GET /past_meetings/%252Fa%253D?from=a%20b%2B HTTP/1.1|"), "{head}");
    assert!(head.contains(concat!("user-agent: rollbook-zoom/", env!("CARGO_PKG_VERSION"))), "{head}");
    assert!(head.contains("authorization: Bearer t0p"), "{head}");
}

#[tokio::test]
async fn redirects_are_given_back_and_not_followed() {
    let say = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/stolen\r\ncontent-length: 0\r\n\r\n";
    let answer = get(format!("http://127.0.0.1:{}/x", serve(Manner::Say(say)).await)).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/stolen");
}

#[tokio::test]
async fn a_body_cut_short_is_an_interruption() {
    check(
        Manner::Say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":"),
        TransportErrorKind::Interrupted,
    )
    .await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n";
    check(Manner::Say(chunked), TransportErrorKind::Interrupted).await;
}

#[tokio::test]
async fn a_reset_is_an_interruption() {
    check(Manner::Reset(""), TransportErrorKind::Interrupted).await;
    check(Manner::Reset("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), TransportErrorKind::Interrupted)
        .await;
    check(Manner::Say(""), TransportErrorKind::Interrupted).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    check(Manner::Stall(""), TransportErrorKind::Timeout).await;
    check(Manner::Stall("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), TransportErrorKind::Timeout)
        .await;
}

#[tokio::test]
async fn a_flood_is_not_read_to_its_end() {
    check(Manner::Flood(BODY_BYTES_MAX + 1), TransportErrorKind::TooLarge).await;
}

#[tokio::test]
async fn nobody_at_the_port_is_no_connection() {
    // Held without listening, so that no other test comes to listen there.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = held.local_addr().unwrap().port();
    let error = get(format!("http://127.0.0.1:{port}/x?q=1")).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Connect, "{error}");
}

#[tokio::test]
async fn no_tls_at_the_other_end_is_a_tls_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    let error = get(format!("https://127.0.0.1:{plain}/x?q=1")).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Tls, "{error}");
}

/// A server with a certificate of its own, for names `localhost` and address 127.0.0.1.
mod tls {
    use super::*;
    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::TlsAcceptor;

    /// Made for these tests, and trusted nowhere else.
    const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.crt");
    const KEY: &[u8] = include_bytes!("tls/localhost.key");

    /// Serves HTTP/1.1 over TLS; says in the body which protocol was settled on.
    async fn serve(protocols: &[&[u8]]) -> u16 {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
                PrivateKeyDer::from_pem_slice(KEY).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let agreed = stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec();
                if agreed == b"h2" {
                    // The client's first frame is enough to know; nothing here speaks HTTP/2.
                    let _ = stream.shutdown().await;
                    continue;
                }
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await;
                let agreed = String::from_utf8(agreed).unwrap();
                let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{agreed}", agreed.len());
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        port
    }

    async fn get(
        port: u16,
        roots: &[u8],
        is_http1_only: bool,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let options = Options { extra_roots_pem: roots.to_vec(), ..Options::default() };
        let mut request = Request::get(format!("https://localhost:{port}/")).body(Bytes::new()).unwrap();
        if is_http1_only {
            request.extensions_mut().insert(Http1Only);
        }
        Reqwest::with_options(&options).unwrap().send(request).await
    }

    #[tokio::test]
    async fn a_trusted_certificate_lets_the_request_through() {
        let port = serve(&[b"http/1.1"]).await;
        let answer = get(port, CERTIFICATE, false).await.unwrap();
        assert_eq!(&answer.body()[..], b"http/1.1");
    }

    #[tokio::test]
    async fn a_strange_certificate_is_a_tls_error() {
        let port = serve(&[b"http/1.1"]).await;
        let error = get(port, b"", false).await.unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Tls, "{error}");
    }

    #[tokio::test]
    async fn quirk_66_http_2_is_offered_to_the_api_and_not_to_the_token_address() {
        let port = serve(&[b"h2", b"http/1.1"]).await;
        let answer = get(port, CERTIFICATE, true).await.unwrap();
        assert_eq!(&answer.body()[..], b"http/1.1");
        // The API's client takes HTTP/2 when it is offered, which this server then does not speak.
        let error = get(port, CERTIFICATE, false).await.unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Interrupted, "{error}");
    }
}
