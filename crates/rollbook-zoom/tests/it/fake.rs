//! A pretend network: a function from request to answer, which remembers what it was asked.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use rollbook_zoom::transport::{Http1Only, Sending};
use rollbook_zoom::{Client, Credentials, Transport, TransportError};

pub const API: &str = "https://api.example.com/v2";
pub const TOKEN_URL: &str = "https://example.com/oauth/token";

type Replies = dyn Fn(&Seen, usize) -> Result<Response<Bytes>, TransportError> + Send + Sync;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub authorization: String,
    pub body: String,
    pub is_http1_only: bool,
}

impl Seen {
    pub fn is_for_token(&self) -> bool {
        self.uri == TOKEN_URL
    }
}

pub struct Fake {
    replies: Box<Replies>,
    seen: Mutex<Vec<Seen>>,
}

impl Fake {
    /// Answers each request by the function, which also learns how many came before.
    pub fn new(
        replies: impl Fn(&Seen, usize) -> Result<Response<Bytes>, TransportError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Fake { replies: Box::new(replies), seen: Mutex::default() })
    }

    /// Gives out tokens `t1`, `t2`, … and answers everything else by the function.
    pub fn with_tokens(replies: impl Fn(&Seen) -> Response<Bytes> + Send + Sync + 'static) -> Arc<Self> {
        let given = Mutex::new(0);
        Fake::new(move |seen, _| {
            if !seen.is_for_token() {
                return Ok(replies(seen));
            }
            let mut given = given.lock().unwrap();
            *given += 1;
            Ok(token(&format!("t{given}"), 3600))
        })
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn token_requests(&self) -> usize {
        self.seen().iter().filter(|seen| seen.is_for_token()).count()
    }

    pub fn api_requests(&self) -> usize {
        self.seen().len() - self.token_requests()
    }
}

impl Transport for Fake {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        Box::pin(async move {
            // Let other callers have their turn, as a network would.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            let header = |name| request.headers().get(name).map(|v: &http::HeaderValue| v.to_str().unwrap());
            let seen = Seen {
                method: request.method().to_string(),
                uri: request.uri().to_string(),
                authorization: header("authorization").unwrap_or_default().to_owned(),
                body: String::from_utf8(request.body().to_vec()).unwrap(),
                is_http1_only: request.extensions().get::<Http1Only>().is_some(),
            };
            let before = {
                let mut all = self.seen.lock().unwrap();
                all.push(seen.clone());
                all.len() - 1
            };
            (self.replies)(&seen, before)
        })
    }
}

pub fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

pub fn token(value: &str, expires_in: u32) -> Response<Bytes> {
    let body = format!(
        r#"{{"access_token":"{value}","token_type":"bearer","expires_in":{expires_in},"scope":"a:read b:read"}}"#
    );
    answer(200, &body)
}

pub fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

pub fn after(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

pub fn credentials() -> Credentials {
    Credentials::ServerToServer {
        account_id: "acc/1".to_owned(),
        client_id: "client".to_owned(),
        client_secret: "s3cret".to_owned().into(),
        token_url: TOKEN_URL.parse().unwrap(),
    }
}

pub fn client(fake: &Arc<Fake>) -> Client {
    Client::new(fake.clone(), API.parse().unwrap(), credentials())
}

/// A file beside the tests.
pub fn sample(name: &str) -> String {
    let path = format!("{}/tests/it/answers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Where the notes about Zoom lie, if they lie beside the repository.
pub fn notes(name: &str) -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/zoom").join(name);
    path.exists().then_some(path)
}
