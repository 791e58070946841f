//! Each refusal Zoom is known to give, and what to do about it.

use bytes::Bytes;
use http::Response;
use rollbook_zoom::endpoint::meetings::GetMeeting;
use rollbook_zoom::endpoint::metrics::{ListMetricsMeetings, MetricsType};
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, ListMetricsMeetingParticipantsQos, ListMetricsWebinarParticipantsQos,
    QosType,
};
use rollbook_zoom::endpoint::metrics_satisfaction::ListMetricsMeetingSatisfaction;
use rollbook_zoom::endpoint::past_meetings::{GetPastMeeting, ListPastMeetingParticipants};
use rollbook_zoom::error::PlanNeeded;
use rollbook_zoom::{
    Advice, Endpoint, Error, ErrorKind, MeetingId, ParticipantId, RateLimit, RawRequest, SkipReason,
};

use crate::fake::{Fake, answer, client, now, sample};

async fn refusal_of<E: Endpoint>(endpoint: &E, reply: Response<Bytes>) -> Error {
    let fake = Fake::with_tokens(move |_| reply.clone());
    client(&fake).send(now(), endpoint).await.err().expect("an error")
}

pub async fn refused(status: u16, body: &str) -> Error {
    refusal_of(&ListPastMeetingParticipants::new(MeetingId(1)), answer(status, body)).await
}

async fn check(status: u16, body: &str, advice: Advice) {
    assert_eq!(refused(status, body).await.advice(), &advice, "{status} {body}");
}

fn resource_intensive() -> ListMetricsMeetings {
    let day = jiff::civil::date(2026, 11, 19).at(0, 0, 0, 0);
    ListMetricsMeetings::new(MetricsType::Past, day, day)
}

fn wait(limit: RateLimit, until: Option<&str>) -> Advice {
    Advice::Wait { limit, until: until.map(|until| until.parse().unwrap()) }
}

#[tokio::test]
async fn every_sample_of_an_error_has_its_advice() {
    use Advice::{Renew, RestartList, Skip};
    let skip = |reason| Skip(reason);
    check(400, &sample("error-400-12702"), skip(SkipReason::TooOld)).await;
    let paid = SkipReason::PlanTooLow { needs: PlanNeeded::Paid };
    check(400, &sample("error-400-200-paid"), skip(paid)).await;
    check(400, &sample("error-400-300-page-token"), RestartList).await;
    check(400, &sample("error-400-300-validation"), skip(SkipReason::BadParameter)).await;
    check(401, &sample("error-401-124"), Renew).await;
    check(404, &sample("error-404-1001"), skip(SkipReason::UserUnknown)).await;
    check(404, &sample("error-404-3001"), skip(SkipReason::NotFoundOrNotEnded)).await;
    check(429, &sample("error-429-concurrent"), wait(RateLimit::Concurrency, None)).await;
    check(429, &sample("error-429-daily"), wait(RateLimit::Daily, Some("2026-11-21T00:00:00Z"))).await;
    check(429, &sample("error-429-per-second"), wait(RateLimit::PerSecond, None)).await;
    let midnight = Some("2026-11-21T00:00:00Z");
    check(429, &sample("error-429-user-daily-100"), wait(RateLimit::UserDaily, midnight)).await;
}

#[tokio::test]
async fn codes_without_a_sample_have_their_advice_too() {
    let skip = Advice::Skip;
    let dashboards = SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards };
    let body = r#"{"code":400,"message":"This API is only available for ZMP and Business or higher accounts that have enabled the Dashboard feature"}"#;
    check(400, body, skip(dashboards)).await;
    check(400, r#"{"code":200,"message":"No permission"}"#, skip(SkipReason::NoPermission)).await;
    check(400, r#"{"code":12700,"message":"x"}"#, skip(SkipReason::EndTimeUnsupported)).await;
    check(400, r#"{"code":1010,"message":"x"}"#, skip(SkipReason::UserUnknown)).await;
    check(400, r#"{"code":3000,"message":"x"}"#, skip(SkipReason::NotApplicable)).await;
    check(403, r#"{"code":2306,"message":"x"}"#, skip(SkipReason::NoPermission)).await;
    check(404, r#"{"code":2001,"message":"x"}"#, skip(SkipReason::AccountUnknown)).await;
    check(400, r#"{"code":"3001","message":"x"}"#, skip(SkipReason::NotFoundOrNotEnded)).await;
    check(
        400,
        r#"{"code":300,"message":"Cannot access meeting information"}"#,
        skip(SkipReason::NoPermission),
    )
    .await;
    check(418, r#"{"code":99999,"message":"x"}"#, skip(SkipReason::Other)).await;
    check(400, r#"{"code":99999,"message":"x"}"#, skip(SkipReason::BadParameter)).await;
    check(404, "", skip(SkipReason::NotFoundOrNotEnded)).await;
    check(408, "", Advice::Retry).await;
    check(500, "", Advice::Retry).await;
    check(502, "<html>bad gateway</html>", Advice::Retry).await;
}

fn qos() -> ListMetricsMeetingParticipantsQos {
    ListMetricsMeetingParticipantsQos::new(MeetingId(1), QosType::Past)
}

#[tokio::test]
async fn refusals_of_call_quality_say_what_to_do() {
    let not_found = Advice::Skip(SkipReason::NotFoundOrNotEnded);
    for message in [
        "This meeting's detail info is not available. This meeting has not ended yet or the Meeting ID is invalid",
        "This meeting's detail info is not available. The meeting ID is not valid or the meeting has not ended yet",
        "This webinar's detail is not available or the Webinar ID is not valid. This webinar has not ended yet",
    ] {
        let body = format!(r#"{{"code":3001,"message":"{message}"}}"#);
        let error = refusal_of(&qos(), answer(404, &body)).await;
        assert_eq!((error.advice(), error.message()), (&not_found, Some(message)));
    }
    let body =
        r#"{"code":200,"message":"Only available for paid accounts that have dashboard feature enabled"}"#;
    let feedback = ListMetricsMeetingSatisfaction::new(MeetingId(1), MetricsType::Past);
    let error = refusal_of(&feedback, answer(400, body)).await;
    let dashboards = SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards };
    assert_eq!(error.advice(), &Advice::Skip(dashboards));
}

#[tokio::test]
async fn a_300_without_a_word_is_a_refusal_where_it_is_documented() {
    let not_applicable = Advice::Skip(SkipReason::NotApplicable);
    for body in ["", " \r\n"] {
        let error = refusal_of(&qos(), answer(300, body)).await;
        assert_eq!((error.advice(), error.status(), error.message()), (&not_applicable, Some(300), None));
        assert!(error.to_string().contains("HTTP 300") && error.to_string().contains("webinar"), "{error}");
    }
    // A list of the account's meetings fits any account, and a web page is not from Zoom.
    assert_eq!(refusal_of(&resource_intensive(), answer(300, "")).await.advice(), &Advice::Retry);
    assert_eq!(refusal_of(&qos(), answer(300, "<html></html>")).await.advice(), &Advice::Retry);
    assert_eq!(refusal_of(&qos(), answer(200, "")).await.advice(), &Advice::Retry);
}

#[tokio::test]
async fn a_webinar_asked_for_as_a_meeting_is_told_from_one_that_may_not_be_seen() {
    let body = r#"{"code":300,"message":"Can not access webinar info, 123."}"#;
    let error = refusal_of(&qos(), answer(300, body)).await;
    assert_eq!(error.advice(), &Advice::Skip(SkipReason::NotApplicable));
    let webinar = ListMetricsWebinarParticipantsQos::new(MeetingId(1), QosType::Past);
    let error = refusal_of(&webinar, answer(300, body)).await;
    assert_eq!(error.advice(), &Advice::Skip(SkipReason::NoPermission));
}

#[tokio::test]
async fn a_refused_answer_can_be_looked_at_as_it_came() {
    let refused =
        || Response::builder().status(300).header("X-Zm-Trackingid", "WEB_1").body(Bytes::new()).unwrap();
    let fake = Fake::with_tokens(move |_| refused());
    let one = GetMetricsMeetingParticipantQos {
        meeting: MeetingId(1).into(),
        participant: ParticipantId::new("16778240").unwrap(),
        kind: QosType::Live,
    };
    let raw = client(&fake).send_raw(now(), &RawRequest::of(&one)).await.unwrap();
    assert_eq!((raw.status.as_u16(), raw.body.len()), (300, 0));
    assert_eq!(raw.headers["x-zm-trackingid"], "WEB_1");
    assert_eq!(raw.error.unwrap().advice(), &Advice::Skip(SkipReason::NotApplicable));
    assert!(fake.seen()[1].uri.ends_with("/metrics/meetings/1/participants/16778240/qos?type=live"));
}

#[tokio::test]
async fn an_error_keeps_all_that_zoom_said() {
    let error = refused(400, &sample("error-400-300-validation")).await;
    assert_eq!(
        (error.status(), error.code(), error.message()),
        (Some(400), Some(300), Some("Validation Failed."))
    );
    assert_eq!(error.errors()[1].field, "user_info.type");
    assert!(error.may_have_been_counted());
    assert_eq!(
        error.to_string(),
        "Zoom does not accept a parameter (HTTP 400, code 300, GET /past_meetings/{meetingId}/participants): \
         Validation Failed.; user_info.email: Invalid field.; user_info.type: Invalid field."
    );
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let error = refused(401, &sample("error-401-4700")).await;
    let Advice::Skip(SkipReason::ScopeMissing { scopes }) = error.advice() else { panic!("{error}") };
    assert!(scopes.contains(&"meeting:read:list_past_participants:admin".to_owned()), "{scopes:?}");
    let body = r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[report:read:admin, a:b]."}"#;
    let error = refused(400, body).await;
    let Advice::Skip(SkipReason::ScopeMissing { scopes }) = error.advice() else { panic!("{error}") };
    assert_eq!(scopes, &["report:read:admin", "a:b"]);
}

#[tokio::test]
async fn headers_say_which_limit_and_until_when() {
    let daily = Response::builder()
        .status(429)
        .header("X-RateLimit-Category", "Heavy")
        .header("X-RateLimit-Type", "Daily-limit")
        .header("X-RateLimit-Limit", "30000")
        .header("X-RateLimit-Remaining", "0")
        .header("Retry-After", "2026-11-21T00:00:30Z")
        .body(Bytes::new())
        .unwrap();
    let error = refusal_of(&resource_intensive(), daily).await;
    assert_eq!(error.advice(), &wait(RateLimit::Daily, Some("2026-11-21T00:00:30Z")));
    assert_eq!(error.limits().limit, Some(30_000));
    let qps = |category: &str| {
        Response::builder()
            .status(429)
            .header("x-ratelimit-type", "QPS")
            .header("x-ratelimit-category", category)
            .body(Bytes::new())
            .unwrap()
    };
    let error = refusal_of(&resource_intensive(), qps("Resource-intensive")).await;
    assert_eq!(error.advice(), &wait(RateLimit::PerMinute, None));
    let error = refusal_of(&resource_intensive(), qps("Heavy")).await;
    assert_eq!(error.advice(), &wait(RateLimit::PerSecond, None));
    let proxied = Response::builder().status(429).header("retry-after", "7").body(Bytes::new()).unwrap();
    let error = refusal_of(&GetMeeting::new(MeetingId(1)), proxied).await;
    assert_eq!(error.advice(), &wait(RateLimit::PerSecond, Some("2026-11-20T10:00:07Z")));
    let error = refused(429, r#"{"code":429,"message":"Something new."}"#).await;
    assert_eq!(error.advice(), &wait(RateLimit::Unknown, None));
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_asked_for_again() {
    for body in ["", "{", r#"{"participants":[{"name":"A"#, "null", "[]", "nonsense", "<html></html>"] {
        let error = refused(200, body).await;
        assert!(matches!(error.kind(), ErrorKind::Unreadable { .. }), "{body}: {error:?}");
        assert_eq!(error.advice(), &Advice::Retry, "{body}");
    }
    // Nothing of a list is not an empty list.
    assert_eq!(refused(200, "{}").await.advice(), &Advice::Retry);
    assert_eq!(refused(200, r#"{"status":"ok"}"#).await.advice(), &Advice::Retry);
}

#[tokio::test]
async fn an_answer_that_is_only_empty_is_an_answer() {
    let fake =
        Fake::with_tokens(|_| answer(200, r#"{"participants":[],"total_records":0,"next_page_token":""}"#));
    let answer = client(&fake).send(now(), &ListPastMeetingParticipants::new(MeetingId(1))).await.unwrap();
    assert!(answer.value.participants.is_empty());
}

#[tokio::test]
async fn a_page_of_html_is_quoted_in_brief() {
    let long = format!("<html>\n\n<h1>Forbidden</h1>{}</html>", "x".repeat(5000));
    let error = refused(403, &long).await;
    assert_eq!(error.advice(), &Advice::Skip(SkipReason::NoPermission));
    assert!(error.message().unwrap().starts_with("<html> <h1>Forbidden</h1>xxx"));
    assert!(error.message().unwrap().len() <= 120);
}

#[tokio::test]
async fn single_answers_are_told_from_errors_too() {
    let fake = Fake::with_tokens(|_| answer(200, r#"{"code":3001,"message":"Meeting does not exist: 1."}"#));
    let error =
        client(&fake).send(now(), &GetPastMeeting { meeting: MeetingId(1).into() }).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Skip(SkipReason::NotFoundOrNotEnded));
}
