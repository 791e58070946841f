//! What all pages have around them.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::access::Capability;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;
use super::visitor::{Sees, Visitor};

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
    /// What stands in the collector's way, for whoever is signed in.
    pub troubles: Vec<Hindrance>,
    /// Whether the chart library is needed.
    pub has_charts: bool,
    /// Which entry of the navigation the page belongs to.
    at: &'static str,
    /// The school's clock.
    timezone: TimeZone,
    /// When the page was made.
    now: Timestamp,
}

/// Pages in the navigation, and what seeing them takes.
const NAVIGATION: [(Entry, Capability); 8] = [
    (Entry { path: "/", words: "Today" }, Capability::SeeOverview),
    (Entry { path: "/meetings", words: "Meetings" }, Capability::SeeMeetings),
    (Entry { path: "/courses", words: "Courses" }, Capability::SeeCourses),
    (Entry { path: "/people", words: "People" }, Capability::DecidePeople),
    (Entry { path: "/quality", words: "Quality" }, Capability::SeeQuality),
    (Entry { path: "/quota", words: "Quota" }, Capability::SeeQuota),
    (Entry { path: "/system", words: "System" }, Capability::SeeSystem),
    (Entry { path: "/audit", words: "Audit" }, Capability::SeeAudit),
];

/// Pages about all meetings together, which are not for those who see their own courses only.
const OF_ALL: [&str; 1] = ["/quality"];

impl Frame {
    /// What is around a page for this visitor.
    pub fn of(app: &App, visitor: Option<&Visitor>, title: &str) -> Frame {
        let may = |capability| visitor.is_some_and(|visitor| visitor.may(capability));
        let sees_all = visitor.is_some_and(|visitor| visitor.sees == Sees::Everything);
        let entries = NAVIGATION
            .iter()
            .filter(|(entry, needs)| may(*needs) && (sees_all || !OF_ALL.contains(&entry.path)))
            .map(|(entry, _)| entry.clone());
        Frame {
            title: title.to_owned(),
            who: visitor.map(|visitor| visitor.who.clone()),
            role: visitor.and_then(|visitor| visitor.role).map(|role| role.name()),
            csrf: visitor.and_then(|visitor| visitor.csrf.clone()).unwrap_or_default(),
            entries: entries.collect(),
            zone: app.timezone.iana_name().unwrap_or("local").to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            assets: super::assets::links(),
            troubles: visitor.map(|visitor| hindrances(app, visitor)).unwrap_or_default(),
            has_charts: false,
            at: "",
            timezone: app.timezone.clone(),
            now: app.clock.now(),
        }
    }

    /// The same, marked as a page under this entry of the navigation.
    pub fn at(self, path: &'static str) -> Frame {
        Frame { at: path, ..self }
    }

    /// The same, with the chart library.
    pub fn with_charts(self) -> Frame {
        Frame { has_charts: true, ..self }
    }

    /// Whether the navigation leads there.
    pub fn offers(&self, path: &str) -> bool {
        self.entries.iter().any(|entry| entry.path == path)
    }

    /// Whether the page belongs to this entry.
    pub fn is_at(&self, entry: &Entry) -> bool {
        entry.path == self.at
    }

    /// `2026-11-20 09:00` on the school's clock, readable for programs too.
    pub fn minute(&self, at: &Timestamp) -> Time {
        self.time(*at, "%Y-%m-%d %H:%M")
    }

    /// `09:00`.
    pub fn clock(&self, at: &Timestamp) -> Time {
        self.time(*at, "%H:%M")
    }

    /// `09:00:13`.
    pub fn second(&self, at: &Timestamp) -> Time {
        self.time(*at, "%H:%M:%S")
    }

    /// `now`, `14:20` if that is today, else `2026-11-20 09:00`: when something will happen.
    pub fn until(&self, at: &Timestamp) -> Time {
        let day = |at: Timestamp| at.to_zoned(self.timezone.clone()).date();
        match () {
            () if *at <= self.now => Time { at: *at, shown: "now".to_owned() },
            () if day(*at) == day(self.now) => self.clock(at),
            () => self.minute(at),
        }
    }

    fn time(&self, at: Timestamp, format: &str) -> Time {
        Time { at, shown: at.to_zoned(self.timezone.clone()).strftime(format).to_string() }
    }
}

/// Something that stands in the collector's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hindrance {
    /// What it concerns: `zoom ACCOUNT`, `scopes ACCOUNT`, `store`, `moodle`, `collector` …
    pub concerns: String,
    /// What it is, and what to do.
    pub said: String,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Whether work waits for it.
    pub is_grave: bool,
}

/// All that stands in the collector's way. The words may name servers: they are for those who see the System page. Others
/// learn that something lacks, as they may miss it.
pub fn hindrances(app: &App, visitor: &Visitor) -> Vec<Hindrance> {
    let (now, beat) = (app.clock.now(), app.pulse.read());
    let hangs = beat.beat_at.filter(|_| !beat.is_alive(now)).map(|since| Hindrance {
        concerns: "collector".to_owned(),
        said: "collecting does not go on; restart rollbook, and look into its log".to_owned(),
        since: Some(since),
        is_grave: true,
    });
    let told = beat.troubles.into_iter().map(|(concerns, trouble)| Hindrance {
        concerns,
        said: trouble.said,
        since: Some(trouble.since),
        is_grave: trouble.is_grave,
    });
    let all: Vec<Hindrance> = hangs.into_iter().chain(told).collect();
    if visitor.may(Capability::SeeSystem) {
        return all;
    }
    let since = all.iter().filter(|one| one.is_grave).filter_map(|one| one.since).min();
    let words =
        "not all can be collected now, so that the latest may lack here; whoever runs rollbook sees why";
    let lacking = |since| Hindrance {
        concerns: "collecting".to_owned(),
        said: words.to_owned(),
        since: Some(since),
        is_grave: true,
    };
    since.map(lacking).into_iter().collect()
}

/// An instant on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    at: Timestamp,
    shown: String,
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.at, self.shown)
    }
}

// Digits and words of ours: nothing in it comes from outside.
impl HtmlSafe for Time {}

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

/// A live part of a page as an answer: nothing but "unchanged" if the browser shows it already.
///
/// # Errors
/// If the template fails, which is a bug of ours.
pub fn part(asked: &HeaderMap, part: &impl Template) -> Result<Response, Problem> {
    let Html(body) = html(part)?;
    let digest = Sha256::digest(body.as_bytes());
    let tag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let tag = HeaderValue::from_str(&format!("\"{tag}\"")).expect("hex digits may stand in a header");
    let mut response = match asked.get(header::IF_NONE_MATCH) {
        Some(held) if *held == tag => StatusCode::NOT_MODIFIED.into_response(),
        _ => Html(body).into_response(),
    };
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
