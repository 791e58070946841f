//! "You have it already": answers of the API carry a tag of their content, and whoever shows it again gets no body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// Larger answers are sent as they come.
const TAGGED_MAX: usize = 8 << 20;

/// Stands before every route of the API that reads.
pub async fn tag(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET;
    let held = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !is_read || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED_MAX).await else {
        return Problem::internal("the answer is larger than can be sent; ask for less at once")
            .into_response();
    };
    let tag = tag_of(&bytes);
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    parts.headers.insert(header::ETAG, tag.clone());
    if held.is_some_and(|held| is_held(&held, &tag)) {
        let kept = [header::ETAG, header::CACHE_CONTROL, header::LINK, header::VARY];
        let mut headers = HeaderMap::new();
        for name in kept {
            if let Some(value) = parts.headers.remove(&name) {
                headers.insert(name, value);
            }
        }
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn tag_of(bytes: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("hex digits may stand in a header")
}

fn is_held(held: &HeaderValue, tag: &HeaderValue) -> bool {
    let (held, tag) = (held.to_str().unwrap_or(""), tag.to_str().unwrap_or(""));
    held.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_known_by_its_tag() {
        let check = |held: &'static str, expected| {
            let tag = tag_of(b"[]");
            assert_eq!(is_held(&HeaderValue::from_static(held), &tag), expected, "{held}");
        };
        let tag = tag_of(b"[]");
        assert!(is_held(&tag, &tag));
        check("*", true);
        check("\"0\", W/\"1\"", false);
    }
}
