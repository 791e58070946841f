//! Against a pretend provider on loopback, with keys of its own.

use std::sync::Mutex;

use axum::body::Body;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use openidconnect::core::CoreRsaPrivateSigningKey;
use openidconnect::{
    Audience, EndUserEmail, EndUserUsername, JsonWebKeyId, PrivateSigningKey, StandardClaims,
    SubjectIdentifier,
};
use rollbook_core::request::Role;
use serde_json::json;
use tokio::task::JoinSet;

use super::*;
use crate::config::ServeConfig;
use crate::web::tests::site::{Answer, NOW, Site, browser};

const KEY: &str = include_str!("tests/provider.key");

/// How the provider behaves, and whom it signs in.
#[derive(Clone)]
struct Bend {
    subject: &'static str,
    email: Option<&'static str>,
    is_verified: Option<bool>,
    groups: Value,
    issuer: Option<&'static str>,
    audience: &'static str,
    nonce: Option<&'static str>,
    expires_in: i64,
    key_id: &'static str,
    is_forged: bool,
}

impl Default for Bend {
    fn default() -> Bend {
        Bend {
            subject: "7",
            email: Some("Ana@uni.example"),
            is_verified: Some(true),
            groups: json!([]),
            issuer: None,
            audience: "rollbook",
            nonce: None,
            expires_in: 300,
            key_id: "one",
            is_forged: false,
        }
    }
}

/// What the provider remembers between a sign-in's steps.
#[derive(Default)]
struct Desk {
    issuer: String,
    bend: Bend,
    /// The key it shows; another one than it signs with after a change.
    shown_key: Option<&'static str>,
    keys_asked: u32,
    nonce: String,
    challenge: String,
}

type Shared = Arc<Mutex<Desk>>;

struct Pretend {
    site: Site,
    desk: Shared,
    _serving: JoinSet<()>,
}

fn signing_key(id: &str) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(KEY, Some(JsonWebKeyId::new(id.to_owned()))).unwrap()
}

fn id_token(desk: &Desk) -> String {
    let bend = &desk.bend;
    let now: Timestamp = NOW.parse().unwrap();
    let at = |seconds: i64| (now + SignedDuration::from_secs(seconds)).to_string().parse().unwrap();
    let standard = StandardClaims::new(SubjectIdentifier::new(bend.subject.to_owned()))
        .set_email(bend.email.map(|email| EndUserEmail::new(email.to_owned())))
        .set_email_verified(bend.is_verified)
        .set_preferred_username(Some(EndUserUsername::new("Ana Lopez".to_owned())));
    let claims = IdTokenClaims::new(
        IssuerUrl::new(bend.issuer.map_or_else(|| desk.issuer.clone(), str::to_owned)).unwrap(),
        vec![Audience::new(bend.audience.to_owned())],
        at(bend.expires_in),
        at(0),
        standard,
        Claims(Map::from_iter([("groups".to_owned(), bend.groups.clone())])),
    )
    .set_nonce(Some(Nonce::new(bend.nonce.map_or_else(|| desk.nonce.clone(), str::to_owned))));
    let token = Token::new(
        claims,
        &signing_key(bend.key_id),
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        None,
        None,
    );
    let text = token.unwrap().to_string();
    if !bend.is_forged {
        return text;
    }
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{other}{}", &signature[1..])
}

fn provider_router(desk: Shared) -> Router {
    let configuration = {
        let desk = desk.clone();
        move || async move {
            let issuer = desk.lock().unwrap().issuer.clone();
            Json(json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "end_session_endpoint": format!("{issuer}/out"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }))
        }
    };
    let keys = {
        let desk = desk.clone();
        move || async move {
            let mut desk = desk.lock().unwrap();
            desk.keys_asked += 1;
            let shown = desk.shown_key.take().unwrap_or(desk.bend.key_id);
            Json(json!({ "keys": [signing_key(shown).as_verification_key()] }))
        }
    };
    let token = move |Form(sent): Form<std::collections::BTreeMap<String, String>>| async move {
        let desk = desk.lock().unwrap();
        let verifier = PkceCodeVerifier::new(sent["code_verifier"].clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        if sent["code"] != "good" || challenge.as_str() != desk.challenge {
            return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
        }
        let answer = json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token(&desk) });
        (StatusCode::OK, Json(answer))
    };
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/keys", get(keys))
        .route("/token", post(token))
}

impl Pretend {
    async fn new() -> Pretend {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let desk = Shared::default();
        desk.lock().unwrap().issuer.clone_from(&issuer);
        let router = provider_router(desk.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Pretend { site: site_with(&issuer), desk, _serving: serving }
    }

    fn bend(&self, bend: Bend) {
        self.desk.lock().unwrap().bend = bend;
    }

    /// Begins at our page; the browser's cookie and what the provider was asked.
    async fn begin(&self) -> (String, std::collections::BTreeMap<String, String>) {
        let begun = get_page(&self.site, "/sign-in/provider?to=/audit", "").await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        let asked: Url = begun.header("location").parse().unwrap();
        let asked: std::collections::BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
        let mut desk = self.desk.lock().unwrap();
        desk.nonce.clone_from(&asked["nonce"]);
        desk.challenge.clone_from(&asked["code_challenge"]);
        (begun.cookie(), asked)
    }

    /// The whole way.
    async fn sign_in(&self) -> Answer {
        let (cookie, asked) = self.begin().await;
        get_page(&self.site, &format!("{BACK}?code=good&state={}", asked["state"]), &cookie).await
    }

    async fn check_refused(&self, bend: Bend, says: &str) {
        self.bend(bend);
        let answer = self.sign_in().await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{says}: {}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
}

fn site_with(issuer: &str) -> Site {
    let oidc = OidcConfig {
        issuer: issuer.to_owned(),
        client_id: "rollbook".to_owned(),
        client_secret: Some("secret".to_owned().into()),
        role_claim: Some("groups".to_owned()),
        roles: [("staff".to_owned(), Role::Viewer), ("zoom".to_owned(), Role::Analyst)].into(),
    };
    let public_url = Some("http://localhost:8787".parse().unwrap());
    Site::with(ServeConfig { oidc: Some(oidc), public_url, ..ServeConfig::default() })
}

async fn get_page(site: &Site, path: &str, cookie: &str) -> Answer {
    site.send(browser("GET", path, cookie).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn whom_the_provider_names_by_a_verified_address_is_signed_in_and_known_by_subject_from_then_on() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    let answer = pretend.sign_in().await;
    assert_eq!((answer.status, answer.header("location")), (303, "/audit"), "{}", answer.body);
    assert_eq!(get_page(&pretend.site, "/audit", &answer.cookie()).await.status, 200);
    // Another address, not verified: the subject is enough now.
    pretend.bend(Bend { email: Some("new@uni.example"), is_verified: None, ..Bend::default() });
    assert_eq!(pretend.sign_in().await.status, 303);
    assert_eq!(pretend.site.store().logins().unwrap().len(), 1);
}

#[tokio::test]
async fn who_signs_out_is_shown_the_way_out_at_the_provider_too() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    let cookie = pretend.sign_in().await.cookie();
    let page = get_page(&pretend.site, "/audit", &cookie).await.body;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("csrf={csrf}");
    let out = pretend.site.send(browser("POST", "/sign-out", &cookie).body(form.into()).unwrap()).await;
    assert_eq!((out.status, out.header("location")), (303, "/sign-in?out=true"), "{}", out.body);
    let page = get_page(&pretend.site, "/sign-in?out=true", "").await.body;
    let issuer = pretend.desk.lock().unwrap().issuer.clone();
    let back = "post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8787%2Fsign-in";
    assert!(page.contains(&format!("{issuer}/out?client_id=rollbook")) && page.contains(back), "{page}");
    assert!(!get_page(&pretend.site, "/sign-in", "").await.body.contains("/out?"));
}

#[tokio::test]
async fn what_is_asked_carries_state_nonce_and_a_challenge() {
    let pretend = Pretend::new().await;
    let (first, second) = (pretend.begin().await.1, pretend.begin().await.1);
    assert_eq!((first["code_challenge_method"].as_str(), first["response_type"].as_str()), ("S256", "code"));
    assert_eq!(first["redirect_uri"], "http://localhost:8787/sign-in/provider/back");
    assert_eq!(first["scope"], "openid email profile");
    for fresh in ["state", "nonce", "code_challenge"] {
        assert_ne!(first[fresh], second[fresh], "{fresh}");
    }
}

#[tokio::test]
async fn an_answer_that_was_made_for_something_else_signs_nobody_in() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    let usual = Bend::default;
    pretend.check_refused(Bend { nonce: Some("other"), ..usual() }, "answers another sign-in").await;
    pretend.check_refused(Bend { audience: "other", ..usual() }, "made for another program").await;
    pretend.check_refused(Bend { expires_in: -1, ..usual() }, "compare the clocks").await;
    pretend.check_refused(Bend { is_forged: true, ..usual() }, "signature is wrong").await;
    let other = Bend { issuer: Some("https://evil.example"), ..usual() };
    pretend.check_refused(other, "another provider made it").await;
    pretend.bend(usual());
    assert_eq!(pretend.sign_in().await.status, 303, "nothing of that sticks");
}

#[tokio::test]
async fn who_is_not_known_here_or_not_certain_is_told_so() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    let usual = Bend::default;
    pretend
        .check_refused(Bend { email: Some("zoe@uni.example"), ..usual() }, "nobody here is zoe@uni.example")
        .await;
    for is_verified in [Some(false), None] {
        pretend.check_refused(Bend { is_verified, ..usual() }, "has not verified your e-mail address").await;
    }
    pretend.check_refused(Bend { email: None, ..usual() }, "nobody here is ana lopez").await;
    pretend.site.store().set_disabled("ana", Some(NOW.parse().unwrap())).unwrap();
    pretend.check_refused(usual(), "disabled").await;
}

#[tokio::test]
async fn an_address_that_was_given_to_somebody_else_is_not_the_same_person() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    assert_eq!(pretend.sign_in().await.status, 303);
    pretend.check_refused(Bend { subject: "8", ..Bend::default() }, "nobody here is").await;
}

#[tokio::test]
async fn a_claim_gives_a_role_takes_it_away_and_leaves_logins_made_here_alone() {
    let pretend = Pretend::new().await;
    let zoe =
        |groups: Value| Bend { subject: "9", email: Some("zoe@uni.example"), groups, ..Bend::default() };
    let role = || pretend.site.store().login_named("zoe@uni.example").unwrap().unwrap().role;
    pretend.bend(zoe(json!(["students", "staff", "zoom"])));
    assert_eq!((pretend.sign_in().await.status, role()), (303, Role::Analyst));
    pretend.bend(zoe(json!("staff")));
    assert_eq!((pretend.sign_in().await.status, role()), (303, Role::Viewer));
    pretend.check_refused(zoe(json!([])), "gives you no role").await;
    pretend.site.login("ana", Role::Admin);
    pretend.bend(Bend { groups: json!(["staff"]), ..Bend::default() });
    assert_eq!(pretend.sign_in().await.status, 303);
    assert_eq!(pretend.site.store().login_named("ana").unwrap().unwrap().role, Role::Admin);
}

#[tokio::test]
async fn a_sign_in_ends_in_the_browser_that_began_it() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    let (cookie, asked) = pretend.begin().await;
    let back = |state: &str| format!("{BACK}?code=good&state={state}");
    for (path, cookie) in [
        (back(&asked["state"]), ""),
        (back("guess"), cookie.as_str()),
        (format!("{BACK}?code=good"), cookie.as_str()),
    ] {
        let answer = get_page(&pretend.site, &path, cookie).await;
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains("did not begin in this browser"), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_in_its_words() {
    let pretend = Pretend::new().await;
    let (cookie, asked) = pretend.begin().await;
    let path = format!("{BACK}?error=access_denied&error_description=Not+today&state={}", asked["state"]);
    assert!(get_page(&pretend.site, &path, &cookie).await.body.contains("Not today"));
    let wrong_code = format!("{BACK}?code=used&state={}", asked["state"]);
    assert!(get_page(&pretend.site, &wrong_code, &cookie).await.body.contains("invalid_grant"));
}

#[tokio::test]
async fn a_provider_that_changed_its_keys_is_asked_for_them_again() {
    let pretend = Pretend::new().await;
    pretend.site.login("ana", Role::Admin);
    pretend.desk.lock().unwrap().shown_key = Some("old");
    assert_eq!(pretend.sign_in().await.status, 303);
    assert_eq!(pretend.sign_in().await.status, 303);
    assert_eq!(pretend.desk.lock().unwrap().keys_asked, 2, "and no more often than needed");
}

#[tokio::test]
async fn a_provider_that_is_down_or_another_one_is_told() {
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = format!("http://{}", held.local_addr().unwrap());
    let answer = get_page(&site_with(&nobody), "/sign-in/provider", "").await;
    assert_eq!(answer.status, 502);
    assert!(answer.body.contains("cannot be asked"), "{}", answer.body);
    let pretend = Pretend::new().await;
    let issuer = pretend.desk.lock().unwrap().issuer.clone();
    pretend.desk.lock().unwrap().issuer = "https://other.example".to_owned();
    let answer = get_page(&site_with(&issuer), "/sign-in/provider", "").await;
    assert!(answer.body.contains("ROLLBOOK_OIDC_ISSUER"), "{}", answer.body);
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_page_and_with_one_the_form_leads_to_it() {
    assert_eq!(get_page(&Site::new(), "/sign-in/provider", "").await.status, 404);
    let site = site_with("http://127.0.0.1:1");
    let form = get_page(&site, "/sign-in?to=/audit", "").await;
    assert!(form.body.contains("href=\"/sign-in/provider?to=%2Faudit\""), "{}", form.body);
}
