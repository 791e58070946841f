//! Which jobs start now. Nothing else decides an order.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::budget::{Allowance, Budget};
use crate::job::{Candidate, Urgency};
use crate::label::Label;
use crate::limits::DayBucket;
use crate::time::quota_resets_at;

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Jobs to start now, in order.
    pub start: Vec<i64>,
    /// When a window has room again for a job that is due.
    pub pace_until: Option<Timestamp>,
    /// Jobs that wait for a daily allowance: pool, allowance, reset.
    pub parked: BTreeMap<(String, DayBucket), Timestamp>,
}

/// Orders due jobs by urgency, due time and id, and starts as many as the budgets allow.
///
/// `budgets` is keyed by pool. A label without room does not hold up the others. `held_back`, keyed by pool too, are
/// Heavy calls of the day that attendance will need, though it is not due yet: call quality leaves them alone.
pub fn plan(
    now: Timestamp,
    budgets: &BTreeMap<String, Budget>,
    held_back: &BTreeMap<String, u32>,
    jobs: &[Candidate],
) -> Plan {
    let mut order: Vec<&Candidate> = jobs.iter().filter(|job| job.due_at <= now).collect();
    order.sort_by_key(|job| (job.urgency, job.due_at, job.job));
    let mut plan = Plan::default();
    let mut started: BTreeMap<(&str, Label), u32> = BTreeMap::new();
    for job in order {
        let Some(budget) = budgets.get(&job.pool) else { continue };
        let taken = started.get(&(job.pool.as_str(), job.label)).copied().unwrap_or(0);
        if let Some(gone) =
            gone_to_attendance(now, budget, held_back, job, taken + shared_with(&started, job))
        {
            plan.parked.insert((job.pool.clone(), gone), quota_resets_at(now));
            continue;
        }
        match budget.allowance(now, job.label, Urgency::purpose(job.is_person)) {
            Allowance::Now { calls } if calls > taken + shared_with(&started, job) => {
                *started.entry((&job.pool, job.label)).or_default() += 1;
                plan.start.push(job.job);
            }
            // What starts now fills the window: there is room again when the next slot held is free.
            Allowance::Now { .. } => {
                let next = budget.next_slot_at(now, job.label);
                plan.pace_until = [plan.pace_until, next].into_iter().flatten().min();
            }
            Allowance::At { at } => plan.pace_until = Some(plan.pace_until.map_or(at, |held| held.min(at))),
            Allowance::DayGone { bucket, until } => {
                plan.parked.insert((job.pool.clone(), bucket), until);
            }
        }
    }
    plan
}

/// The daily allowance of which no more than attendance needs is left, where that stops this job.
fn gone_to_attendance(
    now: Timestamp,
    budget: &Budget,
    held_back: &BTreeMap<String, u32>,
    job: &Candidate,
    starting: u32,
) -> Option<DayBucket> {
    let held = held_back.get(&job.pool).copied().unwrap_or(0);
    if job.is_person || held == 0 || job.urgency < Urgency::Quality.rank() || job.label != Label::Heavy {
        return None;
    }
    let left = budget.day_left(now, job.label, Urgency::purpose(job.is_person))?;
    let (bucket, _) = budget.limits.days(job.label).min_by_key(|(_, limit)| *limit)?;
    (left <= held + starting).then_some(bucket)
}

/// Heavy and Resource-intensive calls that start now draw on one daily allowance.
fn shared_with(started: &BTreeMap<(&str, Label), u32>, job: &Candidate) -> u32 {
    let other = match job.label {
        Label::Heavy => Label::ResourceIntensive,
        Label::ResourceIntensive => Label::Heavy,
        _ => return 0,
    };
    started.get(&(job.pool.as_str(), other)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::budget::Usage;
    use crate::limits::{Limits, Plan as ZoomPlan};

    fn candidate(job: i64, label: Label, urgency: Urgency, due: Timestamp) -> Candidate {
        Candidate {
            job,
            pool: "main".into(),
            label,
            is_person: urgency == Urgency::Person,
            urgency: urgency.rank(),
            due_at: due,
        }
    }

    fn budgets(usage: Usage) -> BTreeMap<String, Budget> {
        BTreeMap::from([("main".into(), Budget { limits: Limits::of(ZoomPlan::Pro), usage, reserve: 0.2 })])
    }

    #[test]
    fn people_go_first_then_open_lists_stay_open() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10);
        let jobs = [
            candidate(1, Label::Medium, Urgency::Attendance, now),
            candidate(2, Label::Medium, Urgency::Person, now),
            candidate(3, Label::Medium, Urgency::OpenList, now),
            candidate(4, Label::Medium, Urgency::Attendance, now + SignedDuration::from_secs(1)),
        ];
        assert_eq!(plan(now, &budgets(Usage::default()), &BTreeMap::new(), &jobs).start, [3, 2, 1]);
    }

    #[test]
    fn work_under_other_labels_goes_on_when_the_day_is_gone() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10);
        let mut usage = Usage::default();
        usage.day.insert(DayBucket::Shared, 24_000);
        let jobs = [
            candidate(1, Label::Heavy, Urgency::Attendance, now),
            candidate(2, Label::Medium, Urgency::Attendance, now),
            candidate(3, Label::Heavy, Urgency::Person, now),
        ];
        let plan = plan(now, &budgets(usage), &BTreeMap::new(), &jobs);
        assert_eq!(plan.start, [3, 2]);
        assert_eq!(plan.parked.len(), 1);
    }

    #[test]
    fn call_quality_leaves_attendance_what_it_will_need() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10);
        let mut usage = Usage::default();
        usage.day.insert(DayBucket::Shared, 23_990);
        let jobs = [
            candidate(1, Label::Heavy, Urgency::Attendance, now),
            candidate(2, Label::Heavy, Urgency::Quality, now),
            candidate(3, Label::Heavy, Urgency::Quality, now),
            candidate(4, Label::Heavy, Urgency::Quality, now),
        ];
        // Ten calls are left, seven of them for runs that are not due yet.
        let held_back = BTreeMap::from([("main".to_owned(), 7)]);
        let plan = plan(now, &budgets(usage), &held_back, &jobs);
        assert_eq!(plan.start, [1, 2, 3]);
        assert_eq!(plan.parked.len(), 1);
    }

    #[test]
    fn no_more_start_than_the_window_holds() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10);
        let jobs: Vec<_> =
            (0..50).map(|job| candidate(job, Label::Medium, Urgency::Attendance, now)).collect();
        assert_eq!(plan(now, &budgets(Usage::default()), &BTreeMap::new(), &jobs).start.len(), 20);
    }
}
