//! A pretend OpenID provider with a page of its own, whose only user is Ana.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use openidconnect::core::{
    CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce, PrivateSigningKey,
    StandardClaims, SubjectIdentifier,
};
use serde_json::{Value, json};

const KEY: &str = include_str!("../../src/web/provider/tests/provider.key");

/// What it remembers of who is under way.
struct Desk {
    issuer: String,
    nonce: String,
}

type Shared = Arc<Mutex<Desk>>;

/// Its address; it ends with the runtime.
pub async fn start() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let desk = Arc::new(Mutex::new(Desk { issuer: issuer.clone(), nonce: String::new() }));
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/authorize", get(authorize))
        .route("/keys", get(async || Json(json!({ "keys": [key().as_verification_key()] }))))
        .route("/token", post(token))
        .with_state(desk);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    issuer
}

fn key() -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(KEY, Some(JsonWebKeyId::new("one".to_owned()))).unwrap()
}

async fn configuration(State(desk): State<Shared>) -> Json<Value> {
    let issuer = desk.lock().unwrap().issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn authorize(
    State(desk): State<Shared>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Html<String> {
    desk.lock().unwrap().nonce.clone_from(&asked["nonce"]);
    let (back, state) = (&asked["redirect_uri"], &asked["state"]);
    Html(format!(
        "<title>Pretend provider</title><a id=\"yes\" href=\"{back}?code=good&amp;state={state}\">I am Ana</a>
         <a id=\"no\" href=\"{back}?error=access_denied&amp;state={state}\">No</a>"
    ))
}

async fn token(State(desk): State<Shared>, Form(sent): Form<BTreeMap<String, String>>) -> Json<Value> {
    assert_eq!(sent["code"], "good");
    let desk = desk.lock().unwrap();
    let now: jiff::Timestamp = rollbook::simulation::campus::NOW.parse().unwrap();
    let at = |seconds: i64| (now + jiff::SignedDuration::from_secs(seconds)).to_string().parse().unwrap();
    let standard: StandardClaims<CoreGenderClaim> =
        StandardClaims::new(SubjectIdentifier::new("7".to_owned()))
            .set_email(Some(EndUserEmail::new("ana@uni.example".to_owned())))
            .set_email_verified(Some(true));
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(desk.issuer.clone()).unwrap(),
        vec![Audience::new("rollbook".to_owned())],
        at(3_600),
        at(0),
        standard,
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(desk.nonce.clone())));
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    let token = CoreIdToken::new(claims, &key(), algorithm, None, None).unwrap();
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token.to_string() }))
}
