//! What is in force, with secrets masked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rollbook_core::course::Basis;
use serde_json::{Value, json};

use super::{Config, CredentialsConfig, ServeConfig};

/// All settings as JSON; where each comes from stands in `origins`.
pub fn shown(config: &Config) -> Value {
    let accounts: Vec<Value> = config
        .accounts
        .iter()
        .map(|account| {
            let credentials = match &account.credentials {
                None => json!(null),
                Some(CredentialsConfig::App { account_id, client_id, .. }) => {
                    json!({ "account_id": account_id, "client_id": client_id, "client_secret": "(set)" })
                }
                Some(CredentialsConfig::Token(_)) => json!({ "access_token": "(set)" }),
            };
            json!({
                "name": account.name,
                "pool": account.pool,
                "api_url": account.api_url.as_str(),
                "oauth_url": account.oauth_url.as_str(),
                "credentials": credentials,
                "webhook_secret": account.webhook_secret.as_ref().map(|_| "(set)"),
                "plan": account.plan.name(),
                "limits": account.limits_text,
                "reserve": account.reserve,
            })
        })
        .collect();
    let origins: BTreeMap<&String, &&str> = config.origins.iter().collect();
    json!({
        "store": format!("sqlite:{}", config.store.display()),
        "timezone": config.timezone.iana_name().unwrap_or("UTC"),
        "breakouts": config.breakouts,
        "qos": {
            "policy": config.qos.policy.to_string(),
            "meetings": config.qos.meetings,
            "keep_days": config.qos.keep_days.unwrap_or(0),
        },
        "keep": {
            "samples_days": config.keep.samples.unwrap_or(0),
            "attendance_days": config.keep.attendance.unwrap_or(0),
            "readings_days": config.keep.readings.unwrap_or(0),
            "events_days": config.keep.events.unwrap_or(0),
            "audit_days": config.keep.audit.unwrap_or(0),
            "runs_days": config.keep.runs.unwrap_or(0),
        },
        "privacy": { "masked": config.is_masked },
        "attendance": {
            "late_after_minutes": minutes(config.attendance.late_after),
            "left_early_minutes": minutes(config.attendance.left_early_before),
            "present_share": config.attendance.present_from_share,
            "class_time": match config.attendance.basis {
                Basis::Planned => "planned",
                Basis::Held => "held",
            },
            "nameless_doubt": config.attendance.is_nameless_doubt,
        },
        "refresh": config.refresh,
        "serve": serve(&config.serve),
        "scope": config.scope.name(),
        "moodle": {
            "db": config.moodle.db.as_ref().map(|_| "(set)"),
            "prefix": config.moodle.db.as_ref().map(|db| &db.prefix),
            "schema": config.moodle.db.as_ref().map(|db| &db.schema),
            "url": config.moodle.service.as_ref().map(|service| service.url.as_str()),
            "token": config.moodle.service.as_ref().map(|_| "(set)"),
            "account": config.moodle.account,
            "duration": config.moodle.duration.name(),
            "matching": config.moodle.matching.name(),
            "incomplete": config.moodle.incomplete,
            "after_sync": config.moodle.after_sync,
            "grades": config.moodle.grades,
            "grade_from": config.moodle.grade_from,
        },
        "now": config.now.map(|(instant, scale)| format!("{instant},{scale}")),
        "accounts": accounts,
        "origins": origins,
    })
}

fn serve(config: &ServeConfig) -> Value {
    json!({
        "listen": config.listen.to_string(),
        "public_url": config.public_url.as_ref().map(|url| url.as_str()),
        "tls_certificate": config.tls.as_ref().map(|tls| &tls.certificate),
        "tls_key": config.tls.as_ref().map(|tls| &tls.key),
        "proxies": config.proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "proxy_user_header": config.proxy_user_header.as_ref().map(|name| name.as_str()),
        "api_rate": config.api_rate,
        "oidc": config.oidc.as_ref().map(|oidc| json!({
            "issuer": oidc.issuer,
            "client_id": oidc.client_id,
            "client_secret": oidc.client_secret.as_ref().map(|_| "(set)"),
            "role_claim": oidc.role_claim,
            "roles": oidc.roles,
        })),
    })
}

fn minutes(length: Option<SignedDuration>) -> Value {
    length.map_or_else(|| json!("never"), |length| json!(length.as_mins()))
}
