//! Signing in, sending, and what happens to the token.

use std::sync::Arc;

use rollbook_zoom::client::RawRequest;
use rollbook_zoom::endpoint::past_meetings::{GetPastMeeting, ListPastMeetingParticipants, PastParticipants};
use rollbook_zoom::error::TokenRefusal;
use rollbook_zoom::{
    Advice, Client, Credentials, Error, ErrorKind, MeetingId, Operation, SkipReason, Token, TransportError,
    TransportErrorKind,
};

use crate::fake::{API, Fake, after, answer, client, credentials, now, sample, token};

const ROWS: &str = r#"{"participants":[{"name":"A"}],"next_page_token":""}"#;

fn list() -> ListPastMeetingParticipants {
    ListPastMeetingParticipants::new(MeetingId(1))
}

fn good() -> Arc<Fake> {
    Fake::with_tokens(|_| answer(200, ROWS))
}

/// A fake whose API knows only one token.
fn accepts_only(good: &'static str) -> Arc<Fake> {
    let refused = sample("error-401-124");
    Fake::with_tokens(move |seen| {
        let is_good = seen.authorization == format!("Bearer {good}");
        if is_good { answer(200, ROWS) } else { answer(401, &refused) }
    })
}

#[tokio::test]
async fn one_send_is_one_request_after_one_for_a_token() {
    let fake = good();
    let client = client(&fake);
    let answer = client.send(now(), &list()).await.unwrap();
    assert_eq!((answer.value.participants.len(), answer.bytes), (1, ROWS.len()));
    client.send(after(1), &list()).await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].authorization, "Basic Y2xpZW50OnMzY3JldA==");
    assert_eq!(seen[0].body, "grant_type=account_credentials&account_id=acc%2F1");
    assert_eq!(seen[1].method, "GET");
    assert_eq!(seen[1].authorization, "Bearer t1");
    assert_eq!(
        seen[1].uri,
        format!("{API}/past_meetings/1/participants?include_fields=registrant_id&page_size=300")
    );
}

#[tokio::test]
async fn a_caller_who_made_ready_pays_for_one_request_only() {
    let fake = good();
    let client = client(&fake);
    client.ready(now()).await.unwrap();
    assert_eq!((fake.token_requests(), fake.api_requests()), (1, 0));
    client.send(now(), &list()).await.unwrap();
    assert_eq!((fake.token_requests(), fake.api_requests()), (1, 1));
}

#[tokio::test]
async fn the_base_address_may_have_a_path_and_a_slash() {
    for base in ["http://127.0.0.1:9999/v2", "http://127.0.0.1:9999/v2/"] {
        let fake = good();
        let client =
            Client::new(fake.clone(), base.parse().unwrap(), Credentials::AccessToken("x".to_owned().into()));
        client.send(now(), &GetPastMeeting { meeting: MeetingId(1).into() }).await.unwrap_err();
        assert_eq!(fake.seen()[0].uri, "http://127.0.0.1:9999/v2/past_meetings/1");
    }
}

#[tokio::test]
async fn ten_callers_share_one_token() {
    let fake = good();
    let client = client(&fake);
    let all = (0..10).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send(now(), &list()).await.map(|_| ()) })
    });
    for call in all.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!((fake.token_requests(), fake.api_requests()), (1, 10));
}

#[tokio::test]
async fn ten_callers_share_one_refusal() {
    let refusal = sample("oauth-token-error_POST");
    let fake = Fake::new(move |_, _| Ok(answer(400, &refusal)));
    let client = client(&fake);
    let all = (0..10).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send(now(), &list()).await.map(|_| ()) })
    });
    for call in all.collect::<Vec<_>>() {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.advice(), &Advice::Stop);
    }
    assert_eq!(fake.seen().len(), 1);
    // A later caller tries again.
    client.ready(after(60)).await.unwrap_err();
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let fake = good();
    let client = client(&fake);
    client.ready(now()).await.unwrap();
    client.ready(after(3600 - 121)).await.unwrap();
    assert_eq!(fake.token_requests(), 1);
    client.ready(after(3600 - 119)).await.unwrap();
    assert_eq!(fake.token_requests(), 2);
}

#[tokio::test]
async fn a_short_token_is_used_for_most_of_its_life() {
    let fake = Fake::new(|_, _| Ok(token("x", 60)));
    let client = client(&fake);
    client.ready(now()).await.unwrap();
    client.ready(after(47)).await.unwrap();
    assert_eq!(fake.token_requests(), 1);
    client.ready(after(49)).await.unwrap();
    assert_eq!(fake.token_requests(), 2);
}

#[tokio::test]
async fn a_refused_token_is_renewed_when_the_caller_sends_again() {
    let fake = accepts_only("t2");
    let client = client(&fake);
    let error = client.send(now(), &list()).await.unwrap_err();
    assert_eq!((error.advice(), error.status(), error.code()), (&Advice::Renew, Some(401), Some(124)));
    assert_eq!(fake.api_requests(), 1);
    client.send(now(), &list()).await.unwrap();
    assert_eq!((fake.token_requests(), fake.api_requests()), (2, 2));
}

#[tokio::test]
async fn ten_refusals_of_one_token_cost_one_new_token() {
    let fake = accepts_only("t2");
    let client = client(&fake);
    client.ready(now()).await.unwrap();
    let send = |client: Client| async move { client.send(now(), &list()).await.map(|_| ()) };
    for call in (0..10).map(|_| tokio::spawn(send(client.clone()))).collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().unwrap_err().advice(), &Advice::Renew);
    }
    for call in (0..10).map(|_| tokio::spawn(send(client.clone()))).collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(fake.token_requests(), 2);
}

#[tokio::test]
async fn when_every_token_is_refused_a_person_must_look() {
    let fake = accepts_only("none");
    let client = client(&fake);
    for _ in 0..2 {
        assert_eq!(client.send(now(), &list()).await.unwrap_err().advice(), &Advice::Renew);
    }
    let error = client.send(now(), &list()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Stop);
    assert_eq!(error.kind(), &ErrorKind::Token(TokenRefusal::EveryTokenRefused));
}

#[tokio::test]
async fn a_ready_access_token_is_used_as_it_is() {
    let fake = accepts_only("ready");
    let client = |token: &str| {
        Client::new(fake.clone(), API.parse().unwrap(), Credentials::AccessToken(token.to_owned().into()))
    };
    let ready = client("ready");
    ready.ready(now()).await.unwrap();
    ready.send(after(1_000_000), &list()).await.unwrap();
    let error = client("old").send(now(), &list()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Stop);
    assert_eq!(error.kind(), &ErrorKind::Token(TokenRefusal::AccessTokenRefused));
    assert_eq!(fake.token_requests(), 0);
    assert!(ready.token_snapshot().await.is_none());
}

#[tokio::test]
async fn an_access_token_no_header_can_hold_is_an_error() {
    let fake = good();
    let credentials = Credentials::AccessToken("two\nlines".to_owned().into());
    let client = Client::new(fake.clone(), API.parse().unwrap(), credentials);
    let error = client.send(now(), &list()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Stop);
    assert!(!error.to_string().contains("two"), "{error}");
    assert!(!error.may_have_been_counted());
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn a_token_can_be_kept_between_processes() {
    let first = client(&good());
    assert!(first.token_snapshot().await.is_none());
    first.ready(now()).await.unwrap();
    let kept = serde_json::to_string(&first.token_snapshot().await.unwrap()).unwrap();
    let token: Token = serde_json::from_str(&kept).unwrap();
    assert!(token.scopes.contains("b:read"));
    assert!(!format!("{token:?}").contains("t1"), "{token:?}");

    let fake = accepts_only("t1");
    let second = client(&fake);
    assert!(second.restore_token(token.clone()).await);
    assert!(!second.restore_token(token.clone()).await, "it is no newer");
    second.send(after(60), &list()).await.unwrap();
    assert_eq!(fake.token_requests(), 0);

    let other = Credentials::ServerToServer {
        account_id: "another".to_owned(),
        client_id: "client".to_owned(),
        client_secret: "s".to_owned().into(),
        token_url: crate::fake::TOKEN_URL.parse().unwrap(),
    };
    let other = Client::new(good(), API.parse().unwrap(), other);
    assert!(!other.restore_token(token).await, "it belongs to another account");
}

#[tokio::test]
async fn a_kept_token_may_lack_a_scope_that_was_added_since() {
    let fresh = client(&good());
    fresh.ready(now()).await.unwrap();
    let kept = fresh.token_snapshot().await.unwrap();

    let lacking = sample("error-401-4700");
    let fake = Fake::with_tokens(move |_| answer(401, &lacking));
    let client = client(&fake);
    client.restore_token(kept).await;
    assert_eq!(client.send(now(), &list()).await.unwrap_err().advice(), &Advice::Renew);
    let error = client.send(now(), &list()).await.unwrap_err();
    assert!(matches!(error.advice(), Advice::Skip(SkipReason::ScopeMissing { .. })), "{error}");
    assert_eq!(fake.token_requests(), 1);
}

async fn token_refused(status: u16, body: &str) -> Error {
    let body = body.to_owned();
    let fake = Fake::new(move |_, _| Ok(answer(status, &body)));
    client(&fake).ready(now()).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_of_the_token_address_says_which_setting_to_check() {
    let cases = [
        (400, sample("oauth-token-error_POST"), TokenRefusal::BadClient),
        (
            400,
            r#"{"reason":"unsupported grant type","error":"unsupported_grant_type"}"#.to_owned(),
            TokenRefusal::NotServerToServer,
        ),
        (400, r#"{"code":4702,"reason":"x","error":"y"}"#.to_owned(), TokenRefusal::BadClient),
        (400, r#"{"code":"4704","reason":"x","error":"y"}"#.to_owned(), TokenRefusal::BadClient),
        (400, r#"{"code":4705}"#.to_owned(), TokenRefusal::NotServerToServer),
        (400, r#"{"code":4706}"#.to_owned(), TokenRefusal::ClientMissing),
        (
            400,
            r#"{"reason":"Bad request, account_id is wrong","error":"bad_request"}"#.to_owned(),
            TokenRefusal::NotServerToServer,
        ),
        (404, "<html>".to_owned(), TokenRefusal::Other),
    ];
    for (status, body, refusal) in cases {
        let error = token_refused(status, &body).await;
        assert_eq!(error.kind(), &ErrorKind::Token(refusal), "{body}");
        assert_eq!(error.advice(), &Advice::Stop, "{body}");
        assert_eq!(error.operation(), None);
        assert!(!error.may_have_been_counted());
    }
    let error = token_refused(400, &sample("oauth-token-error_POST")).await;
    assert_eq!(
        error.to_string(),
        "Zoom gave no usable token: check the client ID and the client secret (HTTP 400): \
         Invalid client_id or client_secret, invalid_client"
    );
}

#[tokio::test]
async fn a_token_address_that_redirects_says_where_to() {
    let fake = Fake::new(|_, _| {
        let mut redirect = answer(302, "");
        redirect.headers_mut().insert("location", "https://login.example.com/".parse().unwrap());
        Ok(redirect)
    });
    let error = client(&fake).ready(now()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Stop);
    let words = "the token address redirects to login.example.com, which is not followed (HTTP 302)";
    assert_eq!(error.to_string(), words);
}

#[tokio::test]
async fn a_token_address_that_repeats_the_secret_is_quoted_without_it() {
    let error = token_refused(400, r#"{"reason":"you sent s3cret","error":"x"}"#).await;
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn trouble_at_the_token_address_passes() {
    for (status, body) in [(500, ""), (503, "<html>"), (429, ""), (200, r#"{"access_tok"#), (200, "")] {
        assert_eq!(token_refused(status, body).await.advice(), &Advice::Retry, "{status} {body}");
    }
    let fake = Fake::new(|_, _| Err(TransportError::new(TransportErrorKind::Timeout, "")));
    let error = client(&fake).send(now(), &list()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Retry);
    assert!(matches!(error.kind(), ErrorKind::Transport(_)));
}

#[tokio::test]
async fn what_the_network_does_keeps_the_token() {
    let fake = Fake::new(|seen, _| {
        if seen.is_for_token() {
            Ok(token("t", 3600))
        } else {
            Err(TransportError::new(TransportErrorKind::Interrupted, "reset"))
        }
    });
    let client = client(&fake);
    for _ in 0..2 {
        let error = client.send(now(), &list()).await.unwrap_err();
        assert_eq!(error.advice(), &Advice::Retry);
        assert_eq!(error.operation(), Some(Operation::ListPastMeetingParticipants));
        assert_eq!(
            error.to_string(),
            "the connection broke off: reset (GET /past_meetings/{meetingId}/participants)"
        );
        assert!(error.may_have_been_counted());
    }
    assert_eq!(fake.token_requests(), 1);
}

#[tokio::test]
async fn success_with_the_body_of_a_token_error_costs_the_token_too() {
    for body in
        [r#"{"code":124,"message":"x"}"#, r#"{"status":false,"code":124,"message":"x","result":null}"#]
    {
        let fake = Fake::with_tokens(move |seen| {
            answer(200, if seen.authorization == "Bearer t2" { ROWS } else { body })
        });
        let client = client(&fake);
        assert_eq!(client.send(now(), &list()).await.unwrap_err().advice(), &Advice::Renew);
        client.send(now(), &list()).await.unwrap();
        assert_eq!(fake.token_requests(), 2);
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_not_counted() {
    let fake = Fake::new(|_, _| Ok(answer(400, "")));
    let error = client(&fake).send(now(), &list()).await.unwrap_err();
    assert_eq!((fake.api_requests(), error.may_have_been_counted()), (0, false));
    let fake = Fake::new(|seen, _| {
        let refused = TransportError::new(TransportErrorKind::Connect, "refused");
        if seen.is_for_token() { Ok(token("t", 3600)) } else { Err(refused) }
    });
    let error = client(&fake).send(now(), &list()).await.unwrap_err();
    assert!(!error.may_have_been_counted());
}

#[tokio::test]
async fn one_request_gives_both_the_raw_and_the_typed_answer() {
    let client = client(&good());
    let raw = client.send_raw(now(), &RawRequest::of(&list())).await.unwrap();
    assert_eq!(&raw.body[..], ROWS.as_bytes());
    let typed = raw.read::<PastParticipants>(now()).unwrap();
    assert_eq!(typed.value.participants.len(), 1);
}

#[tokio::test]
async fn a_token_kept_with_absurd_times_is_not_used() {
    let fake = good();
    let client = client(&fake);
    let kept = r#"{"value":"t1","got_at":"-009999-01-02T01:59:59Z","expires_at":"9999-12-30T22:00:00Z","scopes":[],
        "api_url":null,"owner":"acc/1 client example.com:443"}"#;
    let token: Token = serde_json::from_str(kept).unwrap();
    assert!(token.is_fresh(now()), "its end is far away");
    let set_back: Token =
        serde_json::from_str(&kept.replace("-009999-01-02T01:59:59Z", "9999-01-01T00:00:00Z")).unwrap();
    assert!(!set_back.is_fresh(now()));
    assert!(client.restore_token(set_back).await);
    client.send(now(), &list()).await.unwrap();
    assert_eq!(fake.token_requests(), 1);
}

#[tokio::test]
async fn nothing_that_is_printed_holds_a_secret() {
    let fake = Fake::with_tokens(|seen| {
        let body = format!(r#"{{"code":1,"message":"you sent {}","more":1}}"#, seen.authorization);
        answer(if seen.uri.contains("/2/") { 200 } else { 403 }, &body)
    });
    let client = client(&fake);
    for meeting in [1, 2] {
        let list = ListPastMeetingParticipants::new(MeetingId(meeting));
        let error = client.send(now(), &list).await.unwrap_err();
        assert_eq!(error.code(), Some(1));
        assert!(!format!("{error} {error:?}").contains("t1"), "{error:?}");
    }
    let fake = Fake::with_tokens(|seen| answer(200, &format!("\"{}\"", seen.authorization)));
    let error = crate::fake::client(&fake).send(now(), &list()).await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}"), format!("{:?}", credentials())] {
        assert!(!text.contains("t1") && !text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn a_raw_request_brings_the_answer_whatever_it_is() {
    let fake = Fake::with_tokens(|_| answer(404, r#"{"code":3001,"message":"gone"}"#));
    let client = client(&fake);
    let request = RawRequest {
        operation: Operation::GetMetricsMeetingParticipantQos,
        target: "/metrics/meetings/1/participants/2/qos?type=past".to_owned(),
        body: None,
    };
    let answer = client.send_raw(now(), &request).await.unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(&answer.body[..], br#"{"code":3001,"message":"gone"}"#);
    assert_eq!(answer.error.unwrap().advice(), &Advice::Skip(SkipReason::NotFoundOrNotEnded));
}
