//! Moodle: sessions and participants where teachers look for them.
//!
//! [`push`] compares, for every session that a Zoom activity of the site shows, what Moodle was told with what is known
//! now, and tells what differs. Which rows that are and who somebody is, is core's decision ([`rollbook_core::delivery`],
//! [`rollbook_core::identity`]); writing them is `rollbook-moodle`'s.

use rollbook_moodle::{DbSettings, Error};
use secrecy::ExposeSecret;
use url::Url;

use crate::config::MoodleDbConfig;

pub mod course;
pub mod decide;
pub mod doubts;
pub mod grades;
mod link;
pub mod people;
pub mod push;
pub mod report;
pub mod select;
pub mod service;
pub mod site;

pub use link::Link;
pub use push::{Push, push};
pub use report::Report;
pub use site::Site;

/// What went wrong with Moodle as a whole, rather than with one session.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Moodle's database.
    #[error(transparent)]
    Moodle(#[from] Error),
    /// Our own store.
    #[error(transparent)]
    Store(#[from] rollbook_store::Error),
    /// There is nobody to name.
    #[error(
        "the store keeps no names (ROLLBOOK_MASKED), so that nobody can be named to Moodle; set ROLLBOOK_MASKED=false, or collect \
         into a store that keeps names"
    )]
    Masked,
}

impl Trouble {
    /// Whether the remedy is a setting of ours rather than something outside.
    pub fn is_configuration(&self) -> bool {
        match self {
            Trouble::Moodle(error) => matches!(error, Error::Settings(_)),
            Trouble::Store(error) => error.is_configuration(),
            Trouble::Masked => true,
        }
    }
}

/// The settings as `rollbook-moodle` takes them.
pub fn settings(db: &MoodleDbConfig) -> DbSettings {
    DbSettings { url: db.url.clone(), prefix: db.prefix.clone(), schema: db.schema.clone() }
}

/// What the outbox calls a site: where its tables are, without user and password. Another place is another site, which
/// was told nothing yet.
pub fn sink_name(db: &MoodleDbConfig) -> String {
    format!("moodle {}", place(db))
}

/// Where a site's tables are, without user and password.
pub fn place(db: &MoodleDbConfig) -> String {
    let Ok(url) = db.url.expose_secret().parse::<Url>() else { return "unknown".to_owned() };
    let is_postgres = url.scheme().starts_with("postgres");
    let (kind, port) = if is_postgres { ("postgres", 5432) } else { ("mysql", 3306) };
    let host = url.host_str().unwrap_or("localhost");
    let tables = if is_postgres { format!("{}.{}", db.schema, db.prefix) } else { db.prefix.clone() };
    let database = url.path().trim_matches('/');
    format!("{kind}://{host}:{}/{database} {tables}*", url.port().unwrap_or(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str, prefix: &str) -> String {
        let db =
            MoodleDbConfig { url: url.to_owned().into(), prefix: prefix.into(), schema: "public".into() };
        sink_name(&db)
    }

    #[test]
    fn a_site_is_named_by_its_place_and_never_by_its_password() {
        let check = |url, prefix, expected| assert_eq!(name(url, prefix), expected);
        check(
            "postgres://u:s3cret@db/moodle?sslmode=require",
            "mdl_",
            "moodle postgres://db:5432/moodle public.mdl_*",
        );
        check("postgresql://other@db:5432/moodle", "mdl_", "moodle postgres://db:5432/moodle public.mdl_*");
        check("mariadb://u:s3cret@db/moodle", "", "moodle mysql://db:3306/moodle *");
        check("mysql://u:s3cret@db:3307/moodle", "m_", "moodle mysql://db:3307/moodle m_*");
    }
}
