//! Brings Moodle up to date: looks, decides by core's rules, writes what differs, and keeps what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::delivery::{Delivery, Named, Settings, Unfinished, choose_activity, delivery};
use rollbook_core::roster::Activity;
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_moodle::{Details, Dialect, Error};
use rollbook_store::{Candidate, DeliveryRecord, DeliveryState, SinkState, State, Store};
use sha2::{Digest, Sha256};

use super::people::{Addresses, Batch, Corrections, can_be_asked, everyone, named, named_as_plugin};
use super::report::Report;
use super::select::{self, Asked, Chosen, RECENT};
use super::site::Task;
use super::{Link, Site, Trouble, settings, sink_name};
use crate::clock::Clock;
use crate::config::{Matching, MoodleConfig, MoodleDbConfig};
use crate::supervise::Stop;

mod lease;
mod removed;
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
    /// Where it goes; none if nothing there can take it any more.
    activity: Option<Activity>,
    /// What Moodle holds of it.
    there: Option<Details>,
}

impl Session {
    fn course(&self) -> Option<i64> {
        self.activity.as_ref().map(|activity| activity.course)
    }

    fn is_recent(&self, now: Timestamp) -> bool {
        self.candidate.record.instance.started_at.is_none_or(|start| now.duration_since(start) < RECENT)
    }
}

/// Why a session waits.
struct Wait {
    reason: String,
    /// It may be over without anything of the session changing, so that the next push looks again.
    is_moodles: bool,
}

/// A session, and what Moodle should hold of it.
struct Prepared {
    session: Session,
    wanted: Result<Delivery, Wait>,
}

/// One run.
struct Run<'a> {
    push: Push<'a>,
    sink: String,
    /// As whom this run holds the sink.
    holder: String,
    site: Site,
    dialect: Dialect,
    link: &'a mut Link,
    corrections: Corrections,
    addresses: Addresses,
    /// Whether somebody else writes there too, so that recent sessions have to be looked at again.
    is_shared: bool,
    others_seen_at: Option<Timestamp>,
    failures_in_a_row: u32,
    report: &'a mut Report,
}

/// Brings Moodle up to date. One session that cannot be told never holds up another. One push at a time tells a site:
/// another one only says that it found it taken.
///
/// # Errors
/// What concerns the site as a whole: settings, rights, tables; or our own store. Sessions told before stay told.
pub async fn push(push: Push<'_>) -> Result<Report, Trouble> {
    if push.store.veil()?.masks() {
        return Err(Trouble::Masked);
    }
    let clock = push.clock;
    let now = clock.now();
    let mut link = Link::new(settings(push.db), clock);
    let unit = push.config.duration;
    let site = link.patiently(async |db| Site::read(db, unit).await).await?;
    let dialect = link.open().await?.dialect();
    let sink = sink_name(push.db);
    let state = push.store.sink_state(&sink)?;
    let lately = |at: Timestamp| now.duration_since(at) < RECENT;
    let mut report = Report::new(super::place(push.db), push.dry_run, site.task(now));
    let mut run = Run {
        is_shared: site.task(now) != Task::Off || state.others_seen_at.is_some_and(lately),
        others_seen_at: state.others_seen_at,
        corrections: Corrections::new(),
        addresses: Addresses::default(),
        failures_in_a_row: 0,
        holder: lease::holder(now),
        report: &mut report,
        sink,
        site,
        dialect,
        link: &mut link,
        push,
    };
    let outcome = run.alone(now).await;
    drop(run);
    link.close().await;
    outcome?;
    report.took = clock.now().duration_since(now);
    Ok(report)
}

impl Run<'_> {
    async fn alone(&mut self, now: Timestamp) -> Result<(), Trouble> {
        if !self.push.dry_run && !self.take().await? {
            return Ok(());
        }
        let outcome = self.all(now).await;
        let state = SinkState {
            told_at: Some(self.push.clock.now()),
            said: serde_json::to_string(&self.report.counts).ok(),
            others_seen_at: self.others_seen_at,
        };
        if !self.push.dry_run {
            self.push.store.put_sink_state(&self.sink, &state)?;
        }
        outcome
    }

    async fn all(&mut self, now: Timestamp) -> Result<(), Trouble> {
        let config = self.push.config;
        let asked = Asked { window: self.push.window, again: self.push.again, incomplete: config.incomplete };
        let mut found = select::select(self.push.store, &self.sink, &config.account, &self.site, now, asked)?;
        let counts = &mut self.report.counts;
        (counts.unchanged, counts.open, counts.closed) = (found.unchanged, found.open, found.closed);
        let together = match config.matching {
            Matching::Careful => BATCH,
            // The plugin's second rule goes by the rows of sessions that ended before.
            Matching::Plugin => {
                found.chosen.sort_by_key(|one| (one.ended_at.is_none(), one.ended_at, one.instance));
                1
            }
        };
        for some in found.chosen.chunks(together) {
            if self.is_stopped() {
                break;
            }
            self.batch(now, some).await?;
        }
        Ok(())
    }

    /// Whether nothing more is to be begun; says so if somebody asked for it.
    fn is_stopped(&mut self) -> bool {
        if self.report.stopped.is_none() && self.push.stop.is_asked() {
            self.report.stopped = Some("interrupted; the next push goes on".to_owned());
            self.report.is_interrupted = true;
        }
        self.report.stopped.is_some()
    }

    /// Sessions that are prepared together; one by one if Moodle's database refuses what is asked for all of them.
    async fn batch(&mut self, now: Timestamp, chosen: &[Chosen]) -> Result<(), Trouble> {
        self.renew()?;
        let people = self.report.counts.people;
        match self.prepared(now, chosen).await {
            Err(Trouble::Moodle(Error::Refused { .. })) => self.report.counts.people = people,
            prepared => return self.each(prepared?).await,
        }
        for one in chosen {
            if self.is_stopped() {
                break;
            }
            match self.prepared(now, std::slice::from_ref(one)).await {
                Err(Trouble::Moodle(error @ Error::Refused { .. })) => {
                    let Some(candidate) = self.push.store.candidate(&self.sink, one.instance)? else {
                        continue;
                    };
                    let line = self.line(&candidate);
                    self.not_told(&candidate, line, error)?;
                }
                prepared => self.each(prepared?).await?,
            }
        }
        Ok(())
    }

    async fn each(&mut self, prepared: Vec<Prepared>) -> Result<(), Trouble> {
        for Prepared { session, wanted } in prepared {
            if self.is_stopped() {
                break;
            }
            self.one(&session, wanted).await?;
        }
        Ok(())
    }

    async fn prepared(&mut self, now: Timestamp, chosen: &[Chosen]) -> Result<Vec<Prepared>, Trouble> {
        let mut sessions = self.load(chosen).await?;
        // After the sessions' counts of changes: a correction that comes later makes them change once more.
        self.corrections = self.push.store.corrections()?;
        sessions.sort_by_key(Session::course);
        let stays: Vec<(i64, &[Stay])> = sessions
            .iter()
            .filter_map(|session| Some((session.course()?, session.stays.as_slice())))
            .collect();
        let store = &*self.push.store;
        let batch =
            Batch::gather(self.link, store, now, &stays, &self.corrections, &mut self.addresses).await?;
        let mut wanted = Vec::with_capacity(sessions.len());
        for of_course in sessions.chunk_by(|a, b| a.course() == b.course()) {
            wanted.extend(self.prepare(of_course, &batch).await?);
        }
        let both = sessions.into_iter().zip(wanted);
        Ok(both.map(|(session, wanted)| Prepared { session, wanted }).collect())
    }

    /// Reads sessions from our store, and what Moodle holds of them.
    async fn load(&mut self, chosen: &[Chosen]) -> Result<Vec<Session>, Trouble> {
        let mut candidates = Vec::with_capacity(chosen.len());
        for one in chosen {
            candidates.extend(self.push.store.candidate(&self.sink, one.instance)?);
        }
        let uuids = candidates.iter().map(|candidate| &candidate.record.instance.uuid);
        let uuids: Vec<String> = uuids.filter(|uuid| can_be_asked(uuid)).cloned().collect();
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
            let choice = choose_activity(activities, number, holder, &earlier);
            let activity = choice.map(|choice| choice.activity.clone());
            let stays = self.push.store.stays(candidate.record.id)?;
            sessions.push(Session { candidate, stays, activity, there });
        }
        Ok(sessions)
    }

    fn is_shared_number(&self, number: u64) -> bool {
        self.site.by_number.get(&number).is_some_and(|activities| activities.len() > 1)
    }

    /// What Moodle should hold of the sessions of a course, in their order.
    async fn prepare(
        &mut self,
        sessions: &[Session],
        batch: &Batch,
    ) -> Result<Vec<Result<Delivery, Wait>>, Trouble> {
        let Some(course) = sessions.first().and_then(Session::course) else {
            let reason = "no activity of Moodle can take it any more";
            return Ok(sessions.iter().map(|_| Err(Wait::for_moodle(reason.to_owned()))).collect());
        };
        let Some(known) = batch.known(course, &self.corrections) else {
            let reason = format!("its course ({course}) is gone from Moodle");
            return Ok(sessions.iter().map(|_| Err(Wait::for_moodle(reason.clone()))).collect());
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
                    let ids = stays.iter().filter_map(|stay| stay.zoom_user_id.clone());
                    let ids: Vec<String> = ids.filter(|id| can_be_asked(id)).collect();
                    let earlier = self.link.patiently(async |db| db.earlier(&ids).await).await?;
                    named_as_plugin(stays, plugin, earlier)
                }
            };
            prepared.push(self.wanted(session, &names));
        }
        Ok(prepared)
    }

    fn wanted(&self, session: &Session, names: &[Named]) -> Result<Delivery, Wait> {
        let unfinished = match session.candidate.record.state {
            State::Verified => Unfinished::HoldBack,
            _ => Unfinished::LeaveOut,
        };
        let rules = Settings { unit: self.site.unit, unfinished };
        let instance = &session.candidate.record.instance;
        let activity = session.activity.as_ref().map_or(0, |activity| activity.id);
        delivery(instance, &session.stays, |index| names[index].clone(), activity, rules)
            .map_err(|held_back| Wait { reason: held_back.to_string(), is_moodles: false })
    }

    /// One session: told if Moodle was told something else before, or holds something else.
    async fn one(&mut self, session: &Session, wanted: Result<Delivery, Wait>) -> Result<(), Trouble> {
        let candidate = &session.candidate;
        let line = self.line(candidate);
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(wait) => return self.hold_back(candidate, line, wait),
        };
        let digest = digest(&wanted);
        if self.is_up_to_date(session, &line, &digest) {
            self.report.counts.unchanged += 1;
            if line != candidate.delivery.clone().unwrap_or_else(|| line.clone()) {
                self.keep(candidate, &line)?;
            }
            return Ok(());
        }
        if self.push.dry_run {
            return self.rehearse(session, &wanted).await;
        }
        match self.tell(session, &wanted).await {
            Ok(receipt) => self.told(session, line, digest, &receipt),
            Err(Trouble::Moodle(error)) => self.not_told(candidate, line, error),
            Err(trouble) => Err(trouble),
        }
    }

    /// The session's line in the outbox as it is from now on, until something else comes of it.
    fn line(&self, candidate: &Candidate) -> DeliveryRecord {
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
        candidate: &Candidate,
        mut line: DeliveryRecord,
        wait: Wait,
    ) -> Result<(), Trouble> {
        self.report.held_back(&candidate.record, &wait.reason);
        line.state = if wait.is_moodles { DeliveryState::Due } else { DeliveryState::HeldBack };
        line.reason = Some(wait.reason);
        self.keep(candidate, &line)
    }

    /// What concerns the site ends the run; what concerns one session stays with it.
    fn not_told(
        &mut self,
        candidate: &Candidate,
        mut line: DeliveryRecord,
        error: Error,
    ) -> Result<(), Trouble> {
        let reason = error.to_string();
        line.state = match &error {
            Error::Gone(_) => return self.hold_back(candidate, line, Wait::for_moodle(reason)),
            Error::Passing(_) | Error::Unreachable(_) => DeliveryState::Due,
            Error::Refused { .. } | Error::Collides { .. } => DeliveryState::Failed,
            _ => return Err(error.into()),
        };
        self.report.failed(&candidate.record, &reason);
        if line.state == DeliveryState::Due {
            self.failures_in_a_row += 1;
            if matches!(error, Error::Unreachable(_)) || self.failures_in_a_row >= FAILURES_IN_A_ROW {
                self.report.stopped = Some(format!("{reason}; the rest stays due"));
            }
        } else {
            self.failures_in_a_row = 0;
        }
        (line.reason, line.tries) = (Some(reason), line.tries + 1);
        self.keep(candidate, &line)
    }

    fn keep(&mut self, candidate: &Candidate, line: &DeliveryRecord) -> Result<(), Trouble> {
        if !self.push.dry_run {
            self.push.store.put_delivery(&self.sink, candidate.record.id, line)?;
        }
        Ok(())
    }
}

impl Wait {
    fn for_moodle(reason: String) -> Wait {
        Wait { reason, is_moodles: true }
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
