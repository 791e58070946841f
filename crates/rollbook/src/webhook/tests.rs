use axum::body::Body;
use axum::http::{Method, Request};
use jiff::Timestamp;
use rollbook_store::{Mode, Reader, Store};
use rollbook_zoom::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER, encrypted_token, sign};
use tower::ServiceExt;

use super::*;

const NOW: &str = "2026-11-20T10:00:00Z";
const ENDED: &str = r#"{"event":"meeting.ended","event_ts":1795168799000,"payload":{"account_id":"zoomB","object":{"uuid":"a==","id":"9"}}}"#;

struct Site {
    webhooks: Webhooks,
    folder: tempfile::TempDir,
}

/// A server for accounts given as `"name zoom-id secret"`.
fn site(accounts: &[&str]) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let sources = accounts
        .iter()
        .map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            Source {
                account: words[0].to_owned(),
                zoom_account_id: Some(words[1].to_owned()),
                secret: SecretString::from(words[2]),
            }
        })
        .collect();
    let clerk = Clerk::inline(Store::open(&path, Mode::Write).unwrap());
    let clock = Clock::simulated(NOW.parse().unwrap(), 1.0);
    Site { webhooks: Webhooks::new(sources, clerk, clock, Arc::default()), folder }
}

impl Site {
    async fn send(&self, request: Request<Body>) -> (u16, String) {
        let response = router(self.webhooks.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Posts a body signed with a secret so many seconds ago; unsigned without one.
    async fn post(&self, secret: Option<&str>, seconds_ago: i64, body: &str) -> (u16, String) {
        let mut request = Request::post(PATH);
        if let Some(secret) = secret {
            let at = NOW.parse::<Timestamp>().unwrap().as_second() - seconds_ago;
            let signature = sign(&SecretString::from(secret), &at.to_string(), body.as_bytes());
            request = request.header(TIMESTAMP_HEADER, at).header(SIGNATURE_HEADER, signature);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    fn kept(&self) -> Vec<(String, String)> {
        let reader = Reader::open(&self.folder.path().join("store.db")).unwrap();
        reader.new_events(9).unwrap().into_iter().map(|event| (event.account, event.name)).collect()
    }
}

#[tokio::test]
async fn a_signed_event_is_kept_before_it_is_answered_and_once() {
    let site = site(&["default zoomA s3cret"]);
    assert_eq!(site.post(Some("s3cret"), 1, ENDED).await, (200, String::new()));
    assert_eq!(site.kept(), [("default".to_owned(), "meeting.ended".to_owned())]);
    assert_eq!(site.post(Some("s3cret"), 0, ENDED).await.0, 200);
    assert_eq!(site.kept().len(), 1);
    let counts = site.webhooks.counts();
    assert_eq!((counts.kept, counts.repeated, counts.refused), (1, 1, 0));
    assert!((1_000..1_000 + 60_000).contains(&counts.delay_ms), "{counts:?}");
}

#[tokio::test]
async fn what_is_not_zooms_is_refused_and_kept_nowhere() {
    let site = site(&["default zoomA s3cret"]);
    assert_eq!(site.post(None, 0, ENDED).await.0, 401);
    assert_eq!(site.post(Some("guess"), 0, ENDED).await.0, 401);
    assert_eq!(site.post(Some("s3cret"), 3 * 3_600, ENDED).await.0, 401);
    assert_eq!(site.post(Some("s3cret"), 0, "no json").await.0, 400);
    assert_eq!(site.post(Some("s3cret"), 0, r#"{"event_ts":1}"#).await.0, 400);
    let get = Request::builder().method(Method::GET).uri(PATH).body(Body::empty()).unwrap();
    assert_eq!(site.send(get).await.0, 405);
    let large = " ".repeat(BODY_MAX + 1);
    assert_eq!(site.post(Some("s3cret"), 0, &large).await.0, 413);
    assert_eq!(site.kept(), []);
    // `doctor` is told of the first of a minute.
    let reader = Reader::open(&site.folder.path().join("store.db")).unwrap();
    let [(reason, _)] = &reader.webhook_refusals(Timestamp::UNIX_EPOCH).unwrap()[..] else { panic!() };
    assert!(reason.contains("header"), "{reason}");
}

#[tokio::test]
async fn quirk_70_the_last_retry_is_taken_even_if_the_first_try_signed_it() {
    let site = site(&["default zoomA s3cret"]);
    assert_eq!(site.post(Some("s3cret"), 85 * 60, ENDED).await.0, 200);
}

const VALIDATION: &str =
    r#"{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;

#[tokio::test]
async fn the_address_is_validated_signed_or_not() {
    let site = site(&["default zoomA s3cret"]);
    let encrypted = encrypted_token(&SecretString::from("s3cret"), "qgg8vlvZRS6UYooatFL8Aw").unwrap();
    let expected = format!(r#"{{"encryptedToken":"{encrypted}","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#);
    for secret in [None, Some("s3cret")] {
        assert_eq!(site.post(secret, 0, VALIDATION).await, (200, expected.clone()));
    }
    assert_eq!(site.kept(), []);
}

/// A validation's answer is made with the key that signs events: see `encrypted_token`.
#[tokio::test]
async fn nobody_gets_an_event_of_their_own_signed_as_a_validation() {
    let site = site(&["default zoomA s3cret"]);
    let forged = VALIDATION.replace("qgg8vlvZRS6UYooatFL8Aw", r#"v0:1763632800:{\"event\":\"x\"}"#);
    assert_eq!(site.post(None, 0, &forged).await.0, 400);
}

#[tokio::test]
async fn events_belong_to_the_account_whose_secret_signed_them() {
    let site = site(&["one zoomA secretA", "two zoomB secretB", "three zoomC secretA"]);
    let of = |account: &str| ENDED.replace("zoomB", account);
    assert_eq!(site.post(Some("secretB"), 0, &of("zoomB")).await.0, 200);
    // One app for two accounts: the body tells which.
    assert_eq!(site.post(Some("secretA"), 0, &of("zoomC")).await.0, 200);
    assert_eq!(site.post(Some("secretA"), 0, &of("zoomX")).await.0, 200);
    let accounts: Vec<String> = site.kept().into_iter().map(|(account, _)| account).collect();
    assert_eq!(accounts, ["two", "three", "one"]);
    // Which secret is meant cannot be known.
    assert_eq!(site.post(None, 0, VALIDATION).await.0, 400);
    assert_eq!(site.post(Some("secretB"), 0, VALIDATION).await.0, 200);
}

#[tokio::test]
async fn zoom_is_told_to_come_again_when_the_store_cannot_be_written() {
    let site = site(&["default zoomA s3cret"]);
    let path = site.folder.path().join("store.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("drop table inbox").unwrap();
    assert_eq!(site.post(Some("s3cret"), 0, ENDED).await.0, 503);
    assert_eq!(site.webhooks.counts().put_off, 1);
}
