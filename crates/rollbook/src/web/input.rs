//! What requests bring along, read into types; whatever is wrong with it becomes a [`Problem`] that says what.

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Uri, header};
use bytes::Bytes;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::problem::Problem;

/// A query or form longer than this is nobody's.
const FIELDS_MAX: usize = 16 * 1024;

/// The part after `?`. Of pages blank fields count as absent: forms send them.
#[derive(Debug, Clone, Copy)]
pub struct Asked<T>(pub T);

/// Parts of the path.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// A form that was sent. Blank fields count as absent, and so does `csrf`, which the guard has looked at.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

/// JSON that was sent.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

/// For routes that take no parameters: one that comes all the same is somebody's slip.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asked<T>, Problem> {
        let blanks = if parts.uri.path().starts_with("/api/") { Blanks::Told } else { Blanks::Absent };
        fields(parts.uri.query().unwrap_or(""), blanks, "the address").map(Asked)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Path(value)).map_err(|rejection| match rejection {
            PathRejection::FailedToDeserializePathParams(wrong) => {
                Problem::not_found(format!("There is nothing of that name: {}", wrong.body_text()))
            }
            other => Problem::bad_request(other.body_text()),
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, Problem> {
        let is_form = kind_of(&request).starts_with("application/x-www-form-urlencoded");
        if !is_form {
            return Err(Problem::wrong_kind("application/x-www-form-urlencoded"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(too_large)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::bad_request("the form is no text"))?;
        fields(text, Blanks::Absent, "the form").map(Form)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        let body = axum::Json::<T>::from_request(request, state).await;
        body.map(|axum::Json(value)| Body(value)).map_err(|rejection| match rejection {
            JsonRejection::MissingJsonContentType(_) => Problem::wrong_kind("application/json"),
            JsonRejection::BytesRejection(bytes) => too_large(bytes),
            other => Problem::bad_request(other.body_text()),
        })
    }
}

fn kind_of(request: &Request) -> String {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.unwrap_or("").to_lowercase()
}

fn too_large(rejection: BytesRejection) -> Problem {
    match rejection.status().as_u16() {
        413 => Problem::too_large(),
        _ => Problem::bad_request(rejection.body_text()),
    }
}

/// A day as it is written in addresses: `2026-10-06`, and in no other form.
///
/// # Errors
/// If it is none.
pub fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let day = parse_day(&text)
        .ok_or_else(|| D::Error::custom(format_args!("{text:?} is no day; write it as 2026-10-06")))?;
    Ok(Some(day))
}

/// The same, of a text.
pub fn parse_day(text: &str) -> Option<Date> {
    // Other forms, such as 20261006 or an instant, would be read too.
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}

/// What a field without a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blanks {
    /// It is absent.
    Absent,
    /// It is there, and probably wrong.
    Told,
}

/// Fields that are set, into a type. A field that the type does not know is somebody's slip and told.
fn fields<T: DeserializeOwned>(text: &str, blanks: Blanks, place: &str) -> Result<T, Problem> {
    if text.len() > FIELDS_MAX {
        return Err(Problem::too_large());
    }
    let set = url::form_urlencoded::parse(text.as_bytes())
        .filter(|(name, value)| blanks == Blanks::Told || (!value.trim().is_empty() && name != "csrf"));
    let mut again = url::form_urlencoded::Serializer::for_suffix("/?".to_owned(), 2);
    for (name, value) in set {
        again.append_pair(&name, &value);
    }
    let uri: Uri =
        again.finish().parse().map_err(|_| Problem::bad_request(format!("{place} cannot be read")))?;
    let read = axum::extract::Query::<T>::try_from_uri(&uri);
    read.map(|axum::extract::Query(value)| value)
        .map_err(|wrong| Problem::bad_request(format!("{place}: {}", cause(&wrong.body_text()))))
}

/// Without the words that axum puts before it.
fn cause(text: &str) -> &str {
    text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        limit: Option<u32>,
        name: Option<String>,
    }

    #[test]
    fn blank_fields_are_absent_and_wrong_ones_are_named() {
        let read = |text| fields::<Ask>(text, Blanks::Absent, "the address");
        assert_eq!(read("limit=&name=a+b%26c").unwrap(), Ask { limit: None, name: Some("a b&c".into()) });
        assert_eq!(read("csrf=x&limit=3").unwrap().limit, Some(3));
        for (text, word) in [("limit=x", "limit"), ("limitt=3", "limitt"), ("limit=1&limit=2", "duplicate")] {
            let problem = read(text).unwrap_err();
            assert_eq!(problem.status, 400);
            assert!(problem.detail.contains(word), "{}", problem.detail);
        }
        assert!(fields::<Ask>("limit=", Blanks::Told, "the address").is_err());
        assert_eq!(read(&format!("name={}", "x".repeat(FIELDS_MAX))).unwrap_err().status, 413);
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        for (text, is_day) in [
            ("2026-10-06", true),
            ("20261006", false),
            ("2026-10-06T00:00", false),
            ("2026-10-06[UTC]", false),
            ("2026-02-30", false),
        ] {
            assert_eq!(parse_day(text).is_some(), is_day, "{text}");
        }
    }
}
