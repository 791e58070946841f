//! Tokens: how they are given, when they die, what they allow.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::request::Parts;
use sha2::{Digest, Sha256};

use super::State;
use super::ask::parse_query;
use super::json::object;
use super::operation::Operation;
use super::reply::Reply;
use crate::chance::Dice;
use crate::options::Credentials;
use crate::world::World;

/// A token that was given.
pub(crate) struct Token {
    /// Unix seconds after which it is refused.
    dies: i64,
}

/// The tokens that are good from the start.
pub(super) fn ready_tokens(credentials: &Credentials) -> BTreeMap<String, Token> {
    credentials.access_tokens.iter().map(|token| (token.clone(), Token { dies: i64::MAX })).collect()
}

/// Every scope this Zoom knows, as granted to an app without a list of its own.
fn granted(credentials: &Credentials) -> String {
    if !credentials.scopes.is_empty() {
        return credentials.scopes.clone();
    }
    let mut scopes: Vec<_> =
        Operation::ALL.iter().flat_map(|operation| operation.scopes()).copied().collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.join(" ")
}

/// `POST /oauth/token`.
pub(super) fn give(
    world: &World,
    state: &mut State,
    now: i64,
    parts: &Parts,
    form: &[u8],
    dice: &mut Dice,
) -> Reply {
    let faults = &world.options.faults;
    state.ledger.stats.token_calls += 1;
    if now < world.faults_stop && dice.hit(faults.token_resets) {
        return Reply { status: 502, is_reset: true, takes: Duration::from_millis(200), ..Reply::default() };
    }
    let mut fields = parse_query(&String::from_utf8_lossy(form));
    fields.extend(parse_query(parts.uri.query().unwrap_or("")));
    let credentials = &world.options.credentials;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let Some((client, secret)) = basic(&parts.headers) else {
        return refused(400, "Missing client_id or client_secret", "invalid_request");
    };
    if client != credentials.client_id || secret != credentials.client_secret {
        return refused(400, "Invalid client_id or client_secret", "invalid_client");
    }
    if field("grant_type") != "account_credentials" {
        return refused(400, "unsupported grant type", "unsupported_grant_type");
    }
    if field("account_id") != credentials.account_id {
        return refused(400, "Bad Request", "invalid_request");
    }
    let lives = i64::from(credentials.token_seconds);
    let dies_early = now < world.faults_stop && dice.hit(faults.early_token_death);
    let early = (lives as f64 * dice.share()) as i64;
    let token = new_token(world, state);
    state.tokens.insert(token.clone(), Token { dies: now + if dies_early { early } else { lives } });
    Reply::ok(object(|object| {
        object.text("access_token", &token).text("token_type", "bearer").bare("expires_in", lives);
        object.text("scope", &granted(credentials)).text("api_url", &api_url(world, &parts.headers));
    }))
}

fn new_token(world: &World, state: &mut State) -> String {
    state.token_count += 1;
    let hash = Sha256::digest(format!("token {} {}", world.options.seed, state.token_count));
    format!("eyJzdiI6IjAwMDAwMSJ9.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash))
}

/// The address to call from now on: as set, else the one just used if it is this machine.
fn api_url(world: &World, headers: &HeaderMap) -> String {
    if let Some(url) = &world.options.credentials.api_url {
        return url.clone();
    }
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("");
    let is_loopback = ["127.", "localhost", "[::1]"].iter().any(|prefix| host.starts_with(prefix));
    if is_loopback { format!("http://{host}") } else { "https://api.zoom.us".into() }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let text = STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((client.to_owned(), secret.to_owned()))
}

fn refused(status: u16, reason: &str, error: &str) -> Reply {
    let body = object(|object| {
        object.text("reason", reason).text("error", error);
    });
    Reply { status, body, ..Reply::default() }
}

/// Refuses a call without a good token.
pub(super) fn check(world: &World, state: &State, now: i64, headers: &HeaderMap) -> Result<(), Reply> {
    let status = if world.options.faults.expired_as_400 { 400 } else { 401 };
    let value = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
    let token = value.strip_prefix("Bearer ").map(str::trim).unwrap_or("");
    match state.tokens.get(token) {
        Some(token) if now < token.dies => Ok(()),
        Some(_) => Err(Reply::error(status, 124, "Access token is expired.")),
        None => Err(Reply::error(401, 124, "Invalid access token.")),
    }
}

/// Refuses a call whose scope the app does not have.
pub(super) fn check_scope(world: &World, operation: Operation) -> Result<(), Reply> {
    let scopes = &world.options.credentials.scopes;
    let has = scopes.is_empty() || scopes.split_whitespace().any(|scope| operation.scopes().contains(&scope));
    if has {
        return Ok(());
    }
    let message =
        format!("Invalid access token, does not contain scopes:[{}].", operation.scopes().join(", "));
    Err(Reply::error(world.options.zoom.scope_status, 4711, &message))
}
