//! What follows from one call: its answer or its error, in one transaction with the call's own bookkeeping.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::backoff;
use rollbook_core::budget::day_spent_by_headers;
use rollbook_core::chance::Chance;
use rollbook_core::family::Family;
use rollbook_core::instance::Kind;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::label::Label;
use rollbook_core::listing::List;
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::stay::summarise;
use rollbook_core::time::{Window, hours, quota_resets_at};
use rollbook_store::{Answered, Job, Paid, Result, Store};
use rollbook_zoom::limits::LimitType;
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, Error, LimitHeaders, RateLimit, SkipReason};
use serde::{Deserialize, Serialize};

use super::account::{Account, Failure};
use super::ask::{Request, Told};
use super::discover;
use super::reconsider::{Fresh, reconsider};

/// Passing failures of one participants list after which it counts as a failed reading.
const TRIES_MAX: u32 = 8;

/// Calls in a row without any answer after which a run that never got one gives up.
const UNANSWERED_MAX: u32 = 5;

/// What a job has read so far; kept in the store between its pages.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// How far the list is read.
    pub cursor: PageCursor,
    /// When its first page was asked for.
    pub began_at: Option<Timestamp>,
    /// Calls so far.
    pub calls: u32,
    /// Rows so far (participants lists).
    pub rows: Vec<Row>,
}

/// One call that came back.
pub struct Returned {
    /// The job it was a step of.
    pub job: Job,
    /// What was asked.
    pub request: Request,
    /// Its payment.
    pub paid: Paid,
    /// When the answer came.
    pub at: Timestamp,
    /// Answer or error.
    pub result: std::result::Result<Told, Error>,
}

/// The settling of calls for one account.
pub struct Settling<'a> {
    /// The account.
    pub account: &'a mut Account,
    /// Chance, for spreading retries.
    pub chance: &'a Chance,
    /// The run.
    pub run: i64,
}

impl Settling<'_> {
    /// Books the call and does what follows from it.
    pub fn settle(&mut self, store: &mut Store, returned: Returned) -> Result<()> {
        let Returned { job, request, paid, at, result } = returned;
        let limits = result.as_ref().map_or_else(Error::limits, |told| &told.limits);
        self.book(store, &paid, at, limits, &outcome_words(&result), result.as_ref().err())?;
        let operation = paid.operation.as_str();
        match result {
            Ok(told) => {
                self.account.has_answered = true;
                self.account.unanswered = 0;
                self.account.retries.earn();
                for path in &told.unknown_fields {
                    store.note_unknown_field(at, operation, path)?;
                }
                if told.unreadable > 0 {
                    let note =
                        format!("{operation}: {} rows could not be read and were left out", told.unreadable);
                    store.note_run(at, self.run, &note)?;
                }
                self.answered(store, at, paid.sent_at, job, request, told)
            }
            Err(error) => self.refused(store, at, &paid, job, request, &error),
        }
    }

    /// Books a call that came back: its slots, its headers, its line in the run's report.
    pub fn book(
        &mut self,
        store: &mut Store,
        paid: &Paid,
        at: Timestamp,
        headers: &LimitHeaders,
        outcome: &str,
        error: Option<&Error>,
    ) -> Result<()> {
        let took = at.duration_since(paid.sent_at);
        let trips = self.account.round_trips.entry(paid.label).or_default();
        let excess = trips.excess(took);
        trips.note(took);
        let is_refused = error.is_some_and(|error| matches!(error.advice(), Advice::Wait { .. }));
        self.heed_headers(store, at, paid, headers)?;
        store.settle_call(&self.account.limits, paid, Answered { at, excess, is_refused, outcome })
    }

    /// Headers may only lower what is left, and only what they speak of.
    fn heed_headers(
        &self,
        store: &mut Store,
        at: Timestamp,
        paid: &Paid,
        headers: &LimitHeaders,
    ) -> Result<()> {
        let number = |value: Option<u64>| value.map(|value| u32::try_from(value).unwrap_or(u32::MAX));
        let says_daily = headers.limit_type == Some(LimitType::Daily);
        let (limit, remaining) = (number(headers.limit), number(headers.remaining));
        match day_spent_by_headers(&self.account.limits, paid.label, says_daily, limit, remaining) {
            Some((bucket, spent)) => store.note_day_spent(at, &paid.pool, bucket, spent),
            None => Ok(()),
        }
    }

    fn answered(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        sent_at: Timestamp,
        mut job: Job,
        request: Request,
        told: Told,
    ) -> Result<()> {
        let mut progress = progress_of(&job);
        progress.calls += 1;
        if told.cursor.pages() <= 1 {
            // The first page, or a list that had to begin again: what came before may have moved.
            progress.rows.clear();
            progress.began_at = Some(sent_at);
        }
        let began_at = progress.began_at.unwrap_or(sent_at);
        progress.cursor = told.cursor.clone();
        let is_done = told.cursor.is_done() || told.endless.is_some();
        if let Some(endless) = &told.endless {
            store.note_run(at, self.run, endless)?;
        }
        match request {
            Request::List(list, window) => {
                self.keep_instances(store, at, told.instances, Some(window))?;
                for host in told.hosts {
                    for one_person in [false, true] {
                        let user = host.as_str().to_owned();
                        let ask = Ask::UserMeetings { user, one_person, window };
                        store.put_job(&discover::spec(self.account, ask, at, "host to list"))?;
                    }
                }
                if is_done {
                    store.finish_job(job.id)?;
                    return self.list_finished(store, list, window, began_at);
                }
            }
            Request::UserMeetings(_, _, window) => {
                self.keep_instances(store, at, told.instances, Some(window))?;
                if is_done {
                    store.finish_job(job.id)?;
                    return self.list_finished(store, List::ReportUsers, window, began_at);
                }
            }
            Request::Runs(..) | Request::Count(..) => {
                self.keep_instances(store, at, told.instances, None)?;
                return store.finish_job(job.id);
            }
            Request::Details(_) => {
                store.finish_job(job.id)?;
                let Some(id) = job.spec.ask.instance() else { return Ok(()) };
                self.details_told(store, at, id, told)?;
                return if job.spec.is_person { store.hurry_job(at, id) } else { Ok(()) };
            }
            Request::Participants(instance, family) => {
                progress.rows.extend(told.rows);
                if is_done {
                    let outcome = match (&told.endless, progress.rows.is_empty()) {
                        (Some(endless), _) => Outcome::Failed { said: endless.clone() },
                        (None, true) => Outcome::Empty,
                        (None, false) => Outcome::Rows(summarise(family, &progress.rows)),
                    };
                    self.account.note_answer(family);
                    if instance.is_one_person
                        && instance.kind == Kind::Meeting
                        && family == Family::PastMeetings
                    {
                        self.learn_one_person(store, at, &instance, !progress.rows.is_empty())?;
                    }
                    let reading = Reading { family, asked_at: began_at, outcome };
                    return self.read(store, at, &job, reading, progress.rows, progress.calls);
                }
            }
        }
        job.progress = Some(to_blob(&progress));
        job.tries = 0;
        job.spec.due_at = at;
        job.spec.urgency = job.spec.urgency.min(Urgency::OpenList.rank());
        store.step_job(&job)
    }

    /// An empty answer says something about the account's setting only once late data are in.
    fn learn_one_person(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        instance: &rollbook_core::instance::Instance,
        had_rows: bool,
    ) -> Result<()> {
        let is_late_enough = instance.ended_at.is_some_and(|ended| at >= ended + hours(6));
        if had_rows || is_late_enough {
            self.account.offer.learn_one_person(had_rows);
            store.put_account(&self.account.name, None, &self.account.pool, &self.account.offer)?;
        }
        Ok(())
    }

    /// Puts listed instances into the ledger. Those that start outside the wanted days are somebody else's listing,
    /// unless they are known already.
    pub fn keep_instances(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        instances: Vec<rollbook_core::instance::Instance>,
        wanted: Option<Window>,
    ) -> Result<()> {
        for instance in instances {
            let outside =
                wanted.is_some_and(|window| instance.started_at.is_some_and(|start| !window.contains(start)));
            if outside && store.instance_by_uuid(&self.account.name, &instance.uuid)?.is_none() {
                continue;
            }
            let found = store.put_instance(at, &self.account.name, instance)?;
            if found.is_changed {
                reconsider(store, at, self.account, found.record, None)?;
            }
        }
        Ok(())
    }

    fn list_finished(
        &mut self,
        store: &mut Store,
        list: List,
        window: Window,
        began_at: Timestamp,
    ) -> Result<()> {
        let still_open = store.list_jobs(&self.account.name)?.into_iter().any(|job| match job.spec.ask {
            Ask::UserMeetings { window: other, .. } => list == List::ReportUsers && other == window,
            Ask::List { list: other, window: other_window } => other == list && other_window == window,
            _ => false,
        });
        if still_open || list.is_live() {
            return Ok(());
        }
        store.note_listed(&self.account.name, list, window, began_at)?;
        // The second look at days that were listed soon after their end.
        let listed = store.listings(&self.account.name, window)?;
        let days: Vec<Window> =
            listed.iter().filter(|(of, ..)| *of == list).map(|(_, listing, _)| listing.window).collect();
        discover::put_list_jobs(store, began_at, self.account, &[list], &days)
    }

    fn details_told(&mut self, store: &mut Store, at: Timestamp, id: i64, told: Told) -> Result<()> {
        let Some(found) = told.instances.into_iter().next() else {
            return self.details_failed(store, at, id, "an answer without a meeting");
        };
        let said = serde_json::json!({
            "started_at": found.started_at, "ended_at": found.ended_at, "listed_count": found.listed_count,
        });
        store.add_details_reading(at, id, self.run, &said)?;
        let start = found.started_at;
        let record = store.put_instance(at, &self.account.name, found)?.record;
        // A line without times may belong to a day that nobody asked for.
        let is_elsewhere =
            start.is_some_and(|start| !store.is_listed_time(&self.account.name, start).unwrap_or(true));
        if is_elsewhere && record.state == rollbook_store::State::Ended {
            return store.drop_unread_instance(id);
        }
        reconsider(store, at, self.account, record, None).map(drop)
    }

    fn details_failed(&mut self, store: &mut Store, at: Timestamp, id: i64, said: &str) -> Result<()> {
        store.add_details_reading(at, id, self.run, &serde_json::json!({ "said": said }))?;
        match store.instance(id)? {
            Some(record) => reconsider(store, at, self.account, record, None).map(drop),
            None => Ok(()),
        }
    }

    fn read(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        reading: Reading,
        rows: Vec<Row>,
        calls: u32,
    ) -> Result<()> {
        let record = job.spec.ask.instance().map(|id| store.instance(id)).transpose()?.flatten();
        // Done with this step whatever follows; `reconsider` puts the next one.
        store.finish_job(job.id)?;
        match record {
            Some(record) => {
                let fresh = Fresh { reading, rows, calls, run: self.run };
                reconsider(store, at, self.account, record, Some(fresh)).map(drop)
            }
            None => Ok(()),
        }
    }

    fn refused(
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
            Advice::Skip(reason) => self.skip(store, at, job, request, reason, error),
            Advice::Stop => {
                self.account.failed = Some(Failure { message: error.to_string(), is_configuration: true });
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
        let jitter = |seconds: f64| {
            SignedDuration::from_secs_f64(
                seconds * (1.0 + 0.2 * self.chance.roll("refused", paid.call as u64)),
            )
        };
        match limit {
            RateLimit::Daily | RateLimit::UserDaily => {
                let until = until.unwrap_or_else(|| quota_resets_at(at));
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
                store.pause_label(&paid.pool, paid.label, until.unwrap_or(at + jitter(60.0)))?
            }
            RateLimit::PerSecond | RateLimit::Concurrency | RateLimit::Unknown => {
                let wait = if paid.label == Label::ResourceIntensive { jitter(60.0) } else { jitter(1.0) };
                store.pause_label(&paid.pool, paid.label, until.unwrap_or(at + wait))?;
            }
        }
        Ok(())
    }

    fn again(
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
        let wait = if job.tries == 0 { SignedDuration::ZERO } else { self.backoff(&job) };
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
        if error.status().is_none() {
            self.account.unanswered += 1;
            if !self.account.has_answered && self.account.unanswered >= UNANSWERED_MAX {
                self.account.failed = Some(Failure { message: error.to_string(), is_configuration: false });
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

    fn skip(
        &mut self,
        store: &mut Store,
        at: Timestamp,
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
            Request::Runs(..) | Request::Count(..) => store.finish_job(job.id),
            // A host who has left (quirk 64), or one whose meetings may not be seen: the others go on.
            Request::UserMeetings(user, _, window) => {
                if *reason != SkipReason::UserUnknown {
                    store.note_run(
                        at,
                        self.run,
                        &format!("the meetings of host {} were left out: {error}", user.as_str()),
                    )?;
                }
                store.finish_job(job.id)?;
                self.list_finished(store, List::ReportUsers, window, at)
            }
            Request::List(list, window) => match reason {
                SkipReason::PlanTooLow { .. }
                | SkipReason::ScopeMissing { .. }
                | SkipReason::NoPermission => self.list_refused(store, at, job, list, window, error),
                // The history report is new and not everywhere; any trouble with it sends us host by host.
                _ if list == List::History => self.list_refused(store, at, job, list, window, error),
                _ => {
                    let message = format!(
                        "{} cannot be listed for account {}: {error}",
                        list.name(),
                        self.account.name
                    );
                    self.account.failed = Some(Failure { message, is_configuration: false });
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
        self.account.refuse(family, error.to_string());
        store.put_account(&self.account.name, None, &self.account.pool, &self.account.offer)
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
        let only_this_one = matches!(list, List::Webinars | List::WebinarsLive | List::MeetingsLive);
        if only_this_one && self.account.has_answered {
            // Webinars are an add-on with a scope of their own; meetings are listed all the same.
            return store.note_run(at, self.run, &format!("{} was left out: {error}", list.name()));
        }
        match list {
            List::ReportUsers => self.account.refuse(Family::Report, error.to_string()),
            List::History => store.note_run(
                at,
                self.run,
                &format!("host by host instead of the history report: {error}"),
            )?,
            _ => self.refuse_family(store, at, Family::Metrics, error)?,
        }
        match discover::lists(&self.account.offer, list == List::History, false) {
            Ok(lists) => {
                for list in lists {
                    store.ensure_listing(&self.account.name, list, window)?;
                    let ask = Ask::List { list, window };
                    store.put_job(&discover::spec(self.account, ask, at, "days to list"))?;
                }
            }
            Err(reason) => {
                let message = format!("nothing can be listed for account {}: {reason}", self.account.name);
                self.account.failed = Some(Failure { message, is_configuration: true });
            }
        }
        Ok(())
    }
}

/// Where a job stands.
pub fn progress_of(job: &Job) -> Progress {
    // What cannot be read was written by another version: the list begins again.
    job.progress.as_deref().and_then(|blob| serde_json::from_slice(blob).ok()).unwrap_or_default()
}

fn to_blob(progress: &Progress) -> Vec<u8> {
    serde_json::to_vec(progress).expect("progress is plain data")
}

fn said(error: &Error) -> String {
    error.message().map_or_else(|| error.to_string(), str::to_owned)
}

/// How a call ended, for run reports.
pub fn outcome_words(result: &std::result::Result<Told, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => match (error.status(), error.code()) {
            (Some(status), Some(code)) => format!("{status} code {code}"),
            (Some(status), None) => status.to_string(),
            (None, _) => "no answer".to_owned(),
        },
    }
}
