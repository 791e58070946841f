//! Errors: what each means for the job, the label, the family, the account.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::backoff;
use rollbook_core::budget::Throttle;
use rollbook_core::family::Family;
use rollbook_core::job::Ask;
use rollbook_core::label::Label;
use rollbook_core::listing::List;
use rollbook_core::reading::{Outcome, Reading};
use rollbook_core::time::{Window, quota_resets_at};
use rollbook_store::{Job, Paid, Result, Store};
use rollbook_zoom::endpoint::metrics_qos::QosType;
use rollbook_zoom::{Advice, Error, ErrorKind, RateLimit, SkipReason};

use super::{RESET_MARGIN, Settling, hosts_listed_at, is_near_reset, progress_of, to_blob};
use crate::collector::account::{DENIALS_MAX, Failure};
use crate::collector::ask::Request;
use crate::collector::discover;

/// Passing failures of one participants list after which it counts as a failed reading.
const TRIES_MAX: u32 = 8;

/// Calls in a row without any answer after which a run that never got one gives up, and one that is left running rests.
const UNANSWERED_MAX: u32 = 5;

/// Times a list may begin again, because Zoom refuses its page token, before that counts as a failure.
const RESTARTS_MAX: u32 = 4;

/// An account-wide list that cannot be read to its end is taken up again after this.
const LIST_WAIT: SignedDuration = SignedDuration::from_mins(15);

impl Settling<'_> {
    pub(super) fn refused(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        paid: &Paid,
        job: Job,
        request: Request,
        error: &Error,
    ) -> Result<()> {
        match error.advice() {
            Advice::Wait { limit, until } => self.wait(store, at, paid, job, *limit, *until),
            Advice::Renew => self.again(store, at, job, SignedDuration::ZERO, error),
            Advice::RestartList => self.restart_list(store, at, job, error),
            Advice::Retry => self.retry(store, at, job, request, error),
            Advice::Skip(reason) => self.skip(store, at, paid.sent_at, job, request, reason, error),
            Advice::Stop => {
                self.account.failed = Some(Failure::of(&self.account.name, error));
                self.again(store, at, job, SignedDuration::ZERO, error)
            }
        }
    }

    /// A rate refusal: the label (or the day) rests, the job stays due.
    fn wait(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        paid: &Paid,
        mut job: Job,
        limit: RateLimit,
        until: Option<Timestamp>,
    ) -> Result<()> {
        self.rest(store, at, paid, limit, until)?;
        job.spec.due_at = at;
        store.step_job(&job)
    }

    /// Leaves alone what Zoom refused for rate: the label for a while, or the day's allowance.
    pub fn rest(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        paid: &Paid,
        limit: RateLimit,
        until: Option<Timestamp>,
    ) -> Result<()> {
        if !matches!(limit, RateLimit::Daily | RateLimit::UserDaily) {
            self.throttle(store, at, paid.label)?;
        }
        let rest = |seconds: i64| {
            let first = SignedDuration::from_secs(seconds);
            let rest = self.account.throttles.get(&paid.label).map_or(first, |throttle| throttle.rest(first));
            rest + rest.mul_f64(0.2 * self.chance.roll("refused", paid.call as u64))
        };
        match limit {
            // The host rests, not the label: see `rest_host`.
            RateLimit::UserDaily => {}
            RateLimit::Daily => {
                let until = day_gone_until(at, until);
                for (bucket, _) in self.account.limits.days(paid.label) {
                    store.pause_day(&paid.pool, bucket, until)?;
                }
                if self.account.limits.days(paid.label).next().is_none() {
                    store.pause_label(&paid.pool, paid.label, until)?;
                }
                let note =
                    format!("Zoom says the day's allowance for {} calls is gone until {until}", paid.label);
                store.note_run(at, self.run, &note)?;
            }
            RateLimit::PerMinute => {
                store.pause_label(&paid.pool, paid.label, until.unwrap_or(at + rest(60)))?
            }
            RateLimit::PerSecond | RateLimit::Concurrency | RateLimit::Unknown => {
                let wait = rest(if paid.label == Label::ResourceIntensive { 60 } else { 1 });
                store.pause_label(&paid.pool, paid.label, until.unwrap_or(at + wait))?;
            }
        }
        Ok(())
    }

    /// Leaves one host's meetings alone: Zoom says that the day's changes to them are gone. No label rests for that.
    pub fn rest_host(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        host: &str,
        until: Option<Timestamp>,
    ) -> Result<()> {
        let until = day_gone_until(at, until);
        store.pause_host(at, &self.account.pool, host, until)?;
        let note = format!("Zoom says the day's changes to the meetings of {host} are gone until {until}");
        store.note_run(at, self.run, &note)
    }

    /// Refused although our own count had room: the plan is configured too high, or others are busy on the account.
    fn throttle(&mut self, store: &mut Store, at: Timestamp, label: Label) -> Result<()> {
        let window = self.account.limits.windows(label).map(|(length, _)| length).max();
        let throttle = self.account.throttles.entry(label).or_insert_with(Throttle::open);
        throttle.cut(at, window.unwrap_or(SignedDuration::from_secs(1)));
        let note = format!(
            "Zoom refused {label} calls that should have fitted the {} plan's rate, so fewer are sent; other apps may be busy, or ROLLBOOK_ZOOM_PLAN may be set too high",
            self.account.offer.plan.name()
        );
        store.note_run(at, self.run, &note)
    }

    pub(super) fn again(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        mut job: Job,
        wait: SignedDuration,
        error: &Error,
    ) -> Result<()> {
        job.tries += 1;
        job.spec.due_at = at + wait;
        job.spec.reason = error.to_string();
        store.step_job(&job)
    }

    fn restart_list(&mut self, store: &mut Store, at: Timestamp, mut job: Job, error: &Error) -> Result<()> {
        let mut progress = progress_of(&job);
        progress.cursor.restart();
        progress.rows.clear();
        progress.calls += 1;
        job.progress = Some(to_blob(&progress));
        // A token that died while nobody looked is one thing; a list whose tokens never work must not be begun for ever.
        let wait = match progress.cursor.restarts() {
            0..=1 => SignedDuration::ZERO,
            restarts if restarts <= RESTARTS_MAX => self.backoff(&job),
            restarts => {
                store.note_run(
                    at,
                    self.run,
                    &format!("a list had to begin again {restarts} times: {error}"),
                )?;
                match job.spec.ask {
                    Ask::Participants { family, .. } => {
                        return self.failed_reading(store, at, job, family, error);
                    }
                    Ask::Quality { instance, .. } => {
                        let is_live = store.instance(instance)?.is_some_and(|record| record.instance.is_live);
                        return self.failed_quality(store, at, &job, is_live, error);
                    }
                    _ => LIST_WAIT,
                }
            }
        };
        self.again(store, at, job, wait, error)
    }

    pub(super) fn denied(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        mut job: Job,
        error: &Error,
    ) -> Result<()> {
        let mut progress = progress_of(&job);
        progress.denials += 1;
        job.progress = Some(to_blob(&progress));
        let wait = self.backoff(&job);
        self.again(store, at, job, wait, error)
    }

    fn backoff(&mut self, job: &Job) -> SignedDuration {
        let spread = self.chance.roll("retry", (job.id as u64) << 8 | u64::from(job.tries));
        let wait = backoff::wait(job.tries + 1, spread);
        self.account.retries.spend(wait)
    }

    /// Trouble on the way: again after a pause, and as a failed reading once it has lasted.
    fn retry(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: Job,
        request: Request,
        error: &Error,
    ) -> Result<()> {
        self.account.note_trouble(error);
        // What cannot be read is not Zoom's, or was cut short on the way.
        if error.status().is_none() || matches!(error.kind(), ErrorKind::Unreadable { .. }) {
            self.account.note_unanswered(at, error.operation().is_none());
            if self.account.is_cut_off(UNANSWERED_MAX) {
                self.account.failed = Some(Failure::of(&self.account.name, error));
            }
        } else {
            self.account.unanswered = 0;
        }
        let wait = self.backoff(&job);
        if job.tries + 1 >= TRIES_MAX {
            store.note_run(at, self.run, &format!("given up for now after {TRIES_MAX} tries: {error}"))?;
            return match request {
                Request::Participants(_, family) => self.failed_reading(store, at, job, family, error),
                Request::Details(_) => self.details_unavailable(store, at, &job, error),
                Request::Quality(_, _, kind) => {
                    self.failed_quality(store, at, &job, kind == QosType::Live, error)
                }
                _ => self.again(store, at, job, wait, error),
            };
        }
        self.again(store, at, job, wait, error)
    }

    fn details_unavailable(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        error: &Error,
    ) -> Result<()> {
        store.finish_job(job.id)?;
        let Some(id) = job.spec.ask.instance() else { return Ok(()) };
        self.details_failed(store, at, id, &said(error))?;
        if job.spec.is_person { store.hurry_job(at, id) } else { Ok(()) }
    }

    fn failed_reading(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: Job,
        family: Family,
        error: &Error,
    ) -> Result<()> {
        let calls = progress_of(&job).calls + 1;
        let outcome = match error.advice() {
            Advice::Skip(SkipReason::NotFoundOrNotEnded) => Outcome::NotFound { said: said(error) },
            Advice::Skip(SkipReason::TooOld) => Outcome::TooOld { said: said(error) },
            _ => Outcome::Failed { said: said(error) },
        };
        self.read(store, at, &job, Reading { family, asked_at: at, outcome }, Vec::new(), calls)
    }

    #[allow(clippy::too_many_arguments)]
    fn skip(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        sent_at: Timestamp,
        job: Job,
        request: Request,
        reason: &SkipReason,
        error: &Error,
    ) -> Result<()> {
        match request {
            Request::Participants(_, family) => {
                if self.is_about_the_account(family, reason) {
                    self.refuse_family(store, at, family, error)?;
                }
                self.failed_reading(store, at, job, family, error)
            }
            Request::Details(_) => self.details_unavailable(store, at, &job, error),
            Request::Quality(_, _, kind) => {
                if self.is_about_call_quality(reason) {
                    self.refuse_quality(store, at, error)?;
                }
                self.failed_quality(store, at, &job, kind == QosType::Live, error)
            }
            Request::Runs(..) if matches!(job.spec.ask, Ask::Instances { .. }) => {
                self.runs_refused(store, at, sent_at, job, reason, error)
            }
            Request::Runs(..) | Request::Count(..) => store.finish_job(job.id),
            // Zoom has refused in passing what it then allowed; a list is only left out when it insists.
            Request::UserMeetings(..) | Request::List(..)
                if *reason == SkipReason::NoPermission && progress_of(&job).denials + 1 < DENIALS_MAX =>
            {
                self.denied(store, at, job, error)
            }
            // A host who has left (quirk 64), or one whose meetings may not be seen: the others go on.
            Request::UserMeetings(user, _, window) => {
                if *reason != SkipReason::UserUnknown {
                    store.note_run(
                        at,
                        self.run,
                        &format!("the meetings of host {} were left out: {error}", user.as_str()),
                    )?;
                }
                let listed_at = hosts_listed_at(&job, at);
                store.finish_job(job.id)?;
                self.list_finished(store, List::ReportUsers, window, listed_at)
            }
            Request::List(list @ (List::Webinars | List::WebinarsLive | List::MeetingsLive), window) => {
                self.leave_out(store, at, job, list, window, error)
            }
            Request::List(list, window) => match reason {
                SkipReason::PlanTooLow { .. }
                | SkipReason::ScopeMissing { .. }
                | SkipReason::NoPermission => self.list_refused(store, at, job, list, window, error),
                // The history report is new and not everywhere; any trouble with it sends us host by host.
                _ if list == List::History => self.list_refused(store, at, job, list, window, error),
                _ => {
                    self.account.failed = Some(Failure::of(&self.account.name, error));
                    self.again(store, at, job, SignedDuration::ZERO, error)
                }
            },
        }
    }

    fn is_about_the_account(&mut self, family: Family, reason: &SkipReason) -> bool {
        match reason {
            SkipReason::PlanTooLow { .. } | SkipReason::ScopeMissing { .. } => true,
            SkipReason::NoPermission => self.account.note_denial(family),
            _ => false,
        }
    }

    fn refuse_family(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        family: Family,
        error: &Error,
    ) -> Result<()> {
        if self.account.offer.refusal(family).is_none() {
            let note = format!("{} is closed to account {}: {error}", family.name(), self.account.name);
            store.note_run(at, self.run, &note)?;
        }
        self.account.refuse(at, family, error.to_string());
        store.put_account(&self.account.name, None, &self.account.pool, &self.account.offer)
    }

    /// A list that is left out, while the others go on. Webinars are an add-on with a scope of their own: meetings are
    /// listed all the same, and where the dashboards as a whole are closed, the list of past meetings says so too.
    fn leave_out(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: Job,
        list: List,
        window: Window,
        error: &Error,
    ) -> Result<()> {
        store.finish_job(job.id)?;
        store.close_listing(&self.account.name, list, window, &error.to_string())?;
        store.note_run(at, self.run, &format!("{} was left out: {error}", list.name()))
    }

    /// A list that plan or scopes refuse: the next route takes over for the same days.
    fn list_refused(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: Job,
        list: List,
        window: Window,
        error: &Error,
    ) -> Result<()> {
        store.finish_job(job.id)?;
        store.close_listing(&self.account.name, list, window, &error.to_string())?;
        match list {
            List::ReportUsers => self.account.refuse(at, Family::Report, error.to_string()),
            List::History => {
                self.account.offer.history_refused = Some(error.to_string());
                self.account.offer.refused_at = Some(at);
                store.put_account(&self.account.name, None, &self.account.pool, &self.account.offer)?;
                store.note_run(
                    at,
                    self.run,
                    &format!("host by host instead of the history report: {error}"),
                )?
            }
            _ => self.refuse_family(store, at, Family::Metrics, error)?,
        }
        match discover::lists(&self.account.offer, false) {
            Ok(lists) => {
                let known = store.listings(&self.account.name, window)?;
                let days: Vec<Window> = known
                    .iter()
                    .filter(|(of, ..)| *of == list)
                    .map(|(_, listing, _)| listing.window)
                    .collect();
                discover::put_list_jobs(store, at, self.account, &lists, &days)?;
            }
            Err(reason) => {
                let message = format!("nothing can be listed for account {}: {reason}", self.account.name);
                self.account.failed = Some(Failure { message, is_configuration: true });
            }
        }
        Ok(())
    }
}

pub(super) fn said(error: &Error) -> String {
    error.message().map_or_else(|| error.to_string(), str::to_owned)
}

/// Until when an allowance of the day is left alone that Zoom says is gone.
fn day_gone_until(at: Timestamp, until: Option<Timestamp>) -> Timestamp {
    let until = until.unwrap_or_else(|| quota_resets_at(at));
    if is_near_reset(at) && until > at + RESET_MARGIN {
        // By our clock the day has just begun; by Zoom's the old one has not ended. Soon they agree.
        return at + SignedDuration::from_mins(1);
    }
    until
}
