//! Signing in by way of an OpenID provider: authorization code with PKCE, state and nonce.
//!
//! What a sign-in began with is kept in a cookie of the browser that began it, and nowhere else: an answer in another
//! browser, or a second one, finds nothing.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdToken, IdTokenClaims, IdTokenFields, IssuerUrl, LogoutRequest,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use rollbook_core::request::Role;
use rollbook_zoom::transport::{Transport, TransportError};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;

use super::App;
use super::cookie::Cookie;
use super::problem::Problem;
use super::reached::Reached;
use super::route::{Needs, Route};
use super::sign_in::{safe_path, start_session};
use crate::config::OidcConfig;
use crate::secret;

mod known;

use known::Told;

/// Where the provider sends people back to.
const BACK: &str = "/sign-in/provider/back";

/// What a provider says of itself, its keys included, is asked for again after this long.
const METADATA_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A sign-in that takes longer begins anew.
const SIGN_IN_FOR_SECONDS: u32 = 600;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/sign-in/provider", Needs::Nothing, begin), Route::get(BACK, Needs::Nothing, back)]
}

/// The provider, as far as it is known.
pub struct Provider {
    config: OidcConfig,
    transport: Arc<dyn Transport>,
    back: RedirectUrl,
    metadata: Mutex<Option<(Timestamp, ProviderMetadataWithLogout)>>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
enum Refused {
    #[error("the sign-in provider cannot be asked: {0}; try again later")]
    Down(String),
    #[error("this sign-in did not begin in this browser, or more than ten minutes ago; begin again")]
    NotBegun,
    #[error("the sign-in provider did not let you in: {0}")]
    Denied(String),
    #[error("what the sign-in provider said cannot be trusted: {0}")]
    Untrusted(String),
    #[error(
        "the sign-in provider knows you, but nobody here is {0}; ask whoever runs rollbook for a login with that e-mail"
    )]
    Unknown(String),
    #[error(
        "the sign-in provider has not verified your e-mail address {0}, so that it shows nobody who you are"
    )]
    EmailNotVerified(String),
    #[error("several logins have the e-mail address {0}; ask whoever runs rollbook to tell them apart")]
    Ambiguous(String),
    #[error("your login is disabled; ask whoever runs rollbook")]
    Disabled,
    #[error("the sign-in provider gives you no role here any more; ask whoever runs rollbook")]
    NoRole,
    #[error("the name {0} is taken by another login; ask whoever runs rollbook")]
    NameTaken(String),
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        tracing::warn!("signing in by the provider: {refused}");
        match &refused {
            Refused::Down(_) => Problem::bad_gateway(refused.to_string()),
            _ => Problem::not_signed_in(refused.to_string()),
        }
    }
}

/// Claims beside the standard ones: one of them may say the role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Claims(Map<String, Value>);
impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Verified = IdTokenClaims<Claims, CoreGenderClaim>;
type Token = IdToken<Claims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type OidcClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a sign-in began with.
#[derive(Serialize, Deserialize)]
struct Began {
    state: String,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    to: String,
}

impl Provider {
    /// A provider that sends people back to `public_url`. It is asked when the first one signs in.
    pub fn new(config: OidcConfig, public_url: &Url, transport: Arc<dyn Transport>) -> Provider {
        let mut back = public_url.clone();
        back.set_path(BACK);
        Provider { config, transport, back: RedirectUrl::from_url(back), metadata: Mutex::default() }
    }

    async fn send(
        transport: Arc<dyn Transport>,
        request: HttpRequest,
    ) -> Result<HttpResponse, TransportError> {
        let answer = transport.send(request.map(Bytes::from)).await?;
        Ok(answer.map(Vec::from))
    }

    /// What it says of itself, asked for anew where what is known is older than `older_than`.
    async fn metadata(
        &self,
        now: Timestamp,
        older_than: SignedDuration,
    ) -> Result<ProviderMetadataWithLogout, Refused> {
        let mut known = self.metadata.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && now.duration_since(*at) < older_than
        {
            return Ok(metadata.clone());
        }
        let issuer =
            IssuerUrl::new(self.config.issuer.clone()).map_err(|wrong| Refused::Down(wrong.to_string()))?;
        let transport = self.transport.clone();
        let door = move |request| Box::pin(Provider::send(transport.clone(), request));
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &door).await.map_err(down)?;
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    fn client(&self, metadata: ProviderMetadataWithLogout) -> OidcClient {
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        OidcClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(self.back.clone())
    }

    /// Where the provider signs people out, which leads back to our own page; none where it tells no such place, or was not
    /// asked for anything yet.
    pub async fn sign_out_url(&self) -> Option<Url> {
        let known = self.metadata.lock().await;
        let (_, metadata) = known.as_ref()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let mut back = self.back.url().clone();
        back.set_path("/sign-in");
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back));
        Some(request.http_get_url())
    }

    async fn begin(&self, now: Timestamp, to: &str) -> Result<(Url, Began), Refused> {
        let client = self.client(self.metadata(now, METADATA_FOR).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, Began { state: state.into_secret(), nonce, verifier, to: to.to_owned() }))
    }

    async fn finish(&self, now: Timestamp, code: String, began: Began) -> Result<Told, Refused> {
        let client = self.client(self.metadata(now, METADATA_FOR).await?);
        let transport = self.transport.clone();
        let door = move |request| Box::pin(Provider::send(transport.clone(), request));
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Refused::Down("it names no address for tokens".to_owned()))?
            .set_pkce_verifier(began.verifier);
        let answer = request.request_async(&door).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(said) => Refused::Denied(said.to_string()),
            RequestTokenError::Request(error) => Refused::Down(error.to_string()),
            _ => Refused::Down("it answered what is no token".to_owned()),
        })?;
        let token = answer.id_token().ok_or_else(|| Refused::Untrusted("it sent no ID token".to_owned()))?;
        let claims = match verify(&client, now, token, &began.nonce) {
            // Its keys may have changed since they were read.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let client = self.client(self.metadata(now, SignedDuration::ZERO).await?);
                verify(&client, now, token, &began.nonce)
            }
            verified => verified,
        };
        Ok(self.told(&claims.map_err(|wrong| Refused::Untrusted(untrusted(&wrong)))?))
    }

    fn told(&self, claims: &Verified) -> Told {
        let text =
            |text: Option<&str>| text.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        Told {
            subject: format!("{} {}", self.config.issuer, claims.subject().as_str()),
            email: text(claims.email().map(|email| email.as_str())),
            is_email_verified: claims.email_verified() == Some(true),
            name: text(claims.preferred_username().map(|name| name.as_str())),
            role: self
                .config
                .role_claim
                .as_ref()
                .and_then(|name| role_of(claims.additional_claims().0.get(name)?, &self.config)),
        }
    }
}

/// The most that any of a claim's values stands for.
fn role_of(claim: &Value, config: &OidcConfig) -> Option<Role> {
    let values: Vec<&str> = match claim {
        Value::String(value) => vec![value],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    values.into_iter().filter_map(|value| config.roles.get(value)).min().copied()
}

fn verify(
    client: &OidcClient,
    now: Timestamp,
    token: &Token,
    nonce: &Nonce,
) -> Result<Verified, ClaimsVerificationError> {
    let now = now.to_string();
    // The library's type for instants, by way of the form that both read.
    let verifier = client.id_token_verifier().set_time_fn(move || now.parse().expect("RFC 3339 is RFC 3339"));
    token.claims(&verifier, nonce).cloned()
}

fn untrusted(wrong: &ClaimsVerificationError) -> String {
    match wrong {
        ClaimsVerificationError::Expired(_) => {
            "it has expired already; compare the clocks of this machine and of the provider".to_owned()
        }
        ClaimsVerificationError::InvalidAudience(_) => {
            "it was made for another program; compare ROLLBOOK_OIDC_CLIENT_ID".to_owned()
        }
        ClaimsVerificationError::InvalidIssuer(_) => {
            "another provider made it; compare ROLLBOOK_OIDC_ISSUER".to_owned()
        }
        ClaimsVerificationError::InvalidNonce(_) => "it answers another sign-in; begin again".to_owned(),
        ClaimsVerificationError::SignatureVerification(why) => format!("its signature is wrong ({why})"),
        other => other.to_string(),
    }
}

fn down(error: DiscoveryError<TransportError>) -> Refused {
    Refused::Down(match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, _, _) => format!("it answered {status}"),
        DiscoveryError::Parse(_) => "what it says of itself cannot be read".to_owned(),
        DiscoveryError::Validation(what) => format!("{what}; compare ROLLBOOK_OIDC_ISSUER, to the letter"),
        other => other.to_string(),
    })
}

fn provider(app: &App) -> Result<&Provider, Problem> {
    app.access.provider.as_ref().ok_or_else(|| Problem::not_found("No sign-in provider is configured here."))
}

#[derive(Deserialize)]
struct Asked {
    to: Option<String>,
}

async fn begin(
    State(app): State<App>,
    Extension(reached): Extension<Reached>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    // Where to go on stands in the cookie, which browsers limit to some 4,000 letters.
    let to = safe_path(asked.to.as_deref().filter(|to| to.len() <= 1_000));
    let (url, began) = provider(&app)?.begin(app.clock.now(), to).await?;
    let began = serde_json::to_vec(&began).expect("texts are always JSON");
    let cookie =
        Cookie::Began.set(&URL_SAFE_NO_PAD.encode(began), reached.is_secure, Some(SIGN_IN_FOR_SECONDS));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response())
}

#[derive(Deserialize)]
struct Answered {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn back(
    State(app): State<App>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    Query(answered): Query<Answered>,
) -> Result<Response, Problem> {
    if !reached.is_private {
        return Err(Problem::unsafe_way());
    }
    let began = Cookie::Began
        .read(&headers, reached.is_secure)
        .and_then(|value| serde_json::from_slice::<Began>(&URL_SAFE_NO_PAD.decode(value).ok()?).ok());
    let began = began.filter(|began| secret::is_same(&began.state, answered.state.as_deref().unwrap_or("")));
    let began = began.ok_or(Refused::NotBegun)?;
    let code = match (answered.code, answered.error) {
        (Some(code), None) => code,
        (_, error) => {
            let why = answered.error_description.or(error).unwrap_or_else(|| "it said nothing".to_owned());
            return Err(Refused::Denied(why.chars().take(200).collect()).into());
        }
    };
    let (now, to) = (app.clock.now(), began.to.clone());
    let told = provider(&app)?.finish(now, code, began).await?;
    let login = app.clerk.write(move |store| known::login_of(store, now, &told)).await??;
    let mut answer = start_session(&app, &reached, &headers, &login, "provider", &to).await?;
    answer.headers_mut().append(header::SET_COOKIE, Cookie::Began.clear(reached.is_secure));
    Ok(answer)
}

#[cfg(test)]
mod tests;
