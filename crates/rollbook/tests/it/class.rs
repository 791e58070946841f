//! A class: a course of a Moodle, and what the store holds of its meetings.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_moodle::testing::TestSite;
use rollbook_store::{State, Store};
use secrecy::ExposeSecret;

use crate::campus::Campus;
use crate::kept::Ran;

/// The number of the course's meeting.
pub const NUMBER: u64 = 91_234_567_890;

/// A minute of the first day, counted from 10:00 UTC, when the class begins.
pub fn at(day: i64, minute: i64) -> Timestamp {
    let first: Timestamp = "2026-10-01T10:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * day) + SignedDuration::from_mins(minute)
}

pub fn run(uuid: &str, day: i64, from: i64, to: i64) -> Instance {
    Instance {
        number: Some(NUMBER),
        topic: Some("Lecture".into()),
        started_at: Some(at(day, from)),
        ended_at: Some(at(day, to)),
        times_from: TimesFrom::List,
        ..Instance::unknown(uuid.into(), Kind::Meeting)
    }
}

/// `"Ana Lopez <ana@uni.example> 0 60"`: name, e-mail if told, minutes of join and leave (`-` if not told).
pub fn stay(number: usize, day: i64, text: &str) -> Stay {
    let (who, times) = text.rsplit_once(' ').unwrap();
    let (who, join) = who.rsplit_once(' ').unwrap();
    let (name, email) = match who.split_once(" <") {
        Some((name, email)) => (name, Some(email.trim_end_matches('>').to_owned())),
        None => (who, None),
    };
    Stay {
        user_id: format!("{}", 16_778_240 + number * 1_024),
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        name: Some(name.to_owned()),
        email,
        joined_at: at(day, join.parse().unwrap()),
        left_at: (times != "-").then(|| at(day, times.parse().unwrap())),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::PastMeetings,
        is_withdrawn: false,
        evidence: std::collections::BTreeMap::new(),
    }
}

/// Puts a run with everybody who was there.
pub fn put(store: &mut Store, day: i64, run: Instance, state: State, people: &[&str]) -> i64 {
    let id = store.put_instance(at(day, 90), "default", run).unwrap().record.id;
    let stays: Vec<Stay> = people.iter().enumerate().map(|(no, text)| stay(no, day, text)).collect();
    store.put_stays(id, &stays).unwrap();
    store.set_state(at(day, 90), id, state, Some("as it is"), None).unwrap();
    id
}

/// Three sessions: one as planned, one that was started twice, one that is still being checked.
pub fn hold(store: &mut Store) {
    let first = [
        "Emmy Noether <emmy@uni.example> -5 60",
        "Ana Lopez <ana@uni.example> 0 60",
        "Ben Okafor <BEN@uni.example> 20 60",
        "Cara Díaz 0 35",
        "iPhone 0 5",
        "Wilhelmina Stranger <w@elsewhere.example> 0 60",
    ];
    put(store, 0, run("first==", 0, 0, 60), State::Verified, &first);
    put(store, 7, run("second==", 7, 0, 30), State::Verified, &["Ana Lopez <ana@uni.example> 0 30"]);
    put(store, 7, run("restarted==", 7, 33, 60), State::Verified, &["Ana Lopez <ana@uni.example> 33 60"]);
    put(store, 14, run("third==", 14, 0, 60), State::Fetched, &["Ana Lopez <ana@uni.example> 0 60"]);
}

/// A Moodle with the course ALG1, and a store with its sessions.
pub struct Class {
    pub campus: Campus,
    pub site: TestSite,
    pub course: i64,
    /// `{course_modules}.id`.
    pub module: i64,
    /// Ana, Ben, Cara, Dan.
    pub students: [i64; 4],
    pub teacher: i64,
}

impl Class {
    pub async fn new(mut site: TestSite) -> Class {
        let mut campus = Campus::new();
        hold(&mut campus.store);
        let course = site.course("ALG1").await;
        site.activity(course, NUMBER.try_into().unwrap()).await;
        site.execute("UPDATE {zoom} SET recurring = 1").await;
        let module = site.numbers("SELECT MAX(id) FROM {course_modules}").await[0];
        let teacher = site.user("Emmy", "Noether", "emmy@uni.example").await;
        site.enrol(teacher, course, "editingteacher").await;
        let people = [
            ("Ana", "Lopez", "ana@uni.example"),
            ("Ben", "Okafor", "ben@uni.example"),
            ("Cara", "Díaz", "c.diaz@uni.example"),
            ("Dan", "Quiet", "dan@uni.example"),
        ];
        let mut students = [0; 4];
        for (place, (first, last, email)) in students.iter_mut().zip(people) {
            *place = site.user(first, last, email).await;
            site.enrol(*place, course, "student").await;
        }
        Class { campus, site, course, module, students, teacher }
    }

    /// Runs the binary with the site's database and the store.
    pub fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let store = self.campus.home.path().join("rollbook.db");
        let mut all = vec![
            ("ROLLBOOK_STORE", store.to_str().unwrap()),
            ("ROLLBOOK_MOODLE_DB", self.site.settings.url.expose_secret()),
        ];
        all.extend(variables);
        self.campus.home.run(&all, arguments)
    }
}
