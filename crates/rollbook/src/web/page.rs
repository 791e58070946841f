//! What all pages have around them.

use askama::Template;
use axum::response::Html;
use rollbook_core::access::Capability;

use super::App;
use super::problem::Problem;
use super::visitor::Visitor;

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it leads.
    pub path: &'static str,
    /// Its words.
    pub words: &'static str,
}

/// What is around a page: its title, who is signed in, where else they may go.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// Who is signed in.
    pub who: Option<String>,
    /// In which role.
    pub role: Option<&'static str>,
    /// What forms carry.
    pub csrf: String,
    /// Pages the visitor may see.
    pub entries: Vec<Entry>,
    /// The time zone of all times on the page.
    pub zone: String,
    /// The program's version.
    pub version: &'static str,
    /// Addresses of the style sheet and scripts.
    pub assets: super::assets::Links,
}

/// Pages in the navigation, and what seeing them takes.
const NAVIGATION: [(Entry, Capability); 1] = [(Entry { path: "/", words: "Today" }, Capability::SeeOverview)];

impl Frame {
    /// What is around a page for this visitor.
    pub fn of(app: &App, visitor: Option<&Visitor>, title: &str) -> Frame {
        let may = |capability| visitor.is_some_and(|visitor| visitor.may(capability));
        let entries = NAVIGATION.iter().filter(|(_, needs)| may(*needs)).map(|(entry, _)| entry.clone());
        Frame {
            title: title.to_owned(),
            who: visitor.map(|visitor| visitor.who.clone()),
            role: visitor.and_then(|visitor| visitor.role).map(|role| role.name()),
            csrf: visitor.and_then(|visitor| visitor.csrf.clone()).unwrap_or_default(),
            entries: entries.collect(),
            zone: app.timezone.iana_name().unwrap_or("local").to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            assets: super::assets::links(),
        }
    }
}

/// A template as an answer.
///
/// # Errors
/// If the template fails, which is a bug of ours.
pub fn html(page: &impl Template) -> Result<Html<String>, Problem> {
    page.render().map(Html).map_err(|error| {
        tracing::error!("a page could not be drawn: {error}");
        Problem::internal("the page could not be drawn; its cause is in the log")
    })
}
