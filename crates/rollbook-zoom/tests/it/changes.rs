//! Requests that change something: what they send, what their answers mean, and what may be sent twice.

use std::collections::BTreeSet;

use rollbook_zoom::endpoint::change_meetings::{CreateMeeting, MeetingFields, UpdateMeeting};
use rollbook_zoom::endpoint::change_users::{CreateUser, CreateUserAction};
use rollbook_zoom::endpoint::meetings::{GetMeeting, Meeting};
use rollbook_zoom::endpoint::user_meetings::{
    ListUpcomingMeetings, ListUserMeetings, ListUserWebinars, PlannedMeetings, PlannedType,
};
use rollbook_zoom::endpoint::users::User;
use rollbook_zoom::word::MeetingKind;
use rollbook_zoom::{
    Advice, Endpoint, Error, MeetingId, Nothing, Operation, PageToken, Paged, RateLimit, RawRequest,
    SkipReason, TransportError, TransportErrorKind, UserId, decode,
};
use serde_json::{Map, Value, json};

use crate::fake::{Fake, answer, client, notes, now, sample};

fn host() -> UserId {
    UserId::new("jill@example.com").unwrap()
}

fn others(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn plan() -> MeetingFields {
    MeetingFields {
        topic: Some("Algebra".to_owned()),
        kind: Some(MeetingKind(2)),
        start_time: Some("2026-11-25T09:00:00Z".parse().unwrap()),
        duration: Some(90),
        timezone: Some("Europe/Madrid".to_owned()),
        others: others(json!({"settings": {"waiting_room": true}, "topic": "not this one"})),
        ..MeetingFields::default()
    }
}

fn user() -> CreateUser {
    CreateUser {
        action: CreateUserAction::SsoCreate,
        email: "jill@example.com".to_owned(),
        licence: 2,
        first_name: Some("Jill".to_owned()),
        last_name: None,
        others: Map::new(),
    }
}

fn update(plan: MeetingFields) -> UpdateMeeting {
    UpdateMeeting { meeting: MeetingId(99_263_817_135), occurrence_id: None, plan }
}

fn check<E: Endpoint>(endpoint: &E, method: &str, target: &str) {
    let request = RawRequest::of(endpoint);
    assert_eq!((request.operation.method().as_str(), request.target.as_str()), (method, target));
}

#[test]
fn plans_of_a_user_are_asked_for_by_type_and_zone() {
    let mut list = ListUserMeetings::new(host(), PlannedType::Upcoming);
    check(&list, "GET", "/users/jill%40example.com/meetings?type=upcoming&page_size=300");
    list.from = Some(jiff::civil::date(2026, 2, 3));
    list.timezone = Some("Europe/Madrid".to_owned());
    check(
        &list.with_token(&PageToken("t".to_owned())),
        "GET",
        "/users/jill%40example.com/meetings?type=upcoming&from=2026-02-03&timezone=Europe%2FMadrid&page_size=300\
         &next_page_token=t",
    );
    check(&ListUpcomingMeetings { user: host() }, "GET", "/users/jill%40example.com/upcoming_meetings");
    let webinars = ListUserWebinars::new(host());
    check(&webinars, "GET", "/users/jill%40example.com/webinars?type=scheduled&page_size=300");
    let words: Vec<&str> = PlannedType::ALL.into_iter().map(PlannedType::as_str).collect();
    assert_eq!(words, ["scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"]);
}

#[test]
fn a_change_is_sent_in_zooms_words() {
    let create = CreateMeeting { host: host(), plan: plan() };
    check(&create, "POST", "/users/jill%40example.com/meetings");
    assert_eq!(
        create.body().unwrap(),
        json!({
            "topic": "Algebra", "type": 2, "start_time": "2026-11-25T09:00:00Z", "duration": 90,
            "timezone": "Europe/Madrid", "settings": {"waiting_room": true}
        })
    );
    let mut change = update(MeetingFields { duration: Some(60), ..MeetingFields::default() });
    check(&change, "PATCH", "/meetings/99263817135");
    assert_eq!(change.body().unwrap(), json!({"duration": 60}), "what is not named stays as it is");
    change.occurrence_id = Some("1648194360000".to_owned());
    check(&change, "PATCH", "/meetings/99263817135?occurrence_id=1648194360000");
    check(&user(), "POST", "/users");
    assert_eq!(
        user().body().unwrap(),
        json!({"action": "ssoCreate", "user_info": {"email": "jill@example.com", "type": 2, "first_name": "Jill"}})
    );
}

#[test]
fn every_member_that_is_sent_stands_in_the_documents() {
    let Some(path) = notes("openapi.json") else { return };
    let schemas: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let plan = MeetingFields {
        agenda: Some("a".to_owned()),
        password: Some("p".to_owned()),
        others: Map::new(),
        ..plan()
    };
    let user = CreateUser { last_name: Some("Chill".to_owned()), ..user() };
    let bodies = [
        ("MeetingCreateRequest", plan.to_json()),
        ("MeetingUpdateRequest", plan.to_json()),
        ("UserCreateRequest", user.body().unwrap()),
    ];
    for (name, body) in bodies {
        known(&schemas["components"]["schemas"][name], &body, name);
    }
    let words: BTreeSet<&str> = CreateUserAction::ALL.into_iter().map(CreateUserAction::as_str).collect();
    let actions = &schemas["components"]["schemas"]["UserCreateRequest"]["properties"]["action"]["enum"];
    assert_eq!(words, actions.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect());
}

fn known(schema: &Value, body: &Value, path: &str) {
    for (name, value) in body.as_object().into_iter().flatten() {
        let member = &schema["properties"][name];
        assert!(member.is_object(), "{path}.{name} is not in the documents");
        known(member, value, &format!("{path}.{name}"));
    }
}

#[test]
fn what_zoom_would_refuse_is_found_before_it_is_sent() {
    let check = |plan: MeetingFields, said: &str| {
        let told = plan.check().err().unwrap_or_default();
        assert!(told.contains(said) && told.is_empty() == said.is_empty(), "{told:?} instead of {said:?}");
    };
    let topic = |length: usize| MeetingFields { topic: Some("ä".repeat(length)), ..plan() };
    check(topic(200), "");
    check(topic(201), "topic has 201 characters");
    check(MeetingFields { password: Some("12345678901".to_owned()), ..plan() }, "at most 10");
    check(MeetingFields { duration: Some(1_440), ..plan() }, "");
    check(MeetingFields { duration: Some(1_441), ..plan() }, "duration 1441");
    check(MeetingFields { duration: Some(0), ..plan() }, "duration 0");
    check(MeetingFields { kind: Some(MeetingKind(9)), ..plan() }, "type 9");
    let by_others = |value| MeetingFields { others: others(value), ..MeetingFields::default() };
    check(by_others(json!({"duration": "long"})), "duration \"long\"");
    check(by_others(json!({"type": 8, "recurrence": {"type": 1}})), "");

    let check = |user: CreateUser, said: &str| {
        let told = user.check().err().unwrap_or_default();
        assert!(told.contains(said) && told.is_empty() == said.is_empty(), "{told:?} instead of {said:?}");
    };
    check(user(), "");
    for email in ["jill", "@example.com", "jill@", "jill @example.com", ""] {
        check(CreateUser { email: email.to_owned(), ..user() }, "is not an e-mail address");
    }
    check(CreateUser { licence: 4, ..user() }, "type 4 is no licence");
    check(CreateUser { first_name: Some("x".repeat(65)), ..user() }, "first_name has 65");
}

#[test]
fn quirk_13_a_created_meeting_has_its_number_as_a_number_or_as_text() {
    for text in ["92674392836", r#""92674392836""#] {
        let meeting = decode::<Meeting>(format!(r#"{{"id":{text}}}"#).as_bytes()).unwrap().value;
        assert_eq!(meeting.id, Some(MeetingId(92_674_392_836)));
        let list = format!(r#"{{"meetings":[{{"id":{text}}}]}}"#);
        let list = decode::<PlannedMeetings>(list.as_bytes()).unwrap().value;
        assert_eq!(list.meetings[0].id, Some(MeetingId(92_674_392_836)));
    }
}

#[test]
fn quirk_22_a_plan_in_a_personal_room_is_told_by_its_type() {
    let list = decode::<PlannedMeetings>(br#"{"meetings":[{"id":1,"type":4},{"id":2,"type":8}]}"#).unwrap();
    let rooms: Vec<bool> = list.value.meetings.iter().map(|m| m.kind.unwrap().is_personal_room()).collect();
    assert_eq!(rooms, [true, false]);
}

#[test]
fn quirk_65_a_plan_with_members_and_words_nobody_announced_is_read() {
    let body = r#"{"id":1,"type":77,"status":"dreaming","new_member":{"a":1},"settings":{"newer":true}}"#;
    let decoded = decode::<Meeting>(body.as_bytes()).unwrap();
    assert_eq!(decoded.value.kind, Some(MeetingKind(77)));
    assert_eq!(decoded.value.status.as_deref(), Some("dreaming"));
    assert_eq!(decoded.value.settings, Some(json!({"newer": true})));
    assert_eq!((decoded.unknown_fields, decoded.unreadable), (vec!["new_member".to_owned()], 0));
}

async fn outcome<E: Endpoint>(endpoint: &E, status: u16, body: &str) -> Result<E::Answer, Error> {
    let body = body.to_owned();
    let fake = Fake::with_tokens(move |_| answer(status, &body));
    client(&fake).send(now(), endpoint).await.map(|answer| answer.value)
}

#[tokio::test]
async fn a_change_is_answered_without_a_word() {
    let change = update(plan());
    for (status, body) in [(204, ""), (200, "{}"), (200, r#"{"id":1}"#), (204, "{}")] {
        assert_eq!(outcome(&change, status, body).await.unwrap(), Nothing, "{status} {body:?}");
    }
    // Whoever asks for something is not served with nothing.
    for (status, body) in [(204, ""), (200, ""), (200, "null")] {
        assert!(outcome(&GetMeeting::new(MeetingId(1)), status, body).await.is_err(), "{status} {body:?}");
    }
}

#[tokio::test]
async fn a_change_goes_out_with_its_method_and_body() {
    let fake = Fake::with_tokens(|_| answer(201, &sample("users-userId-meetings_POST")));
    let create = CreateMeeting { host: host(), plan: plan() };
    let made = client(&fake).send(now(), &create).await.unwrap().value;
    assert_eq!((made.id, made.duration.unwrap().0), (Some(MeetingId(92_674_392_836)), 60));
    let seen = &fake.seen()[1];
    assert_eq!(
        (seen.method.as_str(), seen.uri.rsplit("/v2").next()),
        ("POST", Some("/users/jill%40example.com/meetings"))
    );
    assert_eq!(serde_json::from_str::<Value>(&seen.body).unwrap(), plan().to_json());
    let fake = Fake::with_tokens(|_| answer(201, &sample("users_POST")));
    let added: User = client(&fake).send(now(), &user()).await.unwrap().value;
    assert_eq!(added.id, Some(UserId::new("KDcuGIm1QgePTO8WbOqwIQ").unwrap()));
    assert_eq!(fake.seen()[1].method, "POST");
}

#[tokio::test]
async fn quirk_59_a_change_that_is_answered_with_the_body_of_an_error_was_not_made() {
    let body = r#"{"code":200,"message":"No permission."}"#;
    for status in [200, 201] {
        let change = outcome(&update(plan()), status, body).await.unwrap_err();
        let added = outcome(&user(), status, body).await.unwrap_err();
        for error in [change, added] {
            assert_eq!(error.advice(), &Advice::Skip(SkipReason::NoPermission));
            assert!(error.surely_did_nothing());
        }
    }
}

#[tokio::test]
async fn only_what_surely_did_nothing_may_be_sent_again() {
    let check = async |status, body: &str, expected| {
        let error = outcome(&user(), status, body).await.unwrap_err();
        assert_eq!(error.surely_did_nothing(), expected, "{status} {body}: {error}");
    };
    check(429, &sample("error-429-per-second"), true).await;
    check(429, &sample("error-429-concurrent"), true).await;
    check(401, &sample("error-401-124"), true).await;
    check(409, r#"{"code":1005,"message":"Email \"jill@example.com\" has already been used."}"#, true).await;
    check(404, &sample("error-404-1001"), true).await;
    check(500, "", false).await;
    check(502, "<html>bad gateway</html>", false).await;
    check(408, "", false).await;
    check(200, "<html>proxy</html>", false).await;
    check(201, "{\"id\":926", false).await;
    for (kind, expected) in [
        (TransportErrorKind::Connect, true),
        (TransportErrorKind::Tls, true),
        (TransportErrorKind::Timeout, false),
        (TransportErrorKind::Interrupted, false),
        (TransportErrorKind::TooLarge, false),
        (TransportErrorKind::Other, false),
    ] {
        let fake = Fake::new(move |seen, _| match seen.is_for_token() {
            true => Ok(crate::fake::token("t", 3600)),
            false => Err(TransportError::new(kind, "")),
        });
        let error = client(&fake).send(now(), &user()).await.unwrap_err();
        assert_eq!(error.surely_did_nothing(), expected, "{error}");
    }
    // Without a token nothing was sent at all.
    let fake = Fake::new(|_, _| Err(TransportError::new(TransportErrorKind::Timeout, "")));
    assert!(client(&fake).send(now(), &user()).await.unwrap_err().surely_did_nothing());
}

#[tokio::test]
async fn the_allowance_of_one_host_is_told_from_that_of_the_account() {
    let error = outcome(&update(plan()), 429, &sample("error-429-user-daily-100")).await.unwrap_err();
    let until = Some("2026-11-21T00:00:00Z".parse().unwrap());
    assert_eq!(error.advice(), &Advice::Wait { limit: RateLimit::UserDaily, until });
    assert_eq!(error.operation(), Some(Operation::UpdateMeeting));
}
