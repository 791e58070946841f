//! What must be asked for a range of days to be known: which lists, by which route, or which numbers.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::Kind;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::limits::Plan;
use rollbook_core::listing::{Due, List, Listing, SPAN_DAYS, due, is_too_old};
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, Job, JobSpec, QualityState, Result, Store};

use super::account::{Account, Failure};
use super::{Collector, known, quality, reconsider, window_of};
use crate::config::Scope;

impl Collector {
    /// Puts the jobs that a range of days needs.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn discover(&mut self, days: &[Window]) -> Result<()> {
        self.discover_for(None, days)
    }

    /// The same for one account; none: for all.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn discover_for(&mut self, only: Option<&str>, days: &[Window]) -> Result<()> {
        let now = self.clock.now();
        let holds_now = days.iter().any(|day| day.contains(now));
        let is_meant =
            |account: &&mut Account| account.failed.is_none() && only.is_none_or(|name| name == account.name);
        for account in self.accounts.iter_mut().filter(is_meant) {
            // Nobody waits to see what runs just now: that is asked for, or told by events.
            let reaches_present = holds_now && !account.pace.is_steady();
            let lists = match account.scope() {
                Scope::Account => lists(&account.offer, reaches_present),
                Scope::Moodle => known::refusal(account).map_or(Ok(Vec::new()), Err),
            };
            match lists {
                Ok(lists) => self.store.atomically(|store| {
                    reopen_closed(store, now, account, days)?;
                    reconsider_quality(store, now, account, days)?;
                    match account.scope() {
                        Scope::Account => {
                            store.drop_instances_jobs(now, &account.name)?;
                            put_list_jobs(store, now, account, &lists, days)
                        }
                        Scope::Moodle => known::put_jobs(store, now, account, days),
                    }
                })?,
                Err(reason) => {
                    let message = format!("nothing can be listed for account {}: {reason}", account.name);
                    account.failed = Some(Failure { message, is_configuration: true });
                }
            }
        }
        Ok(())
    }
}

/// What was closed for a plan or a scope is open again once those are mended.
fn reopen_closed(store: &mut Store, now: Timestamp, account: &Account, days: &[Window]) -> Result<()> {
    let (account_name, window) = (Some(account.name.clone()), window_of(days));
    let closed = InstanceFilter { account: account_name, window, open_only: false, closed_only: true };
    for record in store.instances(&closed, u32::MAX)? {
        reconsider::reconsider(store, now, account, record, None)?;
    }
    Ok(())
}

/// Call quality that a policy wants which was set since, or that plan or scopes refused before.
fn reconsider_quality(store: &mut Store, now: Timestamp, account: &Account, days: &[Window]) -> Result<()> {
    let window = window_of(days);
    let all = InstanceFilter { account: Some(account.name.clone()), window, ..InstanceFilter::default() };
    for record in store.instances(&all, u32::MAX)? {
        let is_complete = store
            .quality_state(record.id)?
            .is_some_and(|ledger| ledger.standing.state == QualityState::Complete);
        if !record.state.is_open() && !is_complete {
            quality::reconsider(store, now, account, &record)?;
        }
    }
    Ok(())
}

/// The lists that tell what happened, cheapest first: dashboards, else the history report, else host by host.
///
/// # Errors
/// A sentence when plan and scopes leave no way to list anything.
pub fn lists(offer: &Offer, reaches_present: bool) -> std::result::Result<Vec<List>, String> {
    let Some(no_dashboards) = offer.refusal(Family::Metrics) else {
        let mut lists = vec![List::MeetingsPast, List::MeetingsPastOne, List::Webinars];
        if reaches_present {
            lists.extend([List::MeetingsLive, List::WebinarsLive]);
        }
        return Ok(lists);
    };
    match offer.refusal(Family::Report) {
        None if offer.history_refused.is_some() => Ok(vec![List::ReportUsers]),
        None => Ok(vec![List::History]),
        Some(no_reports) if no_reports == no_dashboards || offer.plan == Plan::Free => Err(no_reports),
        Some(no_reports) => Err(format!("{no_dashboards}; {no_reports}")),
    }
}

/// The days of a range in the school's zone.
pub fn days(from: Date, to: Date, zone: &TimeZone) -> Vec<Window> {
    from.series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to)
        .map(|day| Window::of_day(day, zone))
        .collect()
}

/// Puts a job for each stretch of days that is due, and for each that will be.
///
/// # Errors
/// If the store cannot be used.
pub fn put_list_jobs(
    store: &mut Store,
    now: Timestamp,
    account: &Account,
    lists: &[List],
    days: &[Window],
) -> Result<()> {
    let open = store.list_jobs(&account.name)?;
    for list in lists {
        let asked = |job: &Job| match &job.spec.ask {
            Ask::List { list: other, window } if other == list => Some(*window),
            _ => None,
        };
        // A list that is being read, or was interrupted in the middle, is gone on with; one that was only planned is
        // planned anew.
        let is_begun =
            |job: &Job| job.progress.is_some() || job.leased_until.is_some_and(|until| until > now);
        let kept = open.iter().filter_map(|job| match &job.spec.ask {
            // The hosts' own lists are what is left of a list of hosts.
            Ask::UserMeetings { window, .. } if *list == List::ReportUsers => Some(*window),
            _ => asked(job).filter(|_| is_begun(job)),
        });
        let kept: Vec<Window> = kept.collect();
        for job in open.iter().filter(|job| !is_begun(job) && asked(job).is_some_and(|w| inside(w, days))) {
            store.finish_idle_job(job.id, now)?;
        }
        let mut planned: Vec<(Timestamp, Window)> = Vec::new();
        for day in days {
            if kept.iter().any(|window| window.from <= day.from && day.to <= window.to) {
                continue;
            }
            if is_told_otherwise(store, now, account, *list, *day)? {
                continue;
            }
            if is_too_old(now, *day) {
                store.ensure_listing(&account.name, *list, *day)?;
                store.close_listing(
                    &account.name,
                    *list,
                    *day,
                    "older than the six months that Zoom lists",
                )?;
                continue;
            }
            let at = match if list.is_live() {
                live_due(now, *day)
            } else {
                account.pace.listing(now, *list, &store.ensure_listing(&account.name, *list, *day)?)
            } {
                Due::Now => now,
                Due::At(at) => at,
                Due::Settled => continue,
            };
            match planned.last_mut() {
                Some((last, window))
                    if *last == at && window.to == day.from && length_days(*window) < SPAN_DAYS =>
                {
                    window.to = day.to;
                }
                _ => planned.push((at, *day)),
            }
        }
        for (at, window) in planned {
            store.put_job(&spec(account, Ask::List { list: *list, window }, at, "days to list"))?;
        }
    }
    Ok(())
}

/// Whether this list was closed to us for the day, and another route has since told the day to its end.
fn is_told_otherwise(
    store: &Store,
    now: Timestamp,
    account: &Account,
    list: List,
    day: Window,
) -> Result<bool> {
    let known = store.listings(&account.name, day)?;
    let is_closed = known.iter().any(|(of, _, closed)| *of == list && closed.is_some());
    let is_settled = |of: List, listing: &Listing| {
        matches!(of, List::History | List::ReportUsers) && of != list && due(now, listing) == Due::Settled
    };
    Ok(is_closed && known.iter().any(|(of, listing, closed)| closed.is_none() && is_settled(*of, listing)))
}

/// Only the running day is asked for what is live, once each time somebody looks.
fn live_due(now: Timestamp, day: Window) -> Due {
    if day.contains(now) { Due::Now } else { Due::Settled }
}

fn inside(window: Window, days: &[Window]) -> bool {
    days.first().is_some_and(|first| first.from <= window.from)
        && days.last().is_some_and(|last| window.to <= last.to)
}

fn length_days(window: Window) -> i64 {
    window.to.duration_since(window.from).as_hours() / 24
}

/// A job that asks for a list.
pub fn spec(account: &Account, ask: Ask, due_at: Timestamp, reason: &str) -> JobSpec {
    JobSpec {
        account: account.name.clone(),
        pool: account.pool.clone(),
        label: ask.label(Kind::Meeting),
        ask,
        urgency: Urgency::Discovery.rank(),
        is_person: false,
        due_at,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_follows_plan_and_refusals() {
        let business = Offer::of(Plan::Business, false);
        assert_eq!(
            lists(&business, false).unwrap(),
            [List::MeetingsPast, List::MeetingsPastOne, List::Webinars]
        );
        assert_eq!(lists(&Offer::of(Plan::Pro, false), true).unwrap(), [List::History]);
        assert_eq!(
            lists(&Offer { history_refused: Some("no".into()), ..Offer::of(Plan::Pro, false) }, false)
                .unwrap(),
            [List::ReportUsers]
        );
        assert!(lists(&Offer::of(Plan::Free, false), false).unwrap_err().contains("plan free"));
    }

    #[test]
    fn a_range_of_days_includes_both_ends() {
        let days = days(jiff::civil::date(2026, 11, 1), jiff::civil::date(2026, 11, 3), &TimeZone::UTC);
        assert_eq!(days.len(), 3);
        assert_eq!(days[2].to.to_string(), "2026-11-04T00:00:00Z");
    }
}
