//! Writes one session into Moodle, and keeps what came of it.
//!
//! Before Moodle commits, our store holds which rows will be ours and what stood in others' rows; after, that it is done.
//! A crash between any two of these steps is mended by doing it all again: what was written is recognised as ours.

use jiff::Timestamp;
use rollbook_core::delivery::{Delivery, ExistingRow, OwnRows};
use rollbook_moodle::{Error, Receipt};
use rollbook_store::{DeliveryRecord, DeliveryState, Store};

use super::{Run, Session, Trouble, lease};

/// Somebody who writes the same session at the same time has finished by then.
const LOOKS: u32 = 3;

impl Run<'_> {
    /// Delivers a session; again where somebody else wrote it at the same time.
    pub(super) async fn tell(&mut self, session: &Session, wanted: &Delivery) -> Result<Receipt, Trouble> {
        let (wanted, removed) = self.without_removed(session, wanted).await?;
        let mut told = self.deliver(session, &wanted, &removed).await?;
        for _ in 1..LOOKS {
            if !told.look_again {
                break;
            }
            let again = self.deliver(session, &wanted, &removed).await?;
            told = joined(told, again);
        }
        Ok(told)
    }

    async fn deliver(
        &mut self,
        session: &Session,
        wanted: &Delivery,
        removed: &OwnRows,
    ) -> Result<Receipt, Trouble> {
        let (sink, holder, store) = (self.sink.as_str(), self.holder.as_str(), &mut *self.push.store);
        let clock = self.push.clock;
        let instance = session.candidate.record.id;
        let receipt = self
            .link
            .patiently(async |db| {
                let held =
                    store.held_rows(sink, instance).map_err(|error| Error::NotKept(error.to_string()))?;
                let mut keep = |receipt: &Receipt| {
                    let intent = Intent { sink, holder, instance, receipt, removed };
                    match intent.keep(store, clock.now()) {
                        Ok(true) => Ok(()),
                        Ok(false) => Err(lease::LOST.to_owned()),
                        Err(error) => Err(error.to_string()),
                    }
                };
                db.deliver(wanted, held.ours(), &mut keep).await
            })
            .await?;
        self.push.store.put_own_rows(&self.sink, instance, &and(&receipt.own, removed))?;
        Ok(receipt)
    }

    /// Takes down that a session was told.
    pub(super) fn told(
        &mut self,
        session: &Session,
        mut line: DeliveryRecord,
        digest: String,
        receipt: &Receipt,
    ) -> Result<(), Trouble> {
        let now = self.push.clock.now();
        self.failures_in_a_row = 0;
        self.report.told(&session.candidate.record, receipt);
        let is_of_others = receipt.rows() > receipt.own.len();
        if is_of_others && session.is_recent(now) {
            self.others_seen_at = Some(now);
        }
        line.state = if receipt.look_again { DeliveryState::Due } else { DeliveryState::Done };
        line.reason = receipt.look_again.then(|| {
            "somebody else wrote this session at the same time; the next push looks again".to_owned()
        });
        line.digest = Some(digest);
        line.delivered_at = Some(now);
        line.activity = Some(receipt.details.zoomid);
        line.details_id = Some(receipt.details_id);
        line.rows = u32::try_from(receipt.rows()).unwrap_or(u32::MAX);
        line.tries = 0;
        self.keep(&session.candidate, &line)
    }

    /// What would be written.
    pub(super) async fn rehearse(&mut self, session: &Session, wanted: &Delivery) -> Result<(), Trouble> {
        let held = self.push.store.held_rows(&self.sink, session.candidate.record.id)?;
        let outcome = self.link.patiently(async |db| db.rehearse(wanted, held.ours()).await).await;
        match outcome {
            Ok(receipt) => self.report.told(&session.candidate.record, &receipt),
            Err(Error::Gone(reason)) => self.report.held_back(&session.candidate.record, &reason),
            Err(error @ Error::Collides { .. }) => {
                self.report.failed(&session.candidate.record, &error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// What is about to become of a session's rows.
struct Intent<'a> {
    sink: &'a str,
    holder: &'a str,
    instance: i64,
    receipt: &'a Receipt,
    /// Rows that were ours and are gone, which go on being remembered.
    removed: &'a OwnRows,
}

impl Intent<'_> {
    /// In one transaction of our store, before Moodle commits; not if the sink is another's by now.
    fn keep(&self, store: &mut Store, now: Timestamp) -> rollbook_store::Result<bool> {
        let before = and(&self.receipt.own_before, self.removed);
        let after = and(&self.receipt.own, self.removed);
        store.atomically(|store| {
            if !store.keep_sink(self.sink, self.holder, lease::until(now))? {
                return Ok(false);
            }
            store.put_own_rows(self.sink, self.instance, &before)?;
            store.put_tentative_rows(self.sink, self.instance, &after)?;
            for (old, new) in &self.receipt.overwritten {
                store.add_overwrite(now, self.sink, self.instance, old, new)?;
            }
            Ok(true)
        })
    }
}

fn and(rows: &OwnRows, more: &OwnRows) -> OwnRows {
    rows.iter().chain(more).map(|(id, row)| (*id, row.clone())).collect()
}

/// Two deliveries of one session as one.
fn joined(first: Receipt, second: Receipt) -> Receipt {
    let and = |mut a: Vec<ExistingRow>, b: Vec<ExistingRow>| {
        a.extend(b);
        a
    };
    let both = |mut a: Vec<(ExistingRow, ExistingRow)>, b: Vec<(ExistingRow, ExistingRow)>| {
        a.extend(b);
        a
    };
    Receipt {
        details_before: first.details_before,
        inserted: and(first.inserted, second.inserted),
        deleted: and(first.deleted, second.deleted),
        corrected: both(first.corrected, second.corrected),
        overwritten: both(first.overwritten, second.overwritten),
        ..second
    }
}
