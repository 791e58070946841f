//! What holds for every input.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use rollbook_zoom::duration::{ClockDuration, RoundedMinutes};
use rollbook_zoom::endpoint::metrics::MetricsMeetings;
use rollbook_zoom::endpoint::past_meetings::PastParticipants;
use rollbook_zoom::limits::LimitHeaders;
use rollbook_zoom::{MeetingId, MeetingRef, MeetingUuid, decode};
use serde_json::{Value, json};

use crate::fake::now;

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9:]{0,8}".prop_map(Value::from),
        Just(json!("2022-03-23T06:58:09Z")),
    ];
    let key = prop_oneof![
        Just("participants".to_owned()),
        Just("meetings".to_owned()),
        Just("duration".to_owned()),
        Just("start_time".to_owned()),
        Just("id".to_owned()),
        Just("total_records".to_owned()),
        Just("next_page_token".to_owned()),
        "[a-z]{1,4}",
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_uuid_in_a_path_decodes_to_itself(text in "[A-Za-z0-9+/=]{1,24}") {
        let uuid = MeetingUuid::new(text.clone()).unwrap();
        let segment = uuid.path_segment();
        prop_assert!(!segment.contains('/'));
        let once = percent_decode(&segment);
        let is_twice = text.starts_with('/') || text.contains("//");
        prop_assert_eq!(if is_twice { percent_decode(&once) } else { once }, text);
    }

    #[test]
    fn any_text_stays_one_segment(text in ".{1,24}") {
        let segment = MeetingUuid::new(text).unwrap().path_segment();
        prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
        prop_assert!(segment != "." && segment != "..");
    }

    #[test]
    fn a_number_reads_however_it_is_grouped(number in 1u64..100_000_000_000, glue in "[ -]") {
        let digits = number.to_string();
        let grouped: Vec<String> =
            digits.as_bytes().chunks(4).map(|chunk| String::from_utf8(chunk.to_vec()).unwrap()).collect();
        prop_assert_eq!(grouped.join(&glue).parse::<MeetingRef>().unwrap(), MeetingRef::Id(MeetingId(number)));
    }

    #[test]
    fn objects_of_any_members_are_read(members in any_json()) {
        let body = json!({ "participants": members, "meetings": members, "total_records": members }).to_string();
        decode::<PastParticipants>(body.as_bytes()).unwrap();
        decode::<MetricsMeetings>(body.as_bytes()).unwrap();
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<PastParticipants>(&body);
    }

    #[test]
    fn a_body_cut_anywhere_is_never_taken_for_whole(cut in 1usize..200) {
        let whole = r#"{"participants":[{"name":"A \u00e9","duration":259,"id":"x"},{"name":"B"}],"next_page_token":""}"#;
        prop_assume!(cut < whole.len());
        let error = decode::<PastParticipants>(&whole.as_bytes()[..whole.len() - cut]).unwrap_err();
        prop_assert!(error.is_truncated, "{}", error);
    }

    #[test]
    fn a_row_of_the_wrong_kind_costs_only_itself(before in 0usize..5, after in 0usize..5, odd in any_json()) {
        prop_assume!(!odd.is_object());
        let mut rows = vec![json!({"name": "A"}); before];
        rows.push(odd);
        rows.extend(vec![json!({"name": "B"}); after]);
        let decoded = decode::<PastParticipants>(json!({ "participants": rows }).to_string().as_bytes()).unwrap();
        prop_assert_eq!(decoded.value.participants.len(), before + after);
        prop_assert_eq!(decoded.unreadable, 1);
    }

    #[test]
    fn a_clock_shows_what_it_was_set_to(seconds in 0u64..360_000) {
        let text = ClockDuration(seconds).to_string();
        prop_assert_eq!(ClockDuration::parse(&text), Some(ClockDuration(seconds)));
    }

    #[test]
    fn any_text_is_a_clock_or_none(text in ".{0,20}") {
        let _ = ClockDuration::parse(&text);
    }

    #[test]
    fn rounded_minutes_hold_what_they_were_rounded_from(seconds in 0u64..100_000) {
        let minutes = RoundedMinutes(seconds.div_ceil(60));
        prop_assert!((minutes.seconds_min()..=minutes.seconds_max()).contains(&seconds));
    }

    #[test]
    fn headers_of_any_content_are_read(values in prop::collection::vec("[\\x20-\\x7e]{0,40}", 6)) {
        let names = ["retry-after", "x-ratelimit-type", "x-ratelimit-limit", "x-ratelimit-remaining",
            "x-ratelimit-reset", "x-ratelimit-category"];
        let mut headers = HeaderMap::new();
        for (name, value) in names.into_iter().zip(&values) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let _ = LimitHeaders::read(&headers, now());
    }

    #[test]
    fn seconds_to_wait_are_counted_from_now(seconds in 0u32..172_800) {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from(seconds));
        let at = LimitHeaders::read(&headers, now()).retry_at.unwrap();
        prop_assert_eq!(now().duration_until(at).as_secs(), i64::from(seconds));
    }
}
