//! What follows from one call: its answer or its error, in one transaction with the call's own bookkeeping.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::budget::day_spent_by_headers;
use rollbook_core::chance::Chance;
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::listing::List;
use rollbook_core::reading::{Outcome, Reading, Row, Rows};
use rollbook_core::stay::summarise;
use rollbook_core::time::{Window, hours, quota_resets_at};
use rollbook_store::{Answered, Job, Paid, Result, Store};
use rollbook_zoom::endpoint::metrics_qos::QosType;
use rollbook_zoom::limits::LimitType;
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, Error, LimitHeaders, UserId};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::ask::{Request, Told};
use super::discover;
use super::quality::{self, Counted};
use super::reconsider::{Fresh, reconsider};

mod calls;
mod known;
mod refused;

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
    /// Times in a row that Zoom said this list may not be seen.
    #[serde(default)]
    pub denials: u32,
    /// Rows that could not be read.
    #[serde(default)]
    pub unreadable: u32,
    /// What call-quality pages told; the samples themselves are kept page by page.
    #[serde(default)]
    pub quality: Counted,
}

impl Progress {
    /// Takes note of a page; says when the first one was asked for.
    fn note_page(&mut self, sent_at: Timestamp, told: &Told) -> Timestamp {
        self.calls += 1;
        if told.cursor.pages() <= 1 {
            // The first page, or a list that had to begin again: what came before may have moved.
            self.rows.clear();
            self.unreadable = 0;
            self.quality = Counted::default();
            self.began_at = Some(sent_at);
        }
        self.denials = 0;
        self.cursor = told.cursor.clone();
        self.unreadable += u32::try_from(told.unreadable).unwrap_or(u32::MAX);
        self.began_at.unwrap_or(sent_at)
    }

    /// The list's summary. A row that could not be read is one that Zoom has not finished, as far as we can tell.
    fn summary(&self, family: Family) -> Rows {
        let mut rows = summarise(family, &self.rows);
        rows.half_made += self.unreadable;
        rows
    }
}

/// The days a list was asked for.
fn wanted(request: &Request) -> Option<Window> {
    match request {
        Request::List(_, window) | Request::UserMeetings(_, _, window) => Some(*window),
        _ => None,
    }
}

/// A list that would not end is taken again after this.
const ENDLESS_WAIT: SignedDuration = SignedDuration::from_mins(15);

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
                if let Some(throttle) = self.account.throttles.get_mut(&paid.label) {
                    throttle.regain();
                }
                for path in &told.unknown_fields {
                    store.note_unknown_field(at, operation, path)?;
                }
                if told.unreadable > 0 {
                    let note = match request {
                        Request::Quality(..) => {
                            let odd = told.unreadable;
                            format!(
                                "{operation}: values or rows that could not be read: {odd}; figures are kept as text"
                            )
                        }
                        _ => format!(
                            "{operation}: {} rows could not be read and were left out",
                            told.unreadable
                        ),
                    };
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
        if is_near_reset(at) {
            // Whose day the figures speak of depends on whose clock is ahead.
            return Ok(());
        }
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
        let began_at = progress.note_page(sent_at, &told);
        let is_done = told.cursor.is_done() || told.endless.is_some();
        if let Some(endless) = &told.endless {
            store.note_run(at, self.run, endless)?;
            if !matches!(request, Request::Participants(..) | Request::Quality(..)) {
                return self.endless_list(store, at, job, &request, told.instances);
            }
        }
        match request {
            Request::List(list, window) => {
                self.keep_instances(store, at, told.instances, Some(window))?;
                quality::keep_complaints(store, at, self.account, &told.complaints)?;
                self.put_host_jobs(store, at, told.hosts, window, began_at)?;
                if is_done {
                    store.finish_job(job.id)?;
                    return self.list_finished(store, list, window, began_at);
                }
            }
            Request::UserMeetings(_, _, window) => {
                self.keep_instances(store, at, told.instances, Some(window))?;
                if is_done {
                    store.finish_job(job.id)?;
                    // The days are as old as the first of their hosts' lists, not as the last.
                    let listed_at = hosts_listed_at(&job, began_at);
                    return self.list_finished(store, List::ReportUsers, window, listed_at);
                }
            }
            Request::Runs(..) | Request::Count(..) => {
                return self.runs_told(store, at, began_at, &job, told);
            }
            Request::Details(_) => {
                store.finish_job(job.id)?;
                let Some(id) = job.spec.ask.instance() else { return Ok(()) };
                self.details_told(store, at, id, told, job.spec.is_person)?;
                return if job.spec.is_person { store.hurry_job(at, id) } else { Ok(()) };
            }
            Request::Quality(_, participant, kind) => {
                self.quality_told(store, &job, &mut progress, told.quality)?;
                if participant.is_some() || is_done {
                    let asked = quality::Asked {
                        at: began_at,
                        participant: participant.map(|participant| participant.as_str().to_owned()),
                        while_live: kind == QosType::Live,
                        calls: progress.calls,
                    };
                    return self.quality_read(store, at, &job, asked, progress.quality.outcome(told.endless));
                }
            }
            Request::Participants(instance, family) => {
                progress.rows.extend(told.rows);
                // Pages wait in the store for the last one; those of before an erasure are hidden now.
                store.hide(&instance.uuid, &mut progress.rows)?;
                if is_done {
                    let endless = told.endless;
                    return self.participants_done(store, at, &job, &instance, family, progress, endless);
                }
            }
        }
        job.progress = Some(to_blob(&progress));
        job.tries = 0;
        job.spec.due_at = at;
        job.spec.urgency = job.spec.urgency.min(Urgency::OpenList.rank());
        store.step_job(&job)
    }

    /// Not a complete list: what it told is kept, and it is taken again later.
    fn endless_list(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        mut job: Job,
        request: &Request,
        found: Vec<Instance>,
    ) -> Result<()> {
        self.keep_instances(store, at, found, wanted(request))?;
        job.progress = None;
        job.tries += 1;
        job.spec.due_at = at + ENDLESS_WAIT;
        store.step_job(&job)
    }

    /// Each host's own lists, where reports are the only way to discover.
    fn put_host_jobs(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        hosts: Vec<UserId>,
        window: Window,
        listed_at: Timestamp,
    ) -> Result<()> {
        for host in hosts {
            for one_person in [false, true] {
                let ask = Ask::UserMeetings { user: host.as_str().to_owned(), one_person, window, listed_at };
                store.put_job(&discover::spec(self.account, ask, at, "host to list"))?;
            }
        }
        Ok(())
    }

    /// The last page of a participants list has come.
    #[allow(clippy::too_many_arguments)]
    fn participants_done(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        instance: &Instance,
        family: Family,
        progress: Progress,
        endless: Option<String>,
    ) -> Result<()> {
        let outcome = match (endless, progress.rows.is_empty()) {
            (Some(said), _) => Outcome::Failed { said },
            (None, true) => Outcome::Empty,
            (None, false) => Outcome::Rows(progress.summary(family)),
        };
        self.account.note_answer(family);
        if let Some(id) = job.spec.ask.instance() {
            quality::keep_complaint_of_rows(store, id, &progress.rows)?;
        }
        if instance.is_one_person && instance.kind == Kind::Meeting && family == Family::PastMeetings {
            self.learn_one_person(store, at, instance, !progress.rows.is_empty())?;
        }
        let reading = Reading { family, asked_at: progress.began_at.unwrap_or(at), outcome };
        self.read(store, at, job, reading, progress.rows, progress.calls)
    }

    /// An empty answer says something about the account's setting only once late data are in.
    fn learn_one_person(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        instance: &Instance,
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
        instances: Vec<Instance>,
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
        let still_open = store.has_list_job(&self.account.name, list, window)?;
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

    fn details_told(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        id: i64,
        told: Told,
        is_person: bool,
    ) -> Result<()> {
        let Some(found) = told.instances.into_iter().next() else {
            return self.details_failed(store, at, id, "an answer without a meeting");
        };
        let said = serde_json::json!({
            "started_at": found.started_at, "ended_at": found.ended_at, "listed_count": found.listed_count,
            "while_live": found.is_live,
        });
        store.add_details_reading(at, id, self.run, &said)?;
        let start = found.started_at;
        let record = store.put_instance(at, &self.account.name, found)?.record;
        // A line without times may belong to a day that nobody asked for.
        let is_elsewhere =
            start.is_some_and(|start| !store.is_listed_time(&self.account.name, start).unwrap_or(true));
        // What an event told of happened where we look, listed or not.
        let is_told = store.is_told_by_events(id)?;
        if is_elsewhere && !is_told && !is_person && record.state == rollbook_store::State::Ended {
            return store.drop_unread_instance(id);
        }
        reconsider(store, at, self.account, record, None).map(drop)
    }

    fn details_failed(&mut self, store: &mut Store, at: Timestamp, id: i64, said: &str) -> Result<()> {
        let Some(record) = store.instance(id)? else { return Ok(()) };
        let said = serde_json::json!({ "said": said, "while_live": record.instance.is_live });
        store.add_details_reading(at, id, self.run, &said)?;
        reconsider(store, at, self.account, record, None).map(drop)
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
                let fresh = Fresh { reading, rows, calls, run: Some(self.run) };
                reconsider(store, at, self.account, record, Some(fresh)).map(drop)
            }
            None => Ok(()),
        }
    }
}

/// Whether the daily reset is so close that Zoom's day and ours may differ.
fn is_near_reset(at: Timestamp) -> bool {
    let since = hours(24) - quota_resets_at(at).duration_since(at);
    since < RESET_MARGIN || since > hours(24) - RESET_MARGIN
}

/// Clocks may be this far apart at the daily reset.
const RESET_MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// When the list of hosts was taken that a host's own list belongs to.
fn hosts_listed_at(job: &Job, otherwise: Timestamp) -> Timestamp {
    match &job.spec.ask {
        Ask::UserMeetings { listed_at, .. } => *listed_at,
        _ => otherwise,
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
