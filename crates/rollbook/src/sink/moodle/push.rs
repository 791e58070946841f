//! Brings Moodle up to date: looks, decides by core's rules, writes what differs, and keeps what came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollbook_core::delivery::{Delivery, Named, Settings, Unfinished, choose_activity, delivery};
use rollbook_core::roster::Activity;
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_moodle::{Details, Dialect, Error};
use rollbook_store::{Candidate, DeliveryRecord, DeliveryState, SinkState, State, Store};
use sha2::{Digest, Sha256};

use super::people::{Addresses, Batch, Corrections, everyone, named, named_as_plugin};
use super::report::Report;
use super::select::{self, Asked, Chosen, RECENT};
use super::site::Task;
use super::{Link, Site, Trouble, settings, sink_name};
use crate::clock::Clock;
use crate::config::{Matching, MoodleConfig, MoodleDbConfig};
use crate::supervise::Stop;

mod tell;

/// Sessions that are prepared together: what is asked of Moodle for many costs it little more than for one. With their
/// stays and rosters they take some 20 MB.
const BATCH: usize = 400;

/// After so many sessions in a row that met passing trouble, the server is what is wrong.
const FAILURES_IN_A_ROW: u32 = 3;

/// What to do.
pub struct Push<'a> {
    /// Our store: what is known, and what Moodle was told.
    pub store: &'a mut Store,
    /// The clock.
    pub clock: Clock,
    /// What is known of the site's Moodle.
    pub config: &'a MoodleConfig,
    /// Where its database is.
    pub db: &'a MoodleDbConfig,
    /// Only sessions that start in there, and all of them.
    pub window: Option<Window>,
    /// Everything anew, whatever Moodle was told.
    pub again: bool,
    /// Only say what would be done: nothing is written anywhere.
    pub dry_run: bool,
    /// How it is asked to stop.
    pub stop: Stop,
}

/// A session that is about to be compared with what Moodle was told.
struct Session {
    candidate: Candidate,
    stays: Vec<Stay>,
    activity: Activity,
    /// What Moodle holds of it.
    there: Option<Details>,
}

impl Session {
    fn is_recent(&self, now: Timestamp) -> bool {
        self.candidate.record.instance.started_at.is_none_or(|start| now.duration_since(start) < RECENT)
    }
}

/// One run.
struct Run<'a> {
    push: Push<'a>,
    sink: String,
    site: Site,
    dialect: Dialect,
    link: Link,
    corrections: Corrections,
    addresses: Addresses,
    /// Whether somebody else writes there too, so that recent sessions have to be looked at again.
    is_shared: bool,
    others_seen_at: Option<Timestamp>,
    failures_in_a_row: u32,
    report: Report,
}

/// Brings Moodle up to date. One session that cannot be told never holds up another.
///
/// # Errors
/// What concerns the site as a whole: settings, rights, tables; or our own store. Sessions told before stay told.
pub async fn push(push: Push<'_>) -> Result<Report, Trouble> {
    let now = push.clock.now();
    let mut link = Link::new(settings(push.db), push.clock);
    let unit = push.config.duration;
    let site = link.patiently(async |db| Site::read(db, unit).await).await?;
    let dialect = link.open().await?.dialect();
    let sink = sink_name(push.db);
    let state = push.store.sink_state(&sink)?;
    let lately = |at: Timestamp| now.duration_since(at) < RECENT;
    let mut run = Run {
        is_shared: site.task(now) != Task::Off || state.others_seen_at.is_some_and(lately),
        others_seen_at: state.others_seen_at,
        corrections: push.store.corrections()?,
        addresses: Addresses::default(),
        failures_in_a_row: 0,
        report: Report::new(super::place(push.db), push.dry_run, site.task(now)),
        sink,
        site,
        dialect,
        link,
        push,
    };
    let outcome = run.all(now).await;
    let state = SinkState {
        told_at: Some(run.push.clock.now()),
        said: serde_json::to_string(&run.report.counts).ok(),
        others_seen_at: run.others_seen_at,
    };
    if !run.push.dry_run {
        run.push.store.put_sink_state(&run.sink, &state)?;
    }
    run.link.close().await;
    outcome?;
    run.report.took = run.push.clock.now().duration_since(now);
    Ok(run.report)
}

impl Run<'_> {
    async fn all(&mut self, now: Timestamp) -> Result<(), Trouble> {
        let config = self.push.config;
        let asked = Asked { window: self.push.window, again: self.push.again, incomplete: config.incomplete };
        let found = select::select(self.push.store, &self.sink, &config.account, &self.site, now, asked)?;
        let counts = &mut self.report.counts;
        (counts.unchanged, counts.open, counts.closed) = (found.unchanged, found.open, found.closed);
        for some in found.chosen.chunks(BATCH) {
            if self.push.stop.is_asked() {
                self.report.stopped = Some("interrupted; the next push goes on".to_owned());
                self.report.is_interrupted = true;
            }
            if self.report.stopped.is_some() {
                break;
            }
            self.batch(now, some).await?;
        }
        Ok(())
    }

    /// Sessions that are prepared together.
    async fn batch(&mut self, now: Timestamp, chosen: &[Chosen]) -> Result<(), Trouble> {
        let sessions = self.load(chosen).await?;
        let stays: Vec<(i64, &[Stay])> =
            sessions.iter().map(|session| (session.activity.course, session.stays.as_slice())).collect();
        let (link, store) = (&mut self.link, &*self.push.store);
        let batch = Batch::gather(link, store, now, &stays, &self.corrections, &mut self.addresses).await?;
        let mut prepared = Vec::with_capacity(sessions.len());
        let courses = sessions.iter().map(|session| session.activity.course).collect::<BTreeSet<i64>>();
        for course in courses {
            let of_course = sessions.iter().filter(|session| session.activity.course == course);
            prepared.extend(self.prepare(course, of_course, &batch).await?);
        }
        for (session, wanted) in prepared {
            if self.report.stopped.is_some() || self.push.stop.is_asked() {
                break;
            }
            self.one(session, wanted).await?;
        }
        Ok(())
    }

    /// Reads sessions from our store, and what Moodle holds of them.
    async fn load(&mut self, chosen: &[Chosen]) -> Result<Vec<Session>, Trouble> {
        let mut candidates = Vec::with_capacity(chosen.len());
        for one in chosen {
            candidates.extend(self.push.store.candidate(&self.sink, one.instance)?);
        }
        let uuids: Vec<String> =
            candidates.iter().map(|candidate| candidate.record.instance.uuid.clone()).collect();
        let found = self.link.patiently(async |db| db.details(&uuids).await).await?;
        let there: BTreeMap<String, Details> =
            found.into_iter().map(|details| (details.uuid.clone(), details)).collect();
        let shared = chosen.iter().map(|one| one.number).filter(|number| self.is_shared_number(*number));
        let numbers: Vec<u64> = shared.collect();
        let earlier = match numbers.is_empty() {
            true => BTreeMap::new(),
            false => self.link.patiently(async |db| db.session_counts(&numbers).await).await?,
        };
        let mut sessions = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let number = candidate.record.instance.number.unwrap_or(0);
            let there = there.get(&candidate.record.instance.uuid).cloned();
            let activities = self.site.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
            let holder = there.as_ref().map(|details| details.zoomid);
            let Some(choice) = choose_activity(activities, number, holder, &earlier) else { continue };
            let activity = choice.activity.clone();
            let stays = self.push.store.stays(candidate.record.id)?;
            sessions.push(Session { candidate, stays, activity, there });
        }
        Ok(sessions)
    }

    fn is_shared_number(&self, number: u64) -> bool {
        self.site.by_number.get(&number).is_some_and(|activities| activities.len() > 1)
    }

    /// What Moodle should hold of the sessions of a course.
    async fn prepare<'s>(
        &mut self,
        course: i64,
        sessions: impl Iterator<Item = &'s Session>,
        batch: &Batch,
    ) -> Result<Vec<(&'s Session, Result<Delivery, String>)>, Trouble> {
        let Some(known) = batch.known(course, &self.corrections) else {
            let gone = || Err(format!("its course ({course}) is gone from Moodle"));
            return Ok(sessions.map(|session| (session, gone())).collect());
        };
        let as_plugin = match self.push.config.matching {
            Matching::Careful => None,
            Matching::Plugin => batch.as_plugin(course, self.dialect),
        };
        let mut prepared = Vec::new();
        for session in sessions {
            let stays = &session.stays;
            let names: Vec<Named> = match &as_plugin {
                None => {
                    let seen = everyone(stays, course, &known);
                    self.report.count_people(&seen);
                    named(stays, &seen, &known)
                }
                Some(plugin) => {
                    let ids: Vec<String> =
                        stays.iter().filter_map(|stay| stay.zoom_user_id.clone()).collect();
                    let earlier = self.link.patiently(async |db| db.earlier(&ids).await).await?;
                    named_as_plugin(stays, plugin, earlier)
                }
            };
            prepared.push((session, self.wanted(session, &names)));
        }
        Ok(prepared)
    }

    fn wanted(&self, session: &Session, names: &[Named]) -> Result<Delivery, String> {
        let unfinished = match session.candidate.record.state {
            State::Verified => Unfinished::HoldBack,
            _ => Unfinished::LeaveOut,
        };
        let rules = Settings { unit: self.site.unit, unfinished };
        let instance = &session.candidate.record.instance;
        delivery(instance, &session.stays, |index| names[index].clone(), session.activity.id, rules)
            .map_err(|held_back| held_back.to_string())
    }

    /// One session: told if Moodle was told something else before, or holds something else.
    async fn one(&mut self, session: &Session, wanted: Result<Delivery, String>) -> Result<(), Trouble> {
        let line = self.line(session);
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(reason) => return self.hold_back(session, line, reason),
        };
        let digest = digest(&wanted);
        if self.is_up_to_date(session, &line, &digest) {
            self.report.counts.unchanged += 1;
            if line != session.candidate.delivery.clone().unwrap_or_else(|| line.clone()) {
                self.keep(session, &line)?;
            }
            return Ok(());
        }
        if self.push.dry_run {
            return self.rehearse(session, &wanted).await;
        }
        match self.tell(session, &wanted).await {
            Ok(receipt) => self.told(session, line, digest, &receipt),
            Err(Trouble::Moodle(error)) => self.not_told(session, line, error),
            Err(trouble) => Err(trouble),
        }
    }

    /// The session's line in the outbox as it is from now on, until something else comes of it.
    fn line(&self, session: &Session) -> DeliveryRecord {
        let candidate = &session.candidate;
        let now = self.push.clock.now();
        let new = DeliveryRecord::new(now, candidate.changes);
        DeliveryRecord {
            changes: candidate.changes,
            looked_at: now,
            ..candidate.delivery.clone().unwrap_or(new)
        }
    }

    fn is_up_to_date(&self, session: &Session, line: &DeliveryRecord, digest: &str) -> bool {
        let is_there = session.there.as_ref().is_some_and(|there| {
            Some(there.id) == line.details_id && there.participants == i64::from(line.rows)
        });
        line.state == DeliveryState::Done
            && line.digest.as_deref() == Some(digest)
            && is_there
            && !self.is_shared
            && !self.push.again
    }

    fn hold_back(
        &mut self,
        session: &Session,
        mut line: DeliveryRecord,
        reason: String,
    ) -> Result<(), Trouble> {
        self.report.held_back(&session.candidate.record, &reason);
        (line.state, line.reason) = (DeliveryState::HeldBack, Some(reason));
        self.keep(session, &line)
    }

    /// What concerns the site ends the run; what concerns one session stays with it.
    fn not_told(&mut self, session: &Session, mut line: DeliveryRecord, error: Error) -> Result<(), Trouble> {
        let reason = error.to_string();
        let record = &session.candidate.record;
        line.state = match &error {
            Error::Gone(_) => DeliveryState::HeldBack,
            Error::Passing(_) | Error::Unreachable(_) => DeliveryState::Due,
            Error::Refused { .. } | Error::Collides { .. } => DeliveryState::Failed,
            _ => return Err(error.into()),
        };
        match line.state {
            DeliveryState::HeldBack => self.report.held_back(record, &reason),
            _ => self.report.failed(record, &reason),
        }
        if line.state == DeliveryState::Due {
            self.failures_in_a_row += 1;
            if matches!(error, Error::Unreachable(_)) || self.failures_in_a_row >= FAILURES_IN_A_ROW {
                self.report.stopped = Some(format!("{reason}; the rest stays due"));
            }
        } else {
            self.failures_in_a_row = 0;
        }
        (line.reason, line.tries) = (Some(reason), line.tries + 1);
        self.keep(session, &line)
    }

    fn keep(&mut self, session: &Session, line: &DeliveryRecord) -> Result<(), Trouble> {
        if !self.push.dry_run {
            self.push.store.put_delivery(&self.sink, session.candidate.record.id, line)?;
        }
        Ok(())
    }
}

/// Equal for deliveries that say the same.
fn digest(delivery: &Delivery) -> String {
    use std::fmt::Write;
    let json = serde_json::to_vec(delivery).expect("rows of numbers and text can be written as JSON");
    Sha256::digest(json).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
