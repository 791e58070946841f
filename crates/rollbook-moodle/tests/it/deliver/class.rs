//! A course with a Zoom activity, other courses around it, and a rollbook that delivers there and remembers what it wrote.

use std::collections::BTreeMap;

use rollbook_core::delivery::{Delivery, DetailsRow, Ours, OwnRows, ParticipantRow};
use rollbook_moodle::testing::{PluginStay, TaskSession, TaskStay, TestSite};
use rollbook_moodle::{DbSettings, Dialect, Error, MoodleDb, Receipt};

/// The activity's meeting number.
pub const NUMBER: i64 = 85_746_065;

/// 2026-10-01 10:00 UTC.
pub const START: i64 = 1_790_848_800;

/// As often as a caller would try.
const TRIES: usize = 5;

/// What the program's store keeps of a session.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    own: OwnRows,
    tentative: Option<OwnRows>,
}

/// The course, and everybody else's rows around it.
pub struct Class {
    pub site: TestSite,
    pub course: i64,
    pub activity: i64,
    pub memory: Memory,
    /// As rollbook comes in: with the least rights, and DELETE on participants.
    pub settings: DbSettings,
    db: Option<MoodleDb>,
}

impl Class {
    /// With another course beside it, whose session the plugin wrote.
    pub async fn new(mut site: TestSite) -> Class {
        let other = site.course("HIST1").await;
        let elsewhere = site.activity(other, 91).await;
        let details = site.plugin_session(elsewhere, "other/session+of==", START, START + 3_600).await;
        for (zoomuserid, name) in [("16778240", "ANA LÓPEZ"), ("16779264", "Ben")] {
            let stay =
                PluginStay { name, zoomuserid, join: START, leave: START + 60, ..PluginStay::default() };
            site.plugin_stay(details, stay).await;
        }
        let course = site.course("ALG1").await;
        let activity = site.activity(course, NUMBER).await;
        let settings = site.least().await;
        site.grant(&settings, "DELETE ON {zoom_meeting_participants}").await;
        Class { site, course, activity, memory: Memory::default(), settings, db: None }
    }

    /// A connection as rollbook makes it.
    pub async fn connect(&self) -> MoodleDb {
        MoodleDb::connect(&self.settings).await.expect("a site lets rollbook in")
    }

    /// What should be there: rows as [`rows`] writes them.
    pub fn delivery(&self, uuid: &str, participants: &str) -> Delivery {
        let details = DetailsRow {
            uuid: uuid.into(),
            meeting_id: NUMBER,
            start_time: START,
            end_time: START + 3_600,
            duration: 3_600,
            topic: "Algebra".into(),
            total_minutes: None,
            participants_count: Some(3),
            zoomid: self.activity,
        };
        Delivery { details, participants: rows(participants), left_out: Vec::new() }
    }

    /// Delivers as the program does: keeps what it is told before the commit, and tries again what may pass.
    pub async fn push(&mut self, delivery: &Delivery) -> Receipt {
        for _ in 0..TRIES {
            match self.try_push(delivery).await {
                Err(error) if error.is_passing() => {}
                outcome => return outcome.expect("the delivery is accepted"),
            }
        }
        panic!("{TRIES} tries were not enough");
    }

    /// Delivers once.
    pub async fn try_push(&mut self, delivery: &Delivery) -> Result<Receipt, Error> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.connect().await,
        };
        let outcome = push_on(&mut db, delivery, &mut self.memory).await;
        if !matches!(&outcome, Err(error) if error.is_passing()) {
            self.db = Some(db);
        }
        outcome
    }

    /// The participants of a session in the table, by id, as [`rows`] would read them; a duration that does not follow from
    /// the times stands behind them.
    pub async fn shown(&mut self, uuid: &str) -> String {
        let sql = format!(
            "SELECT CONCAT_WS(' ', p.zoomuserid, REPLACE(p.name, ' ', '_'),
                CONCAT(p.join_time - {START}, '-', p.leave_time - {START}),
                CASE WHEN p.duration = p.leave_time - p.join_time THEN NULL ELSE p.duration END)
            FROM {{zoom_meeting_participants}} p JOIN {{zoom_meeting_details}} d ON d.id = p.detailsid
            WHERE d.uuid = '{uuid}' ORDER BY p.id"
        );
        self.site.texts(&sql).await.join(", ")
    }

    /// The details row of a session.
    pub async fn details(&mut self, uuid: &str) -> String {
        let sql = format!(
            "SELECT CONCAT_WS(' ', CONCAT(start_time - {START}, '-', end_time - {START}), duration, topic,
                COALESCE(total_minutes, -1), COALESCE(participants_count, -1), zoomid)
            FROM {{zoom_meeting_details}} WHERE uuid = '{uuid}'"
        );
        self.site.texts(&sql).await.join(", ")
    }

    /// What the plugin would make of the same session: by names as it stores them.
    pub fn task(&self, uuid: &str, participants: &str) -> TaskSession {
        let stays = rows(participants).into_iter().map(|row| TaskStay {
            name: row.name,
            user: row.userid,
            zoomuserid: row.zoomuserid,
            uuid: row.uuid,
            join: row.join_time,
            leave: row.leave_time,
        });
        TaskSession {
            uuid: uuid.into(),
            number: NUMBER,
            activity: self.activity,
            start: START,
            end: START + 3_600,
            stays: stays.collect(),
        }
    }

    /// Runs the plugin's task from beginning to end.
    pub async fn run_plugin(&mut self, uuid: &str, participants: &str) {
        self.site.plugin_task(self.task(uuid, participants)).await.run().await;
    }

    /// Every row of every table of the site, except those of sessions whose UUID is like a pattern.
    pub async fn everything_but(&mut self, uuid: &str) -> BTreeMap<String, Vec<String>> {
        let schema = match self.site.dialect() {
            Dialect::Postgres => "'public'",
            Dialect::MariaDb => "DATABASE()",
        };
        let sql = format!("SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}");
        let mut all = BTreeMap::new();
        for name in self.site.texts(&sql).await {
            let bare = name.strip_prefix("mdl_").expect("the site's tables have its prefix").to_owned();
            let lines = self.site.table(&bare).await;
            let ids = self.site.numbers(&format!("SELECT id FROM {{{bare}}} ORDER BY id")).await;
            let left_out = self.session_ids(&bare, uuid).await;
            let kept = ids.iter().zip(lines).filter(|(id, _)| !left_out.contains(id)).map(|(_, line)| line);
            all.insert(bare.clone(), kept.collect());
        }
        all
    }

    async fn session_ids(&mut self, table: &str, uuid: &str) -> Vec<i64> {
        let sql = match table {
            "zoom_meeting_details" => format!("SELECT id FROM {{zoom_meeting_details}} WHERE uuid LIKE '{uuid}'"),
            "zoom_meeting_participants" => format!(
                "SELECT p.id FROM {{zoom_meeting_participants}} p JOIN {{zoom_meeting_details}} d ON d.id = p.detailsid
                WHERE d.uuid LIKE '{uuid}'"
            ),
            _ => return Vec::new(),
        };
        self.site.numbers(&sql).await
    }
}

/// Delivers once on a connection of the caller's.
pub async fn push_on(db: &mut MoodleDb, delivery: &Delivery, memory: &mut Memory) -> Result<Receipt, Error> {
    let before = memory.clone();
    let ours = Ours { own: &before.own, tentative: before.tentative.as_ref() };
    let mut keep = |receipt: &Receipt| {
        *memory = Memory { own: receipt.own_before.clone(), tentative: Some(receipt.own.clone()) };
        Ok(())
    };
    let receipt = db.deliver(delivery, ours, &mut keep).await?;
    *memory = Memory { own: receipt.own.clone(), tentative: None };
    Ok(receipt)
}

/// `"7 ANA_LÓPEZ 0-3600"`: zoomuserid, name (`_` is a blank), join and leave in seconds after the start; several with
/// commas between.
pub fn rows(text: &str) -> Vec<ParticipantRow> {
    let lines = text.split(',').map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (join, leave) = words[2].split_once('-').unwrap();
            let (join, leave): (i64, i64) = (join.parse().unwrap(), leave.parse().unwrap());
            ParticipantRow {
                zoomuserid: words[0].into(),
                join_time: START + join,
                leave_time: START + leave,
                duration: leave - join,
                userid: None,
                uuid: None,
                user_email: None,
                name: words[1].replace('_', " "),
            }
        })
        .collect()
}
