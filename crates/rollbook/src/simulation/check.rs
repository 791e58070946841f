//! Record by record: what the store holds against what really happened.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use rollbook_core::instance::TimesFrom;
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_sim::{TrueInstance, TrueStay, Truth};
use rollbook_store::{InstanceFilter, Record, Result, State, Store};
use serde::Serialize;

mod quality;

pub use quality::{QualityVerdict, compare_quality};

/// The comparison of one account's window with the truth.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Verdict {
    /// Instances that really happened in the window.
    pub instances: usize,
    /// Of these, verified.
    pub verified: usize,
    /// Of these, closed although the plan could have told; each with its reason.
    pub closed: Vec<String>,
    /// Of these, closed because no endpoint of the plan tells them.
    pub unobtainable: usize,
    /// Connections that really happened in what could be had.
    pub stays: usize,
    /// Connections of theirs that the store lacks.
    pub missing: Vec<String>,
    /// Connections or instances that the store has and nobody made.
    pub extra: Vec<String>,
    /// Fields that differ.
    pub wrong: Vec<String>,
    /// Instances still open.
    pub open: Vec<String>,
}

impl Verdict {
    /// Nothing missing, nothing extra, nothing wrong, nothing open.
    pub fn is_perfect(&self) -> bool {
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.wrong.is_empty()
            && self.open.is_empty()
            && self.closed.is_empty()
    }
}

/// Compares all that started in `window`.
pub fn compare(store: &Store, account: &str, truth: &Truth, window: Window) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut truths: BTreeMap<&str, &TrueInstance> = truth
        .instances
        .iter()
        .filter(|instance| window.contains(instance.start))
        .map(|instance| (instance.uuid.as_str(), instance))
        .collect();
    let elsewhere: BTreeSet<&str> = truth
        .instances
        .iter()
        .filter(|instance| !window.contains(instance.start))
        .map(|instance| instance.uuid.as_str())
        .collect();
    verdict.instances = truths.len();
    let filter =
        InstanceFilter { account: Some(account.into()), window: Some(window), ..InstanceFilter::default() };
    store.each_instance(&filter, |record| -> Result<()> {
        let Some(real) = truths.remove(record.instance.uuid.as_str()) else {
            // Nobody ever told when it was, and it was on another day: real, and rightly without a place.
            let is_placeless = record.instance.started_at.is_none()
                && !record.state.is_open()
                && elsewhere.contains(record.instance.uuid.as_str())
                && store.stays(record.id)?.is_empty();
            if !is_placeless {
                verdict.extra.push(format!("instance {}", record.instance.uuid));
            }
            return Ok(());
        };
        let reason = record.reason.clone().unwrap_or_default();
        match record.state {
            State::Verified => verdict.verified += 1,
            State::Closed if !real.obtainable => verdict.unobtainable += 1,
            State::Closed => verdict.closed.push(format!("{}: {reason} {:?}", real.uuid, real.defects)),
            _ => verdict.open.push(format!("{}: {reason} {:?}", real.uuid, real.defects)),
        }
        compare_instance(&mut verdict, real, &record);
        if real.obtainable {
            compare_stays(&mut verdict, real, &store.stays(record.id)?);
        }
        Ok(())
    })?;
    for real in truths.values() {
        let lost = format!("instance {} with {} stays {:?}", real.uuid, real.stays.len(), real.defects);
        if real.obtainable { verdict.missing.push(lost) } else { verdict.unobtainable += 1 }
    }
    Ok(verdict)
}

/// What lists and details said. The count may be wrong for ever (quirk 11), and derived times leave out the door.
fn compare_instance(verdict: &mut Verdict, real: &TrueInstance, record: &Record) {
    let held = &record.instance;
    let mut wrong = |field: &str, held: String, really: String| {
        if held != really {
            verdict
                .wrong
                .push(format!("{} {field}: {held:?}, really {really:?} {:?}", real.uuid, real.defects));
        }
    };
    wrong("number", held.number.map_or(String::new(), |number| number.to_string()), real.id.to_string());
    wrong("topic", held.topic.clone().unwrap_or_default(), real.topic.clone());
    wrong("host", held.host_email.clone().unwrap_or_default(), real.host.clone());
    if let Some(start) = held.started_at {
        wrong("start", start.to_string(), real.start.to_string());
    }
    if let Some(end) = held.ended_at.filter(|_| held.times_from > TimesFrom::Derived) {
        wrong("end", end.to_string(), real.end.to_string());
    }
}

fn compare_stays(verdict: &mut Verdict, real: &TrueInstance, stays: &[Stay]) {
    let mut left: Vec<&Stay> = stays.iter().filter(|stay| !stay.is_withdrawn).collect();
    for truth in &real.stays {
        verdict.stays += 1;
        let close = |stay: &&Stay| {
            stay.user_id == truth.user_id
                && stay.joined_at.duration_since(truth.join).abs() <= SignedDuration::from_secs(5)
        };
        match left.iter().position(close) {
            Some(place) => compare_fields(verdict, real, truth, left.swap_remove(place)),
            None => verdict
                .missing
                .push(format!("{} {} {}: {:?}", real.uuid, truth.user_id, truth.name, real.defects)),
        }
    }
    for stay in left {
        verdict
            .extra
            .push(format!("{} {} at {}: {:?}", real.uuid, stay.user_id, stay.joined_at, real.defects));
    }
}

fn compare_fields(verdict: &mut Verdict, real: &TrueInstance, truth: &TrueStay, stay: &Stay) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = [
        ("name", text(&stay.name), truth.name.clone()),
        ("email", text(&stay.email), truth.email.clone()),
        ("zoom_user_id", text(&stay.zoom_user_id), truth.zoom_user_id.clone()),
        ("status", stay.status.name().to_owned(), truth.status.to_owned()),
        ("join", stay.joined_at.to_string(), truth.join.to_string()),
        ("leave", stay.left_at.map_or(String::new(), |at| at.to_string()), truth.leave.to_string()),
    ];
    for (field, held, real_value) in fields {
        if held != real_value {
            let at = format!(
                "{} {} {field}: {held:?}, really {real_value:?} {:?}",
                real.uuid, truth.user_id, real.defects
            );
            verdict.wrong.push(at);
        }
    }
    if let Some(held) = stay.is_breakout
        && held != truth.breakout
    {
        verdict.wrong.push(format!("{} {} breakout: {held}", real.uuid, truth.user_id));
    }
    let registrant = text(&stay.registrant_id);
    if !registrant.is_empty() && registrant != truth.registrant_id {
        verdict.wrong.push(format!("{} {} registrant_id: {registrant:?}", real.uuid, truth.user_id));
    }
}
