//! Readings are the only truth: stays can be dropped and derived from them again.

use rollbook::collector::reconsider::derive_stays;
use rollbook_core::reading::Row;
use rollbook_core::stay::Stay;
use rollbook_store::InstanceFilter;

use crate::play::play;
use crate::worlds;

/// A stay as the store keeps it: its evidence is told from the readings on demand.
fn kept(mut stay: Stay) -> Stay {
    stay.evidence.clear();
    stay
}

#[test]
fn stays_follow_from_readings_alone() {
    let mut instances = 0;
    for seed in 300..320 {
        let mut played = play(&worlds::any_plan(seed, 40));
        played.expect_perfect(&format!("seed {seed}"));
        let mut records = Vec::new();
        let all = InstanceFilter::default();
        played
            .store
            .each_instance(&all, |record| -> rollbook_store::Result<()> {
                records.push(record);
                Ok(())
            })
            .unwrap();
        for record in records {
            let held = played.store.stays(record.id).unwrap();
            played.store.put_stays(record.id, &[]).unwrap();
            let evidence = played.store.evidence(record.id).unwrap();
            let derived: Vec<Stay> = derive_stays(&record, &evidence).into_iter().map(kept).collect();
            assert_eq!(derived, held, "seed {seed} {}", record.instance.uuid);
            let rows: Vec<&Row> = evidence.iter().flat_map(|(_, rows)| rows).collect();
            assert!(held.len() <= rows.len(), "seed {seed}: no stay without a row");
            instances += 1;
        }
    }
    assert!(instances > 300, "{instances}");
}
