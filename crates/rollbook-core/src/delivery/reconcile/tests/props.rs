//! What holds whatever is in the table.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::*;

/// A meeting as it may be found: rows of ours and of others, edited ones, and what Zoom tells now.
#[derive(Debug, Clone)]
struct Scene {
    existing: Vec<ExistingRow>,
    own: OwnRows,
    tentative: OwnRows,
    delivery: Delivery,
}

impl Scene {
    fn ours(&self) -> Ours<'_> {
        Ours { own: &self.own, tentative: Some(&self.tentative) }
    }
}

fn any_row() -> impl Strategy<Value = ParticipantRow> {
    // Few values, so that rows meet.
    let ids = prop_oneof![4 => Just("7"), 3 => Just("8"), 1 => Just("")];
    let names = prop_oneof![Just("ana"), Just("ANA"), Just("ben")];
    (ids, 1_i64..40, 0_i64..60, 0_i64..3, names, prop::option::of(1_i64..3)).prop_map(
        |(zoomuserid, join_time, length, short, name, userid)| ParticipantRow {
            zoomuserid: zoomuserid.into(),
            join_time,
            leave_time: join_time + length,
            duration: length - short,
            userid,
            uuid: None,
            user_email: None,
            name: name.into(),
        },
    )
}

/// Stays of one connection as merging gives them: never two within 5 s. Here 11 s, so that no row is between two.
fn stays(rows: Vec<ParticipantRow>) -> Vec<ParticipantRow> {
    let mut kept: Vec<ParticipantRow> = Vec::new();
    for row in rows {
        let is_near = |other: &ParticipantRow| {
            other.zoomuserid == row.zoomuserid && other.join_time.abs_diff(row.join_time) <= 10
        };
        if !kept.iter().any(is_near) {
            kept.push(row);
        }
    }
    kept
}

fn scene() -> impl Strategy<Value = Scene> {
    let there = prop::collection::vec((any_row(), any_row(), 0..8_u8), 0..8);
    (there, prop::collection::vec(any_row(), 0..8), 0..3_usize).prop_map(|(there, told, waiting)| {
        let (mut own, mut tentative) = (OwnRows::new(), OwnRows::new());
        let mut existing = Vec::new();
        for ((row, other, whose), id) in there.into_iter().zip(1..) {
            match whose {
                0 => drop(own.insert(id, row.clone())),
                1 => drop(own.insert(id, other)),
                2 => drop(tentative.insert(id, row.clone())),
                3 => {
                    own.insert(id, other);
                    tentative.insert(id, row.clone());
                }
                _ => {}
            }
            existing.push(ExistingRow { id, row });
        }
        let mut participants = stays(told);
        let left_out = participants.split_off(participants.len().saturating_sub(waiting));
        Scene { existing, own, tentative, delivery: wanted(participants, left_out) }
    })
}

/// What the table and our memory of it are afterwards.
fn applied(scene: &Scene, changes: &[Change]) -> Scene {
    let mut after = scene.clone();
    for (change, fresh) in changes.iter().zip(1000..) {
        let id = match change {
            Change::Insert(new) => {
                after.existing.push(ExistingRow { id: fresh, row: new.clone() });
                fresh
            }
            Change::CorrectOwn { id, new, .. } | Change::CorrectOthers { id, new, .. } => {
                let row = after.existing.iter_mut().find(|row| row.id == *id);
                row.expect("only rows that are there are corrected").row = new.clone();
                *id
            }
            Change::Delete { id, .. } => {
                after.existing.retain(|row| row.id != *id);
                *id
            }
        };
        after.own.remove(&id);
        after.tentative.remove(&id);
        if let Change::Insert(new) | Change::CorrectOwn { new, .. } = change {
            after.own.insert(id, new.clone());
        }
    }
    after
}

fn reconciled(scene: &Scene) -> Reconciled {
    reconcile(&scene.existing, &scene.delivery, scene.ours(), Deleting::Granted)
}

fn shuffled(mut rows: Vec<ParticipantRow>, seed: u64) -> Vec<ParticipantRow> {
    rows.sort_by_key(|row| by_chance(seed, &format!("{row:?}")));
    rows
}

fn by_chance(seed: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, text).hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #[test]
    fn twice_is_once(scene in scene()) {
        let after = applied(&scene, &reconciled(&scene).changes);
        prop_assert_eq!(reconciled(&after).changes, vec![]);
    }

    #[test]
    fn without_the_grant_nothing_is_added_while_a_row_of_ours_is_to_spare(scene in scene()) {
        let refused = |scene: &Scene| {
            reconcile(&scene.existing, &scene.delivery, scene.ours(), Deleting::Refused)
        };
        let first = refused(&scene);
        let is_added = first.changes.iter().any(|change| matches!(change, Change::Insert(_)));
        let is_spare = first.notes.iter().any(|note| matches!(note, Note::NotDeleted { .. }));
        prop_assert!(!(is_added && is_spare), "{first:?}");
        prop_assert_eq!(refused(&applied(&scene, &first.changes)).changes, vec![]);
    }

    #[test]
    fn rows_of_others_stay_and_differ_in_leave_and_duration_at_most(scene in scene()) {
        let after = applied(&scene, &reconciled(&scene).changes);
        for before in scene.existing.iter().filter(|row| !scene.ours().holds(row)) {
            let row = &after.existing.iter().find(|row| row.id == before.id).expect("still there").row;
            let allowed =
                ParticipantRow { leave_time: row.leave_time, duration: row.duration, ..before.row.clone() };
            prop_assert_eq!(row, &allowed);
        }
    }

    #[test]
    fn every_stay_has_one_row_of_ours_or_a_right_one_of_somebody_else(scene in scene()) {
        let after = applied(&scene, &reconciled(&scene).changes);
        let (ours, others): (Vec<_>, Vec<_>) =
            after.existing.iter().partition(|row| after.ours().holds(row));
        for stay in &scene.delivery.participants {
            let own = ours.iter().filter(|row| row.row == *stay).count();
            let theirs: Vec<_> = others.iter().filter(|row| is_same_stay(stay, &row.row)).collect();
            // A row that may be of a stay left out may stand near: it is that one's.
            let may_be_left_out = |row: &ParticipantRow| {
                scene.delivery.left_out.iter().any(|left| is_same_stay(left, row))
            };
            let is_right = |row: &ParticipantRow| {
                row.leave_time.abs_diff(stay.leave_time) <= 5 && row.duration.abs_diff(stay.duration) <= 5
            };
            match own {
                0 => prop_assert!(theirs.iter().any(|row| is_right(&row.row))),
                1 => prop_assert!(theirs.iter().all(|row| may_be_left_out(&row.row))),
                _ => prop_assert!(false, "{own} rows of ours for one stay"),
            }
        }
        prop_assert!(ours.iter().all(|row| scene.delivery.participants.contains(&row.row)));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(scene in scene(), seed in any::<u64>()) {
        let mut other = scene.clone();
        other.existing.sort_by_key(|row| by_chance(seed, &format!("{row:?}")));
        other.delivery.participants = shuffled(other.delivery.participants, seed);
        other.delivery.left_out = shuffled(other.delivery.left_out, seed);
        prop_assert_eq!(reconciled(&scene), reconciled(&other));
    }
}
