//! Who is asking.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use rollbook_core::access::Capability;
use rollbook_core::request::Role;

use super::problem::Problem;

/// Who is asking, as far as signing in told. Handlers take it as an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The login's or token's name.
    pub who: String,
    /// The person's role; none for a program with a token.
    pub role: Option<Role>,
    /// What they may do.
    pub capabilities: BTreeSet<Capability>,
    /// Whose meetings and people they may see.
    pub sees: Sees,
    /// The meetings of those courses, where they may not see all.
    pub own: Arc<Own>,
    /// What forms of theirs carry; none where no cookie signs them in, and so nobody else can act for them.
    pub csrf: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

/// The meetings of somebody's courses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The account whose meetings Moodle's activities are.
    pub account: String,
    /// Their numbers.
    pub numbers: BTreeSet<u64>,
}

/// Whose meetings and people a visitor may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sees {
    /// All.
    Everything,
    /// Those of these courses of Moodle's, by short name.
    Courses(BTreeSet<String>),
}

impl Visitor {
    /// A person in a role, who sees everything the role allows.
    pub fn in_role(who: &str, role: Role) -> Visitor {
        Visitor {
            who: who.to_owned(),
            role: Some(role),
            capabilities: role.capabilities(),
            sees: Sees::Everything,
            own: Arc::default(),
            csrf: None,
            address: None,
        }
    }

    /// A teacher of these courses, which meet under these numbers.
    pub fn teacher(who: &str, courses: &[&str], account: &str, numbers: &[u64]) -> Visitor {
        let own = Own { account: account.to_owned(), numbers: numbers.iter().copied().collect() };
        Visitor {
            sees: Sees::Courses(courses.iter().map(|course| (*course).to_owned()).collect()),
            own: Arc::new(own),
            ..Visitor::in_role(who, Role::Teacher)
        }
    }

    /// Whether they may.
    pub fn may(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Problem> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(Problem::sign_in)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Visitor>, Self::Rejection> {
        Ok(parts.extensions.get::<Visitor>().cloned())
    }
}
