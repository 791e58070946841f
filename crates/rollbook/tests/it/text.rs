//! What people see, on a page of a hundred columns and a small ledger made by hand.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::cli::attendance::{self, By};
use rollbook::cli::meeting::MeetingName;
use rollbook::cli::page::Page;
use rollbook::cli::runs;
use rollbook::cli::status;
use rollbook::cli::why;
use rollbook::collector::reconsider::derive_stays;
use rollbook::report::evidence::{Wanted, tell};
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::label::Label;
use rollbook_core::limits::{DayBucket, Plan};
use rollbook_core::listing::List;
use rollbook_core::reading::{Outcome, Reading, Row, Status};
use rollbook_core::stay::summarise;
use rollbook_core::time::Window;
use rollbook_store::{JobSpec, State, Store};

const ALGEBRA: &str = "91234567890";

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn page() -> Page {
    Page { width: 100, zone: TimeZone::get("Europe/Berlin").unwrap(), now: at("18:00:00") }
}

fn instance(uuid: &str, number: u64, topic: &str, times: Option<(&str, &str)>) -> Instance {
    Instance {
        uuid: uuid.to_owned(),
        kind: Kind::Meeting,
        number: Some(number),
        topic: Some(topic.to_owned()),
        host_email: Some("noether@uni.example".into()),
        host_name: Some("Emmy Noether".into()),
        zoom_type: None,
        started_at: times.map(|(from, _)| at(from)),
        ended_at: times.map(|(_, to)| at(to)),
        times_from: if times.is_some() { TimesFrom::List } else { TimesFrom::Nowhere },
        listed_count: times.map(|_| 3),
        is_one_person: false,
        is_live: false,
    }
}

/// `"101 Ana Lopez, 09:00:00 10:00:00"`, with `-` for an unknown leave and `w` behind for the waiting room.
fn row(text: &str) -> Row {
    let (who, times) = text.split_once(", ").unwrap();
    let (user_id, name) = who.split_once(' ').unwrap();
    let words: Vec<&str> = times.split_whitespace().collect();
    let left_at = (words[1] != "-").then(|| at(words[1]));
    Row {
        user_id: user_id.to_owned(),
        name: Some(name.to_owned()),
        email: (name == "Ana Lopez").then(|| "ana@uni.example".to_owned()),
        joined_at: Some(at(words[0])),
        left_at,
        duration_seconds: left_at.map(|left| left.duration_since(at(words[0])).as_secs()),
        status: if words.len() > 2 { Status::InWaitingRoom } else { Status::InMeeting },
        ..Row::default()
    }
}

struct Ledger {
    store: Store,
    run: i64,
}

impl Ledger {
    fn put(&mut self, instance: Instance, state: State, reason: &str, next_look_at: Option<&str>) -> i64 {
        let found = self.store.put_instance(at("17:00:00"), "default", instance).unwrap();
        let next = next_look_at.map(at);
        self.store.set_state(at("17:05:00"), found.record.id, state, Some(reason), next).unwrap();
        found.record.id
    }

    fn read(&mut self, id: i64, asked: &str, rows: &[&str]) {
        let rows: Vec<Row> = rows.iter().map(|text| row(text)).collect();
        let family = Family::PastMeetings;
        let outcome = if rows.is_empty() { Outcome::Empty } else { Outcome::Rows(summarise(family, &rows)) };
        let reading = Reading { family, asked_at: at(asked), outcome };
        self.store.add_reading(id, self.run, 1, &reading, &rows).unwrap();
        let record = self.store.instance(id).unwrap().unwrap();
        let stays = derive_stays(&record, &self.store.evidence(id).unwrap());
        self.store.put_stays(id, &stays).unwrap();
    }
}

/// Linear Algebra, restarted once; a seminar that is not complete yet; one whose times nobody told; one closed.
fn ledger() -> Ledger {
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let run = store.start_run(at("17:00:00"), "sync --from 2026-11-20 --to 2026-11-20").unwrap();
    let mut ledger = Ledger { store, run };
    let why = "one reading of past_meetings 6h 12m after the end; 3 people listed, 3 to 4 found";
    let first =
        instance("/aXp112QmuoKj4854875==", 91_234_567_890, "Linear Algebra", Some(("08:00:00", "09:00:00")));
    let first = ledger.put(first, State::Verified, why, None);
    ledger.read(
        first,
        "17:02:00",
        &[
            "101 Ana Lopez, 07:58:00 08:00:00 w",
            "102 Ana Lopez, 08:00:00 09:00:00",
            "103 山田太郎, 08:10:00 08:30:00",
            "104 山田太郎, 08:40:00 09:00:00",
            "105 Bartholomew Featherstonehaugh-Cholmondeley, 08:00:00 08:00:20",
        ],
    );
    let second =
        instance("bXp112QmuoKj4854875==", 91_234_567_890, "Linear Algebra", Some(("09:04:00", "09:30:00")));
    let second = ledger.put(second, State::Verified, why, None);
    ledger.read(second, "17:02:10", &["201 Ana Lopez, 09:04:00 09:30:00"]);
    let seminar =
        instance("cXp112QmuoKj4854875==", 92_222_333_444, "Seminar", Some(("16:00:00", "17:00:00")));
    let reason = "past_meetings has 1 unfinished of 2 rows";
    let seminar = ledger.put(seminar, State::Fetched, reason, Some("18:30:00"));
    ledger
        .store
        .add_details_reading(
            at("17:01:00"),
            seminar,
            run,
            &serde_json::json!({ "started_at": "2026-11-20T16:00:00Z", "ended_at": null, "listed_count": 3 }),
        )
        .unwrap();
    ledger.read(seminar, "17:03:00", &["301 Cem, 16:00:00 -", "302 Dana, 16:05:00 16:20:00"]);
    let job = JobSpec {
        account: "default".into(),
        pool: "default".into(),
        ask: Ask::Participants { instance: seminar, family: Family::PastMeetings },
        label: Label::Medium,
        urgency: Urgency::Attendance.rank(),
        is_person: false,
        due_at: at("18:30:00"),
        reason: reason.into(),
    };
    ledger.store.put_job(&job).unwrap();
    let nowhere = instance("dXp112QmuoKj4854875==", 93_333_444_555, "Office hour", None);
    ledger.put(nowhere, State::Ended, "Zoom's list has no times or no count for it", Some("17:50:00"));
    let closed = instance("eXp112QmuoKj4854875==", 94_444_555_666, "Thesis", Some(("12:00:00", "12:30:00")));
    ledger.put(closed, State::Closed, "Zoom tells no participants: past_meetings is empty", None);
    let day = Window::of_day(jiff::civil::date(2026, 11, 20), &page().zone);
    ledger.store.ensure_listing("default", List::MeetingsPast, day).unwrap();
    ledger.store.note_listed("default", List::MeetingsPast, day, at("17:00:00")).unwrap();
    ledger.store.note_day_spent(at("17:30:00"), "default", DayBucket::Shared, 4_100).unwrap();
    ledger.store.pause_label("default", Label::Medium, at("18:00:40")).unwrap();
    ledger
        .store
        .note_run(at("17:04:00"), run, "the report of one meeting was refused: no permission")
        .unwrap();
    ledger.store.end_run(at("17:06:00"), run, 3, "3 of 5 instances settled, 7 calls").unwrap();
    ledger
}

#[test]
fn status_reads_well() {
    let ledger = ledger();
    let question = status::Question {
        now: page().now,
        account: None,
        days: None,
        window: None,
        accounts: &[],
        scope: rollbook::config::Scope::Account,
    };
    let mut report = status::Report::look(&ledger.store, &question).unwrap();
    report.store.bytes = 123_456;
    insta::assert_snapshot!(report.text(&page()));
}

fn attendance_text(meeting: &str, by: By, date: Option<&str>) -> String {
    let question = attendance::Question {
        by,
        with_withdrawn: false,
        date: date.map(|text| text.parse().unwrap()),
        zone: page().zone,
    };
    let meeting: MeetingName = meeting.parse().unwrap();
    let report = attendance::Report::look(&ledger().store, None, &meeting, &question).unwrap();
    report.text(&page())
}

#[test]
fn attendance_of_a_restarted_meeting_reads_well() {
    insta::assert_snapshot!(attendance_text(ALGEBRA, By::Person, None));
}

#[test]
fn attendance_by_stay_reads_well() {
    insta::assert_snapshot!(attendance_text("/aXp112QmuoKj4854875==", By::Stay, Some("2026-11-20")));
}

#[test]
fn attendance_that_is_not_verified_says_so() {
    insta::assert_snapshot!(attendance_text("922 2233 3444", By::Person, None));
}

#[test]
fn attendance_that_nobody_told_is_not_shown_as_absence() {
    insta::assert_snapshot!(attendance_text("93333444555", By::Person, None));
}

fn why_text(meeting: &str, wanted: Wanted<'_>) -> String {
    let ledger = ledger();
    let meeting: MeetingName = meeting.parse().unwrap();
    let records = meeting.find(&ledger.store, None).unwrap();
    why::text(&page(), &meeting, &tell(&ledger.store, records, wanted, 5).unwrap())
}

#[test]
fn why_of_an_open_instance_reads_well() {
    insta::assert_snapshot!(why_text("92222333444", Wanted::One("301")));
}

#[test]
fn why_of_a_number_with_two_runs_reads_well() {
    insta::assert_snapshot!(why_text("912-3456-7890", Wanted::Counts));
}

#[test]
fn runs_read_well() {
    let ledger = ledger();
    let list = runs::list_text(&page(), &runs::latest(&ledger.store, 20).unwrap());
    let one = runs::one(&ledger.store, ledger.run).unwrap().text(&page());
    insta::assert_snapshot!(format!("{list}\n{one}"));
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [80, 100, 140] {
        let page = Page { width, ..page() };
        let ledger = ledger();
        let question = status::Question {
            now: page.now,
            account: None,
            days: None,
            window: None,
            accounts: &[],
            scope: rollbook::config::Scope::Account,
        };
        let status = status::Report::look(&ledger.store, &question).unwrap().text(&page);
        let meeting: MeetingName = ALGEBRA.parse().unwrap();
        let question = attendance::Question {
            by: By::Person,
            with_withdrawn: false,
            date: None,
            zone: page.zone.clone(),
        };
        let attendance =
            attendance::Report::look(&ledger.store, None, &meeting, &question).unwrap().text(&page);
        let records = meeting.find(&ledger.store, None).unwrap();
        let told = tell(&ledger.store, records, Wanted::All, 5).unwrap();
        let why = why::text(&page, &meeting, &told);
        for line in [status, attendance, why].iter().flat_map(|text| text.lines()) {
            let taken = unicode_width::UnicodeWidthStr::width(line);
            assert!(taken <= width, "{taken} of {width}: {line}");
        }
    }
}

#[test]
fn a_wait_is_told_in_words() {
    assert_eq!(page().until(at("18:00:00") + SignedDuration::from_mins(90)), "2026-11-20 20:30 (in 1h 30m)");
}
