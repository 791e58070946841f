//! What pages ask the collector to do, in the order in which it was asked.

use jiff::Timestamp;
use rollbook_core::request::Role;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// It waits for the collector.
    Pending,
    /// It was done.
    Done,
    /// It could not be done.
    Failed,
}

impl CommandState {
    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            CommandState::Pending => "pending",
            CommandState::Done => "done",
            CommandState::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> CommandState {
        match name {
            "pending" => CommandState::Pending,
            "done" => CommandState::Done,
            _ => CommandState::Failed,
        }
    }
}

/// A command as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandRecord {
    /// Its number; commands are done in this order.
    pub id: i64,
    /// When it was given.
    pub asked_at: Timestamp,
    /// Who gave it.
    pub who: String,
    /// In which role.
    pub role: Role,
    /// What is to be done: a word of the program's.
    pub kind: String,
    /// The rest, as JSON.
    pub payload: String,
    /// How far it is.
    pub state: CommandState,
    /// What came of it, in a sentence.
    pub outcome: Option<String>,
    /// When it was done or had failed.
    pub done_at: Option<Timestamp>,
}

pub(crate) const COLUMNS: &str = "command_id, asked_at, who, role, kind, payload, state, outcome, done_at";

impl Store {
    /// Puts a command into the queue; its number.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_command(
        &mut self,
        now: Timestamp,
        who: &str,
        role: Role,
        kind: &str,
        payload: &str,
    ) -> Result<i64> {
        self.connection.execute(
            "insert into command (asked_at, who, role, kind, payload, state)
             values (?1, ?2, ?3, ?4, ?5, 'pending')",
            (ms(now), who, role.name(), kind, payload),
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The command that is to be done next.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn next_command(&self) -> Result<Option<CommandRecord>> {
        let sql =
            format!("select {COLUMNS} from command where state = 'pending' order by command_id limit 1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([], read).optional()?)
    }

    /// Says what came of a command.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn answer_command(
        &mut self,
        now: Timestamp,
        id: i64,
        state: CommandState,
        outcome: &str,
    ) -> Result<()> {
        self.connection.execute(
            "update command set state = ?2, outcome = ?3, done_at = ?4 where command_id = ?1",
            (id, state.name(), outcome, ms(now)),
        )?;
        Ok(())
    }

    /// Forgets what a command was about, and keeps that it was given, by whom and what came of it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn clear_command(&mut self, id: i64) -> Result<()> {
        self.connection.execute("update command set payload = '{}' where command_id = ?1", [id])?;
        Ok(())
    }

    /// One command.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn command(&self, id: i64) -> Result<Option<CommandRecord>> {
        let sql = format!("select {COLUMNS} from command where command_id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], read).optional()?)
    }

    /// The latest commands, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn commands(&self, limit: u32) -> Result<Vec<CommandRecord>> {
        let sql = format!("select {COLUMNS} from command order by command_id desc limit ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_map([limit], read)?.collect::<rusqlite::Result<_>>()?)
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<CommandRecord> {
    let (role, state): (String, String) = (row.get(3)?, row.get(6)?);
    Ok(CommandRecord {
        id: row.get(0)?,
        asked_at: from_ms(row.get(1)?),
        who: row.get(2)?,
        role: role.parse().unwrap_or(Role::Viewer),
        kind: row.get(4)?,
        payload: row.get(5)?,
        state: CommandState::from_name(&state),
        outcome: row.get(7)?,
        done_at: opt_from_ms(row.get(8)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_in_order_and_once() {
        let mut store = Store::in_memory().unwrap();
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let first = store.put_command(now, "ana", Role::Admin, "backfill", "{}").unwrap();
        let second = store.put_command(now, "ben", Role::Admin, "forget", "{}").unwrap();
        assert_eq!(store.next_command().unwrap().unwrap().id, first);
        store.answer_command(now, first, CommandState::Done, "done").unwrap();
        assert_eq!(store.next_command().unwrap().unwrap().id, second);
        store.answer_command(now, second, CommandState::Failed, "nobody of that name").unwrap();
        assert_eq!(store.next_command().unwrap(), None);
        let kept = store.commands(10).unwrap();
        assert_eq!(
            kept.iter().map(|one| (one.id, one.state)).collect::<Vec<_>>(),
            [(second, CommandState::Failed), (first, CommandState::Done)]
        );
    }
}
