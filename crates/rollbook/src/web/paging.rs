//! Long lists in pages. A cursor names the last row that was seen, so that rows which come or go meanwhile make none appear
//! twice and none be passed over.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Rows on a page, unless told otherwise.
pub const LIMIT: u32 = 100;

/// At most so many: a page stays well under a megabyte.
pub const LIMIT_MAX: u32 = 1_000;

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageAsk {
    /// Rows on the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// The cursor of the page after it; none where it is the last.
    pub next: Option<String>,
}

impl PageAsk {
    /// How many rows.
    ///
    /// # Errors
    /// If more are asked for than there may be, or none.
    pub fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(LIMIT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            limit => Err(Problem::bad_request(format!("limit is {limit}; use 1 to {LIMIT_MAX}"))),
        }
    }

    /// The last row that was seen.
    ///
    /// # Errors
    /// If the cursor is none of ours.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let wrong = || Problem::bad_request("the cursor is none of this list's: begin without one");
        let read = |text: &String| {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
            serde_json::from_slice(&bytes).map_err(|_| wrong())
        };
        self.cursor.as_ref().map(read).transpose()
    }
}

impl<T> Page<T> {
    /// A page of the first `limit` of `items`; one more than that tells that there is another page.
    pub fn of<K: Serialize>(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = limit as usize;
        let next = match items.len() > limit {
            true => items.get(limit.saturating_sub(1)).map(|last| cursor(&key(last))),
            false => None,
        };
        items.truncate(limit);
        Page { items, next }
    }
}

fn cursor(key: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).expect("keys are plain values"))
}

impl<T: Serialize> Page<T> {
    /// As JSON, with a `Link` to the page after it. `path` has no query but its own.
    pub fn answer(self, path: &str, limit: u32) -> Response {
        let link = self.next.as_ref().map(|next| {
            let joint = if path.contains('?') { '&' } else { '?' };
            format!("<{path}{joint}limit={limit}&cursor={next}>; rel=\"next\"")
        });
        let mut response = Json(self).into_response();
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_where_the_next_begins() {
        let page = Page::of(vec![5, 4, 3], 2, |n| *n);
        assert_eq!(page.items, [5, 4]);
        let ask = PageAsk { limit: Some(2), cursor: page.next };
        assert_eq!(ask.after::<i64>().unwrap(), Some(4));
        assert_eq!(Page::of(vec![3], 2, |n| *n).next, None);
        assert_eq!(Page::of(vec![4, 3], 2, |n| *n).next, None);
    }

    #[test]
    fn a_cursor_of_another_list_and_a_limit_without_bound_are_refused() {
        let ask = |limit, cursor: &str| PageAsk { limit, cursor: Some(cursor.into()) };
        for cursor in ["x", "é", "IiI", "W10"] {
            assert_eq!(ask(None, cursor).after::<i64>().unwrap_err().status, 400, "{cursor}");
        }
        assert!(ask(Some(0), "").limit().is_err() && ask(Some(1_001), "").limit().is_err());
    }
}
