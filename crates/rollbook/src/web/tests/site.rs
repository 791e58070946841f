//! A server over a store of its own, asked in-process, in any role.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, header};
use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_core::limits::{Limits, Plan};
use rollbook_core::request::{Role, Rules};
use rollbook_store::{Mode, NewLogin, NewToken, Store};
use tower::ServiceExt;

use crate::clerk::Clerk;
use crate::clock::Clock;
use crate::config::{QosConfig, Scope, ServeConfig};
use crate::report::account::AccountSettings;
use crate::simulation::campus;
use crate::web::access::Access;
use crate::web::rate::Rate;
use crate::web::readers::Readers;
use crate::web::school::{NotRead, School};
use crate::web::teaching::Teaching;
use crate::web::visitor::Visitor;
use crate::web::{App, Parts, router};

/// The moment at which tests look.
pub const NOW: &str = "2026-10-06T08:00:00Z";

/// A server and its store.
pub struct Site {
    /// The server.
    pub app: App,
    folder: Arc<tempfile::TempDir>,
}

/// What was answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie it sets, as a browser sends it back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

impl Site {
    /// Over an empty store.
    pub fn new() -> Site {
        Site::with(ServeConfig::default())
    }

    /// Over an empty store, reached in some way.
    pub fn with(settings: ServeConfig) -> Site {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        drop(Store::open(&folder.path().join("store.db"), Mode::Write).unwrap());
        Site::over(folder, settings, NOW.parse().unwrap())
    }

    /// The same store, with the server started anew at some moment.
    pub fn again(site: &Site, now: Timestamp) -> Site {
        Site::over(site.folder.clone(), site.app.access.settings.clone(), now)
    }

    fn over(folder: Arc<tempfile::TempDir>, settings: ServeConfig, now: Timestamp) -> Site {
        let path = folder.path().join("store.db");
        let parts = Parts {
            // Stands still: no test depends on how long anything takes.
            clock: Clock::simulated(now, 0.0),
            timezone: jiff::tz::TimeZone::UTC,
            readers: Readers::open(&path, 2).unwrap(),
            clerk: Clerk::inline(Store::open(&path, Mode::Write).unwrap()),
            wake: Default::default(),
            pulse: Default::default(),
            metrics: Default::default(),
            quotas: Vec::new(),
            keep: Default::default(),
            attendance: Default::default(),
            refresh: Rules::default(),
            accounts: vec!["default".to_owned()],
            rate: Rate::new(settings.api_rate),
            sums: Default::default(),
            access: Access::new(settings, &path, Teaching::default()).unwrap(),
            webhooks: None,
            settings: Arc::new([account()]),
            school: School::none(NotRead::NotConfigured),
        };
        Site { app: App::new(parts), folder }
    }

    /// Over two days of a small campus with every kind of trouble, collected once for all tests of this process.
    pub fn campus() -> Site {
        static CAMPUS: OnceLock<Vec<u8>> = OnceLock::new();
        let collected = CAMPUS.get_or_init(|| std::thread::spawn(collect_campus).join().unwrap());
        let folder = Arc::new(tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("store.db"), collected).unwrap();
        Site::over(folder, ServeConfig::default(), campus::NOW.parse().unwrap())
    }

    /// The store, to put something into it.
    pub fn store(&self) -> Store {
        Store::open(&self.folder.path().join("store.db"), Mode::Write).unwrap()
    }

    /// Posts a form, or JSON below `/api`, signed in in a role.
    pub async fn post_as(&self, role: Role, path: &str, body: &str) -> Answer {
        let visitor = Visitor::in_role("ana", role);
        self.ask(Some(visitor), Method::POST, path, body.to_owned().into()).await
    }

    /// Asks for a page as a browser does, signed in in a role.
    pub async fn get_as(&self, role: Role, path: &str) -> Answer {
        self.ask(Some(Visitor::in_role("ana", role)), Method::GET, path, Body::empty()).await
    }

    /// Asks for what is held with this tag.
    pub async fn get_if_changed(&self, role: Role, path: &str, tag: &str) -> Answer {
        let mut request = Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Visitor::in_role("ana", role));
        self.send(request).await
    }

    /// The same as a teacher of the meetings with these numbers.
    pub async fn get_as_teacher_of(&self, numbers: &[u64], path: &str) -> Answer {
        let teacher = Visitor::teacher("tea", &["ALG-1"], "default", numbers);
        self.ask(Some(teacher), Method::GET, path, Body::empty()).await
    }

    /// Asks, as somebody or as nobody.
    pub async fn ask(&self, visitor: Option<Visitor>, method: Method, path: &str, body: Body) -> Answer {
        let is_api = path.starts_with("/api/");
        let kind = if is_api { "application/json" } else { "application/x-www-form-urlencoded" };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, kind)
            .body(body)
            .unwrap();
        if let Some(visitor) = visitor {
            request.extensions_mut().insert(visitor);
        }
        self.send(request).await
    }

    /// Takes away what the audit is kept in.
    pub fn break_audit(&self) {
        let store = rusqlite::Connection::open(self.folder.path().join("store.db")).unwrap();
        store.execute_batch("drop table audit").unwrap();
    }

    /// Makes a login with a password of its own; its number.
    pub fn login(&self, name: &str, role: Role) -> i64 {
        let login = NewLogin {
            name: name.to_owned(),
            role,
            email: Some(format!("{name}@uni.example")),
            subject: None,
            courses: Default::default(),
            password: Some(password_hash().to_owned()),
            is_by_provider: false,
        };
        self.store().add_login(NOW.parse().unwrap(), &login).unwrap().unwrap()
    }

    /// Makes a token; what goes behind `Bearer`.
    pub fn token(&self, name: &str, scopes: &[Capability], expires_at: Timestamp) -> String {
        let secret = format!("rollbook_{name}");
        let token = NewToken {
            name: name.to_owned(),
            key: crate::secret::digest(&secret),
            scopes: scopes.iter().copied().collect(),
            created_by: "(shell)".to_owned(),
            expires_at,
        };
        assert!(self.store().add_token(NOW.parse().unwrap(), &token).unwrap());
        secret
    }

    /// Signs in by the form.
    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("name", name), ("password", password)])
            .finish();
        self.send(browser("POST", "/sign-in", "").body(form.into()).unwrap()).await
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = router(self.app.clone()).oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

fn account() -> AccountSettings {
    AccountSettings {
        name: "default".to_owned(),
        pool: "default".to_owned(),
        api_url: "http://127.0.0.1:1/".parse().unwrap(),
        plan: Plan::Business,
        limits: Limits::of(Plan::Business),
        reserve: 0.2,
        is_signed_in: true,
        breakouts: false,
        qos: QosConfig::default(),
        scope: Scope::Account,
    }
}

/// The password of every login that [`Site::login`] makes.
pub const PASSWORD: &str = "correct horse battery";

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| crate::password::hash(PASSWORD))
}

/// A request as a browser sends it from a page of ours.
pub fn browser(method: &str, path: &str, cookie: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:8787")
        .header(header::ORIGIN, "http://localhost:8787")
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "navigate")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
}

/// The file of the collected campus. On a thread of its own: its time stands still while nobody works.
fn collect_campus() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let store = Store::open(&path, Mode::Write).unwrap();
    runtime.block_on(campus::collect(store, 5, 64)).unwrap();
    // The last one to close the file takes its log into it.
    std::fs::read(path).unwrap()
}
