//! Every role, every kind of token, and those who are nobody, at every route there is.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, header};
use jiff::{SignedDuration, Timestamp};
use rollbook_core::access::Capability;
use rollbook_core::request::Role;
use rollbook_store::NewSession;

use super::site::{Answer, NOW, Site, browser};
use crate::secret;
use crate::web::route::Needs;
use crate::web::routes;

/// Who may use which route: everybody, whoever is signed in, or these roles and whoever has a token with this scope. Written
/// by hand, so that a route that lets in more than was meant is found.
const TABLE: &[(&str, &str, &str)] = &[
    ("GET", "/", "admin analyst viewer; see_overview"),
    ("GET", "/account", "signed in"),
    ("GET", "/api/v1/audit", "admin; see_audit"),
    ("GET", "/api/v1/backfills/forecast", "admin; backfill"),
    ("GET", "/api/v1/commands", "admin analyst; see_system"),
    ("GET", "/api/v1/commands/{id}", "admin analyst; see_system"),
    ("GET", "/api/v1/corrections", "admin; decide_people"),
    ("GET", "/api/v1/courses", "admin teacher; see_courses"),
    ("GET", "/api/v1/courses/{short_name}", "admin teacher; see_courses"),
    ("GET", "/api/v1/erasures", "admin; forget"),
    ("GET", "/api/v1/meetings", "admin analyst teacher; see_meetings"),
    ("GET", "/api/v1/meetings/{meeting}", "admin analyst teacher; see_meetings"),
    ("GET", "/api/v1/meetings/{meeting}/people/{person}", "admin analyst teacher; see_quality"),
    ("GET", "/api/v1/meetings/{meeting}/refresh", "admin analyst teacher viewer; refresh"),
    ("GET", "/api/v1/openapi.json", "everybody"),
    ("GET", "/api/v1/people", "admin; decide_people"),
    ("GET", "/api/v1/quality", "admin analyst teacher; see_quality"),
    ("GET", "/api/v1/quality/meetings", "admin analyst teacher; see_quality"),
    ("GET", "/api/v1/quota", "admin analyst viewer; see_quota"),
    ("GET", "/api/v1/refreshes/offer", "admin analyst teacher viewer; refresh"),
    ("GET", "/api/v1/refreshes/{id}", "admin analyst teacher viewer; refresh"),
    ("GET", "/api/v1/runs", "admin analyst; see_system"),
    ("GET", "/api/v1/runs/{id}", "admin analyst; see_system"),
    ("GET", "/api/v1/system", "admin analyst; see_system"),
    ("GET", "/api/v1/today", "admin analyst viewer; see_overview"),
    ("GET", "/api/v1/unknown-fields", "admin analyst; see_system"),
    ("GET", "/assets/{name}", "everybody"),
    ("GET", "/audit", "admin; see_audit"),
    ("GET", "/courses", "admin teacher; see_courses"),
    ("GET", "/courses/{short_name}", "admin teacher; see_courses"),
    ("GET", "/forget", "admin; forget"),
    ("GET", "/forget/live", "admin; forget"),
    ("GET", "/health/live", "everybody"),
    ("GET", "/health/ready", "everybody"),
    ("GET", "/meetings", "admin analyst teacher; see_meetings"),
    ("GET", "/meetings/{meeting}", "admin analyst teacher; see_meetings"),
    ("GET", "/meetings/{meeting}/people/{person}", "admin analyst teacher; see_quality"),
    ("GET", "/metrics", "admin analyst viewer; read_metrics"),
    ("GET", "/people", "admin; decide_people"),
    ("GET", "/quality", "admin analyst teacher; see_quality"),
    ("GET", "/quota", "admin analyst viewer; see_quota"),
    ("GET", "/quota/live", "admin analyst viewer; see_quota"),
    ("GET", "/refresh", "admin analyst teacher viewer; refresh"),
    ("GET", "/refresh/live", "admin analyst teacher viewer; refresh"),
    ("GET", "/setup/{key}", "everybody"),
    ("GET", "/sign-in", "everybody"),
    ("GET", "/sign-in/provider", "everybody"),
    ("GET", "/sign-in/provider/back", "everybody"),
    ("GET", "/system", "admin analyst; see_system"),
    ("GET", "/system/live", "admin analyst; see_system"),
    ("GET", "/system/runs/{id}", "admin analyst; see_system"),
    ("POST", "/account", "signed in"),
    ("POST", "/account/sign-out-everywhere", "signed in"),
    ("POST", "/api/v1/backfills", "admin; backfill"),
    ("POST", "/api/v1/corrections", "admin; decide_people"),
    ("POST", "/api/v1/erasures", "admin; forget"),
    ("POST", "/api/v1/erasures/plan", "admin; forget"),
    ("POST", "/api/v1/meetings/{meeting}/refresh", "admin analyst teacher viewer; refresh"),
    ("POST", "/api/v1/refreshes", "admin analyst teacher viewer; refresh"),
    ("POST", "/forget", "admin; forget"),
    ("POST", "/forget/look", "admin; forget"),
    ("POST", "/meetings/{meeting}/refresh", "admin analyst teacher viewer; refresh"),
    ("POST", "/people/decide", "admin; decide_people"),
    ("POST", "/quota/backfill", "admin; backfill"),
    ("POST", "/refresh", "admin analyst teacher viewer; refresh"),
    ("POST", "/setup/{key}", "everybody"),
    ("POST", "/sign-in", "everybody"),
    ("POST", "/sign-out", "signed in"),
];

/// What no route may have said, where somebody was let in.
const SENT_AWAY: [&str; 4] =
    ["/problems/sign-in", "/problems/bad-sign-in", "/problems/forbidden", "/problems/not-meant"];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    SignedIn(Role),
    Token(Capability),
    ExpiredToken,
    RevokedToken,
    Disabled(Role),
    ExpiredSession(Role),
}

impl Who {
    fn all() -> Vec<Who> {
        let each = |of: fn(Role) -> Who| Role::ALL.into_iter().map(of);
        [Who::Nobody, Who::ExpiredToken, Who::RevokedToken]
            .into_iter()
            .chain(each(Who::SignedIn))
            .chain(each(Who::Disabled))
            .chain(each(Who::ExpiredSession))
            .chain(Capability::ALL.into_iter().map(Who::Token))
            .collect()
    }

    fn is_let_in(self, allowed: &str) -> bool {
        let (roles, scope) = allowed.split_once("; ").unwrap_or((allowed, ""));
        match (allowed, self) {
            ("everybody", _) | ("signed in", Who::SignedIn(_) | Who::Token(_)) => true,
            (_, Who::SignedIn(role)) => roles.split(' ').any(|word| word == role.name()),
            (_, Who::Token(capability)) => scope == capability.name(),
            _ => false,
        }
    }
}

struct Crowd {
    site: Site,
    ends_at: Timestamp,
}

impl Crowd {
    fn new() -> Crowd {
        let (site, now) = (Site::new(), NOW.parse::<Timestamp>().unwrap());
        let ends_at = now + SignedDuration::from_hours(1);
        for role in Role::ALL {
            site.login(role.name(), role);
            site.login(&format!("no-{role}"), role);
        }
        for capability in Capability::ALL {
            site.token(capability.name(), &[capability], ends_at);
        }
        site.token("expired", &Capability::ALL, now);
        site.token("revoked", &Capability::ALL, ends_at);
        let mut store = site.store();
        store.revoke_token(now, "revoked").unwrap();
        for role in Role::ALL {
            store.set_disabled(&format!("no-{role}"), Some(now)).unwrap();
        }
        Crowd { site, ends_at }
    }

    /// A session that was just begun: what a handler does to it harms no later one.
    fn session(&self, name: &str, ends_at: Timestamp) -> String {
        let mut store = self.site.store();
        let (cookie, login) = (secret::fresh(), store.login_named(name).unwrap().unwrap().id);
        let session = NewSession {
            key: secret::digest(&cookie),
            login,
            csrf: "of-this-session".to_owned(),
            expires_at: ends_at,
        };
        store.add_session(NOW.parse().unwrap(), &session).unwrap();
        format!("rollbook={cookie}")
    }

    fn request(&self, who: Who, method: &str, path: &str) -> Builder {
        let now = NOW.parse().unwrap();
        let by_cookie =
            |cookie: &str| browser(method, path, cookie).header("x-csrf-token", "of-this-session");
        let by_token = |name: &str| {
            let token = format!("Bearer rollbook_{name}");
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, token)
        };
        match who {
            Who::Nobody => by_cookie(""),
            Who::SignedIn(role) => by_cookie(&self.session(role.name(), self.ends_at)),
            Who::Disabled(role) => by_cookie(&self.session(&format!("no-{role}"), self.ends_at)),
            Who::ExpiredSession(role) => by_cookie(&self.session(role.name(), now)),
            Who::Token(capability) => by_token(capability.name()),
            Who::ExpiredToken => by_token("expired"),
            Who::RevokedToken => by_token("revoked"),
        }
    }

    async fn ask(&self, request: Builder) -> Answer {
        let mut request = request.body(Body::empty()).unwrap();
        // Problems as JSON tell who sent somebody away.
        request.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
        self.site.send(request).await
    }
}

fn problem(answer: &Answer) -> String {
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    body["type"].as_str().unwrap_or("").to_owned()
}

/// A path with something in place of its parameters.
fn concrete(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_stands_in_the_table_and_the_table_holds_no_other() {
    let of = |method: &str, path: &str| format!("{method} {path}");
    let there: BTreeSet<String> =
        routes().iter().map(|route| of(route.method.as_str(), route.path)).collect();
    let listed: BTreeSet<String> = TABLE.iter().map(|(method, path, _)| of(method, path)).collect();
    assert_eq!(there, listed, "say in TABLE who may use a new route");
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_names_and_nobody_else() {
    let crowd = Crowd::new();
    for (method, path, allowed) in TABLE {
        for who in Who::all() {
            let answer = crowd.ask(crowd.request(who, method, &concrete(path))).await;
            let was_let_in = !SENT_AWAY.contains(&problem(&answer).as_str());
            assert_eq!(was_let_in, who.is_let_in(allowed), "{method} {path} {who:?}: {}", answer.body);
            assert!(was_let_in || [401, 403].contains(&answer.status), "{method} {path} {who:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_done_for_a_page_of_another_site() {
    let crowd = Crowd::new();
    for route in routes().into_iter().filter(|route| route.method == Method::POST) {
        let path = concrete(route.path);
        let cookie = crowd.session("admin", crowd.ends_at);
        let ours = || browser("POST", &path, &cookie);
        let mut foreign = vec![
            ("another origin", "https://evil.example", "same-origin", "of-this-session"),
            ("another site", "http://localhost:8787", "cross-site", "of-this-session"),
        ];
        if route.needs != Needs::Nothing {
            foreign.push(("no token", "http://localhost:8787", "same-origin", ""));
            foreign.push(("another token", "http://localhost:8787", "same-origin", "of-another-session"));
        }
        for (what, origin, site, token) in foreign {
            let mut request = ours().header("x-csrf-token", token).body(Body::empty()).unwrap();
            let headers = request.headers_mut();
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            headers.insert("sec-fetch-site", site.parse().unwrap());
            headers.insert(header::ACCEPT, "application/json".parse().unwrap());
            let answer = crowd.site.send(request).await;
            assert_eq!(problem(&answer), "/problems/not-meant", "POST {path}: {what}");
            assert_eq!(answer.status, 403);
        }
    }
}
