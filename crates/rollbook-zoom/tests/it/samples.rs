//! Zoom's own samples, each read without a remainder.

use rollbook_zoom::endpoint::account_settings::GetAccountSettings;
use rollbook_zoom::endpoint::meetings::GetMeeting;
use rollbook_zoom::endpoint::metrics::{
    GetMetricsMeeting, GetMetricsWebinar, ListMetricsMeetings, ListMetricsWebinars,
};
use rollbook_zoom::endpoint::metrics_participants::{
    ListMetricsMeetingParticipants, ListMetricsWebinarParticipants,
};
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, GetMetricsWebinarParticipantQos, ListMetricsMeetingParticipantsQos,
    ListMetricsWebinarParticipantsQos,
};
use rollbook_zoom::endpoint::metrics_qos_summary::{
    ListMetricsMeetingParticipantsQosSummary, ListMetricsWebinarParticipantsQosSummary,
};
use rollbook_zoom::endpoint::metrics_satisfaction::{
    ListMetricsMeetingSatisfaction, ListMetricsWebinarSatisfaction,
};
use rollbook_zoom::endpoint::metrics_sharing::{ListMetricsMeetingSharing, ListMetricsWebinarSharing};
use rollbook_zoom::endpoint::past_meetings::{
    GetPastMeeting, ListPastMeetingInstances, ListPastMeetingParticipants,
};
use rollbook_zoom::endpoint::past_webinars::{
    ListPastWebinarAbsentees, ListPastWebinarInstances, ListPastWebinarParticipants,
};
use rollbook_zoom::endpoint::reports::{
    GetReportMeeting, GetReportWebinar, ListHistoryMeetings, ListReportMeetingParticipants,
    ListReportUserMeetings, ListReportUsers, ListReportWebinarParticipants,
};
use rollbook_zoom::endpoint::users::{GetUser, ListUsers};
use rollbook_zoom::endpoint::{
    CreateMeeting, CreateUser, ListUpcomingMeetings, ListUserMeetings, ListUserWebinars,
};
use rollbook_zoom::{Endpoint, Operation, decode};
use serde_json::{Map, Value, json};

use crate::fake::notes;

/// What reading a body leaves: unknown members, unreadable values, trailing bytes.
type Remainder = Result<(Vec<String>, u32, usize, bool), String>;
type Reader = fn(&[u8]) -> Remainder;

fn read<E: Endpoint>(body: &[u8]) -> Remainder {
    let decoded = decode::<E::Answer>(body).map_err(|error| error.to_string())?;
    Ok((decoded.unknown_fields, decoded.unreadable, decoded.trailing_bytes, decoded.is_foreign))
}

fn typed() -> Vec<(Operation, Reader)> {
    macro_rules! readers {
        ($($endpoint:ty),* $(,)?) => { vec![$((<$endpoint>::OPERATION, read::<$endpoint> as Reader)),*] };
    }
    readers![
        ListMetricsMeetings,
        ListMetricsWebinars,
        GetMetricsMeeting,
        GetMetricsWebinar,
        ListMetricsMeetingParticipants,
        ListMetricsWebinarParticipants,
        ListMetricsMeetingParticipantsQos,
        ListMetricsWebinarParticipantsQos,
        GetMetricsMeetingParticipantQos,
        GetMetricsWebinarParticipantQos,
        ListMetricsMeetingParticipantsQosSummary,
        ListMetricsWebinarParticipantsQosSummary,
        ListMetricsMeetingSatisfaction,
        ListMetricsWebinarSatisfaction,
        ListMetricsMeetingSharing,
        ListMetricsWebinarSharing,
        ListReportUsers,
        ListReportUserMeetings,
        ListHistoryMeetings,
        GetReportMeeting,
        GetReportWebinar,
        ListReportMeetingParticipants,
        ListReportWebinarParticipants,
        GetPastMeeting,
        ListPastMeetingInstances,
        ListPastMeetingParticipants,
        ListPastWebinarInstances,
        ListPastWebinarParticipants,
        ListPastWebinarAbsentees,
        ListUsers,
        GetUser,
        GetMeeting,
        GetAccountSettings,
        ListUserMeetings,
        ListUpcomingMeetings,
        ListUserWebinars,
        CreateMeeting,
        CreateUser,
    ]
}

/// Samples that were seen in practice, beside those of Zoom's documents.
const OBSERVED: usize = 2;

/// `metrics-meetings-meetingId_GET.json` is a sample of `GET /metrics/meetings/{meetingId}`.
fn reader_for(file: &str) -> Option<Reader> {
    let file = match file {
        "observed-metrics-meetings-empty-times_GET.json" => "metrics-meetings_GET.json",
        "observed-metrics-meetings-participants-qos-gaps_GET.json" => {
            "metrics-meetings-meetingId-participants-qos_GET.json"
        }
        _ => file,
    };
    typed()
        .into_iter()
        .find(|(operation, _)| file == format!("{}_{}.json", key(*operation), operation.facts().method))
        .map(|(_, read)| read)
}

fn key(operation: Operation) -> String {
    operation.facts().path.trim_start_matches('/').replace('/', "-").replace(['{', '}'], "")
}

fn check_folder(folder: &std::path::Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let Some(read) = reader_for(&name) else { continue };
        let body = std::fs::read(entry.path()).unwrap();
        assert_eq!(read(&body), Ok((vec![], 0, 0, false)), "{name}");
        files += 1;
    }
    files
}

#[test]
fn every_sample_reads_without_a_remainder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/answers");
    assert_eq!(check_folder(&folder), typed().len() + OBSERVED);
    if let Some(folder) = notes("examples") {
        assert_eq!(check_folder(&folder), typed().len() + OBSERVED);
    }
}

#[test]
fn every_member_of_the_schemas_is_known() {
    let Some(path) = notes("openapi.json") else { return };
    let schemas: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for (operation, read) in typed() {
        let method = operation.facts().method.to_lowercase();
        let status = if method == "post" { "201" } else { "200" };
        let answer = &schemas["paths"][operation.facts().path][method.as_str()]["responses"][status];
        let answer = resolved(answer, &schemas);
        let schema = answer["content"].as_object().unwrap().values().next().unwrap()["schema"].clone();
        let body = filled(&schema, &schemas);
        assert!(body.as_object().is_some_and(|body| !body.is_empty()), "{operation}");
        let (unknown, _, _, is_foreign) = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((unknown, is_foreign), (vec![], false), "{operation}");
    }
}

fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(pointer) => resolved(root.pointer(pointer.trim_start_matches('#')).unwrap(), root),
        None => schema,
    }
}

/// An object with every member the schema has.
fn filled(schema: &Value, root: &Value) -> Value {
    let schema = resolved(schema, root);
    let mut members = Map::new();
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[name].as_array()).flatten() {
        if let Value::Object(more) = filled(part, root) {
            members.extend(more);
        }
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        members.insert(name.clone(), filled(member, root));
    }
    match schema["type"].as_str() {
        Some("array") => json!([filled(&schema["items"], root)]),
        Some("object") => Value::Object(members),
        _ if !members.is_empty() => Value::Object(members),
        _ => Value::Null,
    }
}
