//! A small school for the tests: a store with a few sessions, a Moodle with a course, and one way to push.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook::clock::Clock;
use rollbook::config::{Config, Environment, Flags};
use rollbook::sink::moodle::{Push, Report, Trouble, push, sink_name};
use rollbook::supervise::Stop;
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::limits::Plan;
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_moodle::DbSettings;
use rollbook_moodle::testing::TestSite;
use rollbook_store::{State, Store};
use secrecy::ExposeSecret;

/// Zoom's number of the algebra class.
pub const ALGEBRA: u64 = 91_234_567_890;

/// A minute of the day that the tests play on.
pub fn at(minute: i64) -> Timestamp {
    let morning: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    morning + SignedDuration::from_mins(minute)
}

/// The school.
pub struct School {
    pub store: Store,
    pub config: Config,
    pub site: TestSite,
    /// The algebra activity, `{zoom}.id`.
    pub activity: i64,
    pub course: i64,
    /// What the clock shows.
    pub now: Timestamp,
}

impl School {
    /// A course with Ana, Ben and Cy, and the class they have on Zoom.
    pub async fn new(mut site: TestSite) -> School {
        let course = site.course("ALG1").await;
        let activity = site.activity(course, ALGEBRA.cast_signed()).await;
        for (first, last) in [("Ana", "Lopez"), ("Ben", "Kim"), ("Cy", "Abdi")] {
            let email = format!("{}@school.example", first.to_lowercase());
            let user = site.user(first, last, &email).await;
            site.enrol(user, course, "student").await;
        }
        let mut store = Store::in_memory().unwrap();
        store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
        let config = config(&site.settings, &[]);
        School { store, config, site, activity, course, now: at(24 * 60) }
    }

    /// The same with settings of its own.
    pub fn set(&mut self, settings: &[(&str, &str)]) {
        self.config = config(&self.site.settings, settings);
    }

    /// A session of an hour that began at that minute, with its stays, verified.
    pub fn held(&mut self, uuid: &str, minute: i64, stays: &[Stay]) -> i64 {
        let instance = Instance {
            number: Some(ALGEBRA),
            topic: Some("Algebra".into()),
            started_at: Some(at(minute)),
            ended_at: Some(at(minute + 60)),
            times_from: TimesFrom::List,
            listed_count: Some(3),
            ..Instance::unknown(uuid.into(), Kind::Meeting)
        };
        let id = self.store.put_instance(self.now, "default", instance).unwrap().record.id;
        self.attended(id, stays);
        id
    }

    /// What is known of a session now.
    pub fn attended(&mut self, instance: i64, stays: &[Stay]) {
        self.store.put_stays(instance, stays).unwrap();
        self.store.set_state(self.now, instance, State::Verified, Some("equal readings"), None).unwrap();
    }

    /// The work of a push, to be awaited or dropped.
    pub fn pushing(&mut self, dry_run: bool) -> impl Future<Output = Result<Report, Trouble>> + use<'_> {
        self.work(dry_run, false)
    }

    /// Pushes everything anew.
    pub async fn push_again(&mut self) -> Report {
        self.work(false, true).await.unwrap()
    }

    fn work(
        &mut self,
        dry_run: bool,
        again: bool,
    ) -> impl Future<Output = Result<Report, Trouble>> + use<'_> {
        let (_, stop) = Stop::pair();
        push(Push {
            store: &mut self.store,
            clock: Clock::simulated(self.now, 1.0),
            config: &self.config.moodle,
            db: self.config.moodle.db.as_ref().unwrap(),
            window: None,
            again,
            dry_run,
            stop,
        })
    }

    /// Pushes.
    pub async fn push(&mut self) -> Report {
        self.pushing(false).await.unwrap()
    }

    /// What the outbox calls this Moodle.
    pub fn sink(&self) -> String {
        sink_name(self.config.moodle.db.as_ref().unwrap())
    }

    /// A line for each row that Moodle has of a session, by join: `Ana Lopez:7 0-60`, name, user and minutes.
    pub async fn rows(&mut self, uuid: &str) -> Vec<String> {
        let sql = format!(
            "SELECT CONCAT(p.name, ':', COALESCE(p.userid, 0), ' ', p.join_time, '-', p.leave_time)
             FROM {{zoom_meeting_participants}} p JOIN {{zoom_meeting_details}} d ON d.id = p.detailsid
             WHERE d.uuid = '{uuid}' ORDER BY p.join_time, p.name, p.id"
        );
        let lines = self.site.texts(&sql).await;
        let minute = |second: &str| (second.parse::<i64>().unwrap() - at(0).as_second()) / 60;
        let shorten = |line: String| {
            let (who, times) = line.rsplit_once(' ').unwrap();
            let (join, leave) = times.split_once('-').unwrap();
            format!("{who} {}-{}", minute(join), minute(leave))
        };
        lines.into_iter().map(shorten).collect()
    }
}

/// A stay in the meeting; the user id follows from name and join.
pub fn stay(name: &str, email: Option<&str>, from: i64, to: i64) -> Stay {
    let number = name.bytes().fold(0_i64, |sum, byte| sum * 7 + i64::from(byte)) % 9_000 + 1_000;
    Stay {
        user_id: format!("{}", 16_000_000 + number * 100 + from),
        participant_uuid: None,
        zoom_user_id: email.map(|email| format!("z{}", email.split('@').next().unwrap())),
        registrant_id: None,
        name: Some(name.into()),
        email: email.map(Into::into),
        joined_at: at(from),
        left_at: Some(at(to)),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

/// Settings for a test's site.
pub fn config(db: &DbSettings, more: &[(&str, &str)]) -> Config {
    let mut pairs = vec![
        ("ROLLBOOK_MOODLE_DB", db.url.expose_secret()),
        ("ROLLBOOK_MOODLE_PREFIX", db.prefix.as_str()),
        ("ROLLBOOK_MOODLE_SCHEMA", db.schema.as_str()),
    ];
    pairs.extend(more.iter().copied());
    Config::load(&Flags::default(), &Environment::of(pairs)).unwrap()
}
