//! Moodle's web service, as far as grades go (MOODLE.md section 9): REST calls as forms, the token in the body and
//! nowhere else, so that no log on the way holds it.
//!
//! Moodle tells errors with status 200 and `{exception, errorcode, message}`.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use rollbook_zoom::{Transport, TransportError, TransportErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::config::MoodleServiceConfig;

/// Students in one call. A call of this size takes Moodle a few seconds and stays far below PHP's limit of 1,000 form
/// fields a request (`max_input_vars`; two a student).
pub const STUDENTS_A_CALL: usize = 200;

/// Words of an answer that are shown, at most.
const SHOWN_MAX: usize = 300;

const UPDATE_GRADES: &str = "core_grades_update_grades";

/// What Moodle records as the origin of a grade.
const SOURCE: &str = "rollbook";

/// A site's web service.
#[derive(Clone)]
pub struct MoodleService {
    transport: Arc<dyn Transport>,
    endpoint: Url,
    token: SecretString,
}

/// Grades for students of one activity.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeUpdate {
    /// `{course}.id`.
    pub course: i64,
    /// `{course_modules}.id`.
    pub module: i64,
    /// `{user}.id` and grade in points. They must be enrolled: Moodle does not look.
    pub grades: Vec<(i64, f64)>,
}

/// Why a call brought nothing, by what can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// What kind.
    pub kind: ServiceErrorKind,
    /// What happened and what to do, for people. Never holds the token.
    pub message: String,
}

/// What can be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceErrorKind {
    /// A setting of ours, or of Moodle's about our token: nothing will work until it is changed.
    Configuration,
    /// The site cannot be reached, or not now; asking again later may do.
    Passing,
    /// The site is in maintenance: nothing will work until that is over.
    Maintenance,
    /// Moodle refuses this update; others may work.
    Refused,
}

impl fmt::Debug for MoodleService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MoodleService").field("endpoint", &self.endpoint.as_str()).finish_non_exhaustive()
    }
}

impl MoodleService {
    /// The web service of the site at this address.
    pub fn new(transport: Arc<dyn Transport>, config: &MoodleServiceConfig) -> MoodleService {
        let mut endpoint = config.url.clone();
        let path = format!("{}/webservice/rest/server.php", endpoint.path().trim_end_matches('/'));
        endpoint.set_path(&path);
        endpoint.set_query(None);
        endpoint.set_fragment(None);
        MoodleService { transport, endpoint, token: config.token.clone() }
    }

    /// The site, as receipts name it: host and path, without the web service's own.
    pub fn site(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        let port = self.endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = self.endpoint.path().trim_end_matches("/webservice/rest/server.php");
        format!("{host}{port}{path}")
    }

    /// Writes raw grades of one activity (`core_grades_update_grades`). Writing the same twice changes nothing.
    ///
    /// # Errors
    /// Sorted by what can be done; after a passing one nobody knows whether Moodle stored the grades.
    pub async fn update_grades(&self, update: &GradeUpdate) -> Result<(), ServiceError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("wstoken", self.token.expose_secret())
            .append_pair("wsfunction", UPDATE_GRADES)
            .append_pair("moodlewsrestformat", "json")
            .append_pair("source", SOURCE)
            .append_pair("courseid", &update.course.to_string())
            .append_pair("component", "mod_zoom")
            .append_pair("activityid", &update.module.to_string())
            .append_pair("itemnumber", "0");
        for (at, (student, grade)) in update.grades.iter().enumerate() {
            form.append_pair(&format!("grades[{at}][studentid]"), &student.to_string())
                .append_pair(&format!("grades[{at}][grade]"), &grade.to_string());
        }
        match self.ask(form.finish()).await? {
            // Section 9: 0 is success.
            Value::Number(code) if code.as_i64() == Some(0) => Ok(()),
            Value::Number(code) => Err(error(
                ServiceErrorKind::Refused,
                format!("Moodle did not take the grades of activity {} (answer {code})", update.module),
            )),
            _ => Err(self.not_moodle("an answer that is no number")),
        }
    }

    async fn ask(&self, form: String) -> Result<Value, ServiceError> {
        let request = http::Request::post(self.endpoint.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(Bytes::from(form));
        let request = request.map_err(|_| self.not_moodle("an address that cannot be asked"))?;
        let answer = self.transport.send(request).await.map_err(|error| self.unsent(&error))?;
        if let Some(error) = self.by_status(&answer) {
            return Err(error);
        }
        let value: Value = serde_json::from_slice(answer.body())
            .map_err(|_| self.not_moodle("something else than the JSON of a web service"))?;
        match value.get("errorcode").or_else(|| value.get("exception")).and_then(Value::as_str) {
            Some(code) => {
                let message = value.get("message").and_then(Value::as_str).unwrap_or_default();
                Err(self.said(code, message))
            }
            None => Ok(value),
        }
    }

    fn by_status(&self, answer: &http::Response<Bytes>) -> Option<ServiceError> {
        let (status, host) = (answer.status(), self.site());
        let (kind, message) = match status.as_u16() {
            200..=299 => return None,
            300..=399 => {
                let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
                let to: Option<Url> = self.endpoint.join(to).ok();
                let to = to.and_then(|to| to.host_str().map(|h| format!("{}://{h}", to.scheme())));
                let to = to.unwrap_or_else(|| "elsewhere".to_owned());
                (
                    ServiceErrorKind::Configuration,
                    format!(
                        "{host} sends its visitors to {to}; the token does not go along: set ROLLBOOK_MOODLE_URL to \
                         the site's own address ($CFG->wwwroot)"
                    ),
                )
            }
            403 => (
                ServiceErrorKind::Configuration,
                format!(
                    "{host} refuses web services (status 403): switch web services and the REST protocol on there \
                     (Site administration > Server > Web services), or let this machine through"
                ),
            ),
            404 => (
                ServiceErrorKind::Configuration,
                format!("{host} has no web service (status 404); check ROLLBOOK_MOODLE_URL ($CFG->wwwroot)"),
            ),
            408 | 429 | 500..=599 => (
                ServiceErrorKind::Passing,
                format!("Moodle at {host} cannot answer now (status {})", status.as_u16()),
            ),
            other => (
                ServiceErrorKind::Configuration,
                format!("{host} answers with status {other}; check ROLLBOOK_MOODLE_URL ($CFG->wwwroot)"),
            ),
        };
        Some(error(kind, message))
    }

    /// An error that Moodle itself tells.
    fn said(&self, code: &str, message: &str) -> ServiceError {
        let words = self.harmless(message);
        let (kind, remedy) = match code {
            "invalidtoken" => (
                ServiceErrorKind::Configuration,
                "Moodle does not know the token, or it has expired: set ROLLBOOK_MOODLE_TOKEN to one of the external \
                 service that holds core_grades_update_grades",
            ),
            "accessexception" => (
                ServiceErrorKind::Configuration,
                "the token's external service may not call core_grades_update_grades, or its user may not use REST: add \
                 the function to the service, and webservice/rest:use to the user's role",
            ),
            "nopermissions" | "requireloginerror" | "usernotfullysetup" => (
                ServiceErrorKind::Configuration,
                "the token's user may not change grades there: it needs moodle/grade:edit and access to the course",
            ),
            "sitemaintenance" | "upgraderunning" => (
                ServiceErrorKind::Maintenance,
                "the site is in maintenance; run the same command again later",
            ),
            "servicenotavailable" | "enablewsdescription" => (
                ServiceErrorKind::Configuration,
                "the external service is switched off in Moodle: enable it (Site administration > Server > Web services)",
            ),
            _ => (ServiceErrorKind::Refused, "Moodle refused it"),
        };
        let code = self.harmless(code);
        let told = if words.is_empty() { code } else { format!("{code}: {words}") };
        error(kind, format!("{remedy} (Moodle says: {told})"))
    }

    fn unsent(&self, failure: &TransportError) -> ServiceError {
        let kind = match failure.kind {
            TransportErrorKind::Tls | TransportErrorKind::TooLarge => ServiceErrorKind::Configuration,
            TransportErrorKind::Connect
            | TransportErrorKind::Timeout
            | TransportErrorKind::Interrupted
            | TransportErrorKind::Other => ServiceErrorKind::Passing,
        };
        let words = self.harmless(&failure.to_string());
        error(kind, format!("Moodle at {}: {words}; check ROLLBOOK_MOODLE_URL and the network", self.site()))
    }

    fn not_moodle(&self, what: &str) -> ServiceError {
        error(
            ServiceErrorKind::Passing,
            format!("{} answered with {what}; check ROLLBOOK_MOODLE_URL ($CFG->wwwroot)", self.site()),
        )
    }

    /// Words of others: one line, not too many, and never the token, whoever may have repeated it.
    fn harmless(&self, text: &str) -> String {
        let text = text.replace(self.token.expose_secret(), "(token)");
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        line.trim().trim_end_matches('.').chars().take(SHOWN_MAX).collect()
    }
}

fn error(kind: ServiceErrorKind, message: String) -> ServiceError {
    ServiceError { kind, message }
}

#[cfg(test)]
mod tests;
