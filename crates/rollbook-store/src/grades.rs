//! Receipts of grades told to a Moodle's web service, which cannot be asked what it holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// How a telling ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GradeOutcome {
    /// It left, and nobody knows whether Moodle took it.
    Sent,
    /// Moodle took it.
    Taken,
    /// Moodle refused it.
    Refused,
}

impl GradeOutcome {
    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            GradeOutcome::Sent => "sent",
            GradeOutcome::Taken => "taken",
            GradeOutcome::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> GradeOutcome {
        match name {
            "taken" => GradeOutcome::Taken,
            "refused" => GradeOutcome::Refused,
            _ => GradeOutcome::Sent,
        }
    }
}

/// One activity of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradedActivity<'a> {
    /// The site: host and path of its address.
    pub site: &'a str,
    /// `{course}.id`.
    pub course: i64,
    /// `{course_modules}.id`.
    pub module: i64,
}

/// One student's grade as told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradeReceipt {
    /// The site.
    pub site: String,
    /// `{course}.id`.
    pub course: i64,
    /// `{course_modules}.id`.
    pub module: i64,
    /// `{user}.id`.
    pub student: i64,
    /// Points.
    pub points: f64,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How that ended.
    pub outcome: GradeOutcome,
    /// What Moodle said, where it said anything.
    pub answer: Option<String>,
}

/// What is known of a student's grade by our receipts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ToldGrade {
    /// What Moodle took last.
    pub taken: Option<f64>,
    /// The highest sent since of which nobody knows whether Moodle took it.
    pub perhaps: Option<f64>,
}

const INSERT: &str = "insert into grade_receipt (site, course, module, student, points, sent_at, outcome)
    values (?1, ?2, ?3, ?4, ?5, ?6, 'sent')";
const FINISH: &str = "update grade_receipt set outcome = ?2, answer = ?3 where receipt_id = ?1";
/// The sites are one or two: each is stepped to, so that the index by student serves.
const LATEST: &str = "with recursive sites (name) as (
        select min(site) from grade_receipt
        union all
        select (select min(site) from grade_receipt where site > name) from sites where name is not null)
    select site, course, module, student, points, sent_at, outcome, answer from sites
    join grade_receipt on site = name where module = ?1 and student = ?2 order by receipt_id desc limit 1";
const COLUMNS: &str = "site, course, module, student, points, sent_at, outcome, answer";

impl Store {
    /// Keeps grades that are about to be sent, before they are: whatever dies after that, they are not forgotten. Gives
    /// the receipts' numbers.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn start_grades(
        &mut self,
        now: Timestamp,
        activity: GradedActivity<'_>,
        grades: &[(i64, f64)],
    ) -> Result<Vec<i64>> {
        let GradedActivity { site, course, module } = activity;
        self.atomically(|store| {
            let mut ids = Vec::new();
            for (student, points) in grades {
                let params = (site, course, module, student, points, ms(now));
                store.connection.prepare_cached(INSERT)?.execute(params)?;
                ids.push(store.connection.last_insert_rowid());
            }
            Ok(ids)
        })
    }

    /// Says how grades that were sent ended.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn finish_grades(&mut self, ids: &[i64], outcome: GradeOutcome, answer: Option<&str>) -> Result<()> {
        self.atomically(|store| {
            for id in ids {
                store.connection.prepare_cached(FINISH)?.execute((id, outcome.name(), answer))?;
            }
            Ok(())
        })
    }

    /// What is known of the grades of an activity, by student.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn grades_told(&self, site: &str, module: i64) -> Result<BTreeMap<i64, ToldGrade>> {
        let sql = "select student, points, outcome from grade_receipt where site = ?1 and module = ?2
            order by student, receipt_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((site, module))?;
        let mut told: BTreeMap<i64, ToldGrade> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (points, outcome): (f64, String) = (row.get(1)?, row.get(2)?);
            let grade = told.entry(row.get(0)?).or_default();
            match GradeOutcome::from_name(&outcome) {
                GradeOutcome::Taken => *grade = ToldGrade { taken: Some(points), perhaps: None },
                GradeOutcome::Sent => {
                    grade.perhaps = Some(grade.perhaps.map_or(points, |held| held.max(points)));
                }
                GradeOutcome::Refused => {}
            }
        }
        Ok(told)
    }

    /// The last telling of a student's grade in an activity, at whichever site.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn latest_grade(&self, module: i64, student: i64) -> Result<Option<GradeReceipt>> {
        let found = self.connection.prepare_cached(LATEST)?.query_row((module, student), receipt);
        Ok(found.optional()?)
    }

    /// The latest receipts, newest first, of one activity or all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn grade_receipts(&self, module: Option<i64>, limit: u32) -> Result<Vec<GradeReceipt>> {
        let sql = format!(
            "select {COLUMNS} from grade_receipt where (?1 is null or module = ?1)
             order by receipt_id desc limit ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((module, limit), receipt)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<GradeReceipt> {
    Ok(GradeReceipt {
        site: row.get(0)?,
        course: row.get(1)?,
        module: row.get(2)?,
        student: row.get(3)?,
        points: row.get(4)?,
        sent_at: from_ms(row.get(5)?),
        outcome: GradeOutcome::from_name(row.get_ref(6)?.as_str()?),
        answer: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_telling_of_a_grade_counts_at_whichever_site() {
        let mut store = Store::in_memory().unwrap();
        let mut tell = |site: &'static str, module, student, points| {
            let activity = GradedActivity { site, course: 1, module };
            store.start_grades(Timestamp::UNIX_EPOCH, activity, &[(student, points)]).unwrap();
        };
        tell("a.example", 7, 1, 5.0);
        tell("b.example", 7, 1, 8.5);
        tell("a.example", 8, 1, 2.0);
        tell("a.example", 7, 2, 9.0);
        let points =
            |module, student| store.latest_grade(module, student).unwrap().map(|receipt| receipt.points);
        assert_eq!((points(7, 1), points(7, 2), points(8, 2)), (Some(8.5), Some(9.0), None));
    }
}
