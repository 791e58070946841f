//! A pretend Moodle web service: REST calls as MOODLE.md section 9 tells of them, as far as grades go.
//!
//! Like the real one it stores what it is told: it does not look whether a student is enrolled, or exists. Errors come
//! with status 200 and `{exception, errorcode, message}`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::json;

/// The token it takes unless told otherwise.
pub const SERVICE_TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Larger than any call.
const FORM_BYTES_MAX: usize = 4 << 20;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The site is in maintenance.
    Maintenance,
    /// The token's service does not hold the function.
    NoFunction,
    /// The token's user may not change grades.
    NoRights,
    /// What stands in front of Moodle answers in its place, with this status and a web page.
    Gateway(u16),
    /// The update is refused with this number; 0 would be success.
    Refuses(i64),
    /// The grade is stored, and the answer is a web page.
    Garbled,
}

/// A grade that was stored: course, activity (course module), student.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StoredGrade {
    /// `{course}.id`.
    pub course: i64,
    /// `{course_modules}.id`.
    pub module: i64,
    /// `{user}.id`, whether there is one or not.
    pub student: i64,
    /// As sent.
    pub grade: f64,
    /// How often it was sent.
    pub times: u32,
}

/// The pretend web service. Clones share it.
#[derive(Clone)]
pub struct MoodleService {
    state: Arc<Mutex<State>>,
}

struct State {
    token: String,
    /// Activities there are, as course and course module; none for any.
    activities: Option<BTreeSet<(i64, i64)>>,
    /// For calls from this one on, until it is taken away.
    trouble: Option<Trouble>,
    /// Calls that are still refused with it; none for all.
    trouble_calls: Option<u32>,
    grades: BTreeMap<(i64, i64), StoredGrade>,
    calls: u32,
    queries: u32,
}

impl MoodleService {
    /// One that takes [`SERVICE_TOKEN`] and knows any activity.
    pub fn new() -> MoodleService {
        let state = State {
            token: SERVICE_TOKEN.to_owned(),
            activities: None,
            trouble: None,
            trouble_calls: None,
            grades: BTreeMap::new(),
            calls: 0,
            queries: 0,
        };
        MoodleService { state: Arc::new(Mutex::new(state)) }
    }

    /// Only these activities, as course and course module, exist from now on.
    pub fn limit_to(&self, activities: impl IntoIterator<Item = (i64, i64)>) {
        self.lock().activities = Some(activities.into_iter().collect());
    }

    /// From now on every call meets this, or none any more.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        let mut state = self.lock();
        (state.trouble, state.trouble_calls) = (trouble, None);
    }

    /// The next so many calls meet this.
    pub fn trouble_for(&self, trouble: Trouble, calls: u32) {
        let mut state = self.lock();
        (state.trouble, state.trouble_calls) = (Some(trouble), Some(calls));
    }

    /// The grades that were stored, by activity and student.
    pub fn grades(&self) -> Vec<StoredGrade> {
        self.lock().grades.values().copied().collect()
    }

    /// Calls so far.
    pub fn calls(&self) -> u32 {
        self.lock().calls
    }

    /// Calls that had something in the address, where logs would show it.
    pub fn calls_with_query(&self) -> u32 {
        self.lock().queries
    }

    /// Moodle's address for REST calls, and what was stored under `/_sim/grades`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new()
            .route("/webservice/rest/server.php", post(answer).get(answer))
            .route("/_sim/grades", get(inspect))
            .with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MoodleService {
    fn default() -> MoodleService {
        MoodleService::new()
    }
}

async fn inspect(Shared(service): Shared<MoodleService>) -> Response<Body> {
    reply(200, "application/json", json!({ "grades": service.grades() }).to_string())
}

async fn answer(Shared(service): Shared<MoodleService>, request: Request) -> Response<Body> {
    let query = request.uri().query().unwrap_or("").to_owned();
    let body = axum::body::to_bytes(request.into_body(), FORM_BYTES_MAX).await.unwrap_or_default();
    service.lock().decide(&query, &body)
}

impl State {
    fn decide(&mut self, query: &str, body: &Bytes) -> Response<Body> {
        self.calls += 1;
        self.queries += u32::from(!query.is_empty());
        let mut form = pairs(query);
        form.extend(pairs(&String::from_utf8_lossy(body)));
        let trouble = self.next_trouble();
        if let Some(Trouble::Gateway(status)) = trouble {
            return reply(status, "text/html", "<html><body>Service Unavailable</body></html>".into());
        }
        if trouble == Some(Trouble::Maintenance) {
            let message = "The site is undergoing maintenance and is currently not available";
            return error("moodle_exception", "sitemaintenance", message);
        }
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        if field("wstoken") != self.token {
            return error("moodle_exception", "invalidtoken", "Invalid token - token not found");
        }
        if trouble == Some(Trouble::NoFunction) || field("wsfunction") != "core_grades_update_grades" {
            return error("webservice_access_exception", "accessexception", "Access control exception");
        }
        if field("moodlewsrestformat") != "json" {
            return reply(200, "application/xml", "<?xml version=\"1.0\"?><RESPONSE/>".into());
        }
        if trouble == Some(Trouble::NoRights) {
            let message = "Sorry, but you do not currently have permissions to do that (Edit grades).";
            return error("required_capability_exception", "nopermissions", message);
        }
        match self.store(&form) {
            Ok(grades) => self.finish(trouble, grades),
            Err(message) => error("invalid_parameter_exception", "invalidparameter", &message),
        }
    }

    fn next_trouble(&mut self) -> Option<Trouble> {
        if let Some(left) = self.trouble_calls.as_mut() {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => (self.trouble, self.trouble_calls) = (None, None),
            }
        }
        self.trouble
    }

    fn finish(&mut self, trouble: Option<Trouble>, grades: Vec<StoredGrade>) -> Response<Body> {
        if let Some(Trouble::Refuses(code)) = trouble {
            return reply(200, "application/json", code.to_string());
        }
        for mut grade in grades {
            let key = (grade.module, grade.student);
            grade.times += self.grades.get(&key).map_or(0, |earlier| earlier.times);
            self.grades.insert(key, grade);
        }
        match trouble {
            Some(Trouble::Garbled) => reply(200, "text/html", "<br />Warning: something".into()),
            _ => reply(200, "application/json", "0".into()),
        }
    }

    fn store(&self, form: &BTreeMap<String, String>) -> Result<Vec<StoredGrade>, String> {
        let number = |name: &str| -> Result<i64, String> {
            let text =
                form.get(name).ok_or_else(|| format!("Missing required key in single structure: {name}"))?;
            text.parse().map_err(|_| format!("Invalid parameter value detected ({name})"))
        };
        let (course, module) = (number("courseid")?, number("activityid")?);
        if form.get("source").is_none_or(String::is_empty) {
            return Err("Missing required key in single structure: source".to_owned());
        }
        if form.get("component").map(String::as_str) != Some("mod_zoom") || number("itemnumber")? != 0 {
            return Err("Invalid component or itemnumber".to_owned());
        }
        if self.activities.as_ref().is_some_and(|known| !known.contains(&(course, module))) {
            return Err("Invalid course module ID".to_owned());
        }
        let mut grades = Vec::new();
        while form.contains_key(&format!("grades[{}][studentid]", grades.len())) {
            let at = grades.len();
            let student = number(&format!("grades[{at}][studentid]"))?;
            let grade = form.get(&format!("grades[{at}][grade]")).and_then(|text| text.parse().ok());
            let grade = grade.ok_or("Invalid parameter value detected (grade)")?;
            grades.push(StoredGrade { course, module, student, grade, times: 1 });
        }
        Ok(grades)
    }
}

/// A form as PHP reads it, values unescaped.
fn pairs(form: &str) -> BTreeMap<String, String> {
    crate::zoom::parse_query(form)
}

fn error(exception: &str, code: &str, message: &str) -> Response<Body> {
    let body = json!({ "exception": exception, "errorcode": code, "message": message });
    reply(200, "application/json", body.to_string())
}

fn reply(status: u16, kind: &str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::OK);
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("content-type", kind);
    }
    response
}
