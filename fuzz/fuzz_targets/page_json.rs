//! Any body of an answer is read or refused, never a panic, and reading it twice gives the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_zoom::endpoint::account_settings::AccountSettings;
use rollbook_zoom::endpoint::meetings::Meeting;
use rollbook_zoom::endpoint::metrics::MetricsMeetings;
use rollbook_zoom::endpoint::metrics_participants::MetricsMeetingParticipants;
use rollbook_zoom::endpoint::past_meetings::PastParticipants;
use rollbook_zoom::endpoint::reports::{HistoryMeetings, ReportParticipants, ReportUserMeetings};
use rollbook_zoom::endpoint::users::Users;
use rollbook_zoom::{Page, decode};

fuzz_target!(|body: &[u8]| {
    if let Ok(first) = decode::<PastParticipants>(body) {
        let second = decode::<PastParticipants>(body).expect("it could be read before");
        assert_eq!(first, second);
        assert!(first.trailing_bytes <= body.len() * 3, "replaced bytes take three each at most");
        assert!(first.value.next_page_token().is_none_or(|token| !token.as_str().is_empty()));
    }
    let _ = decode::<ReportParticipants>(body);
    let _ = decode::<MetricsMeetings>(body);
    let _ = decode::<MetricsMeetingParticipants>(body);
    let _ = decode::<ReportUserMeetings>(body);
    let _ = decode::<HistoryMeetings>(body);
    let _ = decode::<Users>(body);
    let _ = decode::<Meeting>(body);
    let _ = decode::<AccountSettings>(body);
});
