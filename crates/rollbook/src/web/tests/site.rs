//! A server over a store of its own, asked in-process, in any role.

use axum::body::Body;
use axum::http::{Method, Request, header};
use rollbook_core::request::{Role, Rules};
use rollbook_store::{Mode, Store};
use tower::ServiceExt;

use crate::clerk::Clerk;
use crate::clock::Clock;
use crate::web::readers::Readers;
use crate::web::visitor::Visitor;
use crate::web::{App, Parts, router};

/// The moment at which tests look.
pub const NOW: &str = "2026-10-06T08:00:00Z";

/// A server and its store.
pub struct Site {
    /// The server.
    pub app: App,
    folder: tempfile::TempDir,
}

/// What was answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Site {
    /// Over an empty store.
    pub fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Store::open(&path, Mode::Write).unwrap();
        let parts = Parts {
            clock: Clock::simulated(NOW.parse().unwrap(), 1.0),
            timezone: jiff::tz::TimeZone::UTC,
            readers: Readers::open(&path, 2).unwrap(),
            clerk: Clerk::inline(store),
            wake: Default::default(),
            attendance: Default::default(),
            refresh: Rules::default(),
            accounts: vec!["default".to_owned()],
            is_secure: false,
        };
        Site { app: App::new(parts), folder }
    }

    /// The store, to put something into it.
    pub fn store(&self) -> Store {
        Store::open(&self.folder.path().join("store.db"), Mode::Write).unwrap()
    }

    /// Asks for a page as a browser does, signed in in a role.
    pub async fn get_as(&self, role: Role, path: &str) -> Answer {
        self.ask(Some(Visitor::in_role("ana", role)), Method::GET, path, Body::empty()).await
    }

    /// Asks, as somebody or as nobody.
    pub async fn ask(&self, visitor: Option<Visitor>, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .body(body)
            .unwrap();
        if let Some(visitor) = visitor {
            request.extensions_mut().insert(visitor);
        }
        let response = router(self.app.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
