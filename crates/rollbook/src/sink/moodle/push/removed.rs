//! What somebody has taken away in Moodle stays away: an erasure or a course reset must not be undone (MOODLE.md section 4).

use rollbook_core::delivery::{Delivery, OwnRows, ParticipantRow};
use rollbook_core::stay::SAME_JOIN;

use super::{Run, Session, Trouble};

impl Run<'_> {
    /// Leaves out stays whose rows were ours and have been removed in Moodle since, while the session stands. Gives the rows
    /// removed as well, which go on being remembered.
    pub(super) async fn without_removed(
        &mut self,
        session: &Session,
        wanted: &Delivery,
    ) -> Result<(Delivery, OwnRows), Trouble> {
        let told = session.candidate.delivery.as_ref().and_then(|line| line.details_id);
        let is_standing = session.there.as_ref().is_some_and(|there| Some(there.id) == told);
        if !is_standing || self.push.again {
            return Ok((wanted.clone(), OwnRows::new()));
        }
        let held = self.push.store.held_rows(&self.sink, session.candidate.record.id)?;
        let plan = self.link.patiently(async |db| db.rehearse(wanted, held.ours()).await).await?;
        // Of a delivery whose commit nobody saw, what was to be deleted was ours to delete.
        let is_kept = |id: &i64| held.tentative.as_ref().is_none_or(|rows| rows.contains_key(id));
        let mut removed = held.own.clone();
        removed.retain(|id, _| is_kept(id) && !plan.own_before.contains_key(id));
        let is_removed = |row: &ParticipantRow| {
            let is_to_be_inserted = plan.inserted.iter().any(|inserted| inserted.row == *row);
            is_to_be_inserted && removed.values().any(|gone| is_same_stay(gone, row))
        };
        let (gone, participants): (Vec<_>, Vec<_>) =
            wanted.participants.iter().cloned().partition(is_removed);
        if !gone.is_empty() {
            self.report.note(format!(
                "{}: of its stays {} removed in Moodle, not put back; `rollbook moodle push --again` would",
                session.candidate.record.instance.uuid,
                if gone.len() == 1 { "1 was".to_owned() } else { format!("{} were", gone.len()) },
            ));
        }
        let left_out = wanted.left_out.iter().cloned().chain(gone).collect();
        Ok((Delivery { details: wanted.details.clone(), participants, left_out }, removed))
    }
}

/// As rows and stays are held against each other everywhere: joins are rounded.
fn is_same_stay(a: &ParticipantRow, b: &ParticipantRow) -> bool {
    let rounding = SAME_JOIN.as_secs().unsigned_abs();
    a.zoomuserid == b.zoomuserid && a.join_time.abs_diff(b.join_time) <= rounding
}
