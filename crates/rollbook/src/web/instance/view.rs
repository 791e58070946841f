//! What is shown of an instance.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::attendance::presences;
use rollbook_core::privacy::is_erased_text;
use rollbook_core::quality::person::{bad_together, instance_quality};
use rollbook_core::reading::Status;
use rollbook_core::session::ran_for;
use rollbook_core::stay::Stay;
use rollbook_store::{MeetingSearch, QualityState, Record, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::clock;
use super::moodle::{self, CourseToldView, GradeView, Known};
use crate::report::callers::{Caller, callers};
use crate::report::calls::known_of;
use crate::report::evidence::{self, JobLine, Told, Wanted};
use crate::web::live::{self, EventsView, LiveView};
use crate::web::person::step;
use crate::web::school::CourseEntry;
use crate::web::{address, shown};

/// Other runs of the number that are named.
const OTHERS_MAX: u32 = 10;

/// What of an instance a visitor may see beside that it was held.
#[derive(Debug, Clone, Copy)]
pub struct May {
    /// Who was there.
    pub people: bool,
    /// How their calls went.
    pub calls: bool,
    /// Who they are in Moodle, and their grades.
    pub grades: bool,
}

/// One instance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstanceView {
    /// UUID.
    pub meeting_uuid: String,
    /// Its page.
    pub path: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// `meeting` or `webinar`.
    pub kind: &'static str,
    /// Topic.
    pub topic: Option<String>,
    /// The host's e-mail, or their name.
    pub host: Option<String>,
    /// Account.
    pub account: String,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// End.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How long it ran.
    pub seconds: Option<i64>,
    /// Who told the times.
    pub times_told_by: &'static str,
    /// `live`, `ended`, `fetched`, `verified` or `closed`.
    pub state: &'static str,
    /// Whether something is still to be asked.
    pub is_open: bool,
    /// Why it stands there.
    pub reason: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub state_since: Timestamp,
    /// When it is looked at again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_look_at: Option<Timestamp>,
    /// Counts, ours and Zoom's.
    pub counts: CountsView,
    /// Who is in now; none of what does not run.
    pub now: Option<LiveView>,
    /// People, longest there first; none if the visitor may not see them.
    pub people: Option<Vec<PersonView>>,
    /// How the calls went; none where nobody wants to know, or the visitor may not.
    pub quality: Option<MeetingCallsView>,
    /// What was read and what is asked next.
    pub evidence: EvidenceView,
    /// What others were told.
    pub deliveries: Vec<ToldView>,
    /// The courses of Moodle's whose meeting it is, with what each was told; as far as Moodle was read lately.
    pub courses: Vec<CourseToldView>,
    /// Other runs of the number, latest first.
    pub others: Vec<OtherRun>,
}

/// Counts, ours and Zoom's.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountsView {
    /// People, as Zoom counts them; it may count somebody twice.
    pub listed: Option<u32>,
    /// People in the meeting.
    pub people: usize,
    /// Their connections.
    pub stays: usize,
    /// Connections in the waiting room.
    pub waiting: usize,
    /// Connections that Zoom has taken back.
    pub withdrawn: usize,
    /// People who were erased: they are counted, and nameless.
    pub erased: usize,
    /// Why fewer are shown than Zoom told, or without names; empty where nothing lacks.
    pub notes: Vec<String>,
}

/// One person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    /// Name.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// `{user}.id` as whom Moodle was given them; for who sees courses.
    pub moodle_user: Option<i64>,
    /// Their grades as Moodle was told them last; for who sees courses.
    pub grades: Vec<GradeView>,
    /// Their page; none of somebody who only waited.
    pub path: Option<String>,
    /// By what their connections are held to be one person's.
    pub tied_by: &'static str,
    /// Connections in the meeting.
    pub stays: usize,
    /// Seconds present, overlaps counted once.
    pub seconds: i64,
    /// The same over the meeting's length.
    pub share: Option<f64>,
    /// Seconds in the waiting room.
    pub waited_seconds: i64,
    /// No leave is known yet: they may have stayed longer.
    pub is_at_least: bool,
    /// Their connections in time.
    pub bars: Vec<BarView>,
    /// Score of their call, 0 to 100.
    pub score: Option<f64>,
    /// Minutes measured.
    pub measured_minutes: u32,
    /// Those of them that were bad.
    pub bad_minutes: u32,
    /// How their call went.
    pub sentence: Option<String>,
    /// Each measured minute: when, and 1 good, 2 fair, 3 bad, null for too little measured.
    #[schema(value_type = Vec<(String, Option<u8>)>)]
    pub minutes: Vec<(Timestamp, Option<u8>)>,
}

/// One connection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BarView {
    /// `in`, `breakout` or `waiting`.
    pub kind: &'static str,
    /// Join.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Leave; none where none is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
}

/// How an instance's calls went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeetingCallsView {
    /// `due`, `fetched`, `complete` or `closed`; none where something was told without being wanted.
    pub state: Option<&'static str>,
    /// Which policy, or who, wanted it.
    pub wanted_because: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it is asked again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_look_at: Option<Timestamp>,
    /// People measured.
    pub people: u32,
    /// Their minutes.
    pub minutes: u32,
    /// The middle one of their scores.
    pub median_score: Option<f64>,
    /// The lowest.
    pub worst_score: Option<f64>,
    /// Bad minutes over all.
    pub bad_share: Option<f64>,
    /// What was wrong most often.
    pub cause: Option<&'static str>,
    /// People a tenth or more of whose minutes were bad.
    pub troubled_people: u32,
    /// Connections that broke off and came back.
    pub drops: u32,
    /// Minutes that were bad for a third or more at once.
    #[schema(value_type = Vec<String>)]
    pub together: Vec<Timestamp>,
}

/// What was read and what is asked next.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Readings, oldest first.
    pub readings: Vec<ReadingView>,
    /// What is asked next.
    pub jobs: Vec<JobView>,
}

/// One reading.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadingView {
    /// Its place.
    pub number: usize,
    /// Which of Zoom's endpoints.
    pub family: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// Calls it cost.
    pub calls: u32,
    /// What it said.
    pub said: String,
}

/// One job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobView {
    /// What it asks.
    pub asks: String,
    /// Its price.
    pub label: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Passing failures in a row.
    pub tries: u32,
    /// Whether a person waits for it.
    pub is_person: bool,
}

/// What a sink was told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToldView {
    /// Which sink.
    pub sink: String,
    /// `due`, `done`, `held_back` or `failed`.
    pub state: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// When it was told last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delivered_at: Option<Timestamp>,
    /// Rows it holds.
    pub rows: u32,
    /// `{zoom}.id` of the activity it was told for.
    pub activity: Option<i64>,
}

/// Another run of the same number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherRun {
    /// Its page.
    pub path: String,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Where it stands.
    pub state: &'static str,
}

impl InstanceView {
    /// Reads it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(
        store: &Store,
        record: Record,
        may: May,
        courses: &[CourseEntry],
        events: EventsView,
    ) -> anyhow::Result<InstanceView> {
        let stays = store.stays(record.id)?;
        let all = callers(known_of(store, std::slice::from_ref(&record))?);
        let known = match may.grades {
            true => Known::read(store, record.id, &moodle::graded(courses, record.instance.number))?,
            false => Known::default(),
        };
        let people = people(&record, &stays, &all, may.calls, &known);
        let told = evidence::tell(store, vec![record.clone()], Wanted::Counts, 1)?;
        let Some(Told { times_told_by, readings, job, quality, quality_job, stays: counts, .. }) =
            told.full.into_iter().next()
        else {
            anyhow::bail!("an instance that was found is gone");
        };
        let (instance, deliveries) = (&record.instance, deliveries(store, record.id)?);
        let reading = |line: evidence::ReadingLine| ReadingView {
            number: line.number,
            family: line.reading.family,
            asked_at: line.reading.asked_at,
            calls: line.reading.calls,
            said: line.said,
        };
        Ok(InstanceView {
            counts: counts_view(store, &record, &people, counts)?,
            now: live::view(store, &record, may.people, events)?,
            people: may.people.then_some(people),
            quality: may.calls.then(|| quality_view(quality.map(|q| q.standing), &all)).flatten(),
            evidence: EvidenceView {
                readings: readings.into_iter().map(reading).collect(),
                jobs: job.into_iter().chain(quality_job).map(job_view).collect(),
            },
            courses: moodle::told(courses, instance.number, &deliveries),
            deliveries,
            others: others(store, &record)?,
            times_told_by,
            meeting_uuid: instance.uuid.clone(),
            path: address::meeting(&instance.uuid),
            meeting_id: instance.number,
            kind: instance.kind.name(),
            topic: instance.topic.clone(),
            host: instance.host_email.clone().or_else(|| instance.host_name.clone()),
            account: record.account.clone(),
            started_at: instance.started_at,
            ended_at: instance.ended_at,
            seconds: ran_for([instance]).map(|length| length.as_secs()),
            state: record.state.name(),
            is_open: record.state.is_open(),
            reason: record.reason.clone(),
            state_since: record.state_since,
            next_look_at: record.next_look_at,
        })
    }

    /// The time that bars span: its own, and where that is unknown, that of the stays.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let bars = || self.people.iter().flatten().flat_map(|person| &person.bars);
        let from = self.started_at.or_else(|| bars().map(|bar| bar.from).min())?;
        let to = self.ended_at.or_else(|| bars().map(|bar| bar.to.unwrap_or(bar.from)).max())?;
        (to > from).then_some((from, to))
    }

    /// What calls out: people whose calls were bad, in a sentence.
    pub fn quality_words(&self) -> Option<String> {
        let quality = self.quality.as_ref()?;
        if quality.people == 0 {
            return None;
        }
        let measured = shown::count(u64::from(quality.people), "person was measured", "people were measured");
        let share = quality.bad_share.map(shown::percent).unwrap_or_else(|| "none".to_owned());
        let trouble = match quality.troubled_people {
            0 => "nobody had a bad call".to_owned(),
            some => format!("{} had a bad call", shown::count(u64::from(some), "person", "people")),
        };
        let cause = quality.cause.map(|cause| format!(", mostly for {cause}")).unwrap_or_default();
        Some(format!("{measured}; {trouble}; {share} of all minutes were bad{cause}."))
    }
}

impl PersonView {
    /// Bars as they are drawn: kind, left edge and width in percent. An unknown leave lasts to the end.
    pub fn drawn(&self, extent: &(Timestamp, Timestamp)) -> Vec<(&'static str, f64, f64)> {
        let (from, to) = *extent;
        let drawn = |bar: &BarView| {
            let left = shown::place(bar.from, from, to);
            let right = shown::place(bar.to.unwrap_or(to), from, to);
            let kind = if bar.to.is_none() { "open" } else { bar.kind };
            // A moment is not lost.
            (kind, left.min(99.6), (right - left).max(0.4))
        };
        self.bars.iter().map(drawn).collect()
    }

    /// The same in words.
    pub fn words(&self, zone: &TimeZone) -> String {
        let one = |bar: &BarView| {
            let to = bar.to.map_or_else(|| "?".to_owned(), |to| clock(to, zone));
            let place = match bar.kind {
                "waiting" => " in the waiting room",
                "breakout" => " in a breakout room",
                _ => "",
            };
            format!("{}–{to}{place}", clock(bar.from, zone))
        };
        self.bars.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// `ALG1: 8.5 (taken)`; none where nothing was told.
    pub fn grades_words(&self) -> Option<String> {
        let one = |grade: &GradeView| format!("{}: {} ({})", grade.course, grade.points, grade.outcome);
        let words: Vec<String> = self.grades.iter().map(one).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// How the call went, in a word.
    pub fn grade(&self) -> Option<&'static str> {
        shown::grade(self.score, self.measured_minutes, self.bad_minutes)
    }
}

/// Counts, ours and Zoom's, with why they may differ beyond what Zoom told.
fn counts_view(
    store: &Store,
    record: &Record,
    people: &[PersonView],
    stays: evidence::StayCounts,
) -> rollbook_store::Result<CountsView> {
    let erased = people.iter().filter(|person| is_erased_text(&person.name)).count();
    let mut counts = CountsView {
        listed: record.instance.listed_count,
        people: people.iter().filter(|person| person.stays > 0).count(),
        stays: stays.in_meeting,
        waiting: stays.in_waiting_room,
        withdrawn: stays.withdrawn,
        erased,
        notes: Vec::new(),
    };
    if let Some(kept) = store.kept_count(record.id)? {
        counts.people = usize::try_from(kept.people).unwrap_or(usize::MAX);
        counts.stays = usize::try_from(kept.stays).unwrap_or(usize::MAX);
        let day = kept.forgotten_at.strftime("%Y-%m-%d");
        counts.notes.push(format!(
            "Who was there was forgotten on {day}, as this site keeps it for a time only (ROLLBOOK_KEEP_ATTENDANCE_DAYS). How \
             many there were is kept: {} with {}, together {}.",
            shown::count(kept.people, "person", "people"),
            shown::count(kept.stays, "connection", "connections"),
            shown::length(kept.seconds),
        ));
    }
    if erased > 0 {
        counts.notes.push(format!(
            "{} erased on request: counted still, so that the figures fit Zoom's, and nameless.",
            shown::count(erased as u64, "person was", "people were")
        ));
    }
    if store.masked_since()?.is_some() {
        counts.notes.push("This store keeps no names: everybody stands under a pseudonym.".to_owned());
    }
    Ok(counts)
}

fn job_view(job: JobLine) -> JobView {
    JobView {
        asks: job.asks,
        label: job.label.to_string(),
        due_at: job.due_at,
        reason: job.reason,
        tries: job.tries,
        is_person: job.is_person,
    }
}

/// Everybody, with their calls where those were told.
fn people(
    record: &Record,
    stays: &[Stay],
    all: &[Caller],
    with_calls: bool,
    known: &Known,
) -> Vec<PersonView> {
    let length = ran_for([&record.instance]);
    let by_id: BTreeMap<(&str, Timestamp), &Caller> = all
        .iter()
        .flat_map(|caller| caller.connections.iter().map(move |one| (one, caller)))
        .map(|(one, caller)| ((one.stay.user_id.as_str(), one.stay.joined_at), caller))
        .collect();
    let person = |presence: rollbook_core::attendance::Presence| {
        let own: Vec<&Stay> = presence.members.iter().map(|index| &stays[*index]).collect();
        let caller = own
            .iter()
            .filter(|stay| stay.status == Status::InMeeting)
            .find_map(|stay| by_id.get(&(stay.user_id.as_str(), stay.joined_at)));
        let calls = caller.filter(|_| with_calls);
        let (moodle_user, grades) = known.of(own.iter().map(|stay| stay.user_id.as_str()));
        PersonView {
            path: caller.map(|caller| address::person(&record.instance.uuid, &caller.reference())),
            moodle_user,
            grades,
            tied_by: presence.rule.name(),
            stays: presence.stays,
            seconds: presence.seconds,
            share: presence.share,
            waited_seconds: presence.waited_seconds,
            is_at_least: presence.open_since.is_some(),
            bars: own.iter().map(|stay| bar(stay)).collect(),
            score: calls.and_then(|caller| caller.quality.score),
            measured_minutes: calls.map_or(0, |caller| caller.quality.minutes),
            bad_minutes: calls.map_or(0, |caller| caller.quality.bad_minutes),
            sentence: calls
                .filter(|caller| caller.is_troubled())
                .and_then(|caller| caller.quality.sentence()),
            minutes: calls.map(|caller| graded(caller)).unwrap_or_default(),
            name: presence.name,
            email: presence.email,
        }
    };
    presences(stays, length).into_iter().map(person).collect()
}

fn graded(caller: &Caller) -> Vec<(Timestamp, Option<u8>)> {
    caller.minutes().into_iter().map(|(at, grade)| (at, grade.map(step))).collect()
}

fn bar(stay: &Stay) -> BarView {
    let kind = match (stay.status, stay.is_breakout) {
        (Status::InWaitingRoom, _) => "waiting",
        (_, Some(true)) => "breakout",
        _ => "in",
    };
    BarView { kind, from: stay.joined_at, to: stay.left_at }
}

fn quality_view(
    standing: Option<rollbook_store::QualityStanding>,
    all: &[Caller],
) -> Option<MeetingCallsView> {
    let measured = all.iter().any(|caller| caller.quality.measured_stays > 0);
    if standing.is_none() && !measured {
        return None;
    }
    let people: Vec<_> = all.iter().map(|caller| caller.quality.clone()).collect();
    let grades: Vec<_> = all.iter().map(Caller::grades).collect();
    let quality = instance_quality(&people);
    Some(MeetingCallsView {
        state: standing.as_ref().map(|standing| QualityState::name(standing.state)),
        wanted_because: standing.as_ref().and_then(|standing| standing.wanted_because.clone()),
        reason: standing.as_ref().and_then(|standing| standing.reason.clone()),
        next_look_at: standing.and_then(|standing| standing.next_look_at),
        people: quality.people,
        minutes: quality.minutes,
        median_score: quality.median_score,
        worst_score: quality.worst_score,
        bad_share: quality.bad_share,
        cause: quality.cause.map(rollbook_core::quality::Cause::words),
        troubled_people: quality.troubled_people,
        drops: quality.drops,
        together: bad_together(&grades),
    })
}

fn deliveries(store: &Store, instance: i64) -> rollbook_store::Result<Vec<ToldView>> {
    let one = |(sink, line): (String, rollbook_store::DeliveryRecord)| ToldView {
        sink,
        state: line.state.name(),
        reason: line.reason,
        delivered_at: line.delivered_at,
        rows: line.rows,
        activity: line.activity,
    };
    Ok(store.deliveries_of(instance)?.into_iter().map(one).collect())
}

fn others(store: &Store, record: &Record) -> rollbook_store::Result<Vec<OtherRun>> {
    let Some(number) = record.instance.number else { return Ok(Vec::new()) };
    let search = MeetingSearch { number: Some(number), ..MeetingSearch::default() };
    let found = store.search_meetings(&search, OTHERS_MAX + 1)?.into_iter().map(|found| found.record);
    let others = found.filter(|other| other.id != record.id && other.account == record.account);
    Ok(others
        .map(|other| OtherRun {
            path: address::meeting(&other.instance.uuid),
            started_at: other.instance.started_at,
            state: other.state.name(),
        })
        .collect())
}
