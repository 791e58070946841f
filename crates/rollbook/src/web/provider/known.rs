//! Whose login it is that a provider speaks of.

use jiff::Timestamp;
use rollbook_core::request::Role;
use rollbook_core::sign_in::login_name;
use rollbook_store::{Login, NewLogin, Result, Store};

use super::Refused;

/// What a provider said of somebody, after it was checked.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Issuer and subject: never given to anybody else.
    pub(super) subject: String,
    /// E-mail address, in small letters.
    pub(super) email: Option<String>,
    /// Whether the provider has made sure that it is theirs.
    pub(super) is_email_verified: bool,
    /// What they call themselves, in small letters.
    pub(super) name: Option<String>,
    /// The role that their claim stands for, where that is set up.
    pub(super) role: Option<Role>,
}

/// The login: known by its subject, else by a verified e-mail address that one login here has, which is bound to the subject
/// from then on; else made, where a claim gives a role.
pub(super) fn login_of(
    store: &mut Store,
    now: Timestamp,
    told: &Told,
) -> Result<std::result::Result<Login, Refused>> {
    if let Some(login) = store.login_of_subject(&told.subject)? {
        return admitted(store, login, told);
    }
    let email = told.email.as_ref().filter(|_| told.is_email_verified);
    let mut same = match email {
        Some(email) => store.logins_of_email(email)?,
        None => Vec::new(),
    };
    // Somebody else's already: addresses are given to new people, subjects are not.
    same.retain(|login| login.subject.is_none());
    match (same.pop(), same.is_empty()) {
        (Some(_), false) => {
            return Ok(Err(Refused::Ambiguous(email.cloned().unwrap_or_default())));
        }
        (Some(mut login), true) => {
            login.subject = Some(told.subject.clone());
            store.update_login(&login)?;
            return admitted(store, login, told);
        }
        (None, _) => {}
    }
    match told.role {
        Some(role) => made(store, now, told, role),
        None => Ok(Err(unknown(told))),
    }
}

fn unknown(told: &Told) -> Refused {
    match &told.email {
        Some(email) if !told.is_email_verified => Refused::EmailNotVerified(email.clone()),
        Some(email) => Refused::Unknown(email.clone()),
        None => Refused::Unknown(told.name.clone().unwrap_or_else(|| told.subject.clone())),
    }
}

fn admitted(store: &mut Store, mut login: Login, told: &Told) -> Result<std::result::Result<Login, Refused>> {
    if login.disabled_at.is_some() {
        return Ok(Err(Refused::Disabled));
    }
    if login.is_by_provider {
        let Some(role) = told.role else { return Ok(Err(Refused::NoRole)) };
        if role != login.role {
            login.role = role;
            store.update_login(&login)?;
        }
    }
    Ok(Ok(login))
}

fn made(
    store: &mut Store,
    now: Timestamp,
    told: &Told,
    role: Role,
) -> Result<std::result::Result<Login, Refused>> {
    let email = told.email.clone().filter(|_| told.is_email_verified);
    let names = [email.as_ref(), told.name.as_ref(), Some(&told.subject)];
    let name = names.into_iter().flatten().find_map(|name| login_name(&name.replace(' ', "#")).ok());
    let Some(name) = name else { return Ok(Err(unknown(told))) };
    let login = NewLogin {
        name: name.clone(),
        role,
        email,
        subject: Some(told.subject.clone()),
        courses: Default::default(),
        password: None,
        is_by_provider: true,
    };
    if store.add_login(now, &login)?.is_none() {
        return Ok(Err(Refused::NameTaken(name)));
    }
    Ok(store.login_named(&name)?.ok_or_else(|| unknown(told)))
}
