//! The plugin's report task, as far as it writes: to run beside rollbook, a statement at a time.

use super::{Client, TestSite, Value};
use crate::error::Error;

/// A stay as Zoom tells it to the plugin, by the name that the plugin stores (MOODLE.md section 3).
#[derive(Debug, Clone)]
pub struct TaskStay {
    /// Name as stored.
    pub name: String,
    /// `{user}.id`.
    pub user: Option<i64>,
    /// Zoom's `user_id`.
    pub zoomuserid: String,
    /// Zoom's participant id.
    pub uuid: Option<String>,
    /// Join, Unix seconds.
    pub join: i64,
    /// Leave, Unix seconds.
    pub leave: i64,
}

/// A session as Zoom tells it to the plugin.
#[derive(Debug, Clone)]
pub struct TaskSession {
    /// Zoom's UUID.
    pub uuid: String,
    /// Zoom's number.
    pub number: i64,
    /// `{zoom}.id`.
    pub activity: i64,
    /// Start, Unix seconds.
    pub start: i64,
    /// End, Unix seconds.
    pub end: i64,
    /// Who was there.
    pub stays: Vec<TaskStay>,
}

/// One run of the task for one session (MOODLE.md section 2, steps 5 and 7): the details row is made or overwritten by its
/// UUID; then, in a transaction, each participant is looked for and inserted if it is not there.
pub struct PluginTask {
    client: Client,
    session: TaskSession,
    details: Option<i64>,
    next: Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    FindDetails,
    PutDetails,
    Begin,
    Find(usize),
    Insert(usize),
    Commit,
    Nothing,
}

const FIND_DETAILS: &str = "SELECT id FROM {zoom_meeting_details} WHERE uuid = ?";

const UPDATE_DETAILS: &str =
    "UPDATE {zoom_meeting_details} SET meeting_id = ?, start_time = ?, end_time = ?, duration = ?,
    topic = ?, total_minutes = ?, participants_count = ?, zoomid = ? WHERE id = ?";

const INSERT_DETAILS: &str = "INSERT INTO {zoom_meeting_details}
    (meeting_id, start_time, end_time, duration, topic, total_minutes, participants_count, zoomid, uuid)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";

/// The plugin's rule: name, userid, detailsid, zoomuserid, join and leave; null equals null.
const FIND: &str = "SELECT id FROM {zoom_meeting_participants}
    WHERE name = ? AND COALESCE(userid, -1) = ? AND detailsid = ? AND zoomuserid = ? AND join_time = ? AND leave_time = ?";

const INSERT: &str = "INSERT INTO {zoom_meeting_participants}
    (userid, zoomuserid, uuid, user_email, join_time, leave_time, duration, name, detailsid)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

impl TestSite {
    /// A run of the plugin's task for a session, on a connection of its own.
    pub async fn plugin_task(&self, session: TaskSession) -> PluginTask {
        PluginTask { client: self.client().await, session, details: None, next: Next::FindDetails }
    }
}

impl PluginTask {
    /// The server's number of its connection.
    pub async fn number(&mut self) -> i64 {
        self.client.number().await
    }

    /// Runs the next statement; false when there is none. As in the plugin, an error ends the run.
    pub async fn step(&mut self) -> Result<bool, Error> {
        self.next = match self.next {
            Next::FindDetails => {
                let found =
                    self.client.connection.rows(FIND_DETAILS, vec![self.session.uuid.clone().into()]).await?;
                self.details = found.first().map(|row| row.int(0)).transpose()?;
                Next::PutDetails
            }
            Next::PutDetails => {
                self.put_details().await?;
                Next::Begin
            }
            Next::Begin => {
                self.client.connection.run("BEGIN").await?;
                self.find_or_commit(0)
            }
            Next::Find(at) => {
                let values = self.find_values(at);
                match self.client.connection.rows(FIND, values).await?.is_empty() {
                    true => Next::Insert(at),
                    false => self.find_or_commit(at + 1),
                }
            }
            Next::Insert(at) => {
                let values = self.insert_values(at);
                self.client.connection.execute(INSERT, values).await?;
                self.find_or_commit(at + 1)
            }
            Next::Commit => {
                self.client.connection.run("COMMIT").await?;
                Next::Nothing
            }
            Next::Nothing => Next::Nothing,
        };
        Ok(self.next != Next::Nothing)
    }

    /// Runs to its end.
    pub async fn run(mut self) {
        while self.step().await.expect("nothing is in the task's way") {}
    }

    fn find_or_commit(&self, at: usize) -> Next {
        if at < self.session.stays.len() { Next::Find(at) } else { Next::Commit }
    }

    /// Its length is in minutes, as from the report API.
    async fn put_details(&mut self) -> Result<(), Error> {
        let session = &self.session;
        let mut values: Vec<Value> = vec![
            session.number.into(),
            session.start.into(),
            session.end.into(),
            ((session.end - session.start) / 60).into(),
            format!("Meeting {}", session.number).into(),
            0_i64.into(),
            (session.stays.len() as i64).into(),
            session.activity.into(),
        ];
        match self.details {
            Some(id) => {
                values.push(id.into());
                self.client.connection.execute(UPDATE_DETAILS, values).await?;
            }
            None => {
                values.push(session.uuid.clone().into());
                let rows = self.client.connection.rows(INSERT_DETAILS, values).await?;
                self.details = Some(rows[0].int(0)?);
            }
        }
        Ok(())
    }

    fn find_values(&self, at: usize) -> Vec<Value> {
        let stay = &self.session.stays[at];
        vec![
            stay.name.clone().into(),
            stay.user.unwrap_or(-1).into(),
            self.details.into(),
            stay.zoomuserid.clone().into(),
            stay.join.into(),
            stay.leave.into(),
        ]
    }

    fn insert_values(&self, at: usize) -> Vec<Value> {
        let stay = &self.session.stays[at];
        vec![
            stay.user.into(),
            stay.zoomuserid.clone().into(),
            stay.uuid.clone().into(),
            Value::Text(None),
            stay.join.into(),
            stay.leave.into(),
            (stay.leave - stay.join).into(),
            stay.name.clone().into(),
            self.details.into(),
        ]
    }
}
